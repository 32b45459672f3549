// Package share tells that an unusual part of what is said of a watch is negative:
// more than such a share of at least so many comments, reviews and posts within a
// window, by several people in several places. Beside it the message says what share
// is usual. It tells when that begins, when the negative ones have doubled, and when it
// is over: the share under two thirds of the limit, or hardly anybody speaking, for half
// an hour while everything could be read.
//
// A question takes as long as one of threshold with the same window: 5 ms with 100
// mentions in it (BenchmarkEval).
package share

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	Above      float64 `yaml:"above" doc:"From which share of negative mentions on it tells, 1 for all of them." fr:"À partir de quelle part de mentions négatives elle prévient; 1 pour toutes." example:"0.6"`
	AtLeast    int     `yaml:"at_least" min:"2" max:"100000" doc:"How many mentions there must be for a share to mean something." fr:"Combien de mentions il faut pour qu’une part veuille dire quelque chose." example:"10"`
	rule.Crowd `yaml:",inline"`
}

// Default is six in ten of at least ten mentions within a day, by five people in two
// places.
func Default() Config {
	return Config{Above: 0.6, AtLeast: 10, Crowd: rule.Crowd{Window: 24 * time.Hour, Authors: 5, Places: 2}}
}

// Check says what the types cannot.
func (c *Config) Check() []config.Problem { return rule.CheckShare("above", c.Above) }

// Rule is the rule. It keeps nothing between two questions.
type Rule struct {
	Config
	alerting.Terms
}

var (
	_ alerting.Rule      = (*Rule)(nil)
	_ alerting.Exercised = (*Rule)(nil)
	_ rule.Standing      = (*Rule)(nil)
)

// New makes the rule: to be watched closely, unless t says otherwise.
func New(c Config, t alerting.Terms, _ alerting.Deps) (*Rule, error) {
	if t.Severity == "" {
		t.Severity = alerting.Watch
	}
	return &Rule{c, t}, nil
}

// Eval signals the crowd that is there, or that none is. The key is the watch: one
// crowd at a time.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	count, e, err := r.episode(ctx, ask, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	signal := alerting.Signal{Key: r.Watch, Watch: r.Watch, Severity: r.Severity, Since: e.Since, Size: e.Peak, Over: !e.On, Of: r.Watch}
	if e.On || asOf.Sub(e.Ended) < rule.Worded {
		d, err := count.Describe(ctx, e, r.Window)
		if err != nil {
			return nil, time.Time{}, err
		}
		signal.Mentions, signal.Facts.Notice = d.IDs, r.notice(d)
	}
	return []alerting.Signal{signal}, e.Next, nil
}

// episode is how the crowd stands.
func (r *Rule) episode(ctx context.Context, ask alerting.Asker, asOf time.Time) (rule.Count, rule.Episode, error) {
	count := rule.Count{Asker: ask, Watch: r.Watch, AsOf: asOf, Kinds: rule.Spoken(), Weighs: rule.Negative}
	e, err := r.Gate(r.fires, r.low, count.Unread).At(ctx, asOf, count.Load(ctx))
	return count, e, err
}

// Swept implements rule.Swept.
func (r *Rule) Swept() ([]string, time.Duration) { return []string{r.Watch}, r.Window }

// Stands implements rule.Standing.
func (r *Rule) Stands(ctx context.Context, ask alerting.Asker, _ string, _, asOf time.Time) (bool, error) {
	_, e, err := r.episode(ctx, ask, asOf)
	return e.On, err
}

func (r *Rule) fires(t rule.Tally) bool { return t.All >= r.AtLeast && t.Share() >= r.Above }

func (r *Rule) low(t rule.Tally) bool { return 2*t.All < r.AtLeast || 3*t.Share() < 2*r.Above }

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	d := rule.Exercise(asOf)
	return alerting.Signal{Key: r.Watch, Watch: r.Watch, Severity: r.Severity, Since: d.Since, Size: d.Peak, Facts: alerting.Facts{Notice: r.notice(d)}}
}

func (r *Rule) notice(d rule.Described) *alerting.Notice {
	n := d.Notice(r.titles(d)...)
	now := alerting.Say(sayOf, alerting.Number(d.Now.N), alerting.Number(d.Now.All), alerting.Span(r.Window))
	n.Facts = append(n.Facts, now, alerting.Say(sayRule, alerting.Share(r.Above), alerting.Number(r.AtLeast)))
	return n
}

// titles are which share, which as a rule, and whom.
func (r *Rule) titles(d rule.Described) []alerting.Phrase {
	now, n, all, whom := alerting.Share(d.Now.Share()), alerting.Number(d.Now.N), alerting.Number(d.Now.All), alerting.Whom(r.Watch)
	switch {
	case !d.On:
		return []alerting.Phrase{alerting.Say(sayOver, now, whom)}
	case d.All < 1: // nothing is usual
		return []alerting.Phrase{alerting.Say(sayNew, now, n, all, whom), alerting.Say(sayNewShort, now, n, all, whom)}
	}
	usual := alerting.Share(d.Usual / d.All)
	return []alerting.Phrase{alerting.Say(sayNow, now, usual, n, all, whom), alerting.Say(sayNowShort, now, usual, whom)}
}

var (
	sayNow      = say.Text{EN: "%s negative, usually %s (%s of %s, %s)", FR: "%s négatives, %s d’habitude (%s sur %s, %s)"}
	sayNowShort = say.Text{EN: "%s negative, usually %s (%s)", FR: "%s négatives, %s d’habitude (%s)"}
	sayNew      = say.Text{EN: "%s of mentions are negative (%s of %s, %s)", FR: "%s des mentions sont négatives (%s sur %s, %s)"}
	sayNewShort = say.Text{EN: "%s negative (%s of %s, %s)", FR: "%s négatives (%s sur %s, %s)"}
	sayOver     = say.Text{EN: "down to %s negative mentions (%s)", FR: "plus que %s de mentions négatives (%s)"}
	sayOf       = say.Text{EN: "%s of %s mentions within %s are judged negative.", FR: "%s mentions sur %s en %s sont jugées négatives."}
	sayRule     = say.Text{EN: "Your rule tells you from %s of at least %s on.", FR: "Votre règle prévient à partir de %s d’au moins %s."}
)
