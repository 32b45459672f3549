// Package blind tells that sources cannot be read, by the same freshness that the page
// shows: for half an hour, so that one that stumbles says nothing. It is one matter
// however many sources it has; twice as many are told, and that all are read again.
// As nothing is kept of what cannot be read, it is asked three times within that time.
package blind

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	After time.Duration `yaml:"after" min:"10m" max:"7 days" doc:"How long a source must be unread." fr:"Depuis combien de temps une source doit n’être pas lue." example:"30m"`
}

// Default is half an hour.
func Default() Config { return Config{After: 30 * time.Minute} }

// Rule is the rule. It keeps nothing between two questions.
type Rule struct {
	Config
	alerting.Terms
	sources int
}

var (
	_ alerting.Rule      = (*Rule)(nil)
	_ alerting.Exercised = (*Rule)(nil)
)

// New makes the rule: to be watched closely, unless t says otherwise. It looks at every
// source, as every watch does.
func New(c Config, t alerting.Terms, d alerting.Deps) (*Rule, error) {
	if t.Severity == "" {
		t.Severity = alerting.Watch
	}
	return &Rule{c, t, len(d.Sources)}, nil
}

// often is how many times it asks within Config.After.
const often = 3

// Eval signals the sources that could not be read for so long, or that all can be.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	now, err := unread(ctx, ask, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	lasting := now
	if len(now) > 0 {
		before, err := unread(ctx, ask, asOf.Add(-r.After))
		if err != nil {
			return nil, time.Time{}, err
		}
		lasting = slices.DeleteFunc(slices.Clone(now), func(b alerting.Blindness) bool {
			return !slices.ContainsFunc(before, func(o alerting.Blindness) bool { return o.Source == b.Source })
		})
	}
	next = rule.Next(asOf, r.After/often)
	if len(now) > 0 && len(lasting) == 0 {
		return nil, next, nil // it may still pass
	}
	return []alerting.Signal{r.signal(lasting, asOf)}, next, nil
}

// unread is what could not be read at an instant. When we did not run ourselves, that is
// told on waking, and no fault of a source.
func unread(ctx context.Context, ask alerting.Asker, at time.Time) ([]alerting.Blindness, error) {
	all, err := ask.Blind(ctx, "", at)
	if err != nil {
		return nil, fmt.Errorf("ask what could not be read: %w", err)
	}
	return slices.DeleteFunc(all, func(b alerting.Blindness) bool { return b.Away }), nil
}

func (r *Rule) signal(unread []alerting.Blindness, asOf time.Time) alerting.Signal {
	s := alerting.Signal{Key: "sources", Watch: r.Watch, Severity: r.Severity, Size: len(unread), Over: len(unread) == 0}
	notice := &alerting.Notice{Titles: []alerting.Phrase{alerting.Say(sayAllRead)}, Upto: asOf, Next: alerting.Say(sayMend)}
	s.Facts.Notice = notice
	if s.Over {
		notice.Facts = []alerting.Phrase{alerting.Say(sayAgain)}
		return s
	}
	slices.SortStableFunc(unread, func(a, b alerting.Blindness) int { return a.Since.Compare(b.Since) })
	first := unread[0]
	s.Since = asOf // of those that were never read
	for _, b := range slices.Backward(unread) {
		if !b.Since.IsZero() {
			s.Since = b.Since
		}
	}
	since := alerting.When(s.Since, asOf)
	if len(unread) == 1 {
		notice.Titles = []alerting.Phrase{alerting.Say(sayOne, alerting.Name(first.Source), since)}
	} else {
		notice.Titles = []alerting.Phrase{alerting.Say(sayMany, alerting.Number(len(unread)), alerting.Number(max(r.sources, len(unread))), since)}
	}
	for _, b := range unread[:min(len(unread), listed)] {
		if b.Since.IsZero() {
			notice.Facts = append(notice.Facts, alerting.Say(sayNever, alerting.Name(b.Source)))
		} else {
			notice.Facts = append(notice.Facts, alerting.Say(sayLast, alerting.Name(b.Source), alerting.When(b.Since, asOf)))
		}
	}
	if more := len(unread) - listed; more > 0 {
		notice.Facts = append(notice.Facts, alerting.Say(sayMore, alerting.Number(more)))
	}
	notice.Facts = append(notice.Facts, alerting.Say(sayMeanwhile))
	return s
}

// listed is how many sources a message names.
const listed = 5

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	return r.signal([]alerting.Blindness{{Source: "ouidire", Since: asOf.Add(-r.After)}}, asOf)
}

var (
	sayOne       = say.Text{EN: "%s not read since %s", FR: "%s non lue depuis %s"}
	sayMany      = say.Text{EN: "%s sources of %s not read since %s", FR: "%s sources sur %s non lues depuis %s"}
	sayAllRead   = say.Text{EN: "every source is read again", FR: "toutes les sources sont lues de nouveau"}
	sayAgain     = say.Text{EN: "What was published meanwhile is being caught up on, as far as the places still show it.", FR: "Ce qui a été publié entre-temps est rattrapé, dans la mesure où les sites le montrent encore."}
	sayLast      = say.Text{EN: "%s: last read %s.", FR: "%s\u00a0: dernière lecture %s."}
	sayNever     = say.Text{EN: "%s: never read.", FR: "%s\u00a0: jamais lue."}
	sayMore      = say.Text{EN: "And %s more.", FR: "Et %s de plus."}
	sayMeanwhile = say.Text{EN: "What is said there is not seen meanwhile: calm means nothing.", FR: "Ce qui s’y dit n’est pas vu entre-temps\u00a0: le calme n’y veut rien dire."}
	sayMend      = say.Text{EN: "Next: see on the page of sources why, and what to do about it.", FR: "À faire\u00a0: voyez sous Sources pourquoi, et quoi faire."}
)
