package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

// Shards visit sources, and one of them, shard 0, thinks: it asks the rules, joins the
// stories, tells people and shows the page. What they know of each other goes through
// the store: every shard gives a sign of life with how far all that it saw can be found,
// and notes how its sources stand. Shard 0 asks no rule about an instant that another
// shard has not reached; one that is silent for long is no longer waited for, and its
// sources are not read. Times are compared with those of the same machine only.
const (
	pulseEvery   = 5 * time.Second
	silentPulses = 24 // after so many without a sign of life, nobody is waited for
	peerLimit    = 20 * time.Second
)

// errShared refuses shards over a store that they cannot share.
var errShared = say.Errorf(say.Text{
	EN: "several processes cannot share the store of kind “local”; write store: {kind: elastic, addresses: […]} in the configuration, or start one process without --shard",
	FR: "plusieurs processus ne peuvent pas partager un stockage de type «\u00a0local\u00a0»; écrivez store: {kind: elastic, addresses: […]} dans la configuration, ou démarrez un seul processus, sans --shard",
})

// shards is this shard among the others. It is nil in a process that is alone.
type shards struct {
	app   *App
	peers store.Peers
	joint store.Joint // nil in a store that refuses nothing
	every time.Duration
	run   string
	wake  func()    // rings whoever waits for the watermark
	from  time.Time // all that we see is seen after that

	beats  int
	noted  map[string][]byte // how our sources stand, as the others know
	told   map[string]witnessed
	looked time.Time // the last look at the others that was answered, steady
	tries  int       // looks at the others that were answered

	mu        sync.Mutex
	known     map[int]*peer
	standings map[string]standing
	settled   bool
	ready     chan struct{}    // closed once settled: rules may be asked
	refused   []store.Refusals // of the other shards, as shard 0 knows
	resent    store.Resent     // by this shard, since its run began
	troubled  bool
}

// newShards is nil for a process that is alone.
func newShards(a *App) (*shards, error) {
	if a.Shard.Alone() {
		return nil, nil
	}
	peers, ok := a.store.(store.Peers)
	if !ok {
		return nil, errShared
	}
	joint, _ := a.store.(store.Joint)
	f := &shards{app: a, peers: peers, joint: joint, every: a.Pulse, run: rand.Text(), wake: func() {}, noted: map[string][]byte{}, told: map[string]witnessed{},
		known: map[int]*peer{}, standings: map[string]standing{}, ready: make(chan struct{})}
	if f.every == 0 {
		f.every = pulseEvery
	}
	for i := 1; i < a.Shard.Total && a.thinks(); i++ {
		f.known[i] = &peer{Pulse: store.Pulse{Shard: i, Total: a.Shard.Total}}
	}
	return f, nil
}

// thinks says whether this process asks the rules and shows the page.
func (a *App) thinks() bool { return a.Shard.Index == 0 }

func (f *shards) silence() time.Duration { return silentPulses * f.every }

// Run gives signs of life until ctx ends, and looks at the others when we think.
func (f *shards) Run(ctx context.Context) error {
	bell := f.app.Bell()
	defer bell.Close()
	for ctx.Err() == nil {
		f.round(ctx)
		bell.Wait(ctx, f.every)
	}
	return nil
}

// round is one sign of life and one look. A store that does not answer is no news of
// the others: nobody falls silent by it.
func (f *shards) round(ctx context.Context) {
	limited, cancel := context.WithTimeout(ctx, peerLimit)
	defer cancel()
	err := f.beat(limited)
	if err == nil && f.app.thinks() {
		err = f.look(limited)
	}
	if err == nil && f.joint != nil {
		err = f.mourn(limited)
	}
	if ctx.Err() != nil {
		return
	}
	if err != nil && !f.troubled {
		f.app.Log.Warn("the other shards cannot be reached through the store; trying again", "err", err)
	} else if err == nil && f.troubled {
		f.app.Log.Info("the other shards can be reached again")
	}
	f.troubled = err != nil
}

// beat notes how our sources stand, and then that we live: whoever sees the sign of
// life sees what was noted before it.
func (f *shards) beat(ctx context.Context) error {
	f.mu.Lock()
	resent := f.resent // first: what it was is found by then, or holds upto up
	f.mu.Unlock()
	upto := f.app.line.Watermark.Upto()
	if err := f.note(ctx); err != nil {
		return err
	}
	f.beats++
	return f.peers.Beat(ctx, store.Pulse{Shard: f.app.Shard.Index, Total: f.app.Shard.Total, Run: f.run, Beat: f.beats, At: f.app.Now().UTC(), From: f.from, Upto: upto, Resent: resent})
}

// refusedTold is how many refused mentions a shard shows to the others.
const refusedTold = 50

// mourn shows what was refused of ours, and does what shard 0 asks, or hears what was
// refused of the others.
func (f *shards) mourn(ctx context.Context) error {
	if !f.app.thinks() {
		n, err := f.joint.Obey(ctx, f.app.Shard.Index)
		if n > 0 {
			f.app.Log.Info("refused mentions are sent again, as shard 0 asks", "count", n)
		}
		if err != nil {
			return err
		}
	}
	if err := f.joint.Admit(ctx, f.app.Shard.Index, refusedTold); err != nil || !f.app.thinks() {
		return err
	}
	all, err := f.joint.Admitted(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused = all
	return nil
}

// standing is what a Standing holds: how far a source was read, and whether it can be
// trusted, which only its own shard knows.
type standing struct {
	Shard int       `json:"-"`
	Visit visit     `json:"visit"`
	Blind bool      `json:"blind,omitempty"`
	Since time.Time `json:"since,omitzero"` // not read since, while blind
}

func (f *shards) note(ctx context.Context) error {
	now := f.app.Now().UTC()
	ours, err := f.ours(ctx, now)
	if err != nil {
		return err
	}
	var changed []store.Standing
	for _, source := range slices.Sorted(maps.Keys(ours)) {
		body, err := json.Marshal(ours[source])
		if err != nil {
			return fmt.Errorf("write how %s stands: %w", source, err)
		}
		if !bytes.Equal(body, f.noted[source]) {
			changed = append(changed, store.Standing{Source: source, Shard: f.app.Shard.Index, At: now, Body: body})
		}
	}
	if len(changed) == 0 {
		return nil
	}
	if err := f.peers.Note(ctx, changed); err != nil {
		return err
	}
	for _, s := range changed {
		f.noted[s.Source] = s.Body
	}
	return nil
}

// ours is how the sources stand that we visit, as far as they were ever visited.
func (f *shards) ours(ctx context.Context, now time.Time) (map[string]standing, error) {
	visits, err := f.app.state.Visits(ctx)
	if err != nil {
		return nil, err
	}
	configured := map[string]bool{}
	for _, j := range f.app.built.Load().jobs {
		configured[j.Name] = true
	}
	ours := map[string]standing{}
	var names []string
	for _, v := range visits {
		if configured[v.Source] {
			ours[v.Source] = standing{Visit: visit(v)}
			names = append(names, v.Source)
		}
	}
	blind, err := f.app.state.BlindAt(ctx, names, now)
	for _, b := range blind {
		s := ours[b.Source]
		s.Blind, s.Since = true, b.Since
		ours[b.Source] = s
	}
	return ours, err
}

// adopt takes over what other shards noted of our sources, where they read further
// than we did. A source that nobody here has visited waits for an answer: its first
// visit would be taken for history.
func (f *shards) adopt(ctx context.Context) error {
	bell := f.app.Bell()
	defer bell.Close()
	visits, err := f.app.state.Visits(ctx)
	if err != nil {
		return err
	}
	last := map[string]time.Time{}
	for _, v := range visits {
		last[v.Source] = v.Last
	}
	patient := slices.ContainsFunc(f.app.built.Load().jobs, func(j crawler.Job) bool { return last[j.Name].IsZero() })
	for {
		err := f.adoptOnce(ctx, last)
		if err == nil || ctx.Err() != nil {
			return nil
		}
		f.app.Log.Warn("how far other shards have read our sources cannot be asked", "err", err, "waiting", patient)
		if !patient {
			return nil
		}
		bell.Wait(ctx, f.every)
	}
}

func (f *shards) adoptOnce(ctx context.Context, last map[string]time.Time) error {
	limited, cancel := context.WithTimeout(ctx, peerLimit)
	defer cancel()
	all, err := f.read(limited)
	if err == nil && f.joint != nil { // from now on the store looks for what two of us made at the same time
		err = f.joint.Admit(limited, f.app.Shard.Index, refusedTold)
	}
	if err != nil {
		return err
	}
	for _, j := range f.app.built.Load().jobs {
		if s, ok := all[j.Name]; ok && s.Visit.Last.After(last[j.Name]) {
			if err := f.app.state.SaveVisit(ctx, crawler.Visit(s.Visit)); err != nil {
				return err
			}
			f.app.Log.Info("a source is taken over", "source", j.Name, "from_shard", s.Shard, "read", s.Visit.Last)
		}
	}
	return nil
}

// read is what all shards noted. What cannot be read is as if it were not there.
func (f *shards) read(ctx context.Context) (map[string]standing, error) {
	noted, err := f.peers.Standings(ctx)
	if err != nil {
		return nil, err
	}
	all := map[string]standing{}
	for _, n := range noted {
		var s standing
		if err := json.Unmarshal(n.Body, &s); err != nil || s.Visit.Source != n.Source {
			f.app.Log.Warn("what another shard noted of a source is unreadable", "source", n.Source, "shard", n.Shard)
			continue
		}
		s.Shard = n.Shard
		all[n.Source] = s
	}
	return all, nil
}

// shared is a store whose Waiting speaks of what all shards hold.
type shared struct {
	store.Store
	shards *shards
}

// Waiting implements pipeline.Index.
func (s shared) Waiting() time.Time {
	ours, theirs := s.Store.Waiting(), s.shards.waiting()
	if ours.IsZero() || !theirs.IsZero() && theirs.Before(ours) {
		return theirs
	}
	return ours
}

// OnFound implements pipeline.Index.
func (s shared) OnFound(ring func()) {
	s.Store.OnFound(ring)
	s.shards.mu.Lock()
	defer s.shards.mu.Unlock()
	s.shards.wake = ring
}

// CheckShard refuses a shard of a configuration whose store cannot be shared.
func CheckShard(s crawler.Shard, f *config.File) error {
	if !s.Alone() && !storeKinds[f.Store.Kind].shared {
		return errShared
	}
	return nil
}

// engineRun asks the rules once it is known how far the other shards are.
func (a *App) engineRun(ctx context.Context) error {
	if a.shards != nil {
		select {
		case <-a.shards.ready:
		case <-ctx.Done():
			return nil
		}
	}
	return a.engine.Run(ctx)
}

// crawlerRun visits, once it is known how far others have read.
func (a *App) crawlerRun(ctx context.Context) error {
	if a.shards != nil {
		if err := a.shards.adopt(ctx); err != nil && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return a.crawler.Run(ctx)
}
