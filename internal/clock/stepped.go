package clock

import (
	"context"
	"sync"
	"time"
)

// Stepped is a clock that moves only by Step, and only when everybody rests. It
// wakes one bell at a time, the earliest first: what two bells do at one instant
// happens in the same order on every run.
type Stepped struct {
	mu      sync.Mutex
	now     time.Time
	working int
	bells   []*steppedBell // in the order they were made
	rested  chan struct{}  // a token when the last one went to rest
}

// NewStepped stands at an instant.
func NewStepped(at time.Time) *Stepped {
	return &Stepped{now: at, rested: make(chan struct{}, 1)}
}

// Now implements Clock.
func (s *Stepped) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Steady implements Clock: nobody sets this one.
func (s *Stepped) Steady() time.Time { return s.Now() }

// Awake implements Clock: it never sleeps.
func (s *Stepped) Awake() time.Duration { return s.Now().Sub(time.Unix(0, 0)) }

// Slept implements Clock.
func (s *Stepped) Slept() time.Duration { return 0 }

// Work implements Clock.
func (s *Stepped) Work() (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.working++
	return sync.OnceFunc(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.rest()
	})
}

// rest counts one less at work. The caller holds mu.
func (s *Stepped) rest() {
	if s.working--; s.working == 0 {
		select {
		case s.rested <- struct{}{}:
		default: // said already
		}
	}
}

// Bell implements Clock.
func (s *Stepped) Bell() Bell {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &steppedBell{clock: s}
	s.bells = append(s.bells, b)
	s.working++
	return b
}

// Step waits until everybody rests, then wakes the bell that is due first, if it is
// due by limit, moving the time to where it is due. It reports whether there was
// one; without any the time is limit. It returns before the woken one has rested.
func (s *Stepped) Step(ctx context.Context, limit time.Time) (woke bool, err error) {
	for {
		if woke, rests := s.step(limit); rests {
			return woke, nil
		}
		select {
		case <-s.rested:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

func (s *Stepped) step(limit time.Time) (woke, rests bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.working > 0 {
		return false, false
	}
	first := s.first()
	if first == nil || first.due(s.now).After(limit) {
		s.move(limit)
		return false, true
	}
	s.move(first.due(s.now))
	s.working++
	close(first.waiting)
	first.waiting, first.rung = nil, false
	return true, true
}

// first is the waiting bell that is due before all others.
func (s *Stepped) first() (first *steppedBell) {
	for _, b := range s.bells {
		if b.waiting != nil && (first == nil || b.due(s.now).Before(first.due(s.now))) {
			first = b
		}
	}
	return first
}

// move never goes back.
func (s *Stepped) move(to time.Time) {
	if to.After(s.now) {
		s.now = to
	}
}

// steppedBell is guarded by its clock.
type steppedBell struct {
	clock   *Stepped
	rung    bool
	closed  bool
	at      time.Time
	waiting chan struct{} // closed to wake the holder; nil while it works
}

// due is when a waiting bell wakes its holder.
func (b *steppedBell) due(now time.Time) time.Time {
	if b.rung {
		return now
	}
	return b.at
}

// Ring implements Bell.
func (b *steppedBell) Ring() {
	b.clock.mu.Lock()
	defer b.clock.mu.Unlock()
	b.rung = true
}

// Wait implements Bell.
func (b *steppedBell) Wait(ctx context.Context, d time.Duration) {
	b.Until(ctx, b.clock.Now().Add(d))
}

// Until implements Bell.
func (b *steppedBell) Until(ctx context.Context, at time.Time) {
	woken := b.lie(at)
	select {
	case <-woken:
	case <-ctx.Done():
		b.rise(woken)
	}
}

// lie goes to rest.
func (b *steppedBell) lie(at time.Time) (woken chan struct{}) {
	b.clock.mu.Lock()
	defer b.clock.mu.Unlock()
	b.at, b.waiting = at, make(chan struct{})
	b.clock.rest()
	return b.waiting
}

// rise is at work again unasked, unless it was just woken.
func (b *steppedBell) rise(woken chan struct{}) {
	b.clock.mu.Lock()
	defer b.clock.mu.Unlock()
	if b.waiting == woken {
		b.waiting = nil
		b.clock.working++
	}
}

// Close implements Bell.
func (b *steppedBell) Close() {
	b.clock.mu.Lock()
	defer b.clock.mu.Unlock()
	if b.closed {
		return
	}
	b.closed = true
	for i, other := range b.clock.bells {
		if other == b {
			b.clock.bells = append(b.clock.bells[:i], b.clock.bells[i+1:]...)
			break
		}
	}
	b.clock.rest()
}
