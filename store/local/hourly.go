package local

import (
	"context"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// hour is one row of the hourly counts.
type hour struct {
	watch, hour, label int64
	history            bool
}

const microsPerHour = 3600e6

// tally adds n for m to the hourly counts of all its watches.
func (w *writer) tally(ctx context.Context, m *mention.Mention, n int) error {
	if partOf(m) != others {
		return nil
	}
	r, _ := m.Reading()
	label, err := w.name(ctx, string(r.Label))
	if err != nil {
		return err
	}
	at := hour{hour: floorDiv(m.PublishedAt.UnixMicro(), microsPerHour), label: label, history: m.History}
	w.hourly[at] += n
	for _, name := range store.ByWatch.Values(m) {
		if at.watch, err = w.name(ctx, name); err != nil {
			return err
		}
		w.hourly[at] += n
	}
	return nil
}

// flush writes what the hourly counts changed by.
func (w *writer) flush(ctx context.Context) error {
	for at, n := range w.hourly {
		if n == 0 {
			continue
		}
		_, err := w.tx.Exec(ctx, `INSERT INTO hourly (watch, hour, label, history, n) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`, at.watch, at.hour, at.label, at.history, n)
		if err != nil {
			return err
		}
		if n > 0 {
			continue
		}
		_, err = w.tx.Exec(ctx, `DELETE FROM hourly WHERE watch = ? AND hour = ? AND label = ? AND history = ? AND n = 0`,
			at.watch, at.hour, at.label, at.history)
		if err != nil {
			return err
		}
	}
	return nil
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
