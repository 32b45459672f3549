// Package keyword tells at once that words of which an organisation must hear stand in
// what is said of a watch: by default those of a crisis, in both languages. Whoever
// tells it, a story is told once, and a conversation once; what an edit adds counts.
// History is never told.
//
// Of a watch that is not about the organisation itself, and that all whom the rule tells
// read a digest of each day, it tells only what cannot wait for the digest: what names the
// organisation, and a story that spreads.
package keyword

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	Query string `yaml:"query" doc:"The words, written as a search; they are looked for in what the watch finds." fr:"Les mots, écrits comme une recherche; ils sont cherchés dans ce que la veille retient." example:"fraude OU grève OU \"fuite de données\""`
}

// crisis is words that nobody who looks after a name wants to read late. None of them
// has an everyday meaning in the other language.
const crisis = `fraude OU fraud OU arnaque OU scam OU piratage OU hacked OU cyberattaque OU cyberattack OU rançongiciel OU ransomware OU ` +
	`"fuite de données" OU "vol de données" OU "data breach" OU lawsuit OU "action collective" OU "class action" OU ` +
	`perquisition OU grève OU lockout OU boycott OU boycottage OU congédiement OU layoffs OU ` +
	`harcèlement OU harassment OU agression OU racisme OU racism OU scandale OU scandal OU ` +
	`incendie OU explosion OU évacuation OU décès OU intoxication`

// Default is the words of a crisis.
func Default() Config { return Config{Query: crisis} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	_, err := query.Parse(c.Query)
	switch {
	case strings.TrimSpace(c.Query) == "":
		return []config.Problem{{Key: "query", Example: "fraude OU grève", Text: say.Text{EN: "query is empty", FR: "query est vide"}}}
	case err != nil:
		return []config.Problem{{Key: "query", Text: say.Text{EN: "query: %v", FR: "query\u00a0: %v"}, Args: []any{err}}}
	}
	return nil
}

// Rule is the rule. It keeps nothing between two questions.
type Rule struct {
	alerting.Terms
	text query.Node
	own  func(watch string) bool
}

var (
	_ alerting.Rule      = (*Rule)(nil)
	_ alerting.Exercised = (*Rule)(nil)
)

// New makes the rule of a Config that has been checked: urgent, unless t says otherwise.
func New(c Config, t alerting.Terms, d alerting.Deps) (*Rule, error) {
	node, err := query.Parse(c.Query)
	if err != nil {
		return nil, fmt.Errorf("read the words: %w", err)
	}
	if t.Severity == "" {
		t.Severity = alerting.Urgent
	}
	own := d.Own
	if own == nil {
		own = func(string) bool { return false }
	}
	return &Rule{t, node, own}, nil
}

// Eval signals what was lately told with such words, once its wait is over.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	q := store.Question{Watches: []string{r.Watch}, Text: r.text}
	found, err := rule.Fresh(ctx, ask, q, asOf.Add(-r.Wait-rule.Slack), asOf)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look for the words: %w", err)
	}
	tales, err := rule.Tales(ctx, ask, r.Watch, found, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, t := range tales {
		since, pressing := t.Since, true
		if r.Digested {
			since, pressing = t.Pressing(r.own)
		}
		due := since.Add(r.Wait)
		switch {
		case !pressing:
		case !due.After(asOf):
			signals = append(signals, r.signal(t))
		case next.IsZero() || due.Before(next):
			next = due
		}
	}
	return signals, next, nil
}

func (r *Rule) signal(t rule.Tale) alerting.Signal {
	ids, quotes := t.Quotes()
	titles := []alerting.Phrase{alerting.Say(sayAny, t.In(), alerting.Whom(r.Watch))}
	if word := said(&t.First, r.text); word != "" { // a query may have conditions alone
		titles = []alerting.Phrase{alerting.Say(sayWord, alerting.Quote(word), t.In(), alerting.Whom(r.Watch))}
	}
	where := alerting.Say(sayWhere, alerting.Name(t.First.Source), alerting.When(t.First.PublishedAt, t.Since))
	if title := t.First.Current().Title; title != "" {
		where = alerting.Say(sayTitle, alerting.Quote(title), alerting.Name(t.First.Source), alerting.When(t.First.PublishedAt, t.Since))
	}
	notice := &alerting.Notice{Titles: titles, Quotes: quotes, URL: t.First.URL, Upto: t.First.PublishedAt, Next: alerting.Say(sayDecide), Facts: []alerting.Phrase{where}}
	return alerting.Signal{Key: r.Watch + "\x00" + t.Key, Watch: r.Watch, Severity: r.Severity, Since: t.Since, Mentions: ids, Facts: alerting.Facts{Notice: notice}}
}

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	m := mention.Mention{Source: "ouidire", PublishedAt: asOf}
	return r.signal(rule.Tale{Key: "exercise", Since: asOf, Outlets: 3, Story: true, First: m})
}

// said is the first word of m that was looked for, as it is written.
func said(m *mention.Mention, n query.Node) string {
	v := m.Current()
	d := query.NewDocument(query.Fields{Title: v.Title, Text: v.Text, Author: m.Author.Name, URL: m.URL, Source: m.Source, Lang: m.Lang, Kind: string(m.Kind)})
	if spans, ok := query.Match(d, n); ok {
		if words := d.Words(spans); len(words) > 0 {
			return words[0]
		}
	}
	return ""
}

var (
	sayWord   = say.Text{EN: "%s in %s (%s)", FR: "%s dans %s (%s)"}
	sayAny    = say.Text{EN: "words to watch for in %s (%s)", FR: "mots à surveiller dans %s (%s)"}
	sayTitle  = say.Text{EN: "%s, first at %s, %s.", FR: "%s, d’abord dans %s, %s."}
	sayWhere  = say.Text{EN: "First at %s, %s.", FR: "D’abord dans %s, %s."}
	sayDecide = say.Text{EN: "Next: read it, tell whoever decides, answer nothing before that.", FR: "À faire : lisez ce qui est dit, prévenez la personne qui décide, ne répondez rien avant."}
)
