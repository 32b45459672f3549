package local

import (
	"encoding/json"
	"math"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/store"
)

// drive is what a question walks along: the rest of it is asked of each row met.
type drive int

const (
	byKey    drive = iota // publication, and the terms if there are any
	bySeen                // the order in which they were seen
	byChange              // what changed since it was first seen
	byID                  // a list of ids
)

// plan is a question in SQL.
type plan struct {
	question *store.Question
	drive    drive
	parts    []part
	match    string   // what FTS5 is asked for, "" for nothing
	exact    bool     // what SQL finds needs no second look
	where    []string // conditions on mention m, beside part, key and match
	args     []any
	low      int64 // the seconds of publication, both included
	high     int64
}

func (s *Store) plan(q *store.Question) *plan {
	p := &plan{question: q, parts: partsOf(q), exact: true, low: 0, high: secMax}
	switch {
	case len(q.IDs) > 0:
		p.drive = byID
	case asksChange(q):
		p.drive = byChange
	case q.Order == store.OldestSeen || !q.SeenFrom.IsZero():
		p.drive = bySeen
	}
	p.published(q.From, q.To)
	p.instants(q)
	p.matching(q, s.compiler())
	s.columns(p, q)
	return p
}

func (p *plan) condition(sql string, args ...any) {
	p.where, p.args = append(p.where, sql), append(p.args, args...)
}

// published narrows the keys; a bound within a second also asks each row.
func (p *plan) published(from, to time.Time) {
	if !from.IsZero() {
		p.low = secondOf(from)
		if from.Nanosecond() > 0 || from.Before(earliest) || from.After(latest) {
			p.condition("m.published >= ?", ceilMicro(from))
		}
	}
	if to.IsZero() {
		return
	}
	if to.Nanosecond() > 0 || to.Before(earliest) || to.After(latest) {
		p.high = secondOf(to)
		p.condition("m.published < ?", ceilMicro(to))
		return
	}
	p.high = secondOf(to) - 1
}

func (p *plan) instants(q *store.Question) {
	if p.drive != bySeen { // which narrows its index
		if !q.SeenFrom.IsZero() {
			p.condition("m.seen >= ?", ceilMicro(q.SeenFrom))
		}
		if !q.SeenTo.IsZero() {
			p.condition("m.seen < ?", ceilMicro(q.SeenTo))
		}
	}
	if p.drive == byID && asksChange(q) {
		since, until := bounds(q.ChangedFrom, q.ChangedTo)
		p.condition("m.changed > m.seen AND m.changed >= ? AND m.changed < ?", since, until)
	}
	if !q.AsOf.IsZero() {
		p.condition("m.changed <= ?", q.AsOf.UnixMicro())
	}
	if q.News {
		p.condition("m.history = 0")
	}
	if p.drive == byID {
		p.condition("m.id IN (SELECT value FROM json_each(?))", list(q.IDs))
	}
}

func asksChange(q *store.Question) bool { return !q.ChangedFrom.IsZero() || !q.ChangedTo.IsZero() }

// matching puts what FTS5 knows into one expression. Along the order of sight only
// what no column knows is asked of it.
func (p *plan) matching(q *store.Question, c compiler) {
	var all []string
	if q.Text != nil {
		f := c.compile(q.Text)
		all, p.exact = append(all, f.expression), f.exact
	}
	all = appendOneOf(all, threadTerm, q.Threads)
	if p.drive == byKey {
		all = appendOneOf(all, watchTerm, q.Watches)
		all = appendOneOf(all, sourceTerm, q.Sources)
		all = appendOneOf(all, placeTerm, q.Places)
		all = appendOneOf(all, kindTerm, q.Kinds)
		all = appendOneOf(all, langTerm, q.Langs)
	}
	if len(all) > 0 {
		p.match = allOf(all)
	}
}

func appendOneOf[T ~string](all []string, form text.Form, values []T) []string {
	if len(values) == 0 {
		return all
	}
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = text.Encode(form, string(v))
	}
	return append(all, anyOf(terms))
}

// columns asks the columns what FTS5 does not know, or was not asked.
func (s *Store) columns(p *plan, q *store.Question) {
	namesIn(s, p, "label", q.Labels)
	namesIn(s, p, "target", q.Targets)
	if p.drive == byKey {
		return
	}
	namesIn(s, p, "source", q.Sources)
	namesIn(s, p, "place", q.Places)
	namesIn(s, p, "kind", q.Kinds)
	namesIn(s, p, "lang", q.Langs)
	if len(q.Watches) > 0 {
		p.condition("m.watches IN (SELECT value FROM json_each(?))", list(s.names.listing(q.Watches)))
	}
}

func namesIn[T ~string](s *Store, p *plan, column string, values []T) {
	if len(values) == 0 {
		return
	}
	ids := []int64{}
	for _, v := range values {
		if id, ok := s.names.id(string(v)); ok {
			ids = append(ids, id)
		}
	}
	p.condition("m."+column+" IN (SELECT value FROM json_each(?))", list(ids))
}

// list is values as one argument, for json_each.
func list[T int64 | string](values []T) string {
	// Strings and numbers have a JSON form: the error is always nil.
	b, _ := json.Marshal(values)
	return string(b)
}

// needsRow says whether FTS5 alone cannot answer.
func (p *plan) needsRow() bool {
	return p.drive != byKey || p.match == "" || len(p.where) > 0 || !p.exact
}

// from is the tables and conditions of one part, whose rows are m and whose terms
// are term: SELECT … + from. high bounds the key.
func (p *plan) from(of part, high int64) (sql string, args []any) {
	var b strings.Builder
	low := of.first(p.low)
	switch {
	case p.drive == byKey && p.match != "":
		b.WriteString(" FROM term CROSS JOIN mention m ON m.key = term.rowid WHERE term.term MATCH ? AND term.rowid BETWEEN ? AND ?")
		args = append(args, p.match, low, high)
	case p.drive == bySeen:
		b.WriteString(" FROM mention m INDEXED BY mention_seen WHERE m.key >> 60 = ? AND m.seen >= ? AND m.seen < ? AND m.key BETWEEN ? AND ?")
		since, until := bounds(p.question.SeenFrom, p.question.SeenTo)
		args = append(args, int64(of), since, until, low, high)
	case p.drive == byChange:
		b.WriteString(" FROM mention m INDEXED BY mention_changed WHERE m.changed > m.seen AND m.changed >= ? AND m.changed < ? AND m.key BETWEEN ? AND ?")
		since, until := bounds(p.question.ChangedFrom, p.question.ChangedTo)
		args = append(args, since, until, low, high)
	default:
		b.WriteString(" FROM mention m WHERE m.key BETWEEN ? AND ?")
		args = append(args, low, high)
	}
	if p.drive != byKey && p.match != "" {
		b.WriteString(" AND m.key IN (SELECT rowid FROM term WHERE term.term MATCH ? AND rowid BETWEEN ? AND ?)")
		args = append(args, p.match, low, high)
	}
	for _, condition := range p.where {
		b.WriteString(" AND ")
		b.WriteString(condition)
	}
	return b.String(), append(args, p.args...)
}

// bounds are those of [from, to) as columns hold instants; zero is open.
func bounds(from, to time.Time) (since, until int64) {
	since, until = math.MinInt64, math.MaxInt64
	if !from.IsZero() {
		since = ceilMicro(from)
	}
	if !to.IsZero() {
		until = ceilMicro(to)
	}
	return since, until
}

// fromTerms is from for a plan that asks FTS5 alone.
func (p *plan) fromTerms(of part) (sql string, args []any) {
	return " FROM term WHERE term.term MATCH ? AND term.rowid BETWEEN ? AND ?",
		[]any{p.match, of.first(p.low), of.last(p.high)}
}
