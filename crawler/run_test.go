package crawler_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

func TestTheCursorMovesOnlyOnceTheBatchIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cursors []string
		away := 20 // times: more than a batch is held in hand for
		source := sourceFunc(func(_ context.Context, cursor string) (crawler.Found, error) {
			cursors = append(cursors, cursor)
			return found("suivant", "a"), nil
		})
		sink := sinkFunc(func(context.Context, mention.Batch) error {
			if away--; away >= 0 {
				return errors.New("the store is away")
			}
			return nil
		})
		m := newMemory()
		stop := run(t, crawler.New([]crawler.Job{{Name: "fil", Source: source}}, sink, m, quiet()))
		time.Sleep(50 * time.Minute)
		stop()
		if got := fmt.Sprintf("%q", cursors); got != `["" "" ""]` {
			t.Errorf("asked with %s, want the same cursor until the batch was kept", got)
		}
		if v := m.get("fil"); v.Cursor != "suivant" || v.Failures != 0 || v.Health != crawler.Well {
			t.Errorf("remembered %+v, want the source well and its cursor moved", v)
		}
	})
}

func TestABatchThatIsNotKeptIsNotTheSourcesFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outcomes []crawler.Outcome
		opt := quiet()
		opt.Observe = func(o crawler.Outcome) { outcomes = append(outcomes, o) }
		sink := sinkFunc(func(context.Context, mention.Batch) error { panic("the sink is broken") })
		m := newMemory()
		stop := run(t, crawler.New([]crawler.Job{{Name: "fil", Kind: "feed", Source: always("suivant", "a")}}, sink, m, opt))
		time.Sleep(time.Hour)
		stop()
		if v := m.get("fil"); v.Failures != 0 || v.Reason != "" || v.Cursor != "" || !v.LastSuccess.IsZero() {
			t.Errorf("remembered %+v, want nothing held against the source", v)
		}
		if len(outcomes) < 2 || !outcomes[0].Unkept || outcomes[0].Reason != "" || outcomes[0].Job.Kind != "feed" {
			t.Errorf("outcomes %+v, want several unkept", outcomes)
		}
	})
}

func TestPagesFollowAtOnceAndBelongToOneVisit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := sourceFunc(func(_ context.Context, cursor string) (crawler.Found, error) {
			f := found(cursor+"x", "page"+cursor)
			f.More = len(f.Next)%3 != 0
			return f, nil
		})
		var got []string
		began := time.Now()
		sink := sinkFunc(func(_ context.Context, b mention.Batch) error {
			got = append(got, fmt.Sprintf("%v first=%v %d", time.Since(began).Truncate(time.Hour), b.Previous.IsZero(), len(b.Mentions)))
			return nil
		})
		stop := run(t, crawler.New([]crawler.Job{{Name: "fil", Source: source}}, sink, newMemory(), quiet()))
		time.Sleep(70 * time.Minute)
		stop()
		want := []string{"0s first=true 1", "0s first=true 1", "0s first=true 1", "1h0m0s first=false 1", "1h0m0s first=false 1", "1h0m0s first=false 1"}
		if !slices.Equal(got, want) {
			t.Errorf("batches %q, want %q", got, want)
		}
	})
}

func TestAPlaceThatAlwaysPromisesMoreIsLeftAfterAWhile(t *testing.T) {
	for name, next := range map[string]func(string) string{
		"moving":   func(c string) string { return c + "x" },
		"standing": func(string) string { return "ici" },
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			source := sourceFunc(func(_ context.Context, cursor string) (crawler.Found, error) {
				asked++
				return crawler.Found{Next: next(cursor), More: true}, nil
			})
			stop := run(t, crawler.New([]crawler.Job{{Name: "fil", Source: source}}, keep, newMemory(), quiet()))
			time.Sleep(30 * time.Minute)
			stop()
			if asked > 100 {
				t.Errorf("%s: asked %d times in one visit", name, asked)
			}
		})
	}
}

func TestAFailingSourceNeverStopsTheOthers(t *testing.T) {
	broken := map[string]crawler.Source{
		"panics": sourceFunc(func(context.Context, string) (crawler.Found, error) { panic("oups") }),
		"fails":  failing(errors.New("nothing works")),
		"never ends": sourceFunc(func(ctx context.Context, _ string) (crawler.Found, error) {
			<-ctx.Done()
			return crawler.Found{}, ctx.Err()
		}),
		"is cut": failing(polite.Fail("echo-des-moyacs.example", polite.Cut, nil)),
	}
	wantReason := map[string]string{"panics": "panic", "fails": "other", "never ends": "timeout", "is cut": "cut"}
	synctest.Test(t, func(t *testing.T) {
		visits := 0
		jobs := []crawler.Job{{Name: "well", Source: sourceFunc(func(context.Context, string) (crawler.Found, error) { visits++; return crawler.Found{}, nil })}}
		for name, s := range broken {
			jobs = append(jobs, crawler.Job{Name: name, Source: s})
		}
		m := newMemory()
		c := crawler.New(jobs, keep, m, quiet())
		stop := run(t, c)
		time.Sleep(24*time.Hour + time.Minute)
		synctest.Wait()
		if visits < 21 || visits > 25 {
			t.Errorf("the source that is well was visited %d times in a day, want about 24", visits)
		}
		for name, want := range wantReason {
			v := m.get(name)
			if v.Reason != want || v.Health != crawler.Poorly || v.Failures < 2 || v.Failures > 8 {
				t.Errorf("%s: remembered %+v, want reason %q and a few failures", name, v, want)
			}
			if fr := v.Say(say.FrenchCanada, time.Now()); fr == "" || strings.Contains(fr, "%!") {
				t.Errorf("%s: said %q", name, fr)
			}
		}
		stop()
	})
}

func TestABatchInHandIsFinishedWhenWeAreAskedToStop(t *testing.T) {
	for _, c := range []struct {
		takes  time.Duration
		cursor string
		ends   time.Duration
	}{{5 * time.Second, "suivant", 4 * time.Second}, {30 * time.Second, "", 10 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			sink := sinkFunc(func(ctx context.Context, _ mention.Batch) error {
				select {
				case <-time.After(c.takes):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			later := 0
			second := sourceFunc(func(context.Context, string) (crawler.Found, error) { later++; return crawler.Found{}, nil })
			m := newMemory(crawler.Visit{Source: "second", Last: time.Now(), Next: time.Now().Add(2 * time.Second)})
			stop := run(t, crawler.New([]crawler.Job{{Name: "premier", Source: always("suivant", "a")}, {Name: "second", Source: second}}, sink, m, quiet()))
			time.Sleep(time.Second) // the first's batch is in hand, the second is due in a second
			began := time.Now()
			stop()
			if got := time.Since(began); got != c.ends {
				t.Errorf("stopped after %v, want %v", got, c.ends)
			}
			if got := m.get("premier").Cursor; got != c.cursor {
				t.Errorf("a sink that takes %v: cursor %q, want %q", c.takes, got, c.cursor)
			}
			if later > 0 {
				t.Error("a visit began after the stop")
			}
		})
	}
}

func TestASourceThatDoesNotStopIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		deaf := sourceFunc(func(context.Context, string) (crawler.Found, error) { <-free; return crawler.Found{}, nil })
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		err := crawler.New([]crawler.Job{{Name: "sourde", Source: deaf}}, keep, newMemory(), quiet()).Run(ctx)
		if err == nil || !strings.Contains(err.Error(), "sourde") {
			t.Errorf("got %v, want the source named", err)
		}
		close(free)
	})
}

func TestAMemoryThatCannotBeReadStopsTheStartAndOneThatCannotBeWrittenDoesNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		m.err = errors.New("the disk is full")
		var cursors []string
		source := sourceFunc(func(_ context.Context, cursor string) (crawler.Found, error) {
			cursors = append(cursors, cursor)
			return found(cursor+"x", "a"), nil
		})
		jobs := []crawler.Job{{Name: "fil", Source: source}}
		stop := run(t, crawler.New(jobs, keep, m, quiet()))
		time.Sleep(70 * time.Minute)
		stop()
		if got := fmt.Sprintf("%q", cursors); got != `["" "x"]` {
			t.Errorf("asked with %s, want the cursor moved in this run", got)
		}
		m.unread = true
		if err := crawler.New(jobs, keep, m, quiet()).Run(t.Context()); err == nil {
			t.Error("started without knowing where it was")
		}
	})
}

func TestASlowSourceTakesOnePlaceAndNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var jobs []crawler.Job
		for i := range 100 {
			jobs = append(jobs, crawler.Job{Name: fmt.Sprintf("lente %d", i), Source: sourceFunc(func(ctx context.Context, _ string) (crawler.Found, error) {
				<-ctx.Done()
				return crawler.Found{}, ctx.Err()
			})})
		}
		c := crawler.New(jobs, keep, newMemory(), quiet())
		stop := run(t, c)
		time.Sleep(time.Minute) // all hundred are being visited
		var at time.Time
		jobs = append(jobs, crawler.Job{Name: "vive", Source: sourceFunc(func(context.Context, string) (crawler.Found, error) { at = time.Now(); return crawler.Found{}, nil })})
		asked := time.Now()
		c.SetJobs(jobs)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if late := at.Sub(asked); at.IsZero() || late >= time.Second {
			t.Errorf("visited after %v", late)
		}
		stop()
	})
}

func TestASourceIsNeverReadTwiceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		source := sourceFunc(func(ctx context.Context, _ string) (crawler.Found, error) {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Minute)
			now.Add(-1)
			return crawler.Found{}, ctx.Err()
		})
		job := func(config string) []crawler.Job { return []crawler.Job{{Name: "fil", Config: config, Source: source}} }
		c := crawler.New(job("a"), keep, newMemory(), quiet())
		stop := run(t, c)
		for i := range 50 {
			time.Sleep(7 * time.Second)
			c.SetJobs(nil)
			c.SetJobs(job(fmt.Sprint(i)))
			_ = c.VisitNow("fil")
		}
		stop()
		if most.Load() != 1 {
			t.Errorf("read %d times at once", most.Load())
		}
	})
}

type sourceFunc func(ctx context.Context, cursor string) (crawler.Found, error)

func (f sourceFunc) Fetch(ctx context.Context, cursor string) (crawler.Found, error) {
	return f(ctx, cursor)
}

type sinkFunc func(context.Context, mention.Batch) error

func (f sinkFunc) Handle(ctx context.Context, b mention.Batch) error { return f(ctx, b) }

var keep = sinkFunc(func(context.Context, mention.Batch) error { return nil })

func found(next string, ids ...string) crawler.Found {
	f := crawler.Found{Next: next}
	for _, id := range ids {
		f.Mentions = append(f.Mentions, mention.Mention{ID: id, PublishedAt: time.Now().Add(-time.Hour), Versions: []mention.Version{{Title: "L’épargne d'été"}}})
	}
	return f
}

func always(next string, ids ...string) crawler.Source {
	return sourceFunc(func(context.Context, string) (crawler.Found, error) { return found(next, ids...), nil })
}

func failing(err error) crawler.Source {
	return sourceFunc(func(context.Context, string) (crawler.Found, error) { return crawler.Found{}, err })
}

// memory is what outlives a crawler in these tests.
type memory struct {
	mu     sync.Mutex
	visits map[string]crawler.Visit
	err    error // of writing
	unread bool
}

func newMemory(visits ...crawler.Visit) *memory {
	m := &memory{visits: map[string]crawler.Visit{}}
	for _, v := range visits {
		m.visits[v.Source] = v
	}
	return m
}

func (m *memory) Visits(context.Context) (all []crawler.Visit, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.unread {
		return nil, m.err
	}
	for _, v := range m.visits {
		all = append(all, v)
	}
	return all, nil
}

func (m *memory) SaveVisit(_ context.Context, v crawler.Visit) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		m.visits[v.Source] = v
	}
	return m.err
}

func (m *memory) get(name string) crawler.Visit {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.visits[name]
}

func quiet() crawler.Options { return crawler.Options{Log: slog.New(slog.DiscardHandler)} }

// run lets a crawler run until stop.
func run(t *testing.T, c *crawler.Crawler) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}
