package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// lane is one of the two ways to write.
type lane func(context.Context, func(*sqlite.Tx) error) error

// write runs one transaction, with the hourly counts it changes.
func (s *Store) write(ctx context.Context, by lane, fn func(*writer) error) error {
	var w *writer
	err := by(ctx, func(tx *sqlite.Tx) error {
		w = &writer{store: s, tx: tx, learnt: map[string]int64{}, hourly: map[hour]int{}}
		if err := fn(w); err != nil {
			return err
		}
		return w.flush(ctx)
	})
	if err == nil {
		s.names.learn(w.learnt)
	}
	return err
}

// Put is store.Store's. What can be done before it is our turn to write is done
// before: a person who corrects something waits for the turn too.
func (s *Store) Put(ctx context.Context, batch []mention.Mention) (fresh, edited []string, err error) {
	if len(batch) == 0 {
		return nil, nil, nil
	}
	entries, err := s.prepare(ctx, batch)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare %d mentions: %w", len(batch), err)
	}
	err = s.write(ctx, s.db.Write, func(w *writer) error {
		fresh, edited, err = w.put(ctx, entries)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("keep %d mentions: %w", len(batch), err)
	}
	return fresh, edited, nil
}

// prepare makes all that the tables will hold of new mentions, before the turn to
// write: the writer serves others meanwhile.
func (s *Store) prepare(ctx context.Context, batch []mention.Mention) ([]entry, error) {
	entries := make([]entry, len(batch))
	x := s.indexers.get()
	defer s.indexers.put(x)
	for i := range batch {
		m, err := store.Normal(&batch[i])
		if err != nil {
			return nil, err
		}
		if entries[i], err = s.entry(x, m); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func (s *Store) entry(x *indexer, m mention.Mention) (entry, error) {
	body, err := s.encode(&m)
	f := s.frequent.Load()
	return entry{mention: m, body: body, terms: x.index(&m, f), version: f.version()}, err
}

func (w *writer) put(ctx context.Context, entries []entry) (fresh, edited []string, err error) {
	known, err := w.known(ctx, entries)
	if err != nil {
		return nil, nil, err
	}
	changed := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		id := e.mention.ID
		if !known[id] {
			if err := w.insert(ctx, e); err != nil {
				return nil, nil, err
			}
			known[id], changed[id] = true, true
			fresh = append(fresh, id)
			continue
		}
		another, err := w.again(ctx, &e.mention)
		if err != nil {
			return nil, nil, err
		}
		if another && !changed[id] {
			changed[id] = true
			edited = append(edited, id)
		}
	}
	return fresh, edited, nil
}

// known is which ids are kept already.
func (w *writer) known(ctx context.Context, entries []entry) (map[string]bool, error) {
	ids := make([]string, len(entries))
	for i := range entries {
		ids[i] = entries[i].mention.ID
	}
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := w.tx.Query(ctx, `SELECT id FROM mention WHERE id IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		known[id] = true
	}
	return known, rows.Err()
}

// again puts a mention that is kept already, and says whether it got another version.
func (w *writer) again(ctx context.Context, given *mention.Mention) (another bool, err error) {
	err = w.change(ctx, given.ID, func(kept *mention.Mention) bool {
		var changed bool
		another, changed = store.Merge(kept, given)
		return changed
	})
	return another, err
}

// change rewrites one mention, unless edit says that nothing changed. A judgement
// changes neither where it stands nor what it is found by.
func (w *writer) change(ctx context.Context, id string, edit func(*mention.Mention) bool) error {
	before, err := w.load(ctx, id)
	if err != nil {
		return err
	}
	after := before.mention
	if !edit(&after) {
		return nil
	}
	if len(after.Versions) == len(before.mention.Versions) && partOf(&after) == partOf(&before.mention) {
		return w.amend(ctx, &before, &after)
	}
	x := w.store.indexers.get()
	defer w.store.indexers.put(x)
	e, err := w.store.entry(x, after)
	if err != nil {
		return err
	}
	if err := w.remove(ctx, &before); err != nil {
		return err
	}
	return w.insert(ctx, &e)
}

func (w *writer) load(ctx context.Context, id string) (entry, error) {
	var e entry
	err := w.tx.QueryRow(ctx, `SELECT m.key, b.body FROM mention m JOIN body b USING (key) WHERE m.id = ?`, id).Scan(&e.key, &e.body)
	if errors.Is(err, sql.ErrNoRows) {
		return e, fmt.Errorf("mention %s: %w", id, store.ErrNotFound)
	}
	if err != nil {
		return e, err
	}
	e.mention, err = w.store.decode(e.body)
	return e, err
}

// AddReading is store.Store's. It goes before the batches that wait: a person may
// be looking.
func (s *Store) AddReading(ctx context.Context, id string, r mention.Reading) error {
	r.At = store.Instant(r.At)
	err := s.write(ctx, s.db.WritePriority, func(w *writer) error {
		return w.change(ctx, id, func(m *mention.Mention) bool {
			m.Readings = append(m.Readings, r)
			return true
		})
	})
	if err != nil {
		return fmt.Errorf("add a reading: %w", err)
	}
	return nil
}

// AddReadings is store.Store's.
func (s *Store) AddReadings(ctx context.Context, all []store.Judgement) error {
	for step := range slices.Chunk(all, changeStep) {
		err := s.write(ctx, s.db.Write, func(w *writer) error { return w.judge(ctx, step) })
		if err != nil {
			return fmt.Errorf("add %d readings: %w", len(all), err)
		}
	}
	return nil
}

func (w *writer) judge(ctx context.Context, all []store.Judgement) error {
	for _, j := range all {
		j.Reading.At = store.Instant(j.Reading.At)
		err := w.change(ctx, j.ID, func(m *mention.Mention) bool {
			m.Readings = append(m.Readings, j.Reading)
			return true
		})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

// changeStep is how many judgements or deletions share a transaction.
const changeStep = 50

// MarkGone is store.Store's. A mention that is gone already keeps its first time.
func (s *Store) MarkGone(ctx context.Context, ids []string, at time.Time) error {
	at = store.Instant(at)
	for step := range slices.Chunk(ids, changeStep) {
		err := s.write(ctx, s.db.Write, func(w *writer) error { return w.markGone(ctx, step, at) })
		if err != nil {
			return fmt.Errorf("mark %d mentions as gone: %w", len(ids), err)
		}
	}
	return nil
}

func (w *writer) markGone(ctx context.Context, ids []string, at time.Time) error {
	for _, id := range ids {
		err := w.change(ctx, id, func(m *mention.Mention) bool {
			stood := m.GoneAt.IsZero()
			if stood {
				m.GoneAt = at
			}
			return stood
		})
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}
