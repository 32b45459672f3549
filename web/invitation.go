package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/store/state"
)

// invitationPath begins the address of an invitation, whose token ends it. A secret
// belongs in no address but this one: the person has nothing else yet to show who they
// are, and a link is what one can hand over. So it is worth as little as can be, once
// and for seven days; the page it leads to sends it nowhere (no referrer, nothing of
// another host), and the log never holds it (logged).
const invitationPath = "/invitation/"

// secretPath is how the path of a request begins whose rest is a secret, "" for others.
func secretPath(r *http.Request) string {
	for _, begins := range []string{invitationPath, passPath, alerting.LeavePath, alerting.ReceiptPath} {
		if strings.HasPrefix(r.URL.Path, begins) {
			return begins
		}
	}
	return ""
}

// logged is the path of a request as the log may hold it.
func logged(r *http.Request) string {
	if begins := secretPath(r); begins != "" {
		return begins + "…"
	}
	return r.URL.Path
}

type invitationPage struct {
	Member state.Member
	Gone   bool // the link is of no use
	Wrong  string
}

// invitation shows what one is invited to. It changes nothing: mail scanners open links.
func (s *Server) invitation(w http.ResponseWriter, r *http.Request) {
	if m, ok := s.invited(w, r); ok {
		s.render(w, r, http.StatusOK, "invitation", invitationPage{Member: m})
	}
}

// invited is whom the link of a request invites; where there is nobody, it has
// answered. Links are guessed as slowly as passwords.
func (s *Server) invited(w http.ResponseWriter, r *http.Request) (m state.Member, ok bool) {
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Cache-Control", "private, no-store")
	p, wait, err := s.door.try(visitor(r), func() (person, error) {
		var err error
		m, err = s.People.Invited(r.Context(), r.PathValue("token"))
		if errors.Is(err, state.ErrNoInvitation) {
			return person{}, nil
		}
		return personOf(m), err
	})
	switch {
	case err != nil:
		s.shut(w, r, err)
	case wait:
		w.Header().Set("Retry-After", "60")
		s.showLogin(w, r, http.StatusTooManyRequests, loginPage{Refused: "login.slow"})
	case !p.known():
		s.render(w, r, http.StatusNotFound, "invitation", invitationPage{Gone: true})
	}
	return m, err == nil && p.known()
}

// accept gives the person whom a link invites a password, and lets them in.
func (s *Server) accept(w http.ResponseWriter, r *http.Request) {
	m, ok := s.invited(w, r)
	if !ok || !s.parsed(w, r) {
		return
	}
	password, wrong := chosenPassword(r)
	if wrong.EN != "" {
		s.render(w, r, http.StatusUnprocessableEntity, "invitation", invitationPage{Member: m, Wrong: wrong.In(s.lang(r))})
		return
	}
	m, err := s.People.Accept(r.Context(), r.PathValue("token"), s.door.hash(password))
	switch {
	case errors.Is(err, state.ErrNoInvitation): // somebody was quicker
		s.render(w, r, http.StatusNotFound, "invitation", invitationPage{Gone: true})
	case err != nil:
		s.shut(w, r, err)
	default:
		s.enter(w, r, personOf(m), "/")
	}
}
