// Package newsource tells that somebody who matters speaks of a watch for the first
// time: an outlet that never did, or an account with many followers. Nothing is told
// before two weeks of the watch are known, since everybody is new at first; what was
// there before installation counts as known.
package newsource

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	Audience int `yaml:"audience" min:"1" max:"1000000000" doc:"From how many followers on an account is told of." fr:"À partir de combien d’abonnés un compte est signalé." example:"10000"`
}

// Default is outlets, and accounts from ten thousand followers on.
func Default() Config { return Config{Audience: 10_000} }

// Rule is the rule. It keeps nothing between two questions.
type Rule struct {
	Config
	alerting.Terms
}

var (
	_ alerting.Rule      = (*Rule)(nil)
	_ alerting.Exercised = (*Rule)(nil)
)

// usualWait is how long others may join before it is told.
const usualWait = 2 * time.Minute

// New makes the rule: for information and after two minutes, unless t says otherwise.
func New(c Config, t alerting.Terms, _ alerting.Deps) (*Rule, error) {
	if t.Severity == "" {
		t.Severity = alerting.Inform
	}
	t.Wait = cmp.Or(t.Wait, usualWait)
	return &Rule{c, t}, nil
}

// voice is who may be new.
type voice struct {
	key, name string
	audience  int        // of an account
	asked     query.Node // finds all that this voice said, and perhaps more
	is        func(*mention.Mention) bool
}

// voiceOf is whose voice m is; ok is false for one that is not looked at.
func (r *Rule) voiceOf(m *mention.Mention) (v voice, ok bool) {
	outlet := story.Outlet(m)
	host := query.Host(m.URL)
	switch author := rule.AuthorOf(m); {
	case m.Kind == mention.Article && host != "":
		return voice{key: "outlet " + outlet, name: outlet, asked: query.Attr{Field: query.Site, Value: outlet},
			is: func(o *mention.Mention) bool { return o.Kind == mention.Article && story.Outlet(o) == outlet }}, true
	case m.Author.Audience >= r.Audience && m.Author.Name != "":
		return voice{key: "account " + author, name: m.Author.Name, audience: m.Author.Audience, asked: named(m.Author.Name),
			is: func(o *mention.Mention) bool { return rule.AuthorOf(o) == author }}, true
	}
	return v, false
}

// named looks for an author's name; nil, for everybody, when it holds no word.
func named(name string) query.Node {
	var terms []query.Term
	for _, t := range text.Tokens(name) {
		terms = append(terms, query.Term{Kind: query.Folded, Fold: t.Fold, French: t.French, English: t.English, Exact: t.Exact, Label: t.Label, Written: t.Exact})
	}
	if len(terms) == 0 {
		return nil
	}
	return query.Phrase{In: query.Author, Terms: terms}
}

// Eval signals the voices that were lately heard for the first time.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	from := asOf.Add(-r.Wait - rule.Slack)
	found, err := rule.Fresh(ctx, ask, store.Question{Watches: []string{r.Watch}}, from, asOf)
	if err != nil || len(found) == 0 {
		return nil, time.Time{}, err
	}
	since, err := rule.Watched(ctx, ask, r.Watch)
	if err != nil || asOf.Sub(since) < rule.Learning {
		return nil, time.Time{}, err
	}
	heard := map[string]bool{}
	for _, m := range found {
		v, ok := r.voiceOf(&m)
		if !ok || heard[v.key] || m.SeenAt.Before(from) { // an edit is no first word
			continue
		}
		heard[v.key] = true
		if due := m.SeenAt.Add(r.Wait); due.After(asOf) {
			if next.IsZero() || due.Before(next) {
				next = due
			}
			continue
		}
		known, err := r.known(ctx, ask, v, m)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("ask whether %s is new: %w", r.Watch, err)
		}
		if !known {
			signals = append(signals, r.signal(v, m))
		}
	}
	return signals, next, nil
}

// known says whether this voice spoke of the watch before m.
func (r *Rule) known(ctx context.Context, ask alerting.Asker, v voice, m mention.Mention) (known bool, err error) {
	q := store.Question{Watches: []string{r.Watch}, Text: v.asked, SeenTo: m.SeenAt, Gone: true}
	for after := ""; ; {
		page, next, err := ask.Search(ctx, q, askedAtOnce, after)
		if err != nil {
			return false, err
		}
		for i := range page {
			if v.is(&page[i]) {
				return true, nil
			}
		}
		if after = next; after == "" {
			return false, nil
		}
	}
}

const askedAtOnce = 100

func (r *Rule) signal(v voice, m mention.Mention) alerting.Signal {
	ids, quotes := rule.Tale{First: m, Found: []mention.Mention{m}}.Quotes()
	titles := []alerting.Phrase{alerting.Say(sayOutlet, alerting.Outlet(v.name), alerting.Whom(r.Watch))}
	if v.audience > 0 {
		titles = []alerting.Phrase{alerting.Say(sayAccount, alerting.Name(v.name), alerting.Number(v.audience), alerting.Whom(r.Watch))}
	}
	notice := &alerting.Notice{Titles: titles, Quotes: quotes, URL: m.URL, Upto: m.PublishedAt, Next: alerting.Say(sayWelcome),
		Facts: []alerting.Phrase{alerting.Say(sayNever)}}
	if title := m.Current().Title; title != "" {
		notice.Facts = slices.Insert(notice.Facts, 0, alerting.Say(sayWhen, alerting.Quote(title), alerting.When(m.PublishedAt, m.SeenAt)))
	}
	return alerting.Signal{Key: r.Watch + "\x00" + v.key, Watch: r.Watch, Severity: r.Severity, Since: m.SeenAt, Mentions: ids, Facts: alerting.Facts{Notice: notice}}
}

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	m := mention.Mention{Source: "ouidire", PublishedAt: asOf, SeenAt: asOf}
	return r.signal(voice{key: "exercise", name: "ouidire", audience: 12_000}, m)
}

var (
	sayOutlet  = say.Text{EN: "first mention by %s (%s)", FR: "première mention par %s (%s)"}
	sayAccount = say.Text{EN: "first mention by %s, %s followers (%s)", FR: "première mention par %s, %s abonnés (%s)"}
	sayWhen    = say.Text{EN: "%s, %s.", FR: "%s, %s."}
	sayNever   = say.Text{EN: "Nothing earlier by them about you is kept.", FR: "Aucune mention antérieure de leur part n’est conservée."}
	sayWelcome = say.Text{EN: "Next: read it, and see whether it is worth getting in touch.", FR: "À faire\u00a0: lisez ce qui est dit et voyez s’il vaut la peine d’établir le contact."}
)
