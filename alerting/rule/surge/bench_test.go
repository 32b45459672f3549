package surge

import (
	"testing"
	"time"
)

// BenchmarkEval asks the rule about a watch with 26 weeks behind it, five negative
// comments an hour.
func BenchmarkEval(b *testing.B) {
	w := newWorld(b)
	end := w.calm(26, 5)
	ask := func(at time.Time) {
		b.Helper()
		if _, _, err := w.rule.Rule.Eval(b.Context(), w.knownAt(at), at); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("cold", func(b *testing.B) {
		for b.Loop() {
			w.restart()
			ask(end)
		}
	})
	b.Run("warm", func(b *testing.B) {
		b.ReportAllocs()
		at := end
		for b.Loop() {
			at = at.Add(time.Second)
			ask(at)
		}
	})
	b.Run("in a surge of 200", func(b *testing.B) {
		b.ReportAllocs()
		w.restart()
		w.schedule.Asked = end.Add(-time.Microsecond)
		w.storm(end.Add(9*time.Hour), 200, 5*time.Second)
		at := w.schedule.Asked
		for b.Loop() {
			at = at.Add(time.Millisecond)
			ask(at)
		}
	})
}
