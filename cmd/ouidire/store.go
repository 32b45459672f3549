package main

import (
	"time"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

type storeCmd struct {
	Refused storeRefusedCmd `cmd:"" help:"${store_refused}"`
	Resend  storeResendCmd  `cmd:"" help:"${store_resend}"`
}

type storeRefusedCmd struct {
	Limit int `help:"${limit_flag}" default:"20"`
}

// Run implements `ouidire store refused`, also beside a running daemon. That nothing was
// refused is a good answer.
func (cmd storeRefusedCmd) Run(c *call) error {
	if err := atLeastOne(cmd.Limit); err != nil {
		return err
	}
	f, err := c.kept()
	if err != nil {
		return err
	}
	refused, err := app.Refused(c.ctx, f, cmd.Limit)
	if err != nil {
		return err
	}
	for _, l := range refused.Letters {
		if err := cmd.show(c, l, f.Organisation.Zone()); err != nil {
			return err
		}
	}
	if len(refused.Letters) == 0 && !c.out.json {
		if err := c.out.line("%s", say.Text{EN: "Elasticsearch has refused nothing for good.", FR: "Elasticsearch n’a rien refusé pour de bon."}.In(c.lang)); err != nil {
			return err
		}
	}
	cmd.others(c, refused)
	return nil
}

// others says, beside the answer, what was refused of the other shards.
func (storeRefusedCmd) others(c *call, refused app.Refusals) {
	if refused.Unknown != nil {
		c.warn(say.Text{EN: "What was refused of the other shards is not known: %s", FR: "Ce qui a été refusé aux autres processus n’est pas connu : %s"}, say.Explain(refused.Unknown, c.lang))
	}
	for _, r := range refused.Others {
		if r.Dead > 0 {
			c.warn(say.Text{
				EN: "Refused of shard %d: %s. Send that again from the page of shard 0, or by store resend on its machine.",
				FR: "Refusées au processus %d : %s. Renvoyez-les depuis la page du processus 0, ou par store resend sur sa machine.",
			}, r.Shard, c.lang.Number(r.Dead))
		}
	}
}

func (storeRefusedCmd) show(c *call, l store.DeadLetter, zone location) error {
	m := l.Mention
	var what string
	if len(m.Versions) > 0 {
		what = headline(m.Current())
	}
	if c.out.json {
		return c.out.object(refusedMention{Number: int(l.Seq), ID: l.ID, What: string(l.What), Title: what, Source: m.Source, URL: m.URL, PublishedAt: utc(m.PublishedAt),
			KnownAt: l.At, RefusedAt: l.Died, Why: say.Explain(l.Why, say.English), Reason: l.Reason})
	}
	if what == "" {
		what = l.ID
	}
	if about := errands[l.What]; about.EN != "" {
		what += " (" + about.In(c.lang) + ")"
	}
	return c.out.line("%d  %s  %s\n    %s%s %s\n    %s", l.Seq, c.lang.Moment(l.Died.In(zone)), what, oneLine(m.Source), c.lang.Colon(), say.Explain(l.Why, c.lang), oneLine(l.Reason))
}

// errands are what was to be done to a mention that is known already.
var errands = map[store.Errand]say.Text{
	store.ToGo:    {EN: "its deletion", FR: "sa suppression"},
	store.ToJudge: {EN: "a judgement of its tone", FR: "un jugement sur sa tonalité"},
}

func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

type storeResendCmd struct {
	Numbers []int64 `arg:"" optional:"" help:"${resend_arg}"`
}

// Run implements `ouidire store resend`, also beside a running daemon, which then does
// the sending.
func (cmd storeResendCmd) Run(c *call) error {
	f, err := c.kept()
	if err != nil {
		return err
	}
	r, err := app.Resend(c.ctx, f, cmd.Numbers)
	if err != nil {
		return err
	}
	if err := cmd.show(c, r); err != nil {
		return err
	}
	if r.Waiting {
		c.warn(say.Text{EN: "Elasticsearch has not taken everything yet: ouidire run goes on sending.", FR: "Elasticsearch n’a pas encore tout pris\u00a0: ouidire run continue l’envoi."})
	}
	if r.Refused > 0 || r.Sent < len(cmd.Numbers) {
		return errNo
	}
	return nil
}

func (storeResendCmd) show(c *call, r app.Resent) error {
	if c.out.json {
		return c.out.object(resent{Sent: r.Sent, Refused: r.Refused, Waiting: r.Waiting})
	}
	return c.out.line("%s", say.Text{EN: "Sent again: %s. Refused once more: %s.", FR: "Renvoyées\u00a0: %s. Refusées encore\u00a0: %s."}.In(c.lang, c.lang.Number(r.Sent), c.lang.Number(r.Refused)))
}

// kept is the configuration of a daemon that has kept something.
func (c *call) kept() (*config.File, error) {
	f, err := c.configured()
	if err != nil {
		return nil, err
	}
	return f, noData(f.Data)
}
