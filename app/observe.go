package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/web"
)

// observeStore counts what is kept for the first time.
type observeStore struct {
	store.Store
	app *App
}

// Put implements pipeline.Store.
func (o observeStore) Put(ctx context.Context, batch []mention.Mention) (fresh, edited []string, err error) {
	began := time.Now()
	fresh, edited, err = o.Store.Put(ctx, batch)
	if !errors.Is(err, context.Canceled) { // else we were stopped: nothing was learnt
		o.app.metrics.Written(time.Since(began), err)
	}
	if err != nil {
		return nil, nil, err
	}
	isNew := map[string]bool{}
	for _, id := range fresh {
		isNew[id] = true
	}
	kinds := o.app.kindsOfSources()
	for i := range batch {
		if isNew[batch[i].ID] {
			o.app.metrics.Kept(kinds[batch[i].Source], &batch[i], o.app.Now())
			o.app.held.add(len(batch[i].Current().Hits) > 0)
		}
	}
	return fresh, edited, nil
}

// held is how much the store holds, for scrapes: among a million mentions a count
// takes longer than a scrape may. It is counted every hour and added to meanwhile.
// The zero value was never counted.
type held struct {
	counted             atomic.Bool
	mentions, unclaimed atomic.Int64

	bytes, unclaimedBytes atomic.Int64 // on a server
}

func (h *held) add(claimed bool) {
	if claimed {
		h.mentions.Add(1)
	} else {
		h.unclaimed.Add(1)
	}
}

// count asks the store how much it holds. What is kept meanwhile may count twice until
// the next time.
func (a *App) count(ctx context.Context) {
	if remote, ok := a.store.(store.Remote); ok {
		a.weigh(ctx, remote)
	}
	mentions, err := a.store.Count(ctx, store.Question{Gone: true})
	unclaimed, err2 := a.store.Count(ctx, store.Question{Gone: true, Unclaimed: true})
	if err := errors.Join(err, err2); err != nil {
		if ctx.Err() == nil {
			a.complain(ctx, "what is kept is not counted", err)
		}
		return
	}
	a.held.mentions.Store(int64(mentions))
	a.held.unclaimed.Store(int64(unclaimed))
	a.held.counted.Store(true)
}

// complain logs what the store did not answer. While it says itself that its server is
// away, that was said.
func (a *App) complain(ctx context.Context, what string, err error) {
	level := slog.LevelWarn
	if remote, ok := a.store.(store.Remote); ok && remote.State().Trouble != nil {
		level = slog.LevelDebug
	}
	a.Log.Log(ctx, level, what, "err", err)
}

// weigh asks a store on a server how large it is.
func (a *App) weigh(ctx context.Context, remote store.Remote) {
	claimed, unclaimed, err := remote.Sizes(ctx)
	if err != nil {
		if ctx.Err() == nil {
			a.complain(ctx, "it is not known how large the store is", err)
		}
		return
	}
	a.held.bytes.Store(claimed)
	a.held.unclaimedBytes.Store(unclaimed)
}

var _ crawler.Sink = (*App)(nil)

// Handle implements crawler.Sink: the line, and a note of what it could not keep.
func (a *App) Handle(ctx context.Context, b mention.Batch) error {
	err := a.line.Handle(ctx, b)
	a.unkept.note(b.Source, err)
	return err
}

// unkept is why the newest batch of each source could not be kept. The zero value
// knows of none.
type unkept struct {
	mu  sync.Mutex
	why map[string]error
}

func (u *unkept) note(source string, err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	switch {
	case errors.Is(err, context.Canceled): // we were stopped: nothing was learnt
	case err == nil:
		delete(u.why, source)
	default:
		if u.why == nil {
			u.why = map[string]error{}
		}
		u.why[source] = err
	}
}

// first is the trouble of the first configured source that has any.
func (u *unkept) first(f *config.File) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, s := range f.Sources {
		if err := u.why[s.Name]; err != nil {
			return err
		}
	}
	return nil
}

func (a *App) kindsOfChannels() map[string]string {
	kinds := map[string]string{}
	for _, c := range a.current.Load().Channels {
		kinds[c.Name] = c.Kind
	}
	return kinds
}

func (a *App) kindsOfSources() map[string]string {
	kinds := map[string]string{}
	for _, s := range a.current.Load().Sources {
		kinds[s.Name] = s.Kind
	}
	return kinds
}

var _ alerting.Observer = (*observeAlerting)(nil)

// observeAlerting counts what the engine does. It hears of channels by their names and
// counts them by their kinds, the ones of kinds.go.
type observeAlerting struct {
	*dashboards.Metrics
	kinds func() map[string]string // of channels, by name

	mu    sync.Mutex
	known map[string]string // kinds, of channels that were removed too
	owed  map[string]owedTo // by name of channel
}

// owedTo is what waits for one channel.
type owedTo struct {
	n      int
	oldest time.Time
}

// kind is that of a channel; one that was just removed had it too.
func (o *observeAlerting) kind(channel string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.kindHeld(channel)
}

func (o *observeAlerting) kindHeld(channel string) string {
	if o.known == nil {
		o.known = map[string]string{}
	}
	if kind, now := o.kinds()[channel]; now {
		o.known[channel] = kind
	}
	return o.known[channel]
}

// Owed implements alerting.Observer.
func (o *observeAlerting) Owed(channel string) { o.Metrics.Owed(o.kind(channel)) }

// Attempt implements alerting.Observer.
func (o *observeAlerting) Attempt(channel string, took time.Duration, err error) {
	o.Metrics.Attempt(o.kind(channel), took, err)
}

// Accepted implements alerting.Observer.
func (o *observeAlerting) Accepted(channel string, late time.Duration) {
	o.Metrics.Accepted(o.kind(channel), late)
}

// GivenUp implements alerting.Observer.
func (o *observeAlerting) GivenUp(channel, reason string) { o.Metrics.GivenUp(o.kind(channel), reason) }

// Pending implements alerting.Observer: channels of one kind are one series.
func (o *observeAlerting) Pending(channel string, n int, oldest time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.owed == nil {
		o.owed = map[string]owedTo{}
	}
	o.owed[channel] = owedTo{n, oldest}
	all, kinds := owedTo{}, o.kinds()
	for name, one := range o.owed {
		if kinds[name] == "" {
			delete(o.owed, name) // it was removed, and what it was owed given up
			continue
		}
		if kinds[name] != kinds[channel] {
			continue
		}
		all.n += one.n
		if all.oldest.IsZero() || !one.oldest.IsZero() && one.oldest.Before(all.oldest) {
			all.oldest = one.oldest
		}
	}
	o.Metrics.Pending(o.kindHeld(channel), all.n, all.oldest)
}

// Transition implements alerting.Observer.
func (o *observeAlerting) Transition(kind string, t alerting.Transition) {
	o.Metrics.Transition(kind, string(t))
}

// Acted implements alerting.Observer.
func (o *observeAlerting) Acted(kind string, a alerting.Act) { o.Metrics.Acted(kind, string(a)) }

// Acknowledged implements alerting.Observer.
func (o *observeAlerting) Acknowledged(s alerting.Severity, after time.Duration) {
	o.Metrics.Acknowledged(string(s), after)
}

// snapshot is what a scrape measures.
func (a *App) snapshot() dashboards.Snapshot {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var s dashboards.Snapshot
	unread := map[string]bool{}
	blind, err := a.blind(ctx, "", a.Clock.Now())
	for _, b := range blind {
		unread[b.Source] = true
	}
	s.Fleet = a.shardsMeasured()
	fetched := time.Time{}
	for _, source := range a.sources() {
		if source.Paused { // a person knows that it is not read
			continue
		}
		if source.Visit.Last.After(fetched) {
			fetched = source.Visit.Last
		}
		if !a.thinks() {
			continue // shard 0 tells of each source once, also when the one that visits it is dead
		}
		s.Sources = append(s.Sources, dashboards.Source{Name: source.Name, Interval: due(source), Blind: unread[source.Name] || err != nil,
			LastSuccess: source.Visit.LastSuccess, Newest: source.Visit.Newest})
	}
	s.Heartbeats = []dashboards.Heartbeat{{Step: "fetched", At: fetched}, {Step: "searchable", At: a.line.Watermark.Upto()}}
	open, err := a.state.OpenIncidents(ctx)
	if err != nil {
		a.Log.Warn("open situations are not counted", "err", err)
	}
	for _, i := range open {
		s.Alerts = append(s.Alerts, dashboards.Alert{Severity: string(i.Severity), State: string(i.State)})
	}
	s.Outdated, s.Advised = int(a.outdated.Load()), a.advised(ctx)
	if a.held.counted.Load() && a.thinks() { // shards share one store
		s.Stores = []dashboards.Store{
			{Index: "mentions", Documents: int(a.held.mentions.Load()), Bytes: a.sizeOf("mentions.db") + a.held.bytes.Load()},
			{Index: "unclaimed", Documents: int(a.held.unclaimed.Load()), Bytes: a.held.unclaimedBytes.Load()}, // of our own store in the same file
		}
	}
	if remote, ok := a.store.(store.Remote); ok {
		is := remote.State()
		s.Spool = &dashboards.Spool{Up: is.Trouble == nil, Waiting: is.Spooled, Oldest: is.Oldest, Bytes: is.Bytes, Limit: is.Limit, Dead: is.Dead}
	}
	if p := a.built.Load(); p != nil {
		for watch, g := range gauges(p.rules) {
			s.Surges = append(s.Surges, dashboards.Surge{Watch: watch, Score: g.Score, Active: g.Active, Window: float64(g.Window), Usual: g.Usual})
		}
	}
	return s
}

// due is how long after a visit that went well the next one may be: what the place
// wished, if that is longer than we would wait.
func due(s web.Source) time.Duration {
	if s.Visit.Failures > 0 {
		return s.Every
	}
	return max(s.Every, s.Visit.NotBefore.Sub(s.Visit.LastSuccess))
}

// gauges is what the rules measured, by watch: of several, the first.
func gauges(rules []alerting.NamedRule) map[string]alerting.Gauge {
	measured := map[string]alerting.Gauge{}
	for _, r := range rules {
		if _, twice := measured[r.Watch]; twice {
			continue
		}
		if gauged, is := alerting.As[alerting.Gauged](r.Rule); is {
			if g, ok := gauged.Gauge(); ok {
				measured[r.Watch] = g
			}
		}
	}
	return measured
}

// visited counts a visit.
func (a *App) visited(o crawler.Outcome) {
	a.metrics.Fetched(o.Job.Kind, o.Reason, o.Items, o.Took)
}

// sizeOf is how many bytes a database takes on disk, its log included.
func (a *App) sizeOf(database string) (bytes int64) {
	files, _ := filepath.Glob(filepath.Join(a.Config.Data, database+"*"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}
