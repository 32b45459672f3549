// Package fresh tells that somebody said something new: one notice for each story
// of a watch, whatever the number of outlets that carry it. It waits a moment
// after a story's first member, so that seventeen copies that arrive together are
// one notice that says so; after that it tells only what changed the story, a
// corrected figure or a retraction, once each, and that a large outlet has taken it up
// (large.go), once. History is never news.
//
// What people write is told of its conversation (talk.go): once, until that has rested for as
// long as a situation does. A wave of negative comments takes in those that it is made of.
//
// Of a watch that is not about the organisation itself, and that all whom the rule tells
// read a digest of each day, it tells only what cannot wait for the digest: a story that
// names the organisation, or that spreads.
//
// A story that concerns several watches is one notice for all whom their rules tell: the
// rule that could tell it first does, names them all, and tells it again should it come to
// name the organisation, or to weigh more for another of them.
package fresh

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/store"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	Outlets  int      `yaml:"outlets" min:"2" max:"1000" doc:"From how many outlets within two hours on a story is told at once; for a watch that is not about you and that a daily digest tells." fr:"À partir de combien de médias en deux heures une nouvelle est annoncée aussitôt; pour une veille qui n’est pas à votre sujet et que suit un résumé quotidien." france:"À partir de combien de médias en deux heures une actualité est annoncée aussitôt; pour une veille qui n’est pas à votre sujet et que suit un résumé quotidien." example:"5"`
	AtOnce   bool     `yaml:"at_once" doc:"Tell each story at once; also one that a daily digest would tell." fr:"Annoncer aussitôt chaque nouvelle; même celle qu’un résumé quotidien donnerait." france:"Annoncer aussitôt chaque actualité; même celle qu’un résumé quotidien donnerait." example:"true"`
	Large    []string `yaml:"large" doc:"Large outlets, by their site or by the name of the source. A story that you know is told once more when one of them takes it up." fr:"Les grands médias, par leur site ou par le nom de la source. Une nouvelle que vous connaissez est annoncée une fois de plus quand l’un d’eux la reprend." france:"Les grands médias, par leur site ou par le nom de la source. Une actualité que vous connaissez est annoncée une fois de plus quand l’un d’eux la reprend." example:"[radio-moyac.example]"`
	Audience int      `yaml:"audience" min:"1" max:"1000000000" doc:"From how many followers on an account is a large outlet." fr:"À partir de combien d’abonnés un compte est un grand média." example:"10000"`
}

// Default interrupts for what spreads as news does, and takes an account of ten thousand
// followers for a large outlet, as the rule newsource does.
func Default() Config { return Config{Outlets: rule.PressingOutlets, Audience: 10_000} }

// usualWait is how long a story is waited for when the rule does not say.
const usualWait = 2 * time.Minute

// Rule is the rule. It keeps nothing between two questions.
type Rule struct {
	alerting.Terms
	config Config
	own    func(watch string) bool
	among  []*Rule // that share their stories, this one included; nil for one alone
	place  int     // of this one
}

var (
	_ alerting.Joint       = (*Rule)(nil)
	_ alerting.Storyteller = (*Rule)(nil)
)

// New makes the rule: for information and after two minutes, unless t says otherwise.
func New(c Config, t alerting.Terms, d alerting.Deps) (*Rule, error) {
	if t.Wait == 0 {
		t.Wait = usualWait
	}
	if t.Severity == "" {
		t.Severity = alerting.Inform
	}
	own := d.Own
	if own == nil {
		own = func(string) bool { return false }
	}
	return &Rule{Terms: t, config: c, own: own}, nil
}

// Among implements alerting.Joint.
func (r *Rule) Among(all []alerting.Rule, at int) alerting.Rule {
	one := *r
	one.among, one.place = nil, at
	for _, other := range all {
		if o, fresh := other.(*Rule); fresh {
			one.among = append(one.among, o)
		}
	}
	return &one
}

// slack is how much longer than its wait a story is looked at after its newest
// member: instants are judged one after the other, so it need not be long.
const slack = 10 * time.Minute

// Eval signals every story of the watch that was lately told or changed and whose
// wait is over. What is signalled again unchanged tells nothing.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	from := asOf.Add(-r.longest() - slack)
	stories, err := ask.Stories(ctx, r.Watch, from, asOf.Add(time.Microsecond))
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("ask for stories: %w", err)
	}
	q := about(ask, asOf)
	for _, s := range stories {
		t, err := r.tells(ctx, q, s)
		if err != nil {
			return nil, time.Time{}, err
		}
		if t.first == nil {
			continue
		}
		shared, leads, err := r.share(ctx, q, s, t.due)
		if err != nil {
			return nil, time.Time{}, err
		}
		if !leads {
			continue
		}
		wish := t.due
		if !t.due.After(asOf) {
			wish = shared.next
		}
		if !wish.IsZero() && (next.IsZero() || wish.Before(next)) {
			next = wish
		}
		if t.due.After(asOf) {
			continue
		}
		signal, err := r.signal(ctx, q, s, t, shared)
		if err != nil {
			return nil, time.Time{}, err
		}
		signals = append(signals, signal)
	}
	return signals, next, nil
}

// longest is how long the most patient waits of the rules that share their stories.
func (r *Rule) longest() time.Duration {
	longest := r.Wait
	for _, o := range r.among {
		longest = max(longest, o.Wait)
	}
	return longest
}

// shared is what the rules have to say of a story that one of them tells for all.
type shared struct {
	watches  []string // whose news it is, nearest first; nil for that of the teller alone
	severity alerting.Severity
	names    *alerting.Member // by which it came to name the organisation after it was told
	named    time.Time        // when that is told
	next     time.Time        // when another of them has its say, zero for never
}

// share says whether the rule tells a story that it would tell at due, as the first that
// could, and for whom else.
func (r *Rule) share(ctx context.Context, q question, s alerting.Story, due time.Time) (all shared, leads bool, err error) {
	all.severity = r.Severity
	for i, o := range r.among {
		if i == r.place {
			all.watches = append(all.watches, r.Watch)
			continue
		}
		if o.firstNews(s) != nil && !slices.Contains(all.watches, o.Watch) {
			all.watches = append(all.watches, o.Watch)
		}
		its, err := o.tells(ctx, q, s)
		switch at := its.due; {
		case err != nil:
			return all, false, err
		case its.first == nil:
		case at.Before(due), at.Equal(due) && i < r.place:
			return all, false, nil
		case at.After(q.asOf):
			if all.next.IsZero() || at.Before(all.next) {
				all.next = at
			}
		default:
			all.severity = weightier(all.severity, o.Severity)
			if r.own(o.Watch) && !r.own(r.Watch) && its.first.SeenAt.After(due) && all.names == nil {
				all.names, all.named = its.first, at
			}
		}
	}
	if len(all.watches) < 2 {
		all.watches = nil
	}
	return all, true, nil
}

// weightier is the severity of which people must know sooner.
func weightier(a, b alerting.Severity) alerting.Severity {
	order := []alerting.Severity{alerting.Inform, alerting.Watch, alerting.Urgent}
	return order[max(slices.Index(order, a), slices.Index(order, b), 0)]
}

// firstNews is the first member that is news to the watch, nil when there is none.
func (r *Rule) firstNews(s alerting.Story) *alerting.Member {
	i := slices.IndexFunc(s.Members, r.isNews)
	if i < 0 {
		return nil
	}
	first := s.Members[i]
	return &first
}

// isNews says whether a member is news to the watch.
func (r *Rule) isNews(m alerting.Member) bool {
	return !m.History && (r.Watch == "" || slices.Contains(m.Watches, r.Watch))
}

// signal is a story as it is told: 62 lines that each decide one thing of it.
func (r *Rule) signal(ctx context.Context, q question, s alerting.Story, t told, all shared) (alerting.Signal, error) {
	first := *t.first
	change, changed, revision := newestChange(s)
	tell := first
	if change != alerting.Unchanged {
		tell = changed
	}
	since, due, named := first.SeenAt, first.SeenAt.Add(r.Wait), r.own(r.Watch)
	if all.names != nil {
		// Whoever called it a false alarm before did not know: it is another matter to them.
		since, revision = all.names.SeenAt, revision+" names "+all.names.Mention
		due, named = all.named, true
		if !tell.SeenAt.After(since) {
			change, tell = alerting.Names, *all.names
		}
	}
	facts, negative, err := r.facts(ctx, q, s, tell)
	if err != nil {
		return alerting.Signal{}, fmt.Errorf("read story %s: %w", s.ID, err)
	}
	facts.Change, facts.Watches = change, all.watches
	joined, err := r.joined(ctx, q, s, first.SeenAt.Add(r.Wait))
	if err != nil {
		return alerting.Signal{}, fmt.Errorf("see who takes up story %s: %w", s.ID, err)
	}
	if joined != nil {
		revision += joined.revision()
		if !joined.SeenAt.Before(changed.SeenAt) && (all.names == nil || joined.SeenAt.After(all.names.SeenAt)) {
			facts.Joined = &joined.StoryVoice
		}
	}
	if change == alerting.Corrected || change == alerting.Retracted || facts.Joined != nil {
		due = time.Time{} // no other rule tells that
	}
	of := ""
	if t.talk != "" && negative && revision == "" { // a wave brings comments, and nothing that becomes of them
		of = r.Watch
	}
	return alerting.Signal{
		Story:    t.signals(s),
		Of:       of,
		Key:      r.Watch + "\x00" + s.ID,
		Watch:    cmp.Or(r.Watch, first.Watches[0]),
		Severity: all.severity,
		Due:      due,
		Named:    named,
		Since:    since,
		Revision: revision,
		Mentions: examples(s, tell),
		Facts:    alerting.Facts{Story: facts},
	}, nil
}

// newestChange is the last thing that changed the story, who brought it, and a
// word that differs after each change.
func newestChange(s alerting.Story) (alerting.Change, alerting.Member, string) {
	for i := len(s.Members) - 1; i >= 0; i-- {
		if m := s.Members[i]; m.Change != alerting.Unchanged {
			return m.Change, m, fmt.Sprintf("%s %s %d", m.Change, m.Mention, m.SeenAt.UnixMicro())
		}
	}
	return alerting.Unchanged, alerting.Member{}, ""
}

// facts is what there is to say, in the words of the member that tells it; negative says
// how those were found.
func (r *Rule) facts(ctx context.Context, q question, s alerting.Story, tell alerting.Member) (f *alerting.StoryFacts, negative bool, err error) {
	f = &alerting.StoryFacts{
		Outlet:  tell.Outlet,
		Outlets: s.Outlets(),
		Named:   slices.ContainsFunc(s.Watches, r.own),
		At:      tell.SeenAt,
	}
	found, _, err := q.Search(ctx, store.Question{IDs: []string{tell.Mention}, Gone: true}, 1, "")
	if err != nil {
		return nil, false, err
	}
	if len(found) == 0 {
		return f, false, nil // erased since: what remains is still worth telling
	}
	m := &found[0]
	now := m.VersionAt(q.asOf)
	f.Title, f.Excerpt, f.URL = now.Title, rule.Excerpt(now), m.URL
	if !m.PublishedAt.IsZero() && tell.Change == alerting.Unchanged {
		f.At = m.PublishedAt
	}
	return f, rule.Negative(m), nil
}

// examplesMost is how many mentions a signal names.
const examplesMost = 3

func examples(s alerting.Story, first alerting.Member) []string {
	ids := []string{first.Mention}
	for _, m := range s.Members {
		if len(ids) == examplesMost {
			break
		}
		if !slices.Contains(ids, m.Mention) {
			ids = append(ids, m.Mention)
		}
	}
	return ids
}
