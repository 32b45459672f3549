package alerting_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// unlike is n texts that resemble each other in nothing.
func unlike(prefix string, n int) (all []said) {
	for i := range n {
		text := strings.Repeat(fmt.Sprintf("%s%dmot l’épargne%s%d suite%s%d ", prefix, i, prefix, i*7, prefix, i*31), 9)
		all = append(all, said{id: fmt.Sprint(prefix, i), source: "echo", title: fmt.Sprintf("%s numéro %d", prefix, i), text: text})
	}
	return all
}

// away stops everything for so long, and starts it again.
func (w *world) away(d time.Duration) (from, to time.Time) {
	w.close()
	from = time.Now()
	time.Sleep(d)
	to = time.Now()
	w.open()
	return from, to
}

func (w *world) plainBodies() (all []string) {
	for _, m := range w.inbox.messages() {
		all = append(all, strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(m.Body))
	}
	return all
}

// mentionsOf is the mentions that messages name, with how many messages name each.
func mentionsOf(messages []alerting.Message) map[string]int {
	named := map[string]int{}
	for _, m := range messages {
		for _, id := range m.Mentions {
			named[id]++
		}
	}
	return named
}

func TestFortyStoriesMissedInALongStopAreOneMessageForEachChannel(t *testing.T) {
	within(t, func(w *world) {
		english := &inbox{}
		w.more = []alerting.Channel{{Name: "relais", Reader: alerting.Reader{Lang: say.English}, Notifier: english}}
		w.engine.Use(w.rules, w.channels())
		w.wait(4 * time.Minute)
		w.keep(unlike("avant", 2)...) // they wait to be gathered when we are stopped
		from, to := w.away(15*time.Hour + 8*time.Minute)
		missed := unlike("nuit", 40)
		for i := range missed {
			missed[i].published = from.Add(time.Duration(i) * 20 * time.Minute)
		}
		w.keep(missed[:25]...)
		w.wait(2 * time.Minute)
		w.keep(missed[25:]...) // a slower source
		w.wait(time.Hour)
		if got, want := w.inbox.subjects(), []string{"42 nouvelles à rattraper"}; !slices.Equal(got, want) {
			t.Fatalf("told %q, want %q", got, want)
		}
		body := w.plainBodies()[0]
		for _, want := range []string{"ouidire était arrêté de 0 h 04 à 15 h 12; le rattrapage est fait.", "… et 30 de plus.", "https://veille.caisse.example/situations"} {
			if !strings.Contains(body, want) {
				t.Errorf("the body does not say %q (away %v to %v):\n%s", want, from, to, body)
			}
		}
		if n := strings.Count(body, "\n- "); n != 12 {
			t.Errorf("%d lines, want 12:\n%s", n, body)
		}
		if named := mentionsOf(w.inbox.messages()); len(named) != 42 {
			t.Errorf("%d mentions are named, want all 42", len(named))
		}
		if got := english.subjects(); !slices.Equal(got, []string{"42 stories to catch up on"}) {
			t.Errorf("the English channel was told %q", got)
		}
		w.keep(unlike("jour", 5)...)
		w.wait(time.Hour)
		if n := len(w.inbox.messages()); n != 6 {
			t.Errorf("%d messages after five stories of the day, want 6: the night is over", n)
		}
	})
}

func TestABurstWhileWeRunIsNotCollapsed(t *testing.T) {
	within(t, func(w *world) {
		w.keep(unlike("rafale", 5)...)
		w.wait(time.Hour)
		if n := len(w.inbox.messages()); n != 5 {
			t.Errorf("%d messages, want 5: %q", n, w.inbox.subjects())
		}
	})
}

func TestOneMissedStoryAndAShortStopAreToldAsUsual(t *testing.T) {
	for _, c := range []struct {
		name    string
		stopped time.Duration
		stories int
	}{
		{"one", 15 * time.Hour, 1},
		{"short", 10 * time.Minute, 8},
	} {
		t.Run(c.name, func(t *testing.T) {
			within(t, func(w *world) {
				from, _ := w.away(c.stopped)
				missed := unlike("nuit", c.stories)
				for i := range missed {
					missed[i].published = from.Add(time.Minute)
				}
				w.keep(missed...)
				w.wait(time.Hour)
				if n := len(w.inbox.messages()); n != c.stories {
					t.Errorf("%d messages, want %d: %q", n, c.stories, w.inbox.subjects())
				}
			})
		})
	}
}

func TestWhatIsUrgentAndOpenStaysAMessageOfItsOwn(t *testing.T) {
	within(t, func(w *world) {
		urgent := w.fresh(alerting.Terms{Watch: "caisse", Severity: alerting.Urgent})
		urgent.Name = "urgences"
		w.rules = append(w.rules, urgent)
		from, to := w.away(15 * time.Hour)
		missed := append(unlike("nuit", 6), said{id: "fuite", source: "echo", title: "Fuite de données à la caisse",
			text: strings.Repeat("une fuite de renseignements personnels touche les membres de la caisse ", 3), watches: []string{"caisse"}})
		for i := range missed {
			missed[i].published = from.Add(time.Hour)
		}
		w.keep(missed...)
		w.wait(time.Hour)
		w.want("Nouvelle : Fuite de données à la caisse (echo.example)", "6 nouvelles à rattraper")
		if m := w.inbox.messages(); m[0].Severity != alerting.Urgent || m[1].Severity != alerting.Inform {
			t.Errorf("severities %v and %v", m[0].Severity, m[1].Severity)
		}
		if late := w.inbox.messages()[0].At.Sub(to); late > 3*time.Minute {
			t.Errorf("what is urgent was told %v after waking", late)
		}
	})
}

func TestACrashAfterASummaryRepeatsItUnderItsKeyWhateverCameMeanwhile(t *testing.T) {
	within(t, func(w *world) {
		from, _ := w.away(15 * time.Hour)
		w.stop()
		w.ledger = &forgetful{Ledger: w.state, left: 1_000_000}
		w.run()
		missed := unlike("nuit", 8)
		for i := range missed {
			missed[i].published = from.Add(time.Hour)
		}
		w.keep(missed...)
		w.wait(20 * time.Minute)
		if n := len(w.inbox.messages()); n != 1 {
			t.Fatalf("sent %d times while the record fails, want once", n)
		}
		more := unlike("retard", 6)
		for i := range more {
			more[i].published = from.Add(2 * time.Hour)
		}
		w.keep(more...)
		w.wait(10 * time.Minute)
		w.stop()
		w.ledger = w.state
		w.run()
		w.wait(time.Hour)
		m := w.inbox.messages()
		if len(m) != 3 || m[0].Key == "" || m[0].Key != m[1].Key || !slices.Equal(m[0].Mentions, m[1].Mentions) || m[2].Key == m[0].Key {
			t.Fatalf("%d messages %q, want the same twice and then the rest: %+v", len(m), w.inbox.subjects(), m)
		}
		for id, n := range mentionsOf(m[1:]) {
			if n != 1 {
				t.Errorf("%s is told under %d keys", id, n)
			}
		}
		if n := len(mentionsOf(m)); n != 14 {
			t.Errorf("%d mentions told, want 14", n)
		}
		w.checkEnded(14)
	})
}

// checkEnded demands that nothing waits, and that each message sent stands for one row.
func (w *world) checkEnded(rows int) {
	w.Helper()
	fates := map[alerting.Fate]int{}
	incidents, err := w.state.Incidents(context.Background(), time.Time{}, time.Time{}, 1000)
	if err != nil {
		w.Fatal(err)
	}
	for _, i := range incidents {
		all, err := w.state.Deliveries(context.Background(), i.ID)
		if err != nil {
			w.Fatal(err)
		}
		for _, r := range all {
			fates[r.Fate]++
		}
	}
	if n := fates[alerting.Sent] + fates[alerting.Collapsed]; n != rows || fates[alerting.Waiting]+fates[alerting.Dead] != 0 {
		w.Errorf("fates %v, want %d rows sent or collapsed", fates, rows)
	}
}

func TestAChannelThatWasDownForHoursIsToldOnceHowThingsStand(t *testing.T) {
	within(t, func(w *world) {
		w.inbox.behave(func(alerting.Message) error { return errors.New("down") })
		one := copies(1, "Valtisse fermera 14 comptoirs", closures)[0]
		w.keep(one)
		for _, s := range unlike("panne", 11) {
			w.keep(s)
			w.wait(16 * time.Minute)
		}
		one.title, one.text = "Valtisse fermera 11 comptoirs", strings.ReplaceAll(closures, "14", "11")
		w.keep(one)
		w.wait(5 * time.Minute)
		w.inbox.behave(nil)
		w.wait(time.Hour)
		w.want("12 nouvelles à rattraper")
		body := w.plainBodies()[0]
		for _, want := range []string{"Depuis le samedi 1er janvier 2000, 0 h 02, ce moyen d’envoi n’acceptait plus nos messages", "Corrigée : Valtisse fermera 11 comptoirs"} {
			if !strings.Contains(body, want) {
				t.Errorf("the body does not say %q:\n%s", want, body)
			}
		}
		w.checkEnded(13)
	})
}

func TestAChannelThatTakesNoSummaryIsToldOneByOne(t *testing.T) {
	for name, refusal := range map[string]error{"for good": alerting.Permanent(errors.New("incident is missing")), "for now": errors.New("500")} {
		t.Run(name, func(t *testing.T) {
			within(t, func(w *world) {
				w.inbox.behave(func(m alerting.Message) error {
					if m.Incident == "" {
						return refusal
					}
					return nil
				})
				from, _ := w.away(15 * time.Hour)
				missed := unlike("nuit", 8)
				for i := range missed {
					missed[i].published = from.Add(time.Hour)
				}
				w.keep(missed...)
				w.wait(2 * time.Hour)
				w.keep(unlike("jour", 1)...) // which shows that the channel works
				w.wait(2 * time.Hour)
				if n := len(w.inbox.messages()); n != 9 {
					t.Errorf("%d messages, want 9: %q", n, w.inbox.subjects())
				}
				w.checkEnded(9)
			})
		})
	}
}

func TestWhatWaitedOverALongStopIsNotGivenUpAtItsFirstFailure(t *testing.T) {
	within(t, func(w *world) {
		w.keep(unlike("veille", 1)...)
		w.away(60 * time.Hour)
		w.inbox.behave(func(alerting.Message) error { return errors.New("down") })
		w.wait(time.Hour)
		w.inbox.behave(nil)
		w.wait(time.Hour)
		w.want("Nouvelle : veille numéro 0 (echo.example)")
	})
}

func TestTheOrderWithinAnIncidentStaysWhenASummaryIsUnderWay(t *testing.T) {
	within(t, func(w *world) {
		from, _ := w.away(15 * time.Hour)
		w.stop()
		w.ledger = &forgetful{Ledger: w.state, left: 1_000_000}
		w.run()
		one := copies(1, "Valtisse fermera 14 comptoirs", closures)[0]
		one.published = from.Add(time.Hour)
		missed := append(unlike("nuit", 5), one)
		for i := range missed {
			missed[i].published = from.Add(time.Hour)
		}
		w.keep(missed...)
		w.wait(20 * time.Minute) // accepted, not recorded
		one.title, one.text = "Valtisse fermera 11 comptoirs", strings.ReplaceAll(closures, "14", "11")
		w.keep(one)
		w.wait(10 * time.Minute)
		w.stop()
		w.ledger = w.state
		w.run()
		w.wait(2 * time.Hour)
		w.want("6 nouvelles à rattraper", "6 nouvelles à rattraper", "Corrigée : Valtisse fermera 11 comptoirs (media-0.example)")
	})
}
