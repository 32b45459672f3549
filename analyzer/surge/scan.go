package surge

import (
	"math"
	"sort"
)

// arrival is one arrival by its publication, or the count of a span.
type arrival struct {
	at     int64
	count  float64
	author uint64 // 0 when unknown
}

// sizes are the numbers of arrivals, or of spans, that are looked at together.
var sizes = [...]int{1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 26, 34, 45, 60, 80, 110, 150}

const (
	longest  = day
	shortest = minute // places that write whole minutes bring many at one instant
)

// burst is a run of arrivals, both ends included, and how strange it is.
type burst struct {
	score    float64
	from, to int
	crowd    bool // it is a crowd, whatever else it is
}

// noBurst is that of an arrival about which nothing is strange.
func noBurst(i int) burst { return burst{score: math.Inf(-1), from: i, to: i} }

// strangest is the strangest run that holds the i-th arrival and begins at since or
// after: one that ends with it, or, when it came late, with a later one.
func (s *Stream) strangest(i int, since int64) burst {
	best := noBurst(i)
	last := min(len(s.recent), i+sizes[len(sizes)-1])
	for end := i; end < last && s.recent[end].at <= s.recent[i].at+longest; end++ {
		if b := s.scan(end, since); b.score > best.score && b.from <= i {
			best = b
		}
	}
	return best
}

// scan finds the strangest run that ends with an arrival, begins at since or after,
// and is not longer than a day. A person who comments again counts for less, so that
// voices need not be whole.
//
// It is better whole: it is the statistic of the package.
func (s *Stream) scan(end int, since int64) burst {
	best, eight := noBurst(end), noBurst(end)
	last := s.recent[end].at
	since = max(since, last-longest)
	l := s.usualAt(last)
	slot := s.past.slotOf(hourOf(last))
	least := l.rate[slot] * float64(shortest) / float64(hour)
	w := walk{past: &s.past, usual: &l.usual, at: last + s.every}
	clear(s.crowd)
	voices, size := 0.0, 0
	for i := end; i >= 0 && size < len(sizes) && s.recent[i].at >= since; i-- {
		voices += s.recent[i].count * s.crowd.hear(s.recent[i].author)
		if end-i+1 < sizes[size] {
			continue
		}
		size++
		if voices < fewest && s.fewer(end-i+1) {
			continue
		}
		if eight.from == end && s.every == 0 && voices >= crowdVoices && s.recent[i].at >= last-crowdWithin && l.rate[slot] <= crowdRate {
			eight = burst{score: crowdScore, from: i}
		}
		w.back(s.recent[i].at)
		mean := max(w.mean, least)
		variance := l.variance(mean, float64(last+s.every-s.recent[i].at)/float64(hour), slot)
		if n := s.after(voices); n > mean+2*math.Sqrt(variance) {
			if score := rarity(n, mean, variance); score > best.score {
				best.score, best.from = score, i
			}
		}
	}
	best.score -= math.Log10(s.chances(l.level) + 1)
	if eight.from == end {
		return best
	}
	best.crowd = true
	if eight.score > best.score {
		best.score, best.from = eight.score, eight.from
	}
	return best
}

// A crowd: eight people within half an hour, where one an hour is usual. How often chance
// brings so many so quickly was counted, not reckoned (TestACrowdIsRare): of short times
// the tail above knows little, and believes answers to come at once.
const (
	crowdVoices = 8
	crowdWithin = 30 * minute
	crowdRate   = 1.25            // an hour as it was learnt: what is learnt of one an hour may be more
	crowdScore  = Threshold + 1.5 // once in thirty months
)

// fewest is how many make a surge at least, whoever they are.
const fewest = 3

// fewer says whether so many arrivals, or spans with fewer voices, are too few.
func (s *Stream) fewer(n int) bool { return s.every > 0 || n < fewest }

// after is how many of the voices of a run came after the arrival that began it: a
// run of arrivals begins where one is.
func (s *Stream) after(voices float64) float64 {
	if s.every > 0 {
		return voices
	}
	return voices - 1
}

// chances is how many runs a month has that could be strange.
func (s *Stream) chances(level float64) float64 {
	if s.every > 0 {
		return min(level*24*30, float64(30*day/s.every))
	}
	return level * 24 * 30
}

// rarity is how rare it is to find n where so many are expected, as a power of ten.
// The shorter a time, the more such times there are.
func rarity(n, mean, variance float64) float64 {
	return -math.Log10(max(tail(n, mean, variance), math.SmallestNonzeroFloat64)) - 0.5*math.Log10(max(1, 3/mean))
}

// walk adds up what is usual from an instant back to earlier ones.
type walk struct {
	past  *past
	usual *usual
	at    int64
	mean  float64
}

func (w *walk) back(to int64) {
	for w.at > to {
		h := hourOf(w.at - 1)
		begin := max(h*hour, to)
		w.mean += w.usual.rate[w.past.slotOf(h)] * float64(w.at-begin) / float64(hour)
		w.at = begin
	}
}

// expected is how many arrivals are usual between two instants.
func (s *Stream) expected(from, to int64) float64 {
	w := walk{past: &s.past, usual: &s.usualAt(to).usual, at: to}
	w.back(from)
	return w.mean
}

// crowd weighs the voices of a run: the second comment of one person counts half as
// much as the first, the third a quarter. Nobody is heard as much as two people.
type crowd map[uint64]float64

func (c crowd) hear(author uint64) float64 {
	if author == 0 {
		return 1
	}
	weight, known := c[author]
	if !known {
		weight = 1
	}
	c[author] = weight / 2
	return weight
}

// place is how many arrivals were published up to an instant: where another of that
// instant belongs.
func place(all []arrival, at int64) int {
	return sort.Search(len(all), func(i int) bool { return all[i].at > at })
}

// count is how many arrived between two instants, both included.
func (s *Stream) count(from, to int64) int {
	first, end := place(s.recent, from-1), place(s.recent, to)
	if s.every == 0 {
		return max(end-first, 0)
	}
	sum := 0.0
	for i := first; i < end; i++ {
		sum += s.recent[i].count
	}
	return int(sum + 0.5)
}
