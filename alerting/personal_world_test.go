package alerting_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// mail is a channel that can also write to one person.
type mail struct {
	inbox
	letters map[string]*inbox // by address
}

func (m *mail) To(address string) (alerting.Notifier, error) {
	if m.letters[address] == nil {
		return nil, alerting.Permanent(errors.New("nobody lives there"))
	}
	return m.letters[address], nil
}

// assigning is a world with a team that is told by a channel that writes to one person as
// well, and Zoé's letters.
func assigning(t *testing.T, tell func(w *world, team *mail, zoe *inbox)) {
	t.Helper()
	zoe := &inbox{}
	team := &mail{letters: map[string]*inbox{"zoe@caisse.example": zoe}}
	withinAs(t, func(w *world) {
		w.more = []alerting.Channel{{Name: "equipe", Recipients: "equipe@caisse.example", Reader: w.channels()[0].Reader, Notifier: team}}
		rule := w.fresh(alerting.Terms{Watch: "mouvement", Severity: alerting.Watch})
		rule.Channels = []string{"courriel", "equipe"}
		w.rules = []alerting.NamedRule{rule}
	}, func(w *world) {
		w.closure()
		w.wait(3 * time.Minute)
		tell(w, team, zoe)
	})
}

// assign hands the newest situation to somebody.
func (w *world) assign(to, address string) alerting.Incident {
	w.Helper()
	i, err := w.engine.Act(context.Background(), alerting.Action{Incident: w.newestSituation().ID, Act: alerting.Assign, By: "Éloïse", To: to, Address: address,
		Note: "Tu connais la succursale des Moyacs.", At: time.Now()})
	if err != nil {
		w.Fatal(err)
	}
	return i
}

func TestWhoeverIsAssignedASituationIsToldOnceAndAlone(t *testing.T) {
	assigning(t, func(w *world, team *mail, zoe *inbox) {
		zoe.behave(func(alerting.Message) error { return errors.New("busy") })
		i := w.assign("Zoé", "zoe@caisse.example")
		w.assign("Zoé", "zoe@caisse.example") // the button, once more
		w.wait(5 * time.Second)
		w.restart()
		zoe.behave(nil)
		w.wait(20 * time.Minute)
		w.restart()
		w.wait(20 * time.Minute)
		got := zoe.messages()
		if len(got) != 1 || len(team.messages()) != 1 || len(w.inbox.messages()) != 1 {
			t.Fatalf("%q to her, %q to the team", zoe.subjects(), team.subjects())
		}
		m := got[0]
		if !strings.HasPrefix(m.Subject, "Pour vous\u00a0: ") || !strings.HasPrefix(m.Body, "Éloïse vous confie cette situation. «\u00a0Tu connais la succursale des Moyacs.\u00a0»\n") || m.Link == "" || m.Incident != i.ID {
			t.Errorf("she reads %q\n%s", m.Subject, m.Body)
		}
		entries, err := w.state.IncidentJournal(context.Background(), i.ID, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.What == alerting.EntryTold && e.Letter.Subject == m.Subject && e.Letter.Recipients != "Zoé" {
				t.Errorf("the journal shows her address to all: %+v", e.Letter)
			}
		}
	})
}

func TestWhoTookItBeforeTheyCouldBeToldIsNotTold(t *testing.T) {
	for name, act := range map[string]alerting.Action{"taken": {Act: alerting.Acknowledge, By: "Zoé"}, "somebody else's now": {Act: alerting.Assign, By: "Éloïse", To: "Maude"}} {
		t.Run(name, func(t *testing.T) {
			assigning(t, func(w *world, team *mail, zoe *inbox) {
				zoe.behave(func(alerting.Message) error { return errors.New("busy") })
				act.Incident, act.At = w.assign("Zoé", "zoe@caisse.example").ID, time.Now().Add(time.Second)
				w.wait(2 * time.Second)
				if _, err := w.engine.Act(context.Background(), act); err != nil {
					t.Fatal(err)
				}
				zoe.behave(nil)
				w.wait(20 * time.Minute)
				if n := len(zoe.messages()); n != 0 {
					t.Errorf("%d messages, want none: %q", n, zoe.subjects())
				}
				w.journalHas(act.Incident, alerting.EntryMoot)
			})
		})
	}
}

func TestWhoCannotBeToldIsNotAndTheJournalSaysSo(t *testing.T) {
	for name, address := range map[string]string{"no address": "", "an address that the channel refuses": "nulle-part@caisse.example"} {
		t.Run(name, func(t *testing.T) {
			assigning(t, func(w *world, team *mail, zoe *inbox) {
				i := w.assign("Maude", address)
				w.wait(20 * time.Minute)
				entries, err := w.state.IncidentJournal(context.Background(), i.ID, time.Time{})
				if err != nil {
					t.Fatal(err)
				}
				said := slices.ContainsFunc(entries, func(e alerting.Entry) bool {
					unreached := address == "" && e.What == string(alerting.Assign) && e.Reason == alerting.BecauseNoAddress
					refused := address != "" && e.What == alerting.EntryGivenUp && e.Letter.Recipients == "Maude"
					return unreached || refused
				})
				if !said {
					t.Errorf("the journal says %+v", entries)
				}
				if len(team.messages()) != 1 || len(zoe.messages()) != 0 {
					t.Errorf("others were told: %q, %q", team.subjects(), zoe.subjects())
				}
			})
		})
	}
}

func TestAFallbackThatCannotWriteToOnePersonTellsNobodyWhatIsForOne(t *testing.T) {
	assigning(t, func(w *world, team *mail, zoe *inbox) {
		w.stop()
		w.more[0].Fallback = "courriel"
		w.run()
		zoe.behave(func(alerting.Message) error { return alerting.Permanent(errors.New("no such mailbox")) })
		i := w.assign("Zoé", "zoe@caisse.example")
		w.wait(20 * time.Minute)
		if got := w.inbox.subjects(); len(got) != 1 || len(zoe.messages()) != 0 {
			t.Errorf("the fallback told its readers %q", got)
		}
		w.journalHas(i.ID, alerting.EntryGivenUp)
	})
}
