package web

import (
	"net/http"
	"strings"
)

type loginPage struct {
	Refused string
	Named   bool // there are members: one gives one's name
	Shared  bool // there is a password of the page: one need not
	Name    string
}

// showLogin asks for what opens the page.
func (s *Server) showLogin(w http.ResponseWriter, r *http.Request, code int, page loginPage) {
	var err error
	if page.Named, err = s.People.HasMembers(r.Context()); err != nil {
		s.shut(w, r, err)
		return
	}
	page.Shared = s.door.locked
	s.render(w, r, code, "login", page)
}

func (s *Server) loginForm(w http.ResponseWriter, r *http.Request) {
	if p, _ := s.door.who(r); p.known() {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.showLogin(w, r, http.StatusOK, loginPage{})
}

func (s *Server) login(w http.ResponseWriter, r *http.Request) {
	open, err := s.door.open(r.Context())
	if err != nil {
		s.shut(w, r, err)
		return
	}
	if open {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	page := loginPage{Name: strings.TrimSpace(r.PostFormValue("name"))}
	p, wait, err := s.door.try(visitor(r), func() (person, error) {
		return s.door.identify(r.Context(), page.Name, r.PostFormValue("password"))
	})
	switch {
	case err != nil:
		s.shut(w, r, err)
	case wait:
		w.Header().Set("Retry-After", "60")
		page.Refused = "login.slow"
		s.showLogin(w, r, http.StatusTooManyRequests, page)
	case !p.known():
		page.Refused = "login.wrong"
		s.showLogin(w, r, http.StatusForbidden, page)
	default:
		s.enter(w, r, p, "/")
	}
}

// enter opens a session for a person and leads them on.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, p person, to string) {
	cookie, err := s.door.letIn(r.Context(), p, s.secure)
	if err != nil {
		s.shut(w, r, err)
		return
	}
	http.SetCookie(w, cookie)
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func (s *Server) logout(w http.ResponseWriter, r *http.Request) {
	if cookie, err := r.Cookie(sessionCookie); err == nil && !who(r).Passing {
		if err := s.door.sessions.DeleteSession(r.Context(), s.door.name(cookie.Value)); err != nil {
			s.broken(w, r, err)
			return
		}
	}
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}
