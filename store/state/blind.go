package state

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/sqlite"
)

// health is the detail of a SourceHealth entry.
type health struct {
	Health crawler.Health `json:"health"`
	Reason string         `json:"reason,omitempty"`
	Blind  bool           `json:"blind"`
	Since  time.Time      `json:"since,omitzero"` // the last time it was read
}

func (h health) same(o health) bool {
	return h.Health == o.Health && h.Reason == o.Reason && h.Blind == o.Blind
}

// healthOf says whether a source can be trusted after a visit. One failure is
// weather; a second in a row, a pause, or no success since we started is blindness.
func healthOf(v crawler.Visit, started time.Time) health {
	blind := v.Health == crawler.Paused || v.Ended || v.Failures >= 2 || v.LastSuccess.Before(started)
	return health{Health: v.Health, Reason: v.Reason, Blind: blind, Since: v.LastSuccess}
}

func lastHealth(ctx context.Context, tx *sqlite.Tx, source string) (h health, at time.Time, err error) {
	var us int64
	var detail []byte
	err = tx.QueryRow(ctx, lastHealthSQL, source, micros(forever)).Scan(&us, &detail)
	if none(err) {
		return health{}, time.Time{}, nil
	}
	if err != nil {
		return health{}, time.Time{}, err
	}
	return h, instant(us), json.Unmarshal(detail, &h)
}

const lastHealthSQL = `SELECT at, detail FROM journal
	WHERE what = 'source.health' AND subject = ? AND at <= ? ORDER BY at DESC, id DESC LIMIT 1`

// BlindAt returns those of the sources that could not be trusted at an instant,
// and since when each was not read: it failed, or had not been read since we
// started, or we did not run. A zero Since means never. The answer is the same
// whenever it is asked, as long as the journal reaches back that far.
func (d *DB) BlindAt(ctx context.Context, sources []string, at time.Time) ([]alerting.Blindness, error) {
	now, before, err := d.spanAt(ctx, at)
	if err != nil {
		return nil, fmt.Errorf("ask whether we ran at %v: %w", at, err)
	}
	var blind []alerting.Blindness
	for _, source := range sources {
		since, is, err := d.blindAt(ctx, source, at, now, before)
		if err != nil {
			return nil, fmt.Errorf("ask how well %s was read at %v: %w", source, at, err)
		}
		if is {
			blind = append(blind, alerting.Blindness{Source: source, Since: since})
		}
	}
	return blind, nil
}

func (d *DB) blindAt(ctx context.Context, source string, at time.Time, now, before Span) (since time.Time, blind bool, err error) {
	var us int64
	var detail []byte
	err = d.db.Read().QueryRowContext(ctx, lastHealthSQL, source, micros(at)).Scan(&us, &detail)
	if none(err) {
		return now.Start, true, nil // never read
	}
	if err != nil {
		return time.Time{}, false, err
	}
	var h health
	if err := json.Unmarshal(detail, &h); err != nil {
		return time.Time{}, false, err
	}
	switch {
	case h.Blind && h.Since.IsZero():
		return instant(us), true, nil
	case h.Blind:
		return h.Since, true, nil
	case now.Start.IsZero() || instant(us).Before(now.Start):
		return before.Until, true, nil // we stopped, and have not read it since
	}
	return time.Time{}, false, nil
}
