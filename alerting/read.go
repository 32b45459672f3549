package alerting

import (
	"context"
	"slices"
	"time"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

const pageSize = 500

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
	e.joiner, e.read, e.looked = j, joined, joined
	if passed := sooner(joined, upto); passed.After(e.passed) {
		e.passed = passed
	}
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

// readUpto hands everything seen up to upto, and what has changed up to then, to
// the joiner and to the rules.
func (e *Engine) readUpto(ctx context.Context, upto time.Time) error {
	e.goBack(upto)
	if err := e.readNew(ctx, upto); err != nil {
		return err
	}
	if err := e.readChanged(ctx, upto); err != nil {
		return err
	}
	e.again = time.Time{}
	if upto.After(e.passed) {
		e.passed = upto
	}
	return e.keepJoined(ctx, nil)
}

// goBack begins where Reread asked for, as far as stories reach.
func (e *Engine) goBack(upto time.Time) {
	if e.again.IsZero() {
		return
	}
	if oldest := upto.Add(-story.Window); e.again.Before(oldest) {
		e.again = oldest
	}
	e.read, e.looked, e.joiner.from = sooner(e.read, e.again), sooner(e.looked, e.again), sooner(e.joiner.from, e.again)
}

// met dates what came too late: to the rules it was seen when it could be found.
func (e *Engine) met(page []mention.Mention, upto time.Time) {
	for i := range page {
		m := &page[i]
		if late := !e.again.IsZero() && m.SeenAt.After(e.again) && !m.SeenAt.After(e.passed); late && !e.joiner.knows(m.ID) {
			m.SeenAt, m.Versions = upto, slices.Clone(m.Versions)
			for v := range m.Versions {
				m.Versions[v].At = upto
			}
		}
	}
}

func (e *Engine) readNew(ctx context.Context, upto time.Time) error {
	q := store.Question{SeenFrom: e.read.Add(time.Microsecond), SeenTo: upto.Add(time.Microsecond), Order: store.OldestSeen, Gone: true}
	return e.eachPage(ctx, q, func(page []mention.Mention, last bool) error {
		read := upto
		if !last && len(page) > 0 {
			read = page[len(page)-1].SeenAt.Add(-time.Microsecond) // its batch may go on
		}
		e.met(page, upto)
		return e.take(ctx, page, read)
	})
}

// readChanged looks again at what has changed, what an edit made ours included. The
// store is asked, from where we stopped: what nobody told us of is found too. What
// changed once more since then is found by that.
func (e *Engine) readChanged(ctx context.Context, upto time.Time) error {
	q := store.Question{ChangedFrom: e.looked.Add(time.Microsecond), ChangedTo: upto.Add(time.Microsecond), Order: store.OldestSeen, Gone: true}
	err := e.eachPage(ctx, q, func(page []mention.Mention, _ bool) error { return e.takeChanged(ctx, page, upto) })
	if err == nil && upto.After(e.looked) {
		e.looked = upto
	}
	return err
}

func (e *Engine) eachPage(ctx context.Context, q store.Question, do func(page []mention.Mention, last bool) error) error {
	for after := ""; ; {
		page, next, err := e.Mentions.Search(ctx, q, pageSize, after)
		if err != nil {
			return err
		}
		if err := do(page, next == ""); err != nil || next == "" {
			return err
		}
		after = next
	}
}

// take joins a page and puts its instants on the schedules of the rules. What was
// joined before the last stop is, and what an edit made ours is left to readChanged.
func (e *Engine) take(ctx context.Context, page []mention.Mention, read time.Time) error {
	var joined []Joined
	for i := range page {
		if !page[i].SeenAt.After(e.joiner.from) || e.joiner.knows(page[i].ID) || atHome(page[i].Versions[0]) {
			continue
		}
		more, err := e.join(ctx, &page[i])
		if err != nil {
			return err
		}
		joined = append(joined, more...)
	}
	if err := e.keepJoined(ctx, joined); err != nil {
		return err
	}
	for i := range page {
		e.schedule(e.joiner.concerned(&page[i]), page[i].SeenAt)
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

// keepJoined makes members durable, and from time to time how far we have read: as
// far as both what is new and what has changed were.
func (e *Engine) keepJoined(ctx context.Context, joined []Joined) error {
	upto := sooner(e.read, e.looked)
	if len(joined) == 0 && upto.Sub(e.joiner.saved) < saveEvery {
		return nil
	}
	if err := e.Ledger.Join(ctx, joined, upto); err != nil {
		e.joiner = nil // as in join
		return err
	}
	e.joiner.saved = upto
	return nil
}

func (e *Engine) schedule(watches []string, at time.Time) {
	for _, r := range e.rules {
		if r.Watch == "" || slices.Contains(watches, r.Watch) {
			r.Add(at)
		}
	}
}

// takeChanged joins a page of what has changed, and has the rules asked about it.
func (e *Engine) takeChanged(ctx context.Context, page []mention.Mention, upto time.Time) error {
	var joined []Joined
	for i := range page {
		more, err := e.join(ctx, &page[i])
		if err != nil {
			return err
		}
		joined = append(joined, more...)
	}
	if err := e.keepJoined(ctx, joined); err != nil {
		return err
	}
	for _, j := range joined {
		claims := e.joiner.claims(j.Story, j.SeenAt)
		for _, r := range e.rules {
			if r.Watch == "" || slices.Contains(claims, r.Watch) {
				r.Add(latestOf(j.SeenAt, r.Asked, upto))
			}
		}
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
