package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// asking is one question at work: all it reads is of one instant of the database.
type asking struct {
	*plan
	store  *Store
	tx     *sql.Tx
	judge  *store.Judge
	counts []cell // when all of it had to be read to know when it begins and ends
}

// ask runs fn on one instant of the database.
func (s *Store) ask(ctx context.Context, q store.Question, fn func(*asking) error) error {
	err := s.atOnce(ctx, q, fn)
	if err != nil && ctx.Err() != nil {
		return ctx.Err() // the driver says that it was interrupted, or that a statement is closed
	}
	return err
}

func (s *Store) atOnce(ctx context.Context, q store.Question, fn func(*asking) error) error {
	tx, err := s.db.Read().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	// Nothing was written: there is nothing that ending it could lose.
	defer tx.Rollback()
	judge := s.judges.get()
	defer s.judges.put(judge)
	return fn(&asking{plan: s.plan(&q), store: s, tx: tx, judge: judge})
}

// confirm reads a mention that SQL found, as it was known then, and says whether
// it is asked for.
func (a *asking) confirm(body []byte) (m mention.Mention, ok bool, err error) {
	if m, err = a.store.decode(body); err != nil {
		return m, false, err
	}
	m = store.Known(&m, a.question.AsOf)
	return m, a.judge.Asks(a.question, &m), nil
}

// Get is store.Store's.
func (s *Store) Get(ctx context.Context, id string) (m mention.Mention, err error) {
	var body []byte
	err = s.db.Read().QueryRowContext(ctx, `SELECT b.body FROM mention m JOIN body b USING (key) WHERE m.id = ?`, id).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return m, fmt.Errorf("mention %s: %w", id, store.ErrNotFound)
	}
	if err != nil {
		return m, fmt.Errorf("get mention %s: %w", id, err)
	}
	return s.decode(body)
}

// Search is store.Store's.
func (s *Store) Search(ctx context.Context, q store.Question, limit int, after string) (found []mention.Mention, next string, err error) {
	if limit < 1 {
		return nil, "", nil
	}
	from, err := parsePlace(after)
	if err != nil {
		return nil, "", err
	}
	err = s.ask(ctx, q, func(a *asking) error {
		hits, err := a.page(ctx, limit, from)
		if err != nil {
			return err
		}
		if len(hits) > limit {
			hits = hits[:limit]
			next = hits[limit-1].place.String()
		}
		found, err = a.load(ctx, hits)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("search: %w", err)
	}
	return found, next, nil
}

// place is where a mention stands in the order of a search: a time, then its id.
type place struct {
	at int64
	id string
}

func (p place) String() string { return strconv.FormatInt(p.at, 36) + "." + p.id }

// parsePlace reads where the page before ended; the zero place is before all.
func parsePlace(after string) (p place, err error) {
	if after == "" {
		return p, nil
	}
	at, id, ok := strings.Cut(after, ".")
	p.id = id
	p.at, err = strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || id == "" {
		return p, fmt.Errorf("search: %w: %.40q", store.ErrNoPage, after)
	}
	return p, nil
}

// hit is one mention found; m is nil until it had to be read.
type hit struct {
	place
	key int64
	m   *mention.Mention
}

// page is the hits after a place in order: those of the page, and at least one
// more if there is one.
func (a *asking) page(ctx context.Context, limit int, after place) ([]hit, error) {
	var hits []hit
	for _, of := range a.parts {
		some, err := a.pageOf(ctx, of, limit, after)
		if err != nil {
			return nil, err
		}
		hits = append(hits, some...)
	}
	err := a.thenKnown(ctx, func(m *mention.Mention) {
		h := hit{place: a.placeOf(m.PublishedAt.UnixMicro(), m.SeenAt.UnixMicro(), m.ID), m: m}
		if a.follows(h.place, after) {
			hits = append(hits, h)
		}
	})
	slices.SortFunc(hits, func(x, y hit) int { return a.compare(x.place, y.place) })
	return hits, err
}

// pageOf is the page of one part. Keys order by the second of publication: the last
// second is read to its end, and sorted with the rest.
func (a *asking) pageOf(ctx context.Context, of part, limit int, after place) (hits []hit, err error) {
	high := of.last(a.high)
	if a.drive == byKey && after.id != "" {
		high = min(high, of.last(secondOf(time.UnixMicro(after.at))))
	}
	rows, err := a.ordered(ctx, of, high)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		h, ok, err := a.scan(rows)
		if err != nil {
			return nil, err
		}
		if !ok || !a.follows(h.place, after) {
			continue
		}
		if len(hits) > limit && (a.drive == bySeen && a.question.Order == store.OldestSeen ||
			a.drive == byKey && secondOfKey(h.key) != secondOfKey(hits[len(hits)-1].key)) {
			break
		}
		hits = append(hits, h)
	}
	return hits, rows.Err()
}

func (a *asking) ordered(ctx context.Context, of part, high int64) (*sql.Rows, error) {
	columns := "SELECT m.key, m.published, m.seen, m.id, "
	if a.exact {
		columns += "NULL"
	} else {
		columns += "(SELECT body FROM body b WHERE b.key = m.key)"
	}
	from, args := a.from(of, high)
	switch {
	case a.drive == byKey && a.match != "":
		from += " ORDER BY term.rowid DESC"
	case a.drive == byKey:
		from += " ORDER BY m.key DESC"
	case a.drive == bySeen:
		from += " ORDER BY m.seen, m.id"
	}
	return a.tx.QueryContext(ctx, columns+from, args...)
}

func (a *asking) scan(rows *sql.Rows) (h hit, ok bool, err error) {
	var published, seen int64
	var body sql.RawBytes
	if err := rows.Scan(&h.key, &published, &seen, &h.id, &body); err != nil {
		return h, false, err
	}
	h.place = a.placeOf(published, seen, h.id)
	if a.exact {
		return h, true, nil
	}
	m, ok, err := a.confirm(body)
	h.m = &m
	return h, ok, err
}

func (a *asking) placeOf(published, seen int64, id string) place {
	if a.question.Order == store.OldestSeen {
		return place{seen, id}
	}
	return place{published, id}
}

func (a *asking) compare(x, y place) int {
	if x.at == y.at {
		return strings.Compare(x.id, y.id)
	}
	if (x.at < y.at) == (a.question.Order == store.OldestSeen) {
		return -1
	}
	return 1
}

func (a *asking) follows(p, after place) bool { return after.id == "" || a.compare(p, after) > 0 }

// thenKnown gives, for a question about the past, the mentions that have changed
// since and were asked for as they stood then. SQL leaves them out elsewhere.
func (a *asking) thenKnown(ctx context.Context, give func(*mention.Mention)) error {
	if a.question.AsOf.IsZero() || len(a.parts) == 0 {
		return nil
	}
	since, until := bounds(a.question.SeenFrom, a.question.SeenTo)
	asOf := a.question.AsOf.UnixMicro()
	rows, err := a.tx.QueryContext(ctx, `SELECT b.body FROM mention m INDEXED BY mention_changed JOIN body b USING (key)
		WHERE m.changed > m.seen AND m.changed > ? AND m.seen <= ? AND m.seen >= ? AND m.seen < ?
		AND m.key & ? BETWEEN ? AND ?`, asOf, asOf, since, until, int64(1)<<partBits-1, part(0).first(a.low), part(0).last(a.high))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return err
		}
		m, ok, err := a.confirm(body)
		if err != nil {
			return err
		}
		if ok {
			give(&m)
		}
	}
	return rows.Err()
}

// load reads the mentions of hits, as they were known at the instant asked about.
func (a *asking) load(ctx context.Context, hits []hit) ([]mention.Mention, error) {
	body, err := a.tx.PrepareContext(ctx, `SELECT body FROM body WHERE key = ?`)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	found := make([]mention.Mention, len(hits))
	for i, h := range hits {
		if h.m == nil {
			var b []byte
			if err := body.QueryRowContext(ctx, h.key).Scan(&b); err != nil {
				return nil, err
			}
			m, err := a.store.decode(b)
			if err != nil {
				return nil, err
			}
			h.m = &m
		}
		found[i] = store.Known(h.m, a.question.AsOf)
	}
	return found, nil
}
