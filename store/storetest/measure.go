package storetest

import (
	"context"
	"slices"
	"testing"
	"time"
)

// Measure reports how long ask takes, in milliseconds: the median and what 95 of a
// hundred do not exceed, which a mean would hide.
func Measure(b *testing.B, name string, ask func(context.Context) error) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		var took []time.Duration
		for b.Loop() {
			began := time.Now()
			if err := ask(b.Context()); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2])/1e6, "ms-median")
		b.ReportMetric(float64(took[len(took)*95/100])/1e6, "ms-p95")
	})
}
