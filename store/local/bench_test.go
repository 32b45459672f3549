package local

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
)

const batchSize = 500

// lineBatch is how many the pipeline keeps at a time.
const lineBatch = 100

func openBench(b *testing.B, path string) *Store {
	b.Helper()
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	return s
}

// openLearnt is an empty store that knows which words of c are frequent.
func openLearnt(b *testing.B, c *corpus) *Store {
	s, seen := openBench(b, filepath.Join(b.TempDir(), "mentions.db")), newSample()
	for _, m := range c.next(sampleSize) {
		seen.add(&m)
	}
	teach(b, s, seen.frequent())
	return s
}

// BenchmarkIngest compares Put with the bare statements on the same tables in the
// same batches, rows and terms given: first the whole of it that runs in turn, then
// Put as sources call it, which also makes the terms.
func BenchmarkIngest(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		ingestPrepared(b, func(s *Store, entries []entry) error {
			return s.db.Write(b.Context(), func(tx *sqlite.Tx) error { return bareInsert(b.Context(), tx, entries) })
		})
	})
	b.Run("put terms given", func(b *testing.B) {
		ingestPrepared(b, func(s *Store, entries []entry) error {
			return s.write(b.Context(), s.db.Write, func(w *writer) error {
				_, _, err := w.put(b.Context(), entries)
				return err
			})
		})
	})
	b.Run("put", func(b *testing.B) { ingest(b, 1) })
	b.Run("put by two sources", func(b *testing.B) { ingest(b, 2) })
}

func ingestPrepared(b *testing.B, keep func(*Store, []entry) error) {
	c := newCorpus(1, time.Minute)
	s := openLearnt(b, c)
	b.ReportAllocs()
	var busy time.Duration
	for b.Loop() {
		b.StopTimer()
		entries, err := s.prepare(b.Context(), c.next(batchSize))
		if err != nil {
			b.Fatal(err)
		}
		before := cpu(b)
		b.StartTimer()
		if err := keep(s, entries); err != nil {
			b.Fatal(err)
		}
		busy += cpu(b) - before
	}
	report(b, b.N*batchSize, busy)
}

func ingest(b *testing.B, sources int) {
	c := newCorpus(1, time.Minute)
	s := openLearnt(b, c)
	b.ReportAllocs()
	var busy time.Duration
	for b.Loop() {
		b.StopTimer()
		batches := make([][]mention.Mention, sources)
		for i := range batches {
			batches[i] = c.next(batchSize)
		}
		before := cpu(b)
		b.StartTimer()
		putAll(b, s, batches)
		busy += cpu(b) - before
	}
	report(b, b.N*batchSize*sources, busy)
}

// putAll puts the batches at once.
func putAll(b *testing.B, s *Store, batches [][]mention.Mention) {
	var all sync.WaitGroup
	for _, batch := range batches {
		all.Go(func() {
			if _, _, err := s.Put(b.Context(), batch); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
}

// report gives the processor time too: it says more than the clock on a shared machine.
func report(b *testing.B, mentions int, busy time.Duration) {
	b.ReportMetric(float64(mentions)/b.Elapsed().Seconds(), "mentions/s")
	b.ReportMetric(float64(busy.Microseconds())/float64(mentions), "cpu-µs/mention")
	b.ReportMetric(0, "ns/op")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func bareInsert(ctx context.Context, tx *sqlite.Tx, entries []entry) error {
	for i := range entries {
		e := &entries[i]
		r := rowOf(&e.mention)
		key := keyOf(&e.mention)
		_, err1 := tx.Exec(ctx, insertRow, key, e.mention.ID, r.published, r.seen, r.changed, e.version, r.history, r.author, 1, 2, 3, 4, 5, 6, 7)
		_, err2 := tx.Exec(ctx, `INSERT INTO body (key, body) VALUES (?, ?)`, key, e.body)
		_, err3 := tx.Exec(ctx, `INSERT INTO term (rowid, words) VALUES (?, ?)`, key, e.terms)
		if err := errors.Join(err1, err2, err3); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkCorrection is a person who corrects a tone while two sources put
// batches without a pause, each as the pipeline does.
func BenchmarkCorrection(b *testing.B) {
	s := openBench(b, filepath.Join(b.TempDir(), "mentions.db"))
	c := newCorpus(1, time.Minute)
	corrected := c.next(200)
	putAll(b, s, [][]mention.Mention{corrected})
	ctx, stop := context.WithCancel(b.Context())
	var mu sync.Mutex
	var sources sync.WaitGroup
	put := 0
	for range 2 {
		sources.Go(func() {
			for ctx.Err() == nil {
				mu.Lock()
				batch := c.next(lineBatch)
				mu.Unlock()
				if _, _, err := s.Put(ctx, batch); err != nil && ctx.Err() == nil {
					b.Error(err)
				}
				mu.Lock()
				put += len(batch)
				mu.Unlock()
			}
		})
	}
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		r := mention.Reading{At: began, Label: mention.Positive, By: mention.Person}
		if err := s.AddReading(b.Context(), corrected[len(took)%len(corrected)].ID, r); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	stop()
	sources.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1e3, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, "p99-ms")
	b.ReportMetric(float64(put)/b.Elapsed().Seconds(), "mentions/s")
	b.ReportMetric(0, "ns/op")
}
