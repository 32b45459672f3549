package crawler

import (
	"slices"
	"time"

	"github.com/ouidire/ouidire/internal/freshness"
	"github.com/ouidire/ouidire/internal/polite"
)

// A source is blind when its silence says nothing about the world: a verdict over
// it must say so. What the place itself states (it turns us away, shows a login, a
// page or an empty list instead of what it held, is gone) is believed at once. What
// may be weather (no answer, an outage, a crowd) is waited for: two failures in a
// row, half an hour apart at least. A place that asked us to wait is blind when it
// asks for longer than two visits; so is one whose items could not be kept for as
// long. And a source that answers is blind when it has brought nothing new for
// longer than it ever does (package freshness); when that is only longer than usual
// it is read poorly, and trusted.
const (
	weatherLasts = 30 * time.Minute
	graceLeast   = time.Hour
)

// judge sets whether v is blind after a visit, and since when. kept is false when
// the source did its part, and what it brought could not be kept.
func (v *Visit) judge(j Job, kept bool) {
	since, was := v.LastSuccess, v.Blind && (v.Failures > 0 || !kept)
	if was {
		since = v.BlindSince // only an answer heals
	}
	switch {
	case !kept:
		v.Blind = v.Blind || v.Last.Sub(v.LastSuccess) > grace(j)
	case v.Reason == reasonSilent:
		h, _ := freshness.Parse(v.History) // read well a moment ago
		v.Blind, since = h.Judge(v.Last) == freshness.Late, h.New
	case v.Reason == "":
		v.Blind = false
	case was, v.LastSuccess.IsZero(), v.Ended, !weather(v.Reason):
		v.Blind = true
	default:
		v.Blind = v.NotBefore.Sub(v.Last) > grace(j) || v.Failures >= 2 && v.Last.Sub(v.Since) >= weatherLasts
	}
	v.BlindSince = time.Time{}
	if v.Blind {
		v.BlindSince = since
	}
}

// grace is how long a source may be unread and nobody the poorer: two visits.
func grace(j Job) time.Duration { return max(2*j.Interval(), graceLeast) }

// weather tells the failures that pass by themselves.
func weather(reason string) bool {
	return unanswered(reason) || slices.Contains([]string{string(polite.Cut), string(polite.HTTP5xx), string(polite.RateLimited), reasonPanic, reasonOther}, reason)
}

// history is what is remembered of when a source brings something new. One that
// cannot be read is begun again.
func (c *Crawler) history(v *Visit) *freshness.History {
	h, err := freshness.Parse(v.History)
	if err != nil {
		c.opt.Log.Warn("the history of a source is unreadable: beginning it again", "source", v.Source, "err", err)
	}
	return &h
}

// met takes what a visit brought into the history of its source.
func (c *Crawler) met(v *Visit, previous time.Time, items []freshness.Item) {
	if len(items) == 0 {
		return
	}
	if h := c.history(v); h.Visit(c.opt.Now().UTC(), previous, items) {
		v.History = h.String()
	}
}
