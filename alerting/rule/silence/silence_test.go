package silence

import (
	"context"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
	"github.com/ouidire/ouidire/mention"
)

var nine = ruletest.Monday.Add(9 * time.Hour)

func newRule(t *testing.T) alerting.NamedRule {
	t.Helper()
	r, err := New(Default(), alerting.Terms{Watch: "caisse"}, alerting.Deps{Sources: []string{"echo", "radio"}})
	if err != nil {
		t.Fatal(err)
	}
	return alerting.NamedRule{Name: "silence", Kind: "silence", Watch: "caisse", Rule: r}
}

// daily is an echo that speaks of the watch once a day for ten weeks, and a radio that
// hardly ever does.
func daily(t *testing.T) *ruletest.World {
	w := ruletest.New(t, newRule(t))
	for day := -70; day <= 0; day++ {
		w.Keep(ruletest.Said{At: nine.AddDate(0, 0, day), Source: "echo", Kind: mention.Article})
		if day%40 == 0 {
			w.Keep(ruletest.Said{At: nine.AddDate(0, 0, day).Add(time.Minute), Source: "radio", Kind: mention.Article})
		}
	}
	return w
}

func TestASourceThatFallsSilentIsToldOnceAndOnceMoreWhenItSpeaks(t *testing.T) {
	w := daily(t)
	w.Keep(ruletest.Said{At: nine.AddDate(0, 0, 9), Source: "echo", Kind: mention.Article})
	w.Interrupt(nine.AddDate(0, 0, 4).Add(17 * time.Minute))
	w.Upto(nine.AddDate(0, 0, 10))
	w.WantTold(
		"96h0m0s opened: À surveiller : plus rien dans echo depuis 3 jours (la Caisse)",
		"228h0m0s ended: Situation réglée : echo en parle de nouveau (la Caisse)",
	)
}

func TestASourceThatCannotBeReadIsNotCalledSilent(t *testing.T) {
	w := daily(t)
	w.Blind = func(context.Context, string, time.Time) ([]alerting.Blindness, error) {
		return []alerting.Blindness{{Source: "echo", Since: nine}}, nil
	}
	w.Upto(nine.AddDate(0, 0, 10))
	w.WantTold()
}

func TestTheMessagesReadAsTheyShould(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	r := newRule(t).Rule.(*Rule)
	ruletest.Golden(t, "exercise", r.Exercise(at), alerting.Opened)
	ruletest.Golden(t, "end", r.signal(spoken{"echo-des-moyacs", at.Add(-time.Hour), 9 * time.Hour, at}, true), alerting.Ended)
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "silence", Default()) }
