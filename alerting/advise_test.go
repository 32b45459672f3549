package alerting_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// affiliated is a world with a channel of the parent, two of an affiliate, one of which
// has quiet hours, and one of nobody.
func affiliated(change func(w *world), tell func(w *world, caisse, night *inbox)) func(t *testing.T) {
	return func(t *testing.T) {
		caisse, night := &inbox{}, &inbox{}
		withinAs(t, func(w *world) {
			key := alerting.Passes{Key: []byte("clé")}
			french := alerting.Reader{Lang: say.FrenchCanada, Zone: time.UTC, Page: "https://veille.caisse.example", Passes: key}
			english := french
			english.Lang = say.English
			w.more = []alerting.Channel{
				{Name: "caisse", Recipients: "caisse", Reader: french, Notifier: caisse, Watches: []string{"caisse", "brulis"}},
				{Name: "nuit", Recipients: "nuit", Reader: english, Notifier: night, Watches: []string{"caisse"}, Quiet: alerting.Quiet{From: 21 * time.Hour, To: 7 * time.Hour}},
				{Name: "ailleurs", Recipients: "ailleurs", Reader: french, Notifier: &inbox{}, Watches: []string{"festival"}},
			}
			change(w)
		}, func(w *world) { tell(w, caisse, night) })
	}
}

func (w *world) draft(form string) alerting.Draft {
	return alerting.Draft{Form: form, At: w.now().UTC(), Advisory: alerting.Advisory{From: "mouvement", To: []string{"caisse", "brulis"}, By: "Odette",
		Until: w.now().Add(48 * time.Hour), Subject: "Ne répondez pas " + form, Advice: "Attendez midi."}}
}

func (w *world) advise(d alerting.Draft) alerting.Incident {
	w.Helper()
	i, err := w.engine.Advise(context.Background(), d)
	if err != nil {
		w.Fatal(err)
	}
	return i
}

func TestAnAdvisoryReachesTheChannelsOfItsWatchesOnceAndNobodyElse(t *testing.T) {
	affiliated(func(w *world) { w.begins = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC) }, func(w *world, caisse, night *inbox) {
		d := w.draft("encore")
		first := w.advise(d)
		if again := w.advise(d); again.ID != first.ID {
			t.Errorf("pressed twice: %s and %s", first.ID, again.ID)
		}
		w.wait(time.Minute)
		w.restart()
		w.wait(time.Minute)
		got, english := caisse.messages(), night.messages()
		if len(got) != 1 || len(english) != 1 || len(w.inbox.messages()) != 0 {
			t.Fatalf("the caisse got %q, the night %q, the parent %q", caisse.subjects(), night.subjects(), w.inbox.subjects())
		}
		m := got[0]
		if m.Subject != "Consignes (mouvement)\u00a0: Ne répondez pas encore" || english[0].Subject != "Advisory (mouvement): Ne répondez pas encore" {
			t.Errorf("subjects %q and %q", m.Subject, english[0].Subject)
		}
		if m.Incident != first.ID || m.Link != "https://veille.caisse.example/advisories/"+first.ID || !m.Until.Equal(d.Until) || m.Over || m.Key == english[0].Key {
			t.Errorf("message %+v", m)
		}
		if len(m.Buttons) != 1 || m.Buttons[0].Act != alerting.Read {
			t.Fatalf("buttons %+v", m.Buttons)
		}
		_, pass, _ := strings.Cut(m.Buttons[0].Link, alerting.ReceiptPath)
		if id, channel, ok := (alerting.Passes{Key: []byte("clé")}).ReceiptOf(pass, w.now()); !ok || id != first.ID || channel != "caisse" {
			t.Errorf("the link is for %q of %q, %v", id, channel, ok)
		}
		w.journalHas(first.ID, alerting.EntryAdvised)
		rows, err := w.state.Deliveries(context.Background(), first.ID)
		if err != nil || len(rows) != 2 || rows[0].Channel != "caisse" || rows[1].Channel != "nuit" {
			t.Errorf("owed %+v, %v", rows, err)
		}
	})(t)
}

func TestInQuietHoursAnAdvisoryWaitsUnlessItIsUrgent(t *testing.T) {
	affiliated(func(w *world) { w.begins = time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC) }, func(w *world, caisse, night *inbox) {
		w.advise(w.draft("demain"))
		urgent := w.draft("maintenant")
		urgent.Urgent = true
		w.advise(urgent)
		w.wait(time.Minute)
		if got := night.subjects(); len(got) != 1 || got[0] != "Urgent advisory (mouvement): Ne répondez pas maintenant" || len(caisse.messages()) != 2 {
			t.Errorf("at night: %q, and %q", got, caisse.subjects())
		}
		w.wait(8*time.Hour + time.Minute)
		if got := night.subjects(); len(got) != 2 || got[1] != "Advisory (mouvement): Ne répondez pas demain" {
			t.Errorf("in the morning: %q", got)
		}
	})(t)
}

func TestWhatIsWithdrawnIsToldInOrderAndOnceAlsoWhereItNeverArrived(t *testing.T) {
	affiliated(func(w *world) { w.begins = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC) }, func(w *world, caisse, night *inbox) {
		night.behave(func(alerting.Message) error { return errors.New("down") })
		i := w.advise(w.draft("encore"))
		w.wait(time.Minute)
		for range 2 {
			if _, err := w.engine.TakeBack(context.Background(), i.ID, alerting.Person{Name: "Zoé"}, w.now()); err != nil {
				t.Fatal(err)
			}
		}
		w.wait(time.Minute)
		night.behave(nil)
		w.wait(10 * time.Minute)
		if got := caisse.subjects(); !slices.Equal(got, []string{"Consignes (mouvement) : Ne répondez pas encore", "Consignes retirées (mouvement) : Ne répondez pas encore"}) {
			t.Errorf("the caisse got %q", got)
		}
		if got := night.subjects(); !slices.Equal(got, []string{"Advisory withdrawn (mouvement): Ne répondez pas encore"}) {
			t.Errorf("the night got %q", got)
		}
		last := caisse.messages()[1]
		if !last.Over || len(last.Buttons) != 0 || !strings.Contains(last.Body, "Zoé a retiré ces consignes (14\u00a0h\u00a001)") {
			t.Errorf("the last message %+v", last)
		}
		w.journalHas(i.ID, alerting.EntryWithdrawn)
	})(t)
}

func TestAnAdvisoryThatArrivesTooLateSaysThatItHoldsNoMore(t *testing.T) {
	affiliated(func(w *world) { w.begins = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC) }, func(w *world, caisse, _ *inbox) {
		caisse.behave(func(alerting.Message) error { return errors.New("down") })
		d := w.draft("encore")
		d.Until = w.now().Add(time.Hour)
		w.advise(d)
		w.wait(2 * time.Hour)
		caisse.behave(nil)
		w.wait(10 * time.Minute)
		got := caisse.messages()
		if len(got) != 1 || !got[0].Over || len(got[0].Buttons) != 0 || !strings.Contains(got[0].Body, "ne valent plus") {
			t.Errorf("got %+v", got)
		}
	})(t)
}

func TestAnAdvisoryStaysAMessageOfItsOwnAfterALongStop(t *testing.T) {
	affiliated(func(w *world) { w.begins = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC) }, func(w *world, caisse, _ *inbox) {
		caisse.behave(func(alerting.Message) error { return errors.New("down") })
		for _, form := range []string{"un", "deux", "trois"} {
			w.advise(w.draft(form))
		}
		w.close()
		time.Sleep(3 * time.Hour)
		caisse.behave(nil)
		w.open()
		w.wait(20 * time.Minute)
		if got := caisse.subjects(); len(got) != 3 || slices.ContainsFunc(got, func(s string) bool { return !strings.HasPrefix(s, "Consignes (mouvement)") }) {
			t.Errorf("after three hours: %q", got)
		}
	})(t)
}

func TestWhatAnAdvisorysChannelRefusesGoesByItsFallback(t *testing.T) {
	affiliated(func(w *world) {
		w.begins = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
		w.more[0].Fallback = "courriel"
	}, func(w *world, caisse, _ *inbox) {
		caisse.behave(func(alerting.Message) error { return alerting.Permanent(errors.New("answered 401")) })
		w.advise(w.draft("encore"))
		w.wait(5 * time.Minute)
		if got := w.inbox.messages(); len(got) != 1 || !strings.Contains(got[0].Body, "Envoi de secours") || !strings.Contains(got[0].Body, "Attendez midi.") {
			t.Errorf("the fallback got %q", w.inbox.subjects())
		}
	})(t)
}

func TestReceiptsOutliveARestartAndAreJournalled(t *testing.T) {
	affiliated(func(*world) {}, func(w *world, _, _ *inbox) {
		i := w.advise(w.draft("encore"))
		for range 2 {
			if _, err := w.engine.Receive(context.Background(), i.ID, alerting.Receipt{At: w.now(), Name: "Éloïse d’Amours", Member: "m2"}); err != nil {
				t.Fatal(err)
			}
		}
		w.restart()
		kept, _, err := w.state.Incident(context.Background(), i.ID)
		if err != nil || len(kept.Facts.Advisory.Read) != 1 || kept.Facts.Advisory.Read[0].Name != "Éloïse d’Amours" {
			t.Errorf("read by %+v, %v", kept.Facts.Advisory.Read, err)
		}
		w.journalHas(i.ID, alerting.EntryRead)
		if _, err := w.engine.Receive(context.Background(), "wailleurs", alerting.Receipt{}); !alerting.IsNoAdvisory(err) {
			t.Errorf("of nothing: %v", err)
		}
		if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: i.ID, Act: alerting.Reopen, At: w.now()}); !alerting.IsUnknown(err) {
			t.Errorf("somebody acts on it as on a situation: %v", err)
		}
		if open, err := w.state.OpenIncidents(context.Background()); err != nil || len(open) != 0 {
			t.Errorf("among the open situations: %+v, %v", open, err)
		}
		if listed, err := w.state.Incidents(context.Background(), time.Time{}, time.Time{}, 9); err != nil || len(listed) != 0 {
			t.Errorf("among the situations: %+v, %v", listed, err)
		}
	})(t)
}

func TestASituationTellsThatAnAdvisoryAboutItWasSent(t *testing.T) {
	affiliated(func(*world) {}, func(w *world, _, _ *inbox) {
		w.closure()
		w.wait(5 * time.Minute)
		open, err := w.state.OpenIncidents(context.Background())
		if err != nil || len(open) != 1 {
			t.Fatalf("open situations %+v, %v", open, err)
		}
		d := w.draft("encore")
		d.About = open[0].ID
		w.advise(d)
		w.journalHas(open[0].ID, alerting.EntryAdvised)
	})(t)
}

func TestWhateverStopsEachAdvisoryArrivesUnderOneKey(t *testing.T) {
	affiliated(func(*world) {}, func(w *world, caisse, _ *inbox) {
		random := rand.New(rand.NewPCG(20261121, 8))
		luck := rand.New(rand.NewPCG(20261121, 9)) // of the channel, under its lock
		caisse.mu.Lock()
		caisse.after = func(alerting.Message) error { // taken, and the answer is lost now and then
			if luck.IntN(3) == 0 {
				return errors.New("the line was cut")
			}
			return nil
		}
		caisse.mu.Unlock()
		caisse.behave(func(alerting.Message) error {
			if luck.IntN(3) == 0 {
				return errors.New("busy")
			}
			return nil
		})
		const sent = 15
		var ids []string
		for n := range sent {
			d := w.draft("n" + string(rune('a'+n%26)) + string(rune('a'+n/26)))
			ids = append(ids, w.advise(d).ID)
			if random.IntN(3) == 0 {
				w.restart()
			}
			w.advise(d) // the browser sends its form once more
			w.wait(time.Duration(random.IntN(600)) * time.Second)
		}
		w.wait(3 * time.Hour)
		keys := map[string]string{}
		for _, m := range caisse.messages() {
			if before, told := keys[m.Incident]; told && before != m.Key {
				t.Errorf("advisory %s arrived under two keys", m.Incident)
			}
			keys[m.Incident] = m.Key
		}
		for _, id := range ids {
			if keys[id] == "" {
				t.Errorf("advisory %s never arrived", id)
			}
		}
	})(t)
}
