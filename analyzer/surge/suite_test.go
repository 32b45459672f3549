package surge

import (
	"fmt"
	"math"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
)

// marked is what a detector got on one kind of surge at one rate.
type marked struct{ surges, found int }

func (m marked) share() float64 { return float64(m.found) / float64(m.surges) }

// want is what the detector is held to at a rate: the measured share of surges found
// at once, by kind, from reference runs over 60 surges each.
type want struct {
	rate    float64
	x5, x10 float64
}

// The shares that the same statistic found in our reference measurements, one
// threshold for all rates. A run of n surges may fall short by three standard errors.
var wanted = []want{{0.05, .03, .22}, {0.2, .27, .63}, {1, .55, .90}, {5, .87, 1}, {20, .88, 1}}

const falseAlarmsMost = 1.3 // a month and stream; above one by what chance allows

func TestSurgesAreFoundAndCalmIsNotTakenForOne(t *testing.T) {
	seed, streams, calm, rates := uint64(20260707), 2, 3, wanted[1:4]
	if needs.Soak() {
		streams, calm, rates = 15, 40, wanted
	}
	for _, w := range rates {
		t.Run(fmt.Sprint(w.rate, " an hour"), func(t *testing.T) {
			t.Parallel()
			for kind, share := range map[string]float64{"x5": w.x5, "x10": w.x10} {
				got := mark(seed, w.rate, kind, streams)
				slack := 3 * math.Sqrt(math.Max(share*(1-share), 0.02)/float64(got.surges))
				t.Logf("%s: %d of %d", kind, got.found, got.surges)
				if got.share() < share-slack {
					t.Errorf("%s: found %d of %d surges, want %.0f%%", kind, got.found, got.surges, 100*share)
				}
			}
			alarms := 0
			for i := range calm {
				alarms += len(calmAlarms(seed, w.rate, i))
			}
			months := float64(calm*(suiteWeeks-quietWeeks)*7) / 30
			t.Logf("false alarms: %d in %.0f months", alarms, months)
			if most := falseAlarmsMost*months + 2*math.Sqrt(months); float64(alarms) > most {
				t.Errorf("%d false alarms in %.0f months", alarms, months)
			}
		})
	}
}

// mark listens to streams with surges of a kind.
func mark(seed uint64, rate float64, kind string, streams int) (m marked) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for i := range streams {
		all.Go(func() {
			sim := simulate(seed, rate, kind, i)
			alarms := listen(New(Options{}), sim.arrivals)
			mu.Lock()
			defer mu.Unlock()
			for _, p := range sim.surges {
				m.surges++
				for _, a := range alarms {
					if !a.Doubled && !a.At.Before(p.from) && !a.At.After(p.to.Add(time.Hour)) {
						m.found++
						break
					}
				}
			}
		})
	}
	all.Wait()
	return m
}

func calmAlarms(seed uint64, rate float64, i int) (alarms []Alarm) {
	for _, a := range listen(New(Options{}), simulate(seed, rate, "", i).arrivals) {
		if !a.Doubled && !a.At.Before(monday.AddDate(0, 0, 7*quietWeeks)) {
			alarms = append(alarms, a)
		}
	}
	return alarms
}

// listen adds arrivals that were seen at once.
func listen(s *Stream, arrivals []time.Time) (alarms []Alarm) {
	for _, t := range arrivals {
		if a, ok := s.Add(Arrival{At: t, Seen: t}); ok {
			alarms = append(alarms, a)
		}
	}
	return alarms
}
