// Package threshold tells that more than so many mentions, or negative ones, of a
// watch came within a window, by several people and in several places. It learns
// nothing: the limit is the one that was written. It says so once when it is reached,
// again each time the number has doubled, and when it is over: under half of the limit
// for half an hour, while everything could be read.
//
// Articles of one story count once. What was published before it could be news does
// not count, and what comes in too late for its window does not either.
//
// On a busy machine, a question about a calm hour takes 2 ms, one in the middle of a
// crowd of 200 comments 56 ms, which is what reading their words costs (BenchmarkEval).
package threshold

import (
	"context"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	Count      string `yaml:"count" enum:"negative,mentions" doc:"What is counted: what is judged negative, or everything." fr:"Ce qui est compté; ce qui est jugé négatif (negative) ou tout (mentions)." example:"negative"`
	Above      int    `yaml:"above" min:"1" max:"100000" doc:"From how many on it tells." fr:"À partir de combien elle prévient." example:"8"`
	rule.Crowd `yaml:",inline"`
}

// The things that may be counted.
const (
	Negative = "negative"
	Mentions = "mentions"
)

// Default is eight negative mentions in an hour, by five people in two places.
func Default() Config {
	return Config{Count: Negative, Above: 8, Crowd: rule.Crowd{Window: time.Hour, Authors: 5, Places: 2}}
}

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
	signal := alerting.Signal{Key: r.Watch, Watch: r.Watch, Severity: r.Severity, Since: e.Since, Size: e.Peak, Over: !e.On}
	if r.Count == Negative {
		signal.Of = r.Watch
	}
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
	count := rule.Count{Asker: ask, Watch: r.Watch, AsOf: asOf, Weighs: func(*mention.Mention) bool { return true }}
	if r.Count == Negative {
		count.Kinds, count.Weighs = rule.Spoken(), rule.Negative
	}
	gate := r.Gate(func(t rule.Tally) bool { return t.N >= r.Above }, func(t rule.Tally) bool { return 2*t.N < r.Above }, count.Unread)
	e, err := gate.At(ctx, asOf, count.Load(ctx))
	return count, e, err
}

// Swept implements rule.Swept: a wave of negative comments explains no other mention.
func (r *Rule) Swept() ([]string, time.Duration) {
	if r.Count != Negative {
		return nil, 0
	}
	return []string{r.Watch}, r.Window
}

// Stands implements rule.Standing.
func (r *Rule) Stands(ctx context.Context, ask alerting.Asker, _ string, _, asOf time.Time) (bool, error) {
	_, e, err := r.episode(ctx, ask, asOf)
	return e.On, err
}

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	d := rule.Exercise(asOf)
	return alerting.Signal{Key: r.Watch, Watch: r.Watch, Severity: r.Severity, Since: d.Since, Size: d.Peak, Facts: alerting.Facts{Notice: r.notice(d)}}
}

func (r *Rule) notice(d rule.Described) *alerting.Notice {
	n := d.Notice(r.titles(d)...)
	n.Facts = append(n.Facts, alerting.Say(sayRule, alerting.Number(r.Above), alerting.Span(r.Window)))
	n.Tone = r.Count == Negative
	return n
}

// titles are how many in how long, how many as a rule, and whom.
func (r *Rule) titles(d rule.Described) (titles []alerting.Phrase) {
	all := []say.Text{sayNegative, sayNegativeShort}
	over := sayNegativeOver
	if r.Count == Mentions {
		all, over = []say.Text{sayMentions}, sayMentionsOver
	}
	if !d.On {
		return []alerting.Phrase{alerting.Say(over, alerting.Number(d.Total), alerting.Number(d.People), alerting.Whom(r.Watch))}
	}
	usual := alerting.Counted(d.Usually(), sayUsually, sayUsually)
	if d.Weeks == 0 {
		usual = alerting.Counted(r.Above, sayLimit, sayLimit)
	}
	for _, t := range all {
		titles = append(titles, alerting.Say(t, alerting.Number(d.Peak), alerting.Span(r.Window), usual, alerting.Whom(r.Watch)))
	}
	return titles
}

var (
	sayNegative      = say.Text{EN: "%s negative comments in %s, %s (%s)", FR: "%s commentaires négatifs en %s, %s (%s)"}
	sayNegativeShort = say.Text{EN: "%s negative in %s, %s (%s)", FR: "%s négatifs en %s, %s (%s)"}
	sayMentions      = say.Text{EN: "%s mentions in %s, %s (%s)", FR: "%s mentions en %s, %s (%s)"}
	sayNegativeOver  = say.Text{EN: "%s negative comments, %s people (%s)", FR: "%s commentaires négatifs, %s personnes (%s)"}
	sayMentionsOver  = say.Text{EN: "%s mentions, %s people (%s)", FR: "%s mentions, %s personnes (%s)"}
	sayUsually       = say.Text{EN: "usually %s", FR: "%s d’habitude"}
	sayLimit         = say.Text{EN: "limit %s", FR: "limite de %s"}
	sayRule          = say.Text{EN: "Your rule tells you from %s in %s on.", FR: "Votre règle prévient à partir de %s en %s."}
)
