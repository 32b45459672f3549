package elastic

import (
	"context"
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

// buried is a dead letter as it stands in the spool, and as other shards are shown it.
type buried struct {
	Seq    int64  `json:"seq"`
	ID     string `json:"id"`
	Kind   kind   `json:"kind"`
	At     int64  `json:"at"`
	Died   int64  `json:"died"`
	Reason string `json:"reason"`
	Place  string `json:"place"`
	Sort   string `json:"sort"`
	Body   []byte `json:"body"` // the mention; empty when it is not known
}

// graves are the newest dead letters. A deletion or a judgement comes with the mention
// that died of the same.
func (p *spool) graves(ctx context.Context, limit int) (all []buried, err error) {
	rows, err := p.db.Read().QueryContext(ctx, `SELECT seq, id, kind, at, died, reason, place, sort,
		CASE kind WHEN ? THEN body ELSE (SELECT body FROM dead AS m WHERE m.id = dead.id AND m.kind = ? ORDER BY m.seq DESC LIMIT 1) END
		FROM dead ORDER BY died DESC, seq DESC LIMIT ?`, putting, putting, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var b buried
		if err := rows.Scan(&b.Seq, &b.ID, &b.Kind, &b.At, &b.Died, &b.Reason, &b.Place, &b.Sort, &b.Body); err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, rows.Err()
}

// DeadLetters is store.Remote's.
func (s *Store) DeadLetters(ctx context.Context, limit int) (letters []store.DeadLetter, err error) {
	graves, err := s.spool.graves(ctx, limit)
	if err != nil {
		return nil, fmt.Errorf("list the dead letters: %w", err)
	}
	for i := range graves {
		letters = append(letters, s.letter(&graves[i]))
	}
	return letters, nil
}

// letter reads one. A body that cannot be read may be why it is dead.
func (s *Store) letter(b *buried) store.DeadLetter {
	l := store.DeadLetter{Seq: b.Seq, ID: b.ID, What: errandOf[b.Kind], At: time.UnixMicro(b.At).UTC(), Died: time.UnixMicro(b.Died).UTC(),
		Why: (obituary{b.Place, b.Sort, b.Reason}).meaning(), Reason: b.Reason}
	if len(b.Body) > 0 {
		if m, err := s.unpack(b.Body); err == nil {
			l.Mention = m
		}
	}
	return l
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
		if n = int(moved); n == 0 {
			return nil
		}
		if err := s.spool.resent(ctx, tx, seqs); err != nil {
			return err
		}
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

// resent notes that dead letters are sent again, and since when the earliest was known.
func (p *spool) resent(ctx context.Context, tx *sqlite.Tx, seqs []int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO fact (name, value) SELECT 'resent_since', min(at) FROM dead WHERE ? OR seq IN (SELECT value FROM json_each(?))
		ON CONFLICT (name) DO UPDATE SET value = min(value, excluded.value)`, len(seqs) == 0, list(seqs))
	if err == nil {
		_, err = tx.Exec(ctx, `INSERT INTO fact (name, value) VALUES ('resent', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`)
	}
	return err
}

// Noted is store.Remote's.
func (s *Store) Noted(ctx context.Context, r store.Resent) error {
	err := s.spool.db.Write(ctx, func(tx *sqlite.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM fact WHERE name IN ('resent', 'resent_since') AND (SELECT value FROM fact WHERE name = 'resent') = ?`, r.Times)
		return err
	})
	if err == nil {
		err = s.spool.survey(ctx)
	}
	if err != nil {
		return fmt.Errorf("note that what was sent again was looked at: %w", err)
	}
	return nil
}
