package rule

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/alerting"
)

// telling is a rule that tells one story, as it is.
type telling struct {
	alerting.Telling
	err error
}

func (s telling) Eval(_ context.Context, _ alerting.Asker, asOf time.Time) ([]alerting.Signal, time.Time, error) {
	if s.At.IsZero() || s.At.After(asOf) {
		return nil, time.Time{}, nil
	}
	return []alerting.Signal{{Key: "a", Severity: s.Severity, Story: &alerting.Story{ID: "a"}, Due: s.At, Named: s.Named}}, time.Time{}, nil
}

func (s telling) Tells(context.Context, alerting.Asker, alerting.Story, time.Time) (alerting.Telling, error) {
	return s.Telling, s.err
}

// beside puts rules together, called a, b, c and so on.
func beside(all ...telling) (rules []*Together) {
	var tellers []Storyteller
	for i, s := range all {
		tellers = append(tellers, Storyteller{Storyteller: s, Name: string(rune('a' + i))})
	}
	for i, s := range all {
		rules = append(rules, &Together{Rule: s, All: tellers, At: i})
	}
	return rules
}

func TestAStoryIsToldByTheFirstAndAgainOnlyByWhoWeighsMoreOrNamesUs(t *testing.T) {
	at := func(minutes int, s alerting.Severity, named bool) telling {
		return telling{Telling: alerting.Telling{At: monday.Add(time.Duration(minutes) * time.Minute), Severity: s, Named: named}}
	}
	for name, c := range map[string]struct {
		first, second telling
		told          bool // the second is, too
	}{
		"equal and later":             {at(1, alerting.Inform, false), at(2, alerting.Inform, false), false},
		"equal at once":               {at(1, alerting.Inform, false), at(1, alerting.Inform, false), false},
		"lesser and later":            {at(1, alerting.Urgent, false), at(2, alerting.Watch, false), false},
		"lesser at once":              {at(1, alerting.Urgent, false), at(1, alerting.Watch, false), false},
		"more urgent":                 {at(1, alerting.Watch, false), at(2, alerting.Urgent, false), true},
		"it names us":                 {at(1, alerting.Inform, false), at(2, alerting.Inform, true), true},
		"it named us before":          {at(1, alerting.Inform, true), at(2, alerting.Inform, false), false},
		"urgent, and then it names":   {at(1, alerting.Urgent, false), at(2, alerting.Inform, true), true},
		"it named us, and is urgent":  {at(1, alerting.Inform, true), at(2, alerting.Urgent, false), true},
		"not before the first has it": {at(9, alerting.Urgent, true), at(2, alerting.Inform, false), true},
	} {
		rules := beside(c.first, c.second)
		signals, next, err := rules[1].Eval(t.Context(), nil, monday.Add(5*time.Minute))
		if err != nil || len(signals) != 1 || (signals[0].With == "") != c.told {
			t.Errorf("%s: %+v, %v", name, signals, err)
		}
		if ahead := c.first.At; ahead.After(monday.Add(5*time.Minute)) && !next.Equal(ahead) {
			t.Errorf("%s: asks again at %v, want %v", name, next, ahead)
		}
		if first, _, err := rules[0].Eval(t.Context(), nil, monday.Add(time.Hour)); err != nil || first[0].With != "" && name != "not before the first has it" || !c.told && !slices.Equal(first[0].Also, []string{"b"}) {
			t.Errorf("%s: the first says %+v, %v", name, first, err)
		}
	}
}

func TestARuleThatCannotBeAskedKeepsNobodySilent(t *testing.T) {
	away := errors.New("the store is away")
	one := telling{Telling: alerting.Telling{At: monday, Severity: alerting.Inform}}
	other := one
	other.err = away
	if _, _, err := beside(one, other)[0].Eval(t.Context(), nil, monday.Add(time.Hour)); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}

// Whatever rules there are, in whatever order they stand: what one leaves to another was
// told by then, as urgently, and as one that names us if it does.
func TestWhatARuleLeavesToOthersWasTold(t *testing.T) {
	severities := []alerting.Severity{alerting.Inform, alerting.Watch, alerting.Urgent}
	rapid.Check(t, func(t *rapid.T) {
		var all []telling
		for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
			all = append(all, telling{Telling: alerting.Telling{
				At:       monday.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, fmt.Sprint("at ", i))) * time.Minute),
				Severity: rapid.SampledFrom(severities).Draw(t, "severity"), Named: rapid.Bool().Draw(t, "named")}})
		}
		rules := beside(all...)
		signalled := func(i int, asOf time.Time) alerting.Signal {
			signals, _, err := rules[i].Eval(context.Background(), nil, asOf)
			if err != nil || len(signals) != 1 {
				t.Fatalf("%+v, %v", signals, err)
			}
			return signals[0]
		}
		for i, one := range all {
			if signalled(i, one.At).With == "" {
				continue
			}
			told := slices.IndexFunc(all, func(o telling) bool {
				return !o.At.After(one.At) && severe(o.Severity) >= severe(one.Severity) && (o.Named || !one.Named)
			})
			for told >= 0 && signalled(told, all[told].At).With != "" {
				o := all[told]
				next := slices.IndexFunc(all, func(p telling) bool {
					return p != o && !p.At.After(o.At) && severe(p.Severity) >= severe(o.Severity) && (p.Named || !o.Named) && signalled(slices.Index(all, p), p.At).With == ""
				})
				told = next
			}
			if told < 0 {
				t.Fatalf("nobody told what %+v left to others: %+v", one, all)
			}
		}
	})
}
