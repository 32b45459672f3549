package alerting

import (
	"context"
	"slices"
	"time"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

const (
	pageSize = 500
	idsSize  = 200
	// lookBack is how far, at a start, mentions are looked at for an edit that
	// nobody told us of.
	lookBack = 7 * 24 * time.Hour
	// lookBackMost bounds how many are.
	lookBackMost = 20_000
)

// load recalls stories and progress: once, and for each rule that is new.
func (e *Engine) load(ctx context.Context, upto time.Time) error {
	if e.joiner == nil {
		if err := e.loadStories(ctx, upto); err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(e.rules, func(r *asked) bool { return !r.loaded }) {
		return nil
	}
	progress, err := e.Ledger.Progress(ctx)
	if err != nil {
		return err
	}
	for _, r := range e.rules {
		if !r.loaded {
			e.start(r, progress, upto)
		}
	}
	return nil
}

func (e *Engine) loadStories(ctx context.Context, upto time.Time) error {
	joined, err := e.Ledger.JoinedUpto(ctx)
	if err != nil {
		return err
	}
	if oldest := upto.Add(-story.Window); joined.Before(oldest) {
		joined = oldest // what came earlier can be in no story of today
	}
	j := newJoiner(joined, e.texts)
	if err := e.Ledger.EachJoined(ctx, joined.Add(-story.Window), j.recall); err != nil {
		return err
	}
	if err := j.recallTopics(ctx); err != nil {
		return err
	}
	e.joiner, e.read = j, joined
	e.Edited(j.since(upto.Add(-lookBack), lookBackMost))
	return nil
}

// start puts a rule where it stopped. One that was never asked begins now: what
// was kept before it was configured is no news. It is asked about this instant in
// any case, since what it wants may have changed.
func (e *Engine) start(r *asked, progress map[string]Progress, upto time.Time) {
	r.loaded = true
	if p, known := progress[r.Name]; known && p.Asked.Before(upto) {
		r.Schedule = Schedule{Asked: p.Asked, Next: p.Next}
		r.saved = p.Asked
	} else {
		r.Asked = upto.Add(-time.Microsecond)
	}
	if r.Asked.Before(e.read) {
		e.read = r.Asked // reads again what this rule has not been asked about
	}
	r.Add(upto)
}

// readUpto hands everything seen up to upto to the joiner and to the rules.
func (e *Engine) readUpto(ctx context.Context, upto time.Time) error {
	q := store.Question{SeenFrom: e.read.Add(time.Microsecond), SeenTo: upto.Add(time.Microsecond), Order: store.OldestSeen, Gone: true}
	for after := ""; ; {
		page, next, err := e.Mentions.Search(ctx, q, pageSize, after)
		if err != nil {
			return err
		}
		read := upto
		if next != "" && len(page) > 0 {
			read = page[len(page)-1].SeenAt.Add(-time.Microsecond) // its batch may go on
		}
		if err := e.take(ctx, page, read); err != nil {
			return err
		}
		if after = next; after == "" {
			return e.readEdits(ctx, upto)
		}
	}
}

// take joins a page and puts its instants on the schedules of the rules.
func (e *Engine) take(ctx context.Context, page []mention.Mention, read time.Time) error {
	var joined []Joined
	for i := range page {
		if !page[i].SeenAt.After(e.joiner.from) {
			continue // joined before the last stop
		}
		more, err := e.join(ctx, &page[i])
		if err != nil {
			return err
		}
		joined = append(joined, more...)
	}
	if err := e.keepJoined(ctx, joined, read); err != nil {
		return err
	}
	for i := range page {
		e.schedule(page[i].Watches(), page[i].SeenAt)
	}
	if read.After(e.read) {
		e.read = read
	}
	return nil
}

// join asks the joiner. When that fails its cache may have run ahead of the truth:
// it is made anew.
func (e *Engine) join(ctx context.Context, m *mention.Mention) ([]Joined, error) {
	joined, err := e.joiner.add(ctx, m)
	if err != nil {
		e.joiner = nil
	}
	return joined, err
}

// texts gives mentions to the joiner, deleted ones too.
func (e *Engine) texts(ctx context.Context, ids []string) ([]mention.Mention, error) {
	found, _, err := e.Mentions.Search(ctx, store.Question{IDs: ids, Gone: true}, len(ids), "")
	return found, err
}

// keepJoined makes members durable, and from time to time how far we have read.
func (e *Engine) keepJoined(ctx context.Context, joined []Joined, read time.Time) error {
	if len(joined) == 0 && read.Sub(e.joiner.saved) < saveEvery {
		return nil
	}
	if err := e.Ledger.Join(ctx, joined, read); err != nil {
		e.joiner = nil // as in join
		return err
	}
	e.joiner.saved = read
	return nil
}

func (e *Engine) schedule(watches []string, at time.Time) {
	for _, r := range e.rules {
		if r.Watch == "" || slices.Contains(watches, r.Watch) {
			r.Add(at)
		}
	}
}

// readEdits looks again at the mentions that are said to have got another version.
// Those whose version the watermark has not passed wait for the next pass.
func (e *Engine) readEdits(ctx context.Context, upto time.Time) error {
	e.edits.Lock()
	ids := e.edits.ids
	e.edits.ids = nil
	e.edits.Unlock()
	for chunk := range slices.Chunk(ids, idsSize) {
		page, _, err := e.Mentions.Search(ctx, store.Question{IDs: chunk, Gone: true}, idsSize, "")
		if err == nil {
			err = e.takeEdits(ctx, page, upto)
		}
		if err != nil {
			e.Edited(ids) // again: a repeat changes nothing
			return err
		}
	}
	return nil
}

func (e *Engine) takeEdits(ctx context.Context, page []mention.Mention, upto time.Time) error {
	var joined []Joined
	var early []string
	for i := range page {
		m := &page[i]
		if m.Current().At.After(upto) {
			early = append(early, m.ID)
			continue
		}
		more, err := e.join(ctx, m)
		if err != nil {
			return err
		}
		joined = append(joined, more...)
	}
	if err := e.keepJoined(ctx, joined, e.read); err != nil {
		return err
	}
	for _, j := range joined {
		for _, r := range e.rules {
			if r.Watch == "" || slices.Contains(j.Watches, r.Watch) {
				r.Add(latestOf(j.SeenAt, r.Asked, upto))
			}
		}
	}
	if len(early) > 0 {
		e.edits.Lock()
		e.edits.ids = append(e.edits.ids, early...)
		e.edits.Unlock()
	}
	return nil
}

// latestOf is the instant of an edit, or upto when that was judged already.
func latestOf(at, asked, upto time.Time) time.Time {
	if at.After(asked) {
		return at
	}
	return upto
}
