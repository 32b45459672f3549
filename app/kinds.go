package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify/alertmanager"
	"github.com/ouidire/ouidire/alerting/notify/email"
	lognotify "github.com/ouidire/ouidire/alerting/notify/log"
	"github.com/ouidire/ouidire/alerting/notify/mattermost"
	"github.com/ouidire/ouidire/alerting/notify/ntfy"
	"github.com/ouidire/ouidire/alerting/notify/shoutrrr"
	"github.com/ouidire/ouidire/alerting/notify/slack"
	"github.com/ouidire/ouidire/alerting/notify/teams"
	"github.com/ouidire/ouidire/alerting/notify/webhook"
	"github.com/ouidire/ouidire/alerting/rule/blind"
	"github.com/ouidire/ouidire/alerting/rule/fresh"
	"github.com/ouidire/ouidire/alerting/rule/keyword"
	"github.com/ouidire/ouidire/alerting/rule/newsource"
	"github.com/ouidire/ouidire/alerting/rule/parent"
	"github.com/ouidire/ouidire/alerting/rule/share"
	"github.com/ouidire/ouidire/alerting/rule/silence"
	"github.com/ouidire/ouidire/alerting/rule/surge"
	"github.com/ouidire/ouidire/alerting/rule/threshold"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/crawler/feed"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/elastic"
	"github.com/ouidire/ouidire/store/local"
	"github.com/ouidire/ouidire/watch/query"
)

// The four tables: every kind that a configuration may name, and how it is made.
// A kind that has no line here does not exist.

var sourceKinds = map[string]sourceKind{
	"feed": {
		defaults:  defaults(feed.Default),
		addresses: func(s config.Source) []string { return []string{s.Config.(*feed.Config).URL} },
		make: func(s config.Source, d crawler.Deps) (crawler.Source, error) {
			c := *s.Config.(*feed.Config)
			c.Own, c.Paced = s.Own, s.Every > 0
			return feed.New(c, d)
		},
		look: feed.Look,
	},
}

var ruleKinds = map[string]ruleKind{
	"fresh": {
		defaults: defaults(fresh.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return fresh.New(*r.Config.(*fresh.Config), t, d)
		},
		atOnce: true,
	},
	"surge": {
		defaults: defaults(surge.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return surge.New(*r.Config.(*surge.Config), t, d)
		},
		learns: true, above: true, interrupts: []string{config.Self, config.Parent},
	},
	"threshold": {
		defaults: defaults(threshold.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return threshold.New(*r.Config.(*threshold.Config), t, d)
		},
		learns: true, above: true, interrupts: []string{config.Self},
	},
	"share": {
		defaults: defaults(share.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return share.New(*r.Config.(*share.Config), t, d)
		},
		learns: true, above: true, interrupts: []string{config.Self},
	},
	"keyword": {
		defaults: defaults(keyword.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return keyword.New(*r.Config.(*keyword.Config), t, d)
		},
	},
	"silence": {
		defaults: defaults(silence.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return silence.New(*r.Config.(*silence.Config), t, d)
		},
		interrupts: []string{config.Self},
	},
	"newsource": {
		defaults: defaults(newsource.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return newsource.New(*r.Config.(*newsource.Config), t, d)
		},
		learns: true, interrupts: []string{config.Self},
	},
	"blind": {
		defaults: defaults(blind.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return blind.New(*r.Config.(*blind.Config), t, d)
		},
		looks: looksAtSources,
	},
	"parent": {
		defaults: defaults(parent.Default),
		make: func(r config.Rule, t alerting.Terms, d alerting.Deps) (alerting.Rule, error) {
			return parent.New(*r.Config.(*parent.Config), t, d)
		},
		looks: looksAround,
	},
}

var channelKinds = map[string]channelKind{
	"log": {
		defaults: defaults(lognotify.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return lognotify.New(*c.Config.(*lognotify.Config), d)
		},
	},
	"webhook": {
		place:    7,
		defaults: defaults(webhook.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return webhook.New(*c.Config.(*webhook.Config), d)
		},
	},
	"email": {
		place:    1,
		defaults: defaults(email.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return email.New(*c.Config.(*email.Config), d)
		},
	},
	"slack": {
		place:    3,
		defaults: defaults(slack.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return slack.New(*c.Config.(*slack.Config), d)
		},
	},
	"teams": {
		place:    2,
		defaults: defaults(teams.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return teams.New(*c.Config.(*teams.Config), d)
		},
	},
	"ntfy": {
		place:    4,
		defaults: defaults(ntfy.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return ntfy.New(*c.Config.(*ntfy.Config), d)
		},
	},
	"mattermost": {
		place:    5,
		defaults: defaults(mattermost.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return mattermost.New(*c.Config.(*mattermost.Config), d)
		},
	},
	"alertmanager": {
		place:    8,
		defaults: defaults(alertmanager.Default),
		machine:  true,
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return alertmanager.New(*c.Config.(*alertmanager.Config), d)
		},
	},
	"shoutrrr": {
		place:    6,
		defaults: defaults(shoutrrr.Default),
		make: func(c config.Channel, d alerting.Deps) (alerting.Notifier, error) {
			return shoutrrr.New(*c.Config.(*shoutrrr.Config), d)
		},
	},
}

var storeKinds = map[string]storeKind{
	"local": {
		defaults: func() any { return &struct{}{} }, // it has no settings
		file:     "mentions.db",
		open: func(ctx context.Context, _ config.Store, d storeDeps) (store.Store, error) {
			s, err := local.Open(ctx, filepath.Join(d.folder, "mentions.db"), local.Options{})
			if err != nil {
				return nil, err // and no nil *local.Store that somebody would close
			}
			return s, nil
		},
	},
	"elastic": {
		shared:   true,
		defaults: defaults(elastic.Default),
		file:     filepath.Join("elastic", "spool.db"),
		open: func(ctx context.Context, c config.Store, d storeDeps) (store.Store, error) {
			s, err := elastic.Open(ctx, d.folder, *c.Config.(*elastic.Config), elastic.Options{Log: d.log, Observe: func(sent elastic.Sent) {
				d.sent(dashboards.Bulk{Took: sent.Took, Mentions: sent.Mentions, Bytes: sent.Bytes, Again: sent.Refused, Dead: sent.Dead, Failed: sent.Failed()})
			}})
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	},
}

type sourceKind struct {
	defaults  func() any
	addresses func(config.Source) []string // that it visits: their ports are open on purpose
	make      func(config.Source, crawler.Deps) (crawler.Source, error)
	// look finds what the kind can read at an address that a person gave; nil for a
	// kind that has no addresses.
	look func(ctx context.Context, address string, d crawler.Deps) (crawler.Looked, error)
}

type ruleKind struct {
	defaults func() any
	make     func(config.Rule, alerting.Terms, alerting.Deps) (alerting.Rule, error)
	looks    looks
	learns   bool // it says what is usual, which it must first know
	// above is true of a kind whose matters come down: what moves the organisation above
	// is told of it, and not once more of each that belongs to it.
	above bool
	// interrupts is of which watches a rule over every watch tells those who read a daily
	// digest, by their relation; nil of every one. What the others bring is in the digest.
	interrupts []string
	atOnce     bool // its settings can say that nothing waits for a digest
}

// looks is what a kind of rule looks at.
type looks int

const (
	looksAtWatch   looks = iota // one watch
	looksAround                 // one watch's surroundings: every mention may matter
	looksAtSources              // every source, so that one rule serves all watches
)

type channelKind struct {
	place    int // among the ways to be told that a person is offered, the most usual first; 0 for one that reaches nobody
	defaults func() any
	machine  bool // a program reads it: it wants no sign of life
	make     func(config.Channel, alerting.Deps) (alerting.Notifier, error)
}

type storeKind struct {
	defaults func() any
	shared   bool   // several processes can keep mentions in it: it is a store.Peers
	file     string // below the data folder, once anything was kept
	open     func(ctx context.Context, s config.Store, d storeDeps) (store.Store, error)
}

// Kept says whether a store of any kind was ever opened on a data folder.
func Kept(folder string) bool {
	for _, kind := range storeKinds {
		if info, err := os.Stat(filepath.Join(folder, kind.file)); err == nil && info.Size() > 0 {
			return true
		}
	}
	return false
}

// storeDeps is what a kind of store is given beside its settings.
type storeDeps struct {
	folder string // the data folder
	log    *slog.Logger
	sent   func(dashboards.Bulk) // is told of each request to a server
}

// defaults makes config's factory of a kind's Default.
func defaults[C any](of func() C) func() any {
	return func() any {
		c := of()
		return &c
	}
}

// Kinds is what the configuration is told of the kinds.
func Kinds() config.Kinds {
	k := config.Kinds{Sources: map[string]func() any{}, Rules: map[string]func() any{}, Channels: map[string]func() any{},
		Stores: map[string]func() any{}, Query: checkQuery}
	for name, kind := range sourceKinds {
		k.Sources[name] = kind.defaults
	}
	for name, kind := range ruleKinds {
		k.Rules[name] = kind.defaults
	}
	for name, kind := range channelKinds {
		k.Channels[name] = kind.defaults
	}
	for name, kind := range storeKinds {
		k.Stores[name] = kind.defaults
	}
	return k
}

// FirstAlerts are the rules and the channels of a first configuration. Its channel is
// the log, which needs no server: messages come once a person has said where to send
// them.
func FirstAlerts(l say.Lang) (rules, channels []string) {
	return []string{
		fmt.Sprintf("name: %s\nkind: fresh\n", say.Text{EN: "news", FR: "nouvelles"}.In(l)),
		fmt.Sprintf("name: %s\nkind: surge\n", say.Text{EN: "surges", FR: "vagues"}.In(l)),
	}, []string{"name: journal\nkind: log\n"}
}

// ChannelKinds are the names of the kinds of channel, sorted: what the label channel
// of the metrics says.
func ChannelKinds() []string { return slices.Sorted(maps.Keys(channelKinds)) }

// offeredChannels are the kinds of channel that reach somebody, the most usual first.
func offeredChannels() []string {
	kinds := slices.DeleteFunc(ChannelKinds(), func(kind string) bool { return channelKinds[kind].place == 0 })
	slices.SortFunc(kinds, func(a, b string) int { return channelKinds[a].place - channelKinds[b].place })
	return kinds
}

// checkQuery reads a watch's query for the configuration.
func checkQuery(q string) (at int, err error) {
	_, err = query.Parse(q)
	if wrong, ok := err.(*query.Error); ok {
		return wrong.Column, err
	}
	return 0, err
}

// DeliverCommand is the argument by which the program is asked to be the process that
// a channel of kind shoutrrr sends one message from: it then calls Deliver.
const DeliverCommand = shoutrrr.Command

// Deliver reads what to send from in, and writes what became of it.
func Deliver(in io.Reader, out io.Writer) error { return shoutrrr.Main(in, out) }
