package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
)

// SourceHealth is Entry.What of a source that became readable or unreadable.
const SourceHealth = "source.health"

// Entry is one line of the journal: what a person did, what became of a source,
// how the configuration changed.
type Entry struct {
	At      time.Time
	Who     string          // a person's name; "" for ouidire itself
	What    string          // stable word, "source.health", "mention.corrected"
	Subject string          // a source, an id, a file
	Detail  json.RawMessage // what differs by What; empty for nothing
}

// NewEntry makes an entry whose detail is value in JSON.
func NewEntry(at time.Time, who, what, subject string, value any) (Entry, error) {
	detail, err := json.Marshal(value)
	if err != nil {
		return Entry{}, fmt.Errorf("write the detail of %s: %w", what, err)
	}
	return Entry{At: at, Who: who, What: what, Subject: subject, Detail: detail}, nil
}

// Journal adds one line; At is now when it is zero.
func (d *DB) Journal(ctx context.Context, e Entry) error {
	if e.At.IsZero() {
		e.At = d.now()
	}
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error { return journal(ctx, tx, e) })
	if err != nil {
		return fmt.Errorf("journal %s of %s: %w", e.What, e.Subject, err)
	}
	return nil
}

// journal adds one line to a transaction that does the thing itself.
func journal(ctx context.Context, tx *sqlite.Tx, e Entry) error {
	detail := string(e.Detail)
	if detail == "" {
		detail = "null"
	}
	_, err := tx.Exec(ctx, "INSERT INTO journal (at, who, what, subject, detail) VALUES (?,?,?,?,?)", micros(e.At), e.Who, e.What, e.Subject, detail)
	return err
}

// Entries returns the lines of [from, to), newest first, at most limit; a zero
// instant is open.
func (d *DB) Entries(ctx context.Context, from, to time.Time, limit int) ([]Entry, error) {
	if to.IsZero() {
		to = forever
	}
	return d.entries(ctx, "WHERE at >= ? AND at < ? ORDER BY at DESC, id DESC LIMIT ?", micros(from), micros(to), limit)
}

// AccessEntries returns what changed about who comes in, and who gets the digests, newest
// first, at most limit.
func (d *DB) AccessEntries(ctx context.Context, limit int) ([]Entry, error) {
	return d.entries(ctx, "WHERE what GLOB 'member.*' OR what GLOB 'token.*' OR what GLOB 'digest.*' ORDER BY at DESC, id DESC LIMIT ?", limit)
}

func (d *DB) entries(ctx context.Context, which string, args ...any) ([]Entry, error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT at, who, what, subject, detail FROM journal "+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer rows.Close()
	var all []Entry
	for rows.Next() {
		var e Entry
		var at int64
		var detail string
		if err := rows.Scan(&at, &e.Who, &e.What, &e.Subject, &detail); err != nil {
			return nil, fmt.Errorf("read a line of the journal: %w", err)
		}
		e.At = instant(at)
		if detail != "null" {
			e.Detail = json.RawMessage(detail)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// Take adds those of these lines that are not in the journal yet.
func (d *DB) Take(ctx context.Context, entries []Entry) error {
	err := d.db.Write(ctx, func(tx *sqlite.Tx) error {
		for _, e := range entries {
			var n int
			err := tx.QueryRow(ctx, "SELECT count(*) FROM journal WHERE at = ? AND who = ? AND what = ? AND subject = ?",
				micros(e.At), e.Who, e.What, e.Subject).Scan(&n)
			if err == nil && n == 0 {
				err = journal(ctx, tx, e)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take %d lines into the journal: %w", len(entries), err)
	}
	return nil
}
