package state

import (
	"context"
	"fmt"
	"time"
)

// Installed is when we ran first, zero before that: what was published earlier is
// from before installation.
func (d *DB) Installed(ctx context.Context) (time.Time, error) {
	var start *int64
	if err := d.db.Read().QueryRowContext(ctx, "SELECT min(start) FROM uptime").Scan(&start); err != nil {
		return time.Time{}, fmt.Errorf("ask when ouidire ran first: %w", err)
	}
	if start == nil {
		return time.Time{}, nil
	}
	return instant(*start), nil
}
