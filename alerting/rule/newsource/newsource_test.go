package newsource

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
	r, err := New(Default(), alerting.Terms{Watch: "caisse"}, alerting.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return alerting.NamedRule{Name: "voix", Kind: "newsource", Watch: "caisse", Rule: r}
}

// known is a watch that the echo and Œdipe have spoken of for weeks.
func known(t *testing.T) *ruletest.World {
	w := ruletest.New(t, newRule(t))
	for day := -20; day < 0; day++ {
		at := nine.AddDate(0, 0, day)
		w.Keep(ruletest.Said{At: at, Source: "echo", Kind: mention.Article, Title: fmt.Sprint("Jour ", day)},
			ruletest.Said{At: at, Seen: at.Add(time.Second), Author: mention.Author{ID: "oe", Name: "Œdipe d’Été", Audience: 50_000}})
	}
	return w
}

func TestOutletsAndLargeAccountsAreToldOnce(t *testing.T) {
	w := known(t)
	w.Keep(
		ruletest.Said{At: nine, Source: "echo", Kind: mention.Article},
		ruletest.Said{At: nine.Add(1 * time.Minute), Source: "radio-moyac", Kind: mention.Article, Title: "L’épargne d'ici"},
		ruletest.Said{At: nine.Add(2 * time.Minute), Source: "radio-moyac", Kind: mention.Article},
		ruletest.Said{At: nine.Add(3 * time.Minute), Author: mention.Author{ID: "oe", Name: "Œdipe d'Été", Audience: 50_000}},
		ruletest.Said{At: nine.Add(4 * time.Minute), Author: mention.Author{ID: "gl", Name: "Gaspard Lampron", Audience: 12_000}},
		ruletest.Said{At: nine.Add(5 * time.Minute), Author: mention.Author{ID: "pt", Name: "Petite voix", Audience: 12}},
		ruletest.Said{At: nine.Add(30 * time.Minute), Author: mention.Author{ID: "gl", Name: "Gaspard Lampron", Audience: 12_000}},
		ruletest.Said{At: nine.Add(31 * time.Minute), Author: mention.Author{ID: "??", Name: "🐟🐟", Audience: 90_000}},
	)
	w.Interrupt(nine.Add(7 * time.Minute))
	w.Upto(nine.Add(5 * time.Hour))
	w.WantTold(
		"9h3m0s opened: Première mention par radio-moyac.example (la Caisse)",
		"9h6m0s opened: Première mention par Gaspard Lampron, 12 000 abonnés (la Caisse)",
		"9h33m0s opened: Pour information : première mention par 🐟🐟, 90 000 abonnés (la Caisse)",
	)
}

func TestNobodyIsNewDuringTheFirstTwoWeeksAndWhatStoodBeforeInstallationIsKnown(t *testing.T) {
	w := ruletest.New(t, newRule(t))
	w.Keep(ruletest.Said{At: nine.AddDate(0, -3, 0), Seen: nine, Source: "gazette", Kind: mention.Article, History: true})
	for day := range 13 {
		w.Keep(ruletest.Said{At: nine.AddDate(0, 0, day).Add(time.Hour), Source: fmt.Sprint("media-", day), Kind: mention.Article})
	}
	w.Keep(ruletest.Said{At: nine.AddDate(0, 0, 20), Source: "gazette", Kind: mention.Article},
		ruletest.Said{At: nine.AddDate(0, 0, 20).Add(time.Minute), Source: "media-21", Kind: mention.Article})
	w.Upto(nine.AddDate(0, 0, 21))
	w.WantTold("489h3m0s opened: Pour information : première mention par media-21.example (la Caisse)")
}

func TestTheMessagesReadAsTheyShould(t *testing.T) {
	w := known(t)
	w.Keep(ruletest.Said{At: nine, Source: "radio-moyac", Kind: mention.Article, Title: "La Caisse Valtisse prête aux pêcheurs", Text: "D’une voix, l'assemblée de la Caisse Valtisse a dit oui."})
	w.Upto(nine.Add(time.Hour))
	d := w.Owed[0].Incident
	ruletest.Golden(t, "outlet", alerting.Signal{Watch: "caisse", Severity: d.Severity, Since: d.Since, Facts: d.Facts}, alerting.Opened)
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	ruletest.Golden(t, "exercise", w.Rule.Rule.(*Rule).Exercise(at), alerting.Opened)
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "newsource", Default()) }
