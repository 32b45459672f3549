package app

import (
	"context"
	"fmt"
	"time"
)

// tolerable is how far a clock may stand behind what we have already seen: more
// than a clock change, less than the battery of a small machine running out.
const tolerable = 26 * time.Hour

// waitForClock waits until the machine's clock is not far behind the newest
// instant in state.db: a small machine starts in 1970 until it has asked the time,
// and what was visited then would be dated wrong for ever. The page says so meanwhile.
func (a *App) waitForClock(ctx context.Context) error {
	newest, err := a.newest(ctx)
	if err != nil {
		return err
	}
	if birth := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC); newest.Before(birth) {
		newest = birth // no clock of this program was ever right before it was written
	}
	defer a.behind.Store(nil)
	for told := false; a.Now().Before(newest.Add(-tolerable)); told = true {
		if !told {
			a.behind.Store(&newest)
			a.Log.Error("the clock of this machine is behind what was already seen: set it; nothing is visited until then",
				"clock", a.Now().UTC(), "seen", newest.UTC())
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// clockIsBehind tells the page that we wait, and up to when something was seen.
func (a *App) clockIsBehind() (seen time.Time, behind bool) {
	if newest := a.behind.Load(); newest != nil {
		return *newest, true
	}
	return time.Time{}, false
}

// newest is the latest instant at which anything was seen: after a crash between
// their two commits the store knows one that state.db does not.
func (a *App) newest(ctx context.Context) (time.Time, error) {
	remembered, err := a.state.LastSeen(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask for the newest instant: %w", err)
	}
	kept, err := a.store.NewestSeen(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask for the newest instant: %w", err)
	}
	if kept.After(remembered) {
		return kept, nil
	}
	return remembered, nil
}
