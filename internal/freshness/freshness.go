// Package freshness tells a place that is silent as usual from one that is
// strangely silent: it answers, and yet brings nothing new for far longer than it
// ever does. A feed frozen by its site, the same items under new dates, a list
// behind a wall that shows yesterday's page: all of them look like calm.
//
// A place is judged by its own gaps between new items, and by nothing else. Its
// usual gap is the one within which it spends four fifths of its time, so that
// nights and weekends belong to it and holidays do not; the longest one is not counted at all. Who takes
// weekends off takes holidays: such a place is Late only after two usual gaps and
// nineteen days; a place that publishes every day of the week, after two usual gaps
// and two days and a half. It is Quiet, which is said and trusted still, after two
// usual gaps and a day. A place whose usual gap is longer than two months, or
// that has brought too little to tell, is never judged: three items a year are no
// rhythm. What was watched for less than eight weeks is Late after eight weeks at
// the earliest.
//
// What is new is told by identifiers, never by dates. Dates only tell when it was
// published, so that time when ouidire did not run makes no gap.
//
// It knows no clock and asks nobody. A visit that brings nothing new costs 45 µs of
// processor on a busy machine, its history read from its text, and one that does
// 71 µs (go test -bench .). What the rules find, and how often they are wrong, on a
// simulated fleet stands in docs/performance.md.
package freshness

import (
	"math"
	"time"
)

// Verdict is what to think of a place's silence.
type Verdict int

// The verdicts.
const (
	Usual Verdict = iota // or not enough is known to tell
	Quiet                // longer than usual: worth a look, trusted still
	Late                 // longer than ever: what it publishes is not seen
)

const (
	day = 24 * time.Hour

	// outside is the share of its time that a place may spend in longer gaps than
	// its usual one: a fortnight at Christmas and three weeks in summer.
	outside = 1.0 / 5
	// daily is the longest usual gap of a place that publishes every day of the week.
	daily = 30 * time.Hour
	// holiday is the longest of which one is forgiven.
	holiday = 40 * day
	// longest is the usual gap beyond which silence means nothing.
	longest = 62 * day
	// fewest is how many gaps (the old ones count less) make a rhythm.
	fewest = 6
	// weeks is how long a place must be watched for its weekends to be known.
	weeks, atLeast = 21 * day, 4 * day
	// young is how long a place must be watched to be Late sooner than that.
	young = 56 * day

	daysOff, noDaysOff = 19 * day, 60 * time.Hour
)

// Judge tells what to think of a place that was read well at an instant.
func (h *History) Judge(at time.Time) Verdict {
	usual := h.Usual()
	if usual == 0 {
		return Usual
	}
	late := 2*usual + daysOff
	if usual <= daily {
		late = 2*usual + noDaysOff
	}
	if h.watched() < young {
		late = max(late, young)
	}
	switch silent := at.Sub(h.New); {
	case silent > late:
		return Late
	case silent > 2*usual+day:
		return Quiet
	}
	return Usual
}

// Usual is the place's usual gap, 0 while none can be told.
func (h *History) Usual() time.Duration {
	if h.Count < fewest {
		return 0
	}
	total := 0.0
	for _, hours := range h.Hours {
		total += hours
	}
	forgiven := h.longestBreak()
	total -= forgiven
	usual, beyond := 0, -forgiven
	for i := len(h.Hours) - 1; i >= 0; i-- {
		if beyond += h.Hours[i]; beyond > outside*total {
			usual = i
			break
		}
	}
	gap := upTo(usual)
	if h.watched() < weeks {
		gap = max(gap, atLeast)
	}
	if gap > longest {
		return 0
	}
	return gap
}

// longestBreak is the hours of the longest gap when it may have been a holiday: in a
// first year one summer break weighs too much.
func (h *History) longestBreak() float64 {
	for i := len(h.Hours) - 1; i >= 0; i-- {
		if h.Hours[i] > 0 && upTo(i) <= holiday {
			return min(h.Hours[i], upTo(i).Hours())
		} else if h.Hours[i] > 0 {
			break
		}
	}
	return 0
}

func (h *History) watched() time.Duration { return h.Last.Sub(h.First) }

// Gaps are sorted into classes, each a fifth longer than the one before.
const (
	shortest = 15 * time.Minute
	growth   = 1.2
	classes  = 62 // the last one is of 20 months and more
)

// classOf is the class of a gap.
func classOf(gap time.Duration) int {
	if gap <= shortest {
		return 0
	}
	return min(int(math.Ceil(math.Log(float64(gap)/float64(shortest))/math.Log(growth)-1e-9)), classes-1)
}

// upTo is the longest gap of a class.
func upTo(class int) time.Duration {
	return time.Duration(float64(shortest) * math.Pow(growth, float64(class)))
}
