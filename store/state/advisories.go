package state

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

const advisoriesSQL = "SELECT body FROM incident WHERE key = ? AND opened >= ? ORDER BY opened DESC, id LIMIT ?"

// Advisories returns the advisories sent since an instant, newest first, at most limit.
func (d *DB) Advisories(ctx context.Context, since time.Time, limit int) ([]alerting.Incident, error) {
	return d.incidents(ctx, advisoriesSQL, alerting.AdvisoryKey, micros(since), limit)
}

// AdvisoriesInForce returns those that are to be followed at an instant, newest first.
func (d *DB) AdvisoriesInForce(ctx context.Context, at time.Time) (all []alerting.Incident, err error) {
	sent, err := d.Advisories(ctx, at.Add(-alerting.AdviceLasts), everything)
	for _, i := range sent {
		if i.Facts.Advisory.Holds(at) {
			all = append(all, i)
		}
	}
	return all, err
}
