package main

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/kong"

	"github.com/ouidire/ouidire/internal/say"
)

// help is what --help prints, in the reader's language: kong's own is English only.
func (c *call) help(_ kong.HelpOptions, ctx *kong.Context) error {
	node := ctx.Model.Node
	if chosen := ctx.Selected(); chosen != nil {
		node = chosen
	}
	return c.out.line("%s", c.helpOf(node))
}

func (c *call) helpOf(n *kong.Node) string {
	var b strings.Builder
	about := n.Help
	if n.Type == kong.ApplicationNode {
		about = describe(c.lang)
	}
	fmt.Fprintf(&b, "%s%s %s\n\n%s\n", say.Text{EN: "Usage", FR: "Usage"}.In(c.lang), c.lang.Colon(), usageOf(n, c.lang), about)
	subcommands, arguments, flags := rowsOf(n, c.lang)
	c.table(&b, say.Text{EN: "Commands", FR: "Commandes"}, subcommands)
	c.table(&b, say.Text{EN: "Arguments", FR: "Arguments"}, arguments)
	c.table(&b, say.Text{EN: "Flags", FR: "Options"}, flags)
	return strings.TrimRight(b.String(), "\n")
}

// usageOf is a command with its arguments: ouidire match QUERY [FILE …].
func usageOf(n *kong.Node, l say.Lang) string {
	words := append([]string{"ouidire"}, strings.Fields(n.Path())...)
	if len(commands(n)) > 0 {
		words = append(words, say.Text{EN: "COMMAND …", FR: "COMMANDE …"}.In(l))
	}
	for _, p := range n.Positional {
		name := strings.ToUpper(p.Name)
		if p.IsSlice() {
			name += " …"
		}
		if !p.Required {
			name = "[" + name + "]"
		}
		words = append(words, name)
	}
	return strings.Join(words, " ")
}

// rowsOf are what may follow a command, each with its help.
func rowsOf(n *kong.Node, l say.Lang) (subcommands, arguments, flags [][2]string) {
	for _, child := range commands(n) {
		subcommands = append(subcommands, [2]string{child.Name, child.Help})
	}
	for _, p := range n.Positional {
		arguments = append(arguments, [2]string{strings.ToUpper(p.Name), p.Help})
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			text := f.Help
			if f.Name == "help" { // kong's own flag
				text = helps["help_flag"].In(l)
			}
			flags = append(flags, [2]string{flagName(f), text})
		}
	}
	return subcommands, arguments, flags
}

func flagName(f *kong.Flag) string {
	name := "    --" + f.Name
	if f.Short != 0 {
		name = fmt.Sprintf("-%c, --%s", f.Short, f.Name)
	}
	switch {
	case f.IsBool():
		return name
	case f.Enum != "":
		return name + "=" + strings.ReplaceAll(f.Enum, ",", "|")
	}
	return name + "=" + strings.Trim(f.FormatPlaceHolder(), `"`)
}

func (c *call) table(b *strings.Builder, title say.Text, rows [][2]string) {
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s%s\n", title.In(c.lang), c.lang.Colon())
	wide := 0
	for _, row := range rows {
		wide = max(wide, utf8.RuneCountInString(row[0]))
	}
	for _, row := range rows {
		fmt.Fprintf(b, "  %-*s  %s\n", wide, row[0], row[1])
	}
}

// complaints are what kong says of a wrong command line, for those who do not read English.
var complaints = []struct {
	kong *regexp.Regexp
	text say.Text
}{
	{regexp.MustCompile(`^unknown flag (\S+?)(?:, did you mean (?:one of )?(.*)\?)?$`), say.Text{EN: "unknown flag %[1]s", FR: "l’option %[1]s n’existe pas"}},
	{regexp.MustCompile(`^unexpected argument (.*?)(?:, did you mean (?:one of )?(.*)\?)?$`), say.Text{EN: "unexpected argument %[1]s", FR: "l’argument %[1]s est de trop"}},
	{regexp.MustCompile(`^expected one of (.*)$`), say.Text{EN: "a command is missing: one of %[1]s", FR: "il manque une commande, parmi %[1]s"}},
	{regexp.MustCompile(`^expected "<(\w+)>.*"$`), say.Text{EN: "the argument %[1]s is missing", FR: "il manque l’argument %[1]s"}},
	{regexp.MustCompile(`^expected "(\w+)"$`), say.Text{EN: "a command is missing: %[1]s", FR: "il manque une commande\u00a0: %[1]s"}},
	{regexp.MustCompile(`^(--\S+): (.*)$`), say.Text{EN: "the value of %[1]s does not work (%[2]s)", FR: "la valeur de %[1]s ne convient pas (%[2]s)"}},
	{regexp.MustCompile(`^(\S+) must be one of (.*) but got (.*)$`), say.Text{EN: "%[1]s is one of %[2]s, not %[3]s", FR: "%[1]s vaut %[2]s, et non %[3]s"}},
}

// explainUsage turns kong's complaint into a sentence with the way out.
func explainUsage(err error) error {
	var said any = err
	for _, c := range complaints {
		found := c.kong.FindStringSubmatch(err.Error())
		if found == nil {
			continue
		}
		said = say.Errorf(c.text, words(found[1:])...)
		if nearest := found[len(found)-1]; strings.Contains(err.Error(), "did you mean") {
			said = say.Errorf(say.Text{EN: "%v; did you mean %v", FR: "%v; vouliez-vous dire %v"}, said, nearest)
		}
		break
	}
	return say.Errorf(say.Text{EN: "%v; see ouidire --help", FR: "%v; voyez ouidire --help"}, said)
}

func words(found []string) []any {
	all := make([]any, len(found))
	for i, w := range found {
		all[i] = w
	}
	return all
}
