package surge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/ouidire/ouidire/analyzer/surge/surgetest"
)

// The streams of the suite; surgetest draws what is usual in them. Surges multiply the
// rate, or add a few comments.
const (
	suiteWeeks = 8
	quietWeeks = 2
)

var monday = surgetest.Monday

// planned is a surge of the suite.
type planned struct{ from, to time.Time }

// simulated is one stream of the suite.
type simulated struct {
	arrivals []time.Time
	surges   []planned
}

// simulate draws the stream of a rate an hour; kind is x3, x5, x10, +5, +10, or empty.
func simulate(seed uint64, rate float64, kind string, index int) simulated {
	dice := rand.New(rand.NewPCG(seed, uint64(index)<<32|uint64(rate*100)<<8|uint64(len(kind))<<4|uint64(kindNumber(kind))))
	mean := surgetest.Mean(dice, rate, suiteWeeks)
	s := simulated{arrivals: surgetest.Usual(dice, mean)}
	if kind == "" {
		return s
	}
	const first, last, each = quietWeeks * 7, suiteWeeks*7 - 1, 4
	slot := float64(last-first) / each
	for n := range each {
		day := int(first + float64(n)*slot + dice.Float64()*(slot-5))
		from := (float64(day)*24 + 7 + 15*dice.Float64())
		long := []float64{3, 6, 12}[(index*each+n)%3]
		s.surges = append(s.surges, planned{surgetest.At(from), surgetest.At(from + long)})
		s.arrivals = append(s.arrivals, extra(dice, mean, kindNumber(kind), from, long)...)
	}
	slices.SortFunc(s.arrivals, time.Time.Compare)
	return s
}

func kindNumber(kind string) (n int) {
	_, _ = fmt.Sscanf(kind, "x%d", &n)
	if n == 0 {
		_, _ = fmt.Sscanf(kind, "+%d", &n)
		n = -n
	}
	return n
}

func extra(dice *rand.Rand, mean []float64, times int, from, long float64) (all []time.Time) {
	for n := times; n < 0; n++ {
		all = append(all, surgetest.At(from+long*dice.Float64()))
	}
	if times < 0 {
		return all
	}
	for t := from; t < from+long; {
		rate := float64(times-1) * mean[int(t)]
		next := t + dice.ExpFloat64()/rate
		if end := math.Floor(t) + 1; next > end {
			t = end
			continue
		}
		if t = next; t < from+long {
			all = append(all, surgetest.At(t))
		}
	}
	return all
}
