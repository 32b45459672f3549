package crawler_test

import (
	"context"
	"errors"
	"fmt"
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

// turning is a source that answers well until it is told otherwise.
type turning struct {
	mu sync.Mutex
	answers
}

// answers is how it answers.
type answers struct {
	err   error
	doubt error
	count int // of items published so far; the newest twenty stand
}

func (s *turning) turn(a answers) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = a
}

func (s *turning) publish() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
}

func (s *turning) Fetch(context.Context, string) (crawler.Found, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := crawler.Found{Next: fmt.Sprint(s.count), Doubt: s.doubt}
	for i := max(s.count-20, 0); i < s.count; i++ {
		f.Mentions = append(f.Mentions, mention.Mention{ID: fmt.Sprint("l’écho n° ", i)})
	}
	return f, s.err
}

// told is a visit without what only programs read.
func told(v crawler.Visit) string {
	v.History = ""
	return fmt.Sprintf("%+v", v)
}

func TestWhatAPlaceStatesIsBelievedAtOnceAndWeatherIsWaitedFor(t *testing.T) {
	fail := func(why polite.Reason) answers { return answers{err: polite.Fail("echo.example", why, nil)} }
	hour, five := crawler.Job{Every: time.Hour}, crawler.Job{Own: true}
	for name, c := range map[string]struct {
		job    crawler.Job
		turned answers
		within time.Duration // blind
		never  time.Duration // not yet blind
	}{
		"it turns us away":              {hour, fail(polite.Auth), 70 * time.Minute, 0},
		"a login":                       {hour, fail(polite.Login), 70 * time.Minute, 0},
		"a page":                        {hour, fail(polite.Page), 70 * time.Minute, 0},
		"a broken answer":               {hour, fail(polite.Parse), 70 * time.Minute, 0},
		"nothing there":                 {hour, fail(polite.HTTP4xx), 70 * time.Minute, 0},
		"an empty list":                 {hour, answers{doubt: polite.Fail("", polite.Empty, nil), count: 1}, 70 * time.Minute, 0},
		"gone":                          {hour, answers{err: answering(t, 410)}, 70 * time.Minute, 0},
		"no answer":                     {hour, fail(polite.Timeout), 140 * time.Minute, 70 * time.Minute},
		"an outage":                     {hour, fail(polite.HTTP5xx), 140 * time.Minute, 70 * time.Minute},
		"busy for ten minutes":          {hour, answers{err: polite.Later("echo.example", 10*time.Minute, nil)}, 150 * time.Minute, 75 * time.Minute},
		"busy for a day":                {hour, answers{err: polite.Later("echo.example", 24*time.Hour, nil)}, 70 * time.Minute, 0},
		"our own place, an outage":      {five, fail(polite.HTTP5xx), time.Hour, 20 * time.Minute},
		"our own place turns us away":   {five, fail(polite.Auth), 6 * time.Minute, 0},
		"once a day, it turns us away":  {crawler.Job{Every: 24 * time.Hour}, fail(polite.Auth), 27 * time.Hour, 0},
		"once a day, without an answer": {crawler.Job{Every: 24 * time.Hour}, fail(polite.DNS), 54 * time.Hour, 27 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source, m := &turning{answers: answers{count: 1}}, newMemory()
				c.job.Name, c.job.Source = "L’Écho", source
				stop := run(t, crawler.New([]crawler.Job{c.job}, keep, m, quiet()))
				time.Sleep(time.Minute)
				read := m.get("L’Écho")
				if read.Blind {
					t.Fatalf("blind from the start: %s", told(read))
				}
				source.turn(c.turned)
				time.Sleep(c.never - time.Minute)
				if v := m.get("L’Écho"); v.Blind {
					t.Errorf("blind within %v: %s", c.never, told(v))
				}
				time.Sleep(c.within - max(c.never, time.Minute))
				v := m.get("L’Écho")
				if !v.Blind || !v.BlindSince.Equal(read.LastSuccess) {
					t.Errorf("after %v: %s, want it blind since %v", c.within, told(v), read.LastSuccess)
				}
				stop()
			})
		})
	}
}

func TestAnEmptyListIsDoubtedWhileItsCursorMovesAndIsAskedAsOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, m := &turning{answers: answers{count: 12}}, newMemory()
		stop := run(t, crawler.New([]crawler.Job{{Name: "fil", Source: source}}, keep, m, quiet()))
		time.Sleep(time.Minute)
		source.turn(answers{doubt: polite.Fail("", polite.Empty, nil)})
		time.Sleep(10 * time.Hour)
		if v := m.get("fil"); v.Cursor != "0" || v.Reason != "empty" || v.Failures < 8 || v.Health != crawler.Poorly {
			t.Errorf("after ten hours: %s, want the cursor moved and nine doubtful visits", told(v))
		}
		if got := m.get("fil").Say(say.FrenchCanada, time.Now()); !strings.Contains(got, "deux semaines") {
			t.Errorf("said %q, want how it heals", got)
		}
		source.turn(answers{count: 12})
		time.Sleep(67 * time.Minute)
		if v := m.get("fil"); v.Blind || v.Health != crawler.Well || !v.BlindSince.IsZero() {
			t.Errorf("filled again: %s", told(v))
		}
		stop()
	})
}

func TestASourceThatFallsSilentIsReadPoorlyThenBlindUntilSomethingIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source, m := &turning{answers: answers{count: 1}}, newMemory()
		stop := run(t, crawler.New([]crawler.Job{{Name: "L’Écho", Source: source}}, keep, m, quiet()))
		for range 800 { // 66 days, by day and by night
			time.Sleep(2 * time.Hour)
			source.publish()
		}
		time.Sleep(20 * time.Hour)
		if v := m.get("L’Écho"); v.Health != crawler.Well || v.Blind {
			t.Errorf("after a day without news: %s", told(v))
		}
		time.Sleep(20 * time.Hour)
		v := m.get("L’Écho")
		if v.Health != crawler.Poorly || v.Reason != "silent" || v.Blind || v.Failures != 0 || v.Lasting(time.Now()) {
			t.Errorf("after two days: %s, want it read poorly and trusted", told(v))
		}
		if got := v.Say(say.FrenchCanada, time.Now()); !strings.HasPrefix(got, "L’Écho répond, mais n’a rien apporté de nouveau depuis") || !strings.Contains(got, "ses silences dépassent rarement") {
			t.Errorf("said %q", got)
		}
		time.Sleep(2 * 24 * time.Hour)
		silent := m.get("L’Écho")
		if !silent.Blind || time.Since(silent.BlindSince) < 3*24*time.Hour {
			t.Errorf("after four days: %s, want it blind since its last news", told(silent))
		}
		source.turn(answers{err: polite.Fail("echo.example", polite.Timeout, errors.New("late"))})
		for minute := 0; minute < 70 && m.get("L’Écho").Failures == 0; minute++ { // visits are at least an hour apart
			time.Sleep(time.Minute)
		}
		if v := m.get("L’Écho"); v.Failures != 1 || !v.Blind || !v.BlindSince.Equal(silent.BlindSince) {
			t.Errorf("a single failure: %s, want it blind still", told(v))
		}
		source.turn(answers{count: 1000})
		time.Sleep(3 * time.Hour)
		if v := m.get("L’Écho"); v.Blind || v.Health != crawler.Well || v.Reason != "" {
			t.Errorf("with something new: %s", told(v))
		}
		stop()
	})
}

func TestWhatCannotBeKeptForLongMakesItsSourceBlind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var away atomic.Bool
		away.Store(true)
		sink := sinkFunc(func(context.Context, mention.Batch) error {
			if away.Load() {
				return errors.New("the disk is full")
			}
			return nil
		})
		m := newMemory(crawler.Visit{Source: "fil", Last: time.Now(), LastSuccess: time.Now()})
		stop := run(t, crawler.New([]crawler.Job{{Name: "fil", Source: always("a", "1")}}, sink, m, quiet()))
		time.Sleep(time.Hour)
		if v := m.get("fil"); v.Blind {
			t.Errorf("within an hour: %s", told(v))
		}
		time.Sleep(3 * time.Hour)
		if v := m.get("fil"); !v.Blind || v.Reason != "" {
			t.Errorf("after four hours: %s, want it blind and nothing held against it", told(v))
		} else if got := v.Say(say.FrenchCanada, time.Now()); !strings.HasPrefix(got, "Ce que fil apporte ne peut être conservé") {
			t.Errorf("said %q", got)
		}
		away.Store(false)
		time.Sleep(3 * time.Hour)
		if v := m.get("fil"); v.Blind {
			t.Errorf("once kept: %s", told(v))
		}
		stop()
	})
}
