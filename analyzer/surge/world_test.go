package surge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// The model of a stream of negative comments: a bump of the day and a weekend, a slow
// drift, moods of some hours, comments that bring answers. Surges multiply the rate,
// or add a few comments. It is the model of our measurements (docs/performance.md),
// drawn by other dice.
const (
	moodSD     = 0.4
	moodHours  = 6.0
	answers    = 0.2
	answerLag  = 30 * time.Minute
	driftSD    = 0.15 // a week
	suiteWeeks = 8
	quietWeeks = 2
)

var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

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
	mean := meanOf(dice, rate)
	s := simulated{arrivals: background(dice, mean)}
	if kind == "" {
		return s
	}
	const first, last, each = quietWeeks * 7, suiteWeeks*7 - 1, 4
	slot := float64(last-first) / each
	for n := range each {
		day := int(first + float64(n)*slot + dice.Float64()*(slot-5))
		from := (float64(day)*24 + 7 + 15*dice.Float64())
		long := []float64{3, 6, 12}[(index*each+n)%3]
		s.surges = append(s.surges, planned{at(from), at(from + long)})
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

func at(hours float64) time.Time { return monday.Add(time.Duration(hours * float64(time.Hour))) }

// meanOf is the true mean of each hour.
func meanOf(dice *rand.Rand, rate float64) []float64 {
	height, peak, weekend := 0.8+0.8*dice.Float64(), 12+8*dice.Float64(), 0.4+0.7*dice.Float64()
	var form [slots]float64
	for h := range form {
		form[h] = math.Exp(height * math.Cos(2*math.Pi*(float64(h%24)+0.5-peak)/24))
		if h/24 >= 5 {
			form[h] *= weekend
		}
	}
	meanOne(form[:])
	mean := make([]float64, suiteWeeks*slots)
	drift := 0.0
	for h := range mean {
		mean[h] = rate * form[h%slots] * math.Exp(drift)
		if h%24 == 23 {
			drift += dice.NormFloat64() * driftSD / math.Sqrt(7)
		}
	}
	return mean
}

func background(dice *rand.Rand, mean []float64) (all []time.Time) {
	mood := dice.NormFloat64() * moodSD
	stays := math.Exp(-1 / moodHours)
	for h, m := range mean {
		rate := m * math.Exp(mood-moodSD*moodSD/2) * (1 - answers)
		for t := dice.ExpFloat64() / rate; t < 1; t += dice.ExpFloat64() / rate {
			when := at(float64(h) + t)
			all = append(all, when)
			for dice.Float64() < answers {
				when = when.Add(time.Duration(dice.ExpFloat64() * float64(answerLag)))
				all = append(all, when)
			}
		}
		mood = stays*mood + dice.NormFloat64()*moodSD*math.Sqrt(1-stays*stays)
	}
	slices.SortFunc(all, time.Time.Compare)
	return all
}

func extra(dice *rand.Rand, mean []float64, times int, from, long float64) (all []time.Time) {
	for n := times; n < 0; n++ {
		all = append(all, at(from+long*dice.Float64()))
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
			all = append(all, at(t))
		}
	}
	return all
}
