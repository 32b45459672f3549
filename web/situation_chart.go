package web

import (
	"context"
	"math"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// What a chart of a surge may cost, and how much of it fits.
const (
	surgeRead  = 5000 // comments
	surgeBars  = 72
	surgeWait  = 3 * time.Second
	surgeCalm  = time.Hour // shown before it began
	surgePage  = 500
	negativeAt = 0.5 // from this probability on a comment counts for a surge
)

// surgeChart draws the negative comments around a surge. ok is false when there is
// nothing to draw, or when it takes too long: the page does without.
func (s *Server) surgeChart(ctx context.Context, i alerting.Incident, r alerting.Reader) (c chart, ok bool) {
	if i.Facts.Surge == nil {
		return c, false
	}
	from, to, step := surgeSpan(i)
	ctx, cancel := context.WithTimeout(ctx, surgeWait)
	defer cancel()
	counts, cut, err := s.countNegative(ctx, i.Watch, from, to, step)
	if err != nil {
		s.Log.Warn("a surge is not drawn", "incident", i.ID, "err", err)
		return c, false
	}
	l := r.Lang
	c = chart{Name: "surge", Title: words["situation.chart"].In(l, l.Span(step)), Of: words["situation.chart.of"].In(l),
		Series: []series{{words["situation.chart.negative"].In(l), "negative"}}}
	for n, count := range counts {
		at := from.Add(time.Duration(n) * step).In(r.Zone)
		label := l.Clock(at)
		if step >= time.Hour || to.Sub(from) > 24*time.Hour {
			label = l.MonthDay(at) + ", " + l.Clock(at)
		}
		c.Bars = append(c.Bars, bar{Label: label, Values: []int{count}})
	}
	c.Desc = describeSurge(l, i, step, cut)
	return newChart(c), true
}

// surgeSpan is what is drawn: from the calm before it to its newest comment, in
// steps that are few enough to be told apart.
func surgeSpan(i alerting.Incident) (from, to time.Time, step time.Duration) {
	f := i.Facts.Surge
	from, to = i.Since.Add(-surgeCalm), f.Upto
	if i.Over {
		to = i.Since.Add(f.Lasted)
	}
	to = later(to, i.Since)
	for _, step = range []time.Duration{15 * time.Minute, time.Hour, 3 * time.Hour, 24 * time.Hour} {
		if to.Sub(from) < (surgeBars-1)*step {
			break
		}
	}
	from = from.Truncate(step)
	return later(from, to.Add(-surgeBars*step)), to, step
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// countNegative counts the comments of each step as the rule of surges does; cut
// says that there are more than are read, and the oldest are missing.
func (s *Server) countNegative(ctx context.Context, watch string, from, to time.Time, step time.Duration) (counts []int, cut bool, err error) {
	counts = make([]int, int(to.Sub(from)/step)+1)
	q := store.Question{Watches: []string{watch}, Kinds: []mention.Kind{mention.Comment, mention.Review, mention.Post}, From: from, To: to.Add(time.Second), Gone: true, News: true}
	after, read := "", 0
	for {
		page, next, err := s.Mentions.Search(ctx, q, surgePage, after)
		if err != nil {
			return nil, false, err
		}
		for _, m := range page {
			n := int(m.PublishedAt.Sub(from) / step)
			if reading, known := m.Reading(); known && reading.Negative >= negativeAt && n >= 0 && n < len(counts) {
				counts[n]++
			}
		}
		read += len(page)
		if after = next; after == "" || read >= surgeRead {
			return counts, after != "", nil
		}
	}
}

// describeSurge says in words what the drawing shows.
func describeSurge(l say.Lang, i alerting.Incident, step time.Duration, cut bool) string {
	f := i.Facts.Surge
	usual := 0.0
	if lasted := f.Upto.Sub(i.Since); lasted > 0 {
		usual = f.Usual * float64(step) / float64(lasted)
	}
	desc := words["situation.chart.few"].In(l, l.Number(f.Count), l.Span(step))
	if usual = math.Round(usual); usual >= 1 {
		desc = words["situation.chart.desc"].In(l, l.Number(f.Count), l.Number(int(min(usual, surgeRead))), l.Span(step))
	}
	if cut {
		desc += " " + words["situation.chart.cut"].In(l, l.Number(surgeRead))
	}
	return desc
}
