package clock_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
)

var noon = time.Date(2026, 9, 7, 12, 0, 0, 0, time.UTC)

func TestARingBeforeTheWaitIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := clock.Real().Bell()
		defer b.Close()
		b.Ring()
		b.Ring() // both are one
		began := time.Now()
		b.Wait(t.Context(), time.Hour)
		if took := time.Since(began); took != 0 {
			t.Errorf("the ring before the wait was heard after %v", took)
		}
		b.Wait(t.Context(), time.Hour)
		if took := time.Since(began); took != time.Hour {
			t.Errorf("the next wait ended after %v, want an hour", took)
		}
	})
}

func TestAWaitCountsByTheSteadyClockAndUntilNoticesAClockThatWasSet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wrong atomic.Int64
		c := clock.Set(func() time.Time { return time.Now().Add(time.Duration(wrong.Load())) })
		b := c.Bell()
		defer b.Close()
		began, at := time.Now(), c.Now().Add(5*time.Hour)
		time.AfterFunc(10*time.Minute+time.Second, func() { wrong.Store(int64(5 * time.Hour)) })
		for c.Now().Before(at) {
			b.Until(t.Context(), at)
		}
		if took := time.Since(began); took != 11*time.Minute {
			t.Errorf("a clock that was set after ten minutes was noticed after %v, want 11 minutes", took)
		}
		b.Wait(t.Context(), time.Hour)
		if took := time.Since(began); took != 71*time.Minute {
			t.Errorf("waited until %v, want an hour whatever the clock says", took)
		}
	})
}

// walk steps until nothing is due by the limit.
func walk(t *testing.T, s *clock.Stepped, limit time.Time) {
	t.Helper()
	for woke := true; woke; {
		var err error
		if woke, err = s.Step(t.Context(), limit); err != nil {
			t.Fatal(err)
		}
	}
}

// lines is what several goroutines said, in order.
type lines struct {
	sync.Mutex
	said []string
}

func (l *lines) add(s *clock.Stepped, format string, args ...any) {
	l.Lock()
	defer l.Unlock()
	l.said = append(l.said, s.Now().Format("15:04:05 ")+fmt.Sprintf(format, args...))
}

// The story is the daemon's: one visits and hands work to another who rings a
// third. It must be told the same way every time.
func TestTimeStandsStillWhileAnybodyWorksAndEveryRunIsTheSame(t *testing.T) {
	run := func() []string {
		ctx, stop := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var told lines
		s := clock.NewStepped(noon)
		engine, crawler := s.Bell(), s.Bell()
		all.Go(func() {
			defer engine.Close()
			for ctx.Err() == nil {
				told.add(s, "engine")
				engine.Until(ctx, s.Now().Add(25*time.Minute))
			}
		})
		all.Go(func() {
			defer crawler.Close()
			var visits sync.WaitGroup
			for n := 0; ctx.Err() == nil; n++ {
				done := s.Work()
				visits.Go(func() {
					defer done()
					<-time.After(time.Millisecond) // a real server takes its time
					told.add(s, "visit %d", n)
					engine.Ring()
				})
				crawler.Wait(ctx, 10*time.Minute)
			}
			visits.Wait()
		})
		walk(t, s, noon.Add(30*time.Minute))
		if got := s.Now(); !got.Equal(noon.Add(30 * time.Minute)) {
			t.Errorf("it is %v, want half past twelve", got)
		}
		stop()
		all.Wait()
		return told.said
	}
	want := []string{"12:00:00 engine", "12:00:00 visit 0", "12:00:00 engine", "12:10:00 visit 1", "12:10:00 engine",
		"12:20:00 visit 2", "12:20:00 engine", "12:30:00 visit 3", "12:30:00 engine"}
	for range 20 {
		got := run()
		slices.Sort(got[:2]) // both begin at once
		if !slices.Equal(got[:len(want)], want) {
			t.Fatalf("told\n%q, want\n%q", got, want)
		}
	}
}

func TestAStepThatIsGivenUpSaysSoAndLeavesTheTime(t *testing.T) {
	s := clock.NewStepped(noon)
	done := s.Work()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Step(ctx, noon.Add(time.Hour)); err == nil || !s.Now().Equal(noon) {
		t.Errorf("stepped to %v (%v) while somebody was at work", s.Now(), err)
	}
	done()
	done() // says nothing more
	if woke, err := s.Step(t.Context(), noon.Add(time.Hour)); woke || err != nil || !s.Now().Equal(noon.Add(time.Hour)) {
		t.Errorf("woke %v at %v (%v), want nobody an hour later", woke, s.Now(), err)
	}
}

func TestAHolderWhoIsStoppedInItsWaitIsCountedOnce(t *testing.T) {
	for range 200 { // a stop and a wake may meet
		s := clock.NewStepped(noon)
		ctx, stop := context.WithCancel(t.Context())
		b := s.Bell()
		ended := make(chan struct{})
		go func() { defer close(ended); defer b.Close(); b.Wait(ctx, time.Minute) }()
		go stop()
		walk(t, s, noon.Add(time.Hour))
		<-ended
		b.Close() // twice is once
		s.Work()()
		walk(t, s, noon.Add(2*time.Hour))
		if !s.Now().Equal(noon.Add(2 * time.Hour)) {
			t.Fatalf("the clock stands at %v", s.Now())
		}
	}
}
