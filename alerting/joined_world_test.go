package alerting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/alerting/rule/fresh"
	"github.com/ouidire/ouidire/alerting/rule/keyword"
	"github.com/ouidire/ouidire/alerting/rule/newsource"
	"github.com/ouidire/ouidire/alerting/rule/parent"
	"github.com/ouidire/ouidire/alerting/rule/share"
	"github.com/ouidire/ouidire/alerting/rule/surge"
	"github.com/ouidire/ouidire/alerting/rule/threshold"
	"github.com/ouidire/ouidire/internal/say"
)

// nearby is what rules know of the invented caisse.
var nearby = alerting.Deps{
	Own: func(watch string) bool { return watch == "caisse" },
	Kin: func(string) alerting.Kin { return alerting.Kin{Above: []string{"mouvement"}} },
}

// must is a rule of a kind for a watch, as it is by default.
func must[C any, R alerting.Rule](w *world, kind, watch string, config C, create func(C, alerting.Terms, alerting.Deps) (R, error)) alerting.NamedRule {
	made, err := create(config, alerting.Terms{Watch: watch, Budget: 1}, nearby)
	if err != nil {
		w.Fatal(err)
	}
	return alerting.NamedRule{Name: kind + "/" + watch, Kind: kind, Watch: watch, Rule: made}
}

// telling gives the world rules of every kind that tells stories, which tell the same
// people.
func telling(w *world) {
	around := must(w, "parent", "caisse", parent.Default(), parent.New)
	around.Watch = ""
	w.rules = []alerting.NamedRule{
		must(w, "fresh", "caisse", fresh.Default(), fresh.New), must(w, "fresh", "mouvement", fresh.Default(), fresh.New),
		must(w, "keyword", "caisse", keyword.Default(), keyword.New), must(w, "keyword", "mouvement", keyword.Default(), keyword.New),
		must(w, "newsource", "caisse", newsource.Default(), newsource.New), must(w, "newsource", "mouvement", newsource.Default(), newsource.New),
		around,
	}
	alone := []alerting.Rule{w.rules[0].Rule, w.rules[1].Rule}
	var all []rule.Storyteller
	for i := range w.rules {
		if i < len(alone) {
			w.rules[i].Rule = alone[i].(alerting.Joint).Among(alone, i)
		}
		all = append(all, rule.Storyteller{Storyteller: w.rules[i].Rule.(alerting.Storyteller), Name: w.rules[i].Name, Kind: w.rules[i].Kind})
	}
	for i := range w.rules {
		w.rules[i].Rule = &rule.Together{Rule: w.rules[i].Rule, All: all, At: i}
	}
}

// wantBacktest demands that a backtest of each rule owes byte for byte what live owed, and
// spares people what live spared them.
func (w *world) wantBacktest(began time.Time) {
	w.Helper()
	ctx := context.Background()
	var live, again []string
	incidents, err := w.state.Incidents(ctx, time.Time{}, time.Time{}, 1000)
	if err != nil {
		w.Fatal(err)
	}
	for _, i := range incidents {
		rows, err := w.state.Deliveries(ctx, i.ID)
		if err != nil {
			w.Fatal(err)
		}
		for _, r := range rows {
			live = append(live, inJSON(w.T, r.At, r.Transition, r.Owed))
		}
		journal, err := w.state.IncidentJournal(ctx, i.ID, time.Time{})
		if err != nil {
			w.Fatal(err)
		}
		for _, e := range journal {
			if e.Reason == alerting.BecauseJoined {
				live = append(live, inJSON(w.T, e.At, e.What, i.ID))
			}
		}
	}
	acts, err := w.state.Acts(ctx, began, time.Time{})
	if err != nil {
		w.Fatal(err)
	}
	blind := func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return nil, nil }
	for _, r := range w.rules {
		owed, err := alerting.Backtest{Known: alerting.Known{Mentions: w.store, Stories: w.state, Blind: blind}, Acts: acts, Called: w.state.Called}.Run(ctx, r, began, w.now())
		if err != nil {
			w.Fatal(err)
		}
		for _, d := range owed {
			switch d.Suppressed {
			case "":
				again = append(again, inJSON(w.T, d.At, d.Transition, d.Incident))
			case alerting.BecauseJoined:
				again = append(again, inJSON(w.T, d.At, d.Transition, d.Incident.ID))
			}
		}
	}
	slices.Sort(live)
	slices.Sort(again)
	if len(live) == 0 || !slices.Equal(live, again) {
		w.Errorf("live owed\n%s\nand a backtest\n%s", strings.Join(live, "\n"), strings.Join(again, "\n"))
	}
}

// situation is the one of a rule that opened last.
func (w *world) situation(rule string) alerting.Incident {
	w.Helper()
	all, err := w.state.Incidents(context.Background(), time.Time{}, time.Time{}, 1000)
	at := slices.IndexFunc(all, func(i alerting.Incident) bool { return i.Rule == rule })
	if err != nil || at < 0 {
		w.Fatalf("no situation of %s: %v", rule, err)
	}
	return all[at]
}

// facts is what the page says of a situation.
func facts(i alerting.Incident, l say.Lang) string {
	a := alerting.Describe(i, alerting.Reader{Lang: l, Zone: time.UTC})
	return strings.ReplaceAll(strings.Join(append(a.Facts, a.Next), "\n"), "\u00a0", " ")
}

func TestAStoryThatARuleToldIsNotToldAgainByAnotherOfEqualOrLesserUrgency(t *testing.T) {
	withinAs(t, telling, func(w *world) {
		w.wait(time.Hour)
		began := time.Now()
		fraud := copies(3, "Fraude au Mouvement Valtisse", "Une fraude de 40 000 $ est avouée. "+closures)
		for i := range fraud {
			fraud[i].watches = []string{"caisse", "mouvement"}
		}
		w.keep(fraud[0])
		w.wait(time.Minute)
		w.restart()
		w.wait(10 * time.Minute)
		w.keep(fraud[1])
		w.wait(20 * time.Minute)
		w.restart()
		fraud[2].text = strings.ReplaceAll(fraud[2].text, "14", "11")
		w.keep(fraud[2])
		w.wait(time.Hour)
		w.want("Urgent : « Fraude » dans 1 média (caisse)", "Corrigée : Fraude au Mouvement Valtisse (3 médias)")
		got := w.inbox.messages()
		if len(got) < 2 || got[0].Topic() != got[1].Topic() || got[0].Incident == got[1].Incident {
			t.Errorf("they are no one thread: %+v", got)
		}
		for l, want := range map[say.Lang]string{
			say.FrenchCanada: "Aussi signalé par : keyword (mouvement), fresh, fresh (mouvement).",
			say.English:      "Also reported by: keyword (mouvement), fresh, fresh (mouvement).",
		} {
			if told := facts(w.situation("keyword/caisse"), l); !strings.Contains(told, want) {
				t.Errorf("in %s the page says\n%s\nwant\n%s", l, told, want)
			}
		}
		joined := w.situation("keyword/mouvement")
		if joined.State != alerting.Resolved || joined.With != "keyword/caisse" || !strings.Contains(facts(joined, say.FrenchCanada), "Votre règle d’alerte keyword (caisse) vous en prévient.\n") {
			t.Errorf("it is %s with %s:\n%s", joined.State, joined.With, facts(joined, say.FrenchCanada))
		}
		w.journalHas(joined.ID, string(alerting.Opened))
		if n, err := w.state.Opened(context.Background(), began, time.Now()); err != nil || n != 2 { // what keyword told, and fresh as it corrected it
			t.Errorf("%d situations are counted (%v), want 2", n, err)
		}
		w.wantBacktest(began)
	})
}

func TestAStoryComesAgainInItsThreadWhenItIsMoreUrgent(t *testing.T) {
	withinAs(t, telling, func(w *world) {
		w.wait(time.Hour)
		began := time.Now()
		all := copies(7, "Valtisse fermera 14 comptoirs", closures)
		w.keep(all[0])
		w.wait(15 * time.Minute)
		for _, s := range all[1:5] {
			w.keep(s)
			w.wait(time.Minute)
		}
		w.restart()
		w.wait(20 * time.Minute)
		all[5].text += " La police parle de fraude."
		all[6].text, all[6].watches = all[5].text, []string{"caisse"}
		w.keep(all[5])
		w.wait(30 * time.Minute)
		w.keep(all[6])
		w.wait(time.Hour)
		w.want(
			"Nouvelle : Valtisse fermera 14 comptoirs (media-0.example)",
			"À surveiller : nouvelle reprise par 5 médias, 1 d’habitude (mouvement)",
			"Urgent : « fraude » dans 6 médias (mouvement)",
			"Urgent : « fraude » dans 7 médias (caisse)",
		)
		for _, m := range w.inbox.messages() {
			if m.Topic() != w.inbox.messages()[0].Topic() {
				t.Errorf("%q is in another thread", m.Subject)
			}
		}
		w.wantBacktest(began)
	})
}

// swept gives the world the rules that a wave moves.
func swept(w *world) {
	limit := threshold.Default()
	limit.Window = 30 * time.Minute
	part := share.Default()
	part.Window = time.Hour
	w.sweep("caisse", must(w, "threshold", "caisse", limit, threshold.New), must(w, "share", "caisse", part, share.New))
}

// sweep adds a rule that tells waves of a watch, and these that find what they bring.
func (w *world) sweep(watch string, found ...alerting.NamedRule) {
	wave := must(w, "surge", watch, surge.Default(), surge.New)
	sweeping := &rule.Sweeping{Rule: wave.Rule}
	for i := range found {
		r, _ := alerting.As[rule.Swept](found[i].Rule)
		if stands, is := r.(rule.Standing); is {
			sweeping.All = append(sweeping.All, rule.StandingRule{Standing: stands, Name: found[i].Name})
		}
		again := must(w, "surge", watch, surge.Default(), surge.New).Rule.(rule.Wave)
		_, counts := r.Swept()
		found[i].Rule = &rule.Within{Rule: found[i].Rule, Waves: map[string]rule.ToldWave{watch: {Wave: again, Teller: wave.Name}}, Counts: counts}
	}
	wave.Rule = sweeping
	w.rules = append(append(w.rules, wave), found...)
}

// complain keeps comments of as many people, one every so often.
func (w *world) complain(n int, every time.Duration) {
	for range n {
		w.number++
		w.keep(said{id: fmt.Sprint("plainte-", w.number), source: "blogue", author: fmt.Sprint("Autrice ", w.number), comment: fmt.Sprint("fil-", w.number%3), watches: []string{"caisse"},
			text: fmt.Sprintf("L’attente au comptoir numéro %d est une honte.", w.number)})
		w.wait(every)
	}
}

func TestWhatCountsTheCommentsOfAWaveJoinsItAndInterruptsNobody(t *testing.T) {
	withinAs(t, swept, func(w *world) {
		began := time.Now()
		w.complain(4, 24*time.Hour)
		w.complain(30, time.Minute)
		w.restart()
		w.wait(6 * time.Hour)
		kinds := map[string]int{}
		for _, m := range w.inbox.messages() {
			kinds[m.Rule]++
		}
		if kinds["surge/caisse"] < 2 || kinds["threshold/caisse"]+kinds["share/caisse"] > 0 {
			t.Errorf("told:\n\t%s", strings.Join(w.inbox.subjects(), "\n\t"))
		}
		if told := facts(w.situation("surge/caisse"), say.FrenchCanada); !strings.Contains(told, "Aussi signalé par : threshold, share.") {
			t.Errorf("the page of the wave says\n%s", told)
		}
		for _, r := range []string{"threshold/caisse", "share/caisse"} {
			if i := w.situation(r); i.State != alerting.Resolved || !i.Hushed {
				t.Errorf("%s: %+v", r, i)
			}
		}
		w.wantBacktest(began)
	})
}

func TestWhatJoinedAWaveThatWasCalledAFalseAlarmIsToldOnItsOwn(t *testing.T) {
	withinAs(t, swept, func(w *world) {
		began := time.Now()
		w.complain(4, 24*time.Hour)
		w.complain(14, 30*time.Second)
		before := len(w.inbox.messages())
		if _, err := w.engine.Act(context.Background(), alerting.Action{Incident: w.situation("surge/caisse").ID, Act: alerting.FalseAlarm, By: "Odette", At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		w.wait(2 * time.Minute)
		w.restart()
		w.wait(33 * time.Minute)
		var told []string
		for _, m := range w.inbox.messages()[before:] {
			told = append(told, m.Rule)
		}
		if !slices.Contains(told, "share/caisse") || slices.Contains(told, "surge/caisse") {
			t.Errorf("after the false alarm:\n\t%s", strings.Join(w.inbox.subjects()[before:], "\n\t"))
		}
		w.wait(5 * time.Hour)
		w.wantBacktest(began)
	})
}
