package surge

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/local"
)

var monday = time.Date(2026, 9, 7, 0, 0, 0, 0, time.UTC)

// world is a store, a rule, and who judges it at every instant that asks for it.
type world struct {
	testing.TB
	store    *local.Store
	rule     alerting.NamedRule
	schedule alerting.Schedule
	book     book
	owed     []alerting.Due
	blind    alerting.BlindFunc
	listened time.Time // since when it is noted that somebody listens
	number   int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	store, err := local.Open(t.Context(), filepath.Join(t.TempDir(), "mentions.db"), local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	w := &world{TB: t, store: store, schedule: alerting.Schedule{Asked: monday.Add(-time.Hour)}}
	w.blind = func(context.Context, string, time.Time) ([]alerting.Blindness, error) { return nil, nil }
	w.restart()
	return w
}

// restart makes the rule anew, as after a stop.
func (w *world) restart() {
	w.Helper()
	rule, err := New(Default(), alerting.Terms{Watch: "caisse", Budget: 1}, alerting.Deps{Zone: time.UTC})
	if err != nil {
		w.Fatal(err)
	}
	w.rule = alerting.NamedRule{Name: "vagues", Kind: "surge", Watch: "caisse", Rule: rule}
}

func (w *world) knownAt(at time.Time) alerting.Asker {
	listened := func(context.Context, string) (time.Time, error) { return w.listened, nil }
	return alerting.Known{Mentions: w.store, Blind: w.blind, Listened: listened}.At(at)
}

// book is where the incidents of a world are remembered.
type book []alerting.Incident

func (b *book) Known(context.Context, string, []string) ([]alerting.Incident, error) {
	return slices.Clone(*b), nil
}

func (b *book) Called(context.Context, string) (called []alerting.Incident, err error) {
	return slices.DeleteFunc(slices.Clone(*b), func(i alerting.Incident) bool { return len(i.Called) == 0 }), nil
}

// act does what a person does at an instant.
func (w *world) act(what alerting.Act, id string, at time.Time) {
	w.Helper()
	i := slices.IndexFunc(w.book, func(i alerting.Incident) bool { return i.ID == id })
	after, err := alerting.Apply(w.book[i], alerting.Action{Incident: id, Act: what, By: "Odette", At: at})
	if err != nil {
		w.Fatal(err)
	}
	w.book.write([]alerting.Incident{after})
}

func (b *book) write(changed []alerting.Incident) {
	for _, c := range changed {
		if at := slices.IndexFunc(*b, func(i alerting.Incident) bool { return i.ID == c.ID }); at >= 0 {
			(*b)[at] = c
		} else {
			*b = append(book{c}, *b...)
		}
	}
}

// upto judges every instant up to one.
func (w *world) upto(t time.Time) {
	w.Helper()
	for at, due := w.schedule.Due(t); due; at, due = w.schedule.Due(t) {
		v, err := alerting.Judge(context.Background(), w.rule, w.knownAt(at), &w.book, at)
		if err != nil {
			w.Fatal(err)
		}
		w.book.write(v.Changed)
		w.owed = append(w.owed, v.Owed...)
		w.schedule.Judged(at, v.Next)
	}
}

// said is a comment.
type said struct {
	at, seen time.Time // seen at once when it is not said
	text     string
	author   mention.Author
	negative float64
	kind     mention.Kind
	intent   mention.Intent
	history  bool
}

const post = "publication-horaire"

func (w *world) mention(s said) mention.Mention {
	if s.seen.IsZero() {
		s.seen = s.at
	}
	if s.kind == "" {
		s.kind = mention.Comment
	}
	if s.author.Name == "" {
		s.author = mention.Author{Name: fmt.Sprint("Autrice ", w.number)}
	}
	w.number++
	label := mention.Negative
	if s.negative < 0.5 {
		label = mention.Positive
	}
	return mention.Mention{
		ID: mention.NewID("web", fmt.Sprintf("%d %s", w.number, s.at)), Source: "blogue", Place: "web", Kind: s.kind, URL: "https://blogue.example/",
		Versions: []mention.Version{{At: s.seen, Text: s.text, Hits: []mention.Hit{{Watch: "caisse"}}}},
		Author:   s.author, Thread: post, PublishedAt: s.at, DateFrom: "feed", SeenAt: s.seen, History: s.history, Lang: "fr",
		Readings: []mention.Reading{{At: s.seen, Negative: s.negative, Positive: 1 - s.negative, Label: label, Intent: s.intent, By: "test"}},
	}
}

// keep puts a batch, and judges the instant at which it was seen.
func (w *world) keep(batch ...said) (ids []string) {
	w.Helper()
	var all []mention.Mention
	for _, s := range batch {
		all = append(all, w.mention(s))
	}
	w.put(all...)
	for _, m := range all {
		ids = append(ids, m.ID)
		w.schedule.Add(m.SeenAt)
	}
	w.upto(all[len(all)-1].SeenAt)
	return ids
}

func (w *world) put(all ...mention.Mention) {
	w.Helper()
	if _, _, err := w.store.Put(context.Background(), all); err != nil {
		w.Fatal(err)
	}
}

var grumbles = []string{
	"Encore une file de vingt minutes au comptoir ce matin, c’est long.",
	"Le guichet automatique est toujours en panne à l'épicerie.",
	"J’ai rappelé trois fois pour mon prêt et personne ne répond.",
	"The app logs me out every single day, tiring.",
}

// calm puts weeks of ordinary grumbles that were seen as they came, and judges none of them.
func (w *world) calm(weeks int, perHour float64) (end time.Time) {
	w.Helper()
	dice := rand.New(rand.NewPCG(2, 3))
	end = monday.AddDate(0, 0, 7*weeks)
	var all []mention.Mention
	for t := monday.Add(time.Hour); t.Before(end); t = t.Add(time.Duration(dice.ExpFloat64() / perHour * float64(time.Hour))).Truncate(time.Microsecond) {
		all = append(all, w.mention(said{at: t, text: grumbles[len(all)%len(grumbles)], negative: 0.8}))
	}
	own := w.mention(said{at: monday, text: "Nos comptoirs changent d’horaire dès lundi.", negative: 0})
	own.ID, own.Thread, own.Own, own.Kind, own.Versions[0].Title, own.Versions[0].Hits = post, post, true, mention.Post, "Nouvelles heures d’ouverture", nil
	all = append(all, own)
	for chunk := range slices.Chunk(all, 500) {
		w.put(chunk...)
	}
	w.schedule.Asked = end.Add(-time.Microsecond)
	return end
}

var angry = []string{
	"Fermer à 15 h, c’est rire du monde qui travaille. Les nouveaux horaires sont une honte.",
	"Vos horaires n'ont aucun sens, ma mère ne conduit plus le soir et vous le savez.",
	"Another branch that closes at three: the new horaires are a joke on working people.",
	"Honte à vous. Trente ans membre, et voilà les horaires qu’on nous impose sans demander.",
	"Personne ne nous a consultés sur ces horaires, pas même le conseil de village, c'est scandaleux.",
	"Les horaires encore! On paie des frais pour une porte fermée quand on sort de l’usine.",
}

// storm is n angry comments, so many seconds apart, kept one by one.
func (w *world) storm(from time.Time, n int, apart time.Duration) (ids []string) {
	w.Helper()
	for i := range n {
		at := from.Add(time.Duration(i) * apart)
		ids = append(ids, w.keep(said{at: at, seen: at.Add(time.Second), text: angry[i%len(angry)], negative: 0.9})...)
	}
	return ids
}

func (w *world) transitions() (all []string) {
	for _, d := range w.owed {
		all = append(all, fmt.Sprint(d.Transition, " ", d.Incident.Size))
	}
	return all
}

func inJSON(t testing.TB, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
