package storetest

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// model is the contract in its plainest form: every mention in memory.
type model struct {
	judge store.Judge
	kept  map[string]mention.Mention
}

func newModel() *model { return &model{kept: map[string]mention.Mention{}} }

func (w *model) put(batch ...mention.Mention) {
	for _, given := range batch {
		kept, known := w.kept[given.ID]
		if !known {
			w.kept[given.ID] = given
			continue
		}
		newest, was := given.Current(), kept.Current()
		if newest.Title != was.Title || newest.Text != was.Text || !slices.EqualFunc(newest.Hits, was.Hits, sameHit) {
			kept.Versions = append(slices.Clone(kept.Versions), newest)
			kept.Readings = slices.Clone(kept.Readings)
			for _, r := range given.Readings {
				if !slices.ContainsFunc(kept.Readings, func(k mention.Reading) bool { return reflect.DeepEqual(k, r) }) {
					kept.Readings = append(kept.Readings, r)
				}
			}
			kept.Signature = given.Signature
		}
		kept.GoneAt = time.Time{}
		w.kept[given.ID] = kept
	}
}

func sameHit(a, b mention.Hit) bool { return a.Watch == b.Watch && slices.Equal(a.Words, b.Words) }

func (w *model) addReading(id string, r mention.Reading) {
	m := w.kept[id]
	m.Readings = append(slices.Clone(m.Readings), r)
	w.kept[id] = m
}

func (w *model) markGone(at time.Time, ids ...string) {
	for _, id := range ids {
		if m, ok := w.kept[id]; ok && m.GoneAt.IsZero() {
			m.GoneAt = at
			w.kept[id] = m
		}
	}
}

func (w *model) forget(claimed, unclaimed time.Time) (n int) {
	before := len(w.kept)
	maps.DeleteFunc(w.kept, func(_ string, m mention.Mention) bool {
		if m.Own || len(m.Current().Hits) > 0 {
			return m.PublishedAt.Before(claimed)
		}
		return m.SeenAt.Before(unclaimed)
	})
	return before - len(w.kept)
}

// search is what q asks for, in order, as it was known then.
func (w *model) search(q store.Question) (found []mention.Mention) {
	for _, m := range w.kept {
		if w.judge.Asks(&q, &m) {
			found = append(found, store.Known(&m, q.AsOf))
		}
	}
	slices.SortFunc(found, func(a, b mention.Mention) int {
		byTime := b.PublishedAt.Compare(a.PublishedAt)
		if q.Order == store.OldestSeen {
			byTime = a.SeenAt.Compare(b.SeenAt)
		}
		return cmp.Or(byTime, strings.Compare(a.ID, b.ID))
	})
	return found
}

func wantTerms(mentions []mention.Mention, f store.Field, limit int) []store.Term {
	counts := map[string]int{}
	for _, m := range mentions {
		for _, v := range f.Values(&m) {
			counts[v]++
		}
	}
	var terms []store.Term
	for v, n := range counts {
		terms = append(terms, store.Term{Value: v, Count: n})
	}
	slices.SortFunc(terms, func(a, b store.Term) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	return terms[:min(limit, len(terms))]
}

// calendarName says in which hour, day, week or month an instant falls, by the
// clock and the calendar on the wall, not by adding up hours.
func calendarName(t time.Time, by store.Buckets) string {
	zone := by.Zone
	if zone == nil {
		zone = time.UTC
	}
	t = t.In(zone)
	switch by.Every {
	case store.Day:
		return t.Format(time.DateOnly)
	case store.Week:
		return t.AddDate(0, 0, -(int(t.Weekday())+6)%7).Format(time.DateOnly)
	case store.Month:
		return t.Format("2006-01")
	}
	return t.Format("2006-01-02 15 -0700")
}

// sameBuckets holds a histogram to the mentions it counts.
func sameBuckets(t *testing.T, said string, got []store.Bucket, mentions []mention.Mention, q store.Question, by store.Buckets) {
	t.Helper()
	type bucket struct {
		Count int
		By    map[string]int
	}
	want := map[string]bucket{}
	for _, m := range mentions {
		name := calendarName(m.PublishedAt, by)
		b := want[name]
		b.Count++
		if by.Split != "" {
			if b.By == nil {
				b.By = map[string]int{}
			}
			for _, v := range by.Split.Values(&m) {
				b.By[v]++
			}
		}
		want[name] = b
	}
	counted := map[string]bucket{}
	for _, b := range got {
		name := calendarName(b.Start, by)
		if _, twice := counted[name]; twice {
			t.Errorf("%s: two buckets begin in %s", said, name)
		}
		counted[name] = bucket{b.Count, b.By}
	}
	// Buckets that only fill a gap are looked at below.
	maps.DeleteFunc(counted, func(_ string, b bucket) bool { return b.Count == 0 && len(b.By) == 0 })
	same(t, said+": buckets by "+string(by.Every)+" in "+by.Zone.String()+" split by "+string(by.Split), counted, want)
	withoutGaps(t, said, got, mentions, q, by)
}

// withoutGaps walks the span minute by minute, or in steps no bucket is shorter than.
func withoutGaps(t *testing.T, said string, got []store.Bucket, mentions []mention.Mention, q store.Question, by store.Buckets) {
	t.Helper()
	first, last := q.From, q.To.Add(-1)
	for i, m := range mentions {
		if q.From.IsZero() && (i == 0 || m.PublishedAt.Before(first)) {
			first = m.PublishedAt
		}
		if q.To.IsZero() && (i == 0 || m.PublishedAt.After(last)) {
			last = m.PublishedAt
		}
	}
	if len(mentions) == 0 && (q.From.IsZero() || q.To.IsZero()) || last.Before(first) {
		same(t, said+": buckets of nothing", len(got), 0)
		return
	}
	step := map[store.Every]time.Duration{store.Hour: 30 * time.Minute, store.Day: 6 * time.Hour, store.Week: 24 * time.Hour, store.Month: 24 * time.Hour}[by.Every]
	var want []string
	for at := first; ; at = at.Add(step) {
		if at.After(last) {
			at = last
		}
		if name := calendarName(at, by); len(want) == 0 || want[len(want)-1] != name {
			want = append(want, name)
		}
		if at.Equal(last) {
			break
		}
	}
	var names []string
	for _, b := range got {
		names = append(names, calendarName(b.Start, by))
	}
	same(t, said+": the row of buckets by "+string(by.Every)+" in "+by.Zone.String(), names, want)
}
