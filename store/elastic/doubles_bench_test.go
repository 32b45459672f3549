package elastic

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// BenchmarkDoubles looks for what stands twice among the mentions of openBench, first where
// nothing does, then with one in a thousand, which is joined.
func BenchmarkDoubles(b *testing.B) {
	bare, _, n := openBench(b)
	s, err := Open(b.Context(), b.TempDir(), bare.config, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s.joined.Store(true)
	for _, doubles := range []int{0, n / 1000} {
		b.Run(fmt.Sprint(doubles, " twice"), func(b *testing.B) {
			var took time.Duration
			for b.Loop() {
				bare.makeTwice(b, doubles)
				before := s.State().Doubles
				s.united.Store(false)
				began := time.Now()
				if err := s.joinDoubles(b.Context()); err != nil {
					b.Fatal(err)
				}
				took += time.Since(began)
				if got := s.State().Doubles - before; got != doubles {
					b.Fatalf("%d doubles were joined, want %d", got, doubles)
				}
			}
			b.ReportMetric(float64(n*b.N)/took.Seconds(), "mentions/s")
			b.ReportMetric(took.Seconds()/float64(b.N), "s/walk")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// makeTwice writes edits of the newest mentions into the index of another month, where they
// are found at once.
func (b *bare) makeTwice(t testing.TB, n int) {
	t.Helper()
	var all []mention.Mention
	for after := ""; len(all) < n; {
		page, next, err := b.Search(t.Context(), store.Question{}, min(500, n-len(all)), after)
		if err != nil {
			t.Fatal(err)
		}
		all, after = append(all, page...), next
	}
	for some := range slices.Chunk(all, 500) {
		w := &bulk{b: &bare{reader: b.reader, client: b.client, kept: map[string]mention.Mention{}, at: map[string]string{}}}
		for _, m := range some {
			m = edit(m, m.SeenAt.Add(time.Hour), "Frais remboursés")
			m.PublishedAt = m.PublishedAt.AddDate(0, -4, 0)
			if err := w.index(m); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.send(t.Context(), "true"); err != nil {
			t.Fatal(err)
		}
	}
}
