package elastic

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// grace is how long trouble may last before it is a line in the log: a request that is
// made again at once and succeeds is nobody's concern.
const grace = 5 * time.Second

// condition is the trouble of the moment. One that lasts, and its end, is a line in the log.
type condition struct {
	mu      sync.Mutex
	trouble error
	since   time.Time
	told    string // the trouble that was told, "" for none
	met     bool   // the server has answered since the start
	silent  bool   // the trouble is that it was asked and did not answer: nobody has tried to write since
	now     func() time.Time
	log     *slog.Logger
}

func (c *condition) get() (since time.Time, trouble error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since, c.trouble
}

// known says whether the server has answered since the start.
func (c *condition) known() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.met
}

// ok is said whenever the server did what it was asked.
func (c *condition) ok() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.met = true
	if c.told != "" {
		c.log.Info("Elasticsearch is written to again: what waits in the spool is sent", "after", c.now().Sub(c.since).Round(time.Second).String())
	}
	c.trouble, c.since, c.told, c.silent = nil, time.Time{}, "", false
}

// heard is said when the server answered who it is. That does not end a trouble with
// writing: a server whose disk is full answers too.
func (c *condition) heard() {
	c.mu.Lock()
	over := c.trouble == nil || c.silent
	c.mu.Unlock()
	if over {
		c.ok()
	}
}

// unheard is said when it did not.
func (c *condition) unheard(err error) {
	c.mu.Lock()
	first := c.trouble == nil || c.silent
	c.mu.Unlock()
	if !first {
		return // what writing has shown says more
	}
	c.bad(err)
	c.mu.Lock()
	c.silent = c.trouble != nil
	c.mu.Unlock()
}

// bad is said whenever it did not do what it was asked.
func (c *condition) bad(err error) {
	if errors.Is(err, context.Canceled) {
		return // we were stopped: nothing was learnt
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trouble == nil {
		c.since = c.now()
	}
	c.trouble, c.silent = err, false
	if c.told != err.Error() && (!c.met || c.now().Sub(c.since) >= grace) {
		c.log.Error("Elasticsearch is not written to: what is found waits in the spool, and crawling goes on", "err", err)
		c.told = err.Error()
	}
}
