package app

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Past is one message that rules would have told, or did.
type Past struct {
	alerting.Due
	Subject, Body string
	// Approximate: not all of what was known then is still kept.
	Approximate bool
}

// journalled is for how long we remember what could not be read and what people did.
const journalled = 90 * 24 * time.Hour

// Backtest is what the configured rules, or the one called only, would have told in
// [from, upto] by what is stored, in order; also beside a running daemon.
func Backtest(ctx context.Context, f *config.File, only string, from, upto time.Time, o Options) (told []Past, err error) {
	err = withHistory(ctx, f, o, func(h history) error {
		rules, err := rulesCalled(f, only, o)
		if err != nil {
			return err
		}
		began, err := h.state.Installed(ctx)
		if err != nil {
			return err
		}
		if from.Before(began) {
			from = began // nobody was there to be told
		}
		acts, err := h.state.Acts(ctx, from, time.Time{})
		if err != nil {
			return err
		}
		b := alerting.Backtest{Known: alerting.Known{Mentions: h.store, Stories: h.state, Blind: blindOf(f, h.state), Listened: h.state.Listened}, Acts: acts, Called: h.state.Called}
		for _, r := range rules {
			owed, err := b.Run(ctx, r, from, upto)
			if err != nil {
				return fmt.Errorf("rule %s: %w", r.Name, err)
			}
			told = append(told, worded(f, owed, o.Now())...)
		}
		return nil
	})
	slices.SortStableFunc(told, func(a, b Past) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Incident.Rule, b.Incident.Rule), cmp.Compare(a.Incident.ID, b.Incident.ID))
	})
	return told, err
}

// rehearse is what one rule of a configuration that is not in force would have told
// since an instant.
func (a *App) rehearse(ctx context.Context, f *config.File, name string, since time.Time) (told []Past, err error) {
	rules, err := newRules(f, depsOf(f, a.Options))
	if err != nil {
		return nil, err
	}
	acts, err := a.state.Acts(ctx, since, time.Time{})
	if err != nil {
		return nil, err
	}
	b := alerting.Backtest{Known: alerting.Known{Mentions: a.store, Stories: a.state, Blind: a.blind, Listened: a.state.Listened}, Acts: acts, Called: a.state.Called}
	for i, p := range pairs(f) {
		if p.Rule.Name != name {
			continue
		}
		owed, err := b.Run(ctx, rules[i], since, a.line.Watermark.Upto())
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", name, err)
		}
		// Nobody could take in charge what never was.
		owed = slices.DeleteFunc(owed, func(d alerting.Due) bool { return d.Transition == alerting.Escalated })
		told = append(told, worded(f, owed, a.Now())...)
	}
	slices.SortStableFunc(told, func(a, b Past) int { return a.At.Compare(b.At) })
	return told, nil
}

// rulesCalled are the rules of a configuration, or the one of that name.
func rulesCalled(f *config.File, name string, o Options) ([]alerting.NamedRule, error) {
	rules, err := newRules(f, depsOf(f, o))
	if err != nil || name == "" {
		return rules, err
	}
	rules = slices.DeleteFunc(rules, func(r alerting.NamedRule) bool { return r.Name != name })
	if len(rules) == 0 {
		unknown := say.Errorf(say.Text{EN: "no rule is called %s; ouidire rules list names them", FR: "aucune règle ne s’appelle %s; ouidire rules list les nomme"}, name)
		unknown.Err = ErrNoRule
		return nil, unknown
	}
	return rules, nil
}

// worded is what people would have read of what was owed, in the organisation's language.
func worded(f *config.File, owed []alerting.Due, now time.Time) (told []Past) {
	reader := readerOf(f, f.Organisation.Lang())
	oldest := f.Retention.Mentions.Before(now)
	for _, d := range owed {
		if d.Suppressed != "" {
			continue
		}
		p := Past{Due: d, Approximate: now.Sub(d.At) > journalled || d.At.Before(oldest)}
		p.Subject, p.Body, _ = alerting.Compose(d.Incident, []alerting.Transition{d.Transition}, reader)
		told = append(told, p)
	}
	return told
}
