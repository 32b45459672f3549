package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

type initCmd struct {
	Name     string   `help:"${init_name}" placeholder:"NAME"`
	Parent   string   `help:"${init_parent}" placeholder:"NAME"`
	Place    string   `help:"${init_place}" placeholder:"PLACE"`
	Language string   `help:"${init_language}" placeholder:"fr-CA"`
	Email    string   `help:"${init_email}" placeholder:"ADDRESS"`
	Feed     []string `help:"${init_feed}" placeholder:"URL" sep:"none"`
	Force    bool     `help:"${init_force}"`
}

// Run implements `ouidire init`: a first configuration, which check accepts. Without
// a name it asks, if somebody is there to answer.
func (cmd initCmd) Run(c *call) error {
	path := c.config
	if path == "" {
		path = config.Name
	}
	if in, ok := c.stdin.(*os.File); ok && cmd.Name == "" && terminal(in) {
		if exists(path) && !cmd.Force {
			return thereAlready(path) // before anybody answers in vain
		}
		if err := cmd.ask(c); err != nil {
			return err
		}
	}
	var body bytes.Buffer
	err := config.Write(&body, cmd.answers(c.lang))
	if err == nil {
		_, err = config.Parse(path, body.Bytes(), os.LookupEnv, app.Kinds())
	}
	if err != nil {
		return usage{"usage", err}
	}
	if err := cmd.write(path, body.Bytes()); err != nil {
		return err
	}
	return c.ok(path, say.Text{EN: "%[1]s is written. Start with: ouidire run", FR: "%[1]s est écrit. Démarrez avec\u00a0: ouidire run"}, path)
}

// write writes the configuration, and replaces one only when told to.
func (cmd initCmd) write(path string, body []byte) error {
	if cmd.Force {
		if err := config.Replace(path, body); err != nil {
			return usage{"config", say.Errorf(say.Text{EN: "%s cannot be written: %v", FR: "impossible d’écrire %s\u00a0: %v"}, path, err)}
		}
		return nil
	}
	err := app.WriteNew(path, body)
	if errors.Is(err, os.ErrExist) {
		return thereAlready(path)
	}
	if err != nil {
		return usage{"config", err}
	}
	return nil
}

func thereAlready(path string) error {
	return usage{"exists", say.Errorf(say.Text{
		EN: "%s exists already and was left as it is; --force replaces it, --config FILE writes another",
		FR: "%s existe déjà et n’a pas été touché; --force le remplace, --config FICHIER en écrit un autre",
	}, path)}
}

// terminal says whether somebody may be typing.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// ask fills what the flags left out. An empty answer leaves it out.
func (cmd *initCmd) ask(c *call) error {
	in := bufio.NewReader(io.LimitReader(c.stdin, 64<<10))
	var address string
	for _, q := range []struct {
		answer *string
		text   say.Text
	}{
		{&cmd.Name, say.Text{EN: "The name of your organisation", FR: "Le nom de votre organisation"}},
		{&cmd.Parent, say.Text{EN: "The organisation it belongs to (Enter if none)", FR: "L’organisation dont elle fait partie (Entrée s’il n’y en a pas)"}},
		{&cmd.Place, say.Text{EN: "Its town or region (Enter to skip)", FR: "Sa ville ou sa région (Entrée pour passer)"}},
		{&cmd.Language, say.Text{EN: "The language of messages: fr-CA, fr-FR or en (Enter for the one you read)", FR: "La langue des messages\u00a0: fr-CA, fr-FR ou en (Entrée pour celle que vous lisez)"}},
		{&cmd.Email, say.Text{EN: "Where the sites we read may write to you (Enter to skip)", FR: "Où les sites que nous lisons peuvent vous écrire (Entrée pour passer)"}},
		{&address, say.Text{EN: "The address of a feed to read (Enter to skip)", FR: "L’adresse d’un fil RSS à lire (Entrée pour passer)", France: "L’adresse d’un flux RSS à lire (Entrée pour passer)"}},
	} {
		if *q.answer != "" {
			continue
		}
		fmt.Fprintf(c.stderr, "%s%s ", q.text.In(c.lang), c.lang.Colon())
		line, err := in.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read an answer: %w", err)
		}
		*q.answer = strings.TrimSpace(line)
	}
	if address != "" {
		cmd.Feed = append(cmd.Feed, address)
	}
	return nil
}

// answers is what the flags say.
func (cmd initCmd) answers(lang say.Lang) config.Answers {
	a := config.Answers{Name: cmd.Name, Parent: cmd.Parent, Place: cmd.Place, Language: lang, Email: cmd.Email}
	if cmd.Language != "" {
		a.Language = say.Lang(cmd.Language) // one that we do not speak is refused by its name
		if l, ok := say.Parse(cmd.Language); ok {
			a.Language = l
		}
	}
	a.Rules, a.Channels = app.FirstAlerts(a.Language)
	named := map[string]int{}
	for _, address := range cmd.Feed {
		name := "fil"
		if u, err := url.Parse(address); err == nil && config.Slug(u.Hostname()) != "" {
			name = config.Slug(strings.TrimPrefix(u.Hostname(), "www."))
		}
		if named[name]++; named[name] > 1 {
			name = fmt.Sprintf("%s-%d", name, named[name])
		}
		a.Sources = append(a.Sources, fmt.Sprintf("name: %s\nkind: feed\nurl: %q\n", name, address))
	}
	return a
}
