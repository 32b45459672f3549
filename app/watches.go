package app

import (
	"context"
	"sync/atomic"

	"github.com/ouidire/ouidire/analyzer/language"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/pipeline"
	"github.com/ouidire/ouidire/watch"
)

var _ pipeline.Matcher = (*watches)(nil)

// watches is the set in force; a reload replaces it between two mentions.
type watches struct{ set atomic.Pointer[watch.Set] }

// Match implements pipeline.Matcher.
func (w *watches) Match(m *mention.Mention) []mention.Hit { return w.set.Load().Match(m) }

// listens says whether there is a watch of that name.
func (w *watches) listens(name string) bool {
	_, ok := w.set.Load().Watch(name)
	return ok
}

// newWatches reads the queries of a configuration and whose places are whose.
func newWatches(f *config.File, o watch.Options) (*watches, error) {
	var all []watch.Watch
	for _, w := range f.Watches {
		one := watch.Watch{Name: w.Name, Organisation: w.Title, Query: w.Query, Relation: watch.Relation(w.Relation), Parent: w.Parent}
		for _, s := range f.Sources {
			if s.Own && s.Watch == w.Name {
				one.OwnSources = append(one.OwnSources, s.Name)
			}
		}
		all = append(all, one)
	}
	set, err := watch.New(all, o)
	if err != nil {
		return nil, err
	}
	w := &watches{}
	w.set.Store(set)
	return w, nil
}

// watchOptions is what the watches cannot see in a mention.
func (a *App) watchOptions() watch.Options {
	return watch.Options{
		Language: func(text string) string { return string(language.Detect(text)) },
		OwnPost: func(id string) (source string, ok bool) {
			m, err := a.store.Get(context.Background(), id)
			return m.Source, err == nil && m.Own
		},
	}
}
