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
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

func TestSeventeenCopiesFromSeventeenSourcesAreOneNoticeThatSaysSo(t *testing.T) {
	within(t, func(w *world) {
		for _, c := range copies(17, "Valtisse fermera 14 comptoirs", closures) {
			w.keep(c)
		}
		w.wait(119 * time.Second)
		w.want()
		w.wait(5 * time.Second)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (17 médias)")
		body := w.inbox.messages()[0].Body
		for _, want := range []string{"Reprise par 17 médias. Vous n’êtes pas nommés.", "https://media-0.example/copie-0", "media-0.example, le samedi 1er janvier 2000, 0\u00a0h. Veille", "https://veille.caisse.example/situations/"} {
			if !strings.Contains(body, want) {
				t.Errorf("the body does not say %q:\n%s", want, body)
			}
		}
		w.keep(said{id: "tard", source: "media-18", title: "Valtisse fermera 14 comptoirs", text: closures})
		w.wait(time.Hour)
		if n := len(w.inbox.messages()); n != 1 {
			t.Errorf("another copy made %d messages, want 1 in all", n)
		}
	})
}

func TestACorrectedFigureIsToldOnceWhoeverCorrectsIt(t *testing.T) {
	within(t, func(w *world) {
		const title = "Valtisse fermera 14 comptoirs"
		corrected := strings.ReplaceAll(closures, "14", "11")
		all := copies(4, title, closures)
		w.keep(all...)
		w.wait(10 * time.Minute)
		edited := all[0]
		edited.title, edited.text = "Valtisse fermera 11 comptoirs", corrected
		w.keep(edited)
		w.wait(10 * time.Minute)
		for i := range 3 { // the others follow, one lags behind
			all[i].title, all[i].text = edited.title, edited.text
			w.keep(all[i])
		}
		w.keep(said{id: "en-retard", source: "media-9", title: title, text: closures})
		w.keep(said{id: "à-jour", source: "media-10", title: edited.title, text: corrected})
		w.wait(time.Hour)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (4 médias)", "Corrigée : Valtisse fermera 11 comptoirs (4 médias)")
		m := w.inbox.messages()
		if len(m) == 2 && (m[0].Incident != m[1].Incident || m[0].Seq >= m[1].Seq) {
			t.Errorf("a correction belongs to the conversation of its story: %+v", m)
		}
	})
}

func TestARetractionIsToldOnceAndACosmeticEditNever(t *testing.T) {
	within(t, func(w *world) {
		one := copies(1, "Valtisse fermera 14 comptoirs", closures)[0]
		w.keep(one)
		w.wait(10 * time.Minute)
		one.text = strings.Replace(closures, "se réuniront", "se rencontreront", 1)
		w.keep(one)
		w.wait(10 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
		one.text += "\n\nRectificatif : la fermeture n'est pas décidée."
		w.keep(one)
		w.wait(10 * time.Minute)
		one.text += " Nous avons retiré une phrase."
		w.keep(one)
		w.wait(10 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)", "Mise au point : Valtisse fermera 14 comptoirs (media-0.example)")
	})
}

func TestAnEditMadeWhileWeWereNotToldIsFoundAtTheStart(t *testing.T) {
	within(t, func(w *world) {
		one := copies(1, "Valtisse fermera 14 comptoirs", closures)[0]
		w.keep(one)
		w.wait(10 * time.Minute)
		w.stop() // the edit is kept, and we crash before the engine hears of it
		one.title, one.text = "Valtisse fermera 11 comptoirs", strings.ReplaceAll(closures, "14", "11")
		w.keep(one)
		w.run()
		w.wait(10 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)", "Corrigée : Valtisse fermera 11 comptoirs (media-0.example)")
	})
}

func TestWhatAnEditMadeOursIsToldEvenWhenWeCrashedBeforeHearingOfIt(t *testing.T) {
	named := func(s said) said {
		s.title, s.text, s.watches = "Valtisse fermera 14 comptoirs", closures, nil
		return s
	}
	others := said{id: "a", source: "echo", title: "Fermetures", text: "Des comptoirs fermeront d’ici deux ans sur toute la côte, dit la mairesse.", watches: []string{}}
	const told = "Nouvelle : Valtisse fermera 14 comptoirs (echo.example)"
	t.Run("while we run", func(t *testing.T) {
		within(t, func(w *world) {
			w.keep(others)
			w.wait(10 * time.Minute)
			w.keep(named(others))
			w.wait(10 * time.Minute)
			w.want(told)
		})
	})
	t.Run("after a crash", func(t *testing.T) {
		within(t, func(w *world) {
			w.keep(others)
			w.wait(10 * time.Minute)
			w.stop() // the edit is kept, and we crash before anything looks at it
			w.keep(named(others))
			w.run()
			w.wait(10 * time.Minute)
			w.want(told)
		})
	})
	t.Run("when both came since we last looked", func(t *testing.T) {
		within(t, func(w *world) {
			w.stop()
			w.keep(others)
			w.keep(named(others))
			w.run()
			w.wait(10 * time.Minute)
			w.want(told)
		})
	})
	t.Run("when both are looked at together", func(t *testing.T) {
		within(t, func(w *world) {
			_, done := w.mark.Begin() // a slow batch: nothing after it is looked at
			w.keep(others)
			w.keep(named(others))
			w.wait(10 * time.Minute)
			done()
			w.wait(10 * time.Minute)
			w.want(told)
		})
	})
	t.Run("when news was read and changes could not be", func(t *testing.T) {
		within(t, func(w *world) {
			w.keep(others)
			w.wait(10 * time.Minute)
			w.stop()
			w.mentions = unchanging{w.store}
			w.run()
			w.keep(named(others))
			w.wait(time.Minute)
			w.keep(unlike("autre", 1)...)
			w.wait(20 * time.Minute)
			w.stop()
			w.mentions = nil
			w.run()
			w.wait(10 * time.Minute)
			if got := w.inbox.subjects(); !slices.Contains(got, told) {
				t.Errorf("told %q, want %q among it", got, told)
			}
		})
	})
}

// unchanging is a store that cannot say what has changed.
type unchanging struct{ alerting.Mentions }

func (u unchanging) Search(ctx context.Context, q store.Question, limit int, after string) ([]mention.Mention, string, error) {
	if !q.ChangedFrom.IsZero() {
		return nil, "", errors.New("the disk is tired")
	}
	return u.Mentions.Search(ctx, q, limit, after)
}

func TestHistoryIsNeverNews(t *testing.T) {
	within(t, func(w *world) {
		old := copies(3, "Valtisse fermera 14 comptoirs", closures)
		for i := range old {
			old[i].history = true
		}
		w.keep(old...)
		w.wait(time.Hour)
		w.want()
	})
}

func TestAnotherWatchAndOurOwnNameAreTold(t *testing.T) {
	within(t, func(w *world) {
		w.keep(said{id: "a", source: "echo", title: "L'épargne des Moyacs", text: closures, watches: []string{"caisse", "mouvement"}})
		w.keep(said{id: "b", source: "echo", title: "Sans rapport", text: "Il pleuvra demain sur toute la côte, et le vent soufflera du nord jusqu’à dimanche soir au moins.", watches: []string{"météo"}})
		w.wait(time.Hour)
		w.want("Nouvelle : L'épargne des Moyacs (echo.example)")
		if body := w.inbox.messages()[0].Body; !strings.Contains(body, "Votre organisation est nommée.") {
			t.Errorf("the reader is named and not told so:\n%s", body)
		}
	})
}

func TestNothingIsJudgedPastABatchOnItsWay(t *testing.T) {
	within(t, func(w *world) {
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		_, done := w.mark.Begin()
		w.wait(5 * time.Minute)
		w.want()
		done()
		w.wait(time.Second)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
	})
}

// ruleFunc is a rule as a function.
type ruleFunc func(ctx context.Context, ask alerting.Asker, asOf time.Time) ([]alerting.Signal, time.Time, error)

func (f ruleFunc) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) ([]alerting.Signal, time.Time, error) {
	return f(ctx, ask, asOf)
}

func TestARuleThatFailsIsAskedAgainAndStopsNoOther(t *testing.T) {
	within(t, func(w *world) {
		var asked []time.Time
		fails, panics := 5, 5
		broken := func(left *int, how func() error) alerting.Rule {
			return ruleFunc(func(_ context.Context, _ alerting.Asker, at time.Time) ([]alerting.Signal, time.Time, error) {
				if *left > 0 {
					*left--
					return nil, time.Time{}, how()
				}
				asked = append(asked, at)
				return nil, time.Time{}, nil
			})
		}
		w.rules = append([]alerting.NamedRule{
			{Name: "a", Rule: broken(&fails, func() error { return errors.New("broken") })},
			{Name: "b", Rule: broken(&panics, func() error { panic("broken") })},
		}, w.rules...)
		w.stop()
		w.run()
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		kept := w.newest
		w.wait(3 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
		if n := len(asked); n < 2 || slices.IndexFunc(asked, kept.Equal) < 0 {
			t.Errorf("asked about %v once they worked again, want the instant %v among them", asked, kept)
		}
	})
}

// counted is what an engine said of speed.
type counted struct {
	alerting.Unobserved
	detected, acknowledged []time.Duration
	acts                   []alerting.Act
}

func (c *counted) Detected(_ string, late time.Duration) { c.detected = append(c.detected, late) }

func (c *counted) Acted(_ string, a alerting.Act) { c.acts = append(c.acts, a) }

func (c *counted) Acknowledged(_ alerting.Severity, after time.Duration) {
	c.acknowledged = append(c.acknowledged, after)
}

func TestHowFastWeFindAndPeopleAnswerIsCountedOnce(t *testing.T) {
	within(t, func(w *world) {
		c := &counted{}
		w.seen = c
		w.stop()
		w.run()
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(2 * time.Minute)
		w.wait(10 * time.Minute)
		id := w.inbox.messages()[0].Incident
		for _, act := range []alerting.Act{alerting.Acknowledge, alerting.Acknowledge, alerting.FalseAlarm} {
			if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: id, Act: act, At: time.Now()}); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(c.detected, []time.Duration{2 * time.Minute}) || len(c.acts) != 3 || c.acts[2] != alerting.FalseAlarm {
			t.Errorf("found after %v, acts %v", c.detected, c.acts)
		}
		if len(c.acknowledged) != 1 || c.acknowledged[0] != 10*time.Minute {
			t.Errorf("taken in charge after %v, want once, 10 min after the message", c.acknowledged)
		}
	})
}

func TestAPersonTakesAMatterInHandAndIsRemindedWhenTheyAsked(t *testing.T) {
	within(t, func(w *world) {
		w.keep(copies(1, "Valtisse fermera 14 comptoirs", closures)[0])
		w.wait(3 * time.Minute)
		id := w.inbox.messages()[0].Incident
		act := func(a alerting.Action) alerting.Incident {
			a.Incident, a.By, a.At = id, "Maude", time.Now()
			i, err := w.engine.Act(context.Background(), a)
			if err != nil {
				t.Fatalf("%s: %v", a.Act, err)
			}
			return i
		}
		act(alerting.Action{Act: alerting.Acknowledge})
		act(alerting.Action{Act: alerting.Snooze, Until: time.Now().Add(2 * time.Hour)})
		w.wait(119 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)")
		w.stop() // also across a restart
		w.run()
		w.wait(2 * time.Minute)
		w.want("Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)", "Rappel : Valtisse fermera 14 comptoirs (media-0.example)")
		if i := act(alerting.Action{Act: alerting.Resolve}); i.State != alerting.Resolved || i.By != "Maude" {
			t.Errorf("resolved: %+v", i)
		}
		if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: id, Act: alerting.Acknowledge}); say.Explain(err, say.FrenchCanada) != "cette situation est réglée; rouvrez-la d’abord" {
			t.Errorf("got %v", err)
		}
		if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: "nulle-part"}); !alerting.IsUnknown(err) {
			t.Errorf("an unknown situation: %v", err)
		}
		entries, err := w.state.IncidentJournal(context.Background(), id, time.Time{})
		var lines []string
		for _, e := range entries {
			lines = append(lines, e.What+" "+e.Person)
		}
		want := []string{"opened ", "told ", "acknowledge Maude", "snooze Maude", "reminded ", "told ", "resolve Maude"}
		if err != nil || !slices.Equal(lines, want) {
			t.Errorf("journal %q, %v, want %q", lines, err, want)
		}
		if l := entries[1].Letter; l == nil || l.Channel != "courriel" || l.Recipients != "equipe" || l.Subject != w.inbox.messages()[0].Subject || l.Body != w.inbox.messages()[0].Body {
			t.Errorf("the message is journalled as %+v", l)
		}
	})
}
