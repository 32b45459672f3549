package surge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
)

// months is a calm life of so many weeks, some comments a day.
func months(s *Stream, weeks int, perHour float64) time.Time {
	dice := rand.New(rand.NewPCG(5, 8))
	end := monday.AddDate(0, 0, 7*weeks)
	for t := monday; t.Before(end); t = t.Add(time.Duration(dice.ExpFloat64() / perHour * float64(time.Hour))) {
		s.Add(Arrival{At: t, Seen: t, Author: fmt.Sprint("passant ", t.Unix())})
	}
	s.Upto(end)
	return end
}

// burstAt is n comments a minute apart, each by the person that who names.
func burstAt(s *Stream, t time.Time, n int, who func(i int) string) (alarms []Alarm) {
	for i := range n {
		at := t.Add(time.Duration(i) * time.Minute)
		if a, ok := s.Add(Arrival{At: at, Seen: at, Author: who(i)}); ok {
			alarms = append(alarms, a)
		}
	}
	return alarms
}

func everybody(i int) string { return fmt.Sprint("personne ", i) }
func somebody(int) string    { return "la même personne" }

func TestASurgeIsToldOnceAndAgainWhenItHasGrown(t *testing.T) {
	s := New(Options{})
	end := months(s, 6, 0.2)
	alarms := burstAt(s, end.Add(9*time.Hour), 34, everybody)
	if len(alarms) < 2 || alarms[0].Doubled {
		t.Fatalf("got %+v", alarms)
	}
	first := alarms[0]
	if first.Count > 6 || first.Since.Before(end) || first.WarmUp || first.Expected > 1 || first.Score < Threshold || FalseAlarms(first.Score) > 1 {
		t.Errorf("the start: %+v", first)
	}
	for i, a := range alarms[1:] {
		if !a.Doubled || a.Count < 2*alarms[i].Count || !a.Since.Equal(first.Since) || a.Count != int(a.At.Sub(a.Since)/time.Minute)+1 {
			t.Errorf("told again: %+v after %+v", a, alarms[i])
		}
	}
	if n := s.Now(); !n.Active || n.Count != 34 || !n.Since.Equal(first.Since) {
		t.Errorf("now: %+v", n)
	}
}

func TestALargeSurgeIsToldAFewTimes(t *testing.T) {
	s := New(Options{})
	end := months(s, 6, 0.2)
	alarms := burstAt(s, end.Add(9*time.Hour), 300, everybody)
	var counts []int
	for _, a := range alarms {
		counts = append(counts, a.Count)
	}
	if n := len(counts); n < 3 || n > 4 || counts[1] != 2*counts[0] || counts[2] != 4*counts[1] {
		t.Errorf("told at %v", counts)
	}
}

func TestASurgeIsOverWhenItIsAsCalmAsUsual(t *testing.T) {
	s := New(Options{})
	end := months(s, 6, 0.2)
	began := end.Add(9 * time.Hour)
	burstAt(s, began, 34, everybody)
	for t0 := began.Add(34 * time.Minute); s.Now().Active; t0 = s.Now().Next {
		if s.Upto(t0); t0.After(began.Add(24 * time.Hour)) {
			t.Fatal("still not over a day later")
		}
	}
	n := s.Now()
	if lasted := n.Over.Sub(began); lasted < 3*time.Hour || lasted > 6*time.Hour || n.Count != 34 {
		t.Errorf("over after %v: %+v", lasted, n)
	}
	if again := burstAt(s, began.Add(36*time.Hour), 34, everybody); len(again) == 0 || again[0].Doubled {
		t.Errorf("the next one, a day and a half later: %+v", again)
	}
}

func TestNothingIsOverWhileWeCannotSee(t *testing.T) {
	var from, to time.Time
	s := New(Options{Blind: func(at time.Time) bool { return !at.Before(from) && at.Before(to) }})
	began := months(s, 6, 0.2).Add(9 * time.Hour)
	burstAt(s, began, 20, everybody)
	from, to = began.Add(30*time.Minute), began.Add(11*time.Hour)
	s.Upto(to)
	if !s.Now().Active {
		t.Fatal("it was over while nobody could see")
	}
	s.Upto(to.Add(time.Hour))
	if n := s.Now(); n.Active || n.Over.Before(to) {
		t.Errorf("an hour later: %+v", n)
	}
}

func TestTimeThatNobodySawDoesNotTeachThatItWasCalm(t *testing.T) {
	blindFrom := monday.AddDate(0, 0, 28)
	seen, unseen := New(Options{}), New(Options{Blind: func(at time.Time) bool { return at.After(blindFrom) }})
	months(seen, 4, 2)
	months(unseen, 4, 2)
	later := blindFrom.AddDate(0, 0, 10)
	seen.Upto(later)
	unseen.Upto(later)
	if a, b := seen.usualAt(micros(later)).level, unseen.usualAt(micros(later)).level; a > 1.7 || b < 1.85 {
		t.Errorf("ten silent days: %.2f an hour when they were seen, %.2f when not; it was 2", a, b)
	}
	// What is caught up with was seen after all.
	unseen.Add(Arrival{At: blindFrom.AddDate(0, 0, 5), Seen: later, History: true})
	if b := unseen.usualAt(micros(later)).level; b > 1.7 {
		t.Errorf("after a catch-up that brought one: %.2f an hour", b)
	}
}

func TestOnePersonWithTwelveCommentsIsNoSurge(t *testing.T) {
	for _, perHour := range []float64{0.05, 0.2, 1, 5} {
		s := New(Options{})
		began := months(s, 6, perHour).Add(9 * time.Hour)
		if alarms := burstAt(s, began, 12, somebody); len(alarms) > 0 {
			t.Errorf("%v an hour: %+v", perHour, alarms)
		}
	}
}

func TestAFewPeopleWhoArgueWeighLessThanManyAndAreNotIgnored(t *testing.T) {
	tell := func(people int) int {
		s := New(Options{})
		began := months(s, 6, 0.05).Add(9 * time.Hour)
		alarms := burstAt(s, began, 7, func(i int) string { return fmt.Sprint(i % people) })
		if len(alarms) == 0 {
			return math.MaxInt
		}
		return alarms[0].Count
	}
	if three, seven := tell(3), tell(7); three == math.MaxInt || seven > three {
		t.Errorf("three people are told after %d comments, seven after %d", three, seven)
	}
}

func TestAnHistoryTeachesAndRaisesNoAlarm(t *testing.T) {
	s := New(Options{})
	first := monday.AddDate(0, 0, 56)
	for i := range 2000 {
		at := monday.Add(time.Duration(i) * 40 * time.Minute)
		if a, ok := s.Add(Arrival{At: at, Seen: first, History: true}); ok {
			t.Fatalf("told of history: %+v", a)
		}
	}
	if n := s.Now(); n.WarmUp || n.Active {
		t.Errorf("after eight weeks of history: %+v", n)
	}
	if level := s.usualAt(micros(first)).level; math.Abs(level-1.5) > 0.1 {
		t.Errorf("it taught %v an hour, and was 1.5", level)
	}
}

func TestWhatIsCaughtUpWithIsJudgedByWhenItWasPublished(t *testing.T) {
	s := New(Options{})
	end := months(s, 6, 0.2)
	began, seen := end.Add(9*time.Hour), end.Add(15*time.Hour)
	var told []Alarm
	for i := 19; i >= 0; i-- { // newest first, as lists are
		if a, ok := s.Add(Arrival{At: began.Add(time.Duration(i) * time.Minute), Seen: seen}); ok {
			told = append(told, a)
		}
	}
	if len(told) == 0 || told[0].At.After(began.Add(20*time.Minute)) || told[0].Since.Before(began) {
		t.Errorf("got %+v", told)
	}
	late := New(Options{})
	months(late, 6, 0.2)
	for i := range 20 { // the same number, published over a day and seen together
		if a, ok := late.Add(Arrival{At: end.Add(time.Duration(i) * 75 * time.Minute), Seen: end.Add(25 * time.Hour)}); ok && i < 4 {
			t.Errorf("what trickled in before it was seen: %+v", a)
		}
	}
}

func TestWhatIsDatedAfterItWasSeenCountsWhenItWasSeen(t *testing.T) {
	s := New(Options{})
	end := months(s, 6, 0.2)
	seen := end.Add(9 * time.Hour)
	s.Upto(seen.Add(time.Hour)) // and it was seen earlier than the last one
	for i := range 8 {
		if a, ok := s.Add(Arrival{At: seen.AddDate(0, 0, i), Seen: seen}); ok && (!a.At.Equal(seen) || !a.Since.Equal(seen)) {
			t.Errorf("got %+v", a)
		}
	}
	if n := s.Now(); !n.Active || n.Count != 8 {
		t.Errorf("now %+v", n)
	}
}

func TestAtFirstOnlyACrowdIsToldAndWarmUpIsSaid(t *testing.T) {
	for _, c := range []struct {
		after  time.Duration
		people int
		told   int
	}{{5 * time.Hour, 50, 0}, {7 * time.Hour, 7, 0}, {7 * time.Hour, 8, 8}, {47 * time.Hour, 7, 0}, {47 * time.Hour, 50, 8}, {49 * time.Hour, 7, 3}} {
		s := New(Options{})
		s.Add(Arrival{At: monday, Seen: monday})
		told := burstAt(s, monday.Add(c.after), c.people, everybody)
		if c.told == 0 && len(told) > 0 || c.told > 0 && (len(told) == 0 || told[0].Count != c.told || !told[0].WarmUp) {
			t.Errorf("%d people after %v: %+v", c.people, c.after, told)
		}
	}
	for _, c := range []struct {
		days int
		warm bool
	}{{5, true}, {13, true}, {15, false}} {
		s := New(Options{})
		s.Add(Arrival{At: monday, Seen: monday})
		if told := burstAt(s, monday.AddDate(0, 0, c.days), 60, everybody); len(told) == 0 || told[0].WarmUp != c.warm {
			t.Errorf("day %d: %+v", c.days, told)
		}
	}
}

// Who has never been spoken ill of since somebody listens knows what is usual: nothing.
func TestSilenceIsKnownWhereSomebodyListened(t *testing.T) {
	for _, weeks := range []int{1, 3, 60} {
		s := New(Options{Since: monday})
		s.Upto(monday)
		began := monday.AddDate(0, 0, 7*weeks)
		if told := burstAt(s, began, 12, everybody); len(told) == 0 || told[0].Count > 4 || told[0].WarmUp != (weeks < 2) {
			t.Errorf("the first words after %d weeks: %+v", weeks, told)
		}
	}
	s := New(Options{Since: monday.AddDate(0, 0, 6)})
	s.Upto(monday)
	if told := burstAt(s, monday.AddDate(0, 0, 7), 7, everybody); len(told) > 0 {
		t.Errorf("a day after somebody began to listen: %+v", told)
	}
	if n := s.Now(); !n.Known.Equal(monday.AddDate(0, 0, 6)) {
		t.Errorf("known since %v", n.Known)
	}
}

func TestASmallerBudgetAsksForMore(t *testing.T) {
	count := func(budget float64) int {
		s := New(Options{Budget: budget})
		return burstAt(s, months(s, 6, 1).Add(9*time.Hour), 60, everybody)[0].Count
	}
	if one, tenth := count(1), count(0.01); tenth <= one {
		t.Errorf("told after %d comments at one false alarm a month, after %d at a hundredth", one, tenth)
	}
}

func TestTheHourOfTheWeekIsThatOfTheClocksOnTheWall(t *testing.T) {
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	p := past{zone: toronto}
	for _, c := range []struct {
		utc  time.Time
		slot uint8
	}{
		{time.Date(2026, 3, 6, 17, 0, 0, 0, time.UTC), 4*24 + 12},  // Friday noon, before
		{time.Date(2026, 3, 9, 16, 0, 0, 0, time.UTC), 0*24 + 12},  // Monday noon, after
		{time.Date(2026, 11, 1, 5, 0, 0, 0, time.UTC), 6*24 + 1},   // one o'clock,
		{time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC), 6*24 + 1},   // twice
		{time.Date(2026, 11, 2, 17, 0, 0, 0, time.UTC), 0*24 + 12}, // Monday noon again
	} {
		if got := p.slotOf(c.utc.Unix() / 3600); got != c.slot {
			t.Errorf("%v: hour %d of the week, want %d", c.utc, got, c.slot)
		}
	}
}

// A stream with an hour of rush each working day keeps its hour when clocks change.
func TestAClockChangeIsNoSurge(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	dice := rand.New(rand.NewPCG(3, 3))
	s := New(Options{Zone: paris})
	var told []Alarm
	for d := time.Date(2026, 8, 31, 0, 0, 0, 0, paris); d.Month() != time.December; d = d.AddDate(0, 0, 1) {
		var all []time.Time
		for range 20 {
			all = append(all, time.Date(d.Year(), d.Month(), d.Day(), 9, 0, 0, dice.IntN(3600e9), paris))
		}
		slices.SortFunc(all, time.Time.Compare)
		told = append(told, listen(s, all)...)
	}
	told = slices.DeleteFunc(told, func(a Alarm) bool { return a.WarmUp })
	if len(told) > 0 {
		t.Errorf("told %+v", told)
	}
}

// life is a stream of months with waves, some of them so close that the listeners of
// different midnights disagree, with late arrivals and history.
func life(seed uint64) (all []Arrival) {
	dice := rand.New(rand.NewPCG(seed, 9))
	rate := []float64{0.03, 0.1, 0.4}[seed%3]
	t := monday
	for end := monday.AddDate(0, 0, 7*34); t.Before(end); {
		gap := dice.ExpFloat64() / rate
		if dice.IntN(40) == 0 || (t.After(end.AddDate(0, 0, -16)) && dice.IntN(5) == 0) {
			for range 3 + dice.IntN(25) {
				t = t.Add(time.Duration(dice.IntN(400)) * time.Second)
				all = append(all, Arrival{At: t, Seen: t, Author: fmt.Sprint(dice.IntN(9))})
			}
			gap = 13 * dice.Float64()
		}
		t = t.Add(time.Duration(gap * float64(time.Hour)))
		late := time.Duration(max(0, dice.NormFloat64()*5-7) * float64(time.Hour))
		all = append(all, Arrival{At: t.Add(-late), Seen: t, History: dice.IntN(50) == 0})
	}
	return all
}

func TestAStreamRebuiltFromTwentySixWeeksSaysWhatTheOneThatGrewSays(t *testing.T) {
	told, lives, cuts := 0, uint64(2), 2
	if needs.Soak() {
		lives, cuts = 12, 8
	}
	for seed := range lives {
		all := life(seed)
		o := Options{Blind: func(at time.Time) bool { return at.Unix()/86400%11 == 4 }}
		if seed%2 == 1 { // half of them know since when somebody listened, a few weeks ago
			o.Since = monday.AddDate(0, 0, 7*(10+2*int(seed)))
		}
		grown := New(o)
		said := map[int]Alarm{}
		mistakes := map[int]Mistake{} // said after an arrival
		states := map[int]State{}
		for i, a := range all {
			if alarm, ok := grown.Add(a); ok {
				said[i] = alarm
				if !alarm.Doubled && len(said)%3 == 0 {
					mistakes[i] = Mistake{From: alarm.Since, To: a.Seen, Said: a.Seen}
					grown.Mistaken(mistakes[i])
				}
			}
			states[i] = grown.Now()
		}
		dice := rand.New(rand.NewPCG(seed, 1))
		last := all[len(all)-1].Seen
		for range cuts {
			at := last.Add(-time.Duration(dice.IntN(20*24)) * time.Hour).Truncate(time.Hour)
			from := at.AddDate(0, 0, -26*7)
			rebuilt := New(o)
			rebuilt.Upto(from)
			for i, a := range all {
				if a.Seen.Before(from) {
					continue
				}
				alarm, ok := rebuilt.Add(a)
				if m, wrong := mistakes[i]; wrong {
					rebuilt.Mistaken(m)
				}
				if a.Seen.Before(at) {
					continue
				}
				if want, wanted := said[i]; ok != wanted || alarm != want {
					t.Fatalf("seed %d, rebuilt at %v: arrival %d says %+v, and the grown one said %+v", seed, at, i, alarm, want)
				}
				if got := rebuilt.Now(); got != states[i] {
					t.Fatalf("seed %d, rebuilt at %v, after arrival %d: %+v, and the grown one %+v", seed, at, i, got, states[i])
				}
				if ok {
					told++
				}
			}
		}
	}
	if told < 10 {
		t.Errorf("only %d alarms compared", told)
	}
}

func TestWhatIsSaidDependsOnNothingThatComesLaterNorOnBeingAsked(t *testing.T) {
	all := life(3)
	whole, asked := New(Options{}), New(Options{})
	for i, a := range all {
		want, ok := whole.Add(a)
		for range i % 3 {
			asked.Upto(a.Seen.Add(-time.Duration(i%3) * time.Minute))
			asked.Now()
			asked.Count(3 * time.Hour)
		}
		got, again := asked.Add(a)
		if got != want || ok != again {
			t.Fatalf("arrival %d: %+v, and asked in between %+v", i, want, got)
		}
	}
}

// A source that is gone for good hides the end of a wave for ever: the listeners who
// begin each midnight have not heard of it.
func TestAWaveWhoseEndNobodySeesIsForgottenAfterAWeek(t *testing.T) {
	var from time.Time
	s := New(Options{Blind: func(at time.Time) bool { return !from.IsZero() && at.After(from) }})
	from = months(s, 6, 0.2).Add(9 * time.Hour)
	burstAt(s, from, 30, everybody)
	s.Upto(from.AddDate(0, 0, 5))
	if n := s.Now(); !n.Active || len(s.runs) != 2 {
		t.Fatalf("after five days: %+v, %d listeners", n, len(s.runs))
	}
	s.Upto(from.AddDate(0, 0, 7))
	if n := s.Now(); n.Active || len(s.runs) != 1 {
		t.Errorf("after a week: %+v, %d listeners", n, len(s.runs))
	}
	if again := burstAt(s, from.AddDate(0, 0, 8), 30, everybody); len(again) == 0 || again[0].Doubled {
		t.Errorf("the next wave: %+v", again)
	}
}
