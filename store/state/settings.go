package state

import (
	"context"
	"fmt"

	"github.com/ouidire/ouidire/internal/sqlite"
)

// Get returns a small fact kept under a key; ok is false when there is none.
func (d *DB) Get(ctx context.Context, key string) (value []byte, ok bool, err error) {
	err = d.db.Read().QueryRowContext(ctx, "SELECT value FROM setting WHERE key = ?", key).Scan(&value)
	if none(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("get %s: %w", key, err)
	}
	return value, true, nil
}

// Set keeps a small fact under a key; nil drops it.
func (d *DB) Set(ctx context.Context, key string, value []byte) error {
	err := d.db.WritePriority(ctx, func(tx *sqlite.Tx) error {
		if value == nil {
			_, err := tx.Exec(ctx, "DELETE FROM setting WHERE key = ?", key)
			return err
		}
		_, err := tx.Exec(ctx, "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", key, value)
		return err
	})
	if err != nil {
		return fmt.Errorf("set %s: %w", key, err)
	}
	return nil
}
