package elastic

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/store"
)

// obituary is why operations are dead.
type obituary struct {
	place  string // the index where they were to stand, "" when none was chosen
	sort   string // what the refusal is called, see meanings
	reason string // in words of the server, or ours
}

// obituaryOf is that of an errand that failed for good.
func obituaryOf(e *errand) (o obituary) {
	if e.with.reason != "" {
		return e.with
	}
	for _, w := range e.writes {
		if w.action != "delete" {
			o.place = w.index
		}
	}
	o.sort, o.reason = sortOf(e.why), e.why.Error()
	return o
}

// bury moves operations out of the spool to the dead letters.
func (p *spool) bury(ctx context.Context, ops []op, o obituary, died time.Time) error {
	seqs := make([]int64, len(ops))
	for i := range ops {
		seqs[i] = ops[i].seq
	}
	err := p.leave(ctx, seqs, func(tx *sqlite.Tx, numbers string) error {
		_, err := tx.Exec(ctx, `INSERT INTO dead (seq, id, kind, at, body, died, reason, place, sort)
			SELECT seq, id, kind, at, body, ?, ?, ?, ? FROM spool WHERE seq IN (SELECT value FROM json_each(?)) ON CONFLICT DO NOTHING`,
			died.UnixMicro(), o.reason, o.place, o.sort, numbers)
		if err != nil {
			return err
		}
		p.mu.Lock() // the writer's turn keeps out who else counts
		defer p.mu.Unlock()
		return tx.QueryRow(ctx, `SELECT count(*) FROM dead`).Scan(&p.dead)
	})
	if err != nil {
		return fmt.Errorf("bury %d operations: %w", len(ops), err)
	}
	return nil
}

// obituaries are those of mentions that are among the dead letters.
func (p *spool) obituaries(ctx context.Context, ids []string) (map[string]obituary, error) {
	names, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := p.db.Read().QueryContext(ctx, `SELECT id, reason, place, sort FROM dead
		WHERE kind = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY seq`, putting, string(names))
	if err != nil {
		return nil, fmt.Errorf("look among the dead letters: %w", err)
	}
	defer rows.Close()
	dead := map[string]obituary{}
	for rows.Next() {
		var id string
		var o obituary
		if err := rows.Scan(&id, &o.reason, &o.place, &o.sort); err != nil {
			return nil, fmt.Errorf("look among the dead letters: %w", err)
		}
		dead[id] = o
	}
	return dead, rows.Err()
}

// DeadLetters is store.Remote's. A deletion or a judgement is shown with the mention
// that died of the same.
func (s *Store) DeadLetters(ctx context.Context, limit int) (letters []store.DeadLetter, err error) {
	rows, err := s.spool.db.Read().QueryContext(ctx, `SELECT seq, id, kind, at, died, reason, place, sort,
		CASE kind WHEN ? THEN body ELSE (SELECT body FROM dead AS m WHERE m.id = dead.id AND m.kind = ? ORDER BY m.seq DESC LIMIT 1) END
		FROM dead ORDER BY died DESC, seq DESC LIMIT ?`, putting, putting, limit)
	if err != nil {
		return nil, fmt.Errorf("list the dead letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		l, err := s.letter(rows)
		if err != nil {
			return nil, fmt.Errorf("list the dead letters: %w", err)
		}
		letters = append(letters, l)
	}
	return letters, rows.Err()
}

// letter reads one row. A body that cannot be read may be why it is dead.
func (s *Store) letter(row *sql.Rows) (l store.DeadLetter, err error) {
	var at, died int64
	var k kind
	var o obituary
	var body []byte
	if err := row.Scan(&l.Seq, &l.ID, &k, &at, &died, &o.reason, &o.place, &o.sort, &body); err != nil {
		return l, err
	}
	l.At, l.Died, l.What = time.UnixMicro(at).UTC(), time.UnixMicro(died).UTC(), errandOf[k]
	l.Reason, l.Why = o.reason, o.meaning()
	if len(body) > 0 {
		if m, err := s.unpack(body); err == nil {
			l.Mention = m
		}
	}
	return l, nil
}

var errandOf = map[kind]store.Errand{putting: store.ToKeep, leaving: store.ToGo, judging: store.ToJudge}

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
