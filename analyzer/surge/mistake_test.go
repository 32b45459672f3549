package surge

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// told is whether a burst raises an alarm, on a stream that heard another one two hours
// before.
func told(t *testing.T, first, second int, mistaken bool, later time.Duration) bool {
	t.Helper()
	s := New(Options{})
	at := months(s, 6, 0.2).Add(9 * time.Hour)
	alarms := burstAt(s, at, first, everybody)
	if len(alarms) == 0 {
		t.Fatal("the first burst is not told")
	}
	if said := at.Add(45 * time.Minute); mistaken {
		s.Mistaken(Mistake{From: alarms[0].Since, To: said, Said: said})
		if n := s.Now(); n.Active {
			t.Errorf("a mistake goes on: %+v", n)
		}
	}
	again := burstAt(s, at.Add(later), second, func(i int) string { return everybody(i + 100) })
	return slices.ContainsFunc(again, func(a Alarm) bool { return !a.Doubled })
}

func TestAMistakeHidesNothingLargerThanItself(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second int
		mistaken      bool
		later         time.Duration
		want          bool
	}{
		{"after a true surge another start is muted", 8, 30, false, 3 * time.Hour, false},
		{"after a mistake what is larger begins", 8, 30, true, 3 * time.Hour, true},
		{"what is left of it does not", 20, 15, true, time.Hour, false},
		{"nor what is as large", 12, 12, true, 3 * time.Hour, false},
		{"a day after it is judged as ever", 20, 15, true, 26 * time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := told(t, c.first, c.second, c.mistaken, c.later); got != c.want {
				t.Errorf("told: %v, want %v", got, c.want)
			}
		})
	}
}

// newsletters is how many of a few comments of every Monday are told, of eight weeks.
func newsletters(size int, mistaken bool) (n int) {
	s := New(Options{})
	monday := months(s, 6, 0.2)
	dice := rand.New(rand.NewPCG(7, 7))
	for week := range 8 {
		at := monday.AddDate(0, 0, 7*week).Add(9 * time.Hour)
		var alarms []Alarm
		for i := range size {
			alarms = append(alarms, burstAt(s, at.Add(time.Duration(i)*6*time.Minute), 1, func(int) string { return everybody(i) })...)
		}
		n += min(len(alarms), 1)
		if said := at.Add(time.Hour); mistaken && len(alarms) > 0 {
			s.Mistaken(Mistake{From: alarms[0].Since, To: said, Said: said})
		}
		for t := at.Add(2 * time.Hour); t.Before(at.AddDate(0, 0, 6)); t = t.Add(time.Duration(dice.ExpFloat64() * 5 * float64(time.Hour))) {
			s.Add(Arrival{At: t, Seen: t})
		}
	}
	return n
}

func TestWhatIsCalledAMistakeEachWeekIsLearntSooner(t *testing.T) {
	for _, size := range []int{6, 9, 13} {
		before, after := newsletters(size, false), newsletters(size, true)
		if before < 8 || 3*after > 2*before {
			t.Errorf("%d comments each Monday: without a word %d of 8 are told, with one %d; want a third fewer", size, before, after)
		}
	}
}

func TestAMistakeFromLongAgoOrBeforeAnythingIsHarmless(t *testing.T) {
	s, bare := New(Options{}), New(Options{})
	bare.Mistaken(Mistake{From: monday, To: monday.Add(time.Hour), Said: monday.Add(2 * time.Hour)})
	if n := bare.Now(); n.Active || !n.Since.IsZero() {
		t.Errorf("out of nothing: %+v", n)
	}
	end := months(s, 6, 0.2).Add(9 * time.Hour)
	burstAt(s, end, 12, everybody)
	want := s.Now()
	s.Mistaken(Mistake{From: monday.AddDate(-3, 0, 0), To: monday.AddDate(-3, 0, 1), Said: end.Add(20 * time.Minute)})
	if got := s.Now(); !got.Active || !got.Since.Equal(want.Since) {
		t.Errorf("a mistake of three years ago ends what goes on: %+v", got)
	}
}
