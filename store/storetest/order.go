package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

func pagesAreStable(t *testing.T, s store.Store) {
	random := seeded(6)
	mentions := newMentions(random, 240)
	there := mentions[:120]
	put(t, s, there...)
	for _, order := range []store.Order{store.NewestPublished, store.OldestSeen} {
		q := store.Question{Order: order}
		before := ids(all(t, s, q, 1000))
		others := mentions[120:180]
		if order == store.OldestSeen {
			others = mentions[180:]
		}
		var putting sync.WaitGroup
		putting.Go(func() {
			for batch := range slices.Chunk(others, 3) {
				if _, _, err := s.Put(t.Context(), batch); err != nil {
					t.Error(err)
				}
			}
		})
		during := ids(all(t, busy(s), q, 4))
		putting.Wait()
		seen := map[string]int{}
		for _, id := range during {
			if seen[id]++; seen[id] == 2 {
				t.Errorf("order %d: %s is on two pages", order, id)
			}
		}
		kept := slices.DeleteFunc(during, func(id string) bool { return !slices.Contains(before, id) })
		same(t, fmt.Sprintf("order %d: those that were there", order), kept, before)
	}
}

func equalTimes(t *testing.T, s store.Store) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)
	var want []string
	for i := range 30 {
		want = append(want, fmt.Sprintf("m%02d", i))
	}
	for _, i := range seeded(7).Perm(30) {
		put(t, s, one(want[i], at))
	}
	for _, order := range []store.Order{store.NewestPublished, store.OldestSeen} {
		same(t, fmt.Sprintf("order %d", order), ids(all(t, s, store.Question{Order: order}, 7)), want)
	}
	put(t, s, one("later", at.Add(time.Microsecond)))
	same(t, "a microsecond later comes first", ids(all(t, s, store.Question{}, 1))[0], "later")
}

func badPlace(t *testing.T, s store.Store) {
	for _, place := range []string{"no such place", ".", "zz", "9999999999999999999999.a", "-.a"} {
		if _, _, err := s.Search(t.Context(), store.Question{}, 5, place); !errors.Is(err, store.ErrNoPage) {
			t.Errorf("page %q, which nobody named: got %v, want %v", place, err, store.ErrNoPage)
		}
	}
}

func clocksChange(t *testing.T, s store.Store) {
	for _, c := range []struct {
		zone  string
		start time.Time // UTC, the first hour of the local day
		hours int
	}{
		{"America/Toronto", time.Date(2026, 3, 8, 5, 0, 0, 0, time.UTC), 23},
		{"America/Toronto", time.Date(2026, 11, 1, 4, 0, 0, 0, time.UTC), 25},
		{"Europe/Paris", time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC), 23},
		{"Europe/Paris", time.Date(2026, 10, 24, 22, 0, 0, 0, time.UTC), 25},
	} {
		zone, err := time.LoadLocation(c.zone)
		must(t, err)
		var batch []mention.Mention
		for h := range 72 {
			at := c.start.Add(time.Duration(h-24)*time.Hour + 30*time.Minute)
			batch = append(batch, one(fmt.Sprint(c.zone, c.start.Unix(), h), at))
		}
		put(t, s, batch...)
		end := c.start.Add(time.Duration(c.hours) * time.Hour)
		q := store.Question{From: c.start, To: end.Add(time.Hour)}
		days, err := s.Histogram(t.Context(), q, store.Buckets{Every: store.Day, Zone: zone})
		must(t, err)
		same(t, c.zone+" days", days, []store.Bucket{{Start: c.start.In(zone), Count: c.hours}, {Start: end.In(zone), Count: 1}})
		hours, err := s.Histogram(t.Context(), store.Question{From: c.start, To: end}, store.Buckets{Every: store.Hour, Zone: zone, Split: store.ByLabel})
		must(t, err)
		same(t, c.zone+" hours", len(hours), c.hours)
		for i, b := range hours {
			same(t, c.zone+" hour", b, store.Bucket{Start: c.start.Add(time.Duration(i) * time.Hour).In(zone), Count: 1, By: map[string]int{"": 1}})
		}
	}
}

func bucketsAreWhole(t *testing.T, s store.Store) {
	put(t, s, one("a", day(3, 10)), one("b", day(17, 23))) // a Tuesday, and a Tuesday two weeks on
	monday := func(d, n int) store.Bucket { return store.Bucket{Start: day(d, 0), Count: n} }
	by := store.Buckets{Every: store.Week}
	got, err := s.Histogram(t.Context(), store.Question{}, by)
	must(t, err)
	same(t, "an open question: from mention to mention", got, []store.Bucket{monday(2, 1), monday(9, 0), monday(16, 1)})
	got, err = s.Histogram(t.Context(), store.Question{From: day(3, 11), To: day(23, 1)}, by)
	must(t, err)
	same(t, "a window: whole weeks, of which it counts a part", got, []store.Bucket{monday(2, 0), monday(9, 0), monday(16, 1), monday(23, 0)})
	got, err = s.Histogram(t.Context(), store.Question{From: day(20, 0)}, by)
	must(t, err)
	same(t, "after all", got, nil)
	got, err = s.Histogram(t.Context(), store.Question{From: day(2, 0), To: day(9, 0)}, by)
	must(t, err)
	same(t, "the end is not in it", got, []store.Bucket{monday(2, 1)})
}
