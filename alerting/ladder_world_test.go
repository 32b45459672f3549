package alerting_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// escalating gives the world an urgent rule whose situations are passed on to the head of
// the team when nobody takes them.
func escalating(direction *inbox) func(*world) {
	return func(w *world) {
		w.more = []alerting.Channel{{Name: "direction", Recipients: "directrice", Reader: alerting.Reader{Lang: say.FrenchCanada, Zone: time.UTC}, Notifier: direction}}
		rule := w.fresh(alerting.Terms{Watch: "mouvement", Severity: alerting.Urgent})
		rule.Channels = []string{"courriel"}
		rule.Ladder = alerting.Ladder{First: []alerting.Hearer{{Channel: "courriel"}}, Then: []alerting.Rung{{Hearer: alerting.Hearer{Channel: "direction"}}}}
		w.rules = []alerting.NamedRule{rule}
	}
}

// newest is the situation that opened last.
func (w *world) newestSituation() alerting.Incident {
	w.Helper()
	all, err := w.state.Incidents(context.Background(), time.Time{}, time.Time{}, 1)
	if err != nil || len(all) != 1 {
		w.Fatalf("%d situations, %v", len(all), err)
	}
	return all[0]
}

func TestWhatNobodyTakesIsPassedOnOnceWhateverIsRestarted(t *testing.T) {
	direction := &inbox{}
	withinAs(t, escalating(direction), func(w *world) {
		began := time.Now()
		w.closure()
		w.wait(3 * time.Minute) // two are for gathering
		w.restart()
		w.wait(12 * time.Minute)
		if n := len(direction.messages()); n != 0 || len(w.inbox.messages()) != 1 {
			t.Fatalf("before its time: %d messages to the head and %d to the team", n, len(w.inbox.messages()))
		}
		w.wait(3 * time.Minute)
		w.restart()
		w.wait(time.Hour)
		got := direction.messages()
		if len(got) != 1 || len(w.inbox.messages()) != 1 {
			t.Fatalf("%q to the head, %q to the team", direction.subjects(), w.inbox.subjects())
		}
		if !strings.HasPrefix(got[0].Subject, "Transmise") || !strings.HasPrefix(got[0].Body, "Prévenus d’abord (0\u00a0h\u00a002)\u00a0: courriel. Personne ne s’en occupe encore.\n") {
			t.Errorf("the head reads %q\n%s", got[0].Subject, got[0].Body)
		}
		w.journalHas(got[0].Incident, string(alerting.Escalated))

		owed := w.replay(w.rules[0], began, time.Now())
		rows, err := w.state.Deliveries(context.Background(), got[0].Incident)
		if err != nil || len(rows) != 2 || len(owed) != 2 {
			t.Fatalf("live owed %+v (%v), a backtest %+v", rows, err, owed)
		}
		for i, r := range rows {
			if live, again := inJSON(t, r.At, r.Transition, r.Owed), inJSON(t, owed[i].At, owed[i].Transition, owed[i].Incident); live != again {
				t.Errorf("live owed\n%s\nand a backtest\n%s", live, again)
			}
		}
	})
}

func TestWhatSomebodyTakesInTimeIsPassedOnToNobodyAndABacktestKnows(t *testing.T) {
	direction := &inbox{}
	withinAs(t, escalating(direction), func(w *world) {
		began := time.Now()
		w.closure()
		w.wait(10 * time.Minute)
		act := alerting.Action{Incident: w.newestSituation().ID, Act: alerting.Acknowledge, By: "Odette", At: time.Now()}
		if _, err := w.engine.Act(context.Background(), act); err != nil {
			t.Fatal(err)
		}
		w.wait(time.Hour)
		if got := direction.subjects(); len(got) > 0 {
			t.Errorf("the head was told %q", got)
		}
		acts, err := w.state.Acts(context.Background(), began, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		blind := func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return nil, nil }
		owed, err := alerting.Backtest{Known: alerting.Known{Mentions: w.store, Stories: w.state, Blind: blind}, Acts: acts}.Run(context.Background(), w.rules[0], began, time.Now())
		if err != nil || len(owed) != 1 {
			t.Errorf("a backtest owes %+v (%v), want the opening alone", owed, err)
		}
	})
}

func TestWhatIsTakenBeforeItCouldBePassedOnIsNotSentAndTheJournalSaysSo(t *testing.T) {
	direction := &inbox{}
	withinAs(t, escalating(direction), func(w *world) {
		direction.behave(func(alerting.Message) error { return errors.New("down") })
		w.closure()
		w.wait(25 * time.Minute)
		i := w.newestSituation()
		if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: i.ID, Act: alerting.Acknowledge, By: "Odette", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		direction.behave(nil)
		w.wait(time.Hour)
		rows, err := w.state.Deliveries(context.Background(), i.ID)
		to := slices.IndexFunc(rows, func(r alerting.Row) bool { return r.Channel == "direction" })
		if err != nil || to < 0 || rows[to].Fate != alerting.Moot || len(direction.messages()) != 0 {
			t.Errorf("rows %+v (%v), %q sent", rows, err, direction.subjects())
		}
		w.journalHas(i.ID, alerting.EntryMoot)
	})
}
