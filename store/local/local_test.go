package local

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
	"github.com/ouidire/ouidire/watch/query"
)

func openTest(t *testing.T) *Store {
	t.Helper()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "mentions.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestTheLocalStorePassesTheSuite makes three stems of four frequent: phrases are of
// words that are, that are not, and that are by one of their stems only.
func TestTheLocalStorePassesTheSuite(t *testing.T) {
	var texts []string
	for _, m := range storetest.Mentions(1, 400) {
		texts = append(texts, m.Current().Title, m.Current().Text)
	}
	found := many(texts...)
	for one := range found {
		h := fnv.New32a()
		fmt.Fprint(h, one)
		if h.Sum32()%4 == 0 {
			delete(found, one)
		}
	}
	storetest.Run(t, func(t *testing.T) store.Store {
		s := openTest(t)
		teach(t, s, found)
		if s.settled.Load() != s.frequent.Load().version() {
			t.Fatal("an empty store has old terms")
		}
		return s
	})
}

func one(id string, at time.Time, words string) mention.Mention {
	return mention.Mention{ID: id, Source: "tribune", Place: "web", Kind: mention.Article, PublishedAt: at, SeenAt: at,
		Versions: []mention.Version{{At: at, Text: words, Hits: []mention.Hit{{Watch: "valtisse", Words: []string{"Valtisse"}}}}}}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func asked(t *testing.T, words string) store.Question {
	t.Helper()
	n, err := query.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	return store.Question{Text: n}
}

func counted(t *testing.T, s *Store, q store.Question) int {
	t.Helper()
	n, err := s.Count(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func exec(t *testing.T, s *Store, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		err := s.db.Write(t.Context(), func(tx *sqlite.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestTermsOfAnOlderVersionAnswerUntilTheyAreRenewed(t *testing.T) {
	s := openTest(t)
	var batch []mention.Mention
	for i := range 120 {
		batch = append(batch, one(fmt.Sprint("m", i), noon, "L’épargne à la caisse Valtisse"))
	}
	if _, _, err := s.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	// As if an older version had known nothing of accents.
	exec(t, s, `DELETE FROM term`, `INSERT INTO term (rowid, words) SELECT key, 'pcaisse ptribune ' FROM mention`, `UPDATE mention SET tokens = 1`,
		`UPDATE learnt SET settled = 1`)
	if err := s.remember(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := counted(t, s, asked(t, "épargne")); got != 0 {
		t.Fatalf("old terms answer %d, want 0", got)
	}
	if got := counted(t, s, asked(t, "caisse")); got != 120 {
		t.Errorf("a word that both versions write alike is found %d times, want 120", got)
	}
	if n, err := s.Outdated(t.Context()); err != nil || n != 120 {
		t.Errorf("%d are out of date (%v), want 120", n, err)
	}
	n, err := s.Retokenise(t.Context())
	if err != nil || n != 120 {
		t.Errorf("renewed %d (%v), want 120", n, err)
	}
	if n, err := s.Outdated(t.Context()); err != nil || n != 0 {
		t.Errorf("%d are out of date still (%v)", n, err)
	}
	if got := counted(t, s, asked(t, "épargne")); got != 120 {
		t.Errorf("new terms answer %d, want 120", got)
	}
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Errorf("renewed %d (%v) the second time, want 0", n, err)
	}
}

func TestEverythingIsThereAfterOpeningAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mentions.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	given := one("m", noon, "Valtisse, œuvre d'épargne")
	if _, _, err := s.Put(t.Context(), []mention.Mention{given}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	q := asked(t, "oeuvres")
	q.Watches, q.Labels = []string{"valtisse"}, []mention.Label{""}
	if got := counted(t, s, q); got != 1 {
		t.Errorf("found %d, want 1", got)
	}
	if got, err := s.Get(t.Context(), "m"); err != nil || !reflect.DeepEqual(got, given) {
		t.Errorf("got %+v (%v), want %+v", got, err, given)
	}
}

func TestAFullDiskSaysWhatToDo(t *testing.T) {
	s := openTest(t)
	exec(t, s, `PRAGMA max_page_count = 1`) // SQLite takes the size it has
	var long strings.Builder                // of which no two parts are the same: it takes room
	for i := range 1 << 17 {
		fmt.Fprintf(&long, "caisse Valtisse %d ", i)
	}
	big := one("m", noon, long.String())
	_, _, err := s.Put(t.Context(), []mention.Mention{big})
	var spoken *say.Error
	if !errors.As(err, &spoken) {
		t.Fatalf("got %v, want an error that a person can act upon", err)
	}
	if got := say.Explain(err, say.FrenchCanada); !strings.Contains(got, "libérez de l’espace") {
		t.Errorf("got %q", got)
	}
	exec(t, s, `PRAGMA max_page_count = 1000000`)
	if _, _, err := s.Put(t.Context(), []mention.Mention{big}); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func TestAMissingFolderSaysWhatToDo(t *testing.T) {
	_, err := Open(t.Context(), filepath.Join(t.TempDir(), "missing", "mentions.db"), Options{})
	var spoken *say.Error
	if !errors.As(err, &spoken) {
		t.Errorf("got %v, want an error that a person can act upon", err)
	}
}

func TestACopyAnswersAsTheStoreDid(t *testing.T) {
	s := openTest(t)
	if newest, err := s.NewestSeen(t.Context()); err != nil || !newest.IsZero() {
		t.Errorf("nothing was seen at %v (%v), want never", newest, err)
	}
	unclaimed := one("n", noon.Add(time.Hour), "autre chose")
	unclaimed.Versions[0].Hits = nil
	if _, _, err := s.Put(t.Context(), []mention.Mention{one("m", noon, "l’épargne Valtisse"), unclaimed}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	copied, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	if got := counted(t, copied, asked(t, "épargne")); got != 1 {
		t.Errorf("the copy finds %d, want 1", got)
	}
	if newest, err := copied.NewestSeen(t.Context()); err != nil || !newest.Equal(noon.Add(time.Hour)) {
		t.Errorf("the last was seen at %v (%v), want %v", newest, err, noon.Add(time.Hour))
	}
}

func TestTooManyBucketsAreRefused(t *testing.T) {
	s := openTest(t)
	if _, _, err := s.Put(t.Context(), []mention.Mention{one("old", earliest, "Valtisse"), one("new", noon, "Valtisse")}); err != nil {
		t.Fatal(err)
	}
	_, err := s.Histogram(t.Context(), store.Question{}, store.Buckets{Every: store.Hour})
	if !errors.Is(err, store.ErrTooManyBuckets) {
		t.Errorf("got %v, want ErrTooManyBuckets", err)
	}
}

func TestADateThatNoKeyHoldsIsMovedToTheNearest(t *testing.T) {
	s := openTest(t)
	batch := []mention.Mention{one("before", time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), "Valtisse"), one("after", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), "Valtisse")}
	if _, _, err := s.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Search(t.Context(), store.Question{}, 5, "")
	if err != nil || len(found) != 2 {
		t.Fatalf("found %d (%v), want 2", len(found), err)
	}
	if got := []time.Time{found[0].PublishedAt, found[1].PublishedAt}; !got[0].Equal(latest) || !got[1].Equal(earliest) {
		t.Errorf("published %v, want %v and %v", got, latest, earliest)
	}
	if got := counted(t, s, store.Question{From: latest.Add(time.Hour)}); got != 0 {
		t.Errorf("%d after all keys, want 0", got)
	}
}

func TestMentionsThatWantOnePlaceStandSideBySide(t *testing.T) {
	s := openTest(t)
	first, second := one("first", noon, "Valtisse"), one("second", noon, "Valtisse")
	if _, _, err := s.Put(t.Context(), []mention.Mention{first}); err != nil {
		t.Fatal(err)
	}
	taken := keyOf(&second)
	for _, table := range []string{"mention", "body"} {
		exec(t, s, fmt.Sprintf("UPDATE %s SET key = %d", table, taken))
	}
	if _, _, err := s.Put(t.Context(), []mention.Mention{second}); err != nil {
		t.Fatal(err)
	}
	found, _, err := s.Search(t.Context(), store.Question{}, 5, "")
	if err != nil || len(found) != 2 || found[0].ID != "first" || found[1].ID != "second" {
		t.Errorf("found %v (%v), want first and second", found, err)
	}
	if last := part(0).last(5); nextKey(last) != part(0).first(5) {
		t.Error("the place after the last of a second is not its first")
	}
}

func TestACountThatIsStoppedSaysHowManyItIsSureOf(t *testing.T) {
	s := openTest(t)
	c := storetest.NewCorpus(1, time.Minute)
	if _, _, err := s.Put(t.Context(), c.Next(1000)); err != nil {
		t.Fatal(err)
	}
	n, err := query.Parse(`"` + c.Words[0] + " " + c.Words[1] + `"`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := s.Count(t.Context(), store.Question{Text: n})
	if err != nil || all < 2 {
		t.Fatalf("%d mentions, %v: the test proves nothing", all, err)
	}
	partial := false
	for limit := time.Millisecond; ; limit += limit / 2 { // until it is time enough
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		got, err := s.Count(ctx, store.Question{Text: n})
		cancel()
		if got > all || err == nil && got != all {
			t.Fatalf("%d, %v after %v, of %d", got, err, limit, all)
		}
		partial = partial || got > 0 && err != nil
		if err == nil {
			break
		}
	}
	if !partial {
		t.Error("it was never sure of any before it was sure of all")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := s.Count(ctx, store.Question{}); got != 0 || err == nil {
		t.Errorf("%d, %v of a count that SQL did not begin, want 0 and why", got, err)
	}
}

func TestGeneratedQuestionsAreAnsweredAsTheMatcherAnswersThem(t *testing.T) {
	mentions, questions := 300, 300
	if needs.Soak() {
		mentions, questions = 1500, 5000
	}
	storetest.Questions(t, openTest(t), 11, mentions, questions)
}

func TestASearchThatIsStoppedSaysThatItWasStopped(t *testing.T) {
	s := openTest(t)
	c := storetest.NewCorpus(1, time.Minute)
	if _, _, err := s.Put(t.Context(), c.Next(200)); err != nil {
		t.Fatal(err)
	}
	stopped := 0
	for limit := 500 * time.Microsecond; ; limit += limit / 4 { // until it is time enough
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		_, _, err := s.Search(ctx, store.Question{}, 1000, "")
		cancel()
		if err == nil {
			break
		}
		if stopped++; !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("after %v: %v", limit, err)
		}
	}
	if stopped == 0 {
		t.Error("it was never stopped: the test proves nothing")
	}
}
