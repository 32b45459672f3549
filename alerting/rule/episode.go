package rule

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Counted is one mention as a window counts it: from when it was seen until its
// publication leaves the window. One that was seen later than that is never in it.
type Counted struct {
	At, Seen      time.Time
	Weighs        bool // it is one of what the rule counts; else only one of all
	Author, Place string
	ID            string
}

// Tally is what stands in a window.
type Tally struct {
	All     int // of whatever kind
	N       int // of what the rule counts
	Authors int // who wrote them; who is unknown is somebody else each time
	Places  int
}

// Share is how much of all counts.
func (t Tally) Share() float64 {
	if t.All == 0 {
		return 0
	}
	return float64(t.N) / float64(t.All)
}

// Gate is when an episode begins and when it is over. Between the two it goes on as
// it was, so that a count that flutters around its limit is one matter.
type Gate struct {
	Window time.Duration
	Hold   time.Duration // how long it must be low to be over
	Fires  func(Tally) bool
	Low    func(Tally) bool
	// Blind says whether something could not be read at an instant: what is low then is
	// no calm, for a day at most.
	Blind func(ctx context.Context, at time.Time) (bool, error)
}

// Episode is how a rule stands at an instant.
type Episode struct {
	On    bool
	Since time.Time // publication of the first that counts; of the newest episode, on or over
	Began time.Time // when it fired
	Ended time.Time // when it was over, zero while it is on
	Peak  int       // the most that were in the window while it fired
	Total int       // all that counted since Since
	Upto  time.Time // publication of the newest of them
	Now   Tally
	Next  time.Time // when it changes if nothing comes, zero for never
}

// Worded is for how long after its end an episode is described: it is told at once,
// or when we wake.
const Worded = time.Hour

// farthest is from how far back at most an episode is followed. One that is older is
// taken to have begun then.
const farthest = 28 * 24 * time.Hour

// At is how the rule stands at asOf, by what was known then. load gives what was
// published from an instant on and seen up to asOf. It is asked for as little as it
// takes to find a calm before all that goes on.
func (g Gate) At(ctx context.Context, asOf time.Time, load func(from time.Time) ([]Counted, error)) (Episode, error) {
	for back := g.Window + 2*g.Hold + Worded; ; back *= 3 {
		back = min(back, max(farthest, 2*g.Window+g.Hold+Worded))
		counted, err := load(asOf.Add(-back))
		if err != nil {
			return Episode{}, err
		}
		r := newRun(g, asOf.Add(-back+g.Window), counted)
		if err := r.upto(ctx, asOf); err != nil {
			return Episode{}, fmt.Errorf("ask what could not be read: %w", err)
		}
		if r.calm || back >= farthest {
			return r.episode(asOf), nil
		}
	}
}

// run walks the instants at which something enters or leaves the window.
type run struct {
	Gate
	counted []Counted // by when they enter
	enters  int       // how many have
	leaves  []int     // those that entered, by when they leave
	left    int
	tally   Tally
	authors map[string]int
	places  map[string]int

	now      time.Time
	low      time.Time // since when it is low; zero when it is not
	calm     bool      // it was seen to be over, or off for long enough, before all else
	describe time.Time // calm counts until then: what was over before is told no more
	Episode
}

// newRun begins at an instant, before which it has looked at nothing.
func newRun(g Gate, at time.Time, counted []Counted) *run {
	r := &run{Gate: g, counted: counted, authors: map[string]int{}, places: map[string]int{}, now: at}
	slices.SortFunc(r.counted, func(a, b Counted) int {
		return cmp.Or(a.Seen.Compare(b.Seen), a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	for r.enters < len(r.counted) && !r.counted[r.enters].Seen.After(at) {
		r.enter()
	}
	r.leave(at)
	switch {
	case g.Low(r.tally):
		r.low = at
	case g.Fires(r.tally):
		r.begin(at)
	}
	return r
}

// upto walks to asOf.
func (r *run) upto(ctx context.Context, asOf time.Time) error {
	r.describe = asOf.Add(-Worded)
	for {
		at := r.next()
		if at.IsZero() || at.After(asOf) {
			r.now = asOf
			return nil
		}
		if err := r.step(ctx, at); err != nil {
			return err
		}
	}
}

// next is when something happens next, zero for never.
func (r *run) next() (at time.Time) {
	if r.enters < len(r.counted) {
		at = r.counted[r.enters].Seen
	}
	if r.left < len(r.leaves) {
		at = sooner(at, r.leaving(r.leaves[r.left]))
	}
	return sooner(at, r.over())
}

// over is when it will be over, or is known to be off, if it stays low.
func (r *run) over() time.Time {
	if r.low.IsZero() || !r.On && r.calm {
		return time.Time{}
	}
	at := r.low.Add(r.Hold)
	for !at.After(r.now) { // it was blind then
		at = at.Add(max(r.Hold, time.Minute))
	}
	return at
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// step is one instant: all that enters and leaves at it, then the verdict.
func (r *run) step(ctx context.Context, at time.Time) error {
	over := r.over().Equal(at)
	r.now = at
	for r.enters < len(r.counted) && !r.counted[r.enters].Seen.After(at) {
		r.enter()
	}
	r.leave(at)
	switch low := r.Low(r.tally); {
	case !low:
		r.low = time.Time{}
	case r.low.IsZero():
		r.low = at
	case over:
		return r.end(ctx, at)
	}
	switch fires := r.Fires(r.tally); {
	case fires && r.On:
		r.Peak = max(r.Peak, r.tally.N)
	case fires:
		r.begin(at)
	}
	return nil
}

func (r *run) begin(at time.Time) {
	since := at
	for _, i := range r.leaves[r.left:] {
		if c := r.counted[i]; c.Weighs && c.At.Before(since) {
			since = c.At
		}
	}
	r.Episode = Episode{On: true, Since: since, Began: at, Peak: r.tally.N}
}

// end is a calm that lasted: it ends the episode, unless something could not be read.
func (r *run) end(ctx context.Context, at time.Time) error {
	if at.Sub(r.low) < blindMost {
		if blind, err := r.Blind(ctx, at); err != nil || blind {
			return err
		}
	}
	if r.On {
		r.On, r.Ended = false, at
	}
	r.calm = r.calm || !at.After(r.describe)
	return nil
}

// blindMost is how long a calm must be that is believed although not all could be read.
const blindMost = 24 * time.Hour

func (r *run) leaving(i int) time.Time { return r.counted[i].At.Add(r.Window) }

// enter counts the next that comes.
func (r *run) enter() {
	i := r.enters
	r.enters++
	c := r.counted[i]
	if !c.Seen.Before(c.At.Add(r.Window)) {
		return // it comes too late
	}
	at, _ := slices.BinarySearchFunc(r.leaves[r.left:], i, func(a, b int) int {
		return cmp.Or(r.leaving(a).Compare(r.leaving(b)), a-b)
	})
	r.leaves = slices.Insert(r.leaves, r.left+at, i)
	r.count(c, 1)
}

// leave forgets what is too old at an instant.
func (r *run) leave(at time.Time) {
	for r.left < len(r.leaves) && !r.leaving(r.leaves[r.left]).After(at) {
		r.count(r.counted[r.leaves[r.left]], -1)
		r.left++
	}
}

func (r *run) count(c Counted, by int) {
	r.tally.All += by
	if !c.Weighs {
		return
	}
	r.tally.N += by
	author := cmp.Or(c.Author, "\x00"+c.ID)
	r.tally.Authors += among(r.authors, author, by)
	r.tally.Places += among(r.places, c.Place, by)
}

// among adds to one of several, and says how many more there are.
func among(all map[string]int, one string, by int) (more int) {
	before := all[one]
	all[one] += by
	switch {
	case before == 0:
		return 1
	case all[one] == 0:
		delete(all, one)
		return -1
	}
	return 0
}

// episode is how it stands at the end of the walk.
func (r *run) episode(asOf time.Time) Episode {
	e := r.Episode
	e.Now = r.tally
	until := asOf
	if !e.Ended.IsZero() {
		until = e.Ended
	}
	for _, c := range r.counted {
		if c.Weighs && !c.Seen.After(until) && !c.At.Before(e.Since) && !e.Since.IsZero() {
			e.Total++
			if c.At.After(e.Upto) {
				e.Upto = c.At
			}
		}
	}
	e.Next = r.changes()
	return e
}

// changes is when the verdict changes if nothing comes any more.
func (r *run) changes() time.Time {
	if r.On && !r.low.IsZero() {
		return r.over()
	}
	for r.left < len(r.leaves) {
		at := r.leaving(r.leaves[r.left])
		r.leave(at)
		if r.now = at; r.On && r.Low(r.tally) {
			return at.Add(r.Hold)
		} else if !r.On && r.Fires(r.tally) {
			return at
		}
	}
	return time.Time{}
}
