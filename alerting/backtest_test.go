package alerting_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// replay judges a rule again over what is stored.
func (w *world) replay(r alerting.NamedRule, from, upto time.Time) []alerting.Due {
	blind := func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return nil, nil }
	owed, err := alerting.Backtest{Known: alerting.Known{Mentions: w.store, Stories: w.state, Blind: blind}}.Run(context.Background(), r, from, upto)
	if err != nil {
		w.Fatal(err)
	}
	return owed
}

func TestABacktestOwesByteForByteWhatLiveOwed(t *testing.T) {
	within(t, func(w *world) {
		began := time.Now()
		for i, c := range copies(5, "Valtisse fermera 14 comptoirs", closures) {
			w.wait(time.Duration(i) * 20 * time.Second)
			w.keep(c)
		}
		w.keep(said{id: "autre", source: "echo", title: "Fête au village", text: "La fête du village aura lieu samedi sur la place de l’église, avec un concert et des jeux pour les enfants du Mouvement Valtisse."})
		w.wait(10 * time.Minute)
		w.restart()
		w.keep(said{id: "copie-2", source: "media-2", title: "Valtisse fermera 11 comptoirs", text: strings.ReplaceAll(closures, "14", "11")})
		w.wait(10 * time.Minute)

		var live, again []string
		incidents, err := w.state.Incidents(context.Background(), time.Time{}, time.Time{}, 100)
		if err != nil {
			t.Fatal(err)
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
		for _, d := range w.replay(w.rules[0], began, time.Now()) {
			again = append(again, inJSON(t, d.At, d.Transition, d.Incident))
		}
		slices.Sort(live)
		slices.Sort(again)
		if len(live) != 3 || !slices.Equal(live, again) {
			t.Errorf("live owed\n%s\nand the backtest\n%s", strings.Join(live, "\n"), strings.Join(again, "\n"))
		}
	})
}

func inJSON(t *testing.T, values ...any) string {
	t.Helper()
	out, err := json.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// moody is a ledger that fails at random, before or after it has done the work.
type moody struct {
	alerting.Ledger
	fails func() bool
}

var errMoody = errors.New("the disk has moods")

func (m *moody) try(do func() error) error {
	if m.fails() {
		return errMoody
	}
	return do()
}

func (m *moody) Settle(ctx context.Context, s alerting.Settlement) error {
	return m.try(func() error { return m.Ledger.Settle(ctx, s) })
}

func (m *moody) Join(ctx context.Context, members []alerting.Joined, upto time.Time) error {
	return m.try(func() error { return m.Ledger.Join(ctx, members, upto) })
}

func (m *moody) Finish(ctx context.Context, ends []alerting.Ending, at time.Time) error {
	return m.try(func() error { return m.Ledger.Finish(ctx, ends, at) })
}

func (m *moody) Known(ctx context.Context, rule string, keys []string) (known []alerting.Incident, err error) {
	err = m.try(func() error { known, err = m.Ledger.Known(ctx, rule, keys); return err })
	return known, err
}

func (m *moody) EachJoined(ctx context.Context, since time.Time, f func(alerting.Joined)) error {
	return m.try(func() error { return m.Ledger.EachJoined(ctx, since, f) })
}

func (m *moody) Stories(ctx context.Context, watch string, from, to time.Time) (all []alerting.Story, err error) {
	err = m.try(func() error { all, err = m.Ledger.Stories(ctx, watch, from, to); return err })
	return all, err
}

func TestALedgerThatFailsAtRandomLosesNothingAndDoublesNothing(t *testing.T) {
	within(t, func(w *world) {
		var mu sync.Mutex
		dice := rand.New(rand.NewPCG(4, 2))
		w.stop()
		w.ledger = &moody{Ledger: w.state, fails: func() bool { mu.Lock(); defer mu.Unlock(); return dice.IntN(3) == 0 }}
		w.run()
		for i := range 8 {
			title := fmt.Sprintf("Nouvelle numéro %d", i)
			text := strings.Repeat(fmt.Sprintf("mot%d suite%d fin%d l’épargne%d ", i, i*7, i*11, i*13), 12)
			w.keep(said{id: fmt.Sprint("a", i), source: "a", title: title, text: text}, said{id: fmt.Sprint("b", i), source: "b", title: title, text: text})
			w.wait(time.Minute)
		}
		w.wait(2 * time.Hour)
		got := w.inbox.subjects()
		slices.Sort(got)
		var want []string
		for i := range 8 {
			want = append(want, fmt.Sprintf("Nouvelle : Nouvelle numéro %d (2 médias)", i))
		}
		if !slices.Equal(got, want) {
			t.Errorf("told:\n\t%s\nwant each once:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
		}
	})
}
