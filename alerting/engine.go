package alerting

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ouidire/ouidire/internal/clock"
)

// Watermark says up to which instant everything seen is searchable.
type Watermark interface {
	Upto() time.Time
	// OnChange has ring called whenever a batch ends; it does not ask the watermark.
	OnChange(ring func())
}

// Ledger is all that must survive a restart; store/state keeps it.
type Ledger interface {
	StoryLedger
	IncidentLedger
	Outbox
}

// Setup is what an engine needs. Listened, Paused, Observe and Jitter may be left out.
type Setup struct {
	Mentions  Mentions
	Watermark Watermark
	Ledger    Ledger
	Blind     BlindFunc
	Listened  ListenedFunc
	Paused    PausedFunc
	clock.Clock
	Log     *slog.Logger
	Observe Observer
	Jitter  func(time.Duration) time.Duration // a wait between zero and the given one
}

// Engine asks rules when something was kept or when they wished to be asked,
// settles what follows, and delivers what is owed. A rule or a channel that fails
// is tried again and never stops the others. Act and Use may be called
// while Run runs.
type Engine struct {
	Setup
	bell clock.Bell // there is something to look at

	thinking sync.Mutex // one pass or one act at a time; guards what follows
	joiner   *joiner    // nil until the ledger was read
	read     time.Time  // mentions seen up to here were handed to the joiner and the rules
	looked   time.Time  // changes up to here were
	passed   time.Time  // how far both ever came
	again    time.Time  // what was seen since then may have come too late; zero for nothing
	rules    []*asked
	issued   map[string]time.Time // how far each edition reaches; nil until the ledger was read

	post  post
	turns turns
}

// asked is a rule with how far it was asked.
type asked struct {
	NamedRule
	Schedule
	loaded   bool
	saved    time.Time // Asked as it is in the ledger
	failures int
	retry    time.Time
}

// wish is when the rule is to be asked again if nothing is kept.
func (r *asked) wish() time.Time {
	if !r.retry.IsZero() {
		return r.retry
	}
	return r.Next
}

// NewEngine makes an engine that knows no rule and no channel yet: see Use.
func NewEngine(s Setup) *Engine {
	if s.Observe == nil {
		s.Observe = Unobserved{}
	}
	if s.Jitter == nil {
		s.Jitter = func(d time.Duration) time.Duration { return rand.N(d) + 1 }
	}
	e := &Engine{Setup: s, bell: s.Bell()}
	s.Watermark.OnChange(e.wake)
	e.post.init(s)
	return e
}

// Use replaces the rules and the channels, also while Run runs: a rule that keeps
// its name goes on where it was, a message on its way is finished first.
func (e *Engine) Use(rules []NamedRule, channels []Channel) {
	e.thinking.Lock()
	defer e.thinking.Unlock()
	before := map[string]*asked{}
	for _, r := range e.rules {
		before[r.Name] = r
	}
	e.rules = nil
	for _, r := range rules {
		now := &asked{NamedRule: r}
		if b := before[r.Name]; b != nil {
			now.Schedule, now.loaded, now.saved = b.Schedule, b.loaded, b.saved
			now.Add(e.Watermark.Upto()) // it may want something else now
		}
		e.rules = append(e.rules, now)
	}
	e.post.use(channels)
	e.wake()
}

// Channels is the channels as they are now.
func (e *Engine) Channels() []Channel { return e.post.among(nil) }

// Reread looks again at what was seen since an instant: somebody brought late what
// they had seen in time. What was not met then is told as if it were seen now.
func (e *Engine) Reread(since time.Time) {
	e.thinking.Lock()
	defer e.thinking.Unlock()
	e.again = sooner(e.again, since)
	e.wake()
}

func (e *Engine) wake() { e.bell.Ring() }

// Run thinks and delivers until ctx ends. A message on its way is finished first.
func (e *Engine) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { e.think(ctx); return nil })
	g.Go(func() error { e.post.run(ctx); return nil })
	return g.Wait()
}

// The waits of think and of senders: not less, so that a wish the watermark has not
// reached yet does not spin; not more when nothing is wished.
const (
	shortestWait = time.Second
	longestWait  = 24 * time.Hour
)

// doze waits for an instant or for the bell.
func (s Setup) doze(ctx context.Context, bell clock.Bell, at time.Time) {
	if soonest := s.Now().Add(shortestWait); at.Before(soonest) {
		at = soonest
	}
	bell.Until(ctx, at)
}

func (e *Engine) think(ctx context.Context) {
	defer e.bell.Close()
	failures := 0
	for ctx.Err() == nil {
		next, err := e.pass(ctx)
		failures++
		switch {
		case err == nil:
			failures = 0
			e.turns.ended()
		case ctx.Err() == nil:
			e.Log.Warn("alerting waits", "err", err)
			next = e.Now().Add(backoff(failures))
		}
		e.doze(ctx, e.bell, next)
	}
}

// pass brings everything up to the watermark: stories, then each rule. It returns
// when to come back at the latest.
func (e *Engine) pass(ctx context.Context) (next time.Time, err error) {
	e.thinking.Lock()
	defer e.thinking.Unlock()
	upto := e.Watermark.Upto()
	next = e.Now().Add(longestWait)
	if err := e.load(ctx, upto); err != nil {
		return next, fmt.Errorf("recall where alerting stopped: %w", err)
	}
	if upto.Before(e.passed) || !e.again.IsZero() && upto.Equal(e.passed) {
		return next, nil // somebody joined who is behind: what they bring is dated once they have come as far as the rules
	}
	if err := e.readUpto(ctx, upto); err != nil {
		return next, fmt.Errorf("read what was kept: %w", err)
	}
	for _, r := range e.rules {
		e.bring(ctx, r, upto)
		next = sooner(next, r.wish())
	}
	due, err := e.issue(ctx, upto)
	if err != nil {
		return next, err
	}
	return sooner(next, due), nil
}

// bring asks one rule about every instant up to upto. Its failure is its own.
func (e *Engine) bring(ctx context.Context, r *asked, upto time.Time) {
	if r.retry.After(e.Now()) {
		return
	}
	err := e.ask(ctx, r, upto)
	if err == nil {
		r.failures, r.retry = 0, time.Time{}
		return
	}
	if ctx.Err() != nil {
		return
	}
	r.failures++
	r.retry = e.Now().Add(backoff(r.failures))
	e.Observe.RuleFailed(r.Name)
	e.Log.Warn("a rule could not be asked", "rule", r.Name, "err", err, "again", r.retry)
}

// evalLimit is how long one rule may take over one instant.
const evalLimit = time.Minute

func (e *Engine) ask(ctx context.Context, r *asked, upto time.Time) error {
	for at, due := r.Due(upto); due; at, due = r.Due(upto) {
		limited, cancel := context.WithTimeout(ctx, evalLimit)
		v, err := Judge(limited, r.NamedRule, Known{e.Mentions, e.Ledger, e.Blind, e.Listened}.At(at), e.Ledger, at)
		cancel()
		if err != nil {
			return err
		}
		if err := e.settle(ctx, r, v); err != nil {
			return err
		}
	}
	r.Asked = upto
	return e.save(ctx, r)
}

// settle makes a verdict durable before anybody is told.
func (e *Engine) settle(ctx context.Context, r *asked, v Verdict) error {
	s := Settlement{Rule: r.Name, Progress: Progress{Asked: v.At, Next: v.Next}, Incidents: v.Changed}
	for _, d := range v.Owed {
		e.owe(&s, r, d)
	}
	if len(v.Changed) > 0 {
		if err := e.Ledger.Settle(ctx, s); err != nil {
			return fmt.Errorf("settle what rule %s found: %w", r.Name, err)
		}
		r.saved = v.At
		e.tellObserver(v, s)
	}
	r.Judged(v.At, v.Next)
	if len(s.Owed) > 0 {
		e.post.poke()
	}
	return nil
}

// owe writes a Due in the journal, and turns it into a row for each of the channels that
// it is for unless there is a reason to tell nobody.
func (e *Engine) owe(s *Settlement, r *asked, d Due) {
	channels := e.post.among(d.hearers(r.Channels))
	if d.Suppressed == "" && len(channels) == 0 {
		d.Suppressed = BecauseNoChannel
	}
	s.Journal = append(s.Journal, Entry{At: d.At, Incident: d.Incident.ID, What: string(d.Transition), Reason: d.Suppressed, To: strings.Join(d.To, ", "), Size: d.Incident.Size})
	if d.Suppressed != "" {
		return
	}
	for _, c := range channels {
		s.Owed = append(s.Owed, newRow(d, c))
	}
}

func (e *Engine) tellObserver(v Verdict, s Settlement) {
	for _, d := range v.Owed {
		e.Observe.Transition(d.Incident.Kind, d.Transition)
		if crossed := d.Incident.Facts.crossed(); d.Transition == Opened && !crossed.IsZero() {
			e.Observe.Detected(d.Incident.Kind, d.At.Sub(crossed))
		}
	}
	for _, row := range s.Owed {
		e.Observe.Owed(row.Channel)
	}
	for _, j := range s.Journal {
		if j.Reason != "" {
			e.Observe.Suppressed(j.Reason)
		}
	}
}

// saveEvery bounds how far a rule is asked again after a restart, for nothing: the
// answers would be the same.
const saveEvery = 5 * time.Minute

func (e *Engine) save(ctx context.Context, r *asked) error {
	if r.Asked.Sub(r.saved) < saveEvery {
		return nil
	}
	if err := e.Ledger.Settle(ctx, Settlement{Rule: r.Name, Progress: Progress{Asked: r.Asked, Next: r.Next}}); err != nil {
		return fmt.Errorf("save how far rule %s was asked: %w", r.Name, err)
	}
	r.saved = r.Asked
	return nil
}

// Revive tries again what a channel has refused since an instant, now that its
// address or its password was mended. It returns how many messages.
func (e *Engine) Revive(ctx context.Context, channel string, since time.Time) (int, error) {
	n, err := e.Ledger.Revive(ctx, channel, since)
	if err != nil {
		return 0, fmt.Errorf("revive the messages to %s: %w", channel, err)
	}
	e.post.poke()
	return n, nil
}
