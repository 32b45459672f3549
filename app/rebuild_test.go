package app

import (
	"database/sql"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/mention"
)

func TestRebuildJudgesAnewWhatAnotherVersionJudgedOtherwiseAndNoPerson(t *testing.T) {
	f, err := config.Load(plainSettings(t).write(t), Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if err := makeFolder(f.Data); err != nil {
		t.Fatal(err)
	}
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
	said := func(id, words string, readings ...mention.Reading) mention.Mention {
		return mention.Mention{ID: id, Source: "source-1", Place: "web", Kind: mention.Comment, PublishedAt: at, SeenAt: at, Readings: readings,
			Versions: []mention.Version{{At: at, Text: words, Hits: []mention.Hit{{Watch: "caisse", Words: []string{"Valtisse"}}}}}}
	}
	const angry = "C’est une honte : la caisse Valtisse nous vole, service épouvantable, frais scandaleux, je suis furieuse."
	former := mention.Reading{At: at, Positive: 1, Label: mention.Positive, By: "lexicon-0"}
	person := mention.Reading{At: at.Add(time.Second), Neutral: 1, Label: mention.Neutral, By: mention.Person}
	kept, err := OpenStore(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if _, _, err := kept.Put(t.Context(), []mention.Mention{said("a", angry, former), said("b", angry, former, person), said("c", angry)}); err != nil {
		t.Fatal(err)
	}
	cutByAnOlderVersion(t, filepath.Join(f.Data, "mentions.db"))
	o := Options{Clock: clock.Real(), Log: slog.New(slog.DiscardHandler)}
	for _, want := range []int{3, 0} { // the second time all are as this version judges them
		var shown []int
		got, err := Rebuild(t.Context(), f, o, func(done, of int) {
			if of != 3 {
				t.Errorf("%d of %d are done, want some of 3", done, of)
			}
			shown = append(shown, done)
		})
		if err != nil || got.Judged != want || got.Indexed != want {
			t.Errorf("%+v (%v), want %d of each", got, err, want)
		}
		if indexed := want > 0; shown[len(shown)-1] != 3 || indexed != (len(shown) >= 3 && shown[0] == 0 && slices.Index(shown, 3) < len(shown)-2) {
			t.Errorf("it said %v; something was indexed anew first: %v", shown, indexed)
		}
	}
	for id, want := range map[string]mention.Label{"a": mention.Negative, "b": mention.Neutral, "c": mention.Negative} {
		m, err := kept.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if r, _ := m.Reading(); r.Label != want {
			t.Errorf("%s is %q, want %q: %+v", id, r.Label, want, m.Readings)
		}
	}
}

// cutByAnOlderVersion makes of all that is kept what an older version indexed.
func cutByAnOlderVersion(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, older := range []string{`UPDATE mention SET tokens = 1`, `UPDATE learnt SET settled = 1`} {
		if _, err := db.ExecContext(t.Context(), older); err != nil {
			t.Fatal(err)
		}
	}
}
