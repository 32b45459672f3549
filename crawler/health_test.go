package crawler_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

func TestAPlaceThatAsksToWaitIsLeftAloneAlsoAfterARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var visits atomic.Int32
		source := sourceFunc(func(context.Context, string) (crawler.Found, error) {
			if visits.Add(1) == 1 {
				return crawler.Found{}, polite.Later("nordelune.example", 6*time.Hour, nil)
			}
			return crawler.Found{NotBefore: time.Now().Add(12 * time.Hour)}, nil
		})
		m := newMemory()
		for hour := range 6 {
			c := crawler.New([]crawler.Job{{Name: "fil", Own: true, Source: source}}, keep, m, quiet())
			stop := run(t, c)
			time.Sleep(59 * time.Minute)
			err := c.VisitNow("fil")
			if v := c.Visits()[0]; visits.Load() != 1 || v.Health != crawler.Paused || v.Reason != "rate_limited" {
				t.Fatalf("hour %d: %d visits, %+v, want one and a pause", hour, visits.Load(), v)
			}
			want := "fil demande d’attendre encore"
			if hour == 0 {
				want = "fil demande d’attendre encore 5\u00a0h\u00a01\u00a0min. La lecture se fera à ce moment-là."
			}
			if got := say.Explain(err, say.FrenchCanada); !strings.HasPrefix(got, want) {
				t.Errorf("asked by a person: said %q, want %q", got, want)
			}
			stop()
		}
		stop := run(t, crawler.New([]crawler.Job{{Name: "fil", Own: true, Source: source}}, keep, m, quiet()))
		time.Sleep(11 * time.Hour)
		stop()
		if v := m.get("fil"); visits.Load() != 2 || v.Health != crawler.Well || v.Failures != 0 || v.Reason != "" {
			t.Errorf("%d visits, %+v, want a second that went well", visits.Load(), v)
		}
	})
}

func TestWhatIsGoneIsNotVisitedUntilItsConfigurationChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var visits atomic.Int32
		gone := answering(t, 410)
		source := sourceFunc(func(context.Context, string) (crawler.Found, error) { visits.Add(1); return crawler.Found{}, gone })
		m := newMemory()
		jobs := func(config string) []crawler.Job { return []crawler.Job{{Name: "fil", Config: config, Source: source}} }
		for range 3 {
			c := crawler.New(jobs("a"), keep, m, quiet())
			stop := run(t, c)
			time.Sleep(48 * time.Hour)
			if err := c.VisitNow("fil"); visits.Load() != 1 || err == nil {
				t.Errorf("visited %d times, %v when asked by a person", visits.Load(), err)
			}
			stop()
		}
		if v := m.get("fil"); !v.Ended || v.Health != crawler.Paused || v.Reason != "gone" {
			t.Errorf("remembered %+v", v)
		}
		c := crawler.New(jobs("a"), keep, m, quiet())
		stop := run(t, c)
		c.SetJobs(jobs("b"))
		time.Sleep(time.Minute)
		stop()
		if visits.Load() != 2 {
			t.Errorf("visited %d times, want once more for its new configuration", visits.Load())
		}
	})
}

func TestAWeekOfFailuresIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		stop := run(t, crawler.New([]crawler.Job{{Name: "L’Écho", Source: failing(polite.Fail("echo.example", polite.HTTP5xx, errors.New("500")))}}, keep, m, quiet()))
		begun := time.Now()
		time.Sleep(6 * 24 * time.Hour)
		if v := m.get("L’Écho"); v.Lasting(time.Now()) || v.Since.Sub(begun) > time.Second {
			t.Errorf("after six days: %+v", v)
		}
		time.Sleep(2 * 24 * time.Hour)
		stop()
		v := m.get("L’Écho")
		const want = "L’Écho est en panne pour le moment. Il n’y a rien à faire et nous réessaierons de nous-mêmes. " +
			"Cette source n’a pas été lue depuis 8\u00a0jours\u00a0: corrigez-la dans la configuration ou retirez-la."
		if got := v.Say(say.FrenchCanada, time.Now()); got != want {
			t.Errorf("said %q, want %q", got, want)
		}
		if got := (crawler.Visit{Source: "L’Écho", Health: crawler.Well}).Say(say.English, time.Now()); got != "" {
			t.Errorf("said %q of a source that is well", got)
		}
	})
}

func TestWhenOurOwnConnectionComesBackSourcesAreReadSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cut atomic.Bool
		source := sourceFunc(func(context.Context, string) (crawler.Found, error) {
			if cut.Load() {
				return crawler.Found{}, polite.Fail("nordelune.example", polite.DNS, nil)
			}
			return crawler.Found{}, nil
		})
		m := newMemory()
		jobs := []crawler.Job{{Name: "nôtre", Own: true, Source: source}}
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			jobs = append(jobs, crawler.Job{Name: name, Source: source})
		}
		stop := run(t, crawler.New(jobs, keep, m, quiet()))
		time.Sleep(30 * time.Minute)
		cut.Store(true)
		time.Sleep(22*time.Hour + 30*time.Minute) // the others failed an hour ago or more, and wait for another hour or more
		for _, j := range jobs {
			if v := m.get(j.Name); v.Failures < 3 || v.Reason != "dns" {
				t.Errorf("%s after a day without connection: %+v", j.Name, v)
			}
		}
		cut.Store(false)
		time.Sleep(8 * time.Hour)
		stop()
		var back []time.Time // since when each is well
		for _, j := range jobs {
			back = append(back, m.get(j.Name).Since)
		}
		slices.SortFunc(back, time.Time.Compare)
		if got := back[len(back)-1].Sub(back[0]); got > 15*time.Minute {
			t.Errorf("sources came back over %v: %v", got, back)
		}
	})
}

func TestAConfigurationThatChangesDuringAVisitIsVisitedAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := sourceFunc(func(context.Context, string) (crawler.Found, error) {
			time.Sleep(10 * time.Second)
			return crawler.Found{}, nil
		})
		m := newMemory()
		c := crawler.New([]crawler.Job{{Name: "fil", Config: "a", Source: source}}, keep, m, quiet())
		stop := run(t, c)
		time.Sleep(5 * time.Second)
		c.SetJobs([]crawler.Job{{Name: "fil", Config: "b", Source: source}})
		time.Sleep(time.Minute)
		stop()
		if got := m.get("fil").Config; got != "b" {
			t.Errorf("last visited as configured by %q, want b", got)
		}
	})
}

func TestAWallClockThatJumpsWhileWeRunBringsNothingForward(t *testing.T) {
	for _, jump := range []time.Duration{time.Hour, -time.Hour, 50 * 365 * 24 * time.Hour, -26 * 365 * 24 * time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			var offset atomic.Int64
			opt := quiet()
			opt.Clock = clock.Set(func() time.Time { return time.Now().Add(time.Duration(offset.Load())) })
			var visits atomic.Int32
			source := sourceFunc(func(context.Context, string) (crawler.Found, error) { visits.Add(1); return crawler.Found{}, nil })
			m := newMemory()
			c := crawler.New([]crawler.Job{{Name: "fil", Source: source}}, keep, m, opt)
			stop := run(t, c)
			time.Sleep(30 * time.Minute)
			offset.Store(int64(jump))
			if ahead := c.Visits()[0].Next.Sub(opt.Now()); ahead < 30*time.Minute || ahead > 36*time.Minute {
				t.Errorf("jump of %v: the next visit is told %v ahead", jump, ahead)
			}
			time.Sleep(29 * time.Minute)
			if got := visits.Load(); got != 1 {
				t.Errorf("jump of %v: %d visits within the hour, want 1", jump, got)
			}
			time.Sleep(8 * time.Minute)
			if got := visits.Load(); got != 2 {
				t.Errorf("jump of %v: %d visits after 67 minutes, want 2", jump, got)
			}
			stop()
			restart := run(t, crawler.New([]crawler.Job{{Name: "fil", Source: source}}, keep, m, quiet())) // and back again
			time.Sleep(67 * time.Minute)
			restart()
			if got := visits.Load(); got < 3 {
				t.Errorf("jump of %v and back over a restart: %d visits, want a third", jump, got)
			}
		})
	}
}

func TestJobsAreReplacedWhileWeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		var long atomic.Bool
		slow := sourceFunc(func(ctx context.Context, cursor string) (crawler.Found, error) {
			if long.Load() {
				<-ctx.Done()
			}
			return crawler.Found{Next: cursor + "x"}, ctx.Err()
		})
		a, b := crawler.Job{Name: "a", Own: true, Source: slow}, crawler.Job{Name: "b", Source: always("b1")}
		c := crawler.New([]crawler.Job{a}, keep, m, quiet())
		stop := run(t, c)
		time.Sleep(time.Minute)
		c.SetJobs([]crawler.Job{a, b})
		time.Sleep(time.Second)
		if v := c.Visits(); len(v) != 2 || v[0].Cursor != "x" || v[1].Cursor != "b1" {
			t.Errorf("with b added: %+v", v)
		}
		long.Store(true)
		time.Sleep(6 * time.Minute) // a is being visited
		c.SetJobs([]crawler.Job{b})
		synctest.Wait()
		if v := c.Visits(); len(v) != 1 || v[0].Source != "b" {
			t.Errorf("with a removed: %+v", v)
		}
		if v := m.get("a"); v.Cursor != "x" || v.Failures != 0 {
			t.Errorf("a was broken off: remembered %+v", v)
		}
		long.Store(false)
		c.SetJobs([]crawler.Job{a, b})
		time.Sleep(time.Minute)
		if v := c.Visits(); v[0].Cursor != "xx" {
			t.Errorf("a came back: %+v, want it to go on where it was", v[0])
		}
		if err := c.VisitNow("c"); err == nil || !strings.Contains(err.Error(), "“c”") {
			t.Errorf("asked for a source that is not there: %v", err)
		}
		stop()
	})
}

func TestAShorterIntervalHoldsFromTheReloadOn(t *testing.T) {
	for wish, want := range map[time.Duration]int32{0: 3, 20 * time.Hour: 1} {
		synctest.Test(t, func(t *testing.T) {
			var visits atomic.Int32
			source := sourceFunc(func(context.Context, string) (crawler.Found, error) {
				f := crawler.Found{}
				if visits.Add(1); wish > 0 {
					f.NotBefore = time.Now().Add(wish)
				}
				return f, nil
			})
			job := func(every time.Duration) []crawler.Job {
				return []crawler.Job{{Name: "fil", Every: every, Source: source}}
			}
			c := crawler.New(job(24*time.Hour), keep, newMemory(), quiet())
			stop := run(t, c)
			time.Sleep(time.Minute)
			c.SetJobs(job(20 * time.Minute))
			time.Sleep(50 * time.Minute)
			if got := visits.Load(); got != want {
				t.Errorf("a place that wishes %v: %d visits, want %d", wish, got, want)
			}
			stop()
		})
	}
}

func TestWhatIsFoundBearsTheNameOfItsSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		sink := sinkFunc(func(_ context.Context, b mention.Batch) error {
			got = append(got, b.Source, b.Mentions[0].Source)
			return nil
		})
		stop := run(t, crawler.New([]crawler.Job{{Name: "écho", Source: always("x", "a")}}, sink, newMemory(), quiet()))
		time.Sleep(time.Minute)
		stop()
		if fmt.Sprint(got) != "[écho écho]" {
			t.Errorf("got %v", got)
		}
	})
}

func TestAPersonWhoAsksForASourceOfAnotherMachineIsToldSo(t *testing.T) {
	o := quiet()
	o.Elsewhere = func(source string) (int, bool) { return 2, source == "écho" }
	c := crawler.New(nil, keep, newMemory(), o)
	for source, want := range map[string]string{"écho": "« écho » est lue par une autre machine (processus 2)", "absente": "Aucune source ne s’appelle « absente »"} {
		err := c.VisitNow(source)
		if err == nil || !strings.Contains(strings.ReplaceAll(say.Explain(err, say.FrenchCanada), "\u00a0", " "), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestAPersonWhoIsInAHurryIsServedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var visits atomic.Int32
		source := sourceFunc(func(context.Context, string) (crawler.Found, error) { visits.Add(1); return crawler.Found{}, nil })
		c := crawler.New([]crawler.Job{{Name: "fil", Source: source}}, keep, newMemory(), quiet())
		stop := run(t, c)
		time.Sleep(10 * time.Minute)
		for range 20 {
			if err := c.VisitNow("fil"); err != nil {
				t.Errorf("refused: %v", err)
			}
			time.Sleep(time.Second)
		}
		if got := visits.Load(); got != 2 {
			t.Errorf("%d visits, want the first and one more", got)
		}
		stop()
	})
}

func TestEveryReasonCanBeSaid(t *testing.T) {
	for _, r := range crawler.Reasons() {
		for _, l := range []say.Lang{say.English, say.FrenchCanada, say.FrenchFrance} {
			if got := (crawler.Visit{Source: "fil", Reason: r, Failures: 1}).Say(l, time.Now()); !strings.Contains(got, "fil") {
				t.Errorf("%s in %s: %q", r, l, got)
			}
		}
	}
}

// answering is the error of a place that answers with a status.
func answering(t *testing.T, code int) error {
	t.Helper()
	web := webtest.New(t)
	web.Handle("nordelune.example", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }))
	_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: "http://nordelune.example/"})
	return err
}
