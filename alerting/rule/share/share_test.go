package share

import (
	"fmt"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
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
	return alerting.NamedRule{Name: "part", Kind: "share", Watch: "caisse", Rule: r}
}

var monday = ruletest.Monday

// talk is so many comments ten minutes apart, of which so many of ten are negative.
func talk(w *ruletest.World, from time.Time, n, negative int) {
	for i := range n {
		s := ruletest.Said{At: from.Add(time.Duration(i) * 10 * time.Minute), Negative: 0.1, Thread: fmt.Sprint("fil-", i%3)}
		if i*3%10 < negative {
			s.Negative = 0.9
		}
		w.Keep(s)
	}
}

func TestAShareIsToldWhenMostOfManyAreNegativeAndWhenThatIsOver(t *testing.T) {
	w := ruletest.New(t, newRule(t, func(c *Config) { c.Window = 4 * time.Hour }))
	talk(w, monday, 40, 2)
	talk(w, monday.Add(7*time.Hour), 30, 8)
	talk(w, monday.Add(12*time.Hour), 60, 1)
	w.Upto(monday.Add(2 * 24 * time.Hour))
	w.WantTold(
		"9h30m0s opened: À surveiller : 64 % des mentions sont négatives (14 sur 22, la Caisse)",
		"14h50m0s ended: Situation réglée : plus que 29 % de mentions négatives (la Caisse)",
	)
}

func TestFewOrOneSidedVoicesAreNoShare(t *testing.T) {
	few := ruletest.New(t, newRule(t, nil))
	talk(few, monday, 9, 10)
	few.Upto(monday.Add(24 * time.Hour))
	few.WantTold()
	balanced := ruletest.New(t, newRule(t, nil))
	talk(balanced, monday, 100, 5)
	balanced.Upto(monday.Add(48 * time.Hour))
	balanced.WantTold()
}

func TestAShareThatRisesBecauseOthersFallSilentIsToldAtTheInstant(t *testing.T) {
	w := ruletest.New(t, newRule(t, func(c *Config) { c.Window = 2 * time.Hour }))
	for i := range 10 { // kind words first, then as many bad ones
		w.Keep(ruletest.Said{At: monday.Add(time.Duration(i) * time.Minute), Negative: 0, Thread: fmt.Sprint(i)})
	}
	for i := range 12 {
		w.Keep(ruletest.Said{At: monday.Add(time.Hour + time.Duration(i)*time.Minute), Negative: 1, Thread: fmt.Sprint(i)})
	}
	w.Upto(monday.Add(24 * time.Hour))
	if len(w.Owed) == 0 || !w.Owed[0].At.Equal(monday.Add(2*time.Hour+time.Minute)) { // 12 of 20, when the first two have left
		t.Errorf("told %q", w.Told())
	}
}

func TestWhatIsUsualIsSaid(t *testing.T) {
	w := ruletest.New(t, newRule(t, func(c *Config) { c.Window = 4 * time.Hour }))
	for week := -4; week < 0; week++ {
		talk(w, monday.Add(time.Duration(week)*7*24*time.Hour), 60, 2)
	}
	talk(w, monday.Add(5*time.Hour), 20, 9)
	w.Upto(monday.Add(8 * time.Hour))
	w.WantTold("6h30m0s opened: À surveiller : 90 % négatives, 21 % d’habitude (9 sur 10, la Caisse)")
}

func TestTheMessagesReadAsTheyShould(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	ruletest.Golden(t, "exercise", newRule(t, nil).Rule.(*Rule).Exercise(at), alerting.Opened)
	w := ruletest.New(t, newRule(t, nil))
	talk(w, monday.Add(9*time.Hour), 20, 9)
	w.Upto(monday.Add(72 * time.Hour))
	for i, name := range []string{"start", "end"} {
		d := w.Owed[i].Incident
		ruletest.Golden(t, name, alerting.Signal{Watch: "caisse", Severity: d.Severity, Since: d.Since, Size: d.Size, Over: d.Over, Facts: d.Facts}, w.Owed[i].Transition)
	}
}

func TestAShareIsAboveNothingAndUpToOne(t *testing.T) {
	for share, problems := range map[float64]int{0: 1, -1: 1, 1.2: 1, 60: 1, 0.6: 0, 1: 0} {
		if got := (&Config{Above: share}).Check(); len(got) != problems {
			t.Errorf("%v: %v", share, got)
		}
	}
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "share", Default()) }

func BenchmarkEval(b *testing.B) {
	w := ruletest.New(b, newRule(b, nil))
	talk(w, monday, 100, 5)
	at := monday.Add(17 * time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := w.Rule.Rule.Eval(b.Context(), w.Ask(at), at); err != nil {
			b.Fatal(err)
		}
	}
}
