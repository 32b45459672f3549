package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Charts of a watch come from the hourly counts. Hours that a bucket or the question
// cuts through are counted one by one, and a question about a past that is near is
// put right by what was seen or changed since.

const (
	// cutMost is how many hours are worth counting apart.
	cutMost = 1000
	// sinceMost is how many mentions seen since are worth taking back.
	sinceMost = 2000
)

// sum gives the cells of the question by the quickest way. starts are the instants
// at which time must be cut beside whole hours.
func (a *asking) sum(ctx context.Context, c cut, starts []time.Time, give func(cell)) error {
	if a.counts != nil {
		for _, one := range a.counts {
			give(one)
		}
		return nil
	}
	hours := a.cutHours(starts)
	if !a.rollable(c.field) || len(hours) > cutMost {
		return a.cells(ctx, c, give)
	}
	near, err := a.isNear(ctx)
	if err != nil {
		return err
	}
	if !near {
		return a.cells(ctx, c, give)
	}
	if err := a.rolled(ctx, c, hours, give); err != nil {
		return err
	}
	if err := a.apart(ctx, c, hours, give); err != nil {
		return err
	}
	return a.putRight(ctx, c, give)
}

// rollable says whether the hourly counts know what is asked.
func (a *asking) rollable(f store.Field) bool {
	q := a.question
	plain := *q
	plain.Watches, plain.Labels, plain.News, plain.From, plain.To, plain.AsOf, plain.Order = nil, nil, false, time.Time{}, time.Time{}, time.Time{}, 0
	if !isZero(&plain) || len(q.Watches) > 1 {
		return false
	}
	return f == "" || f == store.ByLabel || f == store.ByWatch && len(q.Watches) == 0
}

// isZero says whether q asks for everything that is claimed.
func isZero(q *store.Question) bool {
	return q.Text == nil && len(q.Watches)+len(q.Sources)+len(q.Places)+len(q.Kinds)+len(q.Langs)+len(q.Labels)+
		len(q.Targets)+len(q.IDs)+len(q.Threads) == 0 && q.SeenFrom.IsZero() && q.SeenTo.IsZero() && !asksChange(q) && !q.Own && !q.Unclaimed && !q.Gone
}

// cutHours is the hours since 1970 that hold an instant at which time is cut.
func (a *asking) cutHours(starts []time.Time) map[int64]bool {
	hours := map[int64]bool{}
	add := func(t time.Time) {
		if !t.IsZero() && !t.Equal(t.Truncate(time.Hour)) && a.spans(t) {
			hours[floorDiv(t.Unix(), 3600)] = true
		}
	}
	for _, t := range starts {
		add(t)
	}
	add(a.question.From)
	add(a.question.To)
	return hours
}

// spans says whether the question asks about the hour of t.
func (a *asking) spans(t time.Time) bool {
	from, to := a.question.From, a.question.To
	return (from.IsZero() || t.After(from.Add(-time.Hour))) && (to.IsZero() || t.Before(to.Add(time.Hour)))
}

// rolled gives the hours that are whole.
func (a *asking) rolled(ctx context.Context, c cut, without map[int64]bool, give func(cell)) error {
	where, args, ok := a.hourly(without)
	if !ok {
		return nil
	}
	seconds, stretch, value := int64(0), "0", "0"
	if c.seconds > 0 {
		seconds, stretch = 3600, "hour"
	}
	if c.field == store.ByLabel {
		value = "label"
	}
	if err := a.rolledCells(ctx, c.field, seconds, stretch, value, where, args, give); err != nil || c.field != store.ByWatch {
		return err
	}
	// Each watch's own; the mentions themselves are counted already, each once.
	where = strings.Replace(where, "watch = ?", "watch <> ?", 1)
	return a.rolledCells(ctx, c.field, seconds, stretch, "watch", where, args, func(one cell) {
		one.mentions = 0
		give(one)
	})
}

func (a *asking) rolledCells(ctx context.Context, f store.Field, seconds int64, stretch, value, where string, args []any, give func(cell)) error {
	rows, err := a.tx.QueryContext(ctx, fmt.Sprintf("SELECT %s, %s, ifnull(sum(n), 0) FROM hourly WHERE %s%s", stretch, value, where, groupBy(stretch, value)), args...)
	if err != nil {
		return err
	}
	return scanCells(rows, seconds, 0, func(column any) ([]string, error) {
		if f == "" || value == "0" {
			return nil, nil
		}
		name, err := a.store.names.value(ctx, a.tx, column.(int64))
		return []string{name}, err
	}, give)
}

// hourly is the conditions on the hourly counts. ok is false when none can meet them.
func (a *asking) hourly(without map[int64]bool) (where string, args []any, ok bool) {
	q := a.question
	watch := int64(0)
	if len(q.Watches) == 1 {
		if watch, ok = a.store.names.id(q.Watches[0]); !ok {
			return "", nil, false
		}
	}
	where, args = "watch = ?", []any{watch}
	if !q.From.IsZero() {
		where, args = where+" AND hour >= ?", append(args, floorDiv(q.From.Unix(), 3600))
	}
	if !q.To.IsZero() {
		// The hour that To cuts through is among those counted apart.
		where, args = where+" AND hour < ?", append(args, floorDiv(q.To.Unix(), 3600))
	}
	if q.News {
		where += " AND history = 0"
	}
	if len(q.Labels) > 0 {
		p := &plan{}
		namesIn(a.store, p, "label", q.Labels)
		where, args = where+" AND "+strings.TrimPrefix(p.where[0], "m."), append(args, p.args...)
	}
	if len(without) > 0 {
		hours := make([]int64, 0, len(without))
		for h := range without {
			hours = append(hours, h)
		}
		where, args = where+" AND hour NOT IN (SELECT value FROM json_each(?))", append(args, list(hours))
	}
	return where, args, true
}

// apart counts the hours that are cut through.
func (a *asking) apart(ctx context.Context, c cut, hours map[int64]bool, give func(cell)) error {
	for h := range hours {
		q := *a.question
		q.AsOf = time.Time{}
		start := time.Unix(h*3600, 0).UTC()
		end := start.Add(time.Hour)
		if q.From.IsZero() || q.From.Before(start) {
			q.From = start
		}
		if q.To.IsZero() || q.To.After(end) {
			q.To = end
		}
		one := &asking{plan: a.store.plan(&q), store: a.store, tx: a.tx, judge: a.judge}
		if err := one.cells(ctx, c, give); err != nil {
			return err
		}
	}
	return nil
}

const seenSince = `mention m INDEXED BY mention_seen WHERE m.key >> 60 = 0 AND m.seen > ?`

// isNear says whether little was seen since the instant asked about.
func (a *asking) isNear(ctx context.Context) (bool, error) {
	if a.question.AsOf.IsZero() {
		return true, nil
	}
	var n int
	err := a.tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM `+seenSince+` LIMIT ?)`,
		a.question.AsOf.UnixMicro(), sinceMost+1).Scan(&n)
	return n <= sinceMost, err
}

// putRight takes back what was seen or changed since the instant asked about, and
// gives what was known of it then.
func (a *asking) putRight(ctx context.Context, c cut, give func(cell)) error {
	if a.question.AsOf.IsZero() {
		return nil
	}
	asOf := a.question.AsOf.UnixMicro()
	now := *a.question
	now.AsOf = time.Time{}
	takeBack := func(m *mention.Mention) {
		if a.judge.Asks(&now, m) {
			give(cellOf(m, c.field, -1))
		}
	}
	const bodies = `SELECT (SELECT body FROM body b WHERE b.key = m.key) FROM `
	if err := a.each(ctx, takeBack, bodies+seenSince, asOf); err != nil {
		return err
	}
	err := a.each(ctx, takeBack, bodies+`mention m INDEXED BY mention_changed
		WHERE m.changed > m.seen AND m.changed > ? AND m.seen <= ? AND m.key >> 60 = 0`, asOf, asOf)
	if err != nil {
		return err
	}
	return a.thenKnown(ctx, func(m *mention.Mention) { give(cellOf(m, c.field, 1)) })
}

// each reads mentions from a question for bodies.
func (a *asking) each(ctx context.Context, give func(*mention.Mention), question string, args ...any) error {
	rows, err := a.tx.QueryContext(ctx, question, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return err
		}
		m, err := a.store.decode(body)
		if err != nil {
			return err
		}
		give(&m)
	}
	return rows.Err()
}

// span is the first and the last instant that a histogram shows; of an open
// question those of its mentions, or a little more, which trim takes off.
func (a *asking) span(ctx context.Context, f store.Field) (first, last time.Time, ok bool, err error) {
	q := a.question
	first, last = q.From, q.To.Add(-1)
	if !q.From.IsZero() && !q.To.IsZero() {
		return first, last, q.From.Before(q.To), nil
	}
	low, high, ok, err := a.reach(ctx, f)
	if err != nil || !ok {
		return first, last, false, err
	}
	if q.From.IsZero() {
		first = low
	}
	if q.To.IsZero() {
		last = high
	}
	return first, last, !last.Before(first), nil
}

// reach is the first and the last second that a mention was published in.
func (a *asking) reach(ctx context.Context, f store.Field) (first, last time.Time, ok bool, err error) {
	var low, high int64
	see := func(from, to int64) {
		if !ok || from < low {
			low = from
		}
		if !ok || to > high {
			high = to
		}
		ok = true
	}
	switch {
	case a.question.AsOf.IsZero() && a.rollable(f):
		err = a.reachHours(ctx, see)
	case a.exact && a.drive == byKey:
		err = a.reachKeys(ctx, see)
	default:
		err = a.cells(ctx, cut{seconds: 1, field: f}, func(c cell) {
			see(c.second, c.second)
			a.counts = append(a.counts, c)
		})
	}
	return time.Unix(low, 0), time.Unix(high, 0), ok, err
}

func (a *asking) reachHours(ctx context.Context, see func(from, to int64)) error {
	where, args, ok := a.hourly(nil)
	if !ok {
		return nil
	}
	if !a.question.To.IsZero() {
		// hourly leaves out the hour that To cuts through.
		see(a.question.To.Unix()-1, a.question.To.Unix()-1)
	}
	var from, to sql.NullInt64
	err := a.tx.QueryRowContext(ctx, "SELECT min(hour), max(hour) FROM hourly WHERE "+where, args...).Scan(&from, &to)
	if err == nil && from.Valid {
		see(from.Int64*3600, to.Int64*3600+3599)
	}
	return err
}

// reachKeys reads the ends of each part.
func (a *asking) reachKeys(ctx context.Context, see func(from, to int64)) error {
	for _, of := range a.parts {
		from, args := a.from(of, of.last(a.high))
		key := "m.key"
		if a.match != "" {
			key = "term.rowid"
		}
		for _, order := range []string{" ASC", " DESC"} {
			var end int64
			err := a.tx.QueryRowContext(ctx, "SELECT "+key+from+" ORDER BY "+key+order+" LIMIT 1", args...).Scan(&end)
			if errors.Is(err, sql.ErrNoRows) {
				break
			}
			if err != nil {
				return err
			}
			second := secondOfKey(end) + secZero
			see(second, second)
		}
	}
	return a.thenKnown(ctx, func(m *mention.Mention) { see(m.PublishedAt.Unix(), m.PublishedAt.Unix()) })
}
