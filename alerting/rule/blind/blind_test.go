package blind

import (
	"context"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
)

var nine = ruletest.Monday.Add(9 * time.Hour)

func newRule(t *testing.T) alerting.NamedRule {
	t.Helper()
	r, err := New(Default(), alerting.Terms{}, alerting.Deps{Sources: []string{"echo", "radio", "agence", "gazette"}})
	if err != nil {
		t.Fatal(err)
	}
	return alerting.NamedRule{Name: "non-lues", Kind: "blind", Rule: r}
}

// outage is when a source could not be read, in minutes after nine.
type outage struct {
	source      string
	from, until int
}

func during(all ...outage) alerting.BlindFunc {
	return func(_ context.Context, _ string, at time.Time) (blind []alerting.Blindness, err error) {
		for _, o := range all {
			since := at.Sub(nine)
			if since >= time.Duration(o.from)*time.Minute && since < time.Duration(o.until)*time.Minute {
				blind = append(blind, alerting.Blindness{Source: o.source, Since: nine.Add(time.Duration(o.from) * time.Minute)})
			}
		}
		return blind, nil
	}
}

func TestUnreadSourcesAreOneMatterThatIsToldWhenItLasts(t *testing.T) {
	w := ruletest.New(t, newRule(t))
	w.Blind = during(outage{"radio", 3, 400}, outage{"echo", 60, 85}, outage{"agence", 120, 300})
	w.Interrupt(nine.Add(17*time.Minute + 3*time.Second))
	w.Upto(nine.Add(12 * time.Hour))
	w.WantTold(
		"9h40m0s opened: À surveiller : radio non lue depuis 5 h 03",
		"11h30m0s grown: La situation grandit : 2 sources sur 4 non lues depuis 5 h 03",
		"15h40m0s ended: Situation réglée : toutes les sources sont lues de nouveau",
	)
}

func TestASourceThatStumblesIsNotTold(t *testing.T) {
	w := ruletest.New(t, newRule(t))
	w.Blind = during(outage{"radio", 3, 29}, outage{"echo", 31, 55}, outage{"radio", 90, 119})
	w.Upto(nine.Add(12 * time.Hour))
	w.WantTold()
}

func TestATimeWhenWeDidNotRunIsNoFaultOfASource(t *testing.T) {
	w := ruletest.New(t, newRule(t))
	w.Blind = func(_ context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
		if at.After(nine) && at.Before(nine.Add(8*time.Hour)) {
			return []alerting.Blindness{{Source: "echo", Since: nine, Away: true}, {Source: "radio", Since: nine, Away: true}}, nil
		}
		return nil, nil
	}
	w.Upto(nine.Add(24 * time.Hour))
	w.WantTold()
}

func TestTheMessagesReadAsTheyShould(t *testing.T) {
	r := newRule(t).Rule.(*Rule)
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	ruletest.Golden(t, "exercise", r.Exercise(at), alerting.Opened)
	many := []alerting.Blindness{{Source: "page-facebook"}, {Source: "radio-moyac", Since: at.Add(-2 * time.Hour)}, {Source: "echo", Since: at.Add(-26 * time.Hour)},
		{Source: "Gagnez\r\nBcc: x@y.example", Since: at}, {Source: "a", Since: at}, {Source: "b", Since: at}, {Source: "c", Since: at}}
	ruletest.Golden(t, "many", r.signal(many, at), alerting.Grown)
	ruletest.Golden(t, "end", r.signal(nil, at), alerting.Ended)
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "blind", Default()) }
