package crawler_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/clock"
)

// laptop is a machine that sleeps when its lid is closed: then its steady clock stands
// still, and the world goes on.
type laptop struct {
	clock.Clock
	slept atomic.Int64
}

func newLaptop() *laptop { return &laptop{Clock: clock.Real()} }

func (l *laptop) Slept() time.Duration  { return time.Duration(l.slept.Load()) }
func (l *laptop) Now() time.Time        { return time.Now().Add(l.Slept()) }
func (l *laptop) Bell() clock.Bell      { return lookingBell{l.Clock.Bell()} }
func (l *laptop) sleep(d time.Duration) { l.slept.Add(int64(d)) }

// lookingBell looks every minute whether the lid was closed.
type lookingBell struct{ clock.Bell }

func (b lookingBell) Wait(ctx context.Context, d time.Duration) {
	b.Bell.Wait(ctx, min(d, time.Minute))
}

// asked is when each source was asked, by the world's time.
type asked struct {
	sync.Mutex
	at map[string][]time.Time
}

func (a *asked) source(l *laptop, name string, notBefore time.Time) crawler.Source {
	return sourceFunc(func(context.Context, string) (crawler.Found, error) {
		a.Lock()
		defer a.Unlock()
		a.at[name] = append(a.at[name], l.Now())
		return crawler.Found{NotBefore: notBefore}, nil
	})
}

// onALaptop runs forty sources, and one that wished to be left alone for a day, for half
// an hour, a sleep, and two hours more.
func onALaptop(t *testing.T, sleep time.Duration) (a *asked, woke time.Time) {
	t.Helper()
	l := newLaptop()
	a = &asked{at: map[string][]time.Time{}}
	var jobs []crawler.Job
	for i := range 40 {
		name := fmt.Sprint("source-", i)
		jobs = append(jobs, crawler.Job{Name: name, Source: a.source(l, name, time.Time{})})
	}
	jobs = append(jobs, crawler.Job{Name: "patient", Source: a.source(l, "patient", l.Now().Add(24*time.Hour))})
	opt := quiet()
	opt.Clock = l
	stop := run(t, crawler.New(jobs, keep, newMemory(), opt))
	time.Sleep(30 * time.Minute)
	l.sleep(sleep)
	woke = l.Now()
	time.Sleep(2 * time.Hour)
	stop()
	return a, woke
}

func TestAfterANightWithTheLidClosedWhatIsOverdueIsReadAtOnceOneAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, woke := onALaptop(t, 8*time.Hour)
		moments := map[time.Time]bool{}
		for name, at := range a.at {
			if name == "patient" {
				continue
			}
			if len(at) < 3 || at[1].Before(woke) || at[1].After(woke.Add(90*time.Second)) {
				t.Errorf("%s was asked at %v, want it again within a minute and a half of %v", name, at, woke)
				continue
			}
			if moments[at[1]] = true; at[2].Sub(at[1]) < time.Hour {
				t.Errorf("%s was asked twice within an hour: %v", name, at)
			}
		}
		if len(moments) < 40 {
			t.Errorf("forty sources were asked at %d moments: a stampede", len(moments))
		}
		if n := len(a.at["patient"]); n != 1 {
			t.Errorf("who wished to be left alone for a day was asked %d times", n)
		}
	})
}

func TestAShortSleepCountsAsTimeAndNobodyIsAskedTooSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := onALaptop(t, 20*time.Minute)
		for name, at := range a.at {
			for i := 1; i < len(at); i++ {
				if gap := at[i].Sub(at[i-1]); gap < time.Hour || gap > 68*time.Minute {
					t.Errorf("%s was asked %v after the last time, want about an hour", name, gap)
				}
			}
		}
		if n := len(a.at["patient"]); n != 1 {
			t.Errorf("who wished to be left alone for a day was asked %d times", n)
		}
	})
}
