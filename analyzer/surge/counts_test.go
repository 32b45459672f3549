package surge

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

func TestCountsOfSpansAreJudgedAsArrivalsAre(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 4))
	s := New(Options{Every: 5 * time.Minute})
	began := monday.AddDate(0, 0, 28).Add(14 * time.Hour)
	var told []Alarm
	calm, strange := 0.0, 0.0
	for at := monday; at.Before(began.Add(2 * time.Hour)); at = at.Add(5 * time.Minute) {
		count := math.Round(10 + 3*dice.NormFloat64())
		if !at.Before(began) && at.Before(began.Add(30*time.Minute)) {
			count += 60
		}
		a, ok := s.Add(Arrival{At: at, Seen: at, Count: count})
		if ok {
			told = append(told, a)
		}
		switch {
		case at.Before(monday.AddDate(0, 0, 14)):
		case at.Before(began):
			calm = max(calm, s.Score())
		default:
			strange = max(strange, s.Score())
		}
	}
	if len(told) == 0 || !told[0].At.Equal(began) || told[0].Count < 50 || told[0].Expected > 15 {
		t.Errorf("got %+v", told)
	}
	if calm >= Threshold || strange < 10*max(calm, Threshold) {
		t.Errorf("scores: %v while it was calm, %v when it was not", calm, strange)
	}
}

func TestASpanWithoutArrivalsAndOneWithHalfOfOneSurpriseNobody(t *testing.T) {
	s := New(Options{Every: time.Hour})
	for i := range 24 * 40 {
		at := monday.Add(time.Duration(i) * time.Hour)
		if a, ok := s.Add(Arrival{At: at, Seen: at, Count: float64(i%8) / 14}); ok || s.Score() >= Threshold {
			t.Fatalf("hour %d: %+v, score %v", i, a, s.Score())
		}
	}
}
