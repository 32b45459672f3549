package keyword

import (
	"fmt"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/ruletest"
	"github.com/ouidire/ouidire/mention"
)

var nine = ruletest.Monday.Add(9 * time.Hour)

func newRule(t *testing.T, terms alerting.Terms) alerting.NamedRule {
	t.Helper()
	terms.Watch = "caisse"
	r, err := New(Default(), terms, alerting.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return alerting.NamedRule{Name: "mots", Kind: "keyword", Watch: "caisse", Rule: r}
}

func TestWordsOfACrisisAreToldAtOnceHoweverTheyAreWritten(t *testing.T) {
	w := ruletest.New(t, newRule(t, alerting.Terms{}))
	var want []string
	for i, c := range []struct{ text, word string }{
		{"Une FRAUDE de 40 000 $ à la Caisse Valtisse", "FRAUDE"},
		{"L’enquête parle d’une fuite de données à la Caisse", "fuite de données"},
		{"On nous a FRAUDÉS, dit-elle", "FRAUDÉS"},
		{"A data breach at the Caisse Valtisse, says the mayor", "data breach"},
		{"La gre\u0300ve commence mardi au cœur de la Caisse", "gre\u0300ve"},
		{"Boycottage de la Caisse : l'épargne d’ici s’en va", "Boycottage"},
		{"La caisse tire un voyage de pêche au sort, quel vol", ""},
		{"Le feu de joie de la Saint-Jean sera gratuit cet été", ""},
		{"The strike zone was generous, our team lost the match", ""},
	} {
		w.Keep(ruletest.Said{At: nine.Add(time.Duration(i) * time.Hour), Text: c.text})
		if c.word != "" {
			want = append(want, fmt.Sprintf("%dh0m0s opened: Urgent : « %s » dans 1 commentaire (la Caisse)", 9+i, c.word))
		}
	}
	w.Upto(nine.Add(24 * time.Hour))
	w.WantTold(want...)
}

func TestAStoryAndAConversationAreToldOnce(t *testing.T) {
	w := ruletest.New(t, newRule(t, alerting.Terms{Wait: 2 * time.Minute}))
	for i, outlet := range []string{"echo", "radio", "agence"} {
		s := ruletest.Said{At: nine.Add(time.Duration(i) * 30 * time.Second), ID: outlet, Story: "echo", Source: outlet, Kind: mention.Article, Title: "Une fraude à la Caisse"}
		w.Keep(s)
	}
	for i := range 5 {
		w.Keep(ruletest.Said{At: nine.Add(time.Duration(30+i) * time.Minute), Thread: "fil", Text: "Quelle arnaque"})
	}
	w.Interrupt(nine.Add(31*time.Minute + 7*time.Second))
	w.Upto(nine.Add(5 * time.Hour))
	w.WantTold("9h2m0s opened: Urgent : « fraude » dans 3 médias (la Caisse)", "9h32m0s opened: Urgent : « arnaque » dans 3 commentaires (la Caisse)")
}

func TestWhatADigestWillTellWaitsUnlessItNamesYouOrSpreads(t *testing.T) {
	about := func(i int, watches ...string) ruletest.Said {
		return ruletest.Said{At: nine.Add(time.Duration(i) * 10 * time.Minute), ID: fmt.Sprint("fraude-", i), Source: fmt.Sprint("media-", i), Kind: mention.Article, Title: "Une fraude", Watches: watches}
	}
	spreading := func(from, outlets int) (all []ruletest.Said) {
		for i := range outlets {
			s := about(from+i, "fraude")
			s.Story = fmt.Sprint("fraude-", from)
			all = append(all, s)
		}
		return all
	}
	comment := ruletest.Said{At: nine, ID: "c", Text: "Quelle arnaque", Watches: []string{"fraude"}}
	named := comment
	named.Watches = []string{"caisse", "fraude"}
	for name, c := range map[string]struct {
		said []ruletest.Said
		want []string
	}{
		"one outlet":             {said: spreading(0, 1)},
		"four outlets":           {said: spreading(0, 4)},
		"five outlets":           {said: spreading(0, 5), want: []string{"9h40m0s opened: Urgent : « fraude » dans 5 médias (fraude)"}},
		"a story that names you": {said: []ruletest.Said{about(0, "fraude", "caisse")}, want: []string{"9h0m0s opened: Urgent : « fraude » dans 1 média (fraude)"}},
		"a comment":              {said: []ruletest.Said{comment}},
		"one that names you":     {said: []ruletest.Said{named}, want: []string{"9h0m0s opened: Urgent : « arnaque » dans 1 commentaire (fraude)"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := New(Default(), alerting.Terms{Watch: "fraude", Digested: true}, alerting.Deps{Own: func(watch string) bool { return watch == "caisse" }})
			if err != nil {
				t.Fatal(err)
			}
			w := ruletest.New(t, alerting.NamedRule{Name: "mots", Kind: "keyword", Watch: "fraude", Rule: r})
			w.Keep(c.said...)
			w.Upto(nine.Add(24 * time.Hour))
			w.WantTold(c.want...)
		})
	}
}

func TestHistoryAndOtherWatchesAreNotTold(t *testing.T) {
	w := ruletest.New(t, newRule(t, alerting.Terms{}))
	w.Keep(ruletest.Said{At: nine.Add(-100 * time.Hour), Seen: nine, Text: "Une fraude", History: true},
		ruletest.Said{At: nine, Seen: nine.Add(time.Second), Text: "Une fraude", Watches: []string{"nordelune"}})
	w.Upto(nine.Add(time.Hour))
	w.WantTold()
}

func TestWhatAnEditAddsIsTold(t *testing.T) {
	w := ruletest.New(t, newRule(t, alerting.Terms{}))
	w.Keep(ruletest.Said{At: nine, ID: "a", Kind: mention.Article, Title: "Du nouveau à la Caisse"})
	w.Upto(nine.Add(time.Hour))
	m := w.Mention(ruletest.Said{At: nine.Add(2 * time.Hour), ID: "a", Kind: mention.Article, Title: "Perquisition à la Caisse"})
	if _, _, err := w.Store.Put(t.Context(), []mention.Mention{m}); err != nil {
		t.Fatal(err)
	}
	w.Interrupt(nine.Add(2 * time.Hour)) // as the engine does for what has changed
	w.Upto(nine.Add(3 * time.Hour))
	w.WantTold("11h0m0s opened: Urgent : « Perquisition » dans 1 média (la Caisse)")
}

func TestAQueryThatCannotBeReadIsSaid(t *testing.T) {
	for query, problems := range map[string]int{"": 1, "  ": 1, "(fraude": 1, "fraude OU grève": 0, crisis: 0} {
		if got := (&Config{Query: query}).Check(); len(got) != problems {
			t.Errorf("%q: %v", query, got)
		}
	}
}

func TestTheMessagesReadAsTheyShould(t *testing.T) {
	w := ruletest.New(t, newRule(t, alerting.Terms{}))
	w.Keep(ruletest.Said{At: nine, ID: "a", Kind: mention.Article, Source: "echo-des-moyacs", Title: "Fraude à la Caisse Valtisse : 40 000 $ disparus\u202e",
		Text: "Des aînés disent avoir été victimes d’une fraude. L'épargne de onze membres est touchée. <script>alert(1)</script> https://volee.example/x"})
	w.Upto(nine.Add(time.Hour))
	d := w.Owed[0].Incident
	ruletest.Golden(t, "word", alerting.Signal{Watch: "caisse", Severity: d.Severity, Since: d.Since, Facts: d.Facts}, alerting.Opened)
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	ruletest.Golden(t, "exercise", w.Rule.Rule.(*Rule).Exercise(at), alerting.Opened)
}

func TestTheExampleIsTheRuleAsItIs(t *testing.T) { ruletest.Example(t, "keyword", Default()) }
