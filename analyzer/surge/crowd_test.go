package surge

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ouidire/ouidire/analyzer/surge/surgetest"
	"github.com/ouidire/ouidire/internal/needs"
)

// TestACrowdIsRare counts how often chance brings eight comments within half an hour, when
// as many are usual as a crowd may be told beside: what crowdScore says of it.
func TestACrowdIsRare(t *testing.T) {
	streams := uint64(20)
	if needs.Soak() {
		streams = 200
	}
	const weeks = 26
	crowds, months := 0, 0.0
	for _, rate := range []float64{0.2, 0.5, 1, 2, 5} {
		for seed := range streams {
			dice := rand.New(rand.NewPCG(20260801, seed))
			mean := surgetest.Mean(dice, rate, weeks)
			all := surgetest.Usual(dice, mean)
			var last time.Time
			for i := crowdVoices - 1; i < len(all); i++ {
				h := min(int(all[i].Sub(surgetest.Monday).Hours()), len(mean)-1)
				quick := all[i].Sub(all[i-crowdVoices+1]) <= 30*time.Minute
				if quick && mean[h] <= crowdRate && all[i].Sub(last) > 12*time.Hour {
					crowds, last = crowds+1, all[i]
				}
			}
			months += weeks * 7 / 30.0
		}
	}
	t.Logf("%d crowds in %.0f months", crowds, months)
	if most := FalseAlarms(crowdScore) * months; float64(crowds) > most {
		t.Errorf("%d crowds in %.0f months, want %.1f at most", crowds, months, most)
	}
}

func nobody(int) string { return "" }

func TestEightPeopleWithinHalfAnHourAreACrowdWhateverTheBudget(t *testing.T) {
	for name, c := range map[string]struct {
		perHour, budget float64
		n               int
		apart           time.Duration
		who             func(int) string
		want            bool
	}{
		"eight people":                     {1, 0.04, 8, 4 * time.Minute, nobody, true},
		"eight people in two hours":        {1, 0.04, 8, 17 * time.Minute, nobody, false},
		"seven people":                     {1, 0.04, 7, 4 * time.Minute, nobody, false},
		"one person, twelve times":         {0.2, 0.04, 12, 2 * time.Minute, func(int) string { return "Gontran" }, false},
		"eight where five are usual":       {5, 0.04, 8, 4 * time.Minute, nobody, false},
		"eight people, once in two months": {1, 0.5, 8, 4 * time.Minute, nobody, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{Budget: c.budget})
			end := monday.AddDate(0, 0, 28)
			for at := monday; at.Before(end); at = at.Add(time.Duration(float64(time.Hour) / c.perHour)) {
				s.Add(Arrival{At: at, Seen: at})
			}
			told := false
			for i := range c.n {
				at := end.Add(time.Hour/2 + time.Duration(i)*c.apart)
				_, is := s.Add(Arrival{At: at, Seen: at, Author: c.who(i)})
				told = told || is
			}
			if told != c.want {
				t.Errorf("told: %v, want %v", told, c.want)
			}
		})
	}
}

// TestTheFirstDays installs at any hour of a week, and looks at what is told before two
// days are over: of what is usual, and of ten people within half an hour.
func TestTheFirstDays(t *testing.T) {
	installations := uint64(200)
	if needs.Soak() {
		installations = 2000
	}
	for _, c := range []struct {
		rate         float64
		found, wrong float64 // the least and the most: three standard errors or more from what the whole run has
	}{{0.05, 0.97, 0.02}, {0.2, 0.95, 0.02}, {0.5, 0.9, 0.03}, {1, 0.75, 0.12}, {2, 0.4, 0.33}, {5, 0.05, 0.5}} {
		told, found := 0, 0
		for seed := range installations {
			dice := rand.New(rand.NewPCG(20261122, seed))
			all := surgetest.Usual(dice, surgetest.Mean(dice, c.rate, 2))
			start := surgetest.At(dice.Float64() * 7 * 24)
			end := start.Add(Wary)
			burst := start.Add(Deaf + time.Duration(dice.Float64()*float64(Wary-Deaf)))
			calm, struck := New(Options{Since: start}), New(Options{Since: start})
			calm.Upto(start)
			struck.Upto(start)
			for _, at := range all {
				if at.Before(start) || at.After(end) {
					continue
				}
				if _, is := calm.Add(Arrival{At: at, Seen: at}); is {
					told++
				}
				if at.Before(burst) {
					struck.Add(Arrival{At: at, Seen: at})
				}
			}
			if alarms := burstAt(struck, burst, 30, nobody); len(alarms) > 0 && alarms[0].Count <= 10 {
				found++
			}
		}
		t.Logf("%v an hour: %d of %d found, %d told of nothing", c.rate, found, installations, told)
		if share := float64(found) / float64(installations); share < c.found {
			t.Errorf("%v an hour: %.2f found, want %.2f", c.rate, share, c.found)
		}
		if share := float64(told) / float64(installations); share > c.wrong {
			t.Errorf("%v an hour: %.2f told of nothing in each installation, want %.2f at most", c.rate, share, c.wrong)
		}
	}
}
