package freshness

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// monday is a Monday in January, at midnight.
var monday = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// items makes one item at each instant, named by it.
func items(instants ...time.Time) (all []Item) {
	for _, at := range instants {
		all = append(all, Item{ID: "l’écho-" + at.Format(time.RFC3339), Published: at})
	}
	return all
}

// lived is a place that was read half an hour before and after each of these.
func lived(instants []time.Time) *History {
	h := &History{}
	for _, at := range instants {
		h.Visit(at.Add(30*time.Minute), at.Add(-30*time.Minute), items(at))
	}
	return h
}

// every lists instants a step apart, those left out that skip tells.
func every(step, span time.Duration, skip func(time.Time) bool) (all []time.Time) {
	for at := monday; at.Before(monday.Add(span)); at = at.Add(step) {
		if skip == nil || !skip(at) {
			all = append(all, at)
		}
	}
	return all
}

func night(at time.Time) bool { return at.Hour() < 6 || at.Hour() > 20 }

func nightOrWeekend(at time.Time) bool {
	return night(at) || at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
}

func TestAPlaceIsJudgedByItsOwnGaps(t *testing.T) {
	year := 364 * day
	for name, c := range map[string]struct {
		instants    []time.Time
		quiet, late time.Duration // of silence, from ... to; zero for never
		slack       time.Duration
	}{
		"every half-hour by day":    {every(30*time.Minute, year, night), 44 * time.Hour, 79 * time.Hour, 6 * time.Hour},
		"on weekdays":               {every(30*time.Minute, year, nightOrWeekend), 6 * day, 24 * day, 3 * day},
		"once a week":               {every(7*day, year, nil), 16 * day, 34 * day, 3 * day},
		"once a month":              {every(30*day, year, nil), 65 * day, 83 * day, 12 * day},
		"three a year":              {every(121*day, 3*year, nil), 0, 0, 0},
		"a campaign, then little":   {append(every(12*time.Hour, 14*day, nil), every(120*day, year, nil)[1:]...), 0, 0, 0},
		"known for three days":      {every(30*time.Minute, 3*day, night), 9 * day, 56 * day, 2 * day},
		"nothing is known of it":    {nil, 0, 0, 0},
		"a summer break every year": {every(30*time.Minute, 2*year, func(at time.Time) bool { return night(at) || at.Month() == time.July && at.Day() < 22 }), 44 * time.Hour, 79 * time.Hour, 6 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			h := lived(c.instants)
			quiet, late := first(h, Quiet), first(h, Late)
			if !near(quiet, c.quiet, c.slack) || !near(late, c.late, c.slack) {
				t.Errorf("usual gap %v: quiet after %v, late after %v; want about %v and %v", h.Usual(), quiet, late, c.quiet, c.late)
			}
		})
	}
}

// first is the silence after which h is first given a verdict, 0 for never within three years.
func first(h *History, v Verdict) time.Duration {
	for silent := time.Duration(0); silent < 1000*day; silent += time.Hour {
		if h.Judge(h.New.Add(silent)) >= v {
			return silent
		}
	}
	return 0
}

func near(got, want, slack time.Duration) bool { return (got - want).Abs() <= slack }

func TestTheSameItemsUnderNewDatesAreNotNew(t *testing.T) {
	for _, n := range []int{5, 200, 400, 5000} {
		h := &History{}
		var all []Item
		for i := range n {
			all = append(all, Item{ID: fmt.Sprint("d'été n° ", i), Published: monday})
		}
		h.Visit(monday, time.Time{}, all)
		for hour := range 50 {
			at := monday.Add(time.Duration(hour+1) * time.Hour)
			for i := range all {
				all[i].Published = at
			}
			all = all[:len(all)-1] // and some leave
			if len(all) > 0 && h.Visit(at, at.Add(-time.Hour), all) {
				t.Fatalf("%d items: one was new at the visit %d", n, hour)
			}
			if len(all) == 1 {
				break
			}
		}
		at := monday.Add(100 * time.Hour)
		if n <= judged && !h.Visit(at, at.Add(-time.Hour), append(slices.Clone(all), Item{ID: "une vraie nouvelle"})) {
			t.Errorf("%d items: a new one was not noticed", n)
		}
	}
}

func TestTimeWhenNobodyReadMakesNoGap(t *testing.T) {
	for name, dated := range map[string]bool{"dated": true, "undated": false} {
		t.Run(name, func(t *testing.T) {
			h := &History{}
			previous := time.Time{}
			visit := func(at time.Time, items []Item) {
				if !dated {
					items = slices.Clone(items)
					for i := range items {
						items[i].Published = time.Time{}
					}
				}
				h.Visit(at, previous, items)
				previous = at
			}
			instants := every(6*time.Hour, 200*day, nil)
			for i := range instants {
				if at := instants[i]; at.Before(monday.Add(60*day)) || at.After(monday.Add(120*day)) { // two months off
					visit(at.Add(time.Hour), items(instants[max(i-20, 0):i+1]...))
				}
			}
			if usual := h.Usual(); usual > 8*time.Hour {
				t.Errorf("usual gap %v, want six hours", usual)
			}
			if v := h.Judge(h.New.Add(4 * day)); v != Late {
				t.Errorf("four days of silence are judged %v", v)
			}
		})
	}
}

func TestAFirstAnswerTellsThePast(t *testing.T) {
	h := &History{}
	h.Visit(monday.Add(365*day), time.Time{}, items(every(7*day, 140*day, nil)...))
	if v := h.Judge(monday.Add(365 * day)); v != Late {
		t.Errorf("a weekly feed whose newest item is seven months old is judged %v at its first visit", v)
	}
	h.Visit(monday.Add(366*day), monday.Add(365*day), items(monday.Add(366*day)))
	if v := h.Judge(monday.Add(367 * day)); v != Usual {
		t.Errorf("judged %v after something new, want it healed", v)
	}
}

func TestADateThatCannotBeDoesNoHarm(t *testing.T) {
	h := lived(every(24*time.Hour, 100*day, nil))
	at := h.New.Add(24 * time.Hour)
	h.Visit(at, h.New, []Item{{ID: "a", Published: at.Add(1000 * day)}})
	h.Visit(at.Add(time.Hour), at, []Item{{ID: "b", Published: time.Unix(0, 0)}})
	if h.New != at.Add(time.Hour) || h.Last.After(h.New) || h.Usual() > 30*time.Hour {
		t.Errorf("new %v, last %v, usual %v", h.New, h.Last, h.Usual())
	}
	h.Visit(at.Add(-50*day), at.Add(-51*day), []Item{{ID: "c"}}) // our clock was wrong, and is right again
	if h.Judge(at.Add(-20*day)) == Usual {
		t.Error("thirty days of silence of a daily place are judged usual after a clock was put back")
	}
}

func TestAHistoryIsWrittenAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, at := &History{}, monday
		for range rapid.IntRange(0, 60).Draw(t, "visits") {
			previous := at
			at = at.Add(time.Duration(rapid.IntRange(1, 5000).Draw(t, "minutes")) * time.Minute)
			h.Visit(at, previous, items(at.Add(-time.Minute), previous))
		}
		text := h.String()
		back, err := Parse(text)
		if err != nil || back.String() != text {
			t.Fatalf("wrote %s, read %v and wrote %s", text, err, back.String())
		}
		if back.Judge(at.Add(10*day)) != h.Judge(at.Add(10*day)) {
			t.Fatalf("judged otherwise once read back: usual %v and %v", h.Usual(), back.Usual())
		}
	})
}

func TestAHistoryStaysSmall(t *testing.T) {
	h, at := &History{}, monday
	for i := range 3000 {
		previous := at
		at = at.Add(time.Duration(i%400) * time.Hour)
		h.Visit(at, previous, items(at, at.Add(-time.Second), at.Add(-2*time.Second)))
	}
	if n := len(h.String()); n > 3500 {
		t.Errorf("%d bytes", n)
	}
}

func FuzzParse(f *testing.F) {
	h := lived(every(24*time.Hour, 10*day, nil))
	for _, seed := range []string{"", "{}", h.String(), `{"hours":"/////wAAAAA","count":1e308}`, `{"known":"AAA"}`, "nul"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		h, err := Parse(text)
		if err != nil {
			return
		}
		h.Judge(monday)
		h.Visit(monday, monday.Add(-time.Hour), items(monday))
		if _, err := Parse(h.String()); err != nil {
			t.Errorf("%q was read, written and not read again: %v", text, err)
		}
	})
}

func BenchmarkVisit(b *testing.B) {
	year := every(30*time.Minute, 364*day, night)
	text := lived(year).String()
	for name, fresh := range map[string]bool{"nothing new": false, "one new": true} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			standing := items(year[len(year)-40:]...)
			at := year[len(year)-1].Add(time.Hour)
			for b.Loop() {
				h, err := Parse(text)
				if err != nil {
					b.Fatal(err)
				}
				if fresh {
					standing[0].ID = "neuve"
				}
				if h.Visit(at, at.Add(-time.Hour), standing) {
					_ = h.String()
				}
				h.Judge(at)
			}
		})
	}
}
