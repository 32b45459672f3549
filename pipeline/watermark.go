package pipeline

import (
	"sync"
	"time"
)

// Watermark knows up to which instant everything seen is searchable: a rule may
// be asked about an instant only once the watermark has passed it. It also gives
// out the instants at which batches are seen, each once and in order, whatever
// the machine's clock does.
type Watermark struct {
	now     func() time.Time
	mu      sync.Mutex
	last    time.Time
	ticked  time.Time // when last was given out, monotonic
	open    map[time.Time]struct{}
	changed chan struct{}
}

// NewWatermark starts after floor, the newest instant that any stored mention was seen at.
func NewWatermark(now func() time.Time, floor time.Time) *Watermark {
	return &Watermark{now: now, last: floor, ticked: time.Now(), open: map[time.Time]struct{}{}, changed: make(chan struct{})}
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
		close(w.changed)
		w.changed = make(chan struct{})
	}
}

// tick is the clock, truncated to what stores keep, and never twice the same. When
// the clock was put back, instants go on at half their pace until it has caught up:
// standing still would withhold for an hour what waits a minute to be told.
func (w *Watermark) tick() time.Time {
	at := w.now().UTC().Truncate(time.Microsecond)
	if !at.After(w.last) {
		at = w.last.Add(max(time.Since(w.ticked)/2, time.Microsecond).Truncate(time.Microsecond))
	}
	w.last, w.ticked = at, time.Now()
	return at
}

// Upto is the newest instant at which everything seen is searchable: now, unless
// a batch is on its way. Later batches are seen after it.
func (w *Watermark) Upto() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	upto := w.tick()
	for at := range w.open {
		if !at.After(upto) {
			upto = at.Add(-time.Microsecond)
		}
	}
	return upto
}

// Changed is closed when the next batch ends.
func (w *Watermark) Changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.changed
}
