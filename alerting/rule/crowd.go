package rule

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Crowd is what kinds share that count what people say within a window: one angry
// person, or one heated conversation, is no crowd.
type Crowd struct {
	Window  time.Duration `yaml:"window" min:"5m" max:"7 days" doc:"How far back it counts." fr:"Sur combien de temps elle compte." example:"1h"`
	Authors int           `yaml:"authors" min:"1" max:"1000" doc:"How many different people must speak." fr:"Combien de personnes différentes doivent s’exprimer." example:"5"`
	Places  int           `yaml:"places" min:"1" max:"100" doc:"In how many conversations or sources." fr:"Dans combien de conversations ou de sources." example:"2"`
}

// hold is how long a crowd must be calm to be over.
const hold = 30 * time.Minute

// Gate is the crowd's: fires and low judge what is counted, beside who speaks where.
func (c Crowd) Gate(fires, low func(Tally) bool, blind func(ctx context.Context, at time.Time) (bool, error)) Gate {
	return Gate{Window: c.Window, Hold: hold, Blind: blind, Low: low,
		Fires: func(t Tally) bool { return t.Authors >= c.Authors && t.Places >= c.Places && fires(t) }}
}

// Count is what a rule counts about a watch.
type Count struct {
	alerting.Asker
	Watch  string
	AsOf   time.Time
	Kinds  []mention.Kind // nil for all; the articles of one story are one
	Weighs func(*mention.Mention) bool
}

// countedMost bounds how many mentions are read for one verdict: the newest.
const countedMost = 5000

// Load gives what was published from an instant on, for Gate.At.
func (c Count) Load(ctx context.Context) func(from time.Time) ([]Counted, error) {
	return func(from time.Time) (all []Counted, err error) {
		told, err := c.copies(ctx, from)
		if err != nil {
			return nil, err
		}
		_, err = read(ctx, c, c.between(from, time.Time{}), countedMost, func(m *mention.Mention) {
			if !told[m.ID] {
				all = append(all, Counted{At: m.PublishedAt, Seen: m.SeenAt, Weighs: c.Weighs(m), Author: AuthorOf(m), Place: PlaceOf(m), ID: m.ID})
			}
		})
		if err != nil {
			return nil, fmt.Errorf("count what is said of %s: %w", c.Watch, err)
		}
		return all, nil
	}
}

// between asks for what was published in [from, to); zero is open.
func (c Count) between(from, to time.Time) store.Question {
	return store.Question{Watches: []string{c.Watch}, Kinds: c.Kinds, News: true, From: from, To: to, SeenTo: c.AsOf.Add(Instant), Gone: true}
}

// copies are the members of stories but their first: a story is one, whoever tells it.
func (c Count) copies(ctx context.Context, from time.Time) (map[string]bool, error) {
	copies := map[string]bool{}
	if c.Kinds != nil {
		return copies, nil // no articles
	}
	stories, err := c.Stories(ctx, c.Watch, from, c.AsOf.Add(Instant))
	if err != nil {
		return nil, fmt.Errorf("ask for stories: %w", err)
	}
	for _, s := range stories {
		for _, m := range s.Members[1:] {
			copies[m.Mention] = m.Mention != s.Members[0].Mention
		}
	}
	return copies, nil
}

// Unread says whether something could not be read at an instant.
func (c Count) Unread(ctx context.Context, at time.Time) (bool, error) {
	blind, err := c.Blind(ctx, c.Watch, at)
	return len(blind) > 0, err
}

// Described is what there is to say of an episode.
type Described struct {
	Episode
	AsOf   time.Time
	People int
	Usual  float64 // how many there usually are in such a window at that hour of the week
	Weeks  int     // how many weeks say so; 0 is none, and Usual means nothing
	All    float64 // how many of whatever kind there usually are
	Places []alerting.SurgePlace
	Voices []alerting.SurgeVoice
	IDs    []string
	Quotes []alerting.SurgeQuote
	Blind  alerting.Blind
}

// readMost bounds how many mentions are read for what there is to say.
const readMost = 300

// Describe finds what there is to say of an episode.
func (c Count) Describe(ctx context.Context, e Episode, window time.Duration) (d Described, err error) {
	d = Described{Episode: e, AsOf: c.AsOf}
	var comments []Comment
	var tokenizer text.Tokenizer
	people := map[string]bool{}
	_, err = read(ctx, c, c.between(e.Since, e.Upto.Add(Instant)), readMost, func(m *mention.Mention) {
		if c.Weighs(m) {
			comments = append(comments, NewComment(&tokenizer, *m))
			author := AuthorOf(m)
			if author == "" {
				author = "\x00" + m.ID
			}
			people[author] = true
		}
	})
	if err != nil {
		return d, fmt.Errorf("read what is said of %s: %w", c.Watch, err)
	}
	d.People, d.Voices = len(people), Voices(comments)
	d.IDs, d.Quotes = Examples(comments)
	if d.Places, err = Places(ctx, c, comments); err != nil {
		return d, fmt.Errorf("ask where %s is spoken of: %w", c.Watch, err)
	}
	if d.Blind, err = BlindNow(ctx, c, c.Watch, c.AsOf); err != nil {
		return d, err
	}
	return d, c.usual(ctx, &d, window)
}

// weeksMost is how many weeks say what is usual.
const weeksMost = 4

// usual counts the same window of the weeks before.
func (c Count) usual(ctx context.Context, d *Described, window time.Duration) error {
	since, err := Watched(ctx, c, c.Watch)
	if err != nil {
		return err
	}
	n, all := 0, 0
	for week := 1; week <= weeksMost; week++ {
		to := d.Began.AddDate(0, 0, -7*week)
		if since.IsZero() || to.Add(-window).Before(since) {
			break
		}
		d.Weeks = week
		_, err := read(ctx, c, c.between(to.Add(-window), to), countedMost, func(m *mention.Mention) {
			all++
			if c.Weighs(m) {
				n++
			}
		})
		if err != nil {
			return fmt.Errorf("count what is usual: %w", err)
		}
	}
	if d.Weeks > 0 {
		d.Usual, d.All = float64(n)/float64(d.Weeks), float64(all)/float64(d.Weeks)
	}
	return nil
}

// Learning is how long a watch must be known before what is usual can be said.
const Learning = 14 * 24 * time.Hour

// Watched is since when a watch is known: since it is listened for, or has had mentions;
// zero when neither is known.
func Watched(ctx context.Context, ask alerting.Asker, watch string) (since time.Time, err error) {
	if since, err = ask.Listened(ctx, watch); err != nil {
		return time.Time{}, err
	}
	first, _, err := ask.Search(ctx, store.Question{Watches: []string{watch}, Order: store.OldestSeen, Gone: true}, 1, "")
	if err != nil {
		return time.Time{}, err
	}
	if len(first) > 0 && (since.IsZero() || first[0].SeenAt.Before(since)) {
		since = first[0].SeenAt
	}
	return since, nil
}

// Usually is how many there are as a rule, as a number to be read.
func (d Described) Usually() int { return int(math.Round(min(d.Usual, 1e6))) }

// Notice is what every crowd says besides its titles.
func (d Described) Notice(titles ...alerting.Phrase) *alerting.Notice {
	n := &alerting.Notice{Titles: titles, Facts: d.facts(), Quotes: d.Quotes, Next: alerting.Say(sayRead), Upto: d.Upto, Tone: true, Blind: d.Blind}
	n.WarmUp = d.Weeks < int(Learning/(7*24*time.Hour))
	return n
}

func (d Described) facts() []alerting.Phrase {
	people := alerting.Counted(d.People, sayPerson, sayPeople)
	facts := []alerting.Phrase{alerting.Say(saySince, alerting.When(d.Since, d.Upto), people)}
	if !d.On {
		facts[0] = alerting.Say(sayFromTo, alerting.Between(d.Since, d.Ended), people)
	}
	if len(d.Places) > 0 && d.Places[0].Title != "" {
		where := sayMostlyAt
		if d.Places[0].Own {
			where = sayMostlyUnder
		}
		facts = append(facts, alerting.Say(where, alerting.Quote(d.Places[0].Title), alerting.Share(d.Places[0].Share)))
	}
	for _, v := range d.Voices[:min(1, len(d.Voices))] {
		facts = append(facts, alerting.Say(sayAmplified, alerting.Name(v.Name), alerting.Number(v.Audience)))
	}
	return facts
}

// What a crowd says.
var (
	saySince       = say.Text{EN: "Since %s: %s.", FR: "Depuis %s\u00a0: %s."}
	sayFromTo      = say.Text{EN: "%s: %s.", FR: "%s\u00a0: %s."}
	sayPerson      = say.Text{EN: "%s person", FR: "%s personne"}
	sayPeople      = say.Text{EN: "%s people", FR: "%s personnes"}
	sayMostlyUnder = say.Text{EN: "Mostly under your post %s (%s).", FR: "Surtout sous votre publication %s (%s)."}
	sayMostlyAt    = say.Text{EN: "Mostly at %s (%s).", FR: "Surtout dans %s (%s)."}
	sayAmplified   = say.Text{EN: "Amplified by %s (%s followers).", FR: "Amplifié par %s (%s abonnés)."}
	sayRead        = say.Text{EN: "Next: read the examples, delete nothing, say who handles it.", FR: "À faire\u00a0: lisez les exemples, ne supprimez rien, dites qui s’en occupe."}
)

// Exercise is a crowd that was made up, for a test of the channels.
func Exercise(asOf time.Time) Described {
	return Described{Episode: Episode{On: true, Since: asOf.Add(-42 * time.Minute), Began: asOf, Peak: 12, Total: 12, Upto: asOf, Now: Tally{All: 20, N: 12, Authors: 9, Places: 3}},
		AsOf: asOf, People: 9, Usual: 3, All: 15, Weeks: weeksMost}
}

// CheckShare says what is wrong with a share of one.
func CheckShare(key string, share float64) []config.Problem {
	if share > 0 && share <= 1 {
		return nil
	}
	return []config.Problem{{Key: key, Example: "0.6", Text: say.Text{EN: "a share is a number above 0, up to 1", FR: "une part est un nombre supérieur à 0, jusqu’à 1"}}}
}
