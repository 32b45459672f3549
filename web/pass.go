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

// link is what the address of a link in a message says that it is for.
type link struct {
	Incident string // its id
	Given    bool   // we signed it, and it has not expired
	Is       func(alerting.Incident) bool
	Page     string // the template of its page
	Gone     any    // that page, where the link is of no use
}

// linked is what a link is for; where there is nothing, it has answered.
func (s *Server) linked(w http.ResponseWriter, r *http.Request, l link) (i alerting.Incident, ok bool) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "private, no-store")
	var err error
	if l.Given {
		i, ok, err = s.Incidents.Incident(r.Context(), l.Incident)
	}
	switch {
	case err != nil:
		s.broken(w, r, err)
		return i, false
	case !ok || !l.Is(i):
		s.render(w, r, http.StatusNotFound, l.Page, l.Gone)
		return i, false
	}
	return i, true
}

// passed is the situation that the link of a request is for.
func (s *Server) passed(w http.ResponseWriter, r *http.Request) (i alerting.Incident, ok bool) {
	id, given := s.Passes.Incident(r.PathValue("pass"), s.Now())
	return s.linked(w, r, link{id, given, alerting.Incident.IsSituation, "pass", passPage{Gone: true}})
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
	after, err := s.Incidents.Act(r.Context(), alerting.Action{Incident: i.ID, Act: act, By: s.sign(w, r), Member: who(r).ID, At: s.Now().UTC()})
	switch {
	case alerting.IsUnknown(err):
		s.render(w, r, http.StatusNotFound, "pass", passPage{Gone: true})
	case err != nil:
		s.showPass(w, r, http.StatusConflict, i, passPage{Wrong: err})
	default:
		s.showPass(w, r, http.StatusOK, after, passPage{Done: true})
	}
}
