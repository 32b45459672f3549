package state

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
)

// Forget erases the ids last met before seen, the lines of the journal before
// journal (but for how each source was then, which still holds), and sessions and
// invitations that have expired. It goes in small steps between which others write, and returns how
// many rows it erased.
func (d *DB) Forget(ctx context.Context, seen, journal time.Time) (int, error) {
	total := 0
	for _, sweep := range []struct {
		sql    string
		before time.Time
	}{
		{"DELETE FROM seen WHERE id IN (SELECT id FROM seen WHERE met < ? LIMIT ?)", seen},
		{forgetJournalSQL, journal},
		{"DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE expires < ? LIMIT ?)", d.now()},
		{"DELETE FROM invitation WHERE hash IN (SELECT hash FROM invitation WHERE expires < ? LIMIT ?)", d.now()},
	} {
		n, err := d.sweep(ctx, sweep.sql, sweep.before)
		total += n
		if err != nil {
			return total, fmt.Errorf("forget what is older than %v: %w", sweep.before, err)
		}
	}
	return total, nil
}

const forgetJournalSQL = `DELETE FROM journal WHERE id IN (
	SELECT id FROM journal AS old WHERE at < ?1 AND NOT (what = 'source.health' AND NOT EXISTS (
		SELECT 1 FROM journal AS later WHERE later.what = 'source.health' AND later.subject = old.subject
			AND later.at < ?1 AND (later.at, later.id) > (old.at, old.id))) LIMIT ?2)`

func (d *DB) sweep(ctx context.Context, sql string, before time.Time) (total int, err error) {
	for n := int64(step); n == step; {
		err := d.db.Write(ctx, func(tx *sqlite.Tx) error {
			done, err := tx.Exec(ctx, sql, micros(before), step)
			if err != nil {
				return err
			}
			n, err = done.RowsAffected()
			return err
		})
		if err != nil {
			return total, err
		}
		total += int(n)
	}
	return total, nil
}
