package elastic

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ouidire/ouidire/internal/lock"
)

const (
	// relievesAfter is for how long an index must have taken nothing before it is looked
	// whether a rebuild died that had shut it: none shuts it for so long.
	relievesAfter = 5 * time.Minute
	// relievesEvery is how often that is looked at.
	relievesEvery = time.Minute
)

// shutOut notes that an index takes nothing.
func (d *sender) shutOut(index string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, noted := d.shut[index]; !noted {
		d.shut[index] = d.s.now()
	}
}

// opened forgets that an index took nothing.
func (d *sender) opened(index string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.shut, index)
}

// shutSince are the indices that have taken nothing since then, or for longer.
func (d *sender) shutSince(then time.Time) (all []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for index, since := range d.shut {
		if !since.After(then) {
			all = append(all, index)
		}
	}
	return all
}

// relieveAll opens what a rebuild left shut that died, on this machine or another, until
// ctx ends.
func (s *Store) relieveAll(ctx context.Context) {
	for pause(ctx, relievesEvery) {
		for _, index := range s.sender.shutSince(s.now().Add(-relievesAfter)) {
			if err := s.relieve(ctx, index); err != nil && ctx.Err() == nil {
				s.log.Warn("an index takes nothing, and could not be opened", "index", index, "err", s.explain(err))
			}
		}
	}
}

// relieve takes over from whoever has shut an index and left a copy of it. One that was
// shut by a person has none, and stays as it is.
func (s *Store) relieve(ctx context.Context, index string) error {
	alias, span, _, _ := s.names.parse(index)
	all, err := s.editions(ctx, alias, span)
	if err != nil {
		return err
	}
	is := slices.IndexFunc(all, func(e edition) bool { return e.index == index })
	var set setting
	if is >= 0 {
		if set, err = s.set(ctx, index); err != nil {
			return err
		}
	}
	if !set.shut {
		s.sender.opened(index)
		return nil
	}
	if !slices.ContainsFunc(all, func(e edition) bool { return !e.found }) {
		return nil
	}
	mine, err := s.rebuildsAlone()
	if errors.Is(err, lock.ErrTaken) {
		return nil // it lives
	}
	if err != nil {
		return err
	}
	return errors.Join(s.renewIndex(ctx, index), mine.Release())
}
