package main

import (
	"errors"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

type notifyCmd struct {
	Test   notifyTestCmd   `cmd:"" help:"${notify_test}"`
	Signin notifySigninCmd `cmd:"" help:"${notify_signin}"`
}

type notifyTestCmd struct {
	Channel string `arg:"" optional:"" help:"${channel_arg}"`
}

// Run implements `ouidire notify test`, also beside a running daemon.
func (cmd notifyTestCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	results, err := app.TestChannels(c.ctx, f, cmd.Channel, c.options(c.log(f.Log)))
	if err != nil {
		return err
	}
	failed := len(results) == 0
	for _, r := range results {
		failed = failed || r.Err != nil
		if err := c.tested(r); err != nil {
			return err
		}
	}
	if len(results) == 0 {
		err = c.failed(wire.Failure{Input: cmd.Channel}, bad{"no_channel", app.ErrNoChannel})
	}
	if failed {
		return errors.Join(err, errNo)
	}
	return err
}

func (c *call) tested(r app.Tested) error {
	if c.out.json {
		t := tested{Channel: r.Channel, OK: r.Err == nil}
		if r.Err != nil {
			t.Code, t.Error = "not_sent", say.Explain(r.Err, say.English)
		}
		return c.out.object(t)
	}
	if r.Err != nil {
		return c.out.line("%s%s %s", r.Channel, c.lang.Colon(), say.Explain(r.Err, c.lang))
	}
	return c.out.line("%s", say.Text{
		EN: "%s: accepted. When you have it, type its six digits on the page.",
		FR: "%s\u00a0: accepté. Quand vous l’aurez reçu, tapez ses six chiffres sur la page.",
	}.In(c.lang, r.Channel))
}
