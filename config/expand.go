package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
)

// maxSecret bounds what file:PATH reads.
const maxSecret = 64 << 10

var variable = regexp.MustCompile(`\$?\$\{([^}]*)(\}?)`)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// expand puts the environment in the place of each ${NAME}. $${NAME} stays, as
// ${NAME}; any other dollar is a dollar, so that passwords may hold some.
func (r *reader) expand(raw string) (text string, bad *fault) {
	if !strings.Contains(raw, "${") {
		return raw, nil
	}
	text = variable.ReplaceAllStringFunc(raw, func(found string) string {
		if strings.HasPrefix(found, "$$") {
			return found[1:]
		}
		value, wrong := r.variable(strings.TrimPrefix(found, "${"))
		if bad == nil {
			bad = wrong
		}
		return value
	})
	return text, bad
}

func (r *reader) variable(closed string) (string, *fault) {
	name, ok := strings.CutSuffix(closed, "}")
	if !ok || !variableName.MatchString(name) {
		return "", &fault{"bad_variable",
			says(say.Text{EN: "${ takes the name of an environment variable, then }", FR: "après ${ vient le nom d’une variable d’environnement, puis }"}),
			says(say.Text{EN: "write for example ${OUIDIRE_PASSWORD}, or $${ for the characters themselves", FR: "écrivez par exemple ${OUIDIRE_PASSWORD}, ou $${ pour les caractères eux-mêmes"})}
	}
	value, ok := r.env(name)
	if !ok {
		return "", &fault{"missing_variable",
			says(say.Text{EN: "the environment has no variable %s", FR: "l’environnement n’a pas de variable %s"}, name),
			says(say.Text{EN: "set it before you start ouidire, for example %s=…", FR: "définissez-la avant de lancer ouidire, par exemple %s=…"}, name)}
	}
	if value != "" {
		r.hidden = append(r.hidden, value, "${"+name+"}")
	}
	return value, nil
}

// secret reads what stands for a secret: file:PATH, or the text itself.
func (r *reader) secret(raw, text string) (Secret, *fault) {
	if !strings.HasPrefix(raw, "file:") {
		return NewSecret(text), nil
	}
	shown := strings.TrimSpace(strings.TrimPrefix(raw, "file:"))
	path := strings.TrimSpace(strings.TrimPrefix(text, "file:"))
	if !filepath.IsAbs(path) {
		path = filepath.Join(r.dir, path)
	}
	value, err := readSecret(path)
	if err != nil {
		return Secret{}, secretFault(err, shown)
	}
	if value == "" {
		return Secret{}, &fault{"empty_file", says(say.Text{EN: "the file %s is empty", FR: "le fichier %s est vide"}, shown), holdSecret()}
	}
	return NewSecret(value), nil
}

func holdSecret() phrase {
	return says(say.Text{EN: "put the secret in it, and nothing else", FR: "mettez-y le secret, et rien d’autre"})
}

// secretFault words why a secret's file could not be read, by the name that the
// configuration gives it.
func secretFault(err error, shown string) *fault {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &fault{"missing_file", says(say.Text{EN: "the file %s does not exist", FR: "le fichier %s n’existe pas"}, shown),
			says(say.Text{EN: "create it, with nothing but the secret in it", FR: "créez-le, avec le secret pour seul contenu"})}
	case errors.Is(err, fs.ErrPermission):
		return &fault{"unreadable_file", says(say.Text{EN: "ouidire may not read the file %s", FR: "ouidire n’a pas le droit de lire le fichier %s"}, shown),
			says(say.Text{EN: "let the account that runs ouidire read it", FR: "donnez ce droit au compte qui fait tourner ouidire"})}
	}
	return &fault{"unreadable_file", says(say.Text{EN: "the file %s cannot be read, or is larger than 64 kB", FR: "le fichier %s ne peut pas être lu, ou dépasse 64\u00a0ko"}, shown), holdSecret()}
}

// readSecret reads a file that holds nothing but a secret, less the end of its
// last line.
func readSecret(path string) (string, error) {
	body, err := readSmall(path, maxSecret)
	return strings.TrimRight(body, "\r\n"), err
}

// readSmall reads a file of at most so many bytes. Folders, pipes and devices are refused
// before they are opened: they may never answer.
func readSmall(path string, most int64) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || info.Size() > most {
		return "", fmt.Errorf("%s is no small plain file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close() // only read: nothing is lost
	body, err := io.ReadAll(io.LimitReader(f, most))
	return string(body), err
}

// hide puts the name of a variable back where its value would be read: in all
// that was typed, and in what others say of it. Plain strings are our own words.
func (r *reader) hide(args []any) []any {
	if len(r.hidden) == 0 {
		return args
	}
	conceal := strings.NewReplacer(r.hidden...)
	out := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case given:
			out[i] = given(conceal.Replace(string(a)))
		case quoted:
			out[i] = quoted(conceal.Replace(string(a)))
		case choice:
			out[i] = choice(strings.Split(conceal.Replace(strings.Join(a, "\n")), "\n"))
		case phrase:
			out[i] = phrase{a.text, r.hide(a.args)}
		case error:
			out[i] = concealed{a, conceal}
		default:
			out[i] = a
		}
	}
	return out
}

// theirs marks what a kind puts into its sentence as typed.
func theirs(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		out[i] = a
		switch a := a.(type) {
		case string:
			out[i] = given(a)
		case say.Text, error:
		case fmt.Stringer:
			out[i] = given(a.String())
		}
	}
	return out
}

// concealed words an error without what must stay hidden.
type concealed struct {
	error
	conceal *strings.Replacer
}

// In is what say.Explain asks.
func (c concealed) In(l say.Lang) string { return c.conceal.Replace(say.Explain(c.error, l)) }
