package web

import (
	"net/http"
	"strings"

	"github.com/ouidire/ouidire/alerting"
)

// passPath begins the address of what can be done right from a message. As with an
// invitation the address holds the right itself, for one situation and seven days; the
// page shows no more than the message did, and sends its address nowhere.
const passPath = "/act/"

// passPage is one situation to whoever got a message about it.
type passPage struct {
	Gone   bool // the link is of no use
	Title  string
	State  string // the key of its word
	Do     alerting.Act
	Acts   []alerting.Act
	Signed string
	Done   bool
	Wrong  error
}

// passed is the situation that the link of a request is for; where there is none, it
// has answered.
func (s *Server) passed(w http.ResponseWriter, r *http.Request) (i alerting.Incident, ok bool) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "private, no-store")
	id, ok := s.Passes.Incident(r.PathValue("pass"), s.Now())
	var err error
	if ok {
		i, ok, err = s.Incidents.Incident(r.Context(), id)
	}
	switch {
	case err != nil:
		s.broken(w, r, err)
	case !ok || !i.IsSituation():
		ok = false
		s.render(w, r, http.StatusNotFound, "pass", passPage{Gone: true})
	}
	return i, ok && err == nil
}

// passForm asks whether it shall be done. It changes nothing: mail scanners open links.
func (s *Server) passForm(w http.ResponseWriter, r *http.Request) {
	if i, ok := s.passed(w, r); ok {
		s.showPass(w, r, http.StatusOK, i, passPage{Do: alerting.Act(r.URL.Query().Get("do"))})
	}
}

func (s *Server) showPass(w http.ResponseWriter, r *http.Request, code int, i alerting.Incident, page passPage) {
	page.Title, _, _ = alerting.Compose(i, nil, s.reader(r))
	page.State, page.Acts, page.Signed = string(i.State), acts(i), signed(r)
	for n, a := range page.Acts {
		if a == page.Do { // what the message's button said comes first
			page.Acts[0], page.Acts[n] = page.Acts[n], page.Acts[0]
		}
	}
	s.render(w, r, code, "pass", page)
}

// usePass does what whoever got a message decided.
func (s *Server) usePass(w http.ResponseWriter, r *http.Request) {
	i, ok := s.passed(w, r)
	if !ok || !s.parsed(w, r) {
		return
	}
	act := alerting.Act(strings.TrimSpace(r.PostFormValue("act")))
	after, err := s.Incidents.Act(r.Context(), alerting.Action{Incident: i.ID, Act: act, By: s.sign(w, r), At: s.Now().UTC()})
	switch {
	case alerting.IsUnknown(err):
		s.render(w, r, http.StatusNotFound, "pass", passPage{Gone: true})
	case err != nil:
		s.showPass(w, r, http.StatusConflict, i, passPage{Wrong: err})
	default:
		s.showPass(w, r, http.StatusOK, after, passPage{Done: true})
	}
}
