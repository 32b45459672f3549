package state

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/sqlite"
)

// Witnessed is how a source stands that another process visits.
type Witnessed struct {
	Health crawler.Health `json:"health,omitempty"`
	Reason string         `json:"reason,omitempty"`
	Blind  bool           `json:"blind,omitempty"`
	Since  time.Time      `json:"since,omitzero"` // when it was last read
}

// Witness journals how a source stands that another process visits. From now on it
// answers BlindAt as a visit of ours would: what is not witnessed again after we
// stopped reads as blind.
func (d *DB) Witness(ctx context.Context, source string, w Witnessed) error {
	err := d.db.Write(ctx, func(tx *sqlite.Tx) error {
		started, err := d.beat(ctx, tx, d.now())
		if err != nil {
			return err
		}
		return d.journalStanding(ctx, tx, source, health(w), started)
	})
	if err != nil {
		return fmt.Errorf("note how %s stands: %w", source, err)
	}
	return nil
}
