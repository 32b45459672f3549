package crawler

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
)

// Options is what a Crawler can do without. The zero value works.
type Options struct {
	clock.Clock               // dates visits and waits for them; nil for the machine's
	Log         *slog.Logger  // nil for slog.Default
	Observe     func(Outcome) // told of every visit; safe for concurrent use; nil for nobody
	// Jitter draws a wait between zero and the given one, so that those who start
	// together drift apart; nil for chance.
	Jitter func(time.Duration) time.Duration
	Limit  int // visits at once, 256 when 0: most of them only wait for their place's turn
	// Elsewhere says which shard visits a source that is none of our jobs; nil when
	// there is no other.
	Elsewhere func(source string) (shard int, is bool)
}

// Outcome is one visit, for metrics.
type Outcome struct {
	Job    Job
	Visit  Visit // as it is remembered
	Took   time.Duration
	Items  int    // mentions read, kept or not
	Reason string // why it failed, one of Reasons; "" when it went well
	Unkept bool   // what it brought could not be kept: not the source's fault
}

// Crawler visits jobs until it is stopped. Its methods are safe for concurrent use.
//
// Waiting is done by the steady clock: a wall clock that jumps while
// we run brings no visit forward and puts none off. A machine that slept makes up for
// it (wakeUp).
type Crawler struct {
	sink   Sink
	memory Memory
	opt    Options
	bell   clock.Bell

	mu         sync.Mutex
	seats      map[string]*seat
	remembered map[string]Visit // of sources that have no seat now
	running    int
	sleep      clock.Sleep
	silent     map[string]bool // sources that got no answer since any source last had one
}

// seat is a source and when it is next visited.
type seat struct {
	job    Job
	visit  Visit
	due    time.Time // steady
	ended  time.Time // when the last visit ended, steady; zero before the first of this run
	busy   bool
	gone   bool               // no longer configured; leaves when its visit ends
	unkept int                // visits in a row whose batch the sink did not take
	stop   context.CancelFunc // of the visit under way
}

// changed tells whether the source is configured otherwise than when it was last visited.
func (s *seat) changed() bool { return s.visit.Config != "" && s.visit.Config != s.job.Config }

// New makes a crawler; nobody is visited before Run.
func New(jobs []Job, sink Sink, memory Memory, opt Options) *Crawler {
	if opt.Clock == nil {
		opt.Clock = clock.Real()
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	if opt.Observe == nil {
		opt.Observe = func(Outcome) {}
	}
	if opt.Elsewhere == nil {
		opt.Elsewhere = func(string) (int, bool) { return 0, false }
	}
	if opt.Jitter == nil {
		opt.Jitter = chance
	}
	opt.Limit = cmp.Or(opt.Limit, 256)
	c := &Crawler{
		sink: sink, memory: memory, opt: opt, bell: opt.Bell(),
		seats: map[string]*seat{}, remembered: map[string]Visit{}, silent: map[string]bool{},
	}
	c.SetJobs(jobs)
	c.sleep = clock.NewSleep(opt.Clock)
	return c
}

// Run visits until ctx ends. Then no visit begins, fetches are broken off, and
// batches in hand have ten seconds to be kept. A source that fails never ends it;
// the error is of a memory that cannot be read, or of a source that would not stop.
func (c *Crawler) Run(ctx context.Context) error {
	defer c.bell.Close()
	if err := c.recall(ctx); err != nil {
		return err
	}
	var visits sync.WaitGroup
	for ctx.Err() == nil {
		c.bell.Wait(ctx, c.begin(ctx, &visits))
		c.wakeUp()
	}
	return c.finish(&visits)
}

// recall takes up the visits where they were left.
func (c *Crawler) recall(ctx context.Context) error {
	visits, err := c.memory.Visits(ctx)
	if err != nil {
		return fmt.Errorf("recall visits: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range visits {
		c.remembered[v.Source] = v
	}
	var again []*seat
	for name, s := range c.seats {
		if v, ok := c.remembered[name]; ok {
			delete(c.remembered, name)
			s.visit = v
		}
		again = append(again, s)
	}
	c.place(again)
	return nil
}

// place decides when seats that were not visited in this run are due.
func (c *Crawler) place(seats []*seat) {
	now := c.opt.Steady()
	var overdue []*seat
	for _, s := range seats {
		if s.changed() {
			s.visit.Ended, s.visit.Failures, s.visit.Next = false, 0, s.visit.NotBefore
		}
		if left := remaining(s.visit, c.opt.Now()); left > 0 {
			s.due = now.Add(left)
		} else {
			overdue = append(overdue, s)
		}
	}
	spread(overdue, now)
}

// wakeGrace is how long a machine that has woken may take to find its network.
const wakeGrace = 5 * time.Second

// wakeUp makes up for the time in which the machine slept, and the steady clock stood
// still: what became due meanwhile is due at once, each in its moment. Whoever asked to
// be left alone was, meanwhile.
func (c *Crawler) wakeUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	slept := c.sleep.Since(c.opt.Clock)
	if slept == 0 {
		return
	}
	now := c.opt.Steady()
	var overdue []*seat
	for _, s := range c.seats {
		s.due = s.due.Add(-slept)
		if !s.ended.IsZero() {
			s.ended = s.ended.Add(-slept)
		}
		if !s.due.After(now) {
			overdue = append(overdue, s)
		}
	}
	spread(overdue, now.Add(wakeGrace))
}

// begin starts the visits that are due, the longest due first, and says how long
// until there is something to start.
func (c *Crawler) begin(ctx context.Context, visits *sync.WaitGroup) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	now, wait := c.opt.Steady(), time.Hour
	var due []*seat
	for _, s := range c.seats {
		switch left := s.due.Sub(now); {
		case s.busy, s.visit.Ended:
		case left > 0:
			wait = min(wait, left)
		default:
			due = append(due, s)
		}
	}
	slices.SortFunc(due, func(a, b *seat) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.job.Name, b.job.Name)) })
	for _, s := range due[:min(len(due), c.opt.Limit-c.running)] {
		if closed := c.jitter().untilOpen(s.job, s.visit.Cursor, c.opt.Now(), 0); closed > 0 {
			s.due = now.Add(closed)
			wait = min(wait, closed)
			continue
		}
		c.start(ctx, visits, s)
	}
	return wait // those that found no place are started when a visit ends
}

func (c *Crawler) start(ctx context.Context, visits *sync.WaitGroup, s *seat) {
	c.running++
	s.busy = true
	ctx, s.stop = context.WithCancel(ctx)
	done := c.opt.Work()
	job, v, unkept := s.job, s.visit, s.unkept
	visits.Go(func() {
		defer done()
		defer s.stop()
		c.end(s, c.visit(ctx, job, v, unkept))
	})
}

// end takes a visit's outcome and plans the next.
func (c *Crawler) end(s *seat, r result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	s.busy, s.visit, s.ended, s.unkept = false, r.visit, c.opt.Steady(), r.unkept
	s.due = s.ended.Add(r.wait)
	c.backOnline(r)
	switch {
	case s.gone:
		c.leave(s)
	case s.changed(): // while it was visited
		c.place([]*seat{s})
	}
	c.nudge()
}

// backOnline brings forward the visits that were put off because nobody answered
// us, once somebody does: most likely it was our own connection. None comes
// sooner than its interval allows.
func (c *Crawler) backOnline(r result) {
	switch {
	case r.interrupted:
	case unanswered(r.visit.Reason):
		c.silent[r.visit.Source] = true
		return
	case len(c.silent) >= 2 && 2*len(c.silent) >= len(c.seats):
		now := c.opt.Steady()
		for name := range c.silent {
			if s := c.seats[name]; s != nil && !s.busy {
				soon := later(now.Add(startGap), s.ended.Add(c.jitter().longer(s.job.Interval())))
				s.due = earlier(s.due, soon)
			}
		}
	}
	if !r.interrupted {
		clear(c.silent)
	}
}

// finish waits for the visits under way.
func (c *Crawler) finish(visits *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() { visits.Wait(); close(done) }()
	t := time.NewTimer(inHand + 5*time.Second)
	defer t.Stop()
	select {
	case <-done:
		return nil
	case <-t.C:
		return fmt.Errorf("stop visits: %q did not stop", c.busy())
	}
}

func (c *Crawler) busy() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name, s := range c.seats {
		if s.busy {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (c *Crawler) nudge() { c.bell.Ring() }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
