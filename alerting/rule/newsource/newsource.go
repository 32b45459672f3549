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
	own func(watch string) bool
}

var (
	_ alerting.Storyteller = (*Rule)(nil)
	_ alerting.Exercised   = (*Rule)(nil)
)

// usualWait is how long others may join before it is told.
const usualWait = 2 * time.Minute

// New makes the rule: for information and after two minutes, unless t says otherwise.
func New(c Config, t alerting.Terms, d alerting.Deps) (*Rule, error) {
	if t.Severity == "" {
		t.Severity = alerting.Inform
	}
	t.Wait = cmp.Or(t.Wait, usualWait)
	own := d.Own
	if own == nil {
		own = func(string) bool { return false }
	}
	return &Rule{c, t, own}, nil
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

// Eval signals the voices that were lately heard for the first time, and those of a story
// that lately went on.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	from := asOf.Add(-r.Wait - rule.Slack)
	said, err := rule.Fresh(ctx, ask, store.Question{Watches: []string{r.Watch}}, from, asOf)
	if err != nil || len(said) == 0 {
		return nil, time.Time{}, err
	}
	said = slices.DeleteFunc(said, func(m mention.Mention) bool { return m.SeenAt.Before(from) }) // an edit is no first word
	stories, err := ask.Stories(ctx, r.Watch, from, asOf.Add(rule.Instant))
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("ask for stories: %w", err)
	}
	for _, s := range stories {
		more, err := r.saidIn(ctx, ask, s)
		if err != nil {
			return nil, time.Time{}, err
		}
		said = append(said, more...)
	}
	slices.SortStableFunc(said, func(a, b mention.Mention) int { return a.SeenAt.Compare(b.SeenAt) })
	first, err := r.firstHeard(ctx, ask, said)
	if err != nil {
		return nil, time.Time{}, err
	}
	for _, f := range first {
		due := f.m.SeenAt.Add(r.Wait)
		if due.After(asOf) {
			if next.IsZero() || due.Before(next) {
				next = due
			}
			continue
		}
		signals = append(signals, r.signal(f, stories))
	}
	return signals, next, nil
}

// Tells implements alerting.Storyteller: a story that brings such a voice is told for it.
func (r *Rule) Tells(ctx context.Context, ask alerting.Asker, s alerting.Story, _ time.Time) (alerting.Telling, error) {
	t := alerting.Telling{Severity: r.Severity, Named: r.own(r.Watch)}
	said, err := r.saidIn(ctx, ask, s)
	if err != nil {
		return t, err
	}
	first, err := r.firstHeard(ctx, ask, said)
	if err == nil && len(first) > 0 {
		t.At = first[0].m.SeenAt.Add(r.Wait)
	}
	return t, err
}

// saidIn is what a story says of the watch, in order of sight; edits left out.
func (r *Rule) saidIn(ctx context.Context, ask alerting.Asker, s alerting.Story) (said []mention.Mention, err error) {
	members := slices.DeleteFunc(slices.Clone(s.Members), func(m alerting.Member) bool {
		return m.History || !slices.Contains(m.Watches, r.Watch)
	})
	if len(members) == 0 {
		return nil, nil
	}
	texts, err := rule.TextsOf(ctx, ask, members)
	if err != nil {
		return nil, fmt.Errorf("read who tells a story: %w", err)
	}
	for _, member := range members {
		if m, kept := texts[member.Mention]; kept && m.SeenAt.Equal(member.SeenAt) {
			said = append(said, m)
		}
	}
	return said, nil
}

// heard is a voice with what it said first.
type heard struct {
	voice
	m mention.Mention
}

// firstHeard is who among these, in order of sight, had never spoken of the watch before,
// once the watch has been known for long enough.
func (r *Rule) firstHeard(ctx context.Context, ask alerting.Asker, all []mention.Mention) (first []heard, err error) {
	looked := map[string]bool{}
	var since time.Time
	for _, m := range all {
		v, ok := r.voiceOf(&m)
		if !ok || looked[v.key] {
			continue
		}
		if len(looked) == 0 {
			if since, err = rule.Watched(ctx, ask, r.Watch); err != nil {
				return nil, fmt.Errorf("ask since when %s is known: %w", r.Watch, err)
			}
		}
		looked[v.key] = true
		if m.SeenAt.Sub(since) < rule.Learning {
			continue
		}
		known, err := r.known(ctx, ask, v, m)
		if err != nil {
			return nil, fmt.Errorf("ask whether %s is new: %w", r.Watch, err)
		}
		if !known {
			first = append(first, heard{v, m})
		}
	}
	return first, nil
}

// known says whether this voice spoke of the watch before m.
func (r *Rule) known(ctx context.Context, ask alerting.Asker, v voice, m mention.Mention) (known bool, err error) {
	q := store.Question{Watches: []string{r.Watch}, Text: v.asked, SeenTo: m.SeenAt, Gone: true}
	for after, limit := "", 1; ; limit = askedAtOnce { // the first is nearly always theirs
		page, next, err := ask.Search(ctx, q, limit, after)
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

func (r *Rule) signal(f heard, stories []alerting.Story) alerting.Signal {
	v, m := f.voice, f.m
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
	s := alerting.Signal{Key: r.Watch + "\x00" + v.key, Watch: r.Watch, Severity: r.Severity, Since: m.SeenAt, Due: m.SeenAt.Add(r.Wait), Named: r.own(r.Watch), Mentions: ids, Facts: alerting.Facts{Notice: notice}}
	brings := func(member alerting.Member) bool { return member.Mention == m.ID }
	for _, told := range stories {
		if slices.ContainsFunc(told.Members, brings) {
			s.Story = &told
		}
	}
	return s
}

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	m := mention.Mention{Source: "ouidire", PublishedAt: asOf, SeenAt: asOf}
	return r.signal(heard{voice{key: "exercise", name: "ouidire", audience: 12_000}, m}, nil)
}

var (
	sayOutlet  = say.Text{EN: "first mention by %s (%s)", FR: "première mention par %s (%s)"}
	sayAccount = say.Text{EN: "first mention by %s, %s followers (%s)", FR: "première mention par %s, %s abonnés (%s)"}
	sayWhen    = say.Text{EN: "%s, %s.", FR: "%s, %s."}
	sayNever   = say.Text{EN: "Nothing earlier by them about you is kept.", FR: "Aucune mention antérieure de leur part n’est conservée."}
	sayWelcome = say.Text{EN: "Next: read it, and see whether it is worth getting in touch.", FR: "À faire\u00a0: lisez ce qui est dit et voyez s’il vaut la peine d’établir le contact."}
)
