package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/store/state"
)

// situationsPage is the list: what is open first, the weightiest in front, then what
// is settled, newest first.
type situationsPage struct {
	Show    string // "open", "settled", or "" for both
	Open    []situationLine
	Hidden  int // open ones that are not listed
	Settled []situationLine
	Advice  bool   // somebody may advise others here
	Older   string // address of what was settled before, "" when there is none
}

// situationLine is one situation in the list.
type situationLine struct {
	alerting.Incident
	Title, Lead string
}

const (
	openMost    = 100 // open situations in the list
	settledMost = 30  // settled ones on a page
)

// situations lists them.
func (s *Server) situations(w http.ResponseWriter, r *http.Request) {
	page := situationsPage{Show: r.URL.Query().Get("show"), Advice: len(senders(s.Status(r.Context()).Watches)) > 0}
	var err error
	if page.Show != "settled" {
		err = s.listOpen(r, &page)
	}
	if err == nil && page.Show != "open" {
		err = s.listSettled(r, &page)
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "situations", page)
}

func (s *Server) listOpen(r *http.Request, page *situationsPage) error {
	open, err := s.Incidents.OpenIncidents(r.Context())
	if err != nil {
		return err
	}
	slices.SortFunc(open, alerting.Weigh)
	for _, i := range open[:min(len(open), openMost)] {
		page.Open = append(page.Open, s.line(r, i))
	}
	page.Hidden = len(open) - len(page.Open)
	return nil
}

// listSettled reads on until a page is full: what is open stands among it.
func (s *Server) listSettled(r *http.Request, page *situationsPage) error {
	before := time.Time{}
	if micros, err := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64); err == nil {
		before = time.UnixMicro(micros)
	}
	for {
		all, err := s.Incidents.Incidents(r.Context(), time.Time{}, before, 2*settledMost)
		if err != nil {
			return err
		}
		for _, i := range all {
			before = i.OpenedAt
			if i.State != alerting.Resolved {
				continue
			}
			if page.Settled = append(page.Settled, s.line(r, i)); len(page.Settled) == settledMost {
				page.Older = "/situations?show=settled&before=" + strconv.FormatInt(before.UnixMicro(), 10)
				return nil
			}
		}
		if len(all) < 2*settledMost {
			return nil
		}
	}
}

func (s *Server) line(r *http.Request, i alerting.Incident) situationLine {
	reader := s.reader(r)
	i = reader.Today(i)
	a := alerting.Describe(i, reader)
	return situationLine{Incident: i, Title: a.Title, Lead: strings.Join(a.Facts[:min(len(a.Facts), 2)], " ")}
}

// reader is for whom situations are worded: whoever asks for the page.
func (s *Server) reader(r *http.Request) alerting.Reader {
	status := s.Status(r.Context())
	return alerting.Reader{Lang: s.lang(r), Zone: status.Zone, Watches: status.Named, Member: s.People.MemberName}
}

// situationPage is all there is to say of one situation, and what one can do.
type situationPage struct {
	alerting.Incident
	alerting.Account
	Examples []sample
	Chart    *chart
	Acts     []alerting.Act
	Snooze   snoozes
	Others   []state.Member // to whom it may be confided
	Signed   string         // the name that this browser signed with last
	Journal  []journalLine
	Letters  []letterShown
	Advice   []advice // that is in force, about this
	Advises  bool     // its organisation has affiliates, and may advise them
	Wrong    error
}

// situation is one situation.
func (s *Server) situation(w http.ResponseWriter, r *http.Request) {
	i, ok, err := s.Incidents.Incident(r.Context(), r.PathValue("id"))
	if err != nil {
		s.broken(w, r, err)
		return
	}
	if !ok || !i.IsSituation() {
		s.notFound(w, r)
		return
	}
	s.showSituation(w, r, http.StatusOK, i, nil)
}

func (s *Server) showSituation(w http.ResponseWriter, r *http.Request, code int, i alerting.Incident, wrong error) {
	reader := s.reader(r)
	i = reader.Today(i)
	page := situationPage{Incident: i, Account: alerting.Describe(i, reader), Acts: acts(i), Wrong: wrong,
		Snooze: newSnoozes(reader.Lang, s.Now(), reader.Zone), Signed: signed(r)}
	page.Examples = s.examples(r.Context(), page)
	if chart, ok := s.surgeChart(r.Context(), i, reader); ok {
		page.Chart = &chart
	}
	var err error
	if page.Advice, err = s.inForceFor(r, i); err != nil {
		s.broken(w, r, err)
		return
	}
	page.Advises = adviser(senders(s.Status(r.Context()).Watches), i) != ""
	if page.Others, err = s.others(r); err != nil {
		s.broken(w, r, err)
		return
	}
	if page.Journal, page.Letters, err = s.history(r.Context(), i, reader); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, code, "situation", page)
}

// acts is what one can do with i, what is most likely next in front.
func acts(i alerting.Incident) []alerting.Act {
	switch {
	case i.State == alerting.Resolved && i.FalseAlarm:
		return []alerting.Act{alerting.Reopen}
	case i.State == alerting.Resolved:
		return []alerting.Act{alerting.Reopen, alerting.FalseAlarm}
	case i.State == alerting.Acknowledged:
		return []alerting.Act{alerting.Resolve, alerting.Acknowledge, alerting.FalseAlarm}
	}
	return []alerting.Act{alerting.Acknowledge, alerting.Resolve, alerting.FalseAlarm}
}

// sample is an example: masked here, as it was written one click away.
type sample struct {
	ID    string // of its mention, "" when that is not kept
	Text  string
	Where string
	At    time.Time
}

const sampleLimit = 280

// examples are the mentions that are still kept, else the words that the message had.
func (s *Server) examples(ctx context.Context, page situationPage) (all []sample) {
	for _, id := range page.Incident.Mentions {
		if m, err := s.Mentions.Get(ctx, id); err == nil {
			v := m.Current()
			all = append(all, sample{id, alerting.Quoted(cmp.Or(v.Text, v.Title), sampleLimit), cmp.Or(host(m.URL), m.Source), m.PublishedAt})
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, e := range page.Account.Examples {
		all = append(all, sample{Text: e.Text, Where: e.Place, At: e.At})
	}
	return all
}

const (
	nameCookie = "ouidire_name"
	nameMost   = 40
)

// signed is the name that a browser remembers.
func signed(r *http.Request) string {
	cookie, err := r.Cookie(nameCookie)
	if err != nil {
		return ""
	}
	name, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		return ""
	}
	return alerting.Plain(name, nameMost)
}

// sign is the name of whoever acts: a member's own, else what they typed, which their
// browser remembers.
func (s *Server) sign(w http.ResponseWriter, r *http.Request) string {
	if me := who(r); me.Name != "" {
		return me.Name
	}
	name := alerting.Plain(r.PostFormValue("name"), nameMost)
	cookie := &http.Cookie{Name: nameCookie, Value: escape(name), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	if name == "" {
		cookie.MaxAge = -1
	}
	http.SetCookie(w, cookie)
	return name
}

// others are the members to whom whoever asks may assign a situation.
func (s *Server) others(r *http.Request) (all []state.Member, err error) {
	members, err := s.People.Members(r.Context())
	for _, m := range members {
		if m.Joined() && m.Role.Covers(state.Handler) && m.ID != who(r).ID {
			all = append(all, m)
		}
	}
	return all, err
}

// other is one of the others, the zero member for nobody.
func (s *Server) other(r *http.Request, id string) (state.Member, error) {
	all, err := s.others(r)
	for _, m := range all {
		if m.ID == id {
			return m, err
		}
	}
	return state.Member{}, err
}

// act does what a person decided about a situation.
func (s *Server) act(w http.ResponseWriter, r *http.Request) {
	id, name := r.PathValue("id"), s.sign(w, r)
	action, err := s.action(r, id, name)
	i, wrong := alerting.Incident{}, err
	if err == nil {
		i, wrong = s.Incidents.Act(r.Context(), action)
	} else if i, _, err = s.Incidents.Incident(r.Context(), id); err != nil {
		s.broken(w, r, err)
		return
	}
	switch {
	case alerting.IsUnknown(wrong) || i.ID == "":
		s.notFound(w, r)
	case wrong != nil:
		s.showSituation(w, r, http.StatusConflict, i, wrong)
	default:
		http.Redirect(w, r, "/situations/"+id, http.StatusSeeOther)
	}
}

// action is what the form asks for: a button says which act, one that puts aside
// also until when, "snooze:hour".
func (s *Server) action(r *http.Request, id, name string) (alerting.Action, error) {
	what, until, _ := strings.Cut(r.PostFormValue("act"), ":")
	a := alerting.Action{Incident: id, Act: alerting.Act(what), By: name, Member: who(r).ID, At: s.Now().UTC(), Note: r.PostFormValue("note")}
	var err error
	switch a.Act {
	case alerting.Assign:
		to, err := s.other(r, r.PostFormValue("to"))
		a.To, a.ToMember, a.Address = to.Name, to.ID, to.Email
		return a, err
	case alerting.Snooze:
	default:
		return a, nil
	}
	a.Until, err = wakeAt(until, r.PostFormValue("day")+" "+r.PostFormValue("hour"), s.Now(), s.Status(r.Context()).Zone)
	return a, err
}
