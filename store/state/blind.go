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

// healthOf says whether a source can be trusted after a visit: not when the
// crawler calls it blind, nor before it was read since we started.
func healthOf(v crawler.Visit, started time.Time) health {
	h := health{Health: v.Health, Reason: v.Reason, Blind: v.Blind, Since: v.LastSuccess}
	if v.Blind {
		h.Since = v.BlindSince
	}
	if v.LastSuccess.Before(started) {
		h.Blind, h.Since = true, v.LastSuccess
	}
	return h
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
	known, err := d.healthAt(ctx, sources, at)
	if err != nil {
		return nil, fmt.Errorf("ask how well sources were read at %v: %w", at, err)
	}
	var blind []alerting.Blindness
	for _, source := range sources {
		if since, away, is := known[source].blind(now, before); is {
			blind = append(blind, alerting.Blindness{Source: source, Since: since, Away: away})
		}
	}
	return blind, nil
}

// standing is how a source stood, and since when; nil when nothing is known of it.
type standing struct {
	health
	at time.Time
}

// healthAt is how each source stood at an instant.
func (d *DB) healthAt(ctx context.Context, sources []string, at time.Time) (map[string]*standing, error) {
	list, err := json.Marshal(sources)
	if err != nil {
		return nil, err
	}
	rows, err := d.db.Read().QueryContext(ctx, healthAtSQL, string(list), micros(at))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	known := make(map[string]*standing, len(sources))
	for rows.Next() {
		var source string
		var us int64
		var detail []byte
		if err := rows.Scan(&source, &us, &detail); err != nil {
			return nil, err
		}
		s := &standing{at: instant(us)}
		if err := json.Unmarshal(detail, &s.health); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		known[source] = s
	}
	return known, rows.Err()
}

const healthAtSQL = `SELECT journal.subject, journal.at, journal.detail FROM json_each(?1) AS source JOIN journal ON journal.id = (
	SELECT id FROM journal WHERE what = 'source.health' AND subject = source.value AND at <= ?2 ORDER BY at DESC, id DESC LIMIT 1)`

// blind tells whether a source could not be trusted, since when, and whether that is
// our own doing. now is the span of ours that the instant lies in, zero when we did not
// run; before is the one before it.
func (s *standing) blind(now, before Span) (since time.Time, away, is bool) {
	switch {
	case s == nil:
		return now.Start, true, true // never read
	case now.Start.IsZero() || s.at.Before(now.Start):
		since = before.Until // we stopped, and have not read it since
		if s.Blind {
			since = s.whence()
		}
		return since, true, true
	}
	return s.whence(), false, s.Blind
}

// whence is since when a blind source was not read.
func (s *standing) whence() time.Time {
	if s.Since.IsZero() {
		return s.at
	}
	return s.Since
}
