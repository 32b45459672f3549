package surge

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/analyzer/surge"
	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

func TestAStormUnderOnesOwnPostIsOneIncidentToldWhenItBeginsDoublesAndEnds(t *testing.T) {
	w := newWorld(t)
	began := w.calm(3, 0.2).Add(9 * time.Hour)
	w.storm(began, 34, 26*time.Second)
	w.upto(began.Add(10 * time.Hour))
	if len(w.book) != 1 || len(w.owed) < 3 {
		t.Fatalf("%d incidents; owed %v", len(w.book), w.transitions())
	}
	for i, d := range w.owed {
		want := alerting.Grown
		switch i {
		case 0:
			want = alerting.Opened
		case len(w.owed) - 1:
			want = alerting.Ended
		}
		if d.Transition != want || d.Incident.Severity != alerting.Urgent || !d.Incident.Since.Equal(began) {
			t.Errorf("owed %d: %s of %+v", i, d.Transition, d.Incident)
		}
	}
	first, last := w.owed[0].Incident.Facts.Surge, w.owed[len(w.owed)-1].Incident.Facts.Surge
	if first.Count > 6 || first.People != first.Count || first.WarmUp || first.Usual > 0.5 || first.Total != 0 {
		t.Errorf("at the start: %s", inJSON(t, first))
	}
	if last.Total != 34 || last.Lasted != 33*26*time.Second || last.People != 34 || last.Rising {
		t.Errorf("at the end: %s", inJSON(t, last))
	}
	if len(last.Places) != 1 || last.Places[0].Title != "Nouvelles heures d’ouverture" || !last.Places[0].Own || last.Places[0].Share != 1 {
		t.Errorf("where: %s", inJSON(t, last.Places))
	}
	if len(last.Words) == 0 || !slices.Contains(last.Words, "horaires") || slices.Contains(last.Words, "les") {
		t.Errorf("words: %q", last.Words)
	}
	if len(last.Examples) != 3 || last.Copies != 34 || len(w.owed[0].Incident.Mentions) != 3 {
		t.Errorf("examples: %s, %d copies", inJSON(t, last.Examples), last.Copies)
	}
}

func TestTheIncidentIsToldWhenTheCommandSaysSo(t *testing.T) {
	w := newWorld(t)
	began := w.calm(3, 0.2).Add(9 * time.Hour)
	w.storm(began, 30, 90*time.Second)
	w.storm(began.Add(20*time.Hour), 12, 40*time.Second)
	w.upto(began.Add(26 * time.Hour))

	alone := surge.New(surge.Options{Budget: 1})
	var want []string
	err := rule.Each(t.Context(), w.knownAt(began.Add(26*time.Hour)), store.Question{Order: store.OldestSeen}, func(m *mention.Mention) {
		if a, ok := alone.Add(surge.Arrival{At: m.PublishedAt, Seen: m.SeenAt, Author: m.Author.Name}); ok && m.SeenAt.After(began) {
			told := alerting.Opened
			if a.Doubled {
				told = alerting.Grown
			}
			want = append(want, fmt.Sprint(told, " ", a.Count))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	got := slices.DeleteFunc(w.transitions(), func(s string) bool { return strings.HasPrefix(s, string(alerting.Ended)) })
	if len(want) < 4 || !slices.Equal(got, want) {
		t.Errorf("owed %v, and the command told %v", got, want)
	}
}

func TestARestartInTheMiddleAndALookBackChangeNothing(t *testing.T) {
	tell := func(disturb func(w *world, i int)) []string {
		w := newWorld(t)
		began := w.calm(3, 0.2).Add(9 * time.Hour)
		for i := range 25 {
			at := began.Add(time.Duration(i) * 2 * time.Minute)
			w.keep(said{at: at, text: angry[i%len(angry)], negative: 0.9})
			disturb(w, i)
		}
		w.upto(began.Add(6 * time.Hour))
		var all []string
		for _, d := range w.owed {
			all = append(all, inJSON(t, d))
		}
		return all
	}
	undisturbed := tell(func(*world, int) {})
	if len(undisturbed) < 3 {
		t.Fatalf("owed %v", undisturbed)
	}
	for name, disturb := range map[string]func(w *world, i int){
		"restarts": func(w *world, i int) {
			if i%9 == 4 {
				w.restart()
			}
		},
		"a backtest in between": func(w *world, i int) {
			if i%7 == 3 {
				at := monday.AddDate(0, 0, 5+i/2)
				if _, _, err := w.rule.Rule.Eval(t.Context(), w.knownAt(at), at); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		if got := tell(disturb); !slices.Equal(got, undisturbed) {
			t.Errorf("%s: owed\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(undisturbed, "\n"))
		}
	}
}

func TestTheFirstWordsInWeeksAreASurgeWhereSomebodyListened(t *testing.T) {
	for _, c := range []struct {
		name     string
		listened time.Duration // before the first comment; 0: nobody noted it
		told     string        // the start
	}{
		{"three weeks", 21 * 24 * time.Hour, "opened 3"},
		{"a day", 24 * time.Hour, "opened 8"},
		{"five hours", 5 * time.Hour, ""},
		{"not noted", 0, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			began := monday.AddDate(0, 0, 30).Add(9 * time.Hour)
			if c.listened > 0 {
				w.listened = began.Add(-c.listened)
			}
			w.schedule.Asked = began.Add(-40 * 24 * time.Hour)
			w.schedule.Add(began.Add(-30 * 24 * time.Hour))
			w.storm(began, 14, 2*time.Minute)
			told := ""
			if all := w.transitions(); len(all) > 0 {
				told = all[0]
			}
			if told != c.told {
				t.Errorf("told %q, want %q", w.transitions(), c.told)
			}
			g, _ := alerting.As[alerting.Gauged](w.rule.Rule)
			if is, ok := g.Gauge(); c.listened > 0 && (!ok || !is.Wary.Equal(w.listened.Add(surge.Wary)) || !is.Deaf.Equal(w.listened.Add(surge.Deaf))) {
				t.Errorf("deaf until %v, wary until %v", is.Deaf, is.Wary)
			}
			w.restart() // and another process says the same
			before := w.transitions()
			w.schedule.Add(began.Add(28 * time.Minute))
			w.upto(began.Add(29 * time.Minute))
			if after := w.transitions(); !slices.Equal(before, after) {
				t.Errorf("after a restart also told %q", after[len(before):])
			}
			if _, asked := w.rule.Rule.(*Rule).Gauge(); !asked {
				t.Error("after a restart nobody was asked")
			}
		})
	}
}

func TestABacktestOwesWhatLiveOwed(t *testing.T) {
	live := newWorld(t)
	began := live.calm(3, 0.3).Add(9 * time.Hour)
	from := live.schedule.Asked
	live.storm(began, 30, 50*time.Second)
	live.upto(began.Add(8 * time.Hour))

	again := &world{TB: t, store: live.store, blind: live.blind, schedule: alerting.Schedule{Asked: from}}
	again.restart()
	err := rule.Each(t.Context(), alerting.Known{Mentions: live.store}.At(began.Add(8*time.Hour)), store.Question{SeenFrom: from, Order: store.OldestSeen}, func(m *mention.Mention) {
		again.schedule.Add(m.SeenAt)
	})
	if err != nil {
		t.Fatal(err)
	}
	again.upto(began.Add(8 * time.Hour))
	if a, b := inJSON(t, live.owed), inJSON(t, again.owed); a != b || len(live.owed) < 3 {
		t.Errorf("live owed\n%s\nand the backtest\n%s", a, b)
	}
}

func TestWhatIsNoSurgeIsNotTold(t *testing.T) {
	cases := map[string]func(w *world, at time.Time){
		"one person with twelve comments": func(w *world, at time.Time) {
			for i := range 12 {
				w.keep(said{at: at.Add(time.Duration(i) * time.Minute), text: angry[i%6], negative: 0.95, author: mention.Author{ID: "7", Name: "Réjean"}})
			}
		},
		"forty happy comments": func(w *world, at time.Time) {
			for i := range 40 {
				w.keep(said{at: at.Add(time.Duration(i) * time.Minute), text: "Bravo, j’ai gagné le concours!", negative: 0.02})
			}
		},
		"one story in many outlets": func(w *world, at time.Time) {
			for i := range 17 {
				w.keep(said{at: at.Add(time.Duration(i) * time.Minute), text: "Quatorze comptoirs fermeront.", negative: 0.9, kind: mention.Article})
			}
		},
		"a first visit": func(w *world, at time.Time) {
			var all []said
			for i := range 40 {
				all = append(all, said{at: at.Add(-time.Duration(40-i) * time.Minute), seen: at, text: angry[i%6], negative: 0.9, history: true})
			}
			w.keep(all...)
		},
		"calm days": func(w *world, at time.Time) {
			for i := range 20 {
				w.keep(said{at: at.Add(time.Duration(i*2+i*i%3) * time.Hour), text: grumbles[i%4], negative: 0.8})
			}
		},
	}
	for name, happen := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			at := w.calm(3, 0.2).Add(9 * time.Hour)
			happen(w, at)
			w.upto(at.Add(48 * time.Hour))
			if len(w.owed) > 0 {
				t.Errorf("owed %v", w.transitions())
			}
		})
	}
}

func TestACommentThatAPersonCorrectsNoLongerCounts(t *testing.T) {
	w := newWorld(t)
	began := w.calm(3, 0.2).Add(9 * time.Hour)
	ids := w.storm(began, 12, time.Minute)
	if len(w.book) != 1 {
		t.Fatalf("owed %v", w.transitions())
	}
	at := began.Add(15 * time.Minute)
	for _, id := range ids[2:] {
		if err := w.store.AddReading(t.Context(), id, mention.Reading{At: at, Neutral: 1, Label: mention.Neutral, By: mention.Person}); err != nil {
			t.Fatal(err)
		}
	}
	before := len(w.owed)
	w.upto(at.Add(10 * time.Minute))
	if len(w.owed) != before+1 || w.owed[before].Transition != alerting.Ended {
		t.Errorf("after the correction: owed %v", w.transitions())
	}
}

// falselyAlarmed is an evening: a storm that a person calls a false alarm after so many
// comments, what is left of it, and another storm three hours later.
func falselyAlarmed(t *testing.T, after, left, next int, disturb func(w *world)) *world {
	t.Helper()
	w := newWorld(t)
	began := w.calm(3, 0.2).Add(9 * time.Hour)
	w.storm(began, after, 20*time.Second)
	if len(w.book) != 1 {
		t.Fatalf("owed %v", w.transitions())
	}
	w.act(alerting.FalseAlarm, w.book[0].ID, began.Add(time.Duration(after)*20*time.Second))
	disturb(w)
	w.storm(began.Add(15*time.Minute), left, 20*time.Second)
	disturb(w)
	w.storm(began.Add(3*time.Hour), next, 20*time.Second)
	disturb(w)
	w.upto(began.Add(12 * time.Hour))
	return w
}

func TestAFalseAlarmHidesNothingLargerThanItself(t *testing.T) {
	undisturbed := func(*world) {}
	if w := falselyAlarmed(t, 20, 15, 0, undisturbed); len(w.book) != 1 || !w.book[0].FalseAlarm {
		t.Errorf("what is left of a false alarm is told: %v", w.transitions())
	}
	w := falselyAlarmed(t, 20, 5, 30, undisturbed)
	if len(w.book) != 2 || w.book[0].State != alerting.Resolved || w.book[0].FalseAlarm || !w.book[0].Since.After(w.book[1].EndedAt) {
		t.Errorf("a larger one, three hours later: %s", inJSON(t, w.book))
	}
	if told := w.transitions(); !strings.HasPrefix(told[len(told)-1], string(alerting.Ended)) {
		t.Errorf("owed %v", told)
	}
}

func TestARestartAfterAFalseAlarmChangesNothing(t *testing.T) {
	want := falselyAlarmed(t, 20, 5, 30, func(*world) {})
	for name, disturb := range map[string]func(w *world){
		"restarts": (*world).restart,
		"a question about the time before it": func(w *world) {
			at := w.book[len(w.book)-1].OpenedAt
			if _, err := alerting.Judge(t.Context(), w.rule, w.knownAt(at), &w.book, at); err != nil {
				t.Fatal(err)
			}
		},
	} {
		if got := falselyAlarmed(t, 20, 5, 30, disturb); inJSON(t, got.owed) != inJSON(t, want.owed) {
			t.Errorf("%s: owed\n%s\nwant\n%s", name, inJSON(t, got.owed), inJSON(t, want.owed))
		}
	}
}

func TestAFalseAlarmThatIsTakenBackWasNone(t *testing.T) {
	w := newWorld(t)
	began := w.calm(3, 0.2).Add(9 * time.Hour)
	w.storm(began, 20, 20*time.Second)
	id, at := w.book[0].ID, began.Add(10*time.Minute)
	w.act(alerting.FalseAlarm, id, at)
	w.storm(at, 3, 20*time.Second)
	w.act(alerting.Reopen, id, at.Add(2*time.Minute))
	w.storm(at.Add(3*time.Minute), 30, 20*time.Second)
	if now := w.book[0]; len(w.book) != 1 || now.State == alerting.Resolved || now.Facts.Surge.Count != 53 || !now.Since.Equal(began) {
		t.Errorf("after it was taken back: %s", inJSON(t, w.book))
	}
	know := func(at time.Time) int { // how many false alarms were known then
		n := 0
		rule := alerting.NamedRule{Name: "vagues", Rule: evalFunc(func(ask alerting.Asker) {
			all, err := ask.FalseAlarms(t.Context())
			if n = len(all); err != nil {
				t.Error(err)
			}
		})}
		if _, err := alerting.Judge(t.Context(), rule, w.knownAt(at), &w.book, at); err != nil {
			t.Error(err)
		}
		return n
	}
	if before, meanwhile, after := know(at.Add(-time.Second)), know(at.Add(time.Minute)), know(at.Add(3*time.Minute)); before != 0 || meanwhile != 1 || after != 0 {
		t.Errorf("known before %d, meanwhile %d, afterwards %d; want 0, 1, 0", before, meanwhile, after)
	}
}

// evalFunc is a rule that only asks.
type evalFunc func(alerting.Asker)

func (f evalFunc) Eval(_ context.Context, ask alerting.Asker, _ time.Time) ([]alerting.Signal, time.Time, error) {
	f(ask)
	return nil, time.Time{}, nil
}

func TestASurgeIsNeverOverWhileASourceIsBlind(t *testing.T) {
	w := newWorld(t)
	began := w.calm(3, 0.2).Add(9 * time.Hour)
	from, to := began.Add(time.Hour), began.Add(20*time.Hour)
	w.blind = func(_ context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
		if at.Before(from) || !at.Before(to) {
			return nil, nil
		}
		return []alerting.Blindness{{Source: "blogue", Since: from}}, nil
	}
	w.storm(began, 20, time.Minute)
	w.upto(to.Add(-time.Minute))
	if open := w.book[0]; open.State == alerting.Resolved || !slices.Equal(open.Facts.Surge.Blind, []string{"blogue"}) || !open.Facts.Surge.BlindSince.Equal(from) {
		t.Fatalf("while it was blind: %s, %s", open.State, inJSON(t, open.Facts.Surge))
	}
	w.upto(to.Add(time.Hour))
	if open := w.book[0]; open.State != alerting.Resolved || open.EndedAt.Before(to) {
		t.Errorf("an hour after: %s at %v", open.State, open.EndedAt)
	}
}

func TestAnErrorOfTheStoreOrOfTheJournalFailsTheQuestionAndIsForgotten(t *testing.T) {
	w := newWorld(t)
	at := w.calm(3, 0.2)
	away := errors.New("away")
	well := w.blind
	broken := func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return nil, away }
	if _, _, err := w.rule.Rule.Eval(t.Context(), alerting.Known{Mentions: w.store, Blind: broken}.At(at), at); !errors.Is(err, away) {
		t.Errorf("got %v", err)
	}
	if _, _, err := w.rule.Rule.Eval(t.Context(), alerting.Known{Mentions: w.store, Blind: well}.At(at), at); err != nil {
		t.Errorf("asked again: %v", err)
	}
}

// tiring is an Asker that gives up after so many pages.
type tiring struct {
	alerting.Asker
	left int
}

func (a *tiring) Search(ctx context.Context, q store.Question, limit int, after string) ([]mention.Mention, string, error) {
	if a.left--; a.left < 0 {
		return nil, "", context.DeadlineExceeded
	}
	return a.Asker.Search(ctx, q, limit, after)
}

func TestAReplayThatTakesTooLongGoesOnWhereItStopped(t *testing.T) {
	w := newWorld(t)
	at := w.calm(6, 2) // some two thousand: five pages
	ask := &tiring{Asker: w.knownAt(at)}
	tries := 0
	for ; ; tries++ {
		ask.left = 4
		if _, _, err := w.rule.Rule.Eval(t.Context(), ask, at); err == nil {
			break
		} else if tries > 5 || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	}
	whole := newWorld(t)
	whole.store = w.store
	if _, _, err := whole.rule.Rule.Eval(t.Context(), w.knownAt(at), at); err != nil {
		t.Fatal(err)
	}
	got, _ := w.rule.Rule.(*Rule).Gauge()
	want, _ := whole.rule.Rule.(*Rule).Gauge()
	if tries == 0 || got != want {
		t.Errorf("after %d more tries %+v, at once %+v", tries, got, want)
	}
}

func TestTheGaugeShowsWhatWasFound(t *testing.T) {
	w := newWorld(t)
	rule := w.rule.Rule.(*Rule)
	if _, ok := rule.Gauge(); ok {
		t.Error("a gauge before anything was asked")
	}
	began := w.calm(3, 0.2).Add(9 * time.Hour)
	w.storm(began, 12, time.Minute)
	if g, ok := rule.Gauge(); !ok || !g.Active || g.Score < surge.Threshold || g.Window < 12 || g.Usual > 3 || g.Watch != "caisse" {
		t.Errorf("got %+v", g)
	}
}

func TestCommentsThatAreTheSameWordForWordAreCounted(t *testing.T) {
	w := newWorld(t)
	f := facts{}
	for _, words := range []string{
		"C'est honteux de fermer le comptoir à trois heures quand le village travaille",
		"C’est honteux de fermer le comptoir à trois heures quand le village travaille!",
		"Non", "Non", "Qui a consulté les membres avant de décider ces horaires d’été",
	} {
		f.comments = append(f.comments, rule.NewComment(new(text.Tokenizer), w.mention(said{at: monday, text: words, negative: 0.9})))
	}
	if n := f.copies(); n != 2 {
		t.Errorf("%d copies, want 2", n)
	}
}

func TestAWordThatStoodThereBeforeIsNotNews(t *testing.T) {
	if always, news := unusual(18, 30, 300, 500), unusual(18, 30, 4, 500); always >= surprise || news < 5 {
		t.Errorf("a word of always: %v; a new one: %v", always, news)
	}
	if z := unusual(1, 2, 0, 0); math.IsNaN(z) || z >= surprise {
		t.Errorf("out of nothing: %v", z)
	}
}

func TestTheExampleIsOneOfOurs(t *testing.T) {
	raw, err := os.ReadFile("example.yml")
	if err != nil {
		t.Fatal(err)
	}
	var entry struct {
		Name, Kind, Watch, Severity string
		Channels                    []string
	}
	if err := yaml.UnmarshalWithOptions(raw, &entry, yaml.Strict()); err != nil || entry.Kind != "surge" || entry.Watch == "" {
		t.Errorf("got %+v, %v", entry, err)
	}
}
