package web

import (
	"cmp"
	"encoding/json"
	"net/http"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

// accessMost is how many changes about who comes in are listed.
const accessMost = 50

// accessLine is one of them, in plain words.
type accessLine struct {
	At   time.Time
	Text string
}

// accessHistory is what changed about who comes in, newest first, with everybody as they
// are called today: who was called otherwise is found above the lines that say so.
func (s *Server) accessHistory(r *http.Request) (lines []accessLine, err error) {
	entries, err := s.People.AccessEntries(r.Context(), accessMost)
	today := map[string]string{} // by former name
	for _, e := range entries {
		var about changedAccess
		if json.Unmarshal(e.Detail, &about) != nil {
			continue
		}
		name := func(then string) string { return cmp.Or(today[then], then) }
		about.Name, e.Who = name(about.Name), name(e.Who)
		if about.Was != "" {
			if e.Who == about.Was {
				e.Who = about.Name // by themselves
			}
			today[about.Was] = about.Name
		}
		if text := accessText(s.lang(r), e, about); text != "" {
			lines = append(lines, accessLine{e.At, text})
		}
	}
	return lines, err
}

// changedAccess is about whom or what a change was, as the journal keeps it.
type changedAccess struct {
	Name    string     `json:"name"`
	Was     string     `json:"was"` // of somebody renamed
	Role    state.Role `json:"role"`
	Address string     `json:"address"`
}

// accessText is one change as one would tell it, "" for one that we have no words for.
func accessText(l say.Lang, e state.Entry, about changedAccess) string {
	key := "access." + e.What
	var values []any
	switch e.What {
	case "member.invited", "member.role":
		values = []any{about.Name, words["role."+string(about.Role)].In(l)}
	case "member.renamed":
		if about.Was == "" {
			return "" // nothing changed
		}
		values = []any{about.Name, about.Was}
	case "digest.stopped", "digest.resumed":
		if values = []any{about.Address, e.Subject}; e.Subject == "" {
			key += ".all"
		}
	default:
		values = []any{about.Name}
	}
	t, known := words[key]
	if !known {
		return ""
	}
	text := t.In(l, values...)
	if e.Who != "" && e.Who != about.Name {
		text += " " + words["journal.by"].In(l, e.Who)
	}
	return text + "."
}
