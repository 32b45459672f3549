package alerting

import (
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

func TestASituationThatWasAssignedIsNobodysUntilThatPersonTakesIt(t *testing.T) {
	assigned := Incident{ID: "s", State: New, By: "Éloïse", For: "Zoé L’Heureux"}
	for _, c := range []struct {
		name   string
		before Incident
		act    Action
		state  State
		by, to string
	}{
		{"nobody had it", Incident{State: New}, Action{Act: Assign, By: "Éloïse", To: "Zoé"}, New, "Éloïse", "Zoé"},
		{"who had it hands it on", Incident{State: Acknowledged, By: "Éloïse"}, Action{Act: Assign, By: "Éloïse", To: "Zoé"}, New, "Éloïse", "Zoé"},
		{"it was put aside", Incident{State: Snoozed, SnoozedUntil: noon.Add(time.Hour)}, Action{Act: Assign, By: "Éloïse", To: "Zoé"}, New, "Éloïse", "Zoé"},
		{"to another", assigned, Action{Act: Assign, By: "Odette", To: "Maude"}, New, "Odette", "Maude"},
		{"she takes it", assigned, Action{Act: Acknowledge, By: "Zoé L’Heureux"}, Acknowledged, "Zoé L’Heureux", ""},
		{"somebody else takes it", assigned, Action{Act: Acknowledge, By: "Odette"}, Acknowledged, "Odette", ""},
		{"she waits", assigned, Action{Act: Snooze, By: "Zoé L’Heureux", Until: noon.Add(time.Hour)}, Snoozed, "Zoé L’Heureux", "Zoé L’Heureux"},
		{"it is settled", assigned, Action{Act: Resolve, By: "Odette"}, Resolved, "Odette", ""},
		{"it was a mistake", assigned, Action{Act: FalseAlarm, By: "Odette"}, Resolved, "Odette", ""},
		{"a name in many lines", Incident{State: New}, Action{Act: Assign, To: "Zoé\r\nBcc: x " + strings.Repeat("é", 100)}, New, "", Plain("Zoé Bcc: x "+strings.Repeat("é", 100), nameLimit)},
	} {
		c.act.At = noon
		after, err := Apply(c.before, c.act)
		if err != nil || after.State != c.state || after.By != c.by || after.For != c.to {
			t.Errorf("%s: %s by %q for %q, %v; want %s by %q for %q", c.name, after.State, after.By, after.For, err, c.state, c.by, c.to)
		}
	}
	for want, a := range map[string]Action{
		"choisissez à qui la confier":                    {Act: Assign},
		"choisissez à qui la confier\x00":                {Act: Assign, To: "\u200b\n"},
		"cette situation est réglée; rouvrez-la d’abord": {Act: Assign, To: "Zoé"},
	} {
		i := Incident{State: New}
		if a.To == "Zoé" {
			i.State = Resolved
		}
		if _, err := Apply(i, a); err == nil || say.Explain(err, say.FrenchCanada) != strings.TrimSuffix(want, "\x00") {
			t.Errorf("to %q: %v, want %s", a.To, err, want)
		}
	}
}

func TestAnAssignmentIsOneHoweverOftenItsButtonIsPressed(t *testing.T) {
	seq := func(i Incident, acts ...Action) int {
		for _, a := range acts {
			a.At = noon
			after, err := Apply(i, a)
			if err != nil {
				t.Fatal(err)
			}
			i = after
		}
		return i.Seq
	}
	zoe, maude, take := Action{Act: Assign, To: "Zoé"}, Action{Act: Assign, To: "Maude"}, Action{Act: Acknowledge, By: "Zoé"}
	for want, acts := range map[int][]Action{1: {take}, 2: {zoe, zoe, take}, 3: {zoe, maude, maude}, 4: {zoe, take, zoe, {Act: Snooze}, zoe}} {
		if got := seq(Incident{State: New, Seq: 1}, acts...); got != want {
			t.Errorf("after %v it stands at %d, want %d", acts, got, want)
		}
	}
	after, err := Apply(Incident{State: New}, Action{Act: Assign, To: "Zoé", Note: "Tu connais\nla succursale", At: noon})
	if err != nil || after.Said != "Tu connais la succursale" {
		t.Errorf("she is told %q, %v", after.Said, err)
	}
	if after, err = Apply(after, Action{Act: Acknowledge, At: noon}); err != nil || after.Said != "" {
		t.Errorf("%q is left of it, %v", after.Said, err)
	}
}

func TestTheJournalSaysToWhomItWasAssignedAndWhatWasNoted(t *testing.T) {
	a := Action{Incident: "s", Act: Assign, By: "Éloïse", To: "Zoé", At: noon, Note: " Elle connaît\nla succursale. " + strings.Repeat("é ", 600)}
	after, err := Apply(Incident{ID: "s", State: New}, a)
	if err != nil {
		t.Fatal(err)
	}
	e := EntryOf(a, after)
	if e.To != "Zoé" || e.Person != "Éloïse" || !strings.HasPrefix(e.Note, "Elle connaît la succursale. é") || len([]rune(e.Note)) > noteLimit {
		t.Errorf("the journal says %+v", e)
	}
	snoozed := Action{Incident: "s", Act: Snooze, By: "Zoé", At: noon}
	if after, err = Apply(after, snoozed); err != nil || EntryOf(snoozed, after).To != "" {
		t.Errorf("who puts it aside assigns it: %v", err)
	}
	for l, want := range map[say.Lang]string{say.FrenchCanada: "Confiée à Zoé.", say.English: "Assigned to Zoé."} {
		i := Incident{State: New, For: "Zoé", Since: noon, Facts: Facts{Surge: &SurgeFacts{Count: 34, Usual: 3, Upto: noon.Add(time.Minute)}}}
		if facts := Describe(i, Reader{Lang: l, Zone: time.UTC}).Facts; !strings.Contains(strings.Join(facts, " "), want) {
			t.Errorf("a message in %s says %q, not %q", l, facts, want)
		}
	}
}
