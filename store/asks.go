package store

import (
	"slices"
	"time"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

// Asks says whether q asks for m. It is what every kind of store must answer by.
func (q *Question) Asks(m *mention.Mention) bool { return new(Judge).Asks(q, m) }

// Judge asks many mentions, and remembers the words it met. The zero value is
// ready. It is for one goroutine at a time.
type Judge struct {
	tokenizer text.Tokenizer
	document  query.Document
}

// Asks is Question.Asks.
func (j *Judge) Asks(q *Question, m *mention.Mention) bool {
	known := Known(m, q.AsOf)
	return len(known.Versions) > 0 && q.asksPlace(&known) && q.asksTime(&known) &&
		q.asksClaim(&known) && q.asksReading(&known) && (q.Text == nil || j.holds(q.Text, &known))
}

func (j *Judge) holds(n query.Node, m *mention.Mention) bool {
	v := m.Current()
	j.document.Read(&j.tokenizer, query.Fields{
		Title: v.Title, Text: v.Text, Author: m.Author.Name, URL: m.URL,
		Source: m.Source, Lang: m.Lang, Kind: string(m.Kind),
	})
	return query.Holds(&j.document, n)
}

func (q *Question) asksPlace(m *mention.Mention) bool {
	return oneOf(q.Sources, m.Source) && oneOf(q.Places, m.Place) && oneOf(q.Kinds, m.Kind) &&
		oneOf(q.Langs, m.Lang) && oneOf(q.IDs, m.ID) && oneOf(q.Threads, m.Thread)
}

func (q *Question) asksTime(m *mention.Mention) bool {
	return q.asksChange(m) && !(q.News && m.History) && within(m.PublishedAt, q.From, q.To) && within(m.SeenAt, q.SeenFrom, q.SeenTo) &&
		(q.AsOf.IsZero() || !m.SeenAt.After(q.AsOf))
}

func (q *Question) asksChange(m *mention.Mention) bool {
	if q.ChangedFrom.IsZero() && q.ChangedTo.IsZero() {
		return true
	}
	changed := Changed(m)
	return !changed.IsZero() && within(changed, q.ChangedFrom, q.ChangedTo)
}

func (q *Question) asksClaim(m *mention.Mention) bool {
	watches := m.Watches()
	claimed := m.Own || len(watches) > 0
	return q.Own == m.Own && q.Unclaimed != claimed && (q.Gone || m.GoneAt.IsZero()) &&
		(len(q.Watches) == 0 || slices.ContainsFunc(watches, func(w string) bool { return slices.Contains(q.Watches, w) }))
}

func (q *Question) asksReading(m *mention.Mention) bool {
	r, _ := m.Reading()
	return oneOf(q.Labels, r.Label) && oneOf(q.Targets, r.Target)
}

// oneOf says whether v is one of wanted; an empty list wants everything.
func oneOf[T comparable](wanted []T, v T) bool { return len(wanted) == 0 || slices.Contains(wanted, v) }

func within(t, from, to time.Time) bool {
	return (from.IsZero() || !t.Before(from)) && (to.IsZero() || t.Before(to))
}

// Known is m as it was known at asOf: without the versions, the readings and the
// deletion that came later. The zero time means now. It shares what it keeps with m.
func Known(m *mention.Mention, asOf time.Time) mention.Mention {
	known := *m
	if asOf.IsZero() {
		return known
	}
	known.Versions = upTo(m.Versions, asOf, func(v mention.Version) time.Time { return v.At })
	known.Readings = upTo(m.Readings, asOf, func(r mention.Reading) time.Time { return r.At })
	if m.GoneAt.After(asOf) {
		known.GoneAt = time.Time{}
	}
	return known
}

// Changed is when the last of what m became since it was first seen became known:
// a version, a reading by whomever, a deletion. It is zero when m still is as it was
// first seen. That it stands again after a deletion leaves no trace.
func Changed(m *mention.Mention) time.Time {
	last := m.GoneAt
	for _, v := range m.Versions {
		last = later(last, v.At)
	}
	for _, r := range m.Readings {
		last = later(last, r.At)
	}
	if !last.After(m.SeenAt) {
		return time.Time{}
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func upTo[T any](all []T, asOf time.Time, at func(T) time.Time) []T {
	later := func(v T) bool { return at(v).After(asOf) }
	if !slices.ContainsFunc(all, later) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), later)
}

// Single says whether each mention has exactly one value of a field, see Values.
func (f Field) Single() bool { return f != ByWatch }

// Values is what m has of a field, "" when it has none; a mention that several
// watches claim has several values of ByWatch, one that none claims has none.
func (f Field) Values(m *mention.Mention) []string {
	switch f {
	case ByWatch:
		return slices.Compact(slices.Sorted(slices.Values(m.Watches())))
	case BySource:
		return []string{m.Source}
	case ByPlace:
		return []string{m.Place}
	case ByKind:
		return []string{string(m.Kind)}
	case ByLang:
		return []string{m.Lang}
	case ByAuthor:
		if m.Author.Name == "" {
			return []string{m.Author.ID}
		}
		return []string{m.Author.Name}
	}
	r, _ := m.Reading()
	return []string{string(r.Label)}
}
