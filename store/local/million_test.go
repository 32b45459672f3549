package local

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

const (
	million     = 1_000_000
	millionStep = 2 * 365 * 24 * time.Hour / million
)

// openMillion is a store of a million mentions over two years. It is built once
// in the folder named by OUIDIRE_BENCH_DIR, or for this run when there is none.
func openMillion(b *testing.B) (*Store, *corpus) {
	b.Helper()
	dir := os.Getenv("OUIDIRE_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	s := openBench(b, filepath.Join(dir, "million.db"))
	n, err := s.Count(b.Context(), store.Question{})
	if err != nil {
		b.Fatal(err)
	}
	c := newCorpus(1, millionStep)
	switch n {
	case 0:
		build(b, s, c)
	case million:
	default:
		b.Fatalf("%s holds %d mentions of another build: remove it", s.db.Path(), n)
	}
	renew(b, s)
	return s, c
}

// renew makes the terms of words that have become frequent, as the daemon does now
// and then, or those that an older build has not.
func renew(b *testing.B, s *Store) {
	b.Helper()
	began := time.Now()
	n, err := s.Retokenise(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("%d mentions indexed anew in %s", n, time.Since(began).Round(time.Second))
}

func build(b *testing.B, s *Store, c *corpus) {
	b.Helper()
	began := time.Now()
	for c.made < 2*learnFrom {
		if _, _, err := s.Put(b.Context(), c.next(batchSize)); err != nil {
			b.Fatal(err)
		}
	}
	renew(b, s)
	var mu sync.Mutex
	batch := func() []mention.Mention {
		mu.Lock()
		defer mu.Unlock()
		return c.next(min(2*batchSize, million-c.made))
	}
	var sources sync.WaitGroup
	for range 2 {
		sources.Go(func() {
			for next := batch(); len(next) > 0; next = batch() {
				if _, _, err := s.Put(b.Context(), next); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	sources.Wait()
	b.Logf("a million mentions kept in %s", time.Since(began).Round(time.Second))
}

// BenchmarkMillion asks a store of a million mentions. Words 0, 30 and 3000 are in
// 98, 29 and 0.3 of a hundred mentions.
func BenchmarkMillion(b *testing.B) {
	s, c := openMillion(b)
	end := c.start.Add(million * millionStep)
	month := store.Question{From: end.Add(-30 * 24 * time.Hour), To: end}
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		b.Fatal(err)
	}
	days := store.Buckets{Every: store.Day, Zone: zone, Split: store.ByLabel}
	for _, word := range []struct{ name, query string }{
		{"common word", c.words[0]}, {"word", c.words[30]}, {"rare word", c.words[3000]},
		{"phrase", `"` + c.words[5] + " " + c.words[9] + `"`}, {"beginning of two", "qu*"}, {"beginning of three", "qui*"}, {"beginning of four", "quit*"},
		{"phrase with a rare word", `"` + c.words[5] + " " + c.words[3000] + `"`},
		{"no word", ""},
	} {
		var q store.Question
		if word.query != "" {
			if q.Text, err = query.Parse(word.query); err != nil {
				b.Fatal(err)
			}
		}
		b.Run("newest 20/"+word.name, func(b *testing.B) { benchSearch(b, s, q) })
		b.Run("count/"+word.name, func(b *testing.B) { benchCount(b, s, q) })
		inMonth := q
		inMonth.From, inMonth.To = month.From, month.To
		b.Run("chart of 30 days/"+word.name, func(b *testing.B) { benchChart(b, s, inMonth, days) })
		days.Split = ""
		b.Run("chart of all/"+word.name, func(b *testing.B) { benchChart(b, s, q, days) })
	}
	watch := store.Question{Watches: []string{"watch-3"}}
	days.Split = store.ByLabel
	b.Run("newest 20/watch", func(b *testing.B) { benchSearch(b, s, watch) })
	b.Run("newest 20/watch and negative", func(b *testing.B) {
		q := watch
		q.Labels = []mention.Label{mention.Negative}
		benchSearch(b, s, q)
	})
	b.Run("changed in the last minute", func(b *testing.B) {
		benchSearch(b, s, store.Question{ChangedFrom: end.Add(-time.Minute), Order: store.OldestSeen, Gone: true})
	})
	b.Run("chart of all/watch", func(b *testing.B) { benchChart(b, s, watch, days) })
	watch.From, watch.To = month.From, month.To
	b.Run("chart of 30 days/watch", func(b *testing.B) { benchChart(b, s, watch, days) })
	watch.From = end.Add(-26 * 7 * 24 * time.Hour)
	watch.AsOf = end.Add(-10 * time.Minute)
	days.Every = store.Hour
	b.Run("26 weeks of hours as of now/watch", func(b *testing.B) { benchChart(b, s, watch, days) })
}

func benchSearch(b *testing.B, s *Store, q store.Question) {
	for b.Loop() {
		if _, _, err := s.Search(b.Context(), q, 20, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func benchCount(b *testing.B, s *Store, q store.Question) {
	for b.Loop() {
		if _, err := s.Count(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}

func benchChart(b *testing.B, s *Store, q store.Question, by store.Buckets) {
	for b.Loop() {
		if _, err := s.Histogram(b.Context(), q, by); err != nil {
			b.Fatal(err)
		}
	}
}
