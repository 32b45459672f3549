package threshold

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

func newRule(t testing.TB, change func(*Config)) alerting.NamedRule {
	t.Helper()
	c := Default()
	if change != nil {
		change(&c)
	}
	r, err := New(c, alerting.Terms{Watch: "caisse"}, alerting.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return alerting.NamedRule{Name: "seuil", Kind: "threshold", Watch: "caisse", Rule: r}
}

var monday = ruletest.Monday

// storm is so many negative comments, one each step, in two conversations.
func storm(w *ruletest.World, from time.Time, n int, step time.Duration) {
	for i := range n {
		w.Keep(ruletest.Said{At: from.Add(time.Duration(i) * step), Negative: 0.9, Thread: fmt.Sprint("fil-", i%2)})
	}
}

func TestACrowdIsToldWhenItComesWhenItHasDoubledAndWhenItIsOver(t *testing.T) {
	w := ruletest.New(t, newRule(t, nil))
	storm(w, monday.Add(9*time.Hour), 20, 2*time.Minute)
	w.Upto(monday.Add(9*time.Hour + 20*time.Minute))
	w.Interrupt(monday.Add(9*time.Hour + 33*time.Minute + 333*time.Millisecond)) // a restart changes nothing
	w.Upto(monday.Add(24 * time.Hour))
	w.WantTold(
		"9h14m0s opened: À surveiller : 8 commentaires négatifs en 1 h, limite de 8 (la Caisse)",
		"9h30m0s grown: En hausse : 16 commentaires négatifs en 1 h, limite de 8 (la Caisse)",
		"11h2m0s ended: Situation réglée : 20 commentaires négatifs, 20 personnes (la Caisse)",
	)
}

func TestOneVoiceOnePlaceAndOldNewsAreNoCrowd(t *testing.T) {
	for name, change := range map[string]func(*ruletest.Said, int){
		"one person": func(s *ruletest.Said, i int) {
			s.Thread, s.Author = fmt.Sprint(i), mention.Author{Name: "Huguette Lampron"}
		},
		"one place":       func(s *ruletest.Said, _ int) { s.Thread = "un-seul-fil" },
		"history":         func(s *ruletest.Said, i int) { s.Thread, s.History = fmt.Sprint(i), true },
		"another watch":   func(s *ruletest.Said, i int) { s.Thread, s.Watches = fmt.Sprint(i), []string{"nordelune"} },
		"nothing bad":     func(s *ruletest.Said, i int) { s.Thread, s.Negative = fmt.Sprint(i), 0.2 },
		"a first crawl":   func(s *ruletest.Said, i int) { s.Thread, s.Seen = fmt.Sprint(i), s.At.Add(6*time.Hour) },
		"one story, told": func(s *ruletest.Said, i int) { s.Source, s.Kind = fmt.Sprint(i), mention.Article },
	} {
		t.Run(name, func(t *testing.T) {
			w := ruletest.New(t, newRule(t, nil))
			for i := range 30 {
				s := ruletest.Said{At: monday.Add(9*time.Hour + time.Duration(i)*time.Minute), Negative: 0.9}
				change(&s, i)
				w.Keep(s)
			}
			w.Upto(monday.Add(24 * time.Hour))
			w.WantTold()
		})
	}
}

func TestSeventeenCopiesOfAStoryAreOneMention(t *testing.T) {
	w := ruletest.New(t, newRule(t, func(c *Config) { c.Count, c.Above, c.Authors = Mentions, 5, 2 }))
	for story := range 6 {
		for outlet := range 17 {
			at := monday.Add(9*time.Hour + time.Duration(story*17+outlet)*10*time.Second)
			id := fmt.Sprint("histoire-", story)
			if outlet > 0 {
				id = fmt.Sprint(id, "-", outlet)
			}
			w.Keep(ruletest.Said{At: at, ID: id, Story: fmt.Sprint("histoire-", story), Kind: mention.Article, Source: fmt.Sprint("media-", outlet, "-", story)})
		}
	}
	w.Upto(monday.Add(9*time.Hour + 20*time.Minute))
	w.WantTold("9h11m20s opened: À surveiller : 5 mentions en 1 h, limite de 5 (la Caisse)")
}

func TestWhatIsUsualAtThatHourIsSaid(t *testing.T) {
	w := ruletest.New(t, newRule(t, nil))
	at := monday.Add(-5 * 7 * 24 * time.Hour)
	for at.Before(monday) {
		storm(w, at.Add(9*time.Hour), 3, time.Minute)
		at = at.Add(24 * time.Hour)
	}
	storm(w, monday.Add(9*time.Hour), 9, time.Minute)
	w.Upto(monday.Add(10 * time.Hour))
	w.WantTold("9h7m0s opened: À surveiller : 8 négatifs en 1 h, 3 d’habitude (la Caisse)")
	if n := w.Owed[0].Incident.Facts.Notice; n.WarmUp || len(n.Quotes) == 0 || len(n.Facts) < 3 {
		t.Errorf("facts: %+v", n)
	}
}

func TestACrowdThatAPersonCallsHarmlessIsOver(t *testing.T) {
	w := ruletest.New(t, newRule(t, nil))
	storm(w, monday.Add(9*time.Hour), 9, time.Minute)
	w.Upto(monday.Add(9*time.Hour + 20*time.Minute))
	for _, m := range w.Question(store.Question{}) {
		w.Correct(m.ID, monday.Add(9*time.Hour+21*time.Minute), mention.Positive)
	}
	w.Upto(monday.Add(12 * time.Hour))
	if last := w.Owed[len(w.Owed)-1]; last.Transition != alerting.Ended {
		t.Errorf("last: %s", last.Transition)
	}
}

func TestWhileASourceIsUnreadNothingIsOver(t *testing.T) {
	w := ruletest.New(t, newRule(t, nil))
	until := monday.Add(15 * time.Hour)
	w.Blind = func(_ context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
		if at.After(monday.Add(9*time.Hour+10*time.Minute)) && at.Before(until) {
			return []alerting.Blindness{{Source: "radio", Since: monday.Add(9 * time.Hour)}}, nil
		}
		return nil, nil
	}
	storm(w, monday.Add(9*time.Hour), 9, time.Minute)
	w.Upto(monday.Add(24 * time.Hour))
	if len(w.Owed) != 2 || w.Owed[1].At.Before(until) {
		t.Errorf("owed %d, %+v", len(w.Owed), w.Told())
	}
}

func TestTheMessagesReadAsTheyShould(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	r := newRule(t, nil).Rule.(*Rule)
	ruletest.Golden(t, "exercise", r.Exercise(at), alerting.Opened)
	w := ruletest.New(t, newRule(t, nil))
	storm(w, monday.Add(9*time.Hour), 9, time.Minute)
	w.Upto(monday.Add(12 * time.Hour))
	for i, name := range []string{"start", "end"} {
		d := w.Owed[i]
		ruletest.Golden(t, name, alerting.Signal{Watch: "caisse", Severity: d.Incident.Severity, Since: d.Incident.Since, Size: d.Incident.Size, Over: d.Incident.Over, Facts: d.Incident.Facts}, d.Transition)
	}
	mentions := newRule(t, func(c *Config) { c.Count = Mentions }).Rule.(*Rule)
	ruletest.Golden(t, "mentions", mentions.Exercise(at), alerting.Opened)
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "threshold", Default()) }

func BenchmarkEval(b *testing.B) {
	for name, n := range map[string]int{"calm": 1, "crowd": 200} {
		b.Run(name, func(b *testing.B) {
			w := ruletest.New(b, newRule(b, nil))
			storm(w, monday.Add(9*time.Hour), n, 15*time.Second)
			at := monday.Add(10 * time.Hour)
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := w.Rule.Rule.Eval(b.Context(), w.Ask(at), at); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
