package web

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

type settingsPage struct {
	Groups         []group
	Channels       []Channel
	Rules          []Rule
	Usual          bool   // nobody wrote a rule: these are those that there are without
	Editing        bool   // by whoever asks
	Email          string // of whoever asks, "" when they have none
	Called         string // the name that whoever asks has typed, else has
	Typed          string // the e-mail that was typed and is none
	Password       string // key of what there is to say of the page's password
	Saved, Removed string
	Done           bool
	Wrong          []string
}

// group is a group of settings and what they are now.
type group struct {
	Section string
	Fields  []setting
}

// settings shows what one needs daily.
func (s *Server) settings(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.render(w, r, http.StatusOK, "unset", nil)
		return
	}
	page := settingsPage{Saved: r.URL.Query().Get("saved"), Removed: r.URL.Query().Get("removed"), Done: r.URL.Query().Has("saved")}
	s.showSettings(w, r, http.StatusOK, page)
}

func (s *Server) showSettings(w http.ResponseWriter, r *http.Request, code int, page settingsPage) {
	for _, section := range []string{"organisation", "retention"} {
		e, _, err := s.Setup.Find(section, "")
		if err != nil {
			s.unreadable(w, r, err)
			return
		}
		page.Groups = append(page.Groups, group{section, settingsOf(s.lang(r), s.Setup.Form(e), "")})
	}
	status := s.Status(r.Context())
	page.Channels, page.Rules = status.Channels, status.Rules
	page.Usual = slices.ContainsFunc(status.Rules, func(r Rule) bool { return !r.Given })
	if me := who(r); me.ID != "" {
		m, _, err := s.People.MemberCalled(r.Context(), me.Name)
		if err != nil {
			s.broken(w, r, err)
			return
		}
		page.Email, page.Called = cmp.Or(page.Typed, m.Email), cmp.Or(page.Called, m.Name)
	}
	page.Editing, page.Password = s.edits(r), "settings.locked"
	switch {
	case who(r).Passing:
		page.Password = "settings.open"
	case !s.door.locked:
		page.Password = "settings.unshared"
	}
	s.render(w, r, code, "settings", page)
}

// edits says whether whoever asks may change what is set up here.
func (s *Server) edits(r *http.Request) bool { return s.Setup != nil && who(r).Owns() }

// shortest is how long a password must be: the door slows guesses down, and does
// not stop them.
const shortest = 10

// chosenPassword is the password that a form brings twice, or what is wrong with it.
func chosenPassword(r *http.Request) (password string, wrong say.Text) {
	password = r.PostFormValue("password")
	switch {
	case utf8.RuneCountInString(password) < shortest:
		wrong = say.Text{EN: "The password needs ten characters at least. Three or four words that do not belong together do well.", FR: "Le mot de passe doit compter au moins dix caractères. Trois ou quatre mots sans rapport conviennent bien."}
	case password != r.PostFormValue("again"):
		wrong = say.Text{EN: "The two are not the same. Type it twice.", FR: "Les deux ne sont pas pareils. Tapez-le deux fois."}
	}
	return password, wrong
}

// setPassword sets the page's password. Only its hash is written; all sessions that were
// opened with it end.
func (s *Server) setPassword(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	password, wrong := chosenPassword(r)
	if wrong.EN != "" {
		s.showSettings(w, r, http.StatusUnprocessableEntity, settingsPage{Wrong: []string{wrong.In(s.lang(r))}})
		return
	}
	e, _, err := s.Setup.Find("web", "")
	if err == nil {
		err = s.Setup.Change(r.Context(), config.Edit{Section: "web", Seen: e.Seen, Given: config.Answered{"password": {hashOf(password).phc()}}})
	}
	if err != nil {
		s.showSettings(w, r, http.StatusUnprocessableEntity, settingsPage{Wrong: refill(nil, nil, err, s.lang(r))})
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// setOwnPassword gives whoever asks another password of their own: they stay in, and
// nobody else does under their name.
func (s *Server) setOwnPassword(w http.ResponseWriter, r *http.Request) {
	me := who(r)
	if s.Setup == nil || me.ID == "" {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	password, wrong := chosenPassword(r)
	p, wait, err := s.door.try(visitor(r), func() (person, error) {
		return s.door.identify(r.Context(), me.Name, r.PostFormValue("current"))
	})
	switch {
	case err != nil:
		s.broken(w, r, err)
		return
	case wait:
		wrong = words["login.slow"]
	case p.ID != me.ID:
		wrong = words["settings.own.wrong"]
	}
	if wrong.EN != "" {
		s.showSettings(w, r, http.StatusUnprocessableEntity, settingsPage{Wrong: []string{wrong.In(s.lang(r))}})
		return
	}
	if err := s.People.SetPassword(r.Context(), state.Member{ID: me.ID, Name: me.Name}, s.door.hash(password)); err != nil {
		s.broken(w, r, err)
		return
	}
	s.enter(w, r, me, "/settings?saved=")
}

// setOwnName calls whoever asks otherwise.
func (s *Server) setOwnName(w http.ResponseWriter, r *http.Request) {
	s.setOwn(w, r, settingsPage{Called: r.PostFormValue("name")}, func(me state.Deed) error {
		return s.People.SetName(r.Context(), me, r.PostFormValue("name"))
	})
}

// setOwnEmail gives whoever asks another e-mail address of their own, or none.
func (s *Server) setOwnEmail(w http.ResponseWriter, r *http.Request) {
	s.setOwn(w, r, settingsPage{Typed: r.PostFormValue("email")}, func(me state.Deed) error {
		return s.People.SetEmail(r.Context(), me, r.PostFormValue("email"))
	})
}

// setOwn changes something of whoever asks; where it cannot be, typed is shown again with
// what is wrong with it.
func (s *Server) setOwn(w http.ResponseWriter, r *http.Request, typed settingsPage, change func(me state.Deed) error) {
	me := who(r)
	if s.Setup == nil || me.ID == "" {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	err := change(state.Deed{Member: me.ID, By: me.Name})
	spoken := (*say.Error)(nil)
	switch {
	case errors.As(err, &spoken):
		typed.Wrong = []string{spoken.In(s.lang(r))}
		s.showSettings(w, r, http.StatusUnprocessableEntity, typed)
	case err != nil:
		s.broken(w, r, err)
	default:
		http.Redirect(w, r, "/settings?saved=", http.StatusSeeOther)
	}
}
