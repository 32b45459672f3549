package state

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/sqlite"
)

const visitColumns = "source, cursor, config, next, not_before, last, last_success, newest, failures, health, since, reason, detail, notice, ended, blind, blind_since, history"

// Visits returns what is remembered of every source, by name; also of sources
// that are no longer configured.
func (d *DB) Visits(ctx context.Context) ([]crawler.Visit, error) {
	rows, err := d.db.Read().QueryContext(ctx, "SELECT "+visitColumns+" FROM visit ORDER BY source")
	if err != nil {
		return nil, fmt.Errorf("recall the visits: %w", err)
	}
	defer rows.Close()
	var all []crawler.Visit
	for rows.Next() {
		v, err := scanVisit(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("recall a visit: %w", err)
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

func scanVisit(scan func(...any) error) (v crawler.Visit, err error) {
	var next, notBefore, last, success, newest, since, blind int64
	err = scan(&v.Source, &v.Cursor, &v.Config, &next, &notBefore, &last, &success, &newest, &v.Failures, &v.Health, &since, &v.Reason, &v.Detail, &v.Notice, &v.Ended,
		&v.Blind, &blind, &v.History)
	v.Next, v.NotBefore, v.Last = instant(next), instant(notBefore), instant(last)
	v.LastSuccess, v.Newest, v.Since, v.BlindSince = instant(success), instant(newest), instant(since), instant(blind)
	return v, err
}

// SaveVisit remembers a visit, and journals it when the source became readable or
// unreadable by it, or when it is the first since we started.
func (d *DB) SaveVisit(ctx context.Context, v crawler.Visit) error {
	err := d.db.Write(ctx, func(tx *sqlite.Tx) error {
		if err := d.journalHealth(ctx, tx, v); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT OR REPLACE INTO visit ("+visitColumns+") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
			v.Source, v.Cursor, v.Config, micros(v.Next), micros(v.NotBefore), micros(v.Last), micros(v.LastSuccess), micros(v.Newest),
			v.Failures, string(v.Health), micros(v.Since), v.Reason, v.Detail, v.Notice, v.Ended,
			v.Blind, micros(v.BlindSince), v.History)
		return err
	})
	if err != nil {
		return fmt.Errorf("remember the visit of %s: %w", v.Source, err)
	}
	return nil
}

// ForgetSource drops what is remembered of a source: the next visit is its first.
func (d *DB) ForgetSource(ctx context.Context, source string) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM visit WHERE source = ?", source)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the source %s: %w", source, err)
	}
	return nil
}

// journalHealth adds a line when what a source can be trusted for has changed.
func (d *DB) journalHealth(ctx context.Context, tx *sqlite.Tx, v crawler.Visit) error {
	started, err := d.beat(ctx, tx, d.now())
	if err != nil {
		return err
	}
	return d.journalStanding(ctx, tx, v.Source, healthOf(v, started), started)
}

// journalStanding adds a line when it says something else than the last since we started.
func (d *DB) journalStanding(ctx context.Context, tx *sqlite.Tx, source string, next health, started time.Time) error {
	last, at, err := lastHealth(ctx, tx, source)
	if err != nil {
		return err
	}
	if last.same(next) && !at.Before(started) {
		return nil
	}
	e, err := NewEntry(d.now(), "", SourceHealth, source, next)
	if err != nil {
		return err
	}
	return journal(ctx, tx, e)
}

// none tells an empty answer from a failed one.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }
