package elastic

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Sent is what became of one request of a flight, for the metrics.
type Sent struct {
	Mentions int           // that were to be written
	Refused  int           // of them, those to be sent again
	Dead     int           // of them, those refused for good
	Bytes    int           // before compression
	Took     time.Duration // the request
	Err      error         // why nothing was answered, nil when something was
}

// Failed is why a whole request failed, in a word: unreachable, busy, too_large, refused;
// "" for one that did not.
func (s Sent) Failed() string {
	switch code := status(s.Err); {
	case s.Err == nil:
		return ""
	case code == http.StatusRequestEntityTooLarge:
		return "too_large"
	case code == http.StatusTooManyRequests, code >= 500:
		return "busy"
	case code == 0:
		return "unreachable"
	}
	return "refused"
}

// errand is one mention in a flight.
type errand struct {
	id     string
	ops    []op
	near   []string // indices where it must be looked for in real time, beside what is remembered
	search bool     // it must be searched for, whatever is remembered
	after  folded
	writes []write
	in     []string // the indices that it touches
	later  bool     // what is double goes in another round, once what it knew stands elsewhere
	waited bool     // it did so already
	why    error    // why it was not written
	with   obituary // of its mention, when that is dead already
}

// write is one line of a bulk request.
type write struct {
	action  string // create, index, delete
	index   string
	over    *stand // what is written over, or deleted
	version int64  // of a copy, not below that of what it is written over; 0 for what is none
	source  []byte
}

// fly brings operations to Elasticsearch, and returns when each is written or dead, or
// ctx ends: then the spool still has them. What is under way ends with working.
func (d *sender) fly(ctx, working context.Context, ops []op) {
	defer d.free(ops)
	left := errands(ops)
	for tries := 0; len(left) > 0 && ctx.Err() == nil; {
		before := len(left)
		var err error
		left, err = d.round(working, left)
		if errors.Is(err, errAgain) || err == nil && len(left) == 0 {
			continue
		}
		if len(left) < before {
			tries = 0
		}
		tries++
		if err != nil && !(tries < closing && passing(err)) {
			d.s.condition.bad(d.s.explain(err))
		}
		pause(ctx, backoff(tries))
	}
}

// closing is how often what a rebuild refuses for the moment is tried before that is a
// trouble: some ten seconds.
const closing = 8

// passing says that a rebuild may stand in the way, which does so for moments.
func passing(err error) bool { return isShut(err) || isGone(err) }

// isShut says that an index takes no writes, because somebody has said so.
func isShut(err error) bool {
	return isBlocked(err) && strings.Contains(err.Error(), "FORBIDDEN/8/")
}

// isBlocked says that indices only let themselves be read.
func isBlocked(err error) bool {
	r := (*refused)(nil)
	return errors.As(err, &r) && r.Type == blocked
}

// blocked is what Elasticsearch calls an index that does not take what it is asked.
const blocked = "cluster_block_exception"

// errands puts together what is done to the same mention.
func errands(ops []op) (all []*errand) {
	of := map[string]*errand{}
	for _, o := range ops {
		e := of[o.id]
		if e == nil {
			e = &errand{id: o.id}
			of[o.id] = e
			all = append(all, e)
		}
		e.ops = append(e.ops, o)
	}
	return all
}

// errAgain says that a round should be flown again at once.
var errAgain = errors.New("another wrote at the same time")

// round looks up, folds and writes once. It returns what is left to do, and why.
func (d *sender) round(ctx context.Context, all []*errand) (left []*errand, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	sources := d.sources.Get().(*[]byte)
	defer d.sources.Put(sources)
	*sources = (*sources)[:0]
	todo, done, bad, err := d.plan(ctx, all, sources)
	if err != nil {
		return all, err
	}
	if err := d.ensure(ctx, append(todo, done...)); err != nil {
		return all, err
	}
	d.land(done)
	left, err = d.send(ctx, todo)
	return d.bury(ctx, bad, left, err)
}

// plan says what must be written, of which the documents stand in sources; done needs no
// writing, and bad cannot be read.
func (d *sender) plan(ctx context.Context, all []*errand, sources *[]byte) (todo, done, bad []*errand, err error) {
	if err := d.locate(ctx, all); err != nil {
		return nil, nil, nil, err
	}
	found, err := d.s.lookup(ctx, d.s.wants(all))
	if err != nil {
		return nil, nil, nil, err
	}
	var orphans []*errand
	for _, e := range all {
		e.writes, e.in, e.why, e.later = nil, nil, nil, false
		switch e.why = d.s.plan(e, found[e.id], sources); {
		case e.why != nil:
			bad = append(bad, e)
		case len(e.writes) > 0:
			todo = append(todo, e)
		case !e.after.exists:
			orphans = append(orphans, e)
		default:
			done = append(done, e)
		}
	}
	mourning, idle, err := d.mourn(ctx, orphans)
	return todo, append(done, idle...), append(bad, mourning...), err
}

// mourn parts what is done to mentions that are kept nowhere: where the mention is
// among the dead letters, what came after it belongs there too, to be sent again with it.
func (d *sender) mourn(ctx context.Context, orphans []*errand) (mourning, idle []*errand, err error) {
	if len(orphans) == 0 {
		return nil, nil, nil
	}
	ids := make([]string, len(orphans))
	for i, e := range orphans {
		ids[i] = e.id
	}
	dead, err := d.s.spool.obituaries(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range orphans {
		if o, ok := dead[e.id]; ok {
			e.with, e.why = o, errors.New(o.reason)
			mourning = append(mourning, e)
		} else {
			idle = append(idle, e)
		}
	}
	return mourning, idle, nil
}

// wants is how mentions are looked up: where they are remembered to stand, or
// everywhere. What is remembered to stand nowhere is not looked up.
func (s *Store) wants(all []*errand) (wants []wanted) {
	for _, e := range all {
		p, _ := s.memory.get(e.id)
		w := wanted{id: e.id, in: slices.Clone(e.near), search: e.search || p.index == "" && !p.absent}
		if p.index != "" && !slices.Contains(w.in, p.index) {
			w.in = append(w.in, p.index)
		}
		if w.search || len(w.in) > 0 {
			wants = append(wants, w)
		}
	}
	return wants
}

// plan folds what waits over what is kept, and says where it goes. Where a mention
// was first kept fixes its index, until a watch claims it or none does any more.
func (s *Store) plan(e *errand, kept []stand, sources *[]byte) error {
	var one *stand
	var before *mention.Mention
	grown := false
	if len(kept) > 0 {
		united, more, err := unite(kept)
		if err != nil {
			return err
		}
		one, before, grown = &united, &united.mention, more
		e.in = append(e.in, one.index)
	}
	var err error
	if e.after, err = s.fold(before, e.ops); err != nil || !e.after.exists {
		return err
	}
	index := s.sender.home(&e.after.mention)
	if one != nil && s.names.sort(one.index) == s.names.sort(index) {
		index = one.index
	}
	if one == nil || e.after.changed || grown || index != one.index {
		start := len(*sources)
		if *sources, err = s.documents.append(*sources, &e.after.mention, e.after.packed); err != nil {
			return err
		}
		e.writes = append(e.writes, writeTo(index, kept, (*sources)[start:]))
	}
	wait := len(e.writes) > 0 && !e.waited // each line of a request stands for itself: one may fail, and another not
	for i := range kept {
		switch {
		case kept[i].index == index:
		case wait:
			e.later, e.near = true, append(e.near, kept[i].index)
		default:
			e.writes = append(e.writes, write{action: "delete", index: kept[i].index, over: &kept[i]})
		}
	}
	for _, w := range e.writes {
		if !slices.Contains(e.in, w.index) {
			e.in = append(e.in, w.index)
		}
	}
	return nil
}

// writeTo creates a document, or writes over the one that was read, if it is still as it was.
func writeTo(index string, kept []stand, source []byte) write {
	for i := range kept {
		if kept[i].index == index {
			return write{action: "index", index: index, over: &kept[i], source: source}
		}
	}
	return write{action: "create", index: index, source: source}
}

// land notes what is written: it leaves the spool when it can be found.
func (d *sender) land(all []*errand) {
	if len(all) == 0 {
		return
	}
	var w written
	for _, e := range all {
		for _, o := range e.ops {
			w.seqs = append(w.seqs, o.seq)
		}
		if d.s.joined.Load() && len(e.writes) > 0 && e.writes[0].action == "create" {
			w.made = append(w.made, e.id)
		}
		for _, index := range e.in {
			if !slices.Contains(w.indices, index) {
				w.indices = append(w.indices, index)
			}
		}
	}
	d.wrote(w)
}

// send makes the bulk request. A server that cannot take all of it in one gets
// halves; one mention that it cannot take at all is dead.
func (d *sender) send(ctx context.Context, todo []*errand) (left []*errand, err error) {
	if len(todo) == 0 {
		return nil, nil
	}
	select {
	case d.runway <- struct{}{}:
	case <-ctx.Done():
		return todo, ctx.Err()
	}
	start := time.Now()
	size, err := d.bulk(ctx, todo)
	<-d.runway
	sent := Sent{Mentions: len(todo), Bytes: size, Took: time.Since(start), Err: err}
	defer func() { d.tell(sent) }()
	switch unfit := unfit(err); {
	case unfit && len(todo) > 1:
		half := len(todo) / 2
		first, err1 := d.send(ctx, todo[:half])
		second, err2 := d.send(ctx, todo[half:])
		return append(first, second...), errors.Join(err1, err2)
	case unfit:
		todo[0].why = err
		sent.Dead = 1
		return d.bury(ctx, todo, nil, nil)
	case err != nil:
		return todo, err
	}
	written, dead, left, err := outcomes(todo)
	sent.Dead = len(dead)
	for _, e := range left {
		if e.why != nil {
			sent.Refused++
		}
	}
	d.land(written)
	if len(left) == 0 {
		d.s.condition.ok()
	}
	return d.bury(ctx, dead, left, err)
}

// unfit says that a request can never be taken as it is: it is too large, or
// Elasticsearch itself finds it wrong. What a proxy on the way calls wrong may pass
// once somebody has mended the proxy.
func unfit(err error) bool {
	if r := (*refused)(nil); errors.As(err, &r) && r.Status == http.StatusBadRequest {
		return true
	}
	return status(err) == http.StatusRequestEntityTooLarge
}

// outcomes parts what was answered. The error is why something is left; what is written
// and leaves a double to be deleted is left too.
func outcomes(all []*errand) (written, dead, left []*errand, err error) {
	again := 0
	for _, e := range all {
		switch {
		case e.why == nil && e.later:
			e.waited = true
			left = append(left, e)
			again++
		case e.why == nil:
			written = append(written, e)
		case forGood(e.why):
			dead = append(dead, e)
		default:
			left, err = append(left, e), e.why
			if status(e.why) == http.StatusConflict || isGone(e.why) { // its index is gone
				again++
			}
		}
	}
	if len(left) > 0 && again == len(left) {
		err = errAgain
	}
	return written, dead, left, err
}

func (d *sender) tell(sent Sent) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.observe(sent)
}

// bury moves what was refused for good to the dead letters. What it cannot move is
// left with the rest.
func (d *sender) bury(ctx context.Context, dead, rest []*errand, err error) ([]*errand, error) {
	for _, e := range dead {
		if why := d.s.spool.bury(ctx, e.ops, obituaryOf(e), d.s.now()); why != nil {
			rest, err = append(rest, e), why
			continue
		}
		d.s.memory.change(e.id, func(p *place) { p.known = false })
		d.s.log.Error("a mention cannot be kept in Elasticsearch: it is among the dead letters", "id", e.id, "err", e.why)
	}
	if len(dead) > 0 {
		d.noteMoved()
	}
	return rest, err
}
