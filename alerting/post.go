package alerting

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
)

// Channel is a way to reach people as it is configured.
type Channel struct {
	Name       string
	Kind       string // "email"
	Fallback   string // the channel that takes what this one does not; "" for none
	Recipients string // who is reached, as the idempotency key counts them; "" when the channel itself says
	Reader     Reader
	Notifier   Notifier
	Quiet      Quiet // in the reader's zone
	Editions   []Edition
	Watches    []string // about which it tells anybody anything: what these are advised goes there
}

// post delivers what is owed: one sender for each channel, so that none waits for
// another.
type post struct {
	Setup

	mu       sync.Mutex
	channels []Channel
	senders  map[string]*sender
	changed  clock.Bell // another set of channels
}

func (p *post) init(s Setup) {
	p.Setup = s
	p.senders, p.changed = map[string]*sender{}, s.Bell()
}

// among is the channels of these names, all of them when no name is given.
func (p *post) among(names []string) []Channel {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(names) == 0 {
		return slices.Clone(p.channels)
	}
	return slices.DeleteFunc(slices.Clone(p.channels), func(c Channel) bool { return !slices.Contains(names, c.Name) })
}

func (p *post) use(channels []Channel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.channels = slices.Clone(channels)
	for i, c := range p.channels {
		if a, knows := c.Notifier.(Addressed); knows && c.Recipients == "" {
			p.channels[i].Recipients = a.Recipients()
		}
	}
	p.changed.Ring()
}

// poke tells the senders that something is owed.
func (p *post) poke() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.senders {
		s.owed.Ring()
	}
}

// run keeps a sender for each channel until ctx ends. When the channels change all
// senders finish their message and others take over.
func (p *post) run(ctx context.Context) {
	defer p.changed.Close()
	for ctx.Err() == nil {
		work, stop := context.WithCancel(ctx)
		var senders sync.WaitGroup
		for _, s := range p.hire(ctx) {
			senders.Go(func() { s.run(work) })
		}
		p.changed.Wait(ctx, math.MaxInt64)
		stop()
		senders.Wait()
	}
}

// hire makes the senders of the channels as they are now; what is owed to channels
// that are gone is given up, and kept to be shown.
func (p *post) hire(ctx context.Context) map[string]*sender {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.senders = map[string]*sender{}
	names := make([]string, 0, len(p.channels))
	for _, c := range p.channels {
		p.senders[c.Name] = &sender{Setup: p.Setup, channel: c, owed: p.Bell(), wakeAll: p.poke, rescued: map[string]bool{}}
		names = append(names, c.Name)
	}
	p.pair()
	if len(names) == 0 {
		return p.senders // nobody has told us of any yet
	}
	n, err := p.Ledger.Retire(ctx, names, p.Now())
	if err != nil {
		p.Log.Warn("messages to channels that are gone were left waiting", "err", err)
	}
	if n > 0 {
		p.Log.Warn("messages to channels that are gone were given up", "messages", n)
	}
	return p.senders
}

// sender delivers to one channel, one message at a time.
type sender struct {
	Setup
	channel   Channel
	owed      clock.Bell
	failures  int             // of the channel, in a row
	rest      time.Time       // the channel is left alone until then
	done      []closing       // the ledger does not know yet
	fallback  *Channel        // takes what this one does not; nil for none
	insteadOf []string        // channels whose fallback this one is
	rescued   map[string]bool // rows that the fallback is owed too, by key
	wakeAll   func()          // tells all senders that something is owed
	took      bool            // the last attempt was a letter of one incident, and was accepted
	oneByOne  bool            // the channel takes letters, and no summary
}

// closing is an end of rows that must be recorded.
type closing struct {
	ends    []Ending
	journal []Entry
	owed    []Row // to the fallback
}

func (s *sender) run(ctx context.Context) {
	defer s.owed.Close()
	for ctx.Err() == nil {
		next, err := s.round(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.Warn("the outbox could not be read", "channel", s.channel.Name, "err", err)
		}
		s.doze(ctx, s.owed, next)
	}
}

// atOnce bounds how many rows are looked at together.
const atOnce = 1000

// round sends all that can be sent now, and returns when to come back.
func (s *sender) round(ctx context.Context) (next time.Time, err error) {
	next = s.Now().Add(longestWait)
	if err := s.record(ctx); err != nil {
		return s.Now().Add(backoff(1)), err
	}
	rows, err := s.Ledger.Pending(ctx, s.channel.Name, atOnce)
	if err != nil {
		return s.Now().Add(backoff(1)), err
	}
	s.observe(rows)
	defer s.observeAgain(ctx, len(rows))
	pause, err := s.lastPause(ctx)
	if err != nil {
		return s.Now().Add(backoff(1)), err
	}
	waiting, err := s.withdraw(ctx, letters(rows))
	if err != nil {
		return s.Now().Add(backoff(1)), err
	}
	if next, err = s.rescueUrgent(ctx, waiting, pause, next); err != nil {
		return s.Now().Add(backoff(1)), err
	}
	if !s.oneByOne {
		waiting = pause.collapse(waiting, s.Now())
	}
	waiting = s.channel.Quiet.hold(waiting, s.Now(), s.channel.Reader.Zone)
	for _, l := range waiting {
		if ctx.Err() != nil || s.rest.After(s.Now()) {
			return sooner(next, s.rest), nil
		}
		if l.notBefore.After(s.Now()) {
			next = sooner(next, l.notBefore)
			continue
		}
		if err := s.handle(ctx, l, pause); err != nil {
			return s.Now().Add(backoff(1)), err
		}
		next = sooner(next, later(s.rest, s.Now()))
	}
	if len(rows) == atOnce {
		next = s.Now()
	}
	return next, nil
}

// withdraw ends what nobody needs any more, and returns the rest.
func (s *sender) withdraw(ctx context.Context, all []letter) (left []letter, err error) {
	for _, l := range all {
		if !l.spent() {
			left = append(left, l)
			continue
		}
		gone := Entry{At: s.Now(), Incident: l.newest().Now.ID, What: EntryMoot, Letter: &Letter{Channel: s.channel.Name}}
		s.done = append(s.done, closing{[]Ending{{Keys: l.keys(), As: Moot}}, []Entry{gone}, nil})
	}
	return left, s.record(ctx)
}

// lastPause is the last time that we did not run for long.
func (s *sender) lastPause(ctx context.Context) (p pause, err error) {
	if s.Paused == nil {
		return p, nil
	}
	if p.from, p.to, err = s.Paused(ctx, s.Now(), longPause); err != nil {
		return p, fmt.Errorf("ask when we last did not run: %w", err)
	}
	return p, nil
}

// record tells the ledger what it could not be told before: without it the next
// round would send again what was accepted.
func (s *sender) record(ctx context.Context) error {
	for len(s.done) > 0 {
		if first := &s.done[0]; len(first.journal) > 0 { // first: a line too many is better than one that is missing
			if err := s.Ledger.Settle(context.WithoutCancel(ctx), Settlement{Journal: first.journal, Owed: first.owed}); err != nil {
				return fmt.Errorf("journal what became of messages: %w", err)
			}
			first.journal = nil
		}
		ends := s.done[0].ends
		if err := s.Ledger.Finish(context.WithoutCancel(ctx), ends, s.Now()); err != nil {
			return fmt.Errorf("record that messages are %s: %w", ends[0].As, err)
		}
		for _, e := range ends {
			s.Log.Debug("what became of a message is recorded", "channel", s.channel.Name, "fate", e.As, "keys", e.Keys)
		}
		if len(s.done[0].owed) > 0 {
			s.wakeAll() // only now: the fallback says who did not take it
		}
		s.done = s.done[1:]
	}
	return nil
}

// entries are the lines of the journal that say what became of a message, one for
// each incident that it spoke of.
func (s *sender) entries(what, reason string, l letter, m Message) (all []Entry) {
	to := s.channel.Recipients
	if l.isPersonal() {
		to = s.channel.Reader.Today(l.newest().Owed).For // their name: their address is theirs
	}
	if u, err := url.Parse(to); err == nil && u.Host != "" {
		to = u.Host // whoever knows the whole of a webhook's address may often post to it
	}
	sent := &Letter{Channel: s.channel.Name, Recipients: to, Lang: string(m.Lang), Subject: m.Subject, Body: m.Body}
	of := l.parts
	if len(of) == 0 {
		of = []letter{l}
	}
	for _, part := range of {
		all = append(all, Entry{At: s.Now(), Incident: part.newest().Now.ID, What: what, Reason: reason, Letter: sent})
	}
	return all
}

func (s *sender) observe(rows []Row) {
	var oldest time.Time
	for _, r := range rows {
		oldest = sooner(oldest, r.At)
	}
	s.Observe.Pending(s.channel.Name, len(rows), oldest)
}

func (s *sender) observeAgain(ctx context.Context, before int) {
	if before == 0 {
		return
	}
	if rows, err := s.Ledger.Pending(ctx, s.channel.Name, atOnce); err == nil {
		s.observe(rows)
	}
}

// handle sends one letter and records what became of it.
func (s *sender) handle(ctx context.Context, l letter, p pause) error {
	if l.key == "" && p.expired(l, s.Now()) {
		s.giveUp(l, fateExpired, l.newest().Why, fmt.Errorf("tried for %v", giveUpAfter), s.message(l, p))
		return s.record(ctx)
	}
	if l.key != "" { // whatever comes later: the same rows under the same key
		if err := s.Ledger.Bundle(ctx, l.keys(), l.key); err != nil {
			return fmt.Errorf("keep what a summary sums up: %w", err)
		}
	}
	m := s.message(l, p)
	if err := s.sayInstead(ctx, l, &m); err != nil {
		return err
	}
	err := s.send(ctx, l, m)
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // we were stopped, not refused
	}
	switch {
	case err == nil:
		s.accept(l, m)
	case IsPermanent(err) && l.key == "":
		s.failures = 0
		s.giveUp(l, fateRefused, why(err), err, m)
	default:
		return s.postpone(ctx, l, err)
	}
	return s.record(ctx)
}

func (s *sender) accept(l letter, m Message) {
	s.failures, s.rest, s.took = 0, time.Time{}, l.key == ""
	s.done = append(s.done, closing{l.endings(), s.entries(EntryTold, "", l, m), nil})
	s.Observe.Accepted(s.channel.Name, s.Now().Sub(l.rows[0].At))
}

// giveUp ends a letter: why is for the ledger, err for the log.
func (s *sender) giveUp(l letter, reason, why string, err error, m Message) {
	journal, owed := s.handOver(l)
	s.done = append(s.done, closing{[]Ending{{Keys: l.keys(), As: Dead, Why: whyDead(reason, why)}}, append(s.entries(EntryGivenUp, reason, l, m), journal...), owed})
	s.Observe.GivenUp(s.channel.Name, reason)
	s.Log.Warn("a message was given up", "channel", s.channel.Name, "incident", l.newest().Now.ID, "reason", reason, "err", err)
}

// postpone lets the letter and the channel rest: the letter for as long as it has
// failed, the channel for as long as everything has. A summary is drawn up anew
// then, unless it is the summary that the channel does not want.
func (s *sender) postpone(ctx context.Context, l letter, cause error) error {
	if l.key != "" && (s.took || IsPermanent(cause)) {
		s.oneByOne = true
	}
	s.took = false
	s.failures++
	now := s.Now()
	wait, rest := s.Jitter(backoff(l.attempts()+1)), s.Jitter(backoff(s.failures))
	if busy := (*Busy)(nil); errors.As(cause, &busy) && busy.RetryAfter > 0 {
		wait = min(busy.RetryAfter, longestBusy)
		rest = wait
	}
	s.rest = now.Add(rest)
	s.Log.Info("a message will be tried again", "channel", s.channel.Name, "incident", l.newest().Now.ID, "attempt", l.attempts()+1, "err", cause)
	if err := s.Ledger.Postpone(context.WithoutCancel(ctx), l.keys(), now.Add(wait), why(cause)); err != nil {
		return fmt.Errorf("record a failed attempt: %w", err)
	}
	return s.rescueLate(ctx, l)
}

const (
	tryLimit    = 30 * time.Second // one attempt
	stopGrace   = 5 * time.Second  // what an attempt is left when we are asked to stop
	longestBusy = time.Hour        // a hint beyond it is not believed
)

// send hands a message to the channel. One on its way when ctx ends is given a
// moment to arrive.
func (s *sender) send(ctx context.Context, l letter, m Message) (err error) {
	try, cancel := context.WithTimeout(context.WithoutCancel(ctx), tryLimit)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		grace := time.AfterFunc(stopGrace, cancel)
		context.AfterFunc(try, func() { grace.Stop() })
	})()
	began := s.Now()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		s.Observe.Attempt(s.channel.Name, s.Now().Sub(began), err)
	}()
	to, err := s.way(l)
	if err != nil {
		return err
	}
	return to.Notify(try, m)
}

// backoff is the longest wait after n failures in a row: 1 s, doubled up to 5 min.
func backoff(n int) time.Duration {
	return min(time.Second<<min(max(n-1, 0), 10), 5*time.Minute)
}
