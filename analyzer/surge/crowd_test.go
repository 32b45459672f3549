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

func TestEightPeopleWithinHalfAnHourAreACrowdWhateverTheBudget(t *testing.T) {
	nobody := func(int) string { return "" }
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
