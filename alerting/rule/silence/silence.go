// Package silence tells that a source which regularly brings something about a watch
// has brought nothing for longer than it ever does, by its own gaps, as
// internal/freshness judges them: nights and weekends belong to it. It says so once for
// each source, and once more when it speaks again. A source that cannot be read is the
// business of the rule blind, and changes nothing here; one that brings too little has
// no rhythm, and is never told.
//
// It judges every six hours only: silence is in no hurry.
package silence

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/internal/freshness"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	Sources []string      `yaml:"sources" doc:"Which sources should speak; every one that regularly does when left out." fr:"Les sources qui devraient parler; toutes celles qui le font régulièrement, par défaut." example:"[echo]"`
	After   time.Duration `yaml:"after" min:"1h" max:"366 days" doc:"How long it must be silent at least." fr:"Combien de temps elle doit se taire au moins." example:"24h"`
}

// Default is every source, after a day.
func Default() Config { return Config{After: 24 * time.Hour} }

// Rule is the rule. It keeps nothing between two questions.
type Rule struct {
	Config
	alerting.Terms
}

var (
	_ alerting.Rule      = (*Rule)(nil)
	_ alerting.Exercised = (*Rule)(nil)
)

// New makes the rule: to be watched closely, unless t says otherwise.
func New(c Config, t alerting.Terms, d alerting.Deps) (*Rule, error) {
	if t.Severity == "" {
		t.Severity = alerting.Watch
	}
	if len(c.Sources) == 0 {
		c.Sources = d.Sources
	}
	return &Rule{c, t}, nil
}

// every is how often it judges.
const every = 6 * time.Hour

// Eval signals at its hours which sources are silent, and of the others that they speak.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	next = rule.Next(asOf, every)
	if !asOf.Equal(asOf.Truncate(every)) {
		return nil, next, nil
	}
	blind, err := ask.Blind(ctx, r.Watch, asOf)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("ask what cannot be read: %w", err)
	}
	for _, source := range r.Sources {
		if slices.ContainsFunc(blind, func(b alerting.Blindness) bool { return b.Source == source }) {
			continue
		}
		s, ok, err := r.listen(ctx, ask, source, asOf)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("ask when %s last spoke: %w", source, err)
		}
		if ok {
			signals = append(signals, s)
		}
	}
	return signals, next, nil
}

const (
	// remembered is how many publications say what is usual, the newest.
	remembered = 100
	// longest is how far back they may lie.
	longest = 400 * 24 * time.Hour
)

// listen judges one source; ok is false when nothing can be said of it.
func (r *Rule) listen(ctx context.Context, ask alerting.Asker, source string, asOf time.Time) (s alerting.Signal, ok bool, err error) {
	q := store.Question{Watches: []string{r.Watch}, Sources: []string{source}, From: asOf.Add(-longest), Gone: true}
	found, _, err := ask.Search(ctx, q, remembered, "")
	if err != nil || len(found) == 0 {
		return s, false, err
	}
	var items []freshness.Item
	for _, m := range found {
		items = append(items, freshness.Item{ID: m.ID, Published: m.PublishedAt})
	}
	last := found[0].PublishedAt
	var h freshness.History
	h.Visit(last, time.Time{}, items)
	usual := h.Usual()
	if usual == 0 {
		return s, false, nil
	}
	silent := asOf.Sub(last)
	return r.signal(spoken{source, last, usual, asOf}, h.Judge(asOf) == freshness.Usual || silent < r.After), true, nil
}

// spoken is when a source last spoke of the watch.
type spoken struct {
	source string
	last   time.Time
	usual  time.Duration
	asOf   time.Time
}

func (r *Rule) signal(s spoken, over bool) alerting.Signal {
	name, whom := alerting.Name(s.source), alerting.Whom(r.Watch)
	signal := alerting.Signal{Key: r.Watch + "\x00" + s.source, Watch: r.Watch, Severity: r.Severity, Since: s.last, Over: over}
	n := &alerting.Notice{Upto: s.last, Next: alerting.Say(sayLook)}
	signal.Facts.Notice = n
	if over {
		n.Titles = []alerting.Phrase{alerting.Say(sayAgain, name, whom)}
		n.Facts = []alerting.Phrase{alerting.Say(sayLast, alerting.When(s.last, s.asOf))}
		return signal
	}
	silent := alerting.Span(s.asOf.Sub(s.last))
	n.Titles = []alerting.Phrase{
		alerting.Say(sayNothing, name, silent, alerting.Span(s.usual), whom),
		alerting.Say(sayShort, name, silent, whom),
	}
	n.Facts = []alerting.Phrase{alerting.Say(sayLast, alerting.When(s.last, s.asOf)), alerting.Say(sayUsual, alerting.Span(s.usual)), alerting.Say(sayRead)}
	return signal
}

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	return r.signal(spoken{"ouidire", asOf.Add(-72 * time.Hour), 9 * time.Hour, asOf}, false)
}

var (
	sayNothing = say.Text{EN: "nothing in %s for %s, usually %s at most (%s)", FR: "plus rien dans %s depuis %s, %s au plus d’habitude (%s)"}
	sayShort   = say.Text{EN: "nothing in %s for %s (%s)", FR: "plus rien dans %s depuis %s (%s)"}
	sayAgain   = say.Text{EN: "%s speaks of it again (%s)", FR: "%s en parle de nouveau (%s)"}
	sayLast    = say.Text{EN: "Last mention: %s.", FR: "Dernière mention\u00a0: %s."}
	sayUsual   = say.Text{EN: "As a rule, the next one comes within %s.", FR: "D’habitude, la suivante vient en moins de %s."}
	sayRead    = say.Text{EN: "The source can be read: it is silent, or no longer where it was.", FR: "La source est lue\u00a0: elle se tait, ou n’est plus au même endroit."}
	sayLook    = say.Text{EN: "Next: look whether it still publishes at that address.", FR: "À faire\u00a0: voyez si elle publie encore à cette adresse."}
)
