package web

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

type settingsPage struct {
	Groups         []group
	Channels       []Channel
	Rules          []Rule
	Usual          bool // nobody wrote a rule: these are those that there are without
	Locked         bool
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
		page.Groups = append(page.Groups, group{section, settingsOf(s.Setup.Form(e), "")})
	}
	status := s.Status(r.Context())
	page.Channels, page.Rules, page.Locked = status.Channels, status.Rules, !s.door.open
	page.Usual = slices.ContainsFunc(status.Rules, func(r Rule) bool { return !r.Given })
	s.render(w, r, code, "settings", page)
}

// shortest is how long a password must be: the door slows guesses down, and does
// not stop them.
const shortest = 10

// setPassword sets the shared password. Only its hash is written; all sessions end.
func (s *Server) setPassword(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	password := r.PostForm.Get("password")
	var wrong say.Text
	switch {
	case utf8.RuneCountInString(password) < shortest:
		wrong = say.Text{EN: "The password needs ten characters at least. Three or four words that do not belong together do well.", FR: "Le mot de passe doit compter au moins dix caractères. Trois ou quatre mots sans rapport conviennent bien."}
	case password != r.PostForm.Get("again"):
		wrong = say.Text{EN: "The two are not the same. Type it twice.", FR: "Les deux ne sont pas pareils. Tapez-le deux fois."}
	}
	if wrong.EN != "" {
		s.showSettings(w, r, http.StatusUnprocessableEntity, settingsPage{Wrong: []string{wrong.In(s.lang(r))}})
		return
	}
	e, _, err := s.Setup.Find("web", "")
	if err == nil {
		err = s.Setup.Change(r.Context(), config.Edit{Section: "web", Seen: e.Seen, Given: config.Answered{"password": {phc(password)}}})
	}
	if err != nil {
		s.showSettings(w, r, http.StatusUnprocessableEntity, settingsPage{Wrong: refill(nil, nil, err, s.lang(r))})
		return
	}
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// phc is the hash of a password as parseArgon reads it.
func phc(password string) string {
	a := argon{memory: 19 << 10, passes: 2, threads: 1, salt: make([]byte, 16)}
	rand.Read(a.salt)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.memory, a.passes, a.threads,
		base64.RawStdEncoding.EncodeToString(a.salt), base64.RawStdEncoding.EncodeToString(a.of(password)))
}
