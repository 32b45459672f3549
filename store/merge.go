package store

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Earliest and Latest are the dates of publication that stores keep: what is dated
// before or after was dated by a mistake, and stands at the end that it passed.
var (
	Earliest = time.Date(1833, time.November, 26, 0, 0, 0, 0, time.UTC)
	Latest   = Earliest.Add((1<<33 - 1) * time.Second)
)

// Normal is m as it is kept: times in UTC, to the microsecond, a date of
// publication that every store can hold. It shares no slice that it changes with m.
// A mention without an id or a text cannot be kept.
func Normal(m *mention.Mention) (mention.Mention, error) {
	if m.ID == "" || len(m.Versions) == 0 {
		return mention.Mention{}, fmt.Errorf("keep mention %q: it has no id or no text", m.ID)
	}
	n := *m
	n.PublishedAt, n.SeenAt, n.GoneAt = Instant(m.PublishedAt), Instant(m.SeenAt), Instant(m.GoneAt)
	if n.PublishedAt.Before(Earliest) {
		n.PublishedAt = Earliest
	}
	if n.PublishedAt.After(Latest) {
		n.PublishedAt = Latest
	}
	n.Versions = append([]mention.Version(nil), m.Versions...)
	for i := range n.Versions {
		n.Versions[i].At = Instant(n.Versions[i].At)
	}
	n.Readings = append([]mention.Reading(nil), m.Readings...)
	for i := range n.Readings {
		n.Readings[i].At = Instant(n.Readings[i].At)
	}
	return n, nil
}

// Instant is t as it is kept.
func Instant(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Merge puts given over kept, the same mention, as Store.Put says. It tells whether
// kept got another version, and whether anything changed. Both are as Normal gives them.
func Merge(kept, given *mention.Mention) (another, changed bool) {
	newest := given.Current()
	another = Differs(kept.Current(), newest)
	changed = another || !kept.GoneAt.IsZero()
	kept.GoneAt = time.Time{}
	if another {
		kept.Versions = append(slices.Clip(kept.Versions), newest)
		kept.Readings = AppendReadings(kept.Readings, given.Readings)
		kept.Signature = given.Signature
	}
	return another, changed
}

// Differs says whether b is another version than a: its title, its text or its hits.
func Differs(a, b mention.Version) bool {
	return a.Title != b.Title || a.Text != b.Text || !slices.EqualFunc(a.Hits, b.Hits, func(a, b mention.Hit) bool {
		return a.Watch == b.Watch && slices.Equal(a.Words, b.Words)
	})
}

// AppendReadings appends those of given that are not kept yet: a mention may be put
// with its whole history.
func AppendReadings(kept, given []mention.Reading) []mention.Reading {
	kept = slices.Clip(kept)
	for _, r := range given {
		if !slices.ContainsFunc(kept, func(k mention.Reading) bool { return reflect.DeepEqual(k, r) }) {
			kept = append(kept, r)
		}
	}
	return kept
}
