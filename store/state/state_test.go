package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/mention"
)

// hands is a time that tests set.
type hands struct {
	mu sync.Mutex
	at time.Time
}

func (c *hands) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *hands) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

var friday = time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)

func openState(t testing.TB) (*DB, *hands) {
	t.Helper()
	c := &hands{at: friday}
	return openAt(t, filepath.Join(t.TempDir(), "state.db"), c), c
}

func openAt(t testing.TB, path string, c *hands) *DB {
	t.Helper()
	db, err := Open(t.Context(), path, Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// full is a visit with every field set, also those that this test does not know.
func full(t *testing.T, source string) crawler.Visit {
	t.Helper()
	var v crawler.Visit
	fields := reflect.ValueOf(&v).Elem()
	for i := range fields.NumField() {
		switch f := fields.Field(i); f.Interface().(type) {
		case time.Time:
			f.Set(reflect.ValueOf(friday.Add(time.Duration(i) * time.Microsecond)))
		case string, crawler.Health:
			f.SetString(fmt.Sprintf("l’été \"%d\"", i))
		case int:
			f.SetInt(int64(i))
		case bool:
			f.SetBool(true)
		default:
			t.Fatalf("a visit has a %s, which is not remembered", f.Type())
		}
	}
	v.Source = source
	return v
}

func TestVisitsAreRememberedWholeAcrossARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	c := &hands{at: friday}
	want := []crawler.Visit{full(t, "blogue-été"), {Source: "page", Health: crawler.Well}}
	db := openAt(t, path, c)
	for _, v := range want {
		ok(t, db.SaveVisit(t.Context(), crawler.Visit{Source: v.Source, Cursor: "older"}))
		ok(t, db.SaveVisit(t.Context(), v))
	}
	ok(t, db.Close())
	db = openAt(t, path, c)
	if diff := cmp.Diff(want, must[[]crawler.Visit](t)(db.Visits(t.Context()))); diff != "" {
		t.Errorf("visits (-want +got):\n%s", diff)
	}
	ok(t, db.ForgetSource(t.Context(), "page"))
	if got := must[[]crawler.Visit](t)(db.Visits(t.Context())); len(got) != 1 {
		t.Errorf("%d visits are left, want 1", len(got))
	}
}

func said(native, title, text string) mention.Mention {
	return mention.Mention{ID: mention.NewID("feed", native), SeenAt: friday, Versions: []mention.Version{{At: friday, Title: title, Text: text}}}
}

func natives(t testing.TB, db *DB, batch ...mention.Mention) (texts []string) {
	t.Helper()
	for _, m := range must[[]mention.Mention](t)(db.Unseen(t.Context(), batch)) {
		texts = append(texts, m.Current().Text)
	}
	return texts
}

func TestOnlyWhatIsNewOrEditedPassesAgain(t *testing.T) {
	db, _ := openState(t)
	a, b := said("a", "Titre", "l'épargne"), said("b", "Titre", "d’épargne")
	if diff := cmp.Diff([]string{"l'épargne", "d’épargne"}, natives(t, db, a, b, a)); diff != "" {
		t.Errorf("a first batch, one mention twice (-want +got):\n%s", diff)
	}
	if got := natives(t, db, a, b); len(got) != 2 {
		t.Errorf("what was asked about but not remembered: %q, want both again", got)
	}
	ok(t, db.Remember(t.Context(), []mention.Mention{a, b}))
	if got := natives(t, db, a, b); got != nil {
		t.Errorf("what was remembered passed again: %q", got)
	}
	for name, edited := range map[string]mention.Mention{
		"text":                    said("a", "Titre", "l’épargne"), // the other apostrophe is another text
		"title":                   said("a", "TITRE", "l'épargne"),
		"a border that has moved": said("a", "Titre\x00l", "'épargne"),
		"accents written apart":   said("a", "Titre", "l'e\u0301pargne"),
	} {
		if got := natives(t, db, edited); len(got) != 1 {
			t.Errorf("an edit of the %s did not pass", name)
		}
	}
	edited := said("a", "Titre", "corrigé")
	ok(t, db.Remember(t.Context(), []mention.Mention{edited}))
	if got := natives(t, db, edited); got != nil {
		t.Errorf("an edit that was remembered passed again")
	}
	if got := natives(t, db, a); len(got) != 1 {
		t.Errorf("what was put back to its first text did not pass: it is an edit too")
	}
}

func TestABatchLargerThanOneTransactionIsRememberedWhole(t *testing.T) {
	db, _ := openState(t)
	var batch []mention.Mention
	for i := range 2*step + 7 {
		batch = append(batch, said(fmt.Sprint(i), "", "texte"))
	}
	ok(t, db.Remember(t.Context(), batch))
	if got := natives(t, db, append(batch, said("new", "", "neuf"))...); len(got) != 1 {
		t.Errorf("%d of a remembered batch passed, want the one new mention", len(got))
	}
}

func TestWhatStillStandsInAFeedIsNeverForgotten(t *testing.T) {
	db, c := openState(t)
	standing, gone := said("standing", "", "toujours là"), said("gone", "", "parti")
	ok(t, db.Remember(t.Context(), []mention.Mention{standing, gone}))
	for range 40 { // three years and more, read every month
		c.add(31 * 24 * time.Hour)
		if got := natives(t, db, standing); got != nil {
			t.Fatalf("on %v it was new again", c.now())
		}
		must[int](t)(db.Forget(t.Context(), c.now().AddDate(-3, 0, 0), c.now()))
	}
	if got := natives(t, db, standing, gone); len(got) != 1 || got[0] != "parti" {
		t.Errorf("new again: %q, want only what left the feed", got)
	}
}

func TestTheWatermarkStartsBehindEverythingSeen(t *testing.T) {
	db, _ := openState(t)
	if got := must[time.Time](t)(db.LastSeen(t.Context())); !got.IsZero() {
		t.Errorf("before the first mention: %v, want the zero time", got)
	}
	late := said("late", "", "x")
	late.SeenAt = friday.Add(time.Hour + time.Microsecond)
	ok(t, db.Remember(t.Context(), []mention.Mention{late, said("a", "", "x")}))
	if got := must[time.Time](t)(db.LastSeen(t.Context())); !got.Equal(late.SeenAt) {
		t.Errorf("got %v, want %v", got, late.SeenAt)
	}
}

func TestTheJournalIsReadNewestFirstAndKeepsItsDetails(t *testing.T) {
	db, c := openState(t)
	entry := must[Entry](t)(NewEntry(friday.Add(-time.Hour), "Aurélie Nadeau", "mention.corrected", "abc", map[string]string{"label": "négative"}))
	ok(t, db.Journal(t.Context(), entry))
	ok(t, db.Journal(t.Context(), Entry{What: "config.changed", Subject: "ouidire.yml"}))
	want := []Entry{{At: friday, What: "config.changed", Subject: "ouidire.yml"}, entry}
	if diff := cmp.Diff(want, must[[]Entry](t)(db.Entries(t.Context(), time.Time{}, time.Time{}, 10))); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	for _, q := range []struct {
		from, to time.Time
		limit    int
		want     int
	}{{friday, time.Time{}, 10, 1}, {time.Time{}, friday, 10, 1}, {time.Time{}, time.Time{}, 1, 1}, {friday.Add(1), friday, 10, 0}} {
		if got := must[[]Entry](t)(db.Entries(t.Context(), q.from, q.to, q.limit)); len(got) != q.want {
			t.Errorf("from %v to %v: %d lines, want %d", q.from, q.to, len(got), q.want)
		}
	}
	if err := db.Journal(t.Context(), Entry{What: "x", Detail: json.RawMessage("{")}); err == nil {
		t.Error("a detail that is not JSON was kept")
	}
	c.add(90 * 24 * time.Hour)
	if n := must[int](t)(db.Forget(t.Context(), time.Time{}, c.now().AddDate(0, 0, -89))); n != 2 {
		t.Errorf("forgot %d lines, want 2", n)
	}
}

func TestSettingsAreKeptReplacedAndDropped(t *testing.T) {
	db, _ := openState(t)
	for _, want := range []string{"", "oui", "non"} {
		ok(t, db.Set(t.Context(), "test.confirmed", []byte(want)))
		if got, found, err := db.Get(t.Context(), "test.confirmed"); err != nil || !found || string(got) != want {
			t.Errorf("Get = %q, %v, %v, want %q", got, found, err, want)
		}
	}
	ok(t, db.Set(t.Context(), "test.confirmed", nil))
	if got, found, err := db.Get(t.Context(), "test.confirmed"); err != nil || found {
		t.Errorf("Get of what was dropped = %q, %v, %v", got, found, err)
	}
}

func TestASessionLastsUntilItExpiresOrIsClosed(t *testing.T) {
	db, c := openState(t)
	ctx := t.Context()
	zoe := joins(t, db, "Zoé", Reader)
	want := Session{Person: zoe.ID, CreatedAt: friday, Expires: friday.Add(time.Hour), Member: Member{ID: zoe.ID, Name: "Zoé", Role: Reader}}
	for _, token := range []string{"un", "deux", "trois"} {
		ok(t, db.CreateSession(ctx, token, want))
	}
	if got, err := db.Session(ctx, "un"); err != nil || got != want {
		t.Errorf("Session = %+v, %v, want %+v", got, err, want)
	}
	ok(t, db.DeleteSession(ctx, "un"))
	ok(t, db.DeleteSession(ctx, "never given"))
	for _, token := range []string{"un", "never given", ""} {
		if _, err := db.Session(ctx, token); !errors.Is(err, ErrNoSession) {
			t.Errorf("Session(%q): %v, want ErrNoSession", token, err)
		}
	}
	c.add(time.Hour)
	if _, err := db.Session(ctx, "deux"); !errors.Is(err, ErrNoSession) {
		t.Errorf("an expired session: %v, want ErrNoSession", err)
	}
	c.add(-time.Minute)
	ok(t, db.DeleteSessionsOf(ctx, zoe.ID))
	if _, err := db.Session(ctx, "trois"); !errors.Is(err, ErrNoSession) {
		t.Errorf("a session of a person who was signed out everywhere: %v", err)
	}
	ok(t, db.CreateSession(ctx, "quatre", want))
	c.add(2 * time.Hour)
	if n := must[int](t)(db.Forget(ctx, time.Time{}, time.Time{})); n != 1 {
		t.Errorf("forgot %d rows, want the expired session", n)
	}
}

func TestATokenIsNowhereInTheFile(t *testing.T) {
	db, _ := openState(t)
	ok(t, db.CreateSession(t.Context(), "jeton-très-secret", Session{Person: "Zoé", Expires: friday.Add(time.Hour)}))
	for _, end := range []string{"", "-wal"} {
		file, err := os.ReadFile(db.db.Path() + end)
		ok(t, err)
		if strings.Contains(string(file), "secret") {
			t.Errorf("state.db%s holds the token", end)
		}
	}
}

func TestTheDaemonWritesThatItRunsEachMinuteAndWhenItStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{})
		ok(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		lived := make(chan error, 1)
		go func() { lived <- db.Live(ctx, clock.Real()) }()
		start := time.Now()
		time.Sleep(5*time.Minute + 30*time.Second)
		cancel()
		ok(t, <-lived)
		spans := must[[]Span](t)(db.Spans(t.Context(), start.Add(-time.Hour), start.Add(time.Hour)))
		want := []Span{{start.UTC().Truncate(time.Microsecond), start.Add(5*time.Minute + 30*time.Second).UTC().Truncate(time.Microsecond)}}
		if diff := cmp.Diff(want, spans); diff != "" {
			t.Errorf("spans (-want +got):\n%s", diff)
		}
		ok(t, db.Close())
	})
}

// BenchmarkABatchSeenBefore asks about 500 mentions among 100,000 remembered, none of them new.
func BenchmarkABatchSeenBefore(b *testing.B) {
	db, _ := openState(b)
	var batch []mention.Mention
	for i := range 100_000 {
		batch = append(batch, said(fmt.Sprint(i), "Titre", "La Caisse Valtisse"))
	}
	ok(b, db.Remember(b.Context(), batch))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		part := batch[i%199*step : i%199*step+step]
		if fresh := must[[]mention.Mention](b)(db.Unseen(b.Context(), part)); len(fresh) != 0 {
			b.Fatalf("%d were new", len(fresh))
		}
	}
}

// BenchmarkABatchIsRemembered is 500 new mentions, durable.
func BenchmarkABatchIsRemembered(b *testing.B) {
	db, _ := openState(b)
	batch := make([]mention.Mention, step)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		for j := range batch {
			batch[j] = said(fmt.Sprint(i, j), "Titre", "La Caisse Valtisse")
		}
		ok(b, db.Remember(b.Context(), batch))
	}
}

// BenchmarkBlindAt asks about 200 sources among half a year of their ups and downs.
func BenchmarkBlindAt(b *testing.B) {
	db, c := openState(b)
	var sources []string
	for i := range 200 {
		sources = append(sources, fmt.Sprint("source", i))
	}
	for i := range 2000 {
		c.add(2 * time.Minute)
		ok(b, db.SaveVisit(b.Context(), crawler.Visit{Source: sources[i%200], LastSuccess: c.now(), Blind: i/200%2 == 1, BlindSince: c.now(), Health: crawler.Well}))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := db.BlindAt(b.Context(), sources, c.now()); err != nil {
			b.Fatal(err)
		}
	}
}
