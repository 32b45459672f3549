package alerting

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// turns tells those who wait that a pass has ended well.
type turns struct {
	mu   sync.Mutex
	next chan struct{}
}

// awaited is closed when the next pass ends well.
func (t *turns) awaited() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next == nil {
		t.next = make(chan struct{})
	}
	return t.next
}

func (t *turns) ended() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next != nil {
		close(t.next)
		t.next = nil
	}
}

// behindMost is how far the watermark may stay behind: a batch on its way, or a search
// that takes its time to find what was kept.
const behindMost = 15 * time.Minute

// Moves has the engine look at everything, and returns nil once it has done so and what
// was seen a while ago can be found: alerting moves. It waits no longer than ctx.
func (e *Engine) Moves(ctx context.Context) error {
	done := e.turns.awaited()
	e.wake()
	select {
	case <-done:
	case <-ctx.Done():
		return fmt.Errorf("wait for alerting to look at what was kept: %w", ctx.Err())
	}
	if behind := e.Now().Sub(e.Watermark.Upto()); behind > behindMost {
		return fmt.Errorf("what was seen in the last %v cannot be found yet", behind.Round(time.Minute))
	}
	return nil
}
