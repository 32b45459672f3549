package store

import (
	"errors"
	"time"
)

// MaxBuckets is how many buckets a Histogram gives at most.
const MaxBuckets = 1 << 16

// ErrTooManyBuckets is the answer to a question that spans more than MaxBuckets.
var ErrTooManyBuckets = errors.New("too many buckets: ask for a shorter span or longer steps")

// Starts is where the buckets begin that first to last fall into, in order and
// without gaps, and last the end of the last one: bucket i is [Starts[i], Starts[i+1]).
func (b Buckets) Starts(first, last time.Time) ([]time.Time, error) {
	starts := []time.Time{b.Floor(first)}
	for !starts[len(starts)-1].After(last) {
		if len(starts) > MaxBuckets {
			return nil, ErrTooManyBuckets
		}
		starts = append(starts, b.next(starts[len(starts)-1]))
	}
	return starts, nil
}

// Floor is where the bucket begins that t falls into, in the zone asked for.
func (b Buckets) Floor(t time.Time) time.Time {
	t = t.In(b.zone())
	y, m, d := t.Date()
	switch b.Every {
	case Day:
		return dayStart(y, m, d, b.zone())
	case Week:
		return dayStart(y, m, d-(int(t.Weekday())+6)%7, b.zone())
	case Month:
		return dayStart(y, m, 1, b.zone())
	}
	return hourStart(t)
}

func (b Buckets) next(start time.Time) time.Time {
	y, m, d := start.Date()
	switch b.Every {
	case Day:
		return dayStart(y, m, d+1, b.zone())
	case Week:
		return dayStart(y, m, d+7, b.zone())
	case Month:
		return dayStart(y, m+1, 1, b.zone())
	}
	return hourStart(start.Add(time.Hour))
}

func (b Buckets) zone() *time.Location {
	if b.Zone == nil {
		return time.UTC
	}
	return b.Zone
}

// hourStart is the last full hour on the local clock. Where clocks change by half
// an hour, the change begins an hour too.
func hourStart(t time.Time) time.Time {
	past := time.Duration(t.Minute())*time.Minute + time.Duration(t.Second())*time.Second + time.Duration(t.Nanosecond())
	start := t.Add(-past)
	if change, _ := t.ZoneBounds(); !change.IsZero() && start.Before(change) {
		return change
	}
	return start
}

// dayStart is the first instant of a day: where midnight happens twice the first
// one, where clocks skip it the instant they do.
func dayStart(y int, m time.Month, d int, zone *time.Location) time.Time {
	noon := time.Date(y, m, d, 12, 0, 0, 0, zone)
	midnight := time.Date(noon.Year(), noon.Month(), noon.Day(), 0, 0, 0, 0, time.UTC)
	change, _ := noon.ZoneBounds()
	if change.IsZero() {
		return atOffset(midnight, noon)
	}
	if before := atOffset(midnight, change.Add(-time.Second)); before.Before(change) {
		return before
	}
	if after := atOffset(midnight, change); after.After(change) {
		return after
	}
	return change.In(zone)
}

// atOffset is the instant at which a clock set as that of like reads wall.
func atOffset(wall, like time.Time) time.Time {
	_, offset := like.Zone()
	return wall.Add(-time.Duration(offset) * time.Second).In(like.Location())
}
