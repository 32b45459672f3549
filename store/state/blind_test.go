package state

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler"
)

// day is a daemon whose clock a test moves, with its beats and visits.
type day struct {
	*testing.T
	*hands
	db *DB
}

func newDay(t *testing.T) *day {
	c := &hands{at: friday}
	return &day{t, c, openAt(t, filepath.Join(t.TempDir(), "state.db"), c)}
}

// run lets time pass while the daemon runs.
func (d *day) run(span time.Duration) {
	d.Helper()
	ok(d.T, d.db.Beat(d.Context()))
	for ; span > 0; span -= beatEvery {
		d.add(min(span, beatEvery))
		ok(d.T, d.db.Beat(d.Context()))
	}
}

func (d *day) visit(source string, success time.Time, failures int, health crawler.Health) {
	d.Helper()
	v := crawler.Visit{Source: source, Last: d.now(), LastSuccess: success, Failures: failures, Health: health}
	if health != crawler.Well {
		v.Reason = "timeout"
	}
	if v.Blind = health == crawler.Paused || failures >= 2; v.Blind {
		v.BlindSince = success
	}
	ok(d.T, d.db.SaveVisit(d.Context(), v))
}

func (d *day) well(source string) { d.Helper(); d.visit(source, d.now(), 0, crawler.Well) }

// blind asks at an instant, in minutes after friday.
func (d *day) blind(minute float64, want ...alerting.Blindness) {
	d.Helper()
	got := must[[]alerting.Blindness](d.T)(d.db.BlindAt(d.Context(), []string{"a", "b"}, after(minute)))
	if diff := cmp.Diff(want, got); diff != "" {
		d.Errorf("blind at minute %v (-want +got):\n%s", minute, diff)
	}
}

func after(minute float64) time.Time { return friday.Add(time.Duration(minute * float64(time.Minute))) }

func since(source string, minute float64) alerting.Blindness {
	return alerting.Blindness{Source: source, Since: after(minute)}
}

// away is blind by our own doing: we did not run, or have not come back to it since.
func away(source string, minute float64) alerting.Blindness {
	b := since(source, minute)
	b.Away = true
	return b
}

func TestASourceIsBlindUntilItIsReadForTheFirstTime(t *testing.T) {
	d := newDay(t)
	d.run(10 * time.Minute)
	d.blind(5, away("a", 0), away("b", 0))
	d.well("a")
	d.blind(10, away("b", 0))
	d.blind(5, away("a", 0), away("b", 0)) // what is known later changes nothing
}

func TestASourceIsBlindWhenTheCrawlerSaysSo(t *testing.T) {
	d := newDay(t)
	d.run(0)
	d.well("a")
	d.well("b")
	d.run(10 * time.Minute)
	d.visit("a", friday, 1, crawler.Poorly)
	d.blind(10)
	d.run(10 * time.Minute)
	d.visit("a", friday, 2, crawler.Poorly)
	d.blind(15)
	d.blind(20, since("a", 0))
	d.run(10 * time.Minute)
	d.visit("a", friday, 3, crawler.Poorly)
	d.well("b")
	d.blind(30, since("a", 0))
	d.run(10 * time.Minute)
	d.well("a")
	d.blind(39, since("a", 0))
	d.blind(40)
	if lines := must[[]Entry](t)(d.db.Entries(t.Context(), time.Time{}, time.Time{}, 100)); len(lines) != 5 {
		t.Errorf("the journal has %d lines, want 5: a third failure and a second success are no change", len(lines))
	}
}

func TestAPausedSourceIsBlindAtOnce(t *testing.T) {
	d := newDay(t)
	d.run(0)
	d.well("a")
	d.well("b")
	d.run(10 * time.Minute)
	d.visit("b", friday, 1, crawler.Paused)
	d.blind(10, since("b", 0))
}

func TestTimeNotRunningIsBlindUntilEachSourceIsReadAgain(t *testing.T) {
	d := newDay(t)
	d.run(0)
	d.well("a")
	d.well("b")
	d.run(60 * time.Minute)
	d.add(8 * time.Hour) // 60 to 540
	d.run(10 * time.Minute)
	d.well("a")
	d.visit("b", friday, 1, crawler.Poorly) // one failure, but nothing read since we started
	d.run(10 * time.Minute)
	d.blind(59)
	d.blind(300, away("a", 60), away("b", 60))
	d.blind(545, away("a", 60), away("b", 60))
	d.blind(550, since("b", 0))
	d.well("b")
	d.blind(560)
	want := []Span{{after(0), after(60)}, {after(540), after(560)}}
	if diff := cmp.Diff(want, must[[]Span](t)(d.db.Spans(t.Context(), after(-10), after(1000)))); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
	cut := []Span{{after(30), after(60)}, {after(540), after(545)}}
	if diff := cmp.Diff(cut, must[[]Span](t)(d.db.Spans(t.Context(), after(30), after(545)))); diff != "" {
		t.Errorf("spans cut to a question (-want +got):\n%s", diff)
	}
}

func TestAQuickRestartIsNoGap(t *testing.T) {
	d := newDay(t)
	d.run(0)
	d.well("a")
	d.well("b")
	d.run(10 * time.Minute)
	d.add(2 * time.Minute)
	d.blind(11.5) // between two beats, asked live
	d.run(time.Minute)
	d.blind(11.5) // and later
	d.blind(13)
}

// A machine that slept is one that did not run: its clock is ahead when it wakes,
// and nobody was told. What was asked for before it slept counts as before.
func TestAMachineThatSleptWasBlindUntilItsSourcesAreReadAgain(t *testing.T) {
	d := newDay(t)
	d.run(0)
	d.well("a")
	d.well("b")
	d.run(30 * time.Minute)
	asked := d.now()
	d.add(8 * time.Hour)                         // the lid was closed from 30 to 510
	d.blind(510.5, away("a", 30), away("b", 30)) // awake, and no beat yet
	d.visit("b", asked, 0, crawler.Well)         // under way when the lid was closed
	d.run(10 * time.Minute)
	d.blind(510.5, away("a", 30), since("b", 30))
	d.blind(515, away("a", 30), since("b", 30))
	d.well("a")
	d.blind(520, since("b", 30))
	d.well("b")
	d.blind(520)
	d.blind(300, away("a", 30), away("b", 30))
	want := []Span{{after(0), after(30)}, {after(510), after(520)}}
	if diff := cmp.Diff(want, must[[]Span](t)(d.db.Spans(t.Context(), after(-10), after(1000)))); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

func TestBeforeTheFirstStartNothingWasReadEver(t *testing.T) {
	d := newDay(t)
	d.run(time.Minute)
	d.blind(-60, alerting.Blindness{Source: "a", Away: true}, alerting.Blindness{Source: "b", Away: true})
}

func TestAClockPutBackTearsNoHoleIntoOurTime(t *testing.T) {
	d := newDay(t)
	d.run(30 * time.Minute)
	d.add(-20 * time.Minute)
	d.run(25 * time.Minute)
	if diff := cmp.Diff([]Span{{after(0), after(35)}}, must[[]Span](t)(d.db.Spans(t.Context(), after(-10), after(100)))); diff != "" {
		t.Errorf("spans (-want +got):\n%s", diff)
	}
}

func TestHowASourceStandsOutlivesTheJournal(t *testing.T) {
	d := newDay(t)
	d.run(0)
	d.well("a")
	d.well("b")
	d.run(10 * time.Minute)
	d.visit("b", friday, 0, crawler.Paused)
	d.run(5 * time.Hour)
	if n := must[int](t)(d.db.Forget(t.Context(), time.Time{}, d.now())); n != 1 {
		t.Errorf("forgot %d lines, want the one that no longer holds", n)
	}
	d.blind(300, since("b", 0))
}

// Whatever a day was like, what was answered then is answered again later: a
// replay over history owes what live owed.
func TestBlindnessIsTheSameAskedThenAndAskedLater(t *testing.T) {
	d := newDay(t) // one file, many days: each begins where the last one ended
	rapid.Check(t, func(rt *rapid.T) {
		type answer struct {
			at    time.Time
			blind []alerting.Blindness
		}
		var then []answer
		success := map[string]time.Time{}
		for range rapid.IntRange(1, 25).Draw(rt, "events") {
			switch rapid.IntRange(0, 5).Draw(rt, "event") {
			case 0:
				d.run(time.Duration(rapid.IntRange(0, 4).Draw(rt, "minutes")) * time.Minute)
			case 1: // stopped, or only slow
				d.add(time.Duration(rapid.IntRange(1, 400).Draw(rt, "seconds")) * time.Second)
			case 2:
				ok(t, d.db.Beat(t.Context()))
			default:
				source := rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "source")
				failures := rapid.IntRange(0, 3).Draw(rt, "failures")
				health := rapid.SampledFrom([]crawler.Health{crawler.Well, crawler.Poorly, crawler.Paused}).Draw(rt, "health")
				if failures == 0 && health == crawler.Well {
					success[source] = d.now()
				}
				d.visit(source, success[source], failures, health)
			}
			blind := must[[]alerting.Blindness](t)(d.db.BlindAt(t.Context(), []string{"a", "b"}, d.now()))
			then = append(then, answer{d.now(), blind})
			d.add(time.Microsecond)
		}
		for _, a := range then {
			later := must[[]alerting.Blindness](t)(d.db.BlindAt(t.Context(), []string{"a", "b"}, a.at))
			if diff := cmp.Diff(a.blind, later); diff != "" {
				rt.Errorf("at %v (-then +later):\n%s", a.at, diff)
			}
		}
	})
}

func TestTheLastLongPauseIsTheOneThatLastEnded(t *testing.T) {
	d := newDay(t)
	d.run(10 * time.Minute)
	d.add(15 * time.Hour)
	woken := d.now()
	d.run(10 * time.Minute)
	d.add(20 * time.Minute) // too short to count
	d.run(10 * time.Minute)
	for _, c := range []struct {
		name     string
		at       time.Time
		from, to time.Time
	}{
		{"before it", after(10), time.Time{}, time.Time{}},
		{"while it is short", after(39), time.Time{}, time.Time{}},
		{"while it lasts", after(60), after(10), after(60)},
		{"as it ends", woken, after(10), woken},
		{"after a short one", d.now(), after(10), woken},
	} {
		from, to, err := d.db.LastPause(t.Context(), c.at, 30*time.Minute)
		if err != nil || !from.Equal(c.from) || !to.Equal(c.to) {
			t.Errorf("%s: from %v to %v, %v, want %v to %v", c.name, from, to, err, c.from, c.to)
		}
	}
}

func TestAClockThatIsSetIsNoTimeInWhichWeDidNotRunAndSleepIs(t *testing.T) {
	for _, c := range []struct {
		name  string
		awake time.Duration // by which the clock that nobody sets went on
		want  int           // spans
	}{
		{"put forward by an hour", time.Minute, 1},
		{"slept for an hour", time.Hour + time.Minute, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, awake := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC), time.Duration(0)
			db, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{
				Now: func() time.Time { return now }, Awake: func() time.Duration { return awake }})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			began := now
			for range 3 {
				if err := db.Beat(t.Context()); err != nil {
					t.Fatal(err)
				}
				now, awake = now.Add(time.Minute), awake+time.Minute
			}
			now, awake = now.Add(time.Hour), awake+c.awake-time.Minute
			if err := db.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			spans, err := db.Spans(t.Context(), began, now.Add(time.Hour))
			if err != nil || len(spans) != c.want {
				t.Errorf("got %v, %v", spans, err)
			}
		})
	}
}
