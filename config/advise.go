package config

import (
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
	for path, s := range r.spots {
		if r.literal[path] {
			key := path[strings.LastIndex(path, ".")+1:]
			r.warned = append(r.warned, *mistake(s.line, s.column, "secret_in_file",
				says(say.Text{EN: "%s is written in this file, which others may read", FR: "%s est écrit dans ce fichier, que d’autres peuvent lire"}, key),
				says(say.Text{EN: "write %[1]s: ${NAME} or %[1]s: file:PATH, or let nobody else read the file (chmod 600)", FR: "écrivez %[1]s: ${NOM} ou %[1]s: file:CHEMIN, ou réservez-vous la lecture du fichier (chmod 600)"}, key)))
		}
	}
}

func (r *reader) warn(section, code string, what, do phrase) {
	at := r.place(section)
	if at == nil {
		at = &token.Position{}
	}
	r.warned = append(r.warned, *mistake(at.Line, at.Column, code, what, do))
}
