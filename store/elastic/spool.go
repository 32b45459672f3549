package elastic

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

//go:embed migrations/*.sql
var embedded embed.FS

// kind is what an operation does with a mention.
type kind int

// The kinds. Their numbers stand in the file.
const (
	putting kind = iota // its body is the mention
	leaving             // the place deleted it at
	judging             // its body is a reading
)

// op is one thing to do, as it waits in the spool.
type op struct {
	seq  int64
	id   string
	kind kind
	at   time.Time // when it became known
	body []byte

	given *mention.Mention // what body is, when this process put it; else nil
}

// overhead is what an operation takes beside its body.
const overhead = 150

func (o *op) bytes() int64 { return int64(len(o.body) + overhead) }

// spool is what was promised to be kept and cannot be found yet, in the file spool.db.
type spool struct {
	db    *sqlite.DB
	limit int64

	looking  sync.Mutex // one at a time sets earliest anew
	version  int64      // of the file, as it was counted last: another process makes it another
	mu       sync.Mutex
	rows     int
	size     int64
	dead     int
	again    store.Resent
	earliest time.Time // when the earliest of what waits became known
	since    time.Time // the earliest added since drop last looked
}

func openSpool(ctx context.Context, path string, limit int64, observe func(sqlite.Commit)) (*spool, error) {
	migrations, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{Migrations: migrations, Observe: observe})
	if err != nil {
		return nil, err
	}
	p := &spool{db: db, limit: limit}
	if err := p.survey(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("look into the spool: %w", err), db.Close())
	}
	return p, nil
}

// survey counts what is there: at the start, and when another process has added.
func (p *spool) survey(ctx context.Context) error {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	p.since = time.Time{}
	p.mu.Unlock()
	return p.db.Write(ctx, func(tx *sqlite.Tx) error {
		if _, err := p.changed(ctx, tx); err != nil {
			return err
		}
		return p.count(ctx, tx)
	})
}

// changed says whether another process has written since it was asked last.
func (p *spool) changed(ctx context.Context, tx *sqlite.Tx) (bool, error) {
	before := p.version
	err := tx.QueryRow(ctx, "PRAGMA data_version").Scan(&p.version)
	return p.version != before, err
}

// count reads the totals within the writer's turn: what is added after it goes by
// add, and what it sees was added before.
func (p *spool) count(ctx context.Context, tx *sqlite.Tx) error {
	var rows, dead int
	var size int64
	var first, since sql.NullInt64
	var again store.Resent
	err := tx.QueryRow(ctx, `SELECT count(*), coalesce(sum(bytes), 0), min(at), (SELECT count(*) FROM dead),
		coalesce((SELECT value FROM fact WHERE name = 'resent'), 0), (SELECT value FROM fact WHERE name = 'resent_since') FROM spool`).
		Scan(&rows, &size, &first, &dead, &again.Times, &since)
	if err != nil {
		return err
	}
	again.Since = instantOf(since)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows, p.size, p.dead, p.again, p.earliest = rows, size, dead, again, sooner(instantOf(first), p.since)
	return nil
}

// visit counts what is there, if another process has written since that was done last.
func (p *spool) visit(ctx context.Context) error {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	p.since = time.Time{} // earliest has it
	p.mu.Unlock()
	err := p.db.Write(ctx, func(tx *sqlite.Tx) error {
		others, err := p.changed(ctx, tx)
		if err != nil || !others {
			return err
		}
		return p.count(ctx, tx)
	})
	if err != nil {
		p.version = 0 // whatever was counted: count again
	}
	return err
}

func instantOf(micro sql.NullInt64) time.Time {
	if !micro.Valid {
		return time.Time{}
	}
	return time.UnixMicro(micro.Int64).UTC()
}

// sooner is the earlier of two instants; zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// full says whether more may be added. It looks at what is there before, so that a
// batch larger than the whole spool can be kept.
func (p *spool) full() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size >= p.limit
}

// rowsAtOnce is how many rows one statement adds: beside it little of a row is the row.
const rowsAtOnce = 25

// add appends within a transaction. What it tells waiting is told before the commit: of
// something that is not kept in the end nothing is believed but that it may wait.
func (p *spool) add(ctx context.Context, tx *sqlite.Tx, ops []op) error {
	for some := range slices.Chunk(ops, rowsAtOnce) {
		var values []any
		for i := range some {
			o := &some[i]
			values = append(values, o.id, o.kind, o.at.UnixMicro(), o.bytes(), o.body)
		}
		done, err := tx.Exec(ctx, `INSERT INTO spool (id, kind, at, bytes, body) VALUES (?, ?, ?, ?, ?)`+strings.Repeat(`, (?, ?, ?, ?, ?)`, len(some)-1), values...)
		if err != nil {
			return err
		}
		last, err := done.LastInsertId()
		if err != nil {
			return err
		}
		for i := range some { // rows of one statement have numbers one after the other
			some[i].seq = last - int64(len(some)-1-i)
			p.note(&some[i])
		}
	}
	return nil
}

func (p *spool) note(o *op) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows++
	p.size += o.bytes()
	p.earliest, p.since = sooner(p.earliest, o.at), sooner(p.since, o.at)
}

// remember keeps the largest value that a fact ever had.
func (p *spool) remember(ctx context.Context, tx *sqlite.Tx, name string, value int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)`, name, value)
	return err
}

// fact is what remember kept.
func (p *spool) fact(ctx context.Context, name string) (value int64, ok bool, err error) {
	err = p.db.Read().QueryRowContext(ctx, `SELECT value FROM fact WHERE name = ?`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return value, err == nil, err
}

const columns = `SELECT seq, id, kind, at, body FROM spool `

// after is what comes after seq, in order, of about so many bytes.
func (p *spool) after(ctx context.Context, seq int64, most int64) ([]op, error) {
	return p.query(ctx, most, columns+`WHERE seq > ? ORDER BY seq LIMIT 4096`, seq)
}

// of is what waits for one mention, in order.
func (p *spool) of(ctx context.Context, id string) ([]op, error) {
	return p.query(ctx, p.limit, columns+`WHERE id = ? ORDER BY seq`, id)
}

// these are operations by their numbers, in order; those that are gone are left out.
func (p *spool) these(ctx context.Context, seqs []int64) ([]op, error) {
	return p.query(ctx, p.limit, columns+`WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq`, list(seqs))
}

func (p *spool) query(ctx context.Context, most int64, question string, args ...any) (ops []op, err error) {
	rows, err := p.db.Read().QueryContext(ctx, question, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for size := int64(0); size < most && rows.Next(); {
		var o op
		var micro int64
		if err := rows.Scan(&o.seq, &o.id, &o.kind, &micro, &o.body); err != nil {
			return nil, err
		}
		o.at = time.UnixMicro(micro).UTC()
		size += o.bytes()
		ops = append(ops, o)
	}
	return ops, rows.Err()
}

// dropStep is how many rows leave in one transaction, so that Put waits at most some
// milliseconds for its turn.
const dropStep = 1000

// drop takes out what can be found, or what is dead.
func (p *spool) drop(ctx context.Context, seqs []int64) error {
	for len(seqs) > 0 {
		step := seqs[:min(len(seqs), dropStep)]
		seqs = seqs[len(step):]
		if err := p.leave(ctx, step, func(*sqlite.Tx, string) error { return nil }); err != nil {
			return fmt.Errorf("take %d out of the spool: %w", len(step), err)
		}
	}
	return nil
}

// leave takes operations out once last was done with them, whose numbers it is given.
func (p *spool) leave(ctx context.Context, seqs []int64, last func(tx *sqlite.Tx, numbers string) error) error {
	p.looking.Lock()
	defer p.looking.Unlock()
	p.mu.Lock()
	p.since = time.Time{}
	p.mu.Unlock()
	var size int64
	var rows int
	var first sql.NullInt64
	numbers, others := list(seqs), false
	err := p.db.Write(ctx, func(tx *sqlite.Tx) (err error) {
		if others, err = p.changed(ctx, tx); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT count(*), coalesce(sum(bytes), 0) FROM spool WHERE seq IN (SELECT value FROM json_each(?))`, numbers).Scan(&rows, &size); err != nil {
			return err
		}
		if err := last(tx, numbers); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM spool WHERE seq IN (SELECT value FROM json_each(?))`, numbers); err != nil {
			return err
		}
		if others {
			return p.count(ctx, tx)
		}
		return tx.QueryRow(ctx, `SELECT min(at) FROM spool`).Scan(&first)
	})
	if err != nil {
		p.version = 0 // whatever was counted: count again
		return err
	}
	if others {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows, p.size = p.rows-rows, p.size-size
	p.earliest = sooner(instantOf(first), p.since)
	return nil
}

// waiting is when the earliest of what is there became known; zero when nothing is.
func (p *spool) waiting() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.earliest
}

func list(seqs []int64) string {
	// A list of numbers has a JSON form: the error is always nil.
	b, _ := json.Marshal(seqs)
	return string(b)
}

func (p *spool) close() error { return p.db.Close() }
