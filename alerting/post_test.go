package alerting_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

func TestWhatWasMissedWhileStoppedIsToldOnWakingAsOneMessage(t *testing.T) {
	within(t, func(w *world) {
		one := copies(1, "Valtisse fermera 14 comptoirs", closures)[0]
		w.keep(one)
		w.inbox.behave(func(alerting.Message) error { return errors.New("down") })
		w.wait(10 * time.Minute)
		one.title, one.text = "Valtisse fermera 11 comptoirs", strings.ReplaceAll(closures, "14", "11")
		w.keep(one)
		w.wait(10 * time.Minute)
		w.restart()
		w.inbox.behave(nil)
		w.wait(10 * time.Minute)
		w.want("Corrigée : Valtisse fermera 11 comptoirs (media-0.example)")
		rows, err := w.state.Deliveries(context.Background(), w.inbox.messages()[0].Incident)
		if err != nil || len(rows) != 2 || rows[0].Fate != alerting.Collapsed || rows[0].Why != rows[1].Key || rows[1].Fate != alerting.Sent {
			t.Errorf("rows %+v, %v: want the first collapsed into the second", rows, err)
		}
	})
}

func TestARestartTellsNothingTwiceAndLosesNothing(t *testing.T) {
	for seed := range uint64(2) {
		within(t, func(w *world) {
			dice := rand.New(rand.NewPCG(seed, 17))
			receiver := rand.New(rand.NewPCG(seed, 18))
			w.inbox.behave(func(alerting.Message) error { // called with the inbox locked: one at a time
				if receiver.IntN(3) == 0 {
					return errors.New("a receiver that fails at random")
				}
				return nil
			})
			var want []string
			for i := range 12 {
				title := fmt.Sprintf("Nouvelle numéro %d du jour", i)
				text := strings.Repeat(fmt.Sprintf("mot%d-%d suite%d fin%d ", i, dice.Uint32(), i*7, dice.Uint32()), 9)
				for k := range 1 + dice.IntN(3) {
					w.keep(said{id: fmt.Sprint(i, "-", k), source: fmt.Sprint("media-", k), title: title, text: text})
				}
				want = append(want, title)
				w.wait(time.Duration(dice.IntN(200)) * time.Second)
				if dice.IntN(3) == 0 {
					w.stop()
					w.run()
				}
			}
			w.wait(6 * time.Hour)
			w.inbox.behave(nil)
			for _, title := range want {
				n := 0
				for _, s := range w.inbox.subjects() {
					if strings.Contains(s, title) {
						n++
					}
				}
				if n != 1 {
					t.Errorf("seed %d: %q was told %d times, want once", seed, title, n)
				}
			}
		})
	}
}

// forgetful is a ledger that crashes between acceptance and its record.
type forgetful struct {
	alerting.Ledger
	left int
}

func (f *forgetful) Finish(ctx context.Context, ends []alerting.Ending, at time.Time) error {
	if f.left > 0 {
		f.left--
		return errors.New("the disk is full")
	}
	return f.Ledger.Finish(ctx, ends, at)
}

func TestACrashBetweenAcceptanceAndItsRecordIsOneDoubleOfTheSameKey(t *testing.T) {
	within(t, func(w *world) {
		w.stop()
		w.ledger = &forgetful{Ledger: w.state, left: 1_000_000}
		w.run()
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(time.Hour)
		if n := len(w.inbox.messages()); n != 1 {
			t.Errorf("sent %d times while the record fails, want once", n)
		}
		w.stop()
		w.ledger = w.state
		w.run()
		w.wait(time.Hour)
		m := w.inbox.messages()
		if len(m) != 2 || m[0].Key != m[1].Key || m[0].Key == "" {
			t.Errorf("after the crash: %d messages, want 2 of the same key: %+v", len(m), m)
		}
	})
}

func TestADeadOrSilentChannelDelaysNoOther(t *testing.T) {
	within(t, func(w *world) {
		silent := notifierFunc(func(ctx context.Context, _ alerting.Message) error { <-ctx.Done(); return ctx.Err() })
		panics := notifierFunc(func(context.Context, alerting.Message) error { panic("a channel that breaks") })
		reader := alerting.Reader{Lang: say.English}
		w.more = []alerting.Channel{{Name: "muet", Reader: reader, Notifier: silent}, {Name: "cassé", Reader: reader, Notifier: panics}}
		w.engine.Use(w.rules, w.channels())
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(2*time.Minute + time.Second)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
	})
}

type notifierFunc func(context.Context, alerting.Message) error

func (f notifierFunc) Notify(ctx context.Context, m alerting.Message) error { return f(ctx, m) }

func TestARefusedMessageIsKeptToBeShownAndTheRestGoesOn(t *testing.T) {
	within(t, func(w *world) {
		w.inbox.behave(func(m alerting.Message) error {
			if strings.Contains(m.Subject, "comptoirs") {
				return alerting.Permanent(errors.New("no such mailbox"))
			}
			return nil
		})
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(5 * time.Minute)
		w.keep(said{id: "autre", source: "echo", title: "Fête au village", text: "La fête du village aura lieu samedi sur la place de l’église, avec un concert et des jeux pour les enfants du Mouvement Valtisse."})
		w.wait(5 * time.Minute)
		w.want("Nouvelle : Fête au village (echo.example)")
		dead, err := w.state.DeadLetters(context.Background(), 10)
		if err != nil || len(dead) != 1 || !strings.Contains(dead[0].Why, "no such mailbox") {
			t.Fatalf("dead letters %+v, %v, want the one that was refused and why", dead, err)
		}
		w.inbox.behave(nil)
		if n, err := w.engine.Revive(context.Background(), "courriel", time.Now().Add(-time.Hour)); n != 1 || err != nil {
			t.Errorf("revived %d, %v, want 1", n, err)
		}
		w.wait(time.Minute)
		if n := len(w.inbox.messages()); n != 2 {
			t.Errorf("%d messages after the address was mended, want 2", n)
		}
	})
}

func TestABusyChannelIsLeftAloneForAsLongAsItAsks(t *testing.T) {
	within(t, func(w *world) {
		w.inbox.behave(func(alerting.Message) error {
			return &alerting.Busy{RetryAfter: 40 * time.Minute, Err: errors.New("429")}
		})
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(2*time.Minute + 39*time.Minute)
		if w.inbox.attempts != 1 {
			t.Errorf("%d attempts within the time it asked for, want 1", w.inbox.attempts)
		}
		w.inbox.behave(nil)
		w.wait(2 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
	})
}

func TestAMessageIsTriedForADayAndThenGivenUp(t *testing.T) {
	within(t, func(w *world) {
		w.inbox.behave(func(alerting.Message) error { return errors.New("down") })
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(26 * time.Hour)
		dead, err := w.state.DeadLetters(context.Background(), 10)
		if err != nil || len(dead) != 1 || !strings.HasPrefix(dead[0].Why, "expired") {
			t.Errorf("dead letters %+v, %v, want one that expired", dead, err)
		}
		// 1, 2, 4 ... 256 s, then every 5 minutes: the jitter here waits the whole of it
		if n := w.inbox.attempts; n < 280 || n > 310 {
			t.Errorf("%d attempts in a day, want about 295", n)
		}
	})
}

func TestAnotherSetOfChannelsTakesOverAndWhatWasOwedToTheOldIsShown(t *testing.T) {
	within(t, func(w *world) {
		w.inbox.behave(func(alerting.Message) error { return errors.New("down") })
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(5 * time.Minute)
		other := &inbox{}
		w.engine.Use(w.rules, []alerting.Channel{{Name: "relais", Reader: alerting.Reader{Lang: say.English}, Notifier: other}})
		w.wait(time.Minute)
		w.keep(said{id: "autre", source: "echo", title: "Fête au village", text: "La fête du village aura lieu samedi sur la place de l’église, avec un concert et des jeux pour les enfants du Mouvement Valtisse."})
		w.wait(5 * time.Minute)
		if got := other.subjects(); !slices.Equal(got, []string{"New: Fête au village (echo.example)"}) {
			t.Errorf("the new channel got %q", got)
		}
		dead, err := w.state.DeadLetters(context.Background(), 10)
		if err != nil || len(dead) != 1 || dead[0].Channel != "courriel" {
			t.Errorf("dead letters %+v, %v, want what was owed to the old channel", dead, err)
		}
	})
}

func TestAMessageOnItsWayIsFinishedWhenWeAreAskedToStop(t *testing.T) {
	within(t, func(w *world) {
		w.inbox.behave(func(alerting.Message) error { time.Sleep(3 * time.Second); return nil })
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(2*time.Minute + time.Second) // it is being sent
		w.stop()
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
		w.run()
		w.wait(time.Hour)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
	})
}

func TestAMessageThatHangsIsLetGoWhenWeAreAskedToStopAndSentLater(t *testing.T) {
	within(t, func(w *world) {
		hang := true
		w.more = []alerting.Channel{{Name: "lent", Notifier: notifierFunc(func(ctx context.Context, _ alerting.Message) error {
			if hang {
				<-ctx.Done()
				return ctx.Err()
			}
			return nil
		})}}
		w.engine.Use(w.rules, w.channels())
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(2*time.Minute + time.Second)
		began := time.Now()
		w.stop()
		if took := time.Since(began); took > 6*time.Second {
			t.Errorf("the stop took %v", took)
		}
		hang = false
		w.run()
		w.wait(time.Minute)
		rows, err := w.state.Deliveries(context.Background(), w.inbox.messages()[0].Incident)
		if err != nil || len(rows) != 2 || rows[0].Fate != alerting.Sent || rows[1].Fate != alerting.Sent {
			t.Errorf("rows %+v, %v, want both sent", rows, err)
		}
	})
}
