package app

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// peer is another shard as shard 0 knows it.
type peer struct {
	store.Pulse
	heard  bool          // it has given a sign of life since we started
	quiet  time.Duration // since the last one, as far as we could have heard it
	joined bool          // rules wait for it
	gap    time.Time     // what it saw since then may have been found after rules were asked; zero when it was always waited for
}

// alive says whether a shard is not silent.
func (f *shards) alive(p *peer) bool { return p.heard && p.quiet <= f.silence() }

// look hears the others and how their sources stand.
func (f *shards) look(ctx context.Context) error {
	standings, err := f.read(ctx)
	if err != nil {
		return err
	}
	pulses, err := f.peers.Pulses(ctx)
	if err != nil {
		return err
	}
	now := f.app.Steady()
	elapsed := min(now.Sub(f.looked), 2*f.every) // while we heard nothing ourselves nobody was silent
	if f.tries++; f.tries == 1 {
		elapsed = 0
	}
	f.looked = now
	late, wake := f.hear(pulses, standings, elapsed)
	if !late.IsZero() {
		f.app.engine.Reread(late)
	}
	wake()
	return f.witness(ctx)
}

// hear takes what the others said. late is since when what they saw may have been
// found after the rules were asked, zero when nothing was.
func (f *shards) hear(pulses []store.Pulse, standings map[string]standing, elapsed time.Duration) (late time.Time, wake func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.standings = standings
	for _, p := range f.known {
		p.quiet += elapsed
	}
	for _, pulse := range pulses {
		if pulse.Shard != f.app.Shard.Index {
			late = soonest(late, f.take(pulse))
		}
	}
	for _, i := range slices.Sorted(maps.Keys(f.known)) {
		late = soonest(late, f.admit(f.known[i]))
	}
	f.settle()
	return late, f.wake
}

// take notes a sign of life. The first one that we find may be of last year: only one
// that changes says that somebody lives. late is since when what it sent again was known.
func (f *shards) take(pulse store.Pulse) (late time.Time) {
	p := f.known[pulse.Shard]
	switch {
	case p == nil, p.Run == "":
		first := &peer{Pulse: pulse, gap: soonest(pulse.From, pulse.Upto)}
		first.Resent = store.Resent{} // nobody has gone back to it since we started
		if p != nil {
			first.quiet = p.quiet
		}
		f.known[pulse.Shard] = first
	case p.Run != pulse.Run || p.Beat != pulse.Beat:
		if again := pulse.Resent; again.Times > 0 && (p.Run != pulse.Run || p.Resent.Times != again.Times) {
			late = again.Since.Add(-time.Microsecond)
		}
		p.Pulse, p.heard, p.quiet = pulse, true, 0
	}
	return late
}

// admit decides whether rules wait for a shard: from when all that it saw can be found,
// as far as a few moments ago, until it is silent.
func (f *shards) admit(p *peer) (late time.Time) {
	switch {
	case p.joined && !f.alive(p):
		p.joined, p.gap = false, p.Upto
		f.app.Log.Error("a shard is silent: its sources are not read, and rules no longer wait for it", "shard", p.Shard, "since", p.At)
	case !p.joined && f.alive(p) && p.At.Sub(p.Upto) <= f.silence():
		p.joined = true
		f.app.Log.Info("a shard is there", "shard", p.Shard, "total", p.Total)
		if f.settled {
			late = p.gap
		}
		p.gap = time.Time{}
	}
	return late
}

// settle lets rules be asked once each shard that is expected was heard, or waited for.
func (f *shards) settle() {
	if f.settled {
		return
	}
	for i := 1; i < f.app.Shard.Total; i++ {
		if p := f.known[i]; !p.joined && p.quiet <= f.silence() {
			return
		}
	}
	f.settled = true
	close(f.ready)
	for _, p := range f.known {
		if !p.joined && !f.alive(p) && p.Shard < f.app.Shard.Total {
			f.app.Log.Error("a shard has given no sign of life: its sources are not read", "shard", p.Shard)
		}
	}
}

// waiting is the earliest instant that a shard we wait for has not reached.
func (f *shards) waiting() (earliest time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.known {
		if p.joined {
			earliest = soonest(earliest, p.Upto.Add(time.Microsecond))
		}
	}
	return earliest
}

// soonest is the earlier of two times; zero is none.
func soonest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// witnessed is how a source elsewhere was last journalled.
type witnessed struct {
	blind  bool
	health crawler.Health
	reason string
	shard  string // the run that visits it, "" for nobody
}

// witness journals how the sources stand that others visit: those that nobody visits
// any more are not read.
func (f *shards) witness(ctx context.Context) error {
	for _, j := range f.app.built.Load().elsewhere {
		s, run := f.of(j.Name)
		now := witnessed{s.Blind, s.Visit.Health, s.Visit.Reason, run}
		if before, ok := f.told[j.Name]; ok && before == now {
			continue
		}
		err := f.app.state.Witness(ctx, j.Name, state.Witnessed{Health: s.Visit.Health, Reason: s.Visit.Reason, Blind: s.Blind, Since: s.Since})
		if err != nil {
			return err
		}
		f.told[j.Name] = now
	}
	return nil
}

// of is how a source elsewhere stands, and the run of the shard that visits it: not
// read, and "", when nobody does.
func (f *shards) of(source string) (s standing, run string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s, noted := f.standings[source]
	for _, p := range f.known {
		if noted && p.joined && p.Shard == s.Shard && (crawler.Shard{Index: p.Shard, Total: p.Total}).Visits(source) {
			return s, p.Run
		}
	}
	s.Visit.Source = source
	s.Blind, s.Since = true, s.Visit.LastSuccess
	return s, ""
}

// shardsMeasured is this process among the others, for a scrape.
func (a *App) shardsMeasured() dashboards.Fleet {
	fleet := dashboards.Fleet{Ordinal: a.Shard.Index, Total: a.Shard.Total}
	if a.shards == nil {
		return fleet
	}
	f := a.shards
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, i := range slices.Sorted(maps.Keys(f.known)) {
		if p := f.known[i]; p.joined || i < a.Shard.Total {
			fleet.Others = append(fleet.Others, dashboards.Shard{Ordinal: i, Alive: p.joined, Total: p.Total})
		}
	}
	return fleet
}

// shareOut divides what a configuration visits between this shard and the others.
func shareOut(s crawler.Shard, jobs []crawler.Job) (ours, elsewhere []crawler.Job) {
	for _, j := range jobs {
		if s.Visits(j.Name) {
			ours = append(ours, j)
		} else {
			elsewhere = append(elsewhere, j)
		}
	}
	return ours, elsewhere
}

// elsewhere says which shard visits a source that we do not.
func (a *App) elsewhere(source string) (shard int, is bool) {
	p := a.built.Load()
	if p == nil || !slices.ContainsFunc(p.elsewhere, func(j crawler.Job) bool { return j.Name == source }) {
		return 0, false
	}
	return a.Shard.Of(source), true
}

// watched are the sources whose silence this process answers for: all, when it thinks.
func (a *App) watched(f *config.File) (names []string) {
	for _, name := range unpaused(f) {
		if a.thinks() || a.Shard.Visits(name) {
			names = append(names, name)
		}
	}
	return names
}

// visitElsewhere is what is known of a source that another shard visits.
func (a *App) visitElsewhere(source string) crawler.Visit {
	s, run := a.shards.of(source)
	v := crawler.Visit(s.Visit)
	if run == "" {
		v.Blind, v.BlindSince = true, s.Since
	}
	return v
}
