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
	"slices"
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
	_ alerting.Storyteller = (*Rule)(nil)
	_ alerting.Exercised   = (*Rule)(nil)
	_ rule.Standing        = (*Rule)(nil)
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
	from := asOf.Add(-r.Wait - rule.Slack)
	all, err := r.stories(ctx, ask, from, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	others, err := r.others(ctx, ask, all, from, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, t := range append(all, others...) {
		switch {
		case !t.due.After(asOf):
			s := r.signal(t.Tale, t.due)
			if s.Story != nil && s.Story.Talk { // people may have known of it before what is new in it
				since, err := r.Tells(ctx, ask, *s.Story, asOf)
				if err != nil {
					return nil, time.Time{}, err
				}
				s.Due = since.At
			}
			signals = append(signals, s)
		case next.IsZero() || t.due.Before(next):
			next = t.due
		}
	}
	return signals, next, nil
}

// told is what is told of together, and since when it is due.
type told struct {
	rule.Tale
	due time.Time
}

// Tells implements alerting.Storyteller.
func (r *Rule) Tells(ctx context.Context, ask alerting.Asker, s alerting.Story, asOf time.Time) (alerting.Telling, error) {
	find := r.story
	if s.Talk {
		find = r.talk
	}
	t, ok, err := find(ctx, ask, s, asOf)
	if !ok || err != nil {
		return alerting.Telling{Severity: r.Severity, Named: r.own(r.Watch)}, err
	}
	return alerting.Telling{At: t.due, Severity: r.Severity, Named: r.own(r.Watch)}, nil
}

// talk finds the words in a conversation that goes on; ok is false when there is no reason to
// tell it.
func (r *Rule) talk(ctx context.Context, ask alerting.Asker, s alerting.Story, asOf time.Time) (t told, ok bool, err error) {
	found, err := rule.Going(ctx, ask, r.asked(), s, asOf)
	if err != nil || len(found) == 0 {
		return t, false, err
	}
	t.Tale = rule.Tale{Key: s.ID, Since: found[0].SeenAt, First: found[0], Found: found}
	t.due, ok = r.due(t.Tale)
	return t, ok, nil
}

// Swept implements rule.Swept: what is found in a conversation may be found in a wave.
func (r *Rule) Swept() ([]string, time.Duration) { return []string{r.Watch}, r.Wait + rule.Slack }

// Stands implements rule.Standing.
func (r *Rule) Stands(ctx context.Context, ask alerting.Asker, watch string, since, asOf time.Time) (stands bool, err error) {
	all, err := r.others(ctx, ask, nil, asOf.Add(-r.Wait-rule.Slack), asOf)
	for _, t := range all {
		if stands || err != nil {
			break
		}
		if !t.Story && !t.due.After(asOf) {
			stands, err = rule.Stands(ctx, ask, watch, t.Key, since, asOf)
		}
	}
	return stands, err
}

// asked is what has the words.
func (r *Rule) asked() store.Question {
	return store.Question{Watches: []string{r.Watch}, Text: r.text}
}

// stories are those that lately got a member, with such words in any.
func (r *Rule) stories(ctx context.Context, ask alerting.Asker, from, asOf time.Time) (all []told, err error) {
	stories, err := ask.Stories(ctx, r.Watch, from, asOf.Add(rule.Instant))
	if err != nil {
		return nil, fmt.Errorf("ask for stories: %w", err)
	}
	for _, s := range stories {
		t, ok, err := r.story(ctx, ask, s, asOf)
		if err != nil {
			return nil, err
		}
		if ok && t.Story {
			all = append(all, t)
		}
	}
	return all, nil
}

// story finds the words in a story, as each member was when it came into sight; ok is
// false when there is no reason to tell it. That stays, whatever is edited later. What
// people wrote is found where no article has them: it is told of its conversation.
func (r *Rule) story(ctx context.Context, ask alerting.Asker, s alerting.Story, asOf time.Time) (t told, ok bool, err error) {
	members := slices.DeleteFunc(slices.Clone(s.Members), func(m alerting.Member) bool {
		return m.History || r.Watch != "" && !slices.Contains(m.Watches, r.Watch)
	})
	if len(members) == 0 {
		return t, false, nil
	}
	texts, err := rule.TextsOf(ctx, ask, members)
	if err != nil {
		return t, false, fmt.Errorf("look for the words in a story: %w", err)
	}
	for _, member := range members {
		m, kept := texts[member.Mention]
		article := m.Kind == mention.Article
		if !kept || !article && t.Story || rule.Said(&m, m.VersionAt(member.SeenAt), r.text) == nil {
			continue
		}
		if len(t.Found) == 0 || article && !t.Story {
			t.Tale = rule.Tale{Key: s.ID, Since: member.SeenAt, Outlets: s.Outlets(), Story: article, Told: s, First: m}
		}
		if !slices.ContainsFunc(t.Found, func(o mention.Mention) bool { return o.ID == m.ID }) {
			t.Found = append(t.Found, m)
		}
	}
	if len(t.Found) == 0 {
		return t, false, nil
	}
	t.due, ok = r.due(t.Tale)
	return t, ok, nil
}

// due is when something is told; ok is false while it can wait for a digest.
func (r *Rule) due(t rule.Tale) (at time.Time, ok bool) {
	at, ok = t.Since, true
	if r.Digested {
		at, ok = t.Pressing(r.own)
	}
	return at.Add(r.Wait), ok
}

// others is what people wrote with such words, and what an edit added that changed no
// story.
func (r *Rule) others(ctx context.Context, ask alerting.Asker, stories []told, from, asOf time.Time) (all []told, err error) {
	found, err := rule.Fresh(ctx, ask, r.asked(), from, asOf)
	if err != nil {
		return nil, fmt.Errorf("look for the words: %w", err)
	}
	tales, err := rule.Tales(ctx, ask, r.Watch, found, asOf)
	if err != nil {
		return nil, err
	}
	for _, t := range tales {
		if slices.ContainsFunc(stories, func(s told) bool { return s.Key == t.Key }) {
			continue
		}
		due, ok := r.due(t)
		if t.Story && due.Before(asOf) {
			due = asOf // an edit brought the words, at some time since then
		}
		if ok {
			all = append(all, told{t, due})
		}
	}
	return all, nil
}

func (r *Rule) signal(t rule.Tale, due time.Time) alerting.Signal {
	ids, quotes := t.Quotes()
	titles := []alerting.Phrase{alerting.Say(sayAny, t.In(), alerting.Whom(r.Watch))}
	if words := rule.Said(&t.First, t.First.Current(), r.text); len(words) > 0 { // a query may have conditions alone
		titles = []alerting.Phrase{alerting.Say(sayWord, alerting.Quote(words[0]), t.In(), alerting.Whom(r.Watch))}
	}
	where := alerting.Say(sayWhere, alerting.Name(t.First.Source), alerting.When(t.First.PublishedAt, t.Since))
	if title := t.First.Current().Title; title != "" {
		where = alerting.Say(sayTitle, alerting.Quote(title), alerting.Name(t.First.Source), alerting.When(t.First.PublishedAt, t.Since))
	}
	notice := &alerting.Notice{Titles: titles, Quotes: quotes, URL: t.First.URL, Upto: t.First.PublishedAt, Next: alerting.Say(sayDecide), Facts: []alerting.Phrase{where}}
	s := alerting.Signal{Key: r.Watch + "\x00" + t.Key, Watch: r.Watch, Severity: r.Severity, Since: t.Since, Mentions: ids, Facts: alerting.Facts{Notice: notice}}
	switch {
	case t.Told.ID != "":
		s.Story, s.Due, s.Named = &t.Told, due, r.own(r.Watch)
	case len(t.Found) > 0:
		talk := alerting.Conversation(t.Key, t.Found)
		s.Story, s.Due, s.Named, s.Of = &talk, due, r.own(r.Watch), r.Watch
	}
	return s
}

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	m := mention.Mention{Source: "ouidire", PublishedAt: asOf}
	return r.signal(rule.Tale{Key: "exercise", Since: asOf, Outlets: 3, Story: true, First: m}, asOf)
}

var (
	sayWord   = say.Text{EN: "%s in %s (%s)", FR: "%s dans %s (%s)"}
	sayAny    = say.Text{EN: "words to watch for in %s (%s)", FR: "mots à surveiller dans %s (%s)"}
	sayTitle  = say.Text{EN: "%s, first at %s, %s.", FR: "%s, d’abord dans %s, %s."}
	sayWhere  = say.Text{EN: "First at %s, %s.", FR: "D’abord dans %s, %s."}
	sayDecide = say.Text{EN: "Next: read it, tell whoever decides, answer nothing before that.", FR: "À faire : lisez ce qui est dit, prévenez la personne qui décide, ne répondez rien avant."}
)
