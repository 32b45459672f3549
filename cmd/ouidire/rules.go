package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

type rulesCmd struct {
	Check rulesCheckCmd `cmd:"" help:"${rules_check}"`
	List  rulesListCmd  `cmd:"" help:"${rules_list}"`
	Fire  rulesFireCmd  `cmd:"" help:"${rules_fire}"`
}

type rulesCheckCmd struct{}

// Run implements `ouidire rules check`: what each rule lacks to do its work. A grave
// lack is an answer of no; one that time mends is not.
func (rulesCheckCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	found, rules, err := app.CheckRules(c.ctx, f, c.options(c.log(f.Log)))
	if err != nil {
		return err
	}
	grave := false
	for _, r := range rules {
		sound := true
		for _, lack := range found {
			if lack.Rule == r.Name {
				sound = false
				grave = grave || lack.Grave
				if err := c.lacks(lack); err != nil {
					return err
				}
			}
		}
		if sound {
			if err := c.sound(r.Name); err != nil {
				return err
			}
		}
	}
	if grave {
		return errNo
	}
	return nil
}

func (c *call) lacks(f app.Finding) error {
	if c.out.json {
		return c.out.object(ruleChecked{Rule: f.Rule, OK: !f.Grave, Code: f.Code, Lacks: f.In(say.English)})
	}
	return c.out.line("%s%s %s", f.Rule, c.lang.Colon(), f.In(c.lang))
}

func (c *call) sound(rule string) error {
	if c.out.json {
		return c.out.object(ruleChecked{Rule: rule, OK: true})
	}
	return c.out.line("%s", say.Text{EN: "%s: sound.", FR: "%s\u00a0: rien ne lui manque."}.In(c.lang, rule))
}

type rulesListCmd struct{}

// Run implements `ouidire rules list`, also beside a running daemon.
func (rulesListCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	rules, err := app.Rules(c.ctx, f, c.options(c.log(f.Log)))
	if err != nil {
		return err
	}
	for _, r := range rules {
		if err := c.ruleListed(f, r); err != nil {
			return err
		}
	}
	return nil
}

func (c *call) ruleListed(f *config.File, r app.Standing) error {
	if c.out.json {
		l := ruleListed{Rule: r.Name, Kind: r.Kind, Watch: r.Watches, Severity: r.Severity, Channels: r.Channels, EscalatesTo: r.Ladder.Channels(), AskedAt: r.Asked.UTC(), NextAt: r.Next.UTC()}
		for _, i := range r.Open {
			l.Open = append(l.Open, app.Situation(f, i, say.English))
		}
		return c.out.object(l)
	}
	asked := say.Text{EN: "never asked", FR: "jamais interrogée"}.In(c.lang)
	if !r.Asked.IsZero() {
		asked = say.Text{EN: "last asked %s", FR: "interrogée le %s"}.In(c.lang, c.lang.Moment(r.Asked.In(f.Organisation.Zone())))
	}
	watch := ""
	if r.Watches != "" {
		watch = " (" + r.Watches + ")"
	}
	if err := c.out.line("%s  %s%s, %s", r.Name, r.Kind, watch, asked); err != nil {
		return err
	}
	for _, i := range r.Open {
		if err := c.out.line("    %s", app.Situation(f, i, c.lang).Subject); err != nil {
			return err
		}
	}
	return nil
}

type rulesFireCmd struct {
	Rule string `arg:"" help:"${rule_arg}"`
}

// Run implements `ouidire rules fire`: a situation that was made up, marked so, through
// the rule's real channels.
func (cmd rulesFireCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	results, err := app.Fire(c.ctx, f, cmd.Rule, c.options(c.log(f.Log)))
	if err != nil {
		return err
	}
	failed := len(results) == 0
	for _, r := range results {
		failed = failed || r.Err != nil
		if err := c.ruleFired(r); err != nil {
			return err
		}
	}
	if len(results) == 0 {
		err = c.failed(wire.Failure{Input: cmd.Rule}, bad{"no_channel", say.Errorf(say.Text{
			EN: "this rule has no channel; add one under channels: in ouidire.yml",
			FR: "cette règle n’a aucun moyen d’envoi; ajoutez-en un sous channels: dans ouidire.yml",
		})})
	}
	if failed {
		return errors.Join(err, errNo)
	}
	return err
}

func (c *call) ruleFired(r app.Fired) error {
	if c.out.json {
		t := ruleFired{Rule: r.Rule, Channel: r.Channel, OK: r.Err == nil, Subject: r.Subject}
		if r.Err != nil {
			t.Code, t.Error = "not_sent", say.Explain(r.Err, say.English)
		}
		return c.out.object(t)
	}
	if r.Err != nil {
		return c.out.line("%s%s %s", r.Channel, c.lang.Colon(), say.Explain(r.Err, c.lang))
	}
	return c.out.line("%s", say.Text{EN: "%s: accepted, “%s”.", FR: "%s\u00a0: accepté, «\u00a0%s\u00a0»."}.In(c.lang, r.Channel, r.Subject))
}

type backtestCmd struct {
	Since string `help:"${backtest_since}" placeholder:"DATE"`
	Until string `help:"${backtest_until}" placeholder:"DATE"`
	Rule  string `help:"${backtest_rule}" placeholder:"NAME"`
	Full  bool   `help:"${backtest_full}"`
}

// backtestSpan is how far back one looks who does not say.
const backtestSpan = 30 * 24 * time.Hour

// Run implements `ouidire backtest`, also beside a running daemon. Nothing to tell is a
// good answer.
func (cmd backtestCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	o := c.options(c.log(f.Log))
	from, upto, err := cmd.span(o.Now(), f.Organisation.Zone())
	if err != nil {
		return usage{"usage", err}
	}
	if err := noData(f.Data); err != nil {
		return err
	}
	told, err := app.Backtest(c.ctx, f, cmd.Rule, from, upto, o)
	if err != nil {
		return err
	}
	approximate := false
	for _, p := range told {
		approximate = approximate || p.Approximate
		if err := cmd.show(c, f, p); err != nil {
			return err
		}
	}
	if approximate {
		c.warn(say.Text{EN: "Approximate: what could not be read and what people did is remembered for 90 days, mentions for as long as they are kept.",
			FR: "Approximatif\u00a0: ce qui n’a pas pu être lu et ce que les gens ont fait est retenu 90 jours, les mentions aussi longtemps qu’elles sont conservées."})
	}
	if !c.out.json {
		l := c.lang
		return c.out.line("%s", say.Text{EN: "%s between %s and %s.", FR: "%s entre le %s et le %s."}.In(l, messages(l, len(told)), l.Moment(from.In(f.Organisation.Zone())), l.Moment(upto.In(f.Organisation.Zone()))))
	}
	return nil
}

func messages(l say.Lang, n int) string {
	return fmt.Sprintf("%s %s", l.Number(n), l.Plural(n, "message", "messages"))
}

// span reads from when to when.
func (cmd backtestCmd) span(now time.Time, zone *time.Location) (from, upto time.Time, err error) {
	from, upto = now.Add(-backtestSpan), now
	if cmd.Until != "" {
		if upto, err = readDay(cmd.Until, zone); err != nil {
			return from, upto, err
		}
		from = upto.Add(-backtestSpan)
	}
	if cmd.Since != "" {
		if from, err = readDay(cmd.Since, zone); err != nil {
			return from, upto, err
		}
	}
	if !from.Before(upto) {
		return from, upto, say.Errorf(say.Text{EN: "--since comes before --until", FR: "--since vient avant --until"})
	}
	return from, upto, nil
}

// readDay reads a day, or an instant.
func readDay(s string, zone *time.Location) (time.Time, error) {
	if day, err := time.ParseInLocation(time.DateOnly, s, zone); err == nil {
		return day, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, say.Errorf(say.Text{EN: "%q is no day; write for example 2026-11-18 or 2026-11-18T09:12:00-05:00", FR: "%q n’est pas un jour; écrivez par exemple 2026-11-18 ou 2026-11-18T09:12:00-05:00"}, s)
	}
	return t, nil
}

func (cmd backtestCmd) show(c *call, f *config.File, p app.Past) error {
	i := p.Incident
	if c.out.json {
		return c.out.object(wouldTell{At: p.At.UTC(), Rule: i.Rule, Kind: i.Kind, Watch: i.Watch, Situation: i.ID, Transition: string(p.Transition), To: p.To,
			Severity: string(i.Severity), Since: i.Since.UTC(), Size: i.Size, Subject: p.Subject, Body: p.Body, Approximate: p.Approximate})
	}
	mark := ""
	if p.Approximate {
		mark = " ~"
	}
	if err := c.out.line("%s%s  %s  %s", c.lang.Moment(p.At.In(f.Organisation.Zone())), mark, i.Rule, p.Subject); err != nil || !cmd.Full {
		return err
	}
	return c.out.line("\n%s", p.Body)
}
