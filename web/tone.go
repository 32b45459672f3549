package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// tonePage is how a tone changes, of all mentions or of those that a filter leaves.
type tonePage struct {
	Filter  filter
	Spans   []toneSpan
	Chart   chart
	Later   string // where it is drawn to the end, when that takes too long for a page
	Wrong   error
	Watches []Watch
}

// toneSpan is one of the lengths of time that can be drawn.
type toneSpan struct {
	Name, Value string
	Current     bool
}

// stretch is a time to be drawn, in days or weeks of a zone.
type stretch struct {
	From, To time.Time // days, To excluded
	Weeks    bool
	Zone     *time.Location
}

// lastDays is the last n days up to today.
func lastDays(now time.Time, zone *time.Location, n int) stretch {
	y, m, d := now.In(zone).Date()
	return stretch{From: time.Date(y, m, d-n+1, 0, 0, 0, 0, zone), To: time.Date(y, m, d+1, 0, 0, 0, 0, zone), Zone: zone}
}

// lastWeeks is the last n weeks up to this one, each from the first day of a week as
// readers of l count it.
func lastWeeks(now time.Time, zone *time.Location, l say.Lang, n int) stretch {
	y, m, d := now.In(zone).Date()
	since := (int(now.In(zone).Weekday()) - int(l.FirstDay()) + 7) % 7
	first := d - since - 7*(n-1)
	return stretch{From: time.Date(y, m, first, 0, 0, 0, 0, zone), To: time.Date(y, m, first+7*n, 0, 0, 0, 0, zone), Weeks: true, Zone: zone}
}

// toneSeries is what a chart of tones stands of, from the floor up.
func toneSeries(l say.Lang) []series {
	return []series{
		{words["tone.all.negative"].In(l), "negative"}, {words["tone.neutral"].In(l), "neutral"},
		{words["tone.unsure"].In(l), unsure}, {words["tone.all.positive"].In(l), "positive"},
	}
}

// toneChart draws the tone of what q asks for. The store is asked by day: it knows no
// weeks that begin on a Sunday. f is the filter that q came from, for the links.
func (s *Server) toneChart(ctx context.Context, l say.Lang, q store.Question, f filter, over stretch) (chart, error) {
	q.From, q.To = over.From, over.To
	days, err := s.Mentions.Histogram(ctx, q, store.Buckets{Every: store.Day, Zone: over.Zone, Split: store.ByLabel})
	if err != nil {
		return chart{}, err
	}
	c := chart{Name: "tone", Title: words["tone.title.days"].In(l), Of: words["tone.day"].In(l), Series: toneSeries(l)}
	step := 1
	if over.Weeks {
		c.Title, c.Of, step = words["tone.title.weeks"].In(l), words["tone.week"].In(l), 7
	}
	name := l.MonthDay
	if over.From.Year() != over.To.Year() {
		name = l.Day
	}
	all := map[string]int{}
	for i := 0; i < len(days); i += step {
		c.Bars = append(c.Bars, toneBar(name, f, days[i:min(i+step, len(days))], all))
	}
	total := all[string(mention.Negative)] + all[string(mention.Neutral)] + all[string(mention.Positive)] + all[""]
	c.Desc = words["tone.desc"].In(l, l.Day(over.From), l.Day(over.To.AddDate(0, 0, -1)), l.Number(total),
		l.Number(all[string(mention.Negative)]), l.Number(all[string(mention.Positive)]))
	return newChart(c), nil
}

// toneBar is some days as one bar, called by the name of the first; it adds them to all.
func toneBar(name func(time.Time) string, f filter, days []store.Bucket, all map[string]int) bar {
	sum := map[string]int{}
	for _, d := range days {
		for label, n := range d.By {
			sum[label] += n
			all[label] += n
		}
	}
	first, last := days[0].Start, days[len(days)-1].Start
	f.From, f.To = first.Format(time.DateOnly), last.Format(time.DateOnly)
	return bar{Label: name(first), Href: f.Address("/mentions"),
		Values: []int{sum[string(mention.Negative)], sum[string(mention.Neutral)], sum[""], sum[string(mention.Positive)]}}
}

// The lengths of time that the page of tones offers, by the value of "span".
var toneSpans = []struct {
	value, word string
	over        func(now time.Time, zone *time.Location, l say.Lang) stretch
}{
	{"", "tone.span.days", func(now time.Time, zone *time.Location, _ say.Lang) stretch { return lastDays(now, zone, 30) }},
	{"quarter", "tone.span.quarter", func(now time.Time, zone *time.Location, l say.Lang) stretch { return lastWeeks(now, zone, l, 13) }},
	{"year", "tone.span.year", func(now time.Time, zone *time.Location, l say.Lang) stretch { return lastWeeks(now, zone, l, 52) }},
}

// tone is the page of tones.
func (s *Server) tone(w http.ResponseWriter, r *http.Request) {
	status, l := s.Status(r.Context()), s.lang(r)
	f := readFilter(r.URL.Query())
	f.From, f.To = "", "" // the span says when
	page := tonePage{Filter: f, Watches: status.Watches}
	q, err := f.question(status.Zone)
	if err != nil {
		page.Wrong = err
		s.render(w, r, http.StatusUnprocessableEntity, "tone", page)
		return
	}
	wanted := r.URL.Query().Get("span")
	over := toneSpans[0].over(s.Now(), status.Zone, l)
	for _, span := range toneSpans {
		current := wanted == span.value
		if current {
			over = span.over(s.Now(), status.Zone, l)
		}
		page.Spans = append(page.Spans, toneSpan{words[span.word].In(l), span.value, current})
	}
	ctx, cancel := context.WithTimeout(r.Context(), searchLimit)
	defer cancel()
	done, err := s.turn(ctx)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	defer done()
	page.Chart, err = s.drawn(ctx, r, q, f, over)
	if errors.Is(err, errLater) {
		page.Later, err = f.Address("/tone", "span", wanted, "draw", "1"), nil
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "tone", page)
}

// errLater says that something was given up because a page does not wait that long.
var errLater = errors.New("it takes too long for a page")

// drawn is the chart: within the patience of a page, or to the end for a reader who
// wants to wait.
func (s *Server) drawn(ctx context.Context, r *http.Request, q store.Question, f filter, over stretch) (chart, error) {
	if r.URL.Query().Has("draw") {
		return s.toneChart(ctx, s.lang(r), q, f, over)
	}
	limited, cancel := context.WithTimeout(ctx, s.patience.shows)
	defer cancel()
	c, err := s.toneChart(limited, s.lang(r), q, f, over)
	if err != nil && limited.Err() != nil && ctx.Err() == nil {
		return chart{}, errLater
	}
	return c, err
}
