package web

import (
	"cmp"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// advisePage is the form of an advisory, and, once it is filled in, what would go out.
type advisePage struct {
	alerting.Draft
	Others     []Watch // whose organisations may advise here too
	FromTitle  string
	Affiliates []Watch
	Days       []choice
	Day        string         // of Days
	On         *situationLine // the situation that it is about, nil for none
	Signed     string         // the name that this browser signed with last

	Preview bool
	Letters []letterShown // one for each language
	Reached []reach
	Wrong   error
}

// reach is by which channels the people of a watch are told.
type reach struct {
	Title    string
	Channels []string
}

// Chosen says whether a watch is among those to be advised.
func (p advisePage) Chosen(watch string) bool { return slices.Contains(p.To, watch) }

// usualDay is which of the days is chosen when nobody chose: two days from now.
const usualDay = 2

// adviseForm shows the form: of the organisation of a situation, of one that is named, or
// of the first that has affiliates.
func (s *Server) adviseForm(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	d := alerting.Draft{Form: rand.Text(), Advisory: alerting.Advisory{From: q.Get("from"), About: q.Get("about")}}
	page, ok := s.advising(w, r, d)
	if !ok {
		return
	}
	page.Day, page.Signed = page.Days[usualDay].Value, signed(r)
	for _, a := range page.Affiliates {
		page.To = append(page.To, a.Name)
	}
	s.render(w, r, http.StatusOK, "advise", page)
}

// advising is the form around a draft; where nobody may be advised, it has answered.
func (s *Server) advising(w http.ResponseWriter, r *http.Request, d alerting.Draft) (page advisePage, ok bool) {
	on, err := s.adviseOn(r, &d)
	if err != nil {
		s.broken(w, r, err)
		return page, false
	}
	status := s.Status(r.Context())
	all := senders(status.Watches)
	if d.From == "" && len(all) > 0 {
		d.From = all[0].Name
	}
	page = advisePage{Draft: d, On: on, Days: newSnoozes(s.lang(r), s.Now(), status.Zone).Days}
	for _, sender := range all {
		if sender.Name != d.From {
			page.Others = append(page.Others, sender)
			continue
		}
		page.FromTitle = sender.Title
		page.Affiliates = slices.DeleteFunc(slices.Clone(status.Watches), func(w Watch) bool { return !slices.Contains(sender.Affiliates, w.Name) })
	}
	if len(page.Affiliates) == 0 {
		s.notFound(w, r)
		return page, false
	}
	return page, true
}

// adviser is the first of these organisations that a situation concerns, "" for none.
func adviser(senders []Watch, i alerting.Incident) string {
	for _, sender := range senders {
		if slices.Contains(concerned(i), sender.Name) {
			return sender.Name
		}
	}
	return ""
}

// adviseOn is the situation that a draft is about. Where nobody said whose draft it is, it
// is of that situation's organisation; what is about another's is about nothing.
func (s *Server) adviseOn(r *http.Request, d *alerting.Draft) (*situationLine, error) {
	about, known, err := s.Incidents.Incident(r.Context(), d.About)
	if err != nil {
		return nil, err
	}
	if known && d.From == "" {
		d.From = cmp.Or(adviser(senders(s.Status(r.Context()).Watches), about), about.Watch)
	}
	if d.About = ""; !known || !slices.Contains(concerned(about), d.From) || !about.IsSituation() {
		return nil, nil
	}
	stories, err := s.storiesOf(r.Context(), about)
	if err != nil {
		return nil, err
	}
	if d.About = about.ID; len(stories) > 0 {
		d.Story = stories[0]
	}
	line := s.line(r, about)
	return &line, nil
}

// advise shows what would go out, sends it, or goes back to the form.
func (s *Server) advise(w http.ResponseWriter, r *http.Request) {
	if !s.parsed(w, r) {
		return
	}
	page, ok := s.advising(w, r, s.drafted(w, r))
	if !ok {
		return
	}
	page.To = slices.DeleteFunc(slices.Clone(r.PostForm["to"]), func(watch string) bool {
		return !slices.ContainsFunc(page.Affiliates, func(w Watch) bool { return w.Name == watch })
	})
	page.Day, page.Signed = r.PostFormValue("day"), page.By
	switch r.PostFormValue("do") {
	case "edit":
		s.render(w, r, http.StatusOK, "advise", page)
	case "send":
		s.sendAdvice(w, r, page)
	default:
		s.previewAdvice(w, r, page)
	}
}

// drafted is what was filled in.
func (s *Server) drafted(w http.ResponseWriter, r *http.Request) alerting.Draft {
	until := time.Time{}
	if day, err := time.ParseInLocation(time.DateOnly, r.PostFormValue("day"), s.Status(r.Context()).Zone); err == nil {
		until = day.AddDate(0, 0, 1).UTC()
	}
	return alerting.Draft{Form: r.PostFormValue("form"), Urgent: r.PostFormValue("urgent") != "", At: s.Now().UTC(), Advisory: alerting.Advisory{
		From: r.PostFormValue("from"), About: r.PostFormValue("about"), Until: until,
		Subject: r.PostFormValue("subject"), Advice: r.PostFormValue("advice"), Answer: r.PostFormValue("answer"),
		By: s.sign(w, r), Member: who(r).ID,
	}}
}

func (s *Server) sendAdvice(w http.ResponseWriter, r *http.Request, page advisePage) {
	sent, err := s.Advisories.Advise(r.Context(), page.Draft)
	spoken := (*say.Error)(nil)
	switch {
	case errors.As(err, &spoken):
		page.Wrong = err
		s.render(w, r, http.StatusUnprocessableEntity, "advise", page)
	case err != nil:
		s.broken(w, r, err)
	default:
		http.Redirect(w, r, "/advisories/"+sent.ID+"?sent=", http.StatusSeeOther)
	}
}

// previewAdvice shows the message in each language that it would go out in, and who
// would get it.
func (s *Server) previewAdvice(w http.ResponseWriter, r *http.Request, page advisePage) {
	made, err := alerting.Advise(page.Draft)
	if err != nil {
		page.Wrong = err
		s.render(w, r, http.StatusUnprocessableEntity, "advise", page)
		return
	}
	status, reader := s.Status(r.Context()), s.reader(r)
	page.Preview, page.Advisory, reader.Page = true, *made.Facts.Advisory, s.at(r)
	for _, a := range page.Affiliates {
		if page.Chosen(a.Name) {
			page.Reached = append(page.Reached, reach{a.Title, tells(status.Channels, a.Name)})
		}
	}
	for _, l := range languages(status.Channels, page.To, reader.Lang) {
		reader.Lang = l
		subject, body, _ := alerting.Compose(made, nil, reader)
		page.Letters = append(page.Letters, letterShown{Subject: subject, Body: body, Lang: string(l)})
	}
	s.render(w, r, http.StatusOK, "advise", page)
}

// tells are the channels that tell people about a watch.
func tells(channels []Channel, watch string) (names []string) {
	for _, c := range channels {
		if slices.Contains(c.Watches, watch) {
			names = append(names, c.Name)
		}
	}
	return names
}

// languages are those of whoever is told about these watches, that of the reader when
// nobody is.
func languages(channels []Channel, watches []string, own say.Lang) (all []say.Lang) {
	for _, c := range channels {
		told := slices.ContainsFunc(watches, func(watch string) bool { return slices.Contains(c.Watches, watch) })
		if told && !slices.Contains(all, c.Lang) {
			all = append(all, c.Lang)
		}
	}
	if len(all) == 0 {
		return []say.Lang{own}
	}
	return all
}
