package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/analyzer"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/archive"
	"github.com/ouidire/ouidire/store/state"
)

// Rebuilt is what a change of the program's reading came to.
type Rebuilt struct {
	Indexed int // mentions whose words are found otherwise now
	Judged  int // mentions that are judged otherwise now
}

// Rebuild reads stored mentions again as this version reads them: their words, and the
// language and tone. A judgement that differs is added to those before it; one of a
// person holds. It may be stopped, and goes on where it was when it is begun again, also
// beside a running daemon, whose page says so meanwhile.
func Rebuild(ctx context.Context, f *config.File, o Options, told archive.Progress) (r Rebuilt, err error) {
	again := func() error {
		return withStore(ctx, f, func(s store.Store) error {
			r, err = rebuild(ctx, s, o, told)
			return err
		})
	}
	if !remembers(f) { // no daemon has run here that could say so
		err = again()
		return r, err
	}
	err = withState(ctx, f, o, func(db *state.DB) error {
		stop := noteRereading(ctx, db, o)
		err := again()
		return errors.Join(err, stop())
	})
	return r, err
}

func rebuild(ctx context.Context, s store.Store, o Options, told archive.Progress) (r Rebuilt, err error) {
	stop, err := tellRenewal(ctx, s, o, told)
	if err != nil {
		return r, err
	}
	r.Indexed, err = s.Retokenise(ctx)
	stop()
	if err != nil {
		return r, err
	}
	all := rereader{store: s, read: analyzer.New(), now: o.Now, told: told}
	if err := all.rest(ctx); err != nil { // what was judged before it was stopped may still wait
		return r, err
	}
	if r.Judged, err = all.all(ctx); err != nil {
		return r, err
	}
	return r, all.rest(ctx)
}

// tellRenewal tells, until it is stopped, how much is indexed anew of what must be.
func tellRenewal(ctx context.Context, s store.Store, o Options, told archive.Progress) (stop func(), err error) {
	of, err := s.Outdated(ctx)
	if err != nil {
		return nil, err
	}
	if of == 0 {
		return func() {}, nil
	}
	told(0, of)
	rest := o.goOn(ctx, tellsEvery, func(ctx context.Context) {
		if left, err := s.Outdated(ctx); err == nil { // the renewal itself says what is wrong
			told(max(of-left, 0), of)
		}
	})
	return func() {
		rest()
		told(of, of)
	}, nil
}

// tellsEvery is how often somebody who waits is told how far it is.
const tellsEvery = 2 * time.Second

// rereader judges stored mentions anew.
type rereader struct {
	store store.Store
	read  *analyzer.Analyzer
	now   func() time.Time
	told  archive.Progress
}

func (r rereader) all(ctx context.Context) (judged int, err error) {
	sorts := []store.Question{{Gone: true}, {Gone: true, Unclaimed: true}}
	of, done, waiting := 0, 0, 0
	for _, q := range sorts {
		n, err := r.store.Count(ctx, q)
		if err != nil {
			return 0, fmt.Errorf("count what is kept: %w", err)
		}
		of += n
	}
	for _, q := range sorts {
		for after := ""; ; {
			page, next, err := r.store.Search(ctx, q, atOnce, after)
			if err != nil {
				return judged, fmt.Errorf("read what is kept: %w", err)
			}
			n, err := r.page(ctx, page)
			judged, done, waiting = judged+n, done+len(page), waiting+n
			if err == nil && waiting >= waitingMost {
				waiting, err = 0, r.rest(ctx)
			}
			if err != nil {
				return judged, err
			}
			r.told(min(done, of), of)
			if after = next; after == "" {
				break
			}
		}
	}
	r.told(of, of)
	return judged, nil
}

// waitingMost is how many judgements may wait to be sent: what is found meanwhile must not
// wait behind all of them.
const waitingMost = 10_000

// rest waits until what was judged can be found.
func (r rereader) rest(ctx context.Context) error { return found(ctx, r.store, r.now().UTC()) }

func (r rereader) page(ctx context.Context, page []mention.Mention) (judged int, err error) {
	var all []store.Judgement
	for i := range page {
		if now, differs := r.judge(ctx, &page[i]); differs {
			all = append(all, store.Judgement{ID: page[i].ID, Reading: now})
		}
	}
	if err := r.store.AddReadings(ctx, all); err != nil {
		return 0, fmt.Errorf("judge again: %w", err)
	}
	return len(all), nil
}

// judge reads a mention as if nobody had, and says whether that differs from how ours
// read it last.
func (r rereader) judge(ctx context.Context, m *mention.Mention) (now mention.Reading, differs bool) {
	var before mention.Reading
	for _, k := range m.Readings {
		if k.By != mention.Person {
			before = k
		}
	}
	unread := *m
	unread.Readings = nil
	r.read.Read(&unread, func() *mention.Mention { return r.parent(ctx, m.Parent) }, r.now().UTC())
	if len(unread.Readings) == 0 {
		return now, false
	}
	now = unread.Readings[0]
	return now, now.Label != before.Label || now.Target != before.Target || now.Intent != before.Intent ||
		now.Sure != before.Sure || now.Negative >= counts != (before.Negative >= counts)
}

// counts is the probability from which on a mention counts as negative for a surge.
const counts = 0.5

// parent is what a mention answers, nil when it is not kept.
func (r rereader) parent(ctx context.Context, id string) *mention.Mention {
	if id == "" {
		return nil
	}
	m, err := r.store.Get(ctx, id)
	if err != nil {
		return nil
	}
	return &m
}
