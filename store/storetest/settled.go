package storetest

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// settled asks a store only once nothing waits there.
type settled struct {
	store.Store
	found chan struct{}
}

func settle(s store.Store) settled {
	w := settled{Store: s, found: make(chan struct{}, 1)}
	s.OnFound(func() {
		select {
		case w.found <- struct{}{}:
		default:
		}
	})
	return w
}

// busy is the store itself, to be asked while others write: something always waits.
func busy(s store.Store) store.Store { return s.(settled).Store }

// wait returns when all that was kept can be found. The tick is for a store that rings
// between the question and the wait.
func (w settled) wait(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !w.Waiting().IsZero() {
		select {
		case <-w.found:
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (w settled) Search(ctx context.Context, q store.Question, limit int, after string) ([]mention.Mention, string, error) {
	if err := w.wait(ctx); err != nil {
		return nil, "", err
	}
	return w.Store.Search(ctx, q, limit, after)
}

func (w settled) Count(ctx context.Context, q store.Question) (int, error) {
	if err := w.wait(ctx); err != nil {
		return 0, err
	}
	return w.Store.Count(ctx, q)
}

func (w settled) CountUpTo(ctx context.Context, q store.Question, most int) (int, error) {
	if err := w.wait(ctx); err != nil {
		return 0, err
	}
	return w.Store.CountUpTo(ctx, q, most)
}

func (w settled) Histogram(ctx context.Context, q store.Question, by store.Buckets) ([]store.Bucket, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.Store.Histogram(ctx, q, by)
}

func (w settled) Terms(ctx context.Context, q store.Question, f store.Field, limit int) ([]store.Term, error) {
	if err := w.wait(ctx); err != nil {
		return nil, err
	}
	return w.Store.Terms(ctx, q, f, limit)
}
