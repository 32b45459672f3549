package alerting_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// sharing gives the world a rule for the caisse and one for the mouvement that share their
// stories.
func sharing(w *world) {
	w.rules = []alerting.NamedRule{w.fresh(alerting.Terms{Watch: "caisse"}), w.fresh(alerting.Terms{Watch: "mouvement"})}
	alone := []alerting.Rule{w.rules[0].Rule, w.rules[1].Rule}
	for i := range w.rules {
		w.rules[i].Name = "nouvelles/" + w.rules[i].Watch
		w.rules[i].Rule = alone[i].(alerting.Joint).Among(alone, i)
	}
}

func TestAStoryOfSeveralWatchesIsOneSituationAndOneThread(t *testing.T) {
	withinAs(t, sharing, func(w *world) {
		began := time.Now()
		all := copies(4, "Valtisse fermera 14 comptoirs", closures)
		all[1].watches, all[2].watches = []string{"caisse"}, []string{"caisse", "mouvement"}
		w.keep(all[0])
		w.wait(5 * time.Minute)
		w.restart()
		w.keep(all[1]) // claimed by the caisse alone
		w.wait(time.Minute)
		w.restart()
		w.wait(5 * time.Minute)
		w.keep(all[2], all[3])
		w.wait(20 * time.Minute)
		w.keep(said{id: "autre", source: "echo", title: "Une fête au comptoir", text: strings.Repeat("La fête de la Caisse aura lieu samedi, avec un concert d’été sur la côte. ", 9), watches: []string{"caisse", "mouvement"}})
		w.wait(20 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)", "Vous y êtes nommés : Valtisse fermera 14 comptoirs (2 médias)", "Nouvelle : Une fête au comptoir (echo.example)")
		got := w.inbox.messages()
		if len(got) != 3 || got[0].Incident != got[1].Incident || got[0].Seq >= got[1].Seq || got[2].Watch != "caisse" {
			t.Fatalf("got %+v", got)
		}
		if body := got[1].Body; !strings.Contains(body, "Veilles\u00a0: caisse, mouvement.") || !strings.Contains(body, "Votre organisation est nommée.") {
			t.Errorf("it says\n%s", body)
		}

		var live, again []string
		incidents, err := w.state.Incidents(context.Background(), time.Time{}, time.Time{}, 100)
		if err != nil || len(incidents) != 2 {
			t.Fatalf("%d situations, %v", len(incidents), err)
		}
		for _, i := range incidents {
			rows, err := w.state.Deliveries(context.Background(), i.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rows {
				live = append(live, inJSON(t, r.At, r.Transition, r.Owed))
			}
		}
		for _, r := range w.rules {
			for _, d := range w.replay(r, began, time.Now()) {
				again = append(again, inJSON(t, d.At, d.Transition, d.Incident))
			}
		}
		slices.Sort(live)
		slices.Sort(again)
		if !slices.Equal(live, again) {
			t.Errorf("live owed\n%s\nand a backtest\n%s", strings.Join(live, "\n"), strings.Join(again, "\n"))
		}
	})
}

func TestWhatWasCalledAFalseAlarmIsToldAgainOnceItNamesYou(t *testing.T) {
	withinAs(t, sharing, func(w *world) {
		all := copies(2, "Valtisse fermera 14 comptoirs", closures)
		all[1].watches = []string{"caisse"}
		w.keep(all[0])
		w.wait(5 * time.Minute)
		if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: w.newestSituation().ID, Act: alerting.FalseAlarm, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		w.wait(20 * time.Minute)
		w.keep(all[1])
		w.wait(20 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)", "Vous y êtes nommés : Valtisse fermera 14 comptoirs (2 médias)")
	})
}
