package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Tx is the transaction a Write works in; it ends with fn. Its methods may not be
// called at once from several goroutines. A context is looked at before each
// statement, never during one: to interrupt a statement would undo the work of
// those who share the commit. What writes goes through Exec; transactions and
// pragmas are not fn's to touch.
type Tx struct {
	db    *DB
	rows  []*sql.Rows
	ended bool
	lost  error // took the whole transaction down: what came after it would stand alone
}

var errEnded = errors.New("the transaction has ended")

// end closes what fn left open.
func (tx *Tx) end() error {
	tx.ended = true
	var errs []error
	for _, r := range tx.rows {
		errs = append(errs, r.Close())
	}
	return errors.Join(errs...)
}

func (tx *Tx) ready(ctx context.Context) error {
	switch {
	case tx.ended:
		return errEnded
	case tx.lost != nil:
		return tx.lost
	}
	return ctx.Err()
}

// failed finds out whether the transaction outlived an error. Within one, BEGIN fails.
func (tx *Tx) failed(ctx context.Context, cause error) {
	if tx.db.exec(ctx, "BEGIN") == nil {
		tx.lost = errors.Join(cause, tx.db.exec(ctx, "ROLLBACK"))
	}
}

// Exec runs a statement. Equal texts are prepared once.
func (tx *Tx) Exec(ctx context.Context, query string, args ...any) (sql.Result, error) {
	if err := tx.ready(ctx); err != nil {
		return nil, err
	}
	s, err := tx.db.prepared(context.WithoutCancel(ctx), query)
	if err != nil {
		return nil, err
	}
	done, err := s.ExecContext(context.WithoutCancel(ctx), args...)
	if err != nil {
		tx.failed(context.WithoutCancel(ctx), err)
	}
	return done, err
}

// Query asks for rows, and sees what this transaction has written.
func (tx *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := tx.ready(ctx); err != nil {
		return nil, err
	}
	// Not a kept statement: fn may ask the same again while it reads these rows.
	rows, err := tx.db.conn.QueryContext(context.WithoutCancel(ctx), query, args...)
	if err == nil {
		tx.rows = append(tx.rows, rows)
	}
	return rows, err
}

// QueryRow asks for one row; its Scan gives the error, sql.ErrNoRows when there is none.
func (tx *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if err := tx.ready(ctx); err != nil {
		refused, cancel := context.WithCancelCause(ctx)
		cancel(err)
		return tx.db.conn.QueryRowContext(refused, query, args...)
	}
	ctx = context.WithoutCancel(ctx)
	s, err := tx.db.prepared(ctx, query)
	if err != nil {
		return tx.db.conn.QueryRowContext(ctx, query, args...) // says the same
	}
	return s.QueryRowContext(ctx, args...)
}

// prepared keeps statements for the next time. Texts that differ each time (an IN
// list of changing length) would fill it: it starts over when it is full.
func (db *DB) prepared(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := db.stmts[query]; ok {
		return s, nil
	}
	if len(db.stmts) >= keptStatements {
		for text, s := range db.stmts {
			s.Close()
			delete(db.stmts, text)
		}
	}
	s, err := db.conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare %.60q: %w", query, err)
	}
	db.stmts[query] = s
	return s, nil
}

func (db *DB) exec(ctx context.Context, query string) error {
	s, err := db.prepared(ctx, query)
	if err != nil {
		return err
	}
	_, err = s.ExecContext(ctx)
	return err
}
