package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/analyzer"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/pipeline"
	"github.com/ouidire/ouidire/store/local"
	"github.com/ouidire/ouidire/store/state"
	"github.com/ouidire/ouidire/watch"
)

const (
	benchWatches = 50
	benchBatch   = 100 // what the line keeps at a time
)

// bench is the line with both of its databases, and who invents what it reads.
type bench struct {
	line  *pipeline.Line
	state *state.DB
	made  atomic.Uint64
}

func newBench(b *testing.B) *bench {
	b.Helper()
	folder := b.TempDir()
	mentions, err1 := local.Open(b.Context(), filepath.Join(folder, "mentions.db"), local.Options{})
	memory, err2 := state.Open(b.Context(), filepath.Join(folder, "state.db"), state.Options{})
	f := &config.File{}
	for i := range benchWatches {
		query := [...]string{`valtisse%d OR "caisse n%d"`, `l’épargne%d -frais%d`, `"banque n%d" NEAR/5 taux%d`}[i%3]
		f.Watches = append(f.Watches, config.Watch{Name: fmt.Sprint("watch-", i), Query: fmt.Sprintf(query, i, i)})
	}
	watches, err3 := newWatches(f, watch.Options{})
	if err := errors.Join(err1, err2, err3); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { mentions.Close(); memory.Close() })
	return &bench{state: memory, line: &pipeline.Line{
		Watermark: pipeline.NewWatermark(clock.Real(), time.Time{}, mentions), Match: watches, Read: analyzer.New(), Store: mentions, Memory: memory,
	}}
}

// batch is what one visit brings: no text stands twice, and one in five speaks of
// what is watched.
func (n *bench) batch() mention.Batch {
	batch := mention.Batch{Source: "bench", Previous: time.Now()}
	for range benchBatch {
		i := n.made.Add(1)
		body := tale(rand.New(rand.NewPCG(i, 1)))
		if i%5 == 0 {
			body += fmt.Sprintf(" Valtisse%d hausse ses frais.", i%benchWatches/3*3)
		}
		batch.Mentions = append(batch.Mentions, mention.Mention{
			ID: mention.NewID("bench", fmt.Sprint(i)), Source: "bench", Place: "web", Kind: mention.Article, URL: fmt.Sprintf("https://echo.example/%d", i),
			PublishedAt: time.Now(), Versions: []mention.Version{{Title: fmt.Sprintf("La nouvelle %d de l’été", i), Text: body}},
		})
	}
	return batch
}

// BenchmarkLine walks batches of a hundred new items of 50 watches down the whole
// line, to the disk: one source, then two at once.
func BenchmarkLine(b *testing.B) {
	for _, sources := range []int{1, 2} {
		b.Run(fmt.Sprintf("%d sources", sources), func(b *testing.B) { benchLine(b, newBench(b), sources) })
	}
}

func benchLine(b *testing.B, n *bench, sources int) {
	var busy time.Duration
	for b.Loop() {
		b.StopTimer()
		batches := make([]mention.Batch, sources)
		for i := range batches {
			batches[i] = n.batch()
		}
		before := cpu(b)
		b.StartTimer()
		var all sync.WaitGroup
		for _, batch := range batches {
			all.Go(func() {
				if err := n.line.Handle(b.Context(), batch); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		busy += cpu(b) - before
	}
	items := float64(b.N * sources * benchBatch)
	b.ReportMetric(items/b.Elapsed().Seconds(), "items/s")
	b.ReportMetric(float64(busy.Microseconds())/items, "cpu-µs/item")
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

// BenchmarkOutboxBesideIngest opens an incident and owes a message for it while two
// sources bring new items without a pause: they share the machine and state.db.
func BenchmarkOutboxBesideIngest(b *testing.B) {
	n := newBench(b)
	ctx, stop := context.WithCancel(b.Context())
	var sources sync.WaitGroup
	var kept atomic.Uint64
	for range 2 {
		sources.Go(func() {
			for ctx.Err() == nil {
				if err := n.line.Handle(ctx, n.batch()); err != nil && ctx.Err() == nil {
					b.Error(err)
				}
				kept.Add(benchBatch)
			}
		})
	}
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		if err := n.state.Settle(b.Context(), owe(len(took), began)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(began))
	}
	stop()
	sources.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1e3, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1e3, "p99-ms")
	b.ReportMetric(float64(kept.Load())/b.Elapsed().Seconds(), "items/s")
	b.ReportMetric(0, "ns/op")
}

// owe is one incident and the message that one channel is owed for it.
func owe(i int, at time.Time) alerting.Settlement {
	id := fmt.Sprint("incident-", i)
	incident := alerting.Incident{
		ID: id, Key: id, Rule: "nouvelles", Kind: "fresh", Watch: "watch-1", State: alerting.New, Severity: alerting.Inform,
		Since: at, OpenedAt: at, Seq: 1, Mentions: []string{"m"},
		Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: "L’épargne d’été", Outlet: "echo.example", At: at}},
	}
	return alerting.Settlement{
		Rule: "nouvelles", Progress: alerting.Progress{Asked: at}, Incidents: []alerting.Incident{incident},
		Owed: []alerting.Row{{Key: id, Channel: "courriel", Transition: alerting.Opened, Seq: 1, At: at, Owed: incident, Now: incident, Fate: alerting.Waiting}},
	}
}
