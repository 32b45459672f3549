package web

import (
	"net/http"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

type situationsPage struct{ Incidents []alerting.Incident }

// listed is how many situations are listed.
const listed = 100

// situations lists what people were told about, newest first.
func (s *Server) situations(w http.ResponseWriter, r *http.Request) {
	incidents, err := s.Incidents.Incidents(r.Context(), time.Time{}, time.Time{}, listed)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "situations", situationsPage{Incidents: incidents})
}

type situationPage struct {
	alerting.Incident
	Rows  []row // its examples that are still kept
	Acts  []alerting.Act
	Wrong error
}

// situation is one situation: what it is about, and what one can do.
func (s *Server) situation(w http.ResponseWriter, r *http.Request) {
	i, ok, err := s.Incidents.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		s.broken(w, r, err)
		return
	}
	if !ok {
		s.notFound(w, r)
		return
	}
	s.showSituation(w, r, http.StatusOK, situationPage{Incident: i})
}

func (s *Server) showSituation(w http.ResponseWriter, r *http.Request, code int, page situationPage) {
	page.Acts = []alerting.Act{alerting.Acknowledge, alerting.Resolve, alerting.FalseAlarm}
	if page.State == alerting.Resolved {
		page.Acts = []alerting.Act{alerting.Reopen}
	}
	for _, id := range page.Mentions {
		if m, err := s.Mentions.Get(r.Context(), id); err == nil {
			page.Rows = append(page.Rows, newRow(m))
		}
	}
	s.render(w, r, code, "situation", page)
}

// act does what a person decided about a situation.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	i, err := s.Incidents.Act(r.Context(), alerting.Action{Incident: id, Act: alerting.Act(r.PostFormValue("act")), At: s.Now().UTC()})
	switch {
	case alerting.IsUnknown(err):
		s.notFound(w, r)
	case err != nil:
		s.showSituation(w, r, http.StatusConflict, situationPage{Incident: i, Wrong: err})
	default:
		http.Redirect(w, r, "/situations/"+id, http.StatusSeeOther)
	}
}

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
}

// messages shows the channels, and whether a message has ever reached anybody.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	s.showMessages(w, r, http.StatusOK, messagesPage{Code: r.URL.Query().Get("code"),
		Sent: r.URL.Query().Get("sent"), Done: r.URL.Query().Get("done"), Saved: r.URL.Query().Get("saved"), Removed: r.URL.Query().Get("removed")})
}

func (s *Server) showMessages(w http.ResponseWriter, r *http.Request, code int, page messagesPage) {
	page.Channels, page.Editing = s.Status(r.Context()).Channels, s.Setup != nil
	for _, c := range page.Channels {
		page.Reached = page.Reached || !c.Confirmed.IsZero()
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
