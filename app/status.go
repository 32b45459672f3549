package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
	"github.com/ouidire/ouidire/web"
)

// status is what the page shows of the running program.
func (a *App) status(ctx context.Context) web.Status {
	f := a.current.Load()
	s := web.Status{Organisation: f.Organisation.Name, Short: f.Organisation.Short, Lang: f.Organisation.Lang(), Zone: f.Organisation.Zone(),
		Sources: a.sources(), Channels: a.channelsShown(ctx), Named: named(f), Demo: a.Demo != nil}
	built := a.built.Load()
	measured := gauges(built.rules)
	for _, w := range f.Watches {
		g := measured[w.Name]
		s.Watches = append(s.Watches, web.Watch{Name: w.Name, Title: w.Title, Query: w.Query, Relation: w.Relation, Parent: w.Parent, Affiliates: built.affiliates[w.Name], Deaf: g.Deaf, Wary: g.Wary})
	}
	for _, r := range rulesOf(f) {
		s.Rules = append(s.Rules, web.Rule{Name: r.Name, Kind: r.Kind, Watch: r.Watch, Given: len(f.Rules) > 0})
	}
	s.Outdated, s.Rereading = int(a.outdated.Load()), a.rereading(ctx)
	_, s.Waiting = config.Changes(a.Config, f)
	if err := a.refused.Load(); err != nil {
		s.BadConfig = *err
	}
	return s
}

// sources are the configured sources with what is remembered of them.
func (a *App) sources() []web.Source {
	visits := map[string]crawler.Visit{}
	for _, v := range a.crawler.Visits() {
		visits[v.Source] = v
	}
	p := a.built.Load()
	for _, j := range p.elsewhere {
		visits[j.Name] = a.visitElsewhere(j.Name)
	}
	all := make([]web.Source, 0, len(p.jobs))
	for _, j := range slices.Concat(p.jobs, p.elsewhere) {
		shard, _ := a.elsewhere(j.Name)
		all = append(all, web.Source{Name: j.Name, Kind: j.Kind, Own: j.Own, Every: j.Interval(), Visit: visits[j.Name], Shard: shard})
	}
	for _, s := range a.current.Load().Sources {
		if s.Paused {
			all = append(all, web.Source{Name: s.Name, Kind: s.Kind, Own: s.Own, Every: s.Every, Paused: true})
		}
	}
	return all
}

// incidents are read from the ledger and changed through the engine.
type incidents struct {
	*state.DB
	engine *alerting.Engine
}

// Act implements web.Incidents.
func (i incidents) Act(ctx context.Context, act alerting.Action) (alerting.Incident, error) {
	return i.engine.Act(ctx, act)
}

// ready tells whether the program can do its work: the clock can be believed, both
// databases answer, and what was found last could be kept.
func (a *App) ready(ctx context.Context) error {
	if seen, behind := a.clockIsBehind(); behind {
		return fmt.Errorf("the clock says %s, and something was seen up to %s", a.Now().UTC().Format(time.RFC3339), seen.UTC().Format(time.RFC3339))
	}
	if err := a.unkept.first(a.current.Load()); err != nil {
		return err
	}
	if _, err := a.state.LastSeen(ctx); err != nil {
		return err
	}
	_, _, err := a.store.Search(ctx, store.Question{}, 1, "")
	return err
}

// blind is which sources could not be read at an instant. Every watch listens to
// every source.
func (a *App) blind(ctx context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
	return a.state.BlindAt(ctx, a.watched(a.current.Load()), at)
}

// blindOf answers for the sources of a configuration, of which this process reads all.
func blindOf(f *config.File, db *state.DB) alerting.BlindFunc {
	return func(ctx context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
		return db.BlindAt(ctx, unpaused(f), at)
	}
}
