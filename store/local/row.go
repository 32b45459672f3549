package local

import (
	"context"
	"encoding/json"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// entry is a mention on its way into the database, or back out: what the tables
// hold of it.
type entry struct {
	mention mention.Mention
	key     int64
	body    []byte
	terms   string
	version int64 // of the terms
}

// row is the narrow row of a mention, its words not yet names.
type row struct {
	published, seen, changed int64
	history                  bool
	names                    [len(nameColumns)]string
	author                   string
}

// nameColumns are the columns that hold name.id, in the order of row.names.
var nameColumns = [...]string{"source", "place", "kind", "lang", "watches", "label", "target"}

func rowOf(m *mention.Mention) row {
	r, _ := m.Reading()
	return row{
		published: m.PublishedAt.UnixMicro(),
		seen:      m.SeenAt.UnixMicro(),
		changed:   changed(m).UnixMicro(),
		history:   m.History,
		names:     [...]string{m.Source, m.Place, string(m.Kind), m.Lang, watchList(m), string(r.Label), string(r.Target)},
		author:    store.ByAuthor.Values(m)[0],
	}
}

// watchList is the watches that claim m as the column watches holds them.
func watchList(m *mention.Mention) string {
	names := store.ByWatch.Values(m)
	if len(names) == 0 {
		return "[]"
	}
	// A list of strings has a JSON form: the error is always nil.
	list, _ := json.Marshal(names)
	return string(list)
}

// changed is from when on it looks as it does now.
func changed(m *mention.Mention) time.Time {
	if at := store.Changed(m); !at.IsZero() {
		return at
	}
	return m.SeenAt
}

const insertRow = `INSERT INTO mention
	(key, id, published, seen, changed, tokens, history, author, source, place, kind, lang, watches, label, target)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING`

// insert writes all that the tables hold of e, at the first free place. Should other
// words have become frequent since its terms were made, they are made once more.
func (w *writer) insert(ctx context.Context, e *entry) error {
	if f := w.store.frequent.Load(); e.version != f.version() {
		e.terms, e.version = w.store.index(&e.mention, f), f.version()
	}
	r := rowOf(&e.mention)
	args := []any{0, e.mention.ID, r.published, r.seen, r.changed, e.version, r.history, r.author}
	for _, value := range r.names {
		id, err := w.name(ctx, value)
		if err != nil {
			return err
		}
		args = append(args, id)
	}
	for e.key = keyOf(&e.mention); ; e.key = nextKey(e.key) {
		args[0] = e.key
		result, err := w.tx.Exec(ctx, insertRow, args...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 1 {
			return w.insertRest(ctx, e, err)
		}
	}
}

func (w *writer) insertRest(ctx context.Context, e *entry, err error) error {
	if err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `INSERT INTO body (key, body) VALUES (?, ?)`, e.key, e.body); err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `INSERT INTO term (rowid, words) VALUES (?, ?)`, e.key, e.terms); err != nil {
		return err
	}
	return w.tally(ctx, &e.mention, 1)
}

// remove undoes insert: e is as it stands in the tables.
func (w *writer) remove(ctx context.Context, e *entry) error {
	if err := w.tally(ctx, &e.mention, -1); err != nil {
		return err
	}
	return w.delete(ctx, e.key)
}

func (w *writer) delete(ctx context.Context, key int64) error {
	for _, statement := range []string{
		`DELETE FROM term WHERE rowid = ?`, `DELETE FROM body WHERE key = ?`, `DELETE FROM mention WHERE key = ?`,
	} {
		if _, err := w.tx.Exec(ctx, statement, key); err != nil {
			return err
		}
	}
	return nil
}

// amend writes after over before, which has the same place and the same terms.
func (w *writer) amend(ctx context.Context, before *entry, after *mention.Mention) error {
	body, err := w.store.encode(after)
	if err != nil {
		return err
	}
	r := rowOf(after)
	args := []any{r.changed}
	for _, value := range r.names[len(r.names)-2:] {
		id, err := w.name(ctx, value)
		if err != nil {
			return err
		}
		args = append(args, id)
	}
	if _, err := w.tx.Exec(ctx, `UPDATE mention SET changed = ?, label = ?, target = ? WHERE key = ?`, append(args, before.key)...); err != nil {
		return err
	}
	if _, err := w.tx.Exec(ctx, `UPDATE body SET body = ? WHERE key = ?`, body, before.key); err != nil {
		return err
	}
	if err := w.tally(ctx, &before.mention, -1); err != nil {
		return err
	}
	return w.tally(ctx, after, 1)
}

// writer is one transaction at work: it knows names, and sums up what the hourly
// counts change by until flush.
type writer struct {
	store  *Store
	tx     *sqlite.Tx
	learnt map[string]int64 // names that the store does not know yet
	hourly map[hour]int
}

// name is the id of a repeated word.
func (w *writer) name(ctx context.Context, value string) (id int64, err error) {
	if id, ok := w.store.names.id(value); ok {
		return id, nil
	}
	if id, ok := w.learnt[value]; ok {
		return id, nil
	}
	if _, err := w.tx.Exec(ctx, `INSERT INTO name (value) VALUES (?) ON CONFLICT DO NOTHING`, value); err != nil {
		return 0, err
	}
	if err := w.tx.QueryRow(ctx, `SELECT id FROM name WHERE value = ?`, value).Scan(&id); err != nil {
		return 0, err
	}
	w.learnt[value] = id
	return id, nil
}
