package web

import (
	"net/http"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

type messagesPage struct {
	Channels []Channel
	Reached  bool   // a person has confirmed at least one channel
	Sent     string // channel to which a test message has just gone
	Done     string // channel that has just been confirmed
	Wrong    error
	Editing  bool   // channels can be changed here
	Saved    string // channel that has just been changed
	Removed  string
	Code     string // from the link of a test message
	Dead     []deadLetter
	Left     []state.Unsubscription // who wants no digests; for those who may change that
}

// deadLetter is a message that was given up.
type deadLetter struct {
	At      time.Time
	Channel string
	Link    string // to what it spoke of, "" for what has no page
	Title   string
	Why     string // and what to do
}

const (
	deadMost  = 20
	deadShown = 30 * 24 * time.Hour
)

// dead is the messages that were given up lately.
func (s *Server) dead(r *http.Request) (all []deadLetter, err error) {
	rows, err := s.Incidents.DeadLetters(r.Context(), deadMost)
	reader := s.reader(r)
	for _, row := range rows {
		if s.Now().Sub(row.EndedAt) < deadShown {
			link := "/situations/" + row.Owed.ID
			switch {
			case row.Owed.IsEdition():
				link = "" // it has no page
			case row.Owed.IsAdvisory():
				link = "/advisories/" + row.Owed.ID
			}
			all = append(all, deadLetter{At: row.EndedAt, Channel: row.Channel, Link: link, Title: alerting.Describe(row.Owed, reader).Title, Why: row.Explain(reader.Lang)})
		}
	}
	return all, err
}

// messages shows the channels, and whether a message has ever reached anybody.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	s.showMessages(w, r, http.StatusOK, messagesPage{Code: r.URL.Query().Get("code"),
		Sent: r.URL.Query().Get("sent"), Done: r.URL.Query().Get("done"), Saved: r.URL.Query().Get("saved"), Removed: r.URL.Query().Get("removed")})
}

func (s *Server) showMessages(w http.ResponseWriter, r *http.Request, code int, page messagesPage) {
	page.Channels, page.Editing = s.Status(r.Context()).Channels, s.edits(r)
	for _, c := range page.Channels {
		page.Reached = page.Reached || !c.Confirmed.IsZero()
	}
	var err error
	if who(r).Owns() {
		page.Left, err = s.Unsubscriptions.Unsubscriptions(r.Context())
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	if page.Dead, err = s.dead(r); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, code, "messages", page)
}

func (s *Server) sendTest(w http.ResponseWriter, r *http.Request) {
	channel := r.PostFormValue("channel")
	if err := s.Tests.SendTest(r.Context(), channel, s.lang(r)); err != nil {
		s.showMessages(w, r, http.StatusBadGateway, messagesPage{Wrong: err})
		return
	}
	http.Redirect(w, r, "/messages?sent="+escape(channel), http.StatusSeeOther)
}

// confirm takes the six digits of a test message. A link only fills the form in:
// mail scanners follow links, and would confirm what nobody read.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request) {
	channel, err := s.Tests.Confirm(r.Context(), r.PostFormValue("code"))
	if err != nil {
		s.showMessages(w, r, http.StatusUnprocessableEntity, messagesPage{Wrong: err})
		return
	}
	http.Redirect(w, r, "/messages?done="+escape(channel), http.StatusSeeOther)
}

// setLang remembers the language a reader chose.
func (s *Server) setLang(w http.ResponseWriter, r *http.Request) {
	if l, ok := say.Parse(r.PostFormValue("lang")); ok {
		http.SetCookie(w, &http.Cookie{Name: langCookie, Value: string(l), Path: "/", MaxAge: 365 * 24 * 3600,
			HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
	}
	http.Redirect(w, r, localPath(r.PostFormValue("back")), http.StatusSeeOther)
}
