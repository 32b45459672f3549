package polite

import (
	"context"
	"net/url"
	"sync"
	"time"
)

// slots keeps requests to one host apart, and all requests within a number. A
// request waits for its host first, and one that lasts gives its place among all
// to the next: however many hosts are slow, they hold up nobody else.
type slots struct {
	all     chan struct{}
	perHost int
	spacing time.Duration

	mu    sync.Mutex
	hosts map[string]*host
}

type host struct {
	line  chan struct{} // one place for each request under way
	users int           // who wait or ask; guarded by slots.mu
	next  time.Time     // no request starts before; guarded by slots.mu
}

// lastsLong is how long a request counts among all. Those that last longer are few,
// and bounded by who asks: each visit waits for its answer.
const lastsLong = 500 * time.Millisecond

// forgetAt is how many hosts are remembered before the idle ones are forgotten.
const forgetAt = 1024

func newSlots(total, perHost int, spacing time.Duration) *slots {
	return &slots{all: make(chan struct{}, total), perHost: perHost, spacing: spacing, hosts: map[string]*host{}}
}

// take waits until a request to the named host may start. done ends it.
func (s *slots) take(ctx context.Context, name string) (done func(), err error) {
	h := s.enter(name)
	select {
	case h.line <- struct{}{}:
	case <-ctx.Done():
		s.leave(h)
		return nil, ctx.Err()
	}
	if err := s.pace(ctx, h); err != nil {
		<-h.line
		s.leave(h)
		return nil, err
	}
	giveBack := sync.OnceFunc(func() { <-s.all })
	lasting := time.AfterFunc(lastsLong, giveBack)
	return func() {
		lasting.Stop()
		giveBack()
		s.end(h)
		<-h.line
	}, nil
}

// pace returns with a place among all, the host's spacing being kept at that very moment.
func (s *slots) pace(ctx context.Context, h *host) error {
	for {
		if err := sleep(ctx, s.until(h)); err != nil {
			return err
		}
		select {
		case s.all <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		if s.begin(h) {
			return nil
		}
		<-s.all
	}
}

func (s *slots) enter(name string) *host {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.hosts[name]
	if h == nil {
		if len(s.hosts) >= forgetAt {
			s.forget()
		}
		h = &host{line: make(chan struct{}, s.perHost)}
		s.hosts[name] = h
	}
	h.users++
	return h
}

func (s *slots) forget() {
	for name, h := range s.hosts {
		if h.users == 0 && time.Until(h.next) <= 0 {
			delete(s.hosts, name)
		}
	}
}

func (s *slots) until(h *host) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Until(h.next)
}

func (s *slots) begin(h *host) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Until(h.next) > 0 {
		return false
	}
	h.next = time.Now().Add(s.spacing)
	return true
}

// end counts the spacing from the end of a request: how long it took to reach the
// host cannot bring two of them closer together.
func (s *slots) end(h *host) {
	s.mu.Lock()
	h.next = time.Now().Add(s.spacing)
	s.mu.Unlock()
	s.leave(h)
}

func (s *slots) leave(h *host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.users--
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// slotName names the host whose patience a request uses. The web's two usual
// ports are one host; another port is most likely another machine's.
func slotName(u *url.URL) string {
	if usualPort(portOf(u)) {
		return u.Hostname()
	}
	return u.Host
}
