package app

import (
	"context"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/web"
)

var _ web.Advisories = incidents{}

// Advise implements web.Advisories.
func (i incidents) Advise(ctx context.Context, d alerting.Draft) (alerting.Incident, error) {
	return i.engine.Advise(ctx, d)
}

// TakeBack implements web.Advisories.
func (i incidents) TakeBack(ctx context.Context, id string, by alerting.Person, at time.Time) (alerting.Incident, error) {
	return i.engine.TakeBack(ctx, id, by, at)
}

// Receive implements web.Advisories.
func (i incidents) Receive(ctx context.Context, id string, r alerting.Receipt) (alerting.Incident, error) {
	return i.engine.Receive(ctx, id, r)
}

// affiliates are, by watch, those of the organisations beneath whose people read here:
// the watches about oneself. Where one alone listens to its parent there are none, for
// nobody of the parent's team is here to advise it.
func affiliates(f *config.File) map[string][]string {
	all := map[string][]string{}
	for _, w := range f.Watches {
		if w.Relation != config.Self {
			continue
		}
		for _, above := range kinOf(f, w.Name).Above {
			all[above] = append(all[above], w.Name)
		}
	}
	for _, w := range f.Watches {
		if w.Relation != config.Self && len(all[w.Name]) < 2 {
			delete(all, w.Name)
		}
	}
	return all
}

// watchesOf are the watches about which a channel tells anybody anything: those that its
// rules look at, and those of its digest.
func watchesOf(f *config.File, c config.Channel) (all []string) {
	looked := pairs(f)
	for _, w := range f.Watches {
		told := slices.ContainsFunc(looked, func(p pair) bool {
			return p.watch == w.Name && (len(p.Channels) == 0 || slices.Contains(p.Channels, c.Name))
		})
		if told || !c.Digest.IsZero() && (len(c.Digest.Watches) == 0 || slices.Contains(c.Digest.Watches, w.Name)) {
			all = append(all, w.Name)
		}
	}
	return all
}

// advised is how many advisories are in force for each watch that may be advised.
func (a *App) advised(ctx context.Context) (all []dashboards.Advised) {
	inForce, err := a.state.AdvisoriesInForce(ctx, a.Now())
	if err != nil {
		a.Log.Warn("advisories are not counted", "err", err)
		return nil
	}
	advised := map[string]int{}
	for _, below := range a.built.Load().affiliates {
		for _, watch := range below {
			advised[watch] = 0
		}
	}
	for _, i := range inForce {
		for _, watch := range i.Facts.Advisory.To {
			if _, listens := advised[watch]; listens {
				advised[watch]++
			}
		}
	}
	for watch, n := range advised {
		all = append(all, dashboards.Advised{Watch: watch, Advisories: n})
	}
	return all
}
