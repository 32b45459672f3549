package app

import (
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
)

// editionsOf are what a channel is told at its own hours: its digest, or, when it has
// none, a sign of life each week. A digest that is left out on quiet days is no sign of
// life.
func editionsOf(f *config.File, c config.Channel) (all []alerting.Edition) {
	watches := editionWatches(f, c.Digest.Watches)
	if !c.Digest.IsZero() {
		all = append(all, alerting.Edition{
			Kind:    alerting.Digest,
			Cadence: alerting.Cadence{Every: alerting.Every(c.Digest.Every), On: c.Digest.Weekday(), At: c.Digest.At.Of, Zone: f.Organisation.Zone()},
			Watches: watches, Sources: unpaused(f), OnlyNews: c.Digest.OnlyNews,
		})
	}
	if (c.Digest.IsZero() || c.Digest.OnlyNews) && !c.NoSign && !channelKinds[c.Kind].machine {
		all = append(all, alerting.Edition{
			Kind:    alerting.SignOfLife,
			Cadence: alerting.Cadence{Every: alerting.Weekly, On: time.Monday, At: 9 * time.Hour, Zone: f.Organisation.Zone()},
			Watches: watches, Sources: unpaused(f),
		})
	}
	return all
}

// nearness orders what is watched: one's own name first.
var nearness = []string{config.Self, config.Parent, config.Sister, config.Theme, config.Competitor}

// editionWatches are the watches of these names, every watch when there is none.
func editionWatches(f *config.File, names []string) (all []alerting.EditionWatch) {
	for _, w := range f.Watches {
		if len(names) == 0 || slices.Contains(names, w.Name) {
			all = append(all, alerting.EditionWatch{Name: w.Name, Own: w.Relation == config.Self, Rank: slices.Index(nearness, w.Relation)})
		}
	}
	return all
}

// digested says whether all whom a rule tells read a digest of that watch each day, so
// that only what cannot wait need be told at once. One's own name always is.
func digested(f *config.File, p pair) bool {
	i := slices.IndexFunc(f.Watches, func(w config.Watch) bool { return w.Name == p.watch })
	if i < 0 || f.Watches[i].Relation == config.Self {
		return false
	}
	first, _ := f.Told(p.Rule)
	for _, c := range first {
		covers := len(c.Digest.Watches) == 0 || slices.Contains(c.Digest.Watches, p.watch)
		if c.Digest.Every != config.EveryDay || !covers {
			return false
		}
	}
	return len(first) > 0
}
