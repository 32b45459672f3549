package alerting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule/keyword"
	"github.com/ouidire/ouidire/alerting/rule/parent"
	"github.com/ouidire/ouidire/internal/say"
)

// comment keeps one comment in a conversation; its author is somebody else each time.
func (w *world) comment(thread, text string, watches ...string) {
	w.number++
	w.keep(said{id: fmt.Sprint("parole-", w.number), source: "blogue", comment: thread, author: fmt.Sprint("Autrice ", w.number), text: text, watches: watches})
}

// toldBy counts messages by the kind of rule that they come from.
func (w *world) toldBy(kind string) (n int) {
	for _, m := range w.inbox.messages() {
		if strings.HasPrefix(m.Rule, kind+"/") {
			n++
		}
	}
	return n
}

// wantLine demands a line on the page of a rule's newest situation, in both languages.
func (w *world) wantLine(rule string, want map[say.Lang]string) {
	w.Helper()
	for l, line := range want {
		if told := facts(w.situation(rule), l); !strings.Contains(told, line) {
			w.Errorf("in %s the page of %s says\n%s\nwant\n%s", l, rule, told, line)
		}
	}
}

func TestAConversationIsToldOnceOverWatchesAndKinds(t *testing.T) {
	for name, text := range map[string]string{
		"fr":         "C’est de la FRAUDE, et l'épargne des aînés y passe.",
		"composed":   "Une gre\u0300ve au cœur de l’été, bravo.",
		"en":         "They don't answer: this is a SCAM, folks.",
		"apostrophe": "Quelle arnaque, d’après l'Écho des Moyacs.",
	} {
		t.Run(name, func(t *testing.T) {
			withinAs(t, telling, func(w *world) {
				w.wait(time.Hour)
				began := time.Now()
				w.comment("fil", text, "caisse", "mouvement")
				w.wait(time.Minute)
				w.restart()
				w.wait(20 * time.Minute)
				w.comment("fil", text+" Encore.", "mouvement")
				w.wait(time.Minute)
				w.restart()
				w.wait(time.Hour)
				if got := w.inbox.messages(); len(got) != 1 || got[0].Rule != "keyword/caisse" || got[0].Topic() != "fil" {
					t.Fatalf("told %+v", got)
				}
				w.wantLine("keyword/caisse", map[say.Lang]string{
					say.FrenchCanada: "Aussi signalé par : keyword (mouvement), fresh, fresh (mouvement).",
					say.English:      "Also reported by: keyword (mouvement), fresh, fresh (mouvement).",
				})
				w.wantLine("keyword/mouvement", map[say.Lang]string{
					say.FrenchCanada: "Votre règle d’alerte keyword (caisse) vous en prévient.\n",
					say.English:      "You are told of it by your rule keyword (caisse).\n",
				})
				joined := w.situation("keyword/mouvement")
				if joined.State != alerting.Resolved || joined.Story != "fil" {
					t.Errorf("%+v", joined)
				}
				w.journalHas(joined.ID, string(alerting.Opened))
				w.wantBacktest(began)
			})
		})
	}
}

func TestAConversationComesAgainWhenItNamesUsOrHasRested(t *testing.T) {
	withinAs(t, telling, func(w *world) {
		w.wait(time.Hour)
		began := time.Now()
		w.comment("fil", "Une grève au Mouvement Valtisse, peut-être.", "mouvement")
		w.wait(30 * time.Minute)
		w.restart()
		w.comment("fil", "Grève à la Caisse Valtisse aussi?", "caisse", "mouvement") // it names us
		w.wait(30 * time.Minute)
		w.comment("fil", "La GRÈVE, enfin.", "mouvement") // as people know
		w.wait(alerting.CoolDown)
		if got := w.inbox.subjects(); !slices.Equal(got, []string{"Urgent : « grève » dans 1 commentaire (mouvement)", "Urgent : « Grève » dans 1 commentaire (caisse)"}) {
			t.Errorf("told %q", got)
		}
		for _, r := range []string{"keyword/caisse", "keyword/mouvement"} {
			if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: w.situation(r).ID, Act: alerting.Resolve, By: "Odette", At: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		w.wait(alerting.CoolDown + time.Hour)
		w.comment("fil", "A strike at Valtisse, and a boycott!", "mouvement") // people have settled it, and all was said hours ago
		w.wait(time.Hour)
		if got := w.inbox.subjects(); len(got) != 3 || got[2] != "Urgent : « boycott » dans 1 commentaire (mouvement)" {
			t.Errorf("told %q", got)
		}
		w.wantBacktest(began)
	})
}

// talked gives the world a rule for words and one for waves of the caisse.
func talked(w *world) {
	few := keyword.Config{Query: `arnaque OU scam OU "vol de données"`}
	w.sweep("caisse", must(w, "keyword", "caisse", few, keyword.New))
}

func TestAWaveTakesInTheWordsThatItsConversationsBringAndNoOthers(t *testing.T) {
	withinAs(t, talked, func(w *world) {
		began := time.Now()
		w.complain(4, 24*time.Hour)
		w.complain(14, time.Minute)
		if w.toldBy("surge") == 0 {
			t.Fatalf("no wave: %q", w.inbox.subjects())
		}
		w.comment("fil-1", "Une arnaque, cette attente au comptoir.", "caisse")
		w.wait(time.Minute)
		w.restart()
		w.complain(5, time.Minute)
		w.wait(10 * time.Minute)
		if n := w.toldBy("keyword"); n != 0 {
			t.Errorf("the wave did not take it in: %q", w.inbox.subjects())
		}
		w.wantLine("surge/caisse", map[say.Lang]string{say.FrenchCanada: "Aussi signalé par : keyword.", say.English: "Also reported by: keyword."})
		w.wantLine("keyword/caisse", map[say.Lang]string{say.FrenchCanada: "Votre règle d’alerte surge vous en prévient.\n"})

		w.keep(said{id: "ailleurs", source: "blogue", comment: "autre-fil", author: "Zoé", calm: true, text: "Y a-t-il eu un VOL DE DONNÉES?", watches: []string{"caisse"}})
		w.wait(10 * time.Minute)
		if n := w.toldBy("keyword"); n != 1 {
			t.Errorf("no comment of the wave stands beside it: %q", w.inbox.subjects())
		}

		w.wait(5 * time.Hour)
		w.comment("fil-1", "Again a scam.", "caisse")
		w.wait(10 * time.Minute)
		if n := w.toldBy("keyword"); n != 2 {
			t.Errorf("after the wave: %q", w.inbox.subjects())
		}
		w.wantBacktest(began)
	})
}

func TestACrowdAboutTheParentJoinsItsWave(t *testing.T) {
	around := func(w *world) {
		r := must(w, "parent", "caisse", parent.Default(), parent.New)
		r.Watch = ""
		w.sweep("mouvement", r)
	}
	withinAs(t, around, func(w *world) {
		began := time.Now()
		complain := func(n int, every time.Duration) {
			for i := range n {
				w.comment(fmt.Sprint("fil-", i%3), fmt.Sprintf("L’attente au comptoir numéro %d est une honte.", w.number), "mouvement")
				w.wait(every)
			}
		}
		complain(4, 24*time.Hour)
		complain(20, time.Minute)
		w.restart()
		complain(20, time.Minute)
		w.wantLine("parent/caisse", map[say.Lang]string{say.FrenchCanada: "Votre règle d’alerte surge (mouvement) vous en prévient.\n"})
		w.wait(time.Hour)
		if w.toldBy("surge") == 0 || w.toldBy("parent") > 0 {
			t.Errorf("told %q", w.inbox.subjects())
		}
		w.wantLine("surge/mouvement", map[say.Lang]string{say.FrenchCanada: "Aussi signalé par : parent (caisse).", say.English: "Also reported by: parent (caisse)."})
		w.journalHas(w.situation("parent/caisse").ID, string(alerting.Opened))
		w.wantBacktest(began)
	})
}
