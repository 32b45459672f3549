package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/analyzer"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/pipeline"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/web"
)

// parts is what a configuration brings, and a reload replaces.
type parts struct {
	client    *polite.Client
	watches   *watches
	jobs      []crawler.Job
	elsewhere []crawler.Job // other shards visit them
	rules     []alerting.NamedRule
	channels  []alerting.Channel
	// affiliates are the watches of organisations beneath those of others, by watch.
	affiliates map[string][]string
	page       *web.Server
}

// assemble makes what lives as long as the program.
func (a *App) assemble(ctx context.Context) error {
	floor, err := a.newest(ctx)
	if err != nil {
		return err
	}
	a.watches = &watches{}
	a.confirmations = &alerting.Confirmations{Settings: a.state, Now: a.Now}
	watermark := pipeline.NewWatermark(a.Clock, floor, a.index())
	if a.shards != nil {
		a.shards.from = watermark.Upto()
	}
	a.engine = alerting.NewEngine(alerting.Setup{
		Mentions: a.store, Watermark: watermark, Ledger: a.state, Blind: a.blind, Listened: a.state.Listened, Paused: a.state.LastPause, Clock: a.Clock, Log: a.Log,
		Observe: &observeAlerting{Metrics: a.metrics, kinds: a.kindsOfChannels},
	})
	a.line = &pipeline.Line{
		Watermark: watermark, Match: a.watches, Read: a.metrics.Timed(analyzer.New()),
		Store: observeStore{a.store, a}, Memory: a.state, Listens: a.watches.listens,
	}
	a.crawler = crawler.New(nil, a, a.state, a.crawlerOptions())
	if a.listener, err = a.listen(); err != nil {
		return err
	}
	if at := a.Config.Metrics.Listen; at != "" {
		if a.monitored, err = listenForMonitoring(at); err != nil {
			return err
		}
	}
	a.metrics.Watch(a.snapshot)
	return nil
}

// index is what the watermark asks: shard 0 waits for what the others hold.
func (a *App) index() pipeline.Index {
	if a.shards != nil && a.thinks() {
		return shared{a.store, a.shards}
	}
	return a.store
}

// crawlerOptions leaves nothing to chance in a rehearsed run.
func (a *App) crawlerOptions() crawler.Options {
	o := crawler.Options{Clock: a.Clock, Log: a.Log, Observe: a.visited, Elsewhere: a.elsewhere}
	if a.Rehearsed {
		o.Limit, o.Jitter = 1, func(time.Duration) time.Duration { return 0 }
	}
	return o
}

// newPage makes the page; it is served where the program began to listen.
func (a *App) newPage(f *config.File) (*web.Server, error) {
	o := web.Options{
		Mentions:        a.store,
		Uptime:          a.state,
		Settings:        a.state,
		Blind:           a.blind,
		Sessions:        a.state,
		People:          a.state,
		Unsubscriptions: a.state,
		Tests:           a,
		Mail:            a,
		Passes:          a.passes,
		Incidents:       incidents{a.state, a.engine},
		Advisories:      incidents{a.state, a.engine},
		Stories:         a.state,
		Status:          a.status,
		Visit:           a.crawler.VisitNow,
		Ready:           a.ready,
		Behind:          a.clockIsBehind,
		Keeping:         a.keeping(), Metrics: a.metrics.Handler(), Now: a.Now, Log: a.Log, Demo: a.Demo,
		Bare: !a.thinks(), Password: f.Web.Password.Reveal(), Address: f.Web.Address,
	}
	if a.First != nil {
		o.First, o.Look = a.First, a.First.look
	} else if a.Demo == nil {
		o.Setup, o.Look = setup{a.desk, a}, a.look
	}
	return web.New(a.listener.Addr(), o)
}

// showPage answers with the page in force.
func (a *App) showPage(w http.ResponseWriter, r *http.Request) { a.page.Load().ServeHTTP(w, r) }

// openStore opens the configured kind of store.
func openStore(ctx context.Context, f *config.File, log *slog.Logger, sent func(dashboards.Bulk)) (store.Store, error) {
	return storeKinds[f.Store.Kind].open(ctx, f.Store, storeDeps{folder: f.Data, log: log, sent: sent})
}

// build makes the parts of a configuration; it contacts nobody.
func (a *App) build(f *config.File) (*parts, error) {
	p := &parts{affiliates: affiliates(f)}
	var err error
	if p.watches, err = newWatches(f, a.watchOptions()); err != nil {
		return nil, err
	}
	if p.client, err = newClient(f, a.Options); err != nil {
		return nil, err
	}
	jobs, err := a.newJobs(f, p.client)
	if err != nil {
		return nil, err
	}
	p.jobs, p.elsewhere = shareOut(a.Shard, jobs)
	deps := depsOf(f, a.Options)
	deps.Keep, deps.Passes, deps.Unsubscribed, deps.Member = a.state, a.passes, a.state, a.state.MemberName
	if p.channels, err = newChannels(f, deps); err != nil {
		return nil, err
	}
	if p.rules, err = newRules(f, deps); err != nil {
		return nil, err
	}
	p.page, err = a.newPage(f)
	return p, err
}

// newClient makes the one client of every source.
func newClient(f *config.File, o Options) (*polite.Client, error) {
	cfg := polite.Config{Version: o.Version.Version, Contact: f.Crawler.Contact, AllowPrivate: f.Crawler.AllowPrivate, Now: o.Now}
	if o.Hurry > 0 || o.Rehearsed {
		cfg.Spacing, cfg.PerHost = time.Millisecond, 16
	}
	if o.Net != nil {
		cfg.Resolver, cfg.Dial = o.Net, o.Net.Dial
	}
	for _, s := range f.Sources {
		cfg.Origins = append(cfg.Origins, sourceKinds[s.Kind].addresses(s)...)
	}
	if !f.Crawler.Proxy.IsZero() {
		proxy, err := url.Parse(f.Crawler.Proxy.Reveal())
		if err != nil {
			return nil, errors.New("crawler.proxy is not an address") // its own words would show a password
		}
		cfg.Proxy = proxy
	}
	cfg.Roots = f.Crawler.CA.Besides()
	return polite.New(cfg)
}

func (a *App) newJobs(f *config.File, client *polite.Client) ([]crawler.Job, error) {
	var jobs []crawler.Job
	for _, s := range f.Sources {
		if s.Paused {
			continue
		}
		source, err := sourceKinds[s.Kind].make(s, crawler.Deps{Client: client, Now: a.Now, Log: a.Log.With("source", s.Name)})
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		every := s.Every
		if a.Hurry > 0 {
			every = a.Hurry
		}
		jobs = append(jobs, crawler.Job{Name: s.Name, Kind: s.Kind, Config: digest(s.Config), Every: every, Own: s.Own, Hurried: a.Hurry > 0, Source: source})
	}
	return jobs, nil
}

// digest tells two configurations of a source apart, a changed secret too, and
// lets nobody read one.
func digest(c any) string {
	h := sha256.New()
	write(h, reflect.ValueOf(c))
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// write spells a configuration out: secrets are printed as stars everywhere else.
func write(h io.Writer, v reflect.Value) {
	if !v.CanInterface() {
		return
	}
	if secret, ok := v.Interface().(config.Secret); ok {
		fmt.Fprintf(h, "%q;", secret.Reveal())
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		write(h, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			write(h, v.Field(i))
		}
	default:
		fmt.Fprintf(h, "%q;", fmt.Sprint(v.Interface()))
	}
}

// unpaused is the sources that are to be read: a person knows of the others that they
// are not.
func unpaused(f *config.File) (names []string) {
	for _, s := range f.Sources {
		if !s.Paused {
			names = append(names, s.Name)
		}
	}
	return names
}

// depsOf is what rules and channels need of a program.
func depsOf(f *config.File, o Options) alerting.Deps {
	relations := map[string]string{}
	for _, w := range f.Watches {
		relations[w.Name] = w.Relation
	}
	return alerting.Deps{
		Own:     func(watch string) bool { return relations[watch] == config.Self },
		Kin:     func(watch string) alerting.Kin { return kinOf(f, watch) },
		Sources: unpaused(f),
		HTTP:    cmp.Or(o.HTTP, &http.Client{Timeout: 10 * time.Second}),
		Now:     o.Now, Log: o.Log,
		Zone:    f.Organisation.Zone(),
		Program: o.Program,
	}
}

func newChannels(f *config.File, d alerting.Deps) ([]alerting.Channel, error) {
	var channels []alerting.Channel
	for _, c := range f.Channels {
		notifier, err := channelKinds[c.Kind].make(c, d)
		if err != nil {
			return nil, fmt.Errorf("channel %s: %w", c.Name, err)
		}
		lang := f.Organisation.Lang()
		if c.Language != "" {
			lang = say.Lang(c.Language)
		}
		reader := readerOf(f, lang)
		reader.Passes, reader.Member = d.Passes, d.Member
		channels = append(channels, alerting.Channel{Name: c.Name, Kind: c.Kind, Fallback: c.Fallback, Notifier: notifier,
			Reader: reader, Quiet: alerting.Quiet(c.Quiet), Editions: editionsOf(f, c), Watches: watchesOf(f, c)})
	}
	return channels, nil
}

// readerOf is for whom messages are worded in a language.
func readerOf(f *config.File, l say.Lang) alerting.Reader {
	return alerting.Reader{Lang: l, Zone: f.Organisation.Zone(), Page: pageAddress(f), Watches: named(f)}
}

// passSetting is where the key is kept that signs the links in messages. Whoever
// restores a backup restores it too, so that links outlive a move.
const passSetting = "passes.key"

// passKey is that key, made at the first start.
func passKey(ctx context.Context, settings alerting.Settings) ([]byte, error) {
	key, ok, err := settings.Get(ctx, passSetting)
	if err != nil || ok {
		return key, err
	}
	key = make([]byte, 32)
	rand.Read(key)
	return key, settings.Set(ctx, passSetting, key)
}

// named is how people call each watch: the organisation's own by its short name.
func named(f *config.File) map[string]alerting.Named {
	all := map[string]alerting.Named{}
	for _, w := range f.Watches {
		n := alerting.Named{Title: w.Title, Whom: w.Title}
		if w.Relation == config.Self {
			n.Whom = f.Organisation.Short
		}
		all[w.Name] = n
	}
	return all
}

// pageAddress is what the links of messages begin with, "" when nobody said under
// which name a page that listens everywhere is reached.
func pageAddress(f *config.File) string {
	if f.Web.Address != "" {
		return strings.TrimSuffix(f.Web.Address, "/")
	}
	if at, err := netip.ParseAddrPort(f.Web.Listen); err != nil || at.Addr().IsUnspecified() {
		return ""
	}
	return "http://" + f.Web.Listen
}
