package crawler

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
)

func TestAnIntervalStaysWithinItsBounds(t *testing.T) {
	for _, c := range []struct {
		job  Job
		want time.Duration
	}{
		{Job{}, time.Hour},
		{Job{Own: true}, 5 * time.Minute},
		{Job{Every: time.Minute}, 15 * time.Minute},
		{Job{Every: time.Second, Own: true}, 2 * time.Minute},
		{Job{Every: 30 * time.Minute}, 30 * time.Minute},
		{Job{Every: 3 * time.Minute, Own: true}, 3 * time.Minute},
		{Job{Every: 90 * 24 * time.Hour}, 24 * time.Hour},
		{Job{Every: -time.Hour}, 15 * time.Minute},
	} {
		if got := c.job.Interval(); got != c.want {
			t.Errorf("every %v, own %v: interval %v, want %v", c.job.Every, c.job.Own, got, c.want)
		}
	}
}

func TestJitterOnlyEverLengthens(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for hint, want := range map[time.Duration][2]time.Duration{
		0:                   {time.Hour, 66 * time.Minute},
		30 * time.Minute:    {time.Hour, 66 * time.Minute},
		3 * time.Hour:       {3 * time.Hour, 3*time.Hour + time.Minute},
		90 * 24 * time.Hour: {7 * 24 * time.Hour, 7*24*time.Hour + time.Minute},
		-time.Hour:          {time.Hour, 66 * time.Minute},
	} {
		seen := map[time.Duration]bool{}
		for range 1000 {
			var at time.Time
			if hint != 0 {
				at = now.Add(hint)
			}
			got := jitter(chance).afterSuccess(Job{}, at, now)
			if seen[got] = true; got < want[0] || got > want[1] {
				t.Fatalf("hint %v: wait %v, want within %v", hint, got, want)
			}
		}
		if len(seen) < 900 {
			t.Errorf("hint %v: %d different waits of 1000: those that start together would stay together", hint, len(seen))
		}
	}
}

func TestAFailureIsAskedAgainLaterAndLater(t *testing.T) {
	status := func(code int, retry string) error { return answered(t, code, retry) }
	const h = time.Hour
	for _, c := range []struct {
		name string
		job  Job
		err  error
		want [9]time.Duration // least wait after that many failures
	}{
		{"server in trouble", Job{}, status(500, ""), [9]time.Duration{h, 2 * h, 4 * h, 8 * h, 16 * h, 24 * h, 24 * h, 24 * h, 24 * h}},
		{"not there", Job{}, status(404, ""), [9]time.Duration{4 * h, 8 * h, 16 * h, 24 * h, 24 * h, 24 * h, 24 * h, 24 * h, 24 * h}},
		{"busy", Job{Every: 15 * time.Minute}, status(429, ""), [9]time.Duration{h / 4, h / 2, h, 2 * h, 4 * h, 8 * h, 16 * h, 24 * h, 24 * h}},
		{"busy, own", Job{Own: true}, status(503, ""), [9]time.Duration{h / 4, h / 2, h, 2 * h, 4 * h, 8 * h, 16 * h, 24 * h, 24 * h}},
		{"busy for three hours", Job{}, status(503, "10800"), [9]time.Duration{3 * h, 3 * h, 3 * h, 3 * h, 3 * h, 3 * h, 3 * h, 3 * h, 3 * h}},
		{"busy for a second", Job{}, status(429, "1"), [9]time.Duration{h, h, h, h, h, h, h, h, h}},
		{"no answer", Job{}, polite.Fail("nordelune.example", polite.Timeout, nil), [9]time.Duration{h, 2 * h, 4 * h, 4 * h, 4 * h, 4 * h, 4 * h, 4 * h, 4 * h}},
		{"own, no answer", Job{Own: true}, polite.Fail("valtisse.example", polite.DNS, nil), [9]time.Duration{h / 12, h / 6, h / 3, 2 * h / 3, h, h, h, h, h}},
		{"once a day", Job{Every: 24 * h}, errors.New("anything"), [9]time.Duration{24 * h, 24 * h, 24 * h, 24 * h, 24 * h, 24 * h, 24 * h, 24 * h, 24 * h}},
	} {
		for i, want := range c.want {
			for range 50 {
				if got := jitter(chance).afterFailure(c.job, i+1, c.err); got < want || got > want+want/10+time.Minute {
					t.Fatalf("%s, failure %d: wait %v, want %v and up to a tenth", c.name, i+1, got, want)
				}
			}
		}
		if got := jitter(chance).afterFailure(c.job, 1<<30, c.err); got > 27*time.Hour {
			t.Errorf("%s, after a billion failures: wait %v", c.name, got)
		}
	}
}

func TestAClockThatJumpedPutsNobodyOffForLongerThanPlanned(t *testing.T) {
	at := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	visit := func(v Visit) Visit {
		v.Last, v.Health = at, Well
		if v.Next.IsZero() {
			v.Next = at.Add(time.Hour)
		}
		return v
	}
	for name, c := range map[string]struct {
		visit Visit
		now   time.Time
		want  time.Duration
	}{
		"never visited":           {Visit{}, at, 0},
		"half an hour later":      {visit(Visit{}), at.Add(30 * time.Minute), 30 * time.Minute},
		"overdue":                 {visit(Visit{}), at.Add(2 * time.Hour), -time.Hour},
		"an hour back":            {visit(Visit{}), at.Add(-time.Hour), time.Hour},
		"started in 1970":         {visit(Visit{}), time.Unix(0, 0), time.Hour},
		"1970, a wish of a day":   {visit(Visit{Next: at.Add(24 * time.Hour), NotBefore: at.Add(24 * time.Hour)}), time.Unix(0, 0), 24 * time.Hour},
		"remembered from 1970":    {Visit{Health: Well, Last: time.Unix(0, 0), Next: time.Unix(3600, 0)}, at, time.Unix(3600, 0).Sub(at)},
		"no plan is that long":    {visit(Visit{Next: at.Add(1000 * time.Hour)}), at.Add(-time.Hour), 8 * 24 * time.Hour},
		"planned before the last": {visit(Visit{Next: at.Add(-time.Hour)}), at, 0},
	} {
		if got := remaining(c.visit, c.now); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestAStartIsNoStampede(t *testing.T) {
	now := time.Now()
	for n, within := range map[int]time.Duration{1: 0, 40: 8 * time.Second, 100_000: 10 * time.Minute} {
		seats := make([]*seat, n)
		for i := range seats {
			seats[i] = &seat{visit: Visit{Next: now.Add(-time.Duration(i) * time.Second)}}
		}
		oldest := seats[n-1]
		spread(seats, now)
		if last := seats[n-1].due.Sub(now); last > within || n > 1 && last < within*9/10 {
			t.Errorf("%d sources: the last starts after %v, want about %v", n, last, within)
		}
		if !oldest.due.Equal(now) {
			t.Errorf("%d sources: the longest overdue starts after %v", n, oldest.due.Sub(now))
		}
	}
}

// answered is the error of a place that answers with a status.
func answered(t *testing.T, code int, retry string) (err error) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("nordelune.example", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", retry)
			w.WriteHeader(code)
		}))
		_, err = web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: "http://nordelune.example/"})
		err = fmt.Errorf("read the feed: %w", err)
	})
	return err
}
