// Package app puts the program together: kinds.go names every kind, build.go makes
// the parts a configuration asks for, app.go starts and stops them. A test can run
// the whole program.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/lock"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/pipeline"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
	"github.com/ouidire/ouidire/web"
)

// Options is what a program is made of besides its configuration.
type Options struct {
	Config      *config.File
	Log         *slog.Logger
	Level       *slog.LevelVar // of Log, changed on reload; nil leaves it
	clock.Clock                // nil for the machine's
	Version     Version
	Demo        web.Demo // the stage of a demonstration; nil outside one

	// Rehearsed leaves nothing to chance: one source is visited at a time, and waits
	// are what they are called, so that on a stepped clock every run is the same.
	Rehearsed bool
	// Beat is how often it is noted that we run, a minute when 0; what is past its
	// time is erased no more often than that.
	Beat time.Duration
	// First writes a first configuration from the page of the demonstration; nil
	// where there is one.
	First *First
	// Program is where this program stands, for channels that send from a process of
	// its own: one that runs DeliverCommand.
	Program string
	// HTTP is the client by which channels reach their services; nil for the machine's own.
	HTTP *http.Client
	// Listener is where the page is served instead of web.listen; nil to listen there.
	Listener net.Listener

	// Shard is which of several processes this is; the zero value is alone. The store
	// must be one that they can share.
	Shard crawler.Shard
	// Pulse is how often shards give a sign of life, five seconds when 0.
	Pulse time.Duration

	// Hurry makes every source be visited this often and without the pauses owed to
	// a stranger's server; for the demonstration's own press. Zero is never.
	Hurry time.Duration
	// Net leads to that press and nowhere else. Nil is the machine's own.
	Net Net
	// Ready is called once the page answers, with its address.
	Ready func(address string)
}

// Net is the names and the ways that sources are reached by.
type Net interface {
	polite.Resolver
	Dial(ctx context.Context, network, address string) (net.Conn, error)
}

// Version is what this program was built from.
type Version struct{ Version, Revision, Go string }

// App is the program, built but not started. Its parts are made once; what a
// configuration brings is made anew at each Reload.
type App struct {
	Options
	folder  *lock.Lock
	state   *state.DB
	store   store.Store
	client  *polite.Client
	watches *watches
	line    *pipeline.Line
	crawler *crawler.Crawler
	engine  *alerting.Engine

	confirmations *alerting.Confirmations
	passes        alerting.Passes
	rewatch       clock.Bell // other watches may be in force
	rebeat        clock.Bell // another heartbeat may be
	metrics       *dashboards.Metrics
	listener      net.Listener
	monitored     net.Listener // where metrics.listen says; nil for nowhere
	page          atomic.Pointer[web.Server]
	desk          *config.Desk
	changing      sync.Mutex // one change of the configuration at a time
	unkept        unkept
	shards        *shards                   // nil when there is no other shard
	behind        atomic.Pointer[time.Time] // up to when something was seen, while the clock is behind it
	held          held
	outdated      atomic.Int64 // mentions that are found as an older version cut their words

	current atomic.Pointer[config.File] // the configuration in force
	refused atomic.Pointer[error]       // why the last one was not taken, nil when it was
	built   atomic.Pointer[parts]
}

// New locks the data folder, opens the stores and builds every part. A
// configuration that cannot work ends here, before the first request. Close what
// it returns.
func New(ctx context.Context, o Options) (a *App, err error) {
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	a = &App{Options: o, rewatch: o.Bell(), rebeat: o.Bell(), desk: &config.Desk{Path: o.Config.Path, Kinds: Kinds(), Env: os.LookupEnv}}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
			a = nil
		}
	}()
	if err := a.open(ctx); err != nil {
		return a, err
	}
	if err := a.assemble(ctx); err != nil {
		return a, err
	}
	if err := a.take(o.Config); err != nil {
		return a, err
	}
	return a, a.listens(ctx, o.Config)
}

// open takes the data folder and what is in it.
func (a *App) open(ctx context.Context) (err error) {
	folder := a.Config.Data
	if err = makeFolder(folder); err != nil {
		return err
	}
	if a.folder, err = lock.Take(folder); err != nil {
		return sqlite.Explain(filepath.Join(folder, "lock"), err)
	}
	if a.state, err = state.Open(ctx, filepath.Join(folder, "state.db"), state.Options{Now: a.Now, Beat: a.Beat, Awake: a.Awake}); err != nil {
		return err
	}
	if a.passes.Key, err = passKey(ctx, a.state); err != nil {
		return err
	}
	a.metrics = dashboards.New(a.Version.Version, a.Version.Revision, a.Version.Go)
	if a.store, err = openStore(ctx, a.Config, a.Log, a.metrics.Sent); err != nil {
		return err
	}
	if _, sends := a.store.(store.Remote); sends {
		a.metrics.PrepareBulk()
	}
	a.shards, err = newShards(a)
	return err
}

// Run serves the page, then starts the crawler and the alerting, and returns when ctx
// ends and they have stopped: sources finish the batch in hand, the page drains.
func (a *App) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return web.Serve(ctx, a.listener, http.HandlerFunc(a.showPage), a.Log) })
	if a.monitored != nil {
		signs := web.Signs(a.monitored.Addr(), a.metrics.Handler(), a.ready)
		g.Go(func() error { return web.Serve(ctx, a.monitored, signs, a.Log) })
	}
	g.Go(func() error { return a.begin(ctx, g) })
	if a.Ready != nil {
		a.Ready(a.Address())
	}
	err := g.Wait()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// begin starts all that reads and tells, once the clock can be believed.
func (a *App) begin(ctx context.Context, g *errgroup.Group) error {
	err := a.waitForClock(ctx)
	if err == nil {
		err = a.state.Beat(ctx) // before the first visit, which would read as blind
	}
	if ctx.Err() != nil {
		return nil // asked to stop before it began
	}
	if err != nil {
		return err
	}
	g.Go(func() error { return a.live(ctx) })
	if a.shards != nil {
		g.Go(func() error { return a.shards.Run(ctx) })
	}
	g.Go(func() error { return a.crawlerRun(ctx) })
	if a.thinks() {
		g.Go(func() error { return a.engineRun(ctx) })
		g.Go(func() error { return a.keepIndex(ctx) })
	}
	g.Go(func() error { return a.keepHouse(ctx) })
	g.Go(func() error { return a.keepReading(ctx) })
	g.Go(func() error { return a.keepHeart(ctx) })
	return nil
}

// Address is where the page answers.
func (a *App) Address() string { return "http://" + a.listener.Addr().String() }

// Close gives everything back, in the reverse order of opening.
func (a *App) Close() error {
	var errs []error
	for _, l := range []net.Listener{a.listener, a.monitored} {
		if l != nil {
			_ = l.Close() // the server has closed it already when it ran
		}
	}
	if a.client != nil {
		a.client.Close()
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	if a.state != nil {
		errs = append(errs, a.state.Close())
	}
	if a.folder != nil {
		errs = append(errs, a.folder.Release())
	}
	return errors.Join(errs...)
}

// makeFolder makes the data folder for us alone.
func makeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return sqlite.Explain(folder, fmt.Errorf("make the data folder: %w", err))
	}
	return nil
}
