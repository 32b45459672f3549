package alerting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/say"
)

// team is a ladder as most have one: the team at once, then its head, then the board.
func team() Ladder {
	return Ladder{
		First: []Hearer{{Channel: "courriel"}},
		Then:  []Rung{{Hearer: Hearer{Channel: "direction"}}, {Hearer: Hearer{Channel: "présidence"}, After: 3 * time.Hour}},
	}
}

func severe(s Severity, size int) Signal {
	signal := surge(size)
	signal.Severity = s
	return signal
}

// passedOn is when and to whom the rule's situations were passed on.
func passedOn(owed []Due) (all []string) {
	for _, d := range owed {
		if d.Transition == Escalated && d.Suppressed == "" {
			all = append(all, d.At.Format("15:04")+" "+strings.Join(d.To, "+"))
		}
	}
	return all
}

// goOn asks the rule, which says the same, whenever the situation wishes it, for hours.
func (l *life) goOn(until time.Duration, signals ...Signal) {
	for {
		at := noon.Add(until)
		for _, i := range l.known {
			at = sooner(at, reminder(i, l.ladder, l.now))
		}
		if !at.Before(noon.Add(until)) {
			l.now = noon.Add(until)
			return
		}
		l.now = at.Add(-time.Minute) // hear goes on by one
		l.hear(signals...)
	}
}

func TestWhatNobodyTakesIsPassedOnOnceToEachInItsTurn(t *testing.T) {
	for _, c := range []struct {
		name     string
		severity Severity
		after    time.Duration
		want     []string
	}{
		{"urgent", Urgent, 0, []string{"12:16 direction", "15:01 présidence"}},
		{"to be watched", Watch, 0, []string{"14:01 direction", "15:01 présidence"}},
		{"for information", Inform, 0, nil},
		{"after half an hour", Urgent, 30 * time.Minute, []string{"12:31 direction", "15:01 présidence"}},
		{"both at once", Watch, 3 * time.Hour, []string{"15:01 direction+présidence"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &life{now: noon, ladder: team()}
			l.ladder.Then[0].After = c.after
			l.hear(severe(c.severity, 10))
			l.goOn(24*time.Hour, severe(c.severity, 11))
			if got := passedOn(l.owed); !slices.Equal(got, c.want) {
				t.Errorf("passed on %q, want %q", got, c.want)
			}
		})
	}
}

func TestTheEndGoesToAllWhoWereToldAndToNobodyElse(t *testing.T) {
	l := &life{now: noon, ladder: team()}
	l.hear(severe(Urgent, 10))
	if got := l.owed[0].hearers([]string{"courriel"}); !slices.Equal(got, []string{"courriel"}) {
		t.Errorf("the opening goes to %q", got)
	}
	l.goOn(time.Hour, severe(Urgent, 11))
	end := severe(Urgent, 11)
	end.Over = true
	owed := l.hear(end)
	if len(owed) != 1 || !slices.Equal(owed[0].hearers([]string{"courriel"}), []string{"courriel", "direction"}) {
		t.Errorf("the end owes %+v", owed)
	}
	l.goOn(24*time.Hour, end)
	if got := passedOn(l.owed); !slices.Equal(got, []string{"12:16 direction"}) {
		t.Errorf("passed on %q after the end", got)
	}
}

func TestWhoeverActsKeepsItFromBeingPassedOn(t *testing.T) {
	for name, a := range map[string]Action{
		"taken": {Act: Acknowledge}, "assigned": {Act: Assign, To: "Zoé"}, "until worse": {Act: Snooze}, "for long": {Act: Snooze, Until: noon.Add(23 * time.Hour)},
		"settled": {Act: Resolve}, "a mistake": {Act: FalseAlarm},
	} {
		t.Run(name, func(t *testing.T) {
			l := &life{now: noon, ladder: team()}
			l.hear(severe(Urgent, 10))
			l.acts(t, a)
			l.goOn(20*time.Hour, severe(Urgent, 11))
			if got := passedOn(l.owed); len(got) > 0 {
				t.Errorf("passed on %q", got)
			}
		})
	}
}

// acts is what somebody does with the one situation that there is.
func (l *life) acts(t *testing.T, a Action) {
	t.Helper()
	a.At = l.now
	after, err := Apply(l.known[0], a)
	if err != nil {
		t.Fatal(err)
	}
	l.known[0] = after
}

func TestWhatComesBackToThoseWhoPutItAsideWaitsAnew(t *testing.T) {
	for _, c := range []struct {
		name string
		act  Action
		then Signal
		want []string
	}{
		{"a reminder that nobody heeds", Action{Act: Snooze, Until: noon.Add(2 * time.Hour)}, severe(Urgent, 11), []string{"14:15 direction", "17:00 présidence"}},
		{"settled, and then twice as big", Action{Act: Resolve}, severe(Urgent, 20), []string{"13:16 direction", "16:01 présidence"}},
		{"reopened by somebody, who has it", Action{Act: Reopen}, severe(Urgent, 11), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &life{now: noon, ladder: team()}
			l.hear(severe(Urgent, 10))
			if c.act.Act == Reopen {
				l.acts(t, Action{Act: Resolve})
			}
			l.acts(t, c.act)
			l.now = noon.Add(time.Hour)
			l.hear(c.then)
			l.goOn(20*time.Hour, c.then)
			if got := passedOn(l.owed); !slices.Equal(got, c.want) {
				t.Errorf("passed on %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatBecomesUrgentWhileNobodyHasItIsPassedOnBesideWhatItsTeamIsTold(t *testing.T) {
	l := &life{now: noon, ladder: team()}
	l.hear(severe(Watch, 10))
	l.now = noon.Add(time.Hour)
	owed := l.hear(severe(Urgent, 12))
	if len(owed) != 2 || owed[0].Transition != Grown || owed[1].Transition != Escalated || owed[0].Incident.Seq == owed[1].Incident.Seq {
		t.Errorf("owed %+v", owed)
	}
}

func TestWhatIsNotUrgentWaitsForThoseWhoSleep(t *testing.T) {
	night, morning := Quiet{From: 11 * time.Hour, To: 19 * time.Hour}, Quiet{From: 20 * time.Hour, To: 21*time.Hour + 30*time.Minute} // it is noon
	for _, c := range []struct {
		name        string
		severity    Severity
		first, then []Quiet
		want        []string
	}{
		{"those who are told first", Watch, []Quiet{night}, []Quiet{{}}, []string{"21:00 direction"}},
		{"one of them is awake", Watch, []Quiet{night, {}}, []Quiet{{}}, []string{"14:01 direction"}},
		{"both", Watch, []Quiet{night}, []Quiet{morning}, []string{"21:30 direction"}},
		{"an urgent one wakes them", Urgent, []Quiet{night}, []Quiet{night}, []string{"12:16 direction"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &life{now: noon}
			for _, q := range c.first {
				l.ladder.First = append(l.ladder.First, Hearer{Channel: fmt.Sprint("courriel", len(l.ladder.First)), Quiet: q, Zone: time.UTC})
			}
			l.ladder.Then = []Rung{{Hearer: Hearer{Channel: "direction", Quiet: c.then[0]}}}
			l.hear(severe(c.severity, 10))
			l.goOn(20*time.Hour, severe(c.severity, 11))
			if got := passedOn(l.owed); !slices.Equal(got, c.want) {
				t.Errorf("passed on %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatPeopleWereSparedIsPassedOnToNobody(t *testing.T) {
	l := &life{now: noon, ladder: team()}
	under := severe(Urgent, 10)
	under.Under = "mouvement"
	l.hear(under)
	l.goOn(time.Hour, under)
	l.hear(severe(Urgent, 11)) // all is calm above: it is told now
	l.goOn(2*time.Hour, severe(Urgent, 11))
	if got, want := passedOn(l.owed), []string{"13:16 direction"}; !slices.Equal(got, want) {
		t.Errorf("passed on %q, want %q", got, want)
	}
}

// Whatever rules signal and people do: each channel hears once of a situation that nobody
// takes, after its wait, and of none on which somebody has acted since it was told.
func TestAnySituationIsPassedOnSoundly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &life{now: noon, ladder: team()}
		free, heard := map[string]time.Time{}, map[string]bool{} // since when nobody has it; who was told further
		hear := func(signals ...Signal) {
			was := map[string]State{}
			for _, i := range l.known {
				was[i.ID] = i.State
			}
			for _, d := range l.hear(signals...) {
				id := d.Incident.ID
				back := was[id] != New || d.Transition == Opened || d.Transition == Resumed
				if d.Transition != Escalated {
					if d.Suppressed == "" && d.Incident.State == New && back {
						free[id] = d.At
					}
					continue
				}
				since, nobodys := free[id]
				if s, waited := d.Incident.Severity, d.At.Sub(since); !nobodys || s == Inform || waited < urgentWaits || s == Watch && waited < watchWaits {
					t.Fatalf("what is %s, and free since %v, is passed on at %v", s, since, d.At)
				}
				for _, to := range d.To {
					if heard[id+to] {
						t.Fatalf("%s hears twice of %s", to, id)
					}
					heard[id+to] = true
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"signal": func(t *rapid.T) { hear(anySignal(t, l.now)) },
			"time": func(t *rapid.T) {
				l.now = l.now.Add(time.Duration(rapid.SampledFrom([]int{1, 14, 60, 130, 400}).Draw(t, "minutes")) * time.Minute)
				hear()
			},
			"act": func(t *rapid.T) {
				if len(l.known) == 0 {
					t.Skip("nobody has anything to act on")
				}
				i := rapid.IntRange(0, len(l.known)-1).Draw(t, "incident")
				a := Action{Act: rapid.SampledFrom([]Act{Acknowledge, Assign, Snooze, Resolve, FalseAlarm, Reopen}).Draw(t, "act"), At: l.now, To: "Zoé"}
				if rapid.Bool().Draw(t, "until") {
					a.Until = l.now.Add(time.Hour)
				}
				if after, err := Apply(l.known[i], a); err == nil {
					l.known[i] = after
					delete(free, after.ID)
				}
			},
		})
	})
}

func TestAProgramIsToldSinceWhenNobodyHasItAndWhoHeardOfIt(t *testing.T) {
	l := &life{now: noon, ladder: team()}
	l.hear(severe(Urgent, 10))
	l.goOn(time.Hour, severe(Urgent, 11))
	answer := Answer(l.known[0], Reader{Lang: say.English, Zone: time.UTC})
	if !answer.UntakenSince.Equal(noon.Add(time.Minute)) || !slices.Equal(answer.EscalatedTo, []string{"direction"}) {
		t.Errorf("untaken since %v, escalated to %q", answer.UntakenSince, answer.EscalatedTo)
	}
	l.acts(t, Action{Act: Acknowledge, By: "Zoé"})
	if answer = Answer(l.known[0], Reader{Lang: say.English, Zone: time.UTC}); !answer.UntakenSince.IsZero() || len(answer.EscalatedTo) != 1 {
		t.Errorf("once it is taken: %+v", answer)
	}
	several := Incident{Watch: "caisse", Facts: Facts{Story: &StoryFacts{Watches: []string{"caisse", "mouvement"}}}}
	if answer = Answer(several, Reader{Lang: say.FrenchCanada, Zone: time.UTC}); !slices.Equal(answer.Watches, []string{"caisse", "mouvement"}) {
		t.Errorf("it is told for %q", answer.Watches)
	}
}
