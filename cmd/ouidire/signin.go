package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

type notifySigninCmd struct {
	Channel string `arg:"" help:"${signin_arg}"`
}

// Run implements `ouidire notify signin`, also beside a running daemon.
func (cmd notifySigninCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	signing := alerting.Signing{
		Show:  func(p alerting.Prompt) error { return cmd.show(c, p, f.Organisation.Zone()) },
		Paste: func(ctx context.Context) (string, error) { return c.pasted(ctx) },
	}
	err = app.SignIn(c.ctx, f, cmd.Channel, signing, c.options(c.log(f.Log)))
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, app.ErrNoChannel):
		err = bad{"no_channel", err}
	case err != nil:
		err = bad{"not_signed_in", err}
	}
	if err != nil {
		return errors.Join(c.failed(wire.Failure{Input: cmd.Channel}, err), errNo)
	}
	return c.ok(cmd.Channel, say.Text{
		EN: "%[1]s may use this account now. Look whether its messages arrive: ouidire notify test %[1]s",
		FR: "%[1]s peut maintenant utiliser ce compte. Vérifiez que ses messages arrivent\u00a0: ouidire notify test %[1]s",
	}, cmd.Channel)
}

// show tells the person what to do, at once: what follows waits for them.
func (cmd notifySigninCmd) show(c *call, p alerting.Prompt, zone location) error {
	if c.out.json {
		if err := c.out.object(signInPrompt{Channel: cmd.Channel, Address: p.Address, UserCode: p.Code, Account: p.Account, Until: p.Until.UTC()}); err != nil {
			return err
		}
		return c.out.flush()
	}
	if err := c.out.line("%s", promptText(c.lang, p, zone)); err != nil {
		return err
	}
	return c.out.flush()
}

func promptText(l say.Lang, p alerting.Prompt, zone location) string {
	if p.Code == "" {
		return say.Text{
			EN: "Open this address in a browser and sign in as %s:\n\n    %s\n\nThe browser ends at a page that does not open. Copy its address, all of it, and paste it here:",
			FR: "Ouvrez cette adresse dans un navigateur, avec le compte %s\u00a0:\n\n    %s\n\nLe navigateur aboutit à une page qui ne s’ouvre pas. Copiez son adresse en entier et collez-la ici\u00a0:",
		}.In(l, p.Account, p.Address)
	}
	return say.Text{
		EN:     "On any device, open %s, type the code %s and sign in as %s.\nThe code is good until %s. Waiting…",
		FR:     "Sur n’importe quel appareil, ouvrez %s, tapez le code %s et ouvrez une session avec le compte %s.\nLe code est bon jusqu’à %s. En attente…",
		France: "Sur n’importe quel appareil, ouvrez %s, tapez le code %s et connectez-vous avec le compte %s.\nLe code est bon jusqu’à %s. En attente…",
	}.In(l, p.Address, p.Code, p.Account, l.Clock(p.Until.In(zone)))
}

// pasted is the next line of what a person types.
func (c *call) pasted(ctx context.Context) (string, error) {
	line, err := bufio.NewReaderSize(io.LimitReader(c.stdin, 64<<10), 4<<10).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the address: %w", err)
	}
	return line, ctx.Err()
}
