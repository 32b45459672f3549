package elastic

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/store"
)

// bury moves operations out of the spool to the dead letters.
func (p *spool) bury(ctx context.Context, ops []op, reason string, died time.Time) error {
	seqs := make([]int64, len(ops))
	for i := range ops {
		seqs[i] = ops[i].seq
	}
	var dead int
	err := p.leave(ctx, seqs, func(tx *sqlite.Tx, numbers string) error {
		_, err := tx.Exec(ctx, `INSERT INTO dead (seq, id, kind, at, body, died, reason)
			SELECT seq, id, kind, at, body, ?, ? FROM spool WHERE seq IN (SELECT value FROM json_each(?)) ON CONFLICT DO NOTHING`,
			died.UnixMicro(), reason, numbers)
		if err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT count(*) FROM dead`).Scan(&dead)
	})
	if err != nil {
		return fmt.Errorf("bury %d operations: %w", len(ops), err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = dead
	return nil
}

// DeadLetters is store.Remote's.
func (s *Store) DeadLetters(ctx context.Context, limit int) (letters []store.DeadLetter, err error) {
	rows, err := s.spool.db.Read().QueryContext(ctx, `SELECT seq, id, at, died, reason FROM dead ORDER BY died DESC, seq DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("list the dead letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l store.DeadLetter
		var at, died int64
		if err := rows.Scan(&l.Seq, &l.ID, &at, &died, &l.Reason); err != nil {
			return nil, fmt.Errorf("list the dead letters: %w", err)
		}
		l.At, l.Died = time.UnixMicro(at).UTC(), time.UnixMicro(died).UTC()
		letters = append(letters, l)
	}
	return letters, rows.Err()
}

// Resend is store.Remote's.
func (s *Store) Resend(ctx context.Context, seqs ...int64) (n int, err error) {
	err = s.spool.db.Write(ctx, func(tx *sqlite.Tx) error {
		done, err := tx.Exec(ctx, `INSERT INTO spool (id, kind, at, bytes, body)
			SELECT id, kind, at, coalesce(length(body), 0) + ?, body FROM dead
			WHERE ? OR seq IN (SELECT value FROM json_each(?)) ORDER BY seq`, overhead, len(seqs) == 0, list(seqs))
		if err != nil {
			return err
		}
		moved, err := done.RowsAffected()
		if err != nil {
			return err
		}
		n = int(moved)
		_, err = tx.Exec(ctx, `DELETE FROM dead WHERE ? OR seq IN (SELECT value FROM json_each(?))`, len(seqs) == 0, list(seqs))
		return err
	})
	if err == nil {
		err = s.spool.survey(ctx)
	}
	if err != nil {
		return 0, fmt.Errorf("send dead letters again: %w", err)
	}
	s.sender.wake()
	return n, nil
}
