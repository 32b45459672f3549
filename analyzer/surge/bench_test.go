package surge

import (
	"math/rand/v2"
	"testing"
	"time"
)

// BenchmarkAdd is a stream of five an hour in its eighth month.
func BenchmarkAdd(b *testing.B) {
	dice := rand.New(rand.NewPCG(1, 2))
	s := New(Options{})
	t := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	next := func() {
		t = t.Add(time.Duration(dice.ExpFloat64() * float64(12*time.Minute)))
		s.Add(Arrival{At: t, Seen: t})
	}
	for t.Before(time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)) {
		next()
	}
	b.ReportAllocs()
	for b.Loop() {
		next()
	}
}

// BenchmarkLearn learns what is usual from 24 full weeks.
func BenchmarkLearn(b *testing.B) {
	dice := rand.New(rand.NewPCG(1, 2))
	cells := make([]cell, memory)
	for i := range cells {
		cells[i] = cell{count: float64(dice.IntN(9)), slot: uint8(i % slots)}
	}
	b.ReportAllocs()
	for b.Loop() {
		learn(cells)
	}
}
