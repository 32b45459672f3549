package app

import (
	"context"
	"reflect"
	"slices"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

// take puts a configuration in force: watches, sources, rules, channels.
func (a *App) take(f *config.File) error {
	p, err := a.build(f)
	if err == nil {
		a.install(f, p)
	}
	return err
}

// install puts what was built of a configuration in force; it cannot fail.
func (a *App) install(f *config.File, p *parts) {
	if a.Level != nil {
		_ = a.Level.UnmarshalText([]byte(f.Log.Level)) // config has checked it
	}
	a.page.Store(p.page)
	a.watches.set.Store(p.watches.set.Load())
	a.metrics.Prepare(configured(f, p.rules))
	a.engine.Use(p.rules, p.channels)
	a.crawler.SetJobs(p.jobs)
	if a.client != nil {
		a.client.Close()
	}
	a.client = p.client
	a.renewStore(f)
	a.current.Store(f)
	a.built.Store(p)
	a.refused.Store(nil)
	a.metrics.Reloaded(true, a.Now())
}

// renewStore takes a key that was changed to the store, while it runs.
func (a *App) renewStore(f *config.File) {
	before := a.current.Load()
	store, ok := a.store.(interface{ Renew(config any) error })
	if !ok || before == nil || reflect.DeepEqual(before.Store, f.Store) {
		return
	}
	if err := store.Renew(f.Store.Config); err != nil {
		a.Log.Error("the changed key of the store is not taken; the previous one holds", "err", err)
	}
}

// Reload reads a configuration again. One that cannot work changes nothing, and is
// said in the log, on the page and in the metrics.
func (a *App) Reload(ctx context.Context, read func() (*config.File, error)) {
	a.changing.Lock()
	defer a.changing.Unlock()
	before := a.current.Load()
	f, err := read()
	if err == nil {
		err = a.take(f)
	}
	if err != nil {
		a.refused.Store(&err)
		a.metrics.Reloaded(false, a.Now())
		a.Log.Error("changed configuration refused; the previous one holds", "err", say.Explain(err, say.English))
		return
	}
	a.taken(ctx, before, f)
}

// taken does what follows once another configuration is in force.
func (a *App) taken(ctx context.Context, before, f *config.File) {
	a.rewatch.Ring()
	a.rebeat.Ring()
	live, _ := config.Changes(before, f)
	_, restart := config.Changes(a.Config, f) // what we started with holds until we start again
	a.closeSessions(ctx, before, f)
	if err := a.listens(ctx, f); err != nil {
		a.Log.Warn("since when each watch is listened for is not noted", "err", err)
	}
	a.Log.Info("configuration taken", "changed", live, "wants_restart", restart)
	if err := a.journalChanges(ctx, live, restart); err != nil {
		a.Log.Warn("change of configuration not journalled", "err", err)
	}
}

// listens notes since when each watch of a configuration is listened for.
func (a *App) listens(ctx context.Context, f *config.File) error {
	names := make([]string, len(f.Watches))
	for i, w := range f.Watches {
		names[i] = w.Name
	}
	return a.state.Listen(ctx, names)
}

// closeSessions asks everybody for the new password once it has changed.
func (a *App) closeSessions(ctx context.Context, before, now *config.File) {
	if before.Web.Password.Equal(now.Web.Password) {
		return
	}
	if err := a.state.DeleteSessionsOf(ctx, ""); err != nil {
		a.Log.Warn("the password changed, but open sessions were not closed", "err", err)
	}
}

func (a *App) journalChanges(ctx context.Context, live, restart []config.Change) error {
	entry, err := state.NewEntry(a.Now(), "", "configuration", "", map[string][]config.Change{"live": live, "restart": restart})
	if err != nil {
		return err
	}
	return a.state.Journal(ctx, entry)
}

func configured(f *config.File, rules []alerting.NamedRule) dashboards.Configured {
	c := dashboards.Configured{Channels: ChannelKinds()}
	for _, s := range f.Sources {
		if !slices.Contains(c.SourceKinds, s.Kind) {
			c.SourceKinds = append(c.SourceKinds, s.Kind)
		}
	}
	for _, r := range rules {
		c.Rules = append(c.Rules, r.Name)
	}
	for _, w := range f.Watches {
		c.Watches = append(c.Watches, w.Name)
	}
	return c
}
