// Package parent tells that something moves the organisation above a watch, or one
// beside it, that will reach it: a story about them that so many outlets take up
// within two hours, or a crowd of negative comments about them. It says whether the
// watch itself is named. Each is told when it begins and when it has doubled; a story is
// over when nobody has taken it up for a day, a crowd as with the rule threshold.
package parent

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

// Config is what a rule of this kind has besides alerting.Terms.
type Config struct {
	Outlets    int `yaml:"outlets" min:"2" max:"1000" doc:"How many outlets must take up a story within the window." fr:"Combien de médias doivent reprendre une nouvelle dans ce temps." france:"Combien de médias doivent reprendre une actualité dans ce temps." example:"5"`
	Negatives  int `yaml:"negatives" min:"2" max:"100000" doc:"How many negative comments about it must come within the window." fr:"Combien de commentaires négatifs à son sujet doivent venir dans ce temps." example:"15"`
	rule.Crowd `yaml:",inline"`
}

// Default is five outlets or fifteen negative comments in two hours.
func Default() Config {
	return Config{Outlets: 5, Negatives: 15, Crowd: rule.Crowd{Window: 2 * time.Hour, Authors: 8, Places: 2}}
}

// Rule is the rule. It keeps nothing between two questions.
type Rule struct {
	Config
	alerting.Terms
	kin []string
}

var (
	_ alerting.Storyteller = (*Rule)(nil)
	_ alerting.Exercised   = (*Rule)(nil)
	_ rule.Standing        = (*Rule)(nil)
)

// New makes the rule about those who stand near t.Watch: to be watched closely, unless
// t says otherwise.
func New(c Config, t alerting.Terms, d alerting.Deps) (*Rule, error) {
	if t.Severity == "" {
		t.Severity = alerting.Watch
	}
	r := &Rule{Config: c, Terms: t}
	if d.Kin != nil {
		kin := d.Kin(t.Watch)
		r.kin = slices.Concat(kin.Above, kin.Beside)
	}
	return r, nil
}

// Eval signals what moves those who stand near, and of what moved them that it is over.
func (r *Rule) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	for _, kin := range r.kin {
		stories, change, err := r.stories(ctx, ask, kin, asOf)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("ask for the stories about %s: %w", kin, err)
		}
		crowd, calm, err := r.crowd(ctx, ask, kin, asOf)
		if err != nil {
			return nil, time.Time{}, err
		}
		signals = append(append(signals, stories...), crowd)
		next = sooner(sooner(next, change), calm)
	}
	return signals, next, nil
}

func lastOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// spent is how long after its newest member a story moves nobody any more.
const spent = 24 * time.Hour

// stories are those of a watch that were taken up by enough outlets.
func (r *Rule) stories(ctx context.Context, ask alerting.Asker, kin string, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	all, err := ask.Stories(ctx, kin, asOf.Add(-spent-rule.Worded), asOf.Add(rule.Instant))
	if err != nil {
		return nil, time.Time{}, err
	}
	usual := -1
	for _, s := range all {
		of, at := r.nearest(s)
		if of != kin {
			continue // nobody's, or told of another
		}
		if usual < 0 { // once, and only when it is said
			if usual, err = usualOutlets(ctx, ask, kin, asOf); err != nil {
				return nil, time.Time{}, err
			}
		}
		over := s.LastSeen().Add(spent)
		if over.After(asOf) {
			next = sooner(next, over)
		}
		signal, err := r.story(ctx, ask, told{s, kin, at, usual, !over.After(asOf), asOf})
		if err != nil {
			return nil, time.Time{}, err
		}
		signal.Story, signal.Due, signal.Named = &s, at, r.named(s, at)
		signals = append(signals, signal)
	}
	return signals, next, nil
}

// Tells implements alerting.Storyteller. It names the organisation when it was named by then.
func (r *Rule) Tells(_ context.Context, _ alerting.Asker, s alerting.Story, _ time.Time) (alerting.Telling, error) {
	t := alerting.Telling{Severity: r.Severity, Grows: true}
	if s.Talk {
		return t, nil // what people say is told as a crowd
	}
	_, t.At = r.nearest(s)
	t.Named = r.named(s, t.At)
	return t, nil
}

// named says whether a story named the organisation by an instant.
func (r *Rule) named(s alerting.Story, by time.Time) bool {
	return slices.ContainsFunc(s.Members, func(m alerting.Member) bool { return !m.SeenAt.After(by) && slices.Contains(m.Watches, r.Watch) })
}

// nearest is of whom a story is told that was taken up: of several, of whom it was first,
// then of the nearer; "" for nobody.
func (r *Rule) nearest(s alerting.Story) (kin string, at time.Time) {
	for _, of := range r.kin {
		if taken, ok := r.taken(s, of); ok && (kin == "" || taken.Before(at)) {
			kin, at = of, taken
		}
	}
	return kin, at
}

// taken is when so many outlets had told a story within the window, of those who are near.
func (r *Rule) taken(s alerting.Story, kin string) (at time.Time, ok bool) {
	about := slices.IndexFunc(s.Members, func(m alerting.Member) bool { return slices.Contains(m.Watches, kin) })
	if about < 0 {
		return at, false
	}
	var news []alerting.Member
	for _, m := range s.Members {
		if !m.History {
			news = append(news, m)
		}
	}
	for i, last := range news {
		outlets := map[string]bool{}
		for _, m := range news[:i+1] {
			if last.SeenAt.Sub(m.SeenAt) < r.Window {
				outlets[m.Outlet] = true
			}
		}
		if len(outlets) >= r.Outlets {
			return lastOf(last.SeenAt, s.Members[about].SeenAt), true
		}
	}
	return time.Time{}, false
}

// usualFor is over how long one looks for what is usual.
const usualFor = 28 * 24 * time.Hour

// usualOutlets is how many outlets tell a story about a watch, as a rule: the median.
func usualOutlets(ctx context.Context, ask alerting.Asker, kin string, asOf time.Time) (int, error) {
	stories, err := ask.Stories(ctx, kin, asOf.Add(-usualFor), asOf.Add(-spent))
	if err != nil || len(stories) == 0 {
		return 0, err
	}
	var outlets []int
	for _, s := range stories {
		outlets = append(outlets, s.Outlets())
	}
	slices.Sort(outlets)
	return outlets[len(outlets)/2], nil
}

// told is a story about somebody near, as it is told.
type told struct {
	alerting.Story
	kin   string
	at    time.Time // when it was taken up
	usual int
	over  bool
	asOf  time.Time
}

func (r *Rule) story(ctx context.Context, ask alerting.Asker, t told) (alerting.Signal, error) {
	found, _, err := ask.Search(ctx, store.Question{IDs: []string{t.Members[0].Mention}, Gone: true}, 1, "")
	if err != nil {
		return alerting.Signal{}, err
	}
	title, url, published := "", "", t.Members[0].SeenAt
	if len(found) > 0 {
		v := found[0].Current()
		title, url, published = rule.Short(cmp.Or(v.Title, v.Text), titled), found[0].URL, found[0].PublishedAt
	}
	n := r.notice(t, title)
	n.URL, n.Upto = url, published
	ids := []string{}
	for _, m := range t.Members[:min(3, len(t.Members))] {
		ids = append(ids, m.Mention)
	}
	return alerting.Signal{Key: r.Watch + "\x00" + t.kin + "\x00" + t.ID, Watch: r.Watch, Severity: r.Severity, Since: t.Members[0].SeenAt,
		Size: t.Outlets(), Over: t.over, Mentions: ids, Facts: alerting.Facts{Notice: n}}, nil
}

// titled is how much of a title is kept, in characters.
const titled = 120

func (r *Rule) notice(t told, title string) *alerting.Notice {
	outlets, whom := alerting.Number(t.Outlets()), alerting.Whom(t.kin)
	usual := alerting.Number(max(t.usual, 1))
	n := &alerting.Notice{Titles: []alerting.Phrase{alerting.Say(sayTaken, outlets, usual, whom), alerting.Say(sayTakenShort, outlets, usual, whom)}, Next: alerting.Say(sayAsk)}
	if t.over {
		n.Titles = []alerting.Phrase{alerting.Say(sayTakenOver, outlets, whom)}
	}
	if title != "" {
		n.Facts = append(n.Facts, alerting.Say(sayTitle, alerting.Quote(title), alerting.When(t.Members[0].SeenAt, t.asOf)))
	}
	named := sayNotNamed
	if slices.Contains(t.Watches, r.Watch) {
		named = sayNamed
	}
	n.Facts = append(n.Facts, alerting.Say(named), alerting.Say(sayReaches, whom))
	return n
}

// Swept implements rule.Swept: a wave about somebody near moves the crowd that is told of them.
func (r *Rule) Swept() ([]string, time.Duration) { return r.kin, r.Window }

// Stands implements rule.Standing.
func (r *Rule) Stands(ctx context.Context, ask alerting.Asker, kin string, _, asOf time.Time) (bool, error) {
	_, e, err := r.episode(ctx, ask, kin, asOf)
	return e.On, err
}

// episode is how comments about somebody near stand.
func (r *Rule) episode(ctx context.Context, ask alerting.Asker, kin string, asOf time.Time) (rule.Count, rule.Episode, error) {
	count := rule.Count{Asker: ask, Watch: kin, AsOf: asOf, Kinds: rule.Spoken(), Weighs: rule.Negative}
	gate := r.Gate(func(t rule.Tally) bool { return t.N >= r.Negatives }, func(t rule.Tally) bool { return 2*t.N < r.Negatives }, count.Unread)
	e, err := gate.At(ctx, asOf, count.Load(ctx))
	return count, e, err
}

// crowd is what there is to say of them.
func (r *Rule) crowd(ctx context.Context, ask alerting.Asker, kin string, asOf time.Time) (s alerting.Signal, next time.Time, err error) {
	count, e, err := r.episode(ctx, ask, kin, asOf)
	if err != nil {
		return s, next, err
	}
	s = alerting.Signal{Key: r.Watch + "\x00" + kin, Watch: r.Watch, Severity: r.Severity, Since: e.Since, Size: e.Peak, Over: !e.On, Of: kin}
	if e.On || asOf.Sub(e.Ended) < rule.Worded {
		d, err := count.Describe(ctx, e, r.Window)
		if err != nil {
			return s, next, err
		}
		s.Mentions, s.Facts.Notice = d.IDs, r.crowded(d, kin)
	}
	return s, e.Next, nil
}

func (r *Rule) crowded(d rule.Described, kin string) *alerting.Notice {
	whom := alerting.Whom(kin)
	titles := []alerting.Phrase{alerting.Say(sayCrowdOver, alerting.Number(d.Total), whom)}
	if d.On {
		n, window, usual := alerting.Number(d.Peak), alerting.Span(r.Window), alerting.Number(d.Usually())
		titles = []alerting.Phrase{alerting.Say(sayCrowd, n, window, usual, whom), alerting.Say(sayCrowdShort, n, window, usual, whom)}
	}
	notice := d.Notice(titles...)
	notice.Facts = append(notice.Facts, alerting.Say(sayReaches, whom))
	notice.Next = alerting.Say(sayAsk)
	return notice
}

// Exercise implements alerting.Exercised.
func (r *Rule) Exercise(asOf time.Time) alerting.Signal {
	kin := r.Watch
	if len(r.kin) > 0 {
		kin = r.kin[0]
	}
	d := rule.Exercise(asOf)
	return alerting.Signal{Key: r.Watch + "\x00" + kin, Watch: r.Watch, Severity: r.Severity, Since: d.Since, Size: d.Peak, Facts: alerting.Facts{Notice: r.crowded(d, kin)}}
}

var (
	sayTaken      = say.Text{EN: "story picked up by %s outlets, usually %s (%s)", FR: "nouvelle reprise par %s médias, %s d’habitude (%s)", France: "actualité reprise par %s médias, %s d’habitude (%s)"}
	sayTakenShort = say.Text{EN: "picked up by %s outlets, usually %s (%s)", FR: "reprise par %s médias, %s d’habitude (%s)"}
	sayTakenOver  = say.Text{EN: "picked up by %s outlets in all (%s)", FR: "reprise par %s médias en tout (%s)"}
	sayTitle      = say.Text{EN: "%s, since %s.", FR: "%s, depuis %s."}
	sayNamed      = say.Text{EN: "You are named.", FR: "Votre organisation est nommée."}
	sayNotNamed   = say.Text{EN: "You are not named.", FR: "Vous n’êtes pas nommés."}
	sayReaches    = say.Text{EN: "What strikes %s may reach you.", FR: "Ce qui touche %s peut vous atteindre."}
	sayCrowd      = say.Text{EN: "%s negative comments in %s, usually %s (%s)", FR: "%s commentaires négatifs en %s, %s d’habitude (%s)"}
	sayCrowdShort = say.Text{EN: "%s negative in %s, usually %s (%s)", FR: "%s négatifs en %s, %s d’habitude (%s)"}
	sayCrowdOver  = say.Text{EN: "%s negative comments in all (%s)", FR: "%s commentaires négatifs en tout (%s)"}
	sayAsk        = say.Text{EN: "Next: ask whether an advisory is coming before you answer.", FR: "À faire\u00a0: demandez si des consignes sont prévues avant de répondre."}
)
