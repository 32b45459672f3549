package app

import (
	"context"
	"time"
)

// The retention of what no setting speaks of: seen ids outlive mentions by a year,
// the journal and stories are kept for 90 days, situations as long as mentions.
const (
	seenLonger  = 365 * 24 * time.Hour
	journalKept = 90 * 24 * time.Hour
	storiesKept = 90 * 24 * time.Hour
)

// keepHouse asks changed watches about what is kept, and forgets what is past its
// time, every hour. A failure is logged and tried again. Of several processes the one
// that thinks keeps the store.
func (a *App) keepHouse(ctx context.Context) error {
	defer a.rewatch.Close()
	a.count(ctx)
	for erase := a.Steady().Add(time.Minute); ctx.Err() == nil; {
		if a.thinks() {
			a.reclaim(ctx)
		}
		a.rewatch.Wait(ctx, erase.Sub(a.Steady()))
		if !a.Steady().Before(erase) {
			a.forget(ctx)
			a.count(ctx)
			erase = a.Steady().Add(max(time.Hour, a.Beat))
		}
	}
	return nil
}

// live writes that we run. A disk that is full must not end the program: it waits
// for room, and sources that are read meanwhile say themselves what is not kept.
func (a *App) live(ctx context.Context) error {
	for ctx.Err() == nil {
		err := a.state.Live(ctx, a.Clock)
		if err == nil || ctx.Err() != nil {
			return err
		}
		a.Log.Error("not noted that we run", "err", err)
		select {
		case <-time.After(10 * time.Second):
		case <-ctx.Done():
		}
	}
	return nil
}

func (a *App) reclaim(ctx context.Context) {
	if err := a.claim(ctx); err != nil && ctx.Err() == nil {
		a.complain(ctx, "changed watches will be asked again", err)
	}
}

func (a *App) forget(ctx context.Context) {
	now, keep := a.Now(), a.current.Load().Retention
	claimed, unclaimed := keep.Mentions.Before(now), keep.Unclaimed.Before(now)
	mentions, err := 0, error(nil)
	if a.thinks() {
		mentions, err = a.store.Forget(ctx, claimed, unclaimed)
	}
	if err == nil {
		_, err = a.state.Forget(ctx, claimed.Add(-seenLonger), now.Add(-journalKept))
	}
	if err == nil {
		_, err = a.state.ForgetAlerting(ctx, now.Add(-storiesKept), claimed)
	}
	switch {
	case ctx.Err() != nil:
	case err != nil:
		a.complain(ctx, "old mentions not erased", err)
	case mentions > 0:
		a.Log.Info("old mentions erased", "count", mentions)
	}
}
