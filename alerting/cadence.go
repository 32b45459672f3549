package alerting

import "time"

// Every is how often an edition comes.
type Every string

// The lengths between two editions, by the calendar.
const (
	Daily  Every = "day"
	Weekly Every = "week"
)

// Cadence is the hours of the organisation at which an edition comes: exactly one a
// day, or a week, also when a day has 23 or 25 hours.
type Cadence struct {
	Every Every
	On    time.Weekday   // of a weekly one
	At    time.Duration  // since midnight, by the clock on the wall
	Zone  *time.Location // nil is UTC
}

func (c Cadence) zone() *time.Location {
	if c.Zone == nil {
		return time.UTC
	}
	return c.Zone
}

// next is the first hour of the cadence after an instant. An hour that a day does not
// have, or has twice, is one instant of that day all the same.
func (c Cadence) next(after time.Time) time.Time {
	year, month, day := after.In(c.zone()).Date()
	for day--; ; day++ {
		noon := time.Date(year, month, day, 12, 0, 0, 0, c.zone())
		at := time.Date(year, month, day, int(c.At/time.Hour), int(c.At%time.Hour/time.Minute), 0, 0, c.zone())
		if at.After(after) && (c.Every != Weekly || noon.Weekday() == c.On) {
			return at
		}
	}
}

// due is when the edition that follows the one of last is to be made: at its hour, or,
// when we did not run then, once what was missed has come in. What we woke too late
// for on its own day comes at the hour of the next: nobody is told of the morning in
// the middle of the night, and of several that were missed one is made.
func (c Cadence) due(last, now time.Time, p pause) time.Time {
	hour := c.next(last)
	for next := c.next(hour); !next.After(now); next = c.next(hour) {
		hour = next
	}
	if p.to.IsZero() || !p.to.After(hour.Add(-catchUpMost)) || p.from.After(hour) {
		return hour
	}
	ready := lastOf(hour, p.to.Add(catchUpMost))
	if sameDay(ready.In(c.zone()), hour.In(c.zone())) {
		return ready
	}
	c.Every = Daily
	return c.next(ready.Add(-time.Nanosecond))
}
