// Package surgetest draws streams of negative comments for tests, by the model of our
// measurements (docs/performance.md): a bump of the day and a weekend, a slow drift,
// moods of some hours, comments that bring answers. Where a stream is a surge, the test
// says: here all is as usual.
package surgetest

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// What the model holds fixed.
const (
	moodSD    = 0.4
	moodHours = 6.0
	answers   = 0.2
	answerLag = 30 * time.Minute
	driftSD   = 0.15 // a week
	weekHours = 7 * 24
)

// Monday is when streams begin, at midnight.
var Monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// At is so many hours after Monday.
func At(hours float64) time.Time { return Monday.Add(time.Duration(hours * float64(time.Hour))) }

// Mean draws the true mean of each hour of so many weeks; over a week without drift they
// are rate in the mean.
func Mean(dice *rand.Rand, rate float64, weeks int) []float64 {
	height, peak, weekend := 0.8+0.8*dice.Float64(), 12+8*dice.Float64(), 0.4+0.7*dice.Float64()
	var form [weekHours]float64
	sum := 0.0
	for h := range form {
		form[h] = math.Exp(height * math.Cos(2*math.Pi*(float64(h%24)+0.5-peak)/24))
		if h/24 >= 5 {
			form[h] *= weekend
		}
		sum += form[h]
	}
	mean := make([]float64, weeks*weekHours)
	drift := 0.0
	for h := range mean {
		mean[h] = rate * form[h%weekHours] * weekHours / sum * math.Exp(drift)
		if h%24 == 23 {
			drift += dice.NormFloat64() * driftSD / math.Sqrt(7)
		}
	}
	return mean
}

// Usual draws the comments that come as usual, in order.
func Usual(dice *rand.Rand, mean []float64) (all []time.Time) {
	mood := dice.NormFloat64() * moodSD
	stays := math.Exp(-1 / moodHours)
	for h, m := range mean {
		rate := m * math.Exp(mood-moodSD*moodSD/2) * (1 - answers)
		for t := dice.ExpFloat64() / rate; t < 1; t += dice.ExpFloat64() / rate {
			when := At(float64(h) + t)
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
