package parent

import (
	"fmt"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
	"github.com/ouidire/ouidire/mention"
)

var nine = ruletest.Monday.Add(9 * time.Hour)

func newRule(t *testing.T) alerting.NamedRule {
	t.Helper()
	kin := func(string) alerting.Kin {
		return alerting.Kin{Above: []string{"mouvement"}, Beside: []string{"brulis"}}
	}
	r, err := New(Default(), alerting.Terms{Watch: "caisse"}, alerting.Deps{Kin: kin})
	if err != nil {
		t.Fatal(err)
	}
	return alerting.NamedRule{Name: "autour", Kind: "parent", Rule: r}
}

// takenUp is a story about a watch that so many outlets tell, one each step.
func takenUp(w *ruletest.World, id string, from time.Time, outlets int, step time.Duration, watches ...string) {
	for i := range outlets {
		name := fmt.Sprint(id, "-", i)
		if i == 0 {
			name = id
		}
		w.Keep(ruletest.Said{At: from.Add(time.Duration(i) * step), ID: name, Story: id, Source: fmt.Sprint("media-", i), Kind: mention.Article, Title: "Le Mouvement Valtisse fermera 14 comptoirs", Watches: watches})
	}
}

func TestAStoryThatEnoughOutletsTakeUpInTimeIsToldAndAgainWhenItHasDoubled(t *testing.T) {
	w := ruletest.New(t, newRule(t))
	for day := -9; day < -1; day++ {
		takenUp(w, fmt.Sprint("avant-", day), nine.AddDate(0, 0, day), 1, time.Minute, "mouvement")
	}
	takenUp(w, "fermetures", nine, 12, 10*time.Minute, "mouvement")
	w.Interrupt(nine.Add(3*time.Hour + 3*time.Minute))
	w.Upto(nine.Add(48 * time.Hour))
	w.WantTold(
		"9h40m0s opened: À surveiller : reprise par 5 médias, 1 d’habitude (le Mouvement)",
		"10h30m0s grown: En hausse : reprise par 10 médias, 1 d’habitude (le Mouvement)",
		"34h50m0s ended: Situation réglée : reprise par 12 médias en tout (le Mouvement)",
	)
}

func TestASlowStoryOneAboutOthersAndOldNewsReachNobody(t *testing.T) {
	w := ruletest.New(t, newRule(t))
	takenUp(w, "banque", nine, 12, time.Minute, "nordelune")
	takenUp(w, "lente", nine.Add(time.Hour), 12, time.Hour, "mouvement")
	w.Upto(nine.Add(48 * time.Hour))
	w.WantTold()
}

func TestACrowdAboutASisterIsTold(t *testing.T) {
	w := ruletest.New(t, newRule(t))
	for i := range 20 {
		w.Keep(ruletest.Said{At: nine.Add(time.Duration(i) * time.Minute), Negative: 0.9, Thread: fmt.Sprint(i % 3), Watches: []string{"brulis"}})
	}
	w.Upto(nine.Add(24 * time.Hour))
	w.WantTold(
		"9h14m0s opened: À surveiller : 15 négatifs en 2 h, 0 d’habitude (le Brûlis)",
		"11h42m0s ended: Situation réglée : 20 commentaires négatifs en tout (le Brûlis)",
	)
}

func TestTheMessagesReadAsTheyShould(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	ruletest.Golden(t, "exercise", newRule(t).Rule.(*Rule).Exercise(at), alerting.Opened)
	w := ruletest.New(t, newRule(t))
	takenUp(w, "fermetures", nine, 6, 10*time.Minute, "mouvement", "caisse")
	w.Upto(nine.Add(48 * time.Hour))
	for i, name := range []string{"story", "story-end"} {
		d := w.Owed[i].Incident
		ruletest.Golden(t, name, alerting.Signal{Watch: "caisse", Severity: d.Severity, Since: d.Since, Size: d.Size, Over: d.Over, Facts: d.Facts}, w.Owed[i].Transition)
	}
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "parent", Default()) }
