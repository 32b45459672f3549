package elastic

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ouidire/ouidire/internal/lock"
)

const (
	// flights is how many bulk requests are on their way at once.
	flights = 4
	// boarding is how many more are made ready meanwhile.
	boarding = 2
	// flightBytes is how much of the spool one of them carries: some hundred mentions.
	flightBytes = 464 << 10
	// gathering is how long the first of many is waited upon by the others.
	gathering = 20 * time.Millisecond
	// readAhead is how much of the spool is read at once: as much as one search locates.
	readAhead = 1500 << 10
	// heldMost is how many operations wait for a flight that has the same mention.
	heldMost = 4096
	// aheadMost is how much of the spool is remembered rather than read again.
	aheadMost = 4 << 20
	// abreast is how long Put waits at most for a sender that has so much to remember: longer
	// than a server stops that makes an index or merges what it has.
	abreast = time.Second
	// looksEvery is how often the spool is looked into for what another process, an
	// import beside the daemon, has added.
	looksEvery = time.Second
	// farewell is how long a stop waits for what is on its way.
	farewell = 8 * time.Second
)

// sender takes what waits in the spool in order and sends it, several flights at
// once. No mention is in two flights: what is done to it later waits.
type sender struct {
	s       *Store
	observe func(Sent)
	doubles atomic.Int64

	bell     chan struct{} // something waits to be sent
	runway   chan struct{} // full of the requests that are on their way
	locating chan struct{} // full while a flight asks where mentions stand, or makes an index
	landed   chan struct{} // something waits to be found
	lull     chan struct{} // nothing is on its way any more
	lighter  chan struct{} // something that was remembered is on its way
	sources  sync.Pool     // of *[]byte: the documents of one flight
	mu       sync.Mutex
	cursor   int64 // up to which the spool was taken
	held     []op  // what is done to a mention that is in a flight
	ahead    []op  // up to cursor, what is not taken yet
	sending  bool  // this process has the spool
	busy     map[string]bool
	written  []written
	flown    int                  // how many were written since nothing was on its way
	indices  map[string]string    // the uuid of each index that is known to be there
	instead  map[string]string    // what a rebuild has put in the place of an index
	shut     map[string]time.Time // since when an index takes nothing, see relief.go
	moved    chan struct{}        // closed, and made anew, when something can be found
}

// written is what is in Elasticsearch and perhaps cannot be found yet.
type written struct {
	seqs    []int64
	indices []string
	made    []string // the mentions that were not there before, where other shards may make them too
}

func newSender(s *Store, observe func(Sent)) *sender {
	if observe == nil {
		observe = func(Sent) {}
	}
	return &sender{s: s, observe: observe, bell: make(chan struct{}, 1), runway: make(chan struct{}, flights), locating: make(chan struct{}, 1), landed: make(chan struct{}, 1), lull: make(chan struct{}, 1), lighter: make(chan struct{}, 1),
		busy: map[string]bool{}, indices: map[string]string{}, instead: map[string]string{}, shut: map[string]time.Time{}, moved: make(chan struct{}), sources: sync.Pool{New: func() any { return new([]byte) }}}
}

func (d *sender) wake() { ring(d.bell) }

// hand takes along what was just written into the spool, so that it need not be read
// again: unless something else stands before it there, or it is too much to remember.
func (d *sender) hand(ops []op) {
	d.mu.Lock()
	if d.sending && len(ops) > 0 && ops[0].seq == d.cursor+1 && weigh(d.ahead)+weigh(ops) <= aheadMost {
		d.ahead = append(d.ahead, ops...)
		d.cursor = ops[len(ops)-1].seq
	}
	d.mu.Unlock()
	d.wake()
}

// keepUp waits a moment while more is handed over than the server takes: what the spool
// must be asked for again costs both the time in which it could be sent, and once something
// must be, so must all that follows until the sender has caught up. What is put faster than
// the server takes it for long goes into the spool alone.
func (d *sender) keepUp(ctx context.Context) {
	timer := time.NewTimer(abreast)
	defer timer.Stop()
	for d.laden() {
		select {
		case <-d.lighter:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// laden says whether no more can be remembered ahead.
func (d *sender) laden() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return weigh(d.ahead) >= aheadMost-flightBytes
}

func weigh(ops []op) (size int64) {
	for i := range ops {
		size += ops[i].bytes()
	}
	return size
}

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default: // it rings already
	}
}

// run sends until ctx ends. One process at a time does: while another has the spool,
// this one looks what has become of it.
func (d *sender) run(ctx context.Context) {
	var mine *lock.Lock
	for mine == nil {
		var err error
		if mine, err = lock.Take(d.s.folder); err == nil {
			break
		}
		if !pause(ctx, looksEvery) {
			return
		}
		d.visit(ctx)
		d.noteMoved()
	}
	defer func() { _ = mine.Release() }() // it ends with the process at the latest
	d.sendAll(ctx)
}

// sendAll sends until ctx ends, and then waits a little for what is on its way.
func (d *sender) sendAll(ctx context.Context) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		if pause(working, farewell) {
			cancel()
		}
	})
	defer stop()
	var air, ground sync.WaitGroup
	ground.Go(func() { d.settleAll(ctx, working) })
	d.mu.Lock()
	d.sending = true
	d.mu.Unlock()
	slots := make(chan struct{}, flights+boarding)
	for take(ctx, slots) { // first, so that meanwhile more comes together
		ops := d.gather(ctx)
		air.Go(func() {
			defer func() { <-slots }()
			d.fly(ctx, working, ops)
		})
	}
	air.Wait()
	ground.Wait()
	_ = d.settle(working) // what fails now is sent again next time, which changes nothing
}

// take waits for a free slot; it says whether there was one before ctx ended.
func take(ctx context.Context, slots chan<- struct{}) bool {
	select {
	case slots <- struct{}{}:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// gather waits for something to send; it is empty when ctx has ended.
func (d *sender) gather(ctx context.Context) []op {
	timer := time.NewTicker(looksEvery)
	defer timer.Stop()
	for tries := 0; ctx.Err() == nil; {
		ops, err := d.pick(ctx)
		if len(ops) > 0 {
			return ops
		}
		if err != nil && ctx.Err() == nil {
			tries++
			d.s.log.Error("the spool cannot be read", "err", err)
			pause(ctx, backoff(tries))
			continue
		}
		select {
		case <-d.bell:
			pause(ctx, gathering)
		case <-timer.C: // another process, a command beside the daemon, may have added something
			d.visit(ctx)
		case <-ctx.Done():
		}
	}
	return nil
}

// visit counts anew what other processes may have added or sent.
func (d *sender) visit(ctx context.Context) {
	if err := d.s.spool.visit(ctx); err != nil && ctx.Err() == nil {
		d.s.log.Warn("the spool is not counted", "err", err)
	}
}

// pick takes the next flight's operations: those held whose mention has landed, then
// what the spool holds beyond.
func (d *sender) pick(ctx context.Context) ([]op, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := taking{ids: map[string]bool{}}
	held := d.held
	d.held = nil
	for _, o := range held {
		d.place(&t, o)
	}
	var err error
	for err == nil && t.size < flightBytes && len(d.held) < heldMost {
		if len(d.ahead) == 0 {
			if d.ahead, err = d.s.spool.after(ctx, d.cursor, readAhead); len(d.ahead) == 0 {
				break
			}
			d.cursor = d.ahead[len(d.ahead)-1].seq
		}
		d.place(&t, d.ahead[0])
		d.ahead = d.ahead[1:]
	}
	ring(d.lighter)
	for id := range t.ids {
		d.busy[id] = true
	}
	return t.ops, err
}

// taking is a flight that is being filled.
type taking struct {
	ops  []op
	ids  map[string]bool
	size int64
}

// place takes an operation along, or holds it until its mention has landed.
func (d *sender) place(t *taking, o op) {
	if d.busy[o.id] || t.size >= flightBytes {
		d.held = append(d.held, o)
		return
	}
	t.ids[o.id] = true
	t.ops = append(t.ops, o)
	t.size += o.bytes()
}

// free lets the mentions of a flight be taken again.
func (d *sender) free(ops []op) {
	d.mu.Lock()
	for i := range ops {
		delete(d.busy, ops[i].id)
	}
	if d.idle() {
		ring(d.lull)
	}
	d.mu.Unlock()
	d.wake()
}

// idle says whether nothing is on its way; mu is the caller's.
func (d *sender) idle() bool { return len(d.busy)+len(d.ahead)+len(d.held) == 0 }

// wrote notes what must be found before it leaves the spool.
func (d *sender) wrote(w written) {
	d.mu.Lock()
	d.written = append(d.written, w)
	d.flown += len(w.seqs)
	d.mu.Unlock()
	ring(d.landed)
}

// drained waits until nothing waits in the spool.
func (d *sender) drained(ctx context.Context) error {
	for {
		d.mu.Lock()
		moved := d.moved
		d.mu.Unlock()
		if d.s.Waiting().IsZero() {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// moves waits until something has left the spool, or ctx ends.
func (d *sender) moves(ctx context.Context) {
	d.mu.Lock()
	moved := d.moved
	d.mu.Unlock()
	select {
	case <-moved:
	case <-ctx.Done():
	}
}

// backoff is how long to wait before another try: twice as long each time, up to ten
// seconds, and never all at the same instant.
func backoff(tries int) time.Duration {
	most := min(100*time.Millisecond<<min(tries, 10), 10*time.Second)
	return most/2 + rand.N(most/2)
}

// pause waits, and says whether it could to the end.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
