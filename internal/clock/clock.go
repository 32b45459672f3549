// Package clock is the time as the daemon knows it: what reads it, and what waits
// for it. The real clock is the machine's. Stepped is the clock of a demonstration:
// it stands still while anybody works, and then jumps to what is due next, so that
// ten weeks pass in three minutes and every run is the same run.
//
// Those who wait for the daemon's own time hold a Bell. Deadlines of sockets, of
// statements and of a stop are the machine's in either case: they bound what a
// stranger can do to us, and no demonstration makes a stranger faster.
package clock

import (
	"context"
	"time"
)

// Clock tells the time and wakes those who wait for it. It is safe for concurrent use.
type Clock interface {
	// Now is the time of day. A person or a time server may set it while we run.
	Now() time.Time
	// Steady is a time that nobody sets: only its differences mean anything.
	Steady() time.Time
	// Awake is how long the machine has been on, its sleep included. Only its
	// differences mean anything: a clock that is set does not change it, so it tells
	// an hour that was slept from an hour that somebody put forward.
	Awake() time.Duration
	// Slept is how long the machine has slept in all. Only its differences mean
	// anything: for so long the steady clock stood still.
	Slept() time.Duration
	// Bell makes a bell. Whoever asks for one is at work, and must Close it.
	Bell() Bell
	// Work says that somebody is at work who holds no bell, until done is called.
	Work() (done func())
}

// Bell wakes the one who holds it. Its holder is at work except in Wait and Until;
// whoever rings it is at work too, so no time passes between a ring and its being
// heard. Ring and Close are safe for concurrent use; one waits at a time.
type Bell interface {
	// Ring ends the wait under way, or else the next one. Rings before it are one.
	Ring()
	// Wait returns after d, or when the bell rings or ctx ends. It counts by the
	// steady clock: one that is set brings nothing forward. That clock stands still
	// while the machine sleeps, so Wait also returns within a minute of waking: who
	// waits for an hour of the world looks again.
	Wait(ctx context.Context, d time.Duration)
	// Until waits for an instant by the time of day. It may return early, and its
	// caller looks again: a clock that is set must be noticed.
	Until(ctx context.Context, at time.Time)
	// Close says that the holder waits no more.
	Close()
}

// Real is the machine's clock.
func Real() Clock { return Set(time.Now) }

// Set is the machine's clock as a person might have set it: what waits by the
// steady clock does not see the difference.
func Set(now func() time.Time) Clock { return machine{now, slept} }

// begun is when the program was started.
var begun = time.Now()

type machine struct {
	now   func() time.Time
	slept func() time.Duration
}

func (m machine) Now() time.Time       { return m.now() }
func (m machine) Steady() time.Time    { return time.Now() }
func (machine) Awake() time.Duration   { return sinceBoot() }
func (m machine) Slept() time.Duration { return m.slept() }
func (m machine) Work() func()         { return func() {} }
func (m machine) Bell() Bell           { return bell{m, make(chan struct{}, 1)} }

// leastSleep is more than can lie between the readings of two clocks on a busy machine.
const leastSleep = 10 * time.Second

// Sleep is for how long the machine slept between two looks at a clock.
type Sleep struct{ all time.Duration }

// NewSleep looks for the first time.
func NewSleep(c Clock) Sleep { return Sleep{c.Slept()} }

// Since is how long that was since the last look, and looks again.
func (s *Sleep) Since(c Clock) time.Duration {
	slept := c.Slept() - s.all
	if slept < leastSleep {
		return 0
	}
	s.all += slept
	return slept
}

type bell struct {
	machine
	rung chan struct{}
}

// Ring implements Bell.
func (b bell) Ring() {
	select {
	case b.rung <- struct{}{}:
	default: // it rings already
	}
}

// Wait implements Bell.
func (b bell) Wait(ctx context.Context, d time.Duration) {
	sleep := NewSleep(b)
	for end := b.Steady().Add(d); sleep.Since(b) == 0; {
		t := time.NewTimer(min(end.Sub(b.Steady()), lookAgain))
		select {
		case <-ctx.Done():
		case <-b.rung:
		case <-t.C:
			if b.Steady().Before(end) {
				continue
			}
		}
		t.Stop()
		return
	}
}

// lookAgain is how soon a clock that was set is noticed, and that the machine slept.
const lookAgain = time.Minute

// Until implements Bell.
func (b bell) Until(ctx context.Context, at time.Time) {
	b.Wait(ctx, min(at.Sub(b.Now()), lookAgain))
}

// Close implements Bell.
func (b bell) Close() {}
