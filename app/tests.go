package app

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/web"
)

var _ web.Tests = (*App)(nil)

// SendTest implements web.Tests. A channel that accepts it again is also sent what
// it has refused for a day.
func (a *App) SendTest(ctx context.Context, channel string, l say.Lang) error {
	tests := alerting.Tests{Confirmations: a.confirmations, Channels: a.engine.Channels}
	if err := tests.SendTest(ctx, channel, l); err != nil {
		return err
	}
	_, err := a.engine.Revive(ctx, channel, a.Now().Add(-24*time.Hour))
	return err
}

// Confirm implements web.Tests.
func (a *App) Confirm(ctx context.Context, code string) (channel string, err error) {
	return a.confirmations.Confirm(ctx, code)
}

// errNoWriter is that nothing here can write to a person.
var errNoWriter = say.Errorf(say.Text{EN: "there is no channel of e-mail", FR: "il n’y a pas de moyen d’envoi par courriel", France: "il n’y a pas de moyen d’envoi par e-mail"})

// postman is the first channel that can write to one person, nil when none can.
func (a *App) postman() alerting.Personal {
	for _, c := range a.engine.Channels() {
		if p, can := c.Notifier.(alerting.Personal); can {
			return p
		}
	}
	return nil
}

// Writes implements web.Mail.
func (a *App) Writes() bool { return a.postman() != nil }

// WriteTo implements web.Mail.
func (a *App) WriteTo(ctx context.Context, address string, note web.Note) error {
	p := a.postman()
	if p == nil {
		return errNoWriter
	}
	to, err := p.To(address)
	if err != nil {
		return err
	}
	return to.Notify(ctx, alerting.Message{Key: rand.Text(), At: a.Now(), Lang: note.Lang, Subject: note.Subject, Body: note.Body})
}

// channelsShown are the channels and whether a person has confirmed them.
func (a *App) channelsShown(ctx context.Context) []web.Channel {
	confirmed, built := map[string]time.Time{}, map[string]alerting.Channel{}
	for _, c := range a.engine.Channels() {
		at, _, err := a.confirmations.Confirmed(ctx, c)
		if err != nil {
			a.Log.Warn("confirmations not read", "err", err)
		}
		confirmed[c.Name], built[c.Name] = at, c
	}
	var all []web.Channel
	for _, c := range a.current.Load().Channels {
		all = append(all, web.Channel{Name: c.Name, Kind: c.Kind, Fallback: c.Fallback, Owners: c.Role == config.Owners, Confirmed: confirmed[c.Name], Lang: built[c.Name].Reader.Lang, Watches: built[c.Name].Watches})
	}
	return all
}
