package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// What a command does once, also beside a running daemon: it takes no lock, and
// both databases let several processes in.

// OpenStore opens the configured store.
func OpenStore(ctx context.Context, f *config.File) (store.Store, error) {
	// What goes wrong is answered, and whoever is asked once is not measured.
	return openStore(ctx, f, slog.New(slog.DiscardHandler), func(dashboards.Bulk) {})
}

// Try visits a configured source once and keeps nothing.
func Try(ctx context.Context, f *config.File, name string, o Options) (crawler.Found, error) {
	for _, s := range f.Sources {
		if s.Name != name {
			continue
		}
		client, err := newClient(f, o)
		if err != nil {
			return crawler.Found{}, err
		}
		defer client.Close()
		source, err := sourceKinds[s.Kind].make(s, crawler.Deps{Client: client, Now: o.Now, Log: o.Log})
		if err != nil {
			return crawler.Found{}, fmt.Errorf("source %s: %w", name, err)
		}
		return tryAll(ctx, source)
	}
	unknown := say.Errorf(say.Text{
		EN: "no source is called “%s” in the configuration; look under sources:",
		FR: "aucune source ne s’appelle «\u00a0%s\u00a0» dans la configuration; regardez sous sources:",
	}, name)
	unknown.Err = ErrNoSource
	return crawler.Found{}, unknown
}

// ErrNoSource is a source that the configuration does not name.
var ErrNoSource = errors.New("no such source")

// tryAll goes on while the source says that more waits, a few times at most.
func tryAll(ctx context.Context, s crawler.Source) (all crawler.Found, err error) {
	cursor := ""
	for range 5 {
		found, err := s.Fetch(ctx, cursor)
		if err != nil {
			return all, err
		}
		all.Mentions = append(all.Mentions, found.Mentions...)
		if !found.More {
			break
		}
		cursor = found.Next
	}
	return all, nil
}

// Tested is what became of a test message.
type Tested struct {
	Channel string
	Err     error
}

// TestChannels sends a test message through every channel, or the one called only.
func TestChannels(ctx context.Context, f *config.File, only string, o Options) (results []Tested, err error) {
	if err := makeFolder(f.Data); err != nil {
		return nil, err
	}
	db, err := state.Open(ctx, filepath.Join(f.Data, "state.db"), state.Options{Now: o.Now})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	deps := depsOf(f, o)
	deps.Keep = db
	channels, err := newChannels(f, deps)
	if err != nil {
		return nil, err
	}
	confirmations := &alerting.Confirmations{Settings: db, Now: o.Now}
	for _, c := range channels {
		if only == "" || only == c.Name {
			results = append(results, Tested{c.Name, confirmations.SendTest(ctx, c)})
		}
	}
	return results, nil
}

// ErrNoChannel is a channel that the configuration does not have.
var ErrNoChannel = say.Errorf(say.Text{
	EN: "no such channel is configured; add one under channels: in ouidire.yml",
	FR: "ce moyen d’envoi n’est pas configuré; ajoutez-le sous channels: dans ouidire.yml",
})

var errNoAccount = say.Errorf(say.Text{
	EN:     "this channel has no account that a person could sign in to",
	FR:     "ce moyen d’envoi n’a pas de compte où quelqu’un pourrait ouvrir une session",
	France: "ce moyen d’envoi n’a pas de compte où quelqu’un pourrait se connecter",
})

// SignIn lets a person give a channel the use of their account, also beside a running
// daemon: it takes what was gained up by itself.
func SignIn(ctx context.Context, f *config.File, channel string, s alerting.Signing, o Options) (err error) {
	i := slices.IndexFunc(f.Channels, func(c config.Channel) bool { return c.Name == channel })
	if i < 0 {
		return ErrNoChannel
	}
	if err := makeFolder(f.Data); err != nil {
		return err
	}
	db, err := state.Open(ctx, filepath.Join(f.Data, "state.db"), state.Options{Now: o.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	deps := depsOf(f, o)
	deps.Keep = db
	notifier, err := channelKinds[f.Channels[i].Kind].make(f.Channels[i], deps)
	if err != nil {
		return fmt.Errorf("channel %s: %w", channel, err)
	}
	if signer, can := notifier.(alerting.Signer); can {
		return signer.SignIn(ctx, s)
	}
	return errNoAccount
}
