package local

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// forgetStep is how many are erased in one transaction, so that others wait at
// most some milliseconds for their turn.
const forgetStep = 100

// Forget is store.Store's. It stops at any step; what was erased stays erased.
func (s *Store) Forget(ctx context.Context, claimed, unclaimed time.Time) (int, error) {
	total := 0
	for _, p := range []part{others, own, others + parts, own + parts} {
		n, err := s.forget(ctx, `SELECT key, published, history, watches, label FROM mention
			WHERE key BETWEEN ? AND ? AND published < ? ORDER BY key LIMIT ?`,
			p.first(0), p.last(secondOf(claimed)), ceilMicro(claimed), forgetStep)
		total += n
		if err != nil {
			return total, fmt.Errorf("forget what is older than %s: %w", claimed.Format(time.DateOnly), err)
		}
	}
	for _, p := range []part{aside, aside + parts} {
		n, err := s.forget(ctx, `SELECT key, published, history, watches, label FROM mention
			WHERE key >> 60 = ? AND seen < ? ORDER BY seen LIMIT ?`, int64(p), ceilMicro(unclaimed), forgetStep)
		total += n
		if err != nil {
			return total, fmt.Errorf("forget what nobody claimed before %s: %w", unclaimed.Format(time.DateOnly), err)
		}
	}
	return total, nil
}

// forget erases step by step what a question finds.
func (s *Store) forget(ctx context.Context, question string, args ...any) (total int, err error) {
	for {
		var n int
		err := s.write(ctx, s.db.Write, func(w *writer) (err error) {
			n, err = w.forget(ctx, question, args)
			return err
		})
		if err != nil {
			return total, err
		}
		total += n
		if n < forgetStep {
			return total, nil
		}
	}
}

func (w *writer) forget(ctx context.Context, question string, args []any) (int, error) {
	old, err := w.forgettable(ctx, question, args)
	if err != nil {
		return 0, err
	}
	for _, f := range old {
		if err := w.discount(ctx, f); err != nil {
			return 0, err
		}
		if err := w.delete(ctx, f.key); err != nil {
			return 0, err
		}
	}
	return len(old), nil
}

// forgotten is what the hourly counts must know of a mention that goes.
type forgotten struct {
	key, published, watches, label int64
	history                        bool
}

func (w *writer) forgettable(ctx context.Context, question string, args []any) (old []forgotten, err error) {
	rows, err := w.tx.Query(ctx, question, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var f forgotten
		if err := rows.Scan(&f.key, &f.published, &f.history, &f.watches, &f.label); err != nil {
			return nil, err
		}
		old = append(old, f)
	}
	return old, rows.Err()
}

// discount takes a row out of the hourly counts, as tally does by the mention.
func (w *writer) discount(ctx context.Context, f forgotten) error {
	if part(f.key>>partBits) != others {
		return nil
	}
	at := hour{hour: floorDiv(f.published, microsPerHour), label: f.label, history: f.history}
	w.hourly[at]--
	var list string
	if err := w.tx.QueryRow(ctx, `SELECT value FROM name WHERE id = ?`, f.watches).Scan(&list); err != nil {
		return err
	}
	var watches []string
	if err := json.Unmarshal([]byte(list), &watches); err != nil {
		return fmt.Errorf("read the watches %q: %w", list, err)
	}
	for _, name := range watches {
		id, err := w.name(ctx, name)
		if err != nil {
			return err
		}
		at.watch = id
		w.hourly[at]--
	}
	return nil
}

// ceilMicro is the first microsecond that is not before t: what is kept to the
// microsecond is before t when it is before that.
func ceilMicro(t time.Time) int64 {
	micro := t.UnixMicro()
	if time.UnixMicro(micro).Before(t) {
		micro++
	}
	return micro
}
