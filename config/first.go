package config

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/ouidire/ouidire/internal/say"
)

// Answers is what a person says to have a first file written.
type Answers struct {
	Name     string // of the organisation, "Caisse Valtisse de l’Anse-aux-Moyacs"
	Short    string // "la Caisse"; may be empty, as all that follows
	Parent   string // of the organisation it belongs to, "Mouvement Valtisse"
	Place    string // where it is, "L’Anse-aux-Moyacs"
	Language say.Lang
	Timezone string
	Email    string // where sites may write to
	Listen   string // where the pages are served; this machine alone when empty
	// Entries of the kinds, each as its example.yml holds it. Their comments are
	// left out: they are not in the person's language.
	Sources, Rules, Channels []string
}

// Write writes a first ouidire.yml, commented in the person's language. Parse
// accepts it when it accepts the entries given.
func Write(w io.Writer, a Answers) error {
	if strings.HasPrefix(a.Listen, "[") {
		a.Listen = inYAML(a.Listen)
	}
	a.Name, a.Short, a.Parent, a.Place, a.Email = oneLine(a.Name), oneLine(a.Short), oneLine(a.Parent), oneLine(a.Place), oneLine(a.Email)
	if !hasWord(a.Name) {
		return say.Errorf(say.Text{EN: "the name of your organisation is missing; give it with --name 'Caisse Valtisse'", FR: "il manque le nom de votre organisation; donnez-le avec --name 'Caisse Valtisse'"})
	}
	if a.Language == "" {
		a.Language = say.FrenchCanada
	}
	if a.Timezone == "" {
		a.Timezone = "America/Toronto"
		if a.Language == say.FrenchFrance {
			a.Timezone = "Europe/Paris"
		}
	}
	if err := a.check(); err != nil {
		return err
	}
	if _, err := io.WriteString(w, a.whole()); err != nil {
		return fmt.Errorf("write the first configuration: %w", err)
	}
	return nil
}

// check refuses answers that Parse would refuse.
func (a Answers) check() error {
	if l, ok := say.Parse(string(a.Language)); !ok || l != a.Language {
		return say.Errorf(say.Text{EN: "there are no texts in the language %s; choose fr-CA, fr-FR or en", FR: "il n’y a pas de textes en langue %s; choisissez fr-CA, fr-FR ou en"}, a.Language)
	}
	if _, err := time.LoadLocation(a.Timezone); err != nil || a.Timezone == "Local" {
		return say.Errorf(say.Text{EN: "there is no time zone called %s; give for example --timezone America/Toronto", FR: "aucun fuseau horaire ne s’appelle %s; donnez par exemple --timezone America/Toronto"}, a.Timezone)
	}
	if a.Email != "" && !strings.Contains(a.Email, "@") {
		return say.Errorf(say.Text{EN: "%s is not an e-mail address; give for example --email equipe@caisse.example", FR: "%s n’est pas une adresse de courriel; donnez par exemple --email equipe@caisse.example", France: "%s n’est pas une adresse e-mail; donnez par exemple --email equipe@caisse.example"}, a.Email)
	}
	return nil
}

// whole is the file, from top to bottom.
func (a Answers) whole() string {
	p := &page{lang: a.Language}
	p.comment(say.Text{EN: "ouidire listens to the web for an organisation. This file says what to look for, where, and who is told.", FR: "ouidire écoute le web pour une organisation. Ce fichier dit ce qu’on cherche, où, et qui reçoit les alertes."})
	p.comment(say.Text{EN: "After a change, make sure that all is well: ouidire check", FR: "Après un changement, vérifiez que tout est en ordre\u00a0: ouidire check"})
	p.section(say.Text{EN: "Who you are.", FR: "Qui vous êtes."}, "organisation:")
	p.line("  name: %s", inYAML(a.Name))
	if a.Short != "" {
		p.line("  short: %s", inYAML(a.Short))
	}
	p.line("  language: %s\n  timezone: %s", a.Language, inYAML(a.Timezone))
	a.watches(p)
	p.entries("sources", a.Sources, say.Text{EN: "Where you listen: feeds, pages, networks.", FR: "Où vous écoutez\u00a0: fils RSS, pages, réseaux.", France: "Où vous écoutez\u00a0: flux RSS, pages, réseaux."})
	p.entries("channels", a.Channels, say.Text{EN: "How you are told.", FR: "Les moyens d’envoi des alertes."})
	p.entries("rules", a.Rules, say.Text{EN: "When you are told.", FR: "Les règles d’alerte."})
	p.section(say.Text{EN: "The pages. Beyond this machine they need a password, which may be in the environment or in a file:", FR: "Les pages. Hors de cette machine, il leur faut un mot de passe, qui peut être dans l’environnement ou dans un fichier\u00a0:"},
		"# password: ${OUIDIRE_PASSWORD}\n# password: file:password.txt\nweb:")
	p.line("  listen: %s", cmp.Or(a.Listen, Listen))
	if a.Email != "" {
		p.section(say.Text{EN: "Where the people who run a site may write to you: every visit shows it.", FR: "Où les responsables d’un site peuvent vous écrire\u00a0: chaque visite l’indique."}, "crawler:")
		p.line("  contact: %s", inYAML(contact(a.Email)))
	}
	p.section(say.Text{EN: "How long mentions are kept.", FR: "Combien de temps les mentions sont conservées."}, "retention:")
	if a.Language.French() {
		p.line("  mentions: 24 mois")
	} else {
		p.line("  mentions: 24 months")
	}
	return p.String()
}

func (a Answers) watches(p *page) {
	self, parent := Slug(a.Name), Slug(a.Parent)
	above := hasWord(a.Parent) && parent != self
	p.section(say.Text{EN: "What you listen for. Words between \" \" follow one another; AND, OR, NOT are written in capitals.", FR: "Ce que vous écoutez. Les mots entre \" \" se suivent. ET, OU, SAUF s’écrivent en capitales."}, "watches:")
	p.line("  - name: %s\n    title: %s\n    query: %s\n    relation: self", self, inYAML(a.Name), inYAML(a.query()))
	if above {
		p.line("    parent: %s", parent)
		p.line("  - name: %s\n    title: %s\n    query: %s\n    relation: parent", parent, inYAML(a.Parent), inYAML(phraseOf(a.Parent)))
	}
}

// query finds the full name, and its first words beside the place.
func (a Answers) query() string {
	whole := phraseOf(a.Name)
	brand, ok := before(a.Name, a.Place)
	if !ok {
		return whole
	}
	or := "OR"
	if a.Language.French() {
		or = "OU"
	}
	place := withoutArticles(strings.FieldsFunc(loose(a.Place), unicode.IsSpace), false)
	return fmt.Sprintf("%s %s (%s %s)", whole, or, phraseOf(brand), phraseOf(place))
}

// before is what stands in name ahead of place, less the little words between:
// Caisse Valtisse, of Caisse Valtisse de l’Anse-aux-Moyacs.
func before(name, place string) (string, bool) {
	words := strings.Fields(loose(place))
	if len(words) == 0 {
		return "", false
	}
	all := strings.Fields(loose(name))
	core := withoutArticles(words, false)
	for i := range all {
		if rest := strings.Join(all[i:], " "); core != "" && strings.EqualFold(withoutArticles(all[i:], false), core) || strings.EqualFold(rest, place) {
			brand := withoutArticles(all[:i], true)
			return brand, hasWord(brand)
		}
	}
	return "", false
}

// articles are the little words that join a name and a place.
var articles = []string{"de", "du", "des", "d’", "l’", "la", "le", "les", "à", "au", "aux", "of", "in", "at", "the", "-", "–"}

// loose sets an elided article apart: de l’Anse is de l’ Anse.
func loose(s string) string {
	s = strings.NewReplacer("'", "’").Replace(s)
	for _, elided := range []string{"l’", "L’", "d’", "D’"} {
		s = strings.ReplaceAll(" "+s, " "+elided, " "+elided+" ")[1:]
	}
	return s
}

// withoutArticles joins words less the articles at one end.
func withoutArticles(words []string, atEnd bool) string {
	isArticle := func(w string) bool { return slices.Contains(articles, strings.ToLower(w)) }
	for len(words) > 0 && atEnd && isArticle(words[len(words)-1]) {
		words = words[:len(words)-1]
	}
	for len(words) > 0 && !atEnd && isArticle(words[0]) {
		words = words[1:]
	}
	s := strings.Join(words, " ")
	return strings.NewReplacer("l’ ", "l’", "L’ ", "L’", "d’ ", "d’", "D’ ", "D’").Replace(s)
}

// phraseOf is a query that finds these words one after another.
func phraseOf(words string) string {
	return `"` + oneLine(strings.NewReplacer(`"`, " ", "«", " ", "»", " ", "“", " ", "”", " ", "*", " ", "$", " ").Replace(words)) + `"`
}

// inYAML quotes s so that YAML, and ${NAME}, leave it alone.
func inYAML(s string) string {
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "'", "''"), "${", "$${") + "'"
}

// oneLine drops what no name holds: ends of lines, invisible characters.
func oneLine(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case !unicode.IsPrint(c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

func hasWord(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) })
}

// contact is an address of mail as a link.
func contact(email string) string {
	if strings.Contains(email, ":") {
		return email
	}
	return "mailto:" + email
}

// page is a file being written.
type page struct {
	strings.Builder
	lang say.Lang
}

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

func (p *page) comment(t say.Text) { p.line("# %s", t.In(p.lang)) }

// section begins a part of the file.
func (p *page) section(why say.Text, head string) {
	p.line("")
	p.comment(why)
	p.line("%s", head)
}

// entries writes a list of entries under its name.
func (p *page) entries(section string, list []string, why say.Text) {
	if len(list) == 0 {
		p.section(why, section+": []")
		return
	}
	p.section(why, section+":")
	for _, entry := range list {
		lead := "  - "
		for line := range strings.Lines(entry) {
			line = strings.TrimRight(line, " \r\n")
			if text := strings.TrimLeft(line, " "); text == "" || text[0] == '#' {
				continue
			}
			p.line("%s%s", lead, line)
			lead = "    "
		}
	}
}
