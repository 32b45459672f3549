package surge

import (
	"math"
	"time"
)

// Hours are what is learnt from: 24 weeks of them, at every sixth hour.
const (
	memory     = 24 * slots
	learnEvery = 6
	slots      = 7 * 24 // hours of a week
)

// Instants are microseconds since 1970.
const (
	second = int64(time.Second / time.Microsecond)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// hourOf is the number of the hour of UTC in which an instant lies.
func hourOf(t int64) int64 { return floor(t, hour) }

// floor divides downwards.
func floor(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// unsaid is the hour since when somebody listened when nobody says it.
const unsaid = math.MaxInt64

// past is how many arrivals each hour had, and which hours could not be seen.
type past struct {
	zone  *time.Location
	since int64  // the hour from which on silence was calm, whether or not anything arrived
	first int64  // the hour of cells[0]
	cells []cell // without gaps; empty before the clock runs
}

// cell is one hour of UTC.
type cell struct {
	count  float64
	slot   uint8 // hour of the local week, from Monday
	unseen bool
	whole  bool // all of it is usual, as a person said
}

// slotOf is the hour of the local week in which the middle of an hour of UTC lies:
// right when clocks change, and where they differ from UTC by half an hour.
func (p *past) slotOf(h int64) uint8 {
	if i := h - p.first; i >= 0 && i < int64(len(p.cells)) {
		return p.cells[i].slot
	}
	local := time.Unix(h*3600+1800, 0).In(p.zone)
	return uint8((int(local.Weekday())+6)%7*24 + local.Hour())
}

func (p *past) end() int64 { return p.first + int64(len(p.cells)) }

// add counts what arrived in an hour, unless that was too long ago to matter.
func (p *past) add(h int64, count float64, now int64) bool {
	if h < hourOf(now)-memory-learnEvery {
		return false
	}
	if h < p.first {
		p.before(h)
	}
	p.reach(h)
	p.cells[h-p.first].count += count
	return true
}

// before goes back to the hour h.
func (p *past) before(h int64) {
	grown := make([]cell, p.first-h, p.end()-h)
	for i := range grown {
		grown[i].slot = p.slotOf(h + int64(i))
	}
	p.cells = append(grown, p.cells...)
	p.first = h
}

// begin lets the clock run from the hour h.
func (p *past) begin(h int64) {
	p.first = h
	p.reach(h)
}

// reach goes on to the hour h and forgets from time to time what is past its time.
func (p *past) reach(h int64) {
	if h-p.end() > 2*memory {
		p.first, p.cells = h-memory, nil
	}
	for p.end() <= h {
		p.cells = append(p.cells, cell{slot: p.slotOf(p.end())})
	}
	if len(p.cells) > 3*memory {
		old := len(p.cells) - 2*memory
		p.first += int64(old)
		p.cells = append([]cell(nil), p.cells[old:]...)
	}
}

// hide marks the hours from one to another as unseen.
func (p *past) hide(from, to int64) {
	p.reach(to)
	for h := max(from, p.first); h < to; h++ {
		p.cells[h-p.first].unseen = true
	}
}

// trust marks the hours from one to another as usual.
func (p *past) trust(from, to int64) {
	p.reach(to)
	for h := max(from, p.first); h < to; h++ {
		p.cells[h-p.first].whole = true
	}
}

// learn learns what was usual before an hour, from the first hour on that had an
// arrival or in which somebody listened.
func (p *past) learn(before int64) *learnt {
	p.reach(before)
	first := max(p.first, before-memory)
	for first < min(before, p.since) && p.cells[first-p.first].count == 0 {
		first++
	}
	switch {
	case first < before:
		return &learnt{learn(p.cells[first-p.first : before-p.first]), before, first}
	case p.since != unsaid:
		return &learnt{learn(nil), before, max(before, p.since)}
	}
	return &learnt{learn(nil), before, before}
}

// empty says how many of these hours, from the first on, could not be seen and had
// nothing: what could not be seen and was caught up with is as good as seen.
func empty(cells []cell) int {
	for n, c := range cells {
		switch {
		case !c.unseen:
			return n
		case c.count > 0:
			return 0
		}
	}
	return len(cells)
}
