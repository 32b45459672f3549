// Package ruletest is a small world for the tests of a kind of rule: a real store on
// a temporary file, the rule, and who judges it at every instant at which the engine
// would. Nothing in it waits: its clock is the instants that are kept.
package ruletest

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	diff "github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/local"
)

// Monday is when worlds begin: 2026-09-07 at midnight, UTC.
var Monday = time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)

// World is a store, a rule, and who judges it.
type World struct {
	testing.TB
	Store *local.Store
	Rule  alerting.NamedRule
	Owed  []alerting.Due
	Blind alerting.BlindFunc // what could not be read; nothing, until a test says otherwise

	schedule alerting.Schedule
	book     []alerting.Incident
	stories  []alerting.Joined
	number   int
}

// New begins a world on Monday.
func New(t testing.TB, r alerting.NamedRule) *World {
	t.Helper()
	kept, err := local.Open(t.Context(), filepath.Join(t.TempDir(), "mentions.db"), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	w := &World{TB: t, Store: kept, Rule: r, schedule: alerting.Schedule{Asked: Monday.Add(-time.Hour)}}
	w.Blind = func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return nil, nil }
	w.schedule.Add(Monday)
	return w
}

// Said is something said. What is left out is a comment about caisse, on the blog,
// by somebody else each time.
type Said struct {
	At, Seen time.Time // seen at once when it is not said
	ID       string
	Title    string
	Text     string
	Author   mention.Author
	Negative float64
	Kind     mention.Kind
	Source   string
	Watches  []string
	Thread   string
	History  bool
	Story    string // the id of the story's first member
}

// Keep keeps them, each at the instant at which it was seen, and has the rule judged
// then. They come in order of sight.
func (w *World) Keep(all ...Said) {
	w.Helper()
	for _, s := range all {
		m := w.Mention(s)
		if _, _, err := w.Store.Put(context.Background(), []mention.Mention{m}); err != nil {
			w.Fatal(err)
		}
		w.stories = append(w.stories, alerting.Joined{Story: cmp.Or(s.Story, m.ID), Member: alerting.Conversation(m.Thread, []mention.Mention{m}).Members[0]})
		w.schedule.Add(m.SeenAt)
	}
}

// Mention is what is kept of s.
func (w *World) Mention(s Said) mention.Mention {
	w.number++
	if s.Seen.IsZero() {
		s.Seen = s.At
	}
	if s.Author.Name == "" {
		s.Author.Name = fmt.Sprint("Autrice ", w.number)
	}
	if s.Watches == nil {
		s.Watches = []string{"caisse"}
	}
	var hits []mention.Hit
	for _, watch := range s.Watches {
		hits = append(hits, mention.Hit{Watch: watch, Words: []string{"Valtisse"}})
	}
	label := mention.Neutral
	if s.Negative >= 0.5 {
		label = mention.Negative
	}
	source := cmp.Or(s.Source, "blogue")
	id := cmp.Or(s.ID, mention.NewID("web", fmt.Sprint(w.number)))
	return mention.Mention{
		ID: id, Source: source, Place: "web", Kind: cmp.Or(s.Kind, mention.Comment), URL: "https://" + source + ".example/" + id,
		Versions: []mention.Version{{At: s.Seen, Title: s.Title, Text: cmp.Or(s.Text, "L’épargne de la Caisse Valtisse, numéro "+fmt.Sprint(w.number)), Hits: hits}},
		Author:   s.Author, Thread: s.Thread, PublishedAt: s.At, DateFrom: "feed", SeenAt: s.Seen, History: s.History, Lang: "fr",
		Readings: []mention.Reading{{At: s.Seen, Negative: s.Negative, Neutral: 1 - s.Negative, Label: label, By: "test"}},
	}
}

// Ask is what the rule is answered at an instant.
func (w *World) Ask(at time.Time) alerting.Asker {
	return alerting.Known{Mentions: w.Store, Stories: ledger{w: w}, Blind: w.Blind}.At(at)
}

// ledger answers for the stories; nothing else is asked of it.
type ledger struct {
	alerting.StoryLedger
	w *World
}

// Stories implements alerting.StoryLedger.
func (l ledger) Stories(_ context.Context, watch string, from, to time.Time) (all []alerting.Story, err error) {
	stories := map[string]alerting.Story{}
	for _, j := range l.w.stories {
		one := alerting.Gather([]alerting.Story{stories[j.Story]}, j)
		stories[j.Story] = one[len(one)-1]
	}
	for _, s := range stories {
		got := slices.ContainsFunc(s.Members, func(m alerting.Member) bool { return !m.SeenAt.Before(from) && m.SeenAt.Before(to) })
		if got && (watch == "" || slices.Contains(s.Watches, watch)) {
			all = append(all, s)
		}
	}
	alerting.SortStories(all)
	return all, nil
}

// Talk implements alerting.StoryLedger.
func (l ledger) Talk(_ context.Context, conversation string, from, to time.Time) (all []alerting.Member, err error) {
	for _, j := range l.w.stories {
		stands := j.Conversation == conversation || j.Mention == conversation
		if stands && !j.SeenAt.Before(from) && j.SeenAt.Before(to) {
			all = append(all, j.Member)
		}
	}
	slices.SortStableFunc(all, func(a, b alerting.Member) int {
		return cmp.Or(a.SeenAt.Compare(b.SeenAt), cmp.Compare(a.Mention, b.Mention))
	})
	return all, nil
}

// Known implements alerting.Book.
func (w *World) Known(context.Context, string, []string) ([]alerting.Incident, error) {
	return slices.Clone(w.book), nil
}

// Called implements alerting.Book: nobody calls anything a false alarm here.
func (w *World) Called(context.Context, string) ([]alerting.Incident, error) { return nil, nil }

// Upto judges every instant up to one, and returns what was owed for them.
func (w *World) Upto(t time.Time) []alerting.Due {
	w.Helper()
	before := len(w.Owed)
	for at, due := w.schedule.Due(t); due; at, due = w.schedule.Due(t) {
		v, err := alerting.Judge(context.Background(), w.Rule, w.Ask(at), w, at)
		if err != nil {
			w.Fatal(err)
		}
		for _, c := range v.Changed {
			if i := slices.IndexFunc(w.book, func(i alerting.Incident) bool { return i.ID == c.ID }); i >= 0 {
				w.book[i] = c
			} else {
				w.book = append([]alerting.Incident{c}, w.book...)
			}
		}
		w.Owed = append(w.Owed, v.Owed...)
		w.schedule.Judged(at, v.Next)
	}
	return w.Owed[before:]
}

// Interrupt has the rule judged at an instant at which nothing was kept, as a restart does.
func (w *World) Interrupt(at time.Time) { w.schedule.Add(at) }

// Told is the transitions that people were told of, each with its subject in French.
func (w *World) Told() (told []string) {
	for _, d := range w.Owed {
		if d.Suppressed == "" {
			subject, _, _ := alerting.Compose(d.Incident, []alerting.Transition{d.Transition}, Reader(say.FrenchCanada))
			told = append(told, fmt.Sprintf("%s %s: %s", d.At.Sub(Monday), d.Transition, strings.ReplaceAll(subject, "\u00a0", " ")))
		}
	}
	return told
}

// WantTold compares what people were told of.
func (w *World) WantTold(want ...string) {
	w.Helper()
	if got := w.Told(); !slices.Equal(got, want) {
		w.Errorf("told\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// Correct is what a person says of a mention.
func (w *World) Correct(id string, at time.Time, label mention.Label) {
	w.Helper()
	r := mention.Reading{At: at, Label: label, By: mention.Person}
	switch label {
	case mention.Negative:
		r.Negative = 1
	case mention.Positive:
		r.Positive = 1
	default:
		r.Neutral = 1
	}
	if err := w.Store.AddReading(context.Background(), id, r); err != nil {
		w.Fatal(err)
	}
}

// Question is asked of everything that was kept.
func (w *World) Question(q store.Question) []mention.Mention {
	w.Helper()
	found, _, err := w.Store.Search(context.Background(), q, 1000, "")
	if err != nil {
		w.Fatal(err)
	}
	return found
}

// Reader is for whom golden files are worded, in a language.
func Reader(l say.Lang) alerting.Reader {
	zone := "America/Toronto"
	if l == say.FrenchFrance {
		zone = "Europe/Paris"
	}
	at, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	return alerting.Reader{Lang: l, Zone: at, Page: "https://veille.caisse.example", Watches: map[string]alerting.Named{
		"caisse": {Title: "Notre caisse", Whom: "la Caisse"}, "mouvement": {Title: "Le Mouvement", Whom: "le Mouvement"}, "brulis": {Title: "La caisse du Brûlis", Whom: "le Brûlis"}}}
}

var update = flag.Bool("update", false, "write the golden files anew")

// Golden compares what a signal is told as, in every language, with
// testdata/NAME.golden: a subject of at most 70 characters, a body of at most 120
// words, and nothing lost through JSON.
func Golden(t *testing.T, name string, s alerting.Signal, told alerting.Transition) {
	t.Helper()
	i := alerting.Incident{ID: "7q3k9", Rule: "regle", Watch: s.Watch, State: alerting.New, Severity: s.Severity, Since: s.Since, Size: s.Size, Over: s.Over, Facts: s.Facts}
	if s.Over {
		i.State = alerting.Resolved
	}
	kept, err := json.Marshal(i)
	if err == nil {
		i = alerting.Incident{}
		err = json.Unmarshal(kept, &i)
	}
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, l := range []say.Lang{say.FrenchCanada, say.FrenchFrance, say.English} {
		subject, body, _ := alerting.Compose(i, []alerting.Transition{told}, Reader(l))
		fmt.Fprintf(&got, "== %s\n%s\n\n%s", l, subject, body)
		if n := utf8.RuneCountInString(subject); n > 70 || strings.HasSuffix(subject, "…") {
			t.Errorf("%s: the subject %q has %d characters, or was cut", l, subject, n)
		}
		if n := len(strings.Fields(body)); n > 121 { // the link is no word
			t.Errorf("%s: the body has %d words", l, n)
		}
		if strings.Contains(subject+body, "%!") {
			t.Errorf("%s: a phrase lacks a word, or has one too many:\n%s\n%s", l, subject, body)
		}
	}
	compare(t, filepath.Join("testdata", name+".golden"), got.String())
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff.Diff(string(want), got); d != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", file, d)
	}
}

// Example holds example.yml to what a configuration may say of a rule, and to the
// defaults that it shows: config is the kind's own, as it is by default.
func Example[C any](t *testing.T, kind string, defaults C) {
	t.Helper()
	raw, err := os.ReadFile("example.yml")
	if err != nil {
		t.Fatal(err)
	}
	entry := struct {
		Name, Kind, Watch, Severity, Wait string
		Channels                          []string
		Config                            C `yaml:",inline"`
	}{Config: defaults}
	if err := yaml.UnmarshalWithOptions(raw, &entry, yaml.Strict()); err != nil || entry.Kind != kind || entry.Name == "" {
		t.Fatalf("got %+v, %v", entry, err)
	}
	if d := diff.Diff(defaults, entry.Config); d != "" {
		t.Errorf("the example shows other values than the defaults:\n%s", d)
	}
}
