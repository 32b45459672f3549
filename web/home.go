package web

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// homePage answers two questions at a glance: is anything wrong, and can we see?
type homePage struct {
	Verdict verdict
	Early   []early         // watches of which too little is known to tell every surge
	Kept    *store.State    // of the server that mentions are kept on, when somebody must look; nil otherwise
	Advice  []advice        // what is advised now
	Open    []situationLine // the weightiest first
	News    []situationLine // those that are told for information only
	More    int             // open ones that are not listed
	Counts  counts
	Blind   []alerting.Blindness // sources that are not read, the longest first
	Paused  []string             // sources that a person has switched off
	Pauses  []pause              // when ouidire did not run, newest first
	Asked   []entry              // the newest questions at its own places that the organisation has not answered
	Since   time.Time            // the last visit, zero on the first
	New     []dayOf
	NewMany int  // mentions since then
	NewMore bool // and more
	Before  bool // none is new, and what was published in the last day came from before the installation
	Tone    chart
}

// counts are those of the last 24 hours, but for the sources: they are read now.
type counts struct {
	Sources, Mentions, Questions int
	AtLeast                      bool // there may be more questions: not every comment was looked at
}

// verdict is the first word of the page, and how loud it is.
type verdict struct {
	Class     string // "good", "warn" or "bad"
	N         int    // what the words count, if they do
	One, Many string // keys of the words
	More      string // key of what explains them, "" when the counts do
}

// early is until when surges of some watches are not told, or not all of them.
type early struct {
	Titles string // of these watches, "" for all
	Until  time.Time
	Words  string // key of what is not told
}

// pause is a time when ouidire did not run. Caught: every source was read since.
type pause struct {
	From, To time.Time
	Caught   bool
}

const (
	// homeDays is how far the chart reaches.
	homeDays = 30
	// pausesWithin is how long a pause is worth telling.
	pausesWithin = 7 * 24 * time.Hour
	pausesShown  = 3
	// newWithin is how far back one is told what is new, however long one was away.
	newWithin = 14 * 24 * time.Hour
	newMost   = 100
	newShown  = 8
	openShown = 5

	askedShown = 5
)

// home is the first room.
func (s *Server) home(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), searchLimit)
	defer cancel()
	since := s.visit(w, r)
	page, err := s.newHome(ctx, r, since)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "home", page)
}

func (s *Server) newHome(ctx context.Context, r *http.Request, since time.Time) (page homePage, err error) {
	status, now := s.Status(ctx), s.Now()
	page.Since, page.Kept = since, s.kept()
	if page.Advice, err = s.inForce(r); err != nil {
		return page, err
	}
	open, err := s.Incidents.OpenIncidents(ctx)
	if err != nil {
		return page, err
	}
	slices.SortFunc(open, alerting.Weigh)
	for _, i := range open[:min(len(open), openShown)] {
		if i.Severity == alerting.Inform {
			page.News = append(page.News, s.line(r, i))
		} else {
			page.Open = append(page.Open, s.line(r, i))
		}
	}
	page.More = max(len(open)-openShown, 0)
	blind, err := s.Blind(ctx, "", now)
	if err != nil {
		return page, err
	}
	spans, err := s.Uptime.Spans(ctx, now.Add(-pausesWithin), now)
	if err != nil {
		return page, err
	}
	listened := page.sight(status.Sources, blind)
	page.Pauses = pauses(spans, listened)
	page.Early = soon(status.Watches, now)
	page.Verdict = judge(listened, open, page.Blind).less(page.Kept).early(page.Early)
	page.Counts.Sources = len(listened) - len(page.Blind)
	return page, s.whatWasSaid(ctx, &page, r)
}

// whatWasSaid is the part of the page that the store knows.
func (s *Server) whatWasSaid(ctx context.Context, page *homePage, r *http.Request) (err error) {
	now := s.Now()
	asked, all, err := s.unanswered(ctx, now)
	if err != nil {
		return err
	}
	page.Counts.Questions, page.Counts.AtLeast = len(asked), !all
	for _, m := range asked[:min(len(asked), askedShown)] {
		page.Asked = append(page.Asked, entry{row: newRow(m), Answer: s.answered(ctx, m)})
	}
	if page.Counts.Mentions, err = s.Mentions.Count(ctx, store.Question{From: now.Add(-24 * time.Hour), News: true}); err != nil {
		return err
	}
	if err = s.whatIsNew(ctx, page, r); err != nil {
		return err
	}
	page.Tone, err = s.toneChart(ctx, s.lang(r), store.Question{}, filter{}, lastDays(now, s.Status(ctx).Zone, homeDays))
	return err
}

// sight parts the sources: what a person has switched off is no blindness. It returns
// those that are listened to.
func (p *homePage) sight(sources []Source, blind []alerting.Blindness) (listened []Source) {
	for _, source := range sources {
		if source.Paused {
			p.Paused = append(p.Paused, source.Name)
			continue
		}
		listened = append(listened, source)
	}
	p.Blind = slices.DeleteFunc(blind, func(b alerting.Blindness) bool { return slices.Contains(p.Paused, b.Source) })
	slices.SortStableFunc(p.Blind, func(a, b alerting.Blindness) int { return a.Since.Compare(b.Since) })
	return listened
}

// judge says first what matters most. A source that is not read is never calm; a
// story that is told for information is nothing that is wrong.
func judge(sources []Source, open []alerting.Incident, blind []alerting.Blindness) verdict {
	open = slices.DeleteFunc(slices.Clone(open), func(i alerting.Incident) bool { return i.Severity == alerting.Inform })
	visited := slices.ContainsFunc(sources, func(s Source) bool { return !s.Visit.Last.IsZero() })
	urgent := slices.ContainsFunc(open, func(i alerting.Incident) bool { return i.Severity == alerting.Urgent })
	switch {
	case len(sources) == 0:
		return verdict{"warn", 0, "home.nosource", "home.nosource", "home.nosource.text"}
	case urgent:
		return verdict{"bad", len(open), "home.open.one", "home.open.many", ""}
	case len(open) > 0:
		return verdict{"warn", len(open), "home.open.one", "home.open.many", ""}
	case !visited:
		return verdict{"good", 0, "home.starting", "home.starting", "home.starting.text"}
	case len(blind) == len(sources):
		return verdict{"bad", 0, "home.blind.all", "home.blind.all", "home.blind.all.text"}
	case len(blind) > 0:
		return verdict{"warn", len(blind), "home.blind.one", "home.blind.many", ""}
	}
	return verdict{"good", 0, "home.quiet", "home.quiet", ""}
}

// soon groups the watches of which too little is known at an instant, soonest known first.
func soon(watches []Watch, now time.Time) (all []early) {
	var titles [][]string // beside all
	for _, w := range watches {
		e := early{Until: w.Deaf, Words: "home.deaf"}
		if !w.Deaf.After(now) {
			e = early{Until: w.Wary, Words: "home.wary"}
		}
		if !e.Until.After(now) {
			continue
		}
		at := slices.Index(all, e)
		if at < 0 {
			at, all, titles = len(all), append(all, e), append(titles, nil)
		}
		titles[at] = append(titles[at], cmp.Or(w.Title, w.Name))
	}
	for i := range all {
		if len(titles[i]) < len(watches) {
			all[i].Titles = strings.Join(titles[i], ", ")
		}
	}
	slices.SortStableFunc(all, func(a, b early) int { return a.Until.Compare(b.Until) })
	return all
}

// early is v where surges may not be told yet.
func (v verdict) early(all []early) verdict {
	if v.One != "home.quiet" || len(all) == 0 {
		return v
	}
	v.One, v.Many = "home.quiet.yet", "home.quiet.yet"
	if slices.ContainsFunc(all, func(e early) bool { return e.Words == "home.deaf" }) {
		v.Class = "warn"
	}
	return v
}

// pauses is the time between the spans, newest first.
func pauses(spans []state.Span, sources []Source) (all []pause) {
	for i := len(spans) - 1; i > 0 && len(all) < pausesShown; i-- {
		p := pause{From: spans[i-1].Until, To: spans[i].Start}
		p.Caught = !slices.ContainsFunc(sources, func(s Source) bool { return !s.Visit.Ended && s.Visit.LastSuccess.Before(p.To) })
		all = append(all, p)
	}
	return all
}

// whatIsNew is what was seen since the last visit, or in the last day on the first.
func (s *Server) whatIsNew(ctx context.Context, page *homePage, r *http.Request) error {
	status, now := s.Status(ctx), s.Now()
	since := page.Since
	if since.IsZero() {
		since = now.Add(-24 * time.Hour)
	}
	if earliest := now.Add(-newWithin); since.Before(earliest) {
		since = earliest
	}
	q := store.Question{SeenFrom: since, News: true}
	found, _, err := s.Mentions.Search(ctx, q, newMost+1, "")
	if err != nil {
		return err
	}
	if len(found) > newMost {
		found, page.NewMore = found[:newMost], true
	}
	page.NewMany = len(found)
	if len(found) == 0 {
		before, err := s.Mentions.CountUpTo(ctx, store.Question{From: now.Add(-24 * time.Hour)}, 1)
		if err != nil {
			return err
		}
		page.Before = before > 0
	}
	list, err := s.entries(ctx, q, found)
	if err != nil {
		return err
	}
	page.New = byDay(list[:min(len(list), newShown)], s.lang(r), now, status.Zone)
	return nil
}

const (
	// questionsWithin is how long a question waits for an answer before it is an old one.
	questionsWithin = 7 * 24 * time.Hour
	questionsMost   = 200 // comments that are looked at, and answers
)

// unanswered is the questions that people asked at the organisation's own places, and
// under which it has not answered, newest first. all says that every comment of that
// time was looked at.
func (s *Server) unanswered(ctx context.Context, now time.Time) (open []mention.Mention, all bool, err error) {
	week := store.Question{From: now.Add(-questionsWithin), Kinds: []mention.Kind{mention.Comment, mention.Review}}
	said, next, err := s.Mentions.Search(ctx, week, questionsMost, "")
	if err != nil {
		return nil, false, err
	}
	threads := map[string]bool{}
	for _, m := range said {
		if r, ok := m.Reading(); ok && r.Intent == mention.Question && atHome(m) {
			open = append(open, m)
			threads[m.Thread] = true
		}
	}
	if len(open) == 0 {
		return nil, next == "", nil
	}
	own := store.Question{From: week.From, Own: true, Kinds: week.Kinds, Threads: slices.Collect(maps.Keys(threads))}
	answers, _, err := s.Mentions.Search(ctx, own, questionsMost, "")
	if err != nil {
		return nil, false, err
	}
	open = slices.DeleteFunc(open, func(m mention.Mention) bool {
		return slices.ContainsFunc(answers, func(a mention.Mention) bool { return isAnswer(a, m) })
	})
	return open, next == "", nil
}

// atHome says whether a mention is kept for its place: a comment where the
// organisation itself publishes.
func atHome(m mention.Mention) bool {
	return slices.ContainsFunc(m.Current().Hits, func(h mention.Hit) bool { return len(h.Words) == 0 })
}

// isAnswer says whether a is an answer to m. Networks that know one level of replies
// hang an answer beside the question.
func isAnswer(a, m mention.Mention) bool {
	beside := m.Parent != "" && m.Parent != m.Thread && a.Parent == m.Parent && a.PublishedAt.After(m.PublishedAt)
	return a.Parent == m.ID || beside
}

// visitCookie remembers the last visit and the present one, so that a page that is
// loaded again tells the same as before.
const (
	visitCookie = "ouidire_visit"
	visitLength = 30 * time.Minute // without the home page: the next time is another visit
)

// visit is when the reader was here before, zero for never, and notes that they are now.
func (s *Server) visit(w http.ResponseWriter, r *http.Request) (last time.Time) {
	now := s.Now()
	var before, current time.Time
	if c, err := r.Cookie(visitCookie); err == nil {
		a, b, _ := strings.Cut(c.Value, ".")
		before, current = unix(a, now), unix(b, now)
	}
	if now.Sub(current) > visitLength {
		before = current
	}
	http.SetCookie(w, &http.Cookie{Name: visitCookie, Value: fmt.Sprintf("%d.%d", max(before.Unix(), 0), now.Unix()), Path: "/",
		MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
	return before
}

// unix is an instant of a cookie: anything that cannot be is none.
func unix(s string, now time.Time) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if t := time.Unix(n, 0); err == nil && n > 0 && !t.After(now) {
		return t
	}
	return time.Time{}
}
