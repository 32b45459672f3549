package app

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

const (
	// renewsEvery is how often the index is looked at, and renewsAgain how soon when
	// that failed.
	renewsEvery = time.Hour
	renewsAgain = time.Minute
	// compactsAgain is how soon it is asked whether a closed month is merged.
	compactsAgain = time.Minute
	// countsEvery is how often what is left is counted meanwhile.
	countsEvery = 10 * time.Second
)

// keepIndex renews, every hour, what an older version indexed, and what many new
// mentions made worth another look, and has closed months merged. It may take long:
// changed watches do not wait, and whoever searches is told.
func (a *App) keepIndex(ctx context.Context) error {
	bell := a.Bell()
	defer bell.Close()
	for ctx.Err() == nil {
		wait := renewsEvery
		if err := a.renew(ctx); err != nil {
			wait = renewsAgain
		} else if a.compact(ctx) {
			wait = compactsAgain
		}
		bell.Wait(ctx, max(wait, a.Beat))
	}
	return nil
}

// renew brings the index up to date. Its error was logged.
func (a *App) renew(ctx context.Context) error {
	a.countOutdated(ctx)
	stop := a.goOnCounting(ctx)
	n, err := a.store.Retokenise(ctx)
	stop()
	switch {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		a.complain(ctx, "mentions not indexed anew", err)
	case n > 0:
		a.Log.Info("mentions indexed anew", "count", n)
	}
	a.countOutdated(ctx)
	return err
}

// compact has the store's server merge a closed month, if it keeps any; it says whether
// one is under way.
func (a *App) compact(ctx context.Context) (under bool) {
	c, ok := a.store.(store.Compactor)
	if !ok {
		return false
	}
	under, err := c.Compact(ctx)
	if err != nil && ctx.Err() == nil {
		a.complain(ctx, "closed months not merged", err)
	}
	return under
}

// countOutdated asks how much is found as an older version cut it. What is not
// answered stays as it was last known.
func (a *App) countOutdated(ctx context.Context) {
	n, err := a.store.Outdated(ctx)
	if err == nil {
		a.outdated.Store(int64(n))
	} else if ctx.Err() == nil {
		a.Log.Debug("what must be indexed anew is not counted", "err", err)
	}
}

// goOnCounting counts what is left until it is stopped, if anything is.
func (a *App) goOnCounting(ctx context.Context) (stop func()) {
	if a.outdated.Load() == 0 {
		return func() {}
	}
	return a.goOn(ctx, countsEvery, a.countOutdated)
}

// goOn does something again and again, first when an interval has passed, until it is stopped.
func (o Options) goOn(ctx context.Context, every time.Duration, do func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var going sync.WaitGroup
	bell := o.Bell()
	going.Go(func() {
		defer bell.Close()
		for bell.Wait(ctx, every); ctx.Err() == nil; bell.Wait(ctx, every) {
			do(ctx)
		}
	})
	return func() {
		cancel()
		going.Wait()
	}
}

// The setting under which `ouidire rebuild` notes that it judges anew what is kept, how
// often it does, and for how long a note holds: a rebuild that was killed takes none back.
const (
	rereadingKey   = "app.rereading"
	rereadingEvery = 5 * time.Second
	rereadingHolds = 4 * rereadingEvery
)

// noteRereading notes it until it is stopped.
func noteRereading(ctx context.Context, db *state.DB, o Options) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	var noting sync.WaitGroup
	bell := o.Bell()
	noting.Go(func() {
		defer bell.Close()
		for ctx.Err() == nil {
			at, err := json.Marshal(o.Now().UTC())
			if err == nil {
				err = db.Set(ctx, rereadingKey, at)
			}
			if err != nil && ctx.Err() == nil {
				o.Log.Warn("it is not noted that what is kept is read again", "err", err)
			}
			bell.Wait(ctx, rereadingEvery)
		}
	})
	return func() error {
		cancel()
		noting.Wait()
		return db.Set(context.WithoutCancel(ctx), rereadingKey, nil)
	}
}

// isRereading says whether such a note holds.
func isRereading(ctx context.Context, db *state.DB, now time.Time) (bool, error) {
	body, ok, err := db.Get(ctx, rereadingKey)
	if err != nil || !ok {
		return false, err
	}
	var at time.Time
	if err := json.Unmarshal(body, &at); err != nil {
		return false, fmt.Errorf("read the note of a rebuild: %w", err)
	}
	return now.Sub(at).Abs() < rereadingHolds, nil
}

// rereading is isRereading for the page, which is shown without it if need be.
func (a *App) rereading(ctx context.Context) bool {
	is, err := isRereading(ctx, a.state, a.Now())
	if err != nil && ctx.Err() == nil {
		a.Log.Warn("it is not known whether what is kept is read again", "err", err)
	}
	return is
}

// Renewal is what stands between a search and all that it should find.
type Renewal struct {
	Outdated  int  // mentions that are found as an older version of the program cut their words
	Rereading bool // `ouidire rebuild` judges what is kept anew
}

// AskRenewal asks the store and, where a daemon has run, what a rebuild notes there.
func AskRenewal(ctx context.Context, f *config.File, s store.Store, o Options) (r Renewal, err error) {
	if r.Outdated, err = s.Outdated(ctx); err != nil || !remembers(f) {
		return r, err
	}
	err = withState(ctx, f, o, func(db *state.DB) error {
		r.Rereading, err = isRereading(ctx, db, o.Now())
		return err
	})
	return r, err
}
