package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
)

// Listen notes that these watches are listened for, and no others: from now on those that
// were not before.
func (d *DB) Listen(ctx context.Context, watches []string) error {
	names, err := json.Marshal(watches)
	if err == nil {
		err = d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
			if _, err := tx.Exec(ctx, "DELETE FROM listened WHERE watch NOT IN (SELECT value FROM json_each(?))", string(names)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "INSERT OR IGNORE INTO listened (watch, since) SELECT value, ? FROM json_each(?)", micros(d.now()), string(names))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("note which watches are listened for: %w", err)
	}
	return nil
}

// Listened is since when a watch is listened for, as far as that was noted; zero when it
// was not.
func (d *DB) Listened(ctx context.Context, watch string) (time.Time, error) {
	var since int64
	err := d.db.Read().QueryRowContext(ctx, "SELECT since FROM listened WHERE watch = ?", watch).Scan(&since)
	if none(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("ask since when %s is listened for: %w", watch, err)
	}
	return instant(since), nil
}
