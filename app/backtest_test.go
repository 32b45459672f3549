package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/app/demo"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// everyRule is a rule of every kind, with limits that the demonstration reaches.
const everyRule = `  - {name: nouvelles, kind: fresh, watch: mouvement}
  - {name: vagues, kind: surge, watch: caisse}
  - {name: seuil, kind: threshold, watch: caisse, count: mentions, above: 6, authors: 4, places: 1}
  - {name: part, kind: share, watch: caisse, above: 0.5, at_least: 8}
  - {name: mots, kind: keyword, watch: caisse, query: 'fraude OU rumeur OU textos OU fermer OU honte', wait: 1m}
  - {name: silence, kind: silence, watch: caisse}
  - {name: voix, kind: newsource, watch: presse}
  - {name: non-lues, kind: blind, after: 6h}
  - {name: autour, kind: parent, watch: caisse}`

// live runs from a chapter on with every rule: the time comes in random pieces, with
// reloads between them; a person acts and corrects; ouidire is restarted once at once
// and once after a stop of most of a day.
func (r rehearsal) live(dice *rand.Rand, begin int, end time.Time) {
	const restart, stop = 9, 11 // chapters: Tuesday 7:30 and Wednesday 8:30 of week 9
	r.from(begin, func(upto func(time.Time)) {
		r.wander(dice, upto, r.script.Chapters[restart].From)
		r.keepAs(restart, restart)
	})
	r.from(restart, func(upto func(time.Time)) {
		r.wander(dice, upto, r.script.Chapters[stop-1].From)
		r.act(alerting.FalseAlarm)
		r.keepAs(stop-1, stop) // what happens in between is missed
	})
	r.from(stop, func(upto func(time.Time)) {
		r.wander(dice, upto, r.script.Chapters[stop].From.Add(time.Hour))
		r.act(alerting.Acknowledge, alerting.Snooze)
		r.correct(r.clock.Load().Now())
		r.wander(dice, upto, end)
	})
}

// wander goes on to an instant in random pieces.
func (r rehearsal) wander(dice *rand.Rand, upto func(time.Time), until time.Time) {
	for now := r.clock.Load().Now(); now.Before(until); {
		if now = now.Add(time.Duration(dice.Int64N(int64(90 * time.Hour)))); now.After(until) {
			now = until
		}
		upto(now)
		r.app.Reload(r.Context(), func() (*config.File, error) { return r.app.Config, nil })
	}
}

// keepAs keeps the databases as they were at a chapter for another to begin with.
func (r rehearsal) keepAs(chapter, as int) {
	r.Helper()
	if err := r.keep(r.Context(), chapter); err != nil {
		r.Fatal(err)
	}
	if chapter != as {
		if err := os.Rename(r.kept(chapter), r.kept(as)); err != nil {
			r.Fatal(err)
		}
	}
}

// act is what a person does with the newest situations.
func (r rehearsal) act(acts ...alerting.Act) {
	r.Helper()
	open, err := r.app.state.OpenIncidents(r.Context())
	if err != nil || len(open) < len(acts) {
		r.Fatalf("%d situations are open (%v), want %d", len(open), err, len(acts))
	}
	now := r.clock.Load().Now()
	for i, act := range acts {
		a := alerting.Action{Incident: open[i].ID, Act: act, By: "Odette", At: now}
		if act == alerting.Snooze {
			a.Until = now.Add(26 * time.Hour)
		}
		if _, err := r.app.engine.Act(r.Context(), a); err != nil {
			r.Fatal(err)
		}
	}
}

// correct is a person who finds some of what was judged negative harmless.
func (r rehearsal) correct(at time.Time) {
	r.Helper()
	found, _, err := r.app.store.Search(r.Context(), store.Question{Watches: []string{"caisse"}, Labels: []mention.Label{mention.Negative}}, 5, "")
	if err != nil || len(found) == 0 {
		r.Fatalf("nothing to correct: %v", err)
	}
	for _, m := range found {
		reading := mention.Reading{At: at, Positive: 1, Label: mention.Positive, By: mention.Person}
		if err := r.app.store.AddReading(r.Context(), m.ID, reading); err != nil {
			r.Fatal(err)
		}
	}
}

// owedLive is what the outbox was owed, as it stood when it was, in the words of then.
func owedLive(t *testing.T, f *config.File, o Options) (all []string) {
	t.Helper()
	err := withHistory(t.Context(), f, o, func(h history) error {
		incidents, err := h.state.Incidents(t.Context(), time.Time{}, time.Time{}, everything)
		if err != nil {
			return err
		}
		for _, i := range incidents {
			rows, err := h.state.Deliveries(t.Context(), i.ID)
			if err != nil {
				return err
			}
			for _, row := range rows {
				line, err := owedLine(f, row.Owed, row.Transition, row.At)
				if err != nil {
					return err
				}
				all = append(all, line)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return slices.Compact(all) // each of the channels is owed it
}

// owedLine is one message and the situation that it speaks of, in full.
func owedLine(f *config.File, i alerting.Incident, what alerting.Transition, at time.Time) (string, error) {
	kept, err := json.Marshal(i)
	subject, body, _ := alerting.Compose(i, []alerting.Transition{what}, readerOf(f, f.Organisation.Lang()))
	return fmt.Sprintf("%s %s %s: %s\n%s%s\n", at.UTC().Format(time.RFC3339Nano), i.Rule, what, subject, body, kept), err
}

// TestABacktestElsewhereOwesByteForByteWhatLiveWeeksOwed plays all ten weeks with
// OUIDIRE_SOAK=1, else the three days up to the middle of the wave.
func TestABacktestElsewhereOwesByteForByteWhatLiveWeeksOwed(t *testing.T) {
	t.Parallel()
	r := rehearse(t)
	begin, end, told := 8, r.script.Chapters[12].From, []string{"fresh", "surge", "threshold", "keyword", "parent"} // until the wave is in full swing
	if os.Getenv("OUIDIRE_SOAK") != "" {
		begin, end, told = 0, r.script.End(), slices.Sorted(maps.Keys(ruleKinds))
		told = slices.DeleteFunc(told, func(kind string) bool { return kind == "silence" || kind == "share" }) // nobody falls silent in the script, and the wave takes in what share finds
	}
	r.rules = everyRule
	r.more = "  - {name: direction, kind: log, role: owner}\n" // who hears of what nobody takes in charge
	r.live(rand.New(rand.NewPCG(2026, 11)), begin, end)
	here, o := r.app.Config, Options{Clock: clock.Set(func() time.Time { return end }), Beat: demoBeat}
	want := owedLive(t, here, o)
	moved := r.moved(here, o, "")
	got, kinds := owedAgain(t, moved, o, "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("of %d messages the backtest owes %d; -live +backtest:\n%s", len(want), len(got), diff)
	}
	for _, kind := range told {
		if kinds[kind] == 0 {
			t.Errorf("no rule of kind %s told anything: the comparison says nothing of it", kind)
		}
	}
	passedOn := slices.ContainsFunc(got, func(line string) bool { return strings.Contains(line, " "+string(alerting.Escalated)+": ") })
	if !passedOn {
		t.Error("nothing was passed on: the comparison says nothing of who hears of what nobody takes")
	}
	t.Logf("%d messages: %v", len(got), kinds)
	t.Run("and so does one on Elasticsearch, which answers the same", func(t *testing.T) {
		there := r.moved(here, o, elsewhere(t, needs.Elasticsearch(t)))
		rules := []string{"nouvelles", "mots", "seuil"} // stories, words, a crowd
		if begin == 0 {
			rules = []string{""}
		}
		for _, only := range rules {
			want, _ := owedAgain(t, moved, o, only) // the same as live, by now
			if got, _ := owedAgain(t, there, o, only); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("rule %q: -here +there:\n%s", only, cmp.Diff(want, got))
			}
		}
		askBoth(t, moved, there, everyMention(t, moved), 40)
	})
}

// What a process is told that only tests rules on the past: the configuration, the one rule
// or "" for all, and when it is now.
const (
	childPast = "OUIDIRE_APP_TEST_PAST"
	childRule = "OUIDIRE_APP_TEST_RULE"
	childNow  = "OUIDIRE_APP_TEST_NOW"
)

// owedInPast is one message that such a process says was owed.
type owedInPast struct{ Kind, Line string }

// runPast is that process: it writes what was owed, as JSON.
func runPast(path string) int {
	now, err := time.Parse(time.RFC3339Nano, os.Getenv(childNow))
	if err == nil {
		err = writePast(os.Stdout, path, os.Getenv(childRule), now)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func writePast(w io.Writer, path, only string, now time.Time) error {
	f, err := config.Load(path, Kinds())
	if err != nil {
		return err
	}
	past, err := Backtest(context.Background(), f, only, demo.Start.AddDate(0, 0, -1), now, Options{Clock: clock.Set(func() time.Time { return now }), Beat: demoBeat})
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	for _, p := range past {
		line, err := owedLine(f, p.Incident, p.Transition, p.At)
		if err == nil {
			err = out.Encode(owedInPast{p.Incident.Kind, line})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// owedAgain is what a backtest of all that an installation keeps owes, in a process of its
// own, by the one rule or by all, and how many messages of each kind of rule.
func owedAgain(t *testing.T, f *config.File, o Options, only string) (all []string, kinds map[string]int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childPast+"="+f.Path, childRule+"="+only, childNow+"="+o.Now().Format(time.RFC3339Nano))
	cmd.Stderr = t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	kinds = map[string]int{}
	for lines := json.NewDecoder(bytes.NewReader(out)); lines.More(); {
		var p owedInPast
		if err := lines.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p.Line)
		kinds[p.Kind]++
	}
	slices.Sort(all)
	return all, kinds
}

// moved is an installation as it is on another machine, after export and import; more is
// what its configuration says besides.
func (r rehearsal) moved(here *config.File, o Options, more string) *config.File {
	r.Helper()
	from := *here
	from.Path = filepath.Join(r.TempDir(), config.Name)
	there := append(demoConfig(r.TempDir(), r.setting, r.Net.(demo.Net).Listener), more...)
	path := filepath.Join(r.TempDir(), config.Name)
	if err := errors.Join(os.WriteFile(from.Path, demoConfig(here.Data, r.setting, r.Net.(demo.Net).Listener), 0o600), os.WriteFile(path, there, 0o600)); err != nil {
		r.Fatal(err)
	}
	to, err := config.Load(path, Kinds())
	if err != nil {
		r.Fatal(err)
	}
	tar := filepath.Join(r.TempDir(), "histoire.tar")
	if _, err := Export(r.Context(), &from, tar, o, unwatched); err != nil {
		r.Fatal(err)
	}
	if _, err := Import(r.Context(), to, tar, o, unwatched); err != nil {
		r.Fatal(err)
	}
	return to
}
