package alerting_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// spare puts a second channel beside the first, which stands in for it, and has the
// rule tell the first alone.
func (w *world) spare(severity alerting.Severity) *inbox {
	spare := &inbox{}
	w.more = []alerting.Channel{{Name: "secours", Recipients: "direction", Fallback: "courriel", Reader: alerting.Reader{Lang: say.FrenchCanada, Zone: time.UTC}, Notifier: spare}}
	w.fallback = "secours"
	rule := w.fresh(alerting.Terms{Watch: "mouvement", Severity: severity})
	rule.Channels = []string{"courriel"}
	w.rules = []alerting.NamedRule{rule}
	w.engine.Use(w.rules, w.channels())
	w.wait(time.Second)
	return spare
}

func (w *world) closure() { w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0]) }

func TestWhatAChannelRefusesGoesByItsFallback(t *testing.T) {
	within(t, func(w *world) {
		spare := w.spare(alerting.Inform)
		w.inbox.behave(func(alerting.Message) error {
			return alerting.Permanent(&alerting.Trouble{Reason: alerting.Unauthorised, Err: errors.New("answered 401")})
		})
		w.closure()
		w.wait(5 * time.Minute)
		got := spare.messages()
		if len(got) != 1 || !strings.Contains(got[0].Subject, "14 comptoirs") || !strings.HasSuffix(got[0].Body, "\nEnvoi de secours\u00a0: courriel n’a pas accepté ce message.\n") {
			t.Fatalf("the fallback got %+v", got)
		}
		rows, err := w.state.Deliveries(context.Background(), got[0].Incident)
		if err != nil || len(rows) != 2 || rows[0].Fate != alerting.Dead || rows[1].Fate != alerting.Sent {
			t.Errorf("rows %+v, %v", rows, err)
		}
		if said := rows[0].Explain(say.FrenchCanada); !strings.Contains(said, "n’accepte pas l’adresse, le mot de passe ou le jeton") {
			t.Errorf("a person reads %q of %q", said, rows[0].Why)
		}
		w.journalHas(got[0].Incident, alerting.EntryHandedOver)
	})
}

func (w *world) journalHas(incident, what string) {
	w.Helper()
	entries, err := w.state.IncidentJournal(context.Background(), incident, time.Time{})
	if err != nil {
		w.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if e.What == what {
			n++
		}
	}
	if n != 1 {
		w.Errorf("%d lines %s in the journal, want 1", n, what)
	}
}

func TestWhatIsUrgentGoesByTheFallbackAfterFiveMinutesAndWhatIsNotWaits(t *testing.T) {
	for severity, want := range map[alerting.Severity]int{alerting.Urgent: 1, alerting.Watch: 0} {
		t.Run(string(severity), func(t *testing.T) {
			within(t, func(w *world) {
				spare := w.spare(severity)
				w.inbox.behave(func(alerting.Message) error { return errors.New("down") })
				w.closure()
				w.wait(2*time.Minute + 4*time.Minute + 50*time.Second) // two are for gathering
				if n := len(spare.messages()); n != 0 {
					t.Errorf("%d messages by the fallback before five minutes, want none", n)
				}
				w.wait(30 * time.Second)
				if n := len(spare.messages()); n != want {
					t.Fatalf("%d messages by the fallback after five minutes, want %d", n, want)
				}
				w.wait(time.Hour)
				w.inbox.behave(nil)
				w.wait(10 * time.Minute)
				if n, m := len(spare.messages()), len(w.inbox.messages()); n != want || m != 1 {
					t.Errorf("%d by the fallback and %d by the channel once it works, want %d and 1", n, m, want)
				}
			})
		})
	}
}

func TestAChannelThatWantsAnHourOfRestDelaysNothingUrgent(t *testing.T) {
	within(t, func(w *world) {
		spare := w.spare(alerting.Urgent)
		w.inbox.behave(func(alerting.Message) error { return &alerting.Busy{RetryAfter: time.Hour, Err: errors.New("429")} })
		w.closure()
		w.wait(2*time.Minute + 5*time.Minute + 10*time.Second)
		if n := len(spare.messages()); n != 1 {
			t.Errorf("%d messages by the fallback, want 1", n)
		}
	})
}

func TestAStopDoesNotHandOverTwiceNorBeforeTheChannelWasTried(t *testing.T) {
	within(t, func(w *world) {
		spare := w.spare(alerting.Urgent)
		w.inbox.behave(func(alerting.Message) error { return errors.New("down") })
		w.closure()
		w.wait(8 * time.Minute)
		w.stop()
		w.run()
		w.wait(30 * time.Minute)
		if n := len(spare.messages()); n != 1 {
			t.Errorf("%d messages by the fallback after a restart, want 1", n)
		}
		w.inbox.behave(nil)
		w.wait(10 * time.Minute)
		one := said{id: "autre", source: "echo", title: "Fête au village", text: "La fête du village aura lieu samedi sur la place de l’église, avec un concert et des jeux pour les enfants du Mouvement Valtisse."}
		w.keep(one)
		w.wait(time.Minute)
		w.stop() // it is owed while we do not run
		time.Sleep(20 * time.Minute)
		w.run()
		w.wait(20 * time.Minute)
		if n := len(spare.messages()); n != 1 {
			t.Errorf("%d messages by the fallback of a channel that works, want 1", n)
		}
	})
}

func TestTwoChannelsThatStandInForEachOtherEnd(t *testing.T) {
	within(t, func(w *world) {
		spare := w.spare(alerting.Urgent)
		refuse := func(alerting.Message) error { return alerting.Permanent(errors.New("no")) }
		w.inbox.behave(refuse)
		spare.behave(refuse)
		w.closure()
		w.wait(time.Hour)
		if a, b := w.inbox.attempts, spare.attempts; a != 1 || b != 1 {
			t.Errorf("%d and %d attempts, want one each", a, b)
		}
		dead, err := w.state.DeadLetters(context.Background(), 10)
		if err != nil || len(dead) != 2 {
			t.Errorf("dead letters %+v, %v, want both", dead, err)
		}
	})
}

func TestWhoIsToldAnywayIsNotToldTwice(t *testing.T) {
	within(t, func(w *world) {
		spare := w.spare(alerting.Urgent)
		w.rules[0].Channels = nil // all of them
		w.engine.Use(w.rules, w.channels())
		w.inbox.behave(func(alerting.Message) error { return alerting.Permanent(errors.New("no")) })
		w.closure()
		w.wait(time.Hour)
		if n := len(spare.messages()); n != 1 {
			t.Errorf("%d messages, want 1", n)
		}
	})
}

func TestEveryReasonIsSaidInBothLanguages(t *testing.T) {
	for _, r := range []alerting.Reason{alerting.Unreachable, alerting.Untrusted, alerting.Broken, alerting.Overloaded, alerting.Unauthorised, alerting.PasswordEnded, alerting.PermissionEnded,
		alerting.Uninvited, alerting.Gone, alerting.Moved, alerting.TooLong, alerting.NoSuchPerson, alerting.Refused} {
		err := &alerting.Trouble{Reason: r, Err: errors.New("x")}
		row := alerting.Row{Fate: alerting.Dead, Why: "refused: " + err.Error()}
		for _, l := range []say.Lang{say.English, say.FrenchCanada, say.FrenchFrance} {
			if said := err.In(l); said == "" || row.Explain(l) != said {
				t.Errorf("%s in %s: %q, and of a message that was given up %q", r, l, said, row.Explain(l))
			}
		}
		row.Why = "expired: " + err.Error()
		if said := row.Explain(say.English); said != "tried for a day in vain: "+err.In(say.English) {
			t.Errorf("expired: %q", said)
		}
	}
	for why, want := range map[string]string{alerting.ChannelRemoved: "the channel was removed", "refused: something": "the reason is in the log of ouidire", "": "the reason is in the log of ouidire"} {
		if got := (alerting.Row{Why: why}).Explain(say.English); got != want {
			t.Errorf("%q: %q, want %q", why, got, want)
		}
	}
}
