package web

import (
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

// accessHistory is what changed about who comes in, newest first.
func (s *Server) accessHistory(r *http.Request) (lines []accessLine, err error) {
	entries, err := s.People.AccessEntries(r.Context(), accessMost)
	for _, e := range entries {
		if text := accessText(s.lang(r), e); text != "" {
			lines = append(lines, accessLine{e.At, text})
		}
	}
	return lines, err
}

// accessText is one change as one would tell it, "" for one that we have no words for.
func accessText(l say.Lang, e state.Entry) string {
	var about struct {
		Name    string     `json:"name"`
		Role    state.Role `json:"role"`
		Scope   string     `json:"scope"`
		Address string     `json:"address"`
	}
	if json.Unmarshal(e.Detail, &about) != nil {
		return ""
	}
	t, known := words["access."+e.What]
	if !known {
		return ""
	}
	values := map[string][]any{
		"member.invited": {about.Name, words["role."+string(about.Role)].In(l)}, "member.role": {about.Name, words["role."+string(about.Role)].In(l)},
		"digest.stopped": {about.Address, e.Subject}, "digest.resumed": {about.Address, e.Subject},
	}[e.What]
	if values == nil {
		values = []any{about.Name}
	}
	text := t.In(l, values...)
	if e.Who != "" && e.Who != about.Name {
		text += " " + words["journal.by"].In(l, e.Who)
	}
	return text + "."
}
