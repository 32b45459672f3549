package crawler

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/freshness"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/mention"
)

const (
	fetchTime = 5 * time.Minute  // a page of a source, waiting for its turn included; streams stay a minute
	inHand    = 10 * time.Second // for a batch in hand once we are asked to stop
	saveTime  = 10 * time.Second
	maxPages  = 100 // of one visit: what remains waits for the next
	sinkTries = 8   // about two minutes
	maxDetail = 300
)

// result is what a visit came to.
type result struct {
	visit       Visit
	wait        time.Duration // until the next
	unkept      int           // visits in a row whose batch was not kept
	interrupted bool          // we stopped it: nothing was learnt of the source
}

// unkept is an error of the sink: the source did its part.
type unkept struct{ error }

func (u unkept) Unwrap() error { return u.error }

// doubted is Found.Doubt: the answer was read and kept, and is no proof of silence.
type doubted struct{ error }

func (d doubted) Unwrap() error { return d.error }

// visit reads a source to its end, and decides when to come back. The cursor
// moves, and is saved, page by page, each once it is kept.
func (c *Crawler) visit(ctx context.Context, j Job, v Visit, notKept int) result {
	began := c.opt.Steady()
	before := v
	v.Last, v.Config = c.opt.Now().UTC(), j.Config
	items, hint, err := c.read(ctx, j, &v)
	r := result{visit: v}
	switch {
	case err != nil && ctx.Err() != nil:
		r.visit.Last, r.visit.Config, r.interrupted = before.Last, before.Config, true
	case errors.As(err, &unkept{}):
		r.unkept = notKept + 1
		r.wait = max(c.jitter().longer(min(time.Minute<<min(r.unkept, 6), time.Hour)), hint.Sub(c.opt.Now()))
	case errors.As(err, &doubted{}): // it answered as it should: it is asked again as usual
		c.fail(j, &r.visit, hint, err)
		r.wait = c.jitter().afterSuccess(j, hint, c.opt.Now())
	case err != nil:
		r.wait = max(c.fail(j, &r.visit, hint, err), hint.Sub(c.opt.Now()))
	default:
		r.wait = c.succeed(j, &r.visit, hint)
	}
	if !r.interrupted {
		r.visit.judge(j, r.unkept == 0)
		r.wait = c.jitter().untilOpen(j, r.visit.Cursor, c.opt.Now(), r.wait)
		// Counted from Last, so that a clock that jumped meanwhile plans nothing far away.
		r.visit.Next = v.Last.Add(c.opt.Steady().Sub(began) + r.wait)
	}
	c.save(ctx, r.visit)
	c.report(j, r, items, c.opt.Steady().Sub(began), err)
	return r
}

// read walks the pages of a source. hint is the place's last wish.
func (c *Crawler) read(ctx context.Context, j Job, v *Visit) (items int, hint time.Time, err error) {
	previous := v.LastSuccess // all pages are of one visit
	var met []freshness.Item
	defer func() { c.met(v, previous, met) }()
	for range maxPages {
		found, err := c.fetch(ctx, j, v.Cursor)
		if err != nil {
			return items, hint, err
		}
		for i := range found.Mentions {
			found.Mentions[i].Source = j.Name
		}
		items, hint = items+len(found.Mentions), later(hint, found.NotBefore)
		batch := mention.Batch{Source: j.Name, Mentions: found.Mentions, Gone: found.Gone, Previous: previous}
		if err := c.deliver(ctx, batch); err != nil {
			return items, hint, unkept{err}
		}
		for i := range found.Mentions {
			met = append(met, freshness.Item{ID: found.Mentions[i].ID, Published: found.Mentions[i].PublishedAt})
		}
		stuck := found.Next == v.Cursor
		v.Cursor, v.Notice = found.Next, found.Notice
		v.Newest = later(v.Newest, newest(found.Mentions, c.opt.Now()))
		switch {
		case found.Doubt != nil:
			return items, hint, doubted{found.Doubt}
		case !found.More || stuck:
			return items, hint, nil
		case ctx.Err() != nil:
			return items, hint, ctx.Err()
		}
		c.save(ctx, *v)
	}
	return items, hint, nil
}

// fetch asks the source, and survives it.
func (c *Crawler) fetch(ctx context.Context, j Job, cursor string) (found Found, err error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			c.opt.Log.Error("source panicked", "source", j.Name, "panic", p, "stack", string(debug.Stack()))
			err = panicked{fmt.Errorf("panic: %v", p)}
		}
	}()
	return j.Source.Fetch(ctx, cursor)
}

// panicked is a fault of our own.
type panicked struct{ error }

// Reason implements what polite.ReasonOf asks.
func (panicked) Reason() string { return reasonPanic }

// deliver hands a batch to the sink until it is kept, for a while: the store may
// be away, and asking the place again for what we hold would be rude. It is not
// broken off when we are asked to stop, but given a last limit.
func (c *Crawler) deliver(ctx context.Context, b mention.Batch) error {
	if len(b.Mentions) == 0 && len(b.Gone) == 0 {
		return nil
	}
	hand, cancel := lastLimit(ctx, inHand)
	defer cancel()
	wait := time.Second
	for try := 1; ; try++ {
		err := c.handle(hand, b)
		if err == nil || try == sinkTries || pause(ctx, wait) != nil {
			return err
		}
		c.opt.Log.Warn("batch not kept, trying again", "source", b.Source, "mentions", len(b.Mentions), "err", err)
		wait = min(2*wait, time.Minute)
	}
}

func (c *Crawler) handle(ctx context.Context, b mention.Batch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			c.opt.Log.Error("sink panicked", "source", b.Source, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return c.sink.Handle(ctx, b)
}

// succeed notes a visit that went well.
func (c *Crawler) succeed(j Job, v *Visit, hint time.Time) time.Duration {
	was := v.Health
	v.Health, v.Failures, v.Reason, v.Detail = Well, 0, "", ""
	v.LastSuccess, v.NotBefore = v.Last, hint
	if c.history(v).Judge(v.Last) != freshness.Usual {
		v.Health, v.Reason = Poorly, reasonSilent
	}
	if was == "" || (was == Well) != (v.Health == Well) {
		v.Since = v.Last
	}
	return c.jitter().afterSuccess(j, hint, c.opt.Now())
}

// fail notes a visit that did not.
func (c *Crawler) fail(j Job, v *Visit, hint time.Time, err error) time.Duration {
	if v.Health == Well || v.Health == "" {
		v.Since = v.Last
	}
	v.Failures++
	v.Health, v.Reason, v.Detail, v.NotBefore = Poorly, reason(err), detail(err), hint
	var (
		busy *polite.Busy
		gone *polite.Gone
	)
	switch {
	case errors.As(err, &gone):
		v.Health, v.Ended = Paused, true
	case errors.As(err, &busy) && busy.RetryAfter > 0:
		v.Health, v.NotBefore = Paused, c.opt.Now().UTC().Add(min(busy.RetryAfter, aWeek))
	}
	return c.jitter().afterFailure(j, v.Failures, err)
}

// save remembers a visit, also when we are stopping. A memory that fails costs a
// repeat after the next start, no more.
func (c *Crawler) save(ctx context.Context, v Visit) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	if err := c.memory.SaveVisit(ctx, v); err != nil {
		c.opt.Log.Error("visit not remembered", "source", v.Source, "err", err)
	}
}

// report is the one place that logs a visit.
func (c *Crawler) report(j Job, r result, items int, took time.Duration, err error) {
	o := Outcome{Job: j, Visit: r.visit, Took: took, Items: items, Unkept: r.unkept > 0}
	log := c.opt.Log.With("source", j.Name, "took", took)
	switch {
	case r.interrupted:
		return
	case o.Unkept:
		log.Error("batch not kept", "err", err, "next", r.visit.Next)
	case err != nil:
		o.Reason = r.visit.Reason
		log.Warn("visit failed", "reason", o.Reason, "err", err, "failures", r.visit.Failures, "next", r.visit.Next)
		if r.visit.Lasting(c.opt.Now()) {
			log.Warn("not read for a week: correct the source or remove it", "since", r.visit.Since)
		}
	default:
		log.Debug("visited", "items", items, "next", r.visit.Next)
	}
	c.opt.Observe(o)
}

func newest(found []mention.Mention, now time.Time) (t time.Time) {
	for i := range found {
		if at := found[i].PublishedAt; !at.After(now) {
			t = later(t, at)
		}
	}
	return t
}

func detail(err error) string {
	text := err.Error()
	return strings.ToValidUTF8(text[:min(len(text), maxDetail)], "")
}

// lastLimit is a context that outlives ctx by d.
func lastLimit(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	hand, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		_ = pause(hand, d)
		cancel()
	})
	return hand, func() { stop(); cancel() }
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
