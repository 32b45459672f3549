package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

// Advisories is what the page asks and does of what parent organisations advise. Errors
// about what a person asked for can be read by that person.
type Advisories interface {
	// Advisories returns those sent in [from, to), newest first; zero is open.
	Advisories(ctx context.Context, from, to time.Time, limit int) ([]alerting.Incident, error)
	Advise(ctx context.Context, d alerting.Draft) (alerting.Incident, error)
	TakeBack(ctx context.Context, id string, by alerting.Person, at time.Time) (alerting.Incident, error)
	Receive(ctx context.Context, id string, r alerting.Receipt) (alerting.Incident, error)
}

// advice is one advisory as the page shows it to whoever asks.
type advice struct {
	*alerting.Advisory
	ID        string
	SentAt    time.Time
	Urgent    bool
	FromTitle string
	Through   string // the last day on which it holds
	InForce   bool
	Mine      bool   // whoever asks has said that they read it
	Sender    bool   // or has sent it, and need not
	Signed    string // the name that their browser signed with last
	Back      string // where they are
}

// advicePage is one advisory with who read it.
type advicePage struct {
	advice
	For     []string // titles of the watches that it is for
	Reached []reached
	Unread  []string // members who have not said that they read it, of whatever watch
	Journal []journalLine
	Letters []letterShown
	Sent    bool // just now
	Wrong   error
}

// advicesPage is the list.
type advicesPage struct {
	InForce, Past []advice
	Senders       []Watch // those that may advise others
}

const (
	advicesMost = 100
	// advicesWithin is how far back the list goes.
	advicesWithin = 365 * 24 * time.Hour
)

// senders are the watches of organisations that have affiliates.
func senders(watches []Watch) []Watch {
	return slices.DeleteFunc(slices.Clone(watches), func(w Watch) bool { return len(w.Affiliates) == 0 })
}

// advised is an advisory as whoever asks sees it.
func (s *Server) advised(r *http.Request, i alerting.Incident) advice {
	status, a := s.Status(r.Context()), s.reader(r).Today(i).Facts.Advisory
	me, name := who(r), signed(r)
	shown := advice{Advisory: a, ID: i.ID, SentAt: i.OpenedAt, Urgent: i.Severity == alerting.Urgent, FromTitle: titled(status.Watches, a.From), InForce: a.Holds(s.Now()), Signed: name, Back: "/",
		Through: alerting.LastDay(a.Until, s.lang(r), status.Zone), Mine: a.ReadBy(me.ID), Sender: me.ID != "" && me.ID == a.Member}
	if r.Method == http.MethodGet {
		shown.Back = r.URL.RequestURI()
	}
	if me.ID == "" {
		shown.Sender = a.Member == "" && a.By != "" && a.By == name
		shown.Mine = slices.ContainsFunc(a.Read, func(o alerting.Receipt) bool { return o.Member == "" && o.Channel == "" && o.Name == name })
	}
	return shown
}

// inForce are the advisories that are to be followed now.
func (s *Server) inForce(r *http.Request) (all []advice, err error) {
	sent, err := s.Advisories.Advisories(r.Context(), s.Now().Add(-alerting.AdviceLasts), time.Time{}, advicesMost)
	for _, i := range sent {
		if i.Facts.Advisory.Holds(s.Now()) {
			all = append(all, s.advised(r, i))
		}
	}
	return all, err
}

// inForceFor are those of them that are about a situation, its story, or what moves the
// organisation above it.
func (s *Server) inForceFor(r *http.Request, i alerting.Incident) (all []advice, err error) {
	if all, err = s.inForce(r); err != nil || len(all) == 0 {
		return nil, err
	}
	stories, err := s.storiesOf(r.Context(), i)
	return slices.DeleteFunc(all, func(a advice) bool {
		above := i.Under != "" && i.Under == a.From && slices.Contains(a.To, i.Watch) // what is kept quiet meanwhile
		return a.About != i.ID && !slices.Contains(stories, a.Story) && !above
	}), err
}

// concerned are the watches that a situation is told for.
func concerned(i alerting.Incident) []string {
	all := []string{i.Watch}
	if story := i.Facts.Story; story != nil {
		all = append(all, story.Watches...)
	}
	return all
}

// storiesOf are the stories that a situation tells.
func (s *Server) storiesOf(ctx context.Context, i alerting.Incident) (ids []string, err error) {
	if i.Facts.Story == nil {
		return nil, nil
	}
	stories, err := s.Stories.StoriesOf(ctx, i.Mentions)
	for _, story := range stories {
		if !slices.Contains(ids, story.ID) {
			ids = append(ids, story.ID)
		}
	}
	slices.Sort(ids)
	return ids, err
}

// advisories lists them: those in force first.
func (s *Server) advisories(w http.ResponseWriter, r *http.Request) {
	sent, err := s.Advisories.Advisories(r.Context(), s.Now().Add(-advicesWithin), time.Time{}, advicesMost)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	page := advicesPage{Senders: senders(s.Status(r.Context()).Watches)}
	for _, i := range sent {
		if a := s.advised(r, i); a.InForce {
			page.InForce = append(page.InForce, a)
		} else {
			page.Past = append(page.Past, a)
		}
	}
	s.render(w, r, http.StatusOK, "advisories", page)
}

// advisory is one of them, with who read it.
func (s *Server) advisory(w http.ResponseWriter, r *http.Request) {
	if i, ok := s.advisoryOf(w, r, r.PathValue("id")); ok {
		s.showAdvisory(w, r, http.StatusOK, i, nil)
	}
}

// advisoryOf finds one; where there is none, it has answered.
func (s *Server) advisoryOf(w http.ResponseWriter, r *http.Request, id string) (i alerting.Incident, ok bool) {
	i, ok, err := s.Incidents.Incident(r.Context(), id)
	switch {
	case err != nil:
		s.broken(w, r, err)
	case !ok || !i.IsAdvisory():
		s.notFound(w, r)
	}
	return i, ok && err == nil && i.IsAdvisory()
}

func (s *Server) showAdvisory(w http.ResponseWriter, r *http.Request, code int, i alerting.Incident, wrong error) {
	page := advicePage{advice: s.advised(r, i), Sent: r.URL.Query().Has("sent"), Wrong: wrong}
	status := s.Status(r.Context())
	for _, watch := range page.To {
		page.For = append(page.For, titled(status.Watches, watch))
	}
	members, err := s.People.Members(r.Context())
	if err == nil {
		page.Journal, page.Letters, err = s.history(r.Context(), i, s.reader(r))
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	page.Unread, page.Reached = unread(page.Advisory, members), reachedBy(page.Advisory, status, tookIt(page.Letters))
	s.render(w, r, code, "advisory", page)
}

// unread are the members who have not said that they read it, whoever sent it left out.
// Members are of no watch: who looks after which, only they know.
func unread(a *alerting.Advisory, members []state.Member) (names []string) {
	for _, m := range members {
		if m.Joined() && m.ID != a.Member && !a.ReadBy(m.ID) {
			names = append(names, m.Name)
		}
	}
	return names
}

// reached is how far an advisory has come to the people of a watch that it is for.
type reached struct {
	Watch, Title string
	Channels     []string // that tell these people
	Took         []string // those of them that took it
	Read         []string // who said so from the message of one of them, "" for who gave no name
}

// reachedBy is how far it has come to each watch, once these channels took it.
func reachedBy(a *alerting.Advisory, status Status, took []string) (all []reached) {
	for _, watch := range a.To {
		to := reached{Watch: watch, Title: titled(status.Watches, watch), Channels: tells(status.Channels, watch)}
		to.Took = slices.DeleteFunc(slices.Clone(to.Channels), func(c string) bool { return !slices.Contains(took, c) })
		for _, r := range a.Read {
			if slices.Contains(to.Channels, r.Channel) {
				to.Read = append(to.Read, r.Name)
			}
		}
		all = append(all, to)
	}
	return all
}

// tookIt are the channels that took any of these messages.
func tookIt(letters []letterShown) (channels []string) {
	for _, l := range letters {
		channels = append(channels, l.Channels...)
	}
	return channels
}

// receive notes that whoever asks has read it, and leads back to where they were.
func (s *Server) receive(w http.ResponseWriter, r *http.Request) {
	i, ok := s.advisoryOf(w, r, r.PathValue("id"))
	if !ok || !s.parsed(w, r) {
		return
	}
	after, err := s.Advisories.Receive(r.Context(), i.ID, s.receipt(w, r, ""))
	s.afterAdvisory(w, r, after, err, localPath(r.PostFormValue("back")))
}

// receipt is that whoever asks has read it.
func (s *Server) receipt(w http.ResponseWriter, r *http.Request, channel string) alerting.Receipt {
	return alerting.Receipt{At: s.Now().UTC(), Name: s.sign(w, r), Member: who(r).ID, Channel: channel}
}

// takeBack withdraws one.
func (s *Server) takeBack(w http.ResponseWriter, r *http.Request) {
	i, ok := s.advisoryOf(w, r, r.PathValue("id"))
	if !ok || !s.parsed(w, r) {
		return
	}
	after, err := s.Advisories.TakeBack(r.Context(), i.ID, alerting.Person{Name: s.sign(w, r), Member: who(r).ID}, s.Now().UTC())
	s.afterAdvisory(w, r, after, err, "/advisories/"+i.ID)
}

// afterAdvisory leads on, or says what was wrong.
func (s *Server) afterAdvisory(w http.ResponseWriter, r *http.Request, i alerting.Incident, err error, to string) {
	spoken := (*say.Error)(nil)
	switch {
	case alerting.IsNoAdvisory(err):
		s.notFound(w, r)
	case err != nil && !errors.As(err, &spoken):
		s.broken(w, r, err)
	case err != nil:
		s.showAdvisory(w, r, http.StatusConflict, i, err)
	default:
		http.Redirect(w, r, to, http.StatusSeeOther)
	}
}
