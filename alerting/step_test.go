package alerting

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// told gives the transitions that are told, in order.
func told(owed []Due) (all []Transition) {
	for _, d := range owed {
		if d.Suppressed == "" {
			all = append(all, d.Transition)
		}
	}
	return all
}

// life walks one matter through signals a minute apart.
type life struct {
	known []Incident
	now   time.Time
	owed  []Due
}

func (l *life) hear(signals ...Signal) []Due {
	l.now = l.now.Add(time.Minute)
	changed, owed := Step(l.known, signals, l.now)
	for _, c := range changed {
		if i := slices.IndexFunc(l.known, func(k Incident) bool { return k.ID == c.ID }); i >= 0 {
			l.known[i] = c
		} else {
			l.known = append([]Incident{c}, l.known...)
		}
	}
	l.owed = append(l.owed, owed...)
	return owed
}

func surge(size int) Signal {
	return Signal{Rule: "vagues", Key: "caisse", Since: noon, Severity: Watch, Size: size}
}

func TestASurgeIsToldAtItsStartWhenItDoublesAndAtItsEnd(t *testing.T) {
	l := &life{now: noon}
	over := surge(3)
	over.Over = true
	for _, s := range []Signal{surge(10), surge(12), surge(19), surge(20), surge(39), surge(40), surge(5), over, over, surge(3)} {
		l.hear(s)
	}
	if got, want := told(l.owed), []Transition{Opened, Grown, Grown, Ended}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	again := surge(10)
	again.Since = l.now.Add(time.Hour)
	l.now = again.Since
	if owed := l.hear(again); len(owed) != 1 || owed[0].Transition != Opened || len(l.known) != 2 {
		t.Errorf("another surge later: %+v, want an opening of its own", owed)
	}
}

func TestAMatterThatDoesNotGrowIsToldOnceUntilItIsRevised(t *testing.T) {
	l := &life{now: noon}
	story, corrected := surge(0), surge(0)
	corrected.Revision = "corrected"
	for _, s := range []Signal{story, story, corrected, corrected, story, story} {
		l.hear(s)
	}
	if got, want := told(l.owed), []Transition{Opened, Revised, Revised}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

func TestWhatIsOverBeforeAnybodyHeardOfItIsNotTold(t *testing.T) {
	s := surge(10)
	s.Over = true
	if changed, owed := Step(nil, []Signal{s}, noon); len(changed)+len(owed) != 0 {
		t.Errorf("got %v, %v, want nothing", changed, owed)
	}
}

func TestWhatAPersonPutAsideComesBackOnlyAsTheyAsked(t *testing.T) {
	for _, c := range []struct {
		name string
		act  Action
		next []Signal
		want []Transition
	}{
		{"acknowledged, it is still told when it doubles", Action{Act: Acknowledge}, []Signal{surge(11), surge(20)}, []Transition{Opened, Grown}},
		{"until worse, it is told when it is", Action{Act: Snooze}, []Signal{surge(11), surge(19), surge(20)}, []Transition{Opened, Grown}},
		{"snoozed, it stays quiet, then reminds", Action{Act: Snooze, Until: noon.Add(4 * time.Minute)}, []Signal{surge(20), surge(40), surge(40), surge(40)}, []Transition{Opened, Reminded}},
		{"resolved, it stays so while it is no worse", Action{Act: Resolve}, []Signal{surge(11), surge(19)}, []Transition{Opened}},
		{"resolved, and then twice as big", Action{Act: Resolve}, []Signal{surge(20)}, []Transition{Opened, Grown}},
		{"a false alarm is never told again", Action{Act: FalseAlarm}, []Signal{surge(20), surge(80)}, []Transition{Opened}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &life{now: noon}
			l.hear(surge(10))
			c.act.At = l.now
			after, err := Apply(l.known[0], c.act)
			if err != nil {
				t.Fatal(err)
			}
			l.known[0] = after
			for _, s := range c.next {
				l.hear(s)
			}
			if got := told(l.owed); !slices.Equal(got, c.want) {
				t.Errorf("told %v, want %v", got, c.want)
			}
		})
	}
}

// Whatever rules signal and people do: no message twice, every opening is told or
// spared with a reason, an end comes after its opening, sizes double between two
// growths, and a repeated signal owes nothing.
func TestAnyLifeOfAnIncidentIsToldSoundly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &life{now: noon}
		opened, lastSize := map[string]int{}, map[string]int{}
		seen := map[string]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"signal": func(t *rapid.T) {
				s := anySignal(t, l.now)
				owed := l.hear(s)
				for _, d := range owed {
					check(t, d, s, opened, lastSize, seen)
				}
				for _, d := range l.hear(s) {
					if d.Transition != Reminded {
						t.Fatalf("the same signal again owes %+v", d)
					}
					lastSize[d.Incident.ID] = d.Incident.Size
				}
			},
			"act": func(t *rapid.T) {
				if len(l.known) == 0 {
					t.Skip("nobody has anything to act on")
				}
				i := rapid.IntRange(0, len(l.known)-1).Draw(t, "incident")
				a := Action{Act: rapid.SampledFrom([]Act{Acknowledge, Snooze, Resolve, FalseAlarm, Reopen}).Draw(t, "act"), At: l.now}
				if rapid.Bool().Draw(t, "until") {
					a.Until = l.now.Add(time.Duration(rapid.IntRange(1, 10).Draw(t, "minutes")) * time.Minute)
				}
				if after, err := Apply(l.known[i], a); err == nil {
					l.known[i] = after
				}
			},
			"time": func(t *rapid.T) {
				l.now = l.now.Add(time.Duration(rapid.IntRange(1, 20).Draw(t, "minutes")) * time.Minute)
				for _, d := range l.hear() {
					if d.Transition != Reminded {
						t.Fatalf("time alone owes %+v", d)
					}
					lastSize[d.Incident.ID] = d.Incident.Size
				}
			},
			"": func(t *rapid.T) {
				for _, i := range l.known {
					if opened[i.ID] != 1 {
						t.Fatalf("incident %s opened %d times", i.ID, opened[i.ID])
					}
					if (i.State == Resolved) == i.EndedAt.IsZero() {
						t.Fatalf("%s, ended %v", i.State, i.EndedAt)
					}
				}
			},
		})
	})
}

func anySignal(t *rapid.T, now time.Time) Signal {
	return Signal{
		Rule: "règle", Key: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"),
		Since:    now.Add(-time.Duration(rapid.IntRange(0, 30).Draw(t, "ago")) * time.Minute),
		Severity: rapid.SampledFrom([]Severity{Inform, Watch, Urgent}).Draw(t, "severity"),
		Size:     rapid.IntRange(0, 100).Draw(t, "size"),
		Revision: rapid.SampledFrom([]string{"", "corrigée", "rétractée"}).Draw(t, "revision"),
		Over:     rapid.IntRange(0, 4).Draw(t, "over") == 0,
	}
}

func check(t *rapid.T, d Due, s Signal, opened, lastSize map[string]int, seen map[string]bool) {
	once := fmt.Sprint(d.Incident.ID, d.Incident.Seq)
	if seen[once] {
		t.Fatalf("%s is owed twice", once)
	}
	seen[once] = true
	if d.Transition == Opened {
		opened[d.Incident.ID]++
	} else if opened[d.Incident.ID] == 0 {
		t.Fatalf("%s before the opening", d.Transition)
	}
	if d.Suppressed != "" && d.Suppressed != BecauseSnoozed && d.Suppressed != BecauseFalseAlarm {
		t.Fatalf("spared for %q", d.Suppressed)
	}
	if d.Transition == Ended && !s.Over {
		t.Fatal("ended while it goes on")
	}
	if before := lastSize[d.Incident.ID]; d.Transition == Grown && d.Incident.Size < 2*before && d.Incident.Severity != Urgent && d.Incident.Severity != Watch {
		t.Fatalf("told of a growth from %d to %d", before, d.Incident.Size)
	}
	lastSize[d.Incident.ID] = d.Incident.Size
}
