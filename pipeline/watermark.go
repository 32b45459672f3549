package pipeline

import (
	"sync"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
)

// Index tells what was kept and cannot be found yet: a store that keeps and one that
// finds may be two.
type Index interface {
	// Waiting is the earliest instant at which something that waits became known: was
	// seen, edited, judged or gone. It is zero when all that was kept can be found.
	Waiting() time.Time
	// OnFound has ring called whenever something that waited can be found.
	OnFound(ring func())
}

// Watermark knows up to which instant everything seen is searchable: a rule may
// be asked about an instant only once the watermark has passed it. It also gives
// out the instants at which batches are seen, each once and in order, whatever
// the machine's clock does.
type Watermark struct {
	clock  clock.Clock
	index  Index
	mu     sync.Mutex
	last   time.Time
	ticked time.Time // when last was given out, by the steady clock
	open   map[time.Time]struct{}
	ring   func() // called when a batch ends
}

// NewWatermark starts after floor, the newest instant that any stored mention was seen at.
func NewWatermark(c clock.Clock, floor time.Time, index Index) *Watermark {
	return &Watermark{clock: c, index: index, last: floor, ticked: c.Steady(), open: map[time.Time]struct{}{}, ring: func() {}}
}

// Begin opens a batch that is seen at the instant at, and done closes it: kept or
// given back to its source. Until then the watermark stays below at.
func (w *Watermark) Begin() (at time.Time, done func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	at = w.tick()
	w.open[at] = struct{}{}
	return at, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.open, at)
		w.ring()
	}
}

// tick is the clock, truncated to what stores keep, and never twice the same. When
// the clock was put back, instants go on at half their pace until it has caught up:
// standing still would withhold for an hour what waits a minute to be told.
func (w *Watermark) tick() time.Time {
	at := w.clock.Now().UTC().Truncate(time.Microsecond)
	if !at.After(w.last) {
		at = w.last.Add(max(w.clock.Steady().Sub(w.ticked)/2, time.Microsecond).Truncate(time.Microsecond))
	}
	w.last, w.ticked = at, w.clock.Steady()
	return at
}

// Upto is the newest instant at which everything seen is searchable: now, unless
// a batch is on its way or waits to be found. Later batches are seen after it.
func (w *Watermark) Upto() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	upto := w.tick()
	for at := range w.open {
		upto = before(upto, at)
	}
	if at := w.index.Waiting(); !at.IsZero() {
		upto = before(upto, at)
	}
	return upto
}

// before is the latest instant up to upto at which at had not come.
func before(upto, at time.Time) time.Time {
	if at.After(upto) {
		return upto
	}
	return at.Add(-time.Microsecond)
}

// OnChange has ring called whenever a batch ends or can be found; it must not ask the
// watermark. There is one listener, the newest.
func (w *Watermark) OnChange(ring func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ring = ring
	w.index.OnFound(ring)
}
