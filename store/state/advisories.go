package state

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

const advisoriesSQL = "SELECT body FROM incident WHERE key = ? AND opened >= ? AND opened < ? ORDER BY opened DESC, id LIMIT ?"

// Advisories returns the advisories sent in [from, to), newest first, at most limit; a
// zero instant is open.
func (d *DB) Advisories(ctx context.Context, from, to time.Time, limit int) ([]alerting.Incident, error) {
	if to.IsZero() {
		to = forever
	}
	return d.incidents(ctx, advisoriesSQL, alerting.AdvisoryKey, micros(from), micros(to), limit)
}

// AdvisoriesInForce returns those that are to be followed at an instant, newest first.
func (d *DB) AdvisoriesInForce(ctx context.Context, at time.Time) (all []alerting.Incident, err error) {
	sent, err := d.Advisories(ctx, at.Add(-alerting.AdviceLasts), time.Time{}, everything)
	for _, i := range sent {
		if i.Facts.Advisory.Holds(at) {
			all = append(all, i)
		}
	}
	return all, err
}
