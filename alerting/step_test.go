package alerting

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/say"
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
	known  []Incident
	ladder Ladder
	now    time.Time
	owed   []Due
}

func (l *life) hear(signals ...Signal) []Due {
	l.now = l.now.Add(time.Minute)
	changed, owed := Step(l.known, signals, l.ladder, l.now)
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
	for _, s := range []Signal{surge(10), surge(12), surge(19), surge(20), surge(39), surge(40), surge(5), over, over} {
		l.hear(s)
	}
	if got, want := told(l.owed), []Transition{Opened, Grown, Grown, Ended}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	again := surge(10)
	again.Since = l.now.Add(3 * time.Hour)
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
	if changed, owed := Step(nil, []Signal{s}, Ladder{}, noon); len(changed)+len(owed) != 0 {
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

func over(size int) Signal {
	s := surge(size)
	s.Over = true
	return s
}

// later is a surge that began so long after noon.
func (l *life) later(after time.Duration, size int) Signal {
	l.now = noon.Add(after)
	s := surge(size)
	s.Since = l.now
	return s
}

func TestWhatEndsAndBeginsAgainSoonIsOneSituationAndQuiet(t *testing.T) {
	l := &life{now: noon}
	l.hear(surge(10))
	l.hear(over(10))
	for n := range 5 { // on and off, every ten minutes
		l.hear(l.later(time.Duration(n+1)*20*time.Minute, 12))
		l.now = l.now.Add(9 * time.Minute)
		l.hear(over(12))
	}
	if got, want := told(l.owed), []Transition{Opened, Ended}; !slices.Equal(got, want) || len(l.known) != 1 {
		t.Errorf("told %v in %d situations, want %v in one", got, len(l.known), want)
	}
	if l.known[0].State != Resolved {
		t.Errorf("it stands %s", l.known[0].State)
	}
}

func TestWhatGoesOnAfterAllIsToldWhenTheRestIsOver(t *testing.T) {
	l := &life{now: noon}
	l.hear(surge(10))
	l.hear(over(10))
	again := l.later(time.Hour, 12)
	l.hear(again)
	if i := l.known[0]; i.State != New || !i.Untold || !reminder(i, l.ladder, l.now).Equal(i.CoolUntil) {
		t.Errorf("it stands %s, and is looked at again at %v", i.State, reminder(i, l.ladder, l.now))
	}
	l.hear(again)
	l.now = noon.Add(2*time.Hour + 2*time.Minute)
	l.hear() // nobody says anything new
	l.hear(again)
	if got, want := told(l.owed), []Transition{Opened, Ended, Resumed}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	over := again
	over.Over = true
	if owed := l.hear(over); len(owed) != 1 || owed[0].Suppressed != "" {
		t.Errorf("the end of what was told again owes %+v, want one message", owed)
	}
}

func TestWhatBeginsAgainWorseIsToldAtOnce(t *testing.T) {
	severe := surge(5)
	severe.Severity = Urgent
	for name, next := range map[string]Signal{"twice as big": surge(20), "more severe": severe} {
		l := &life{now: noon}
		l.hear(surge(10))
		l.hear(over(10))
		l.hear(next)
		if got, want := told(l.owed), []Transition{Opened, Ended, Resumed}; !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", name, got, want)
		}
	}
}

func TestWhatAPersonSettledAndThenBeginsAnewRestsToo(t *testing.T) {
	for name, c := range map[string]struct {
		act        Act
		situations int
		want       []Transition
	}{
		"settled":                       {Resolve, 1, []Transition{Opened, Resumed}},
		"a false alarm is another's no": {FalseAlarm, 2, []Transition{Opened, Opened}},
	} {
		l := &life{now: noon}
		l.hear(surge(10))
		l.do(t, Action{Act: c.act})
		again := l.later(30*time.Minute, 11)
		l.hear(again)
		l.now = noon.Add(3 * time.Hour)
		l.hear(again)
		if got := told(l.owed); !slices.Equal(got, c.want) || len(l.known) != c.situations {
			t.Errorf("%s: told %v in %d situations, want %v in %d", name, got, len(l.known), c.want, c.situations)
		}
	}
}

func (l *life) do(t *testing.T, a Action) {
	t.Helper()
	a.At = l.now
	after, err := Apply(l.known[0], a)
	if err != nil {
		t.Fatal(err)
	}
	l.known[0] = after
}

func TestWhatWasKnownAtTheEndStaysToBeRead(t *testing.T) {
	l := &life{now: noon}
	s := surge(10)
	s.Facts.Surge, s.Mentions = &SurgeFacts{Count: 10}, []string{"m"}
	l.hear(s)
	last := Signal{Rule: s.Rule, Key: s.Key, Over: true}
	for range 3 { // as rules do, with nothing more to say
		l.hear(last)
	}
	if i := l.known[0]; i.State != Resolved || i.Facts.Surge == nil || len(i.Mentions) != 1 || !i.Since.Equal(noon) {
		t.Errorf("it stands %+v", i)
	}
	l.do(t, Action{Act: Reopen})
	if owed := l.hear(last); len(owed) != 0 || l.known[0].State != New {
		t.Errorf("opened again by a person, it is closed by what they knew: %+v", owed)
	}
}

func TestTheEndIsToldToWhoeverPutItAside(t *testing.T) {
	for name, a := range map[string]Action{"until worse": {Act: Snooze}, "until an hour": {Act: Snooze, Until: noon.Add(time.Hour)}, "in charge": {Act: Acknowledge}} {
		l := &life{now: noon}
		l.hear(surge(10))
		l.do(t, a)
		l.hear(over(10))
		if got, want := told(l.owed), []Transition{Opened, Ended}; !slices.Equal(got, want) {
			t.Errorf("%s: told %v, want %v", name, got, want)
		}
	}
}

func TestAHigherSeverityIsToldBeforeTheHourThatWasChosen(t *testing.T) {
	l := &life{now: noon}
	l.hear(surge(10))
	l.do(t, Action{Act: Snooze, Until: noon.Add(time.Hour)})
	urgent := surge(11)
	urgent.Severity = Urgent
	l.hear(urgent)
	if i := l.known[0]; len(told(l.owed)) != 2 || i.State != New {
		t.Errorf("told %v, and it stands %s", told(l.owed), i.State)
	}
}

func TestANoticeThatNobodyTouchesClosesItselfAndASituationDoesNot(t *testing.T) {
	for severity, want := range map[Severity]State{Inform: Resolved, Watch: New, Urgent: New} {
		l := &life{now: noon}
		s := surge(0)
		s.Severity = severity
		l.hear(s)
		l.now = noon.Add(15 * 24 * time.Hour)
		owed := l.hear()
		if l.known[0].State != want || len(told(owed)) != 0 {
			t.Errorf("%s: it stands %s, told %v, want %s and nothing", severity, l.known[0].State, told(owed), want)
		}
	}
}

func TestEachCallOfAFalseAlarmIsRememberedWithTheTimeItSpeaksOf(t *testing.T) {
	began, at := noon.Add(-time.Hour), noon
	do := func(i Incident, act Act) Incident {
		t.Helper()
		at = at.Add(time.Minute)
		after, err := Apply(i, Action{Act: act, By: "Odette", At: at})
		if err != nil {
			t.Fatal(err)
		}
		return after
	}
	first := do(Incident{State: New, Since: began}, FalseAlarm)
	again := do(do(first, Reopen), Resolve)
	late := do(again, FalseAlarm) // an hour after it was settled it would speak of that time only
	if diff := cmp.Diff([]Call{{From: began, To: noon.Add(time.Minute), Said: noon.Add(time.Minute)}}, first.Called); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	want := []Call{{From: began, To: noon.Add(time.Minute), Said: noon.Add(time.Minute), TakenBack: noon.Add(2 * time.Minute)},
		{From: began, To: noon.Add(3 * time.Minute), Said: noon.Add(4 * time.Minute)}}
	if diff := cmp.Diff(want, late.Called); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNonsenseIsRefusedInWords(t *testing.T) {
	open := Incident{State: New}
	closed := Incident{State: Resolved, EndedAt: noon}
	no := Incident{State: Resolved, EndedAt: noon, FalseAlarm: true}
	for _, c := range []struct {
		Incident
		Action
		want string
	}{
		{open, Action{Act: Reopen}, "rien à rouvrir"},
		{closed, Action{Act: Acknowledge}, "rouvrez-la"},
		{closed, Action{Act: Resolve}, "rouvrez-la"},
		{no, Action{Act: FalseAlarm}, "déjà marquée"},
		{open, Action{Act: Snooze, Until: noon}, "déjà passée"},
		{open, Action{Act: Snooze, Until: noon.AddDate(1, 0, 0)}, "trop loin"},
		{open, Action{Act: "détruire\r\nx"}, "«\u00a0détruire x\u00a0»"},
	} {
		c.At = noon
		after, err := Apply(c.Incident, c.Action)
		if err == nil || !strings.Contains(say.Explain(err, say.FrenchCanada), c.want) || !reflect.DeepEqual(after, c.Incident) {
			t.Errorf("%s of %s: %v, want words with %q and no change", c.Act, c.State, err, c.want)
		}
	}
}

func TestWhoSignsIsANameAndNothingElse(t *testing.T) {
	after, err := Apply(Incident{State: New}, Action{Act: Acknowledge, At: noon, By: "Odette\r\nBcc: x " + strings.Repeat("é", 100)})
	if err != nil || len([]rune(after.By)) > nameLimit || strings.ContainsAny(after.By, "\r\n") {
		t.Errorf("signed %q, %v", after.By, err)
	}
}

// Whatever rules signal and people do: no message twice, every opening is told or
// spared with a reason, an end comes after its opening, sizes double between two
// growths, and a repeated signal owes nothing.
func TestAnyLifeOfAnIncidentIsToldSoundly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &life{now: noon}
		people := newPeople()
		t.Repeat(map[string]func(*rapid.T){
			"signal": func(t *rapid.T) {
				s := anySignal(t, l.now)
				owed := l.hear(s)
				for _, d := range owed {
					people.hear(t, d, s.Over, l.now)
				}
				for _, d := range l.hear(s) {
					if d.Transition != Reminded && d.Transition != Resumed {
						t.Fatalf("the same signal again owes %+v", d)
					}
					people.hear(t, d, s.Over, l.now)
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
					delete(people.known, after.ID) // they looked at it, and may wait for its end again
				}
			},
			"time": func(t *rapid.T) {
				l.now = l.now.Add(time.Duration(rapid.SampledFrom([]int{1, 5, 20, 60, 130, 21 * 24 * 60}).Draw(t, "minutes")) * time.Minute)
				for _, d := range l.hear() {
					if d.Transition != Reminded && d.Transition != Resumed && d.Suppressed != BecauseStale {
						t.Fatalf("time alone owes %+v", d)
					}
					people.hear(t, d, true, l.now)
				}
			},
			"": func(t *rapid.T) {
				for _, i := range l.known {
					if people.opened[i.ID] != 1 {
						t.Fatalf("incident %s opened %d times", i.ID, people.opened[i.ID])
					}
					if (i.State == Resolved) == i.EndedAt.IsZero() {
						t.Fatalf("%s, ended %v", i.State, i.EndedAt)
					}
					if i.Untold && (i.State != New || reminder(i, l.ladder, l.now).IsZero() && i.CoolUntil.After(l.now)) {
						t.Fatalf("nobody will hear that it goes on: %+v", i)
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
		Facts:    Facts{Surge: &SurgeFacts{}},
		Size:     rapid.IntRange(0, 100).Draw(t, "size"),
		Revision: rapid.SampledFrom([]string{"", "corrigée", "rétractée"}).Draw(t, "revision"),
		Over:     rapid.IntRange(0, 4).Draw(t, "over") == 0,
	}
}

// people is what those who get the messages know: a model of its own.
type people struct {
	opened map[string]int
	seen   map[string]bool
	known  map[string]Due // what was last told of each incident
}

func newPeople() *people {
	return &people{opened: map[string]int{}, seen: map[string]bool{}, known: map[string]Due{}}
}

// hear checks that d is something to be told, or to be spared, after what they know.
func (p *people) hear(t *rapid.T, d Due, over bool, now time.Time) {
	once := fmt.Sprint(d.Incident.ID, d.Incident.Seq)
	if p.seen[once] {
		t.Fatalf("%s is owed twice", once)
	}
	p.seen[once] = true
	if d.Transition == Opened {
		p.opened[d.Incident.ID]++
	} else if p.opened[d.Incident.ID] == 0 {
		t.Fatalf("%s before the opening", d.Transition)
	}
	if d.Transition == Ended && !over && d.Suppressed != BecauseStale {
		t.Fatal("ended while it goes on")
	}
	if !slices.Contains([]string{"", BecauseSnoozed, BecauseFalseAlarm, BecauseCooling, BecauseStale}, d.Suppressed) {
		t.Fatalf("spared for %q", d.Suppressed)
	}
	if d.Suppressed != "" {
		return
	}
	before, told := p.known[d.Incident.ID]
	more := d.Incident.Size >= 2*before.Incident.Size || d.Incident.Severity.rank() > before.Incident.Severity.rank()
	switch {
	case d.Transition == Ended && told && before.Transition == Ended:
		t.Fatal("two ends in a row")
	case d.Transition == Resumed && told && before.Transition == Ended && now.Before(before.At.Add(CoolDown)) && !more && d.Incident.Revision == before.Incident.Revision:
		t.Fatalf("told again %v after its end, and no worse", now.Sub(before.At))
	}
	p.known[d.Incident.ID] = d
}
