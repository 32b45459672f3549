package fresh

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// answers is an Asker that knows some stories and mentions.
type answers struct {
	alerting.Asker
	stories  []alerting.Story
	mentions map[string]mention.Mention
	members  []alerting.Member // of whatever conversation, in order of sight
	err      error
	away     error // when it is asked for a conversation
	from, to time.Time
}

func (a *answers) Talk(_ context.Context, conversation string, from, to time.Time) (all []alerting.Member, err error) {
	for _, m := range a.members {
		stands := m.Conversation == conversation || m.Mention == conversation
		if stands && !m.SeenAt.Before(from) && m.SeenAt.Before(to) {
			all = append(all, m)
		}
	}
	return all, a.away
}

func (a *answers) Stories(_ context.Context, _ string, from, to time.Time) ([]alerting.Story, error) {
	a.from, a.to = from, to
	return a.stories, a.err
}

func (a *answers) Search(_ context.Context, q store.Question, _ int, _ string) (found []mention.Mention, next string, err error) {
	for _, id := range q.IDs {
		if m, ok := a.mentions[id]; ok {
			found = append(found, m)
		}
	}
	return found, "", nil
}

func newRule(t *testing.T, terms alerting.Terms) *Rule {
	t.Helper()
	r, err := New(Default(), terms, alerting.Deps{Own: func(watch string) bool { return watch == "caisse" }})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func member(id string, seen time.Time, watches ...string) alerting.Member {
	return alerting.Member{Mention: id, Source: id, Outlet: id + ".example", Watches: watches, SeenAt: seen}
}

func tale(members ...alerting.Member) alerting.Story {
	s := alerting.Story{ID: members[0].Mention, Members: members}
	for _, m := range members {
		s.Watches = append(s.Watches, m.Watches...)
	}
	return s
}

func TestAStoryIsSignalledOnceItsWaitIsOverAndNotBefore(t *testing.T) {
	r := newRule(t, alerting.Terms{Watch: "caisse"})
	ask := &answers{stories: []alerting.Story{
		tale(member("a", noon, "caisse"), member("b", noon.Add(time.Minute), "caisse")),
		tale(member("c", noon.Add(30*time.Second), "caisse")),
	}}
	signals, next, err := r.Eval(t.Context(), ask, noon.Add(time.Minute))
	if err != nil || len(signals) != 0 || !next.Equal(noon.Add(2*time.Minute)) {
		t.Errorf("too early: %v, next %v, %v", signals, next, err)
	}
	signals, next, err = r.Eval(t.Context(), ask, noon.Add(2*time.Minute))
	if err != nil || len(signals) != 1 || !next.Equal(noon.Add(150*time.Second)) {
		t.Fatalf("when the first is due: %v, next %v, %v", signals, next, err)
	}
	s := signals[0]
	if s.Size != 0 || s.Severity != alerting.Inform || !s.Since.Equal(noon) || s.Facts.Story.Outlets != 2 || !s.Facts.Story.Named || !slices.Equal(s.Mentions, []string{"a", "b"}) {
		t.Errorf("got %+v %+v", s, s.Facts.Story)
	}
	if !ask.from.Before(noon) || !ask.to.After(noon.Add(2*time.Minute)) {
		t.Errorf("asked for [%v, %v)", ask.from, ask.to)
	}
}

func TestTheFirstMemberThatIsNewsToTheWatchSetsTheClock(t *testing.T) {
	old := member("vieille", noon.Add(-time.Hour), "caisse")
	old.History = true
	s := tale(old, member("b", noon.Add(-time.Minute), "banque"), member("c", noon, "caisse"))
	signals, _, err := newRule(t, alerting.Terms{Watch: "caisse", Wait: time.Minute}).Eval(t.Context(), &answers{stories: []alerting.Story{s}}, noon.Add(time.Minute))
	if err != nil || len(signals) != 1 || !signals[0].Since.Equal(noon) || signals[0].Facts.Story.Outlet != "c.example" {
		t.Errorf("got %+v, %v", signals, err)
	}
	signals, next, err := newRule(t, alerting.Terms{Watch: "caisse"}).Eval(t.Context(), &answers{stories: []alerting.Story{tale(old)}}, noon)
	if err != nil || len(signals) != 0 || !next.IsZero() {
		t.Errorf("history became news: %+v, next %v, %v", signals, next, err)
	}
}

func TestARuleWithoutAWatchTellsOfAnyAndNamesIt(t *testing.T) {
	s := tale(member("a", noon, "mouvement"))
	signals, _, err := newRule(t, alerting.Terms{}).Eval(t.Context(), &answers{stories: []alerting.Story{s}}, noon.Add(time.Hour))
	if err != nil || len(signals) != 1 || signals[0].Watch != "mouvement" || signals[0].Facts.Story.Named {
		t.Errorf("got %+v, %v", signals, err)
	}
}

func TestEachChangeIsAnotherRevisionAndIsToldInItsOwnWords(t *testing.T) {
	r := newRule(t, alerting.Terms{Watch: "caisse"})
	corrected, retracted := member("b", noon.Add(time.Hour), "caisse"), member("c", noon.Add(2*time.Hour), "caisse")
	corrected.Change, retracted.Change = alerting.Corrected, alerting.Retracted
	members := []alerting.Member{member("a", noon, "caisse"), corrected, retracted}
	ask := &answers{mentions: map[string]mention.Mention{"b": {
		PublishedAt: noon, URL: "https://b.example/1",
		Versions: []mention.Version{{Title: "11 comptoirs", Text: "Voici. L'épargne d’été de la Caisse Valtisse.", Hits: []mention.Hit{{Watch: "caisse", Words: []string{"Caisse Valtisse"}}}}},
	}}}
	seen := map[string]bool{}
	for n, want := range []alerting.Change{alerting.Unchanged, alerting.Corrected, alerting.Retracted} {
		ask.stories = []alerting.Story{tale(members[:n+1]...)}
		signals, _, err := r.Eval(t.Context(), ask, noon.Add(3*time.Hour))
		if err != nil || len(signals) != 1 {
			t.Fatalf("got %+v, %v", signals, err)
		}
		f := signals[0].Facts.Story
		if f.Change != want || seen[signals[0].Revision] {
			t.Errorf("change %q, want %q; revision %q", f.Change, want, signals[0].Revision)
		}
		if want == alerting.Corrected && (f.Title != "11 comptoirs" || f.URL != "https://b.example/1" || !strings.Contains(f.Excerpt, "Caisse Valtisse") || f.Outlet != "b.example") {
			t.Errorf("told in other words: %+v", f)
		}
		seen[signals[0].Revision] = true
	}
}

func TestAQuestionThatFailsFailsTheRule(t *testing.T) {
	away := errors.New("the store is away")
	if _, _, err := newRule(t, alerting.Terms{}).Eval(t.Context(), &answers{err: away}, noon); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "fresh", Default()) }

func TestWhatADigestWillTellInterruptsOnlyWhenItNamesYouOrSpreads(t *testing.T) {
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }
	five := func(step int) (members []alerting.Member) {
		for i, id := range []string{"a", "b", "c", "d", "e"} {
			members = append(members, member(id, at(i*step), "mouvement"))
		}
		return members
	}
	for name, c := range map[string]struct {
		members []alerting.Member
		asOf    int // minutes after noon
		terms   alerting.Terms
		config  func(*Config)
		want    bool
	}{
		"one outlet":                 {members: five(30)[:1], asOf: 2},
		"four outlets":               {members: five(30)[:4], asOf: 92},
		"five outlets in two hours":  {members: five(30), asOf: 122, want: true},
		"five outlets in four hours": {members: five(60), asOf: 242},
		"five, not gathered yet":     {members: five(30), asOf: 121},
		"named":                      {members: []alerting.Member{member("a", at(0), "mouvement", "caisse")}, asOf: 2, want: true},
		"named later":                {members: []alerting.Member{member("a", at(0), "mouvement"), member("b", at(600), "caisse")}, asOf: 602, want: true},
		"named by another first":     {members: []alerting.Member{member("b", at(0), "caisse"), member("a", at(5), "mouvement")}, asOf: 7, want: true},
		"three are enough":           {members: five(30)[:3], asOf: 62, config: func(c *Config) { c.Outlets = 3 }, want: true},
		"each at once":               {members: five(30)[:1], asOf: 2, config: func(c *Config) { c.AtOnce = true }, want: true},
		"no digest":                  {members: five(30)[:1], asOf: 2, terms: alerting.Terms{Watch: "mouvement"}, want: true},
	} {
		if c.terms.Watch == "" {
			c.terms = alerting.Terms{Watch: "mouvement", Digested: true}
		}
		config := Default()
		if c.config != nil {
			c.config(&config)
		}
		r, err := New(config, c.terms, alerting.Deps{Own: func(watch string) bool { return watch == "caisse" }})
		if err != nil {
			t.Fatal(err)
		}
		signals, _, err := r.Eval(t.Context(), &answers{stories: []alerting.Story{tale(c.members...)}}, at(c.asOf))
		if err != nil || len(signals) == 1 != c.want {
			t.Errorf("%s: %d signals, %v, want one: %v", name, len(signals), err, c.want)
		}
	}
}

// together are rules that tell the same people, one for each watch, the nearest first.
func together(t *testing.T, all ...alerting.Terms) (rules []alerting.Rule) {
	t.Helper()
	var alone []alerting.Rule
	for _, terms := range all {
		alone = append(alone, newRule(t, terms))
	}
	for at := range alone {
		rules = append(rules, alone[at].(alerting.Joint).Among(alone, at))
	}
	return rules
}

// tellers asks all rules about an instant, and says who signals what, and who wishes to be
// asked when.
func tellers(t *testing.T, rules []alerting.Rule, s alerting.Story, asOf time.Time) (told []alerting.Signal, next time.Time) {
	t.Helper()
	for _, r := range rules {
		signals, wish, err := r.Eval(t.Context(), &answers{stories: []alerting.Story{s}, members: s.Members}, asOf)
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, signals...)
		if !wish.IsZero() && (next.IsZero() || wish.Before(next)) {
			next = wish
		}
	}
	return told, next
}

func TestAStoryOfSeveralWatchesIsOneSignalThatNamesThem(t *testing.T) {
	const minute = time.Minute
	at := func(minutes int) time.Time { return noon.Add(time.Duration(minutes) * minute) }
	caisse, mouvement, festival := alerting.Terms{Watch: "caisse"}, alerting.Terms{Watch: "mouvement"}, alerting.Terms{Watch: "festival"}
	urgent, digested, patient := caisse, mouvement, mouvement
	urgent.Severity, digested.Digested, patient.Wait = alerting.Urgent, true, time.Hour
	for _, c := range []struct {
		name    string
		terms   []alerting.Terms
		members []alerting.Member
		asOf    time.Time
		want    string
		change  alerting.Change
		level   alerting.Severity
	}{
		{"one claims it", []alerting.Terms{caisse, mouvement}, []alerting.Member{member("a", at(0), "mouvement")}, at(2), "mouvement []", "", alerting.Inform},
		{"both do at once", []alerting.Terms{caisse, mouvement}, []alerting.Member{member("a", at(0), "caisse", "mouvement")}, at(2), "caisse [caisse mouvement]", "", alerting.Inform},
		{"the other one before it is told", []alerting.Terms{caisse, mouvement}, []alerting.Member{member("a", at(0), "mouvement"), member("b", at(1), "caisse")}, at(3), "mouvement [caisse mouvement]", "", alerting.Inform},
		{"it comes to name you", []alerting.Terms{caisse, mouvement}, []alerting.Member{member("a", at(0), "mouvement"), member("b", at(9), "caisse")}, at(11), "mouvement [caisse mouvement]", alerting.Names, alerting.Inform},
		{"it comes to name others", []alerting.Terms{caisse, mouvement, festival}, []alerting.Member{member("a", at(0), "mouvement"), member("b", at(9), "festival")}, at(11), "mouvement [mouvement festival]", "", alerting.Inform},
		{"it weighs more for you", []alerting.Terms{urgent, mouvement}, []alerting.Member{member("a", at(0), "mouvement"), member("b", at(1), "caisse")}, at(3), "mouvement [caisse mouvement]", "", alerting.Urgent},
		{"and not before it is yours", []alerting.Terms{urgent, mouvement}, []alerting.Member{member("a", at(0), "mouvement"), member("b", at(1), "caisse")}, at(2), "mouvement [caisse mouvement]", "", alerting.Inform},
		{"a digest would tell it", []alerting.Terms{caisse, digested}, []alerting.Member{member("a", at(0), "mouvement"), member("b", at(5), "caisse")}, at(7), "caisse [caisse mouvement]", "", alerting.Inform},
		{"who waits for an hour", []alerting.Terms{caisse, patient}, []alerting.Member{member("a", at(0), "mouvement"), member("b", at(20), "caisse")}, at(70), "caisse [caisse mouvement]", "", alerting.Inform},
	} {
		t.Run(c.name, func(t *testing.T) {
			told, _ := tellers(t, together(t, c.terms...), tale(c.members...), c.asOf)
			if len(told) != 1 {
				t.Fatalf("%d signals: %+v", len(told), told)
			}
			s := told[0]
			if got := fmt.Sprint(s.Watch, " ", s.Facts.Story.Watches); got != c.want || s.Facts.Story.Change != c.change || s.Severity != c.level {
				t.Errorf("%s, change %q, %s; want %s, %q, %s", got, s.Facts.Story.Change, s.Severity, c.want, c.change, c.level)
			}
		})
	}
}

func TestWhoTellsForOthersIsAskedWhenTheyHaveTheirSay(t *testing.T) {
	rules := together(t, alerting.Terms{Watch: "caisse"}, alerting.Terms{Watch: "mouvement"})
	s := tale(member("a", noon, "mouvement"), member("b", noon.Add(9*time.Minute), "caisse"))
	told, next := tellers(t, rules, s, noon.Add(9*time.Minute))
	if len(told) != 1 || told[0].Facts.Story.Change != "" || !next.Equal(noon.Add(11*time.Minute)) {
		t.Errorf("%+v, next %v", told, next)
	}
	later, next := tellers(t, rules, s, next)
	if len(later) != 1 || later[0].Revision == told[0].Revision || later[0].Key != told[0].Key || later[0].Facts.Story.Outlet != "b.example" || !next.IsZero() {
		t.Errorf("then %+v, next %v", later, next)
	}
}

// Whatever a story gets, and whenever it is asked about: from its first notice on the same
// rule tells it, and no other.
func TestOneRuleTellsAStoryFromItsFirstNoticeOn(t *testing.T) {
	watches := []string{"caisse", "mouvement", "festival"}
	rapid.Check(t, func(rt *rapid.T) {
		var terms []alerting.Terms
		for _, w := range watches {
			terms = append(terms, alerting.Terms{Watch: w, Wait: time.Duration(rapid.IntRange(1, 30).Draw(rt, "wait")) * time.Minute, Digested: rapid.Bool().Draw(rt, "digested") && w != "caisse"})
		}
		rules := together(t, terms...)
		var members []alerting.Member
		at, teller := noon, ""
		for n := range rapid.IntRange(1, 12).Draw(rt, "members") {
			of := rapid.SliceOfNDistinct(rapid.SampledFrom(watches), 1, 3, rapid.ID).Draw(rt, "watches")
			said := member(fmt.Sprint("m", n), at, of...)
			said.Conversation = rapid.SampledFrom([]string{"", "fil-1", "fil-2"}).Draw(rt, "conversation")
			members = append(members, said)
			for until := at.Add(time.Duration(rapid.IntRange(0, 40).Draw(rt, "minutes")) * time.Minute); !at.After(until); at = at.Add(time.Minute) {
				told, _ := tellers(t, rules, tale(members...), at)
				for _, s := range told {
					if teller == "" {
						teller = s.Watch
					}
					if s.Watch != teller || len(told) > 1 {
						rt.Fatalf("%s told it first, and %s tells it too (%d signals)", teller, s.Watch, len(told))
					}
				}
			}
		}
	})
}
