package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"

	"github.com/ouidire/ouidire/internal/say"
)

// advise warns of what works and is likely not meant.
func (r *reader) advise(f *File) {
	if len(f.Sources) == 0 {
		r.warn("sources", "no_source", says(say.Text{EN: "no source is read: nothing will be found", FR: "aucune source n’est lue\u00a0: rien ne sera trouvé"}),
			says(say.Text{EN: "add one under sources", FR: "ajoutez-en une sous sources"}))
	}
	if len(f.Rules) > 0 && len(f.Channels) == 0 {
		r.warn("rules", "no_channel", says(say.Text{EN: "there are rules but no channel: alerts will show on the pages only", FR: "il y a des règles d’alerte, mais aucun moyen d’envoi\u00a0: les alertes ne paraîtront que dans les pages"}),
			says(say.Text{EN: "add one under channels", FR: "ajoutez-en un sous channels"}))
	}
	r.adviseOwners(f)
	for path, s := range r.spots {
		if r.literal[path] {
			key := path[strings.LastIndex(path, ".")+1:]
			r.warned = append(r.warned, *mistake(s.line, s.column, "secret_in_file",
				says(say.Text{EN: "%s is written in this file, which others may read", FR: "%s est écrit dans ce fichier, que d’autres peuvent lire"}, key),
				says(say.Text{EN: "write %[1]s: ${NAME} or %[1]s: file:PATH, or let nobody else read the file (chmod 600)", FR: "écrivez %[1]s: ${NOM} ou %[1]s: file:CHEMIN, ou réservez-vous la lecture du fichier (chmod 600)"}, key)))
		}
	}
}

// adviseOwners warns of channels of the owners to which nothing is ever passed on: no rule
// tells them, or no rule tells anybody before them.
func (r *reader) adviseOwners(f *File) {
	for i, c := range f.Channels {
		if c.Role != Owners {
			continue
		}
		rules := f.Rules
		if len(rules) == 0 {
			rules = []Rule{{}} // those that there are without
		}
		told, later := false, false
		for _, rule := range rules {
			first, then := f.Told(rule)
			told = told || contains(first, c.Name) || contains(then, c.Name)
			later = later || contains(then, c.Name)
		}
		path := fmt.Sprintf("channels[%d].role", i)
		switch {
		case !told:
			r.warn(path, "never_told", says(say.Text{EN: "no rule tells %s, so nothing is passed on to it", FR: "aucune règle ne passe par %s, rien ne lui sera donc transmis"}, given(c.Name)),
				says(say.Text{EN: "add it to channels of the rules whose situations it should hear of", FR: "ajoutez-le sous channels aux règles dont les situations le concernent"}))
		case !later:
			r.warn(path, "told_first", says(say.Text{EN: "nobody is told before %s, so it is told at once", FR: "personne n’est prévenu avant %s, il l’est donc aussitôt"}, given(c.Name)),
				says(say.Text{EN: "add a channel of the members (role: member)", FR: "ajoutez un moyen d’envoi qui s’adresse aux membres (role: member)"}))
		}
	}
}

func contains(channels []Channel, name string) bool {
	return slices.ContainsFunc(channels, func(c Channel) bool { return c.Name == name })
}

func (r *reader) warn(section, code string, what, do phrase) {
	at := r.place(section)
	if at == nil {
		at = &token.Position{}
	}
	r.warned = append(r.warned, *mistake(at.Line, at.Column, code, what, do))
}
