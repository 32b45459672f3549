package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/ouidire/ouidire/internal/say"
)

func steps(texts ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i, text := range texts {
		files["000"+strconv.Itoa(i+1)+"_step.sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

var notes = steps(`CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT`)

func openNotes(t testing.TB, o Options) *DB {
	t.Helper()
	if o.Migrations == nil {
		o.Migrations = notes
	}
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "notes.db"), o)
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

func add(ctx context.Context, text string) func(*Tx) error {
	return func(tx *Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO note (text) VALUES (?)", text)
		return err
	}
}

func texts(t testing.TB, pool *sql.DB) []string {
	t.Helper()
	rows, err := pool.QueryContext(t.Context(), "SELECT text FROM note ORDER BY text")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	return all
}

func TestWhatWasWrittenIsReadByEveryoneAtOnceAndAfterAReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes été #1?%.db")
	for i, want := range []int{1, 2} {
		db, err := Open(t.Context(), path, Options{Migrations: notes})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Write(t.Context(), add(t.Context(), "l’épargne "+strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
		if got := texts(t, db.Read()); len(got) != want {
			t.Errorf("after opening %d: read %q, want %d notes", i+1, got, want)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "*")); len(left) != 1 {
		t.Errorf("closing left %q, want the one file", left)
	}
}

func TestTheFilesBelongToTheirOwnerAlone(t *testing.T) {
	db := openNotes(t, Options{})
	if err := db.Write(t.Context(), add(t.Context(), "secret")); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(db.Path() + end)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %o, want 600", info.Name(), got)
		}
	}
}

func TestAWriteThatFailsIsUndoneAlone(t *testing.T) {
	db := openNotes(t, Options{})
	ctx := t.Context()
	var wg sync.WaitGroup
	errBad := errors.New("bad")
	for i := range 200 {
		wg.Go(func() {
			err := db.Write(ctx, func(tx *Tx) error {
				if err := add(ctx, strconv.Itoa(i))(tx); err != nil {
					return err
				}
				if i%3 == 0 {
					return errBad
				}
				return nil
			})
			if (i%3 == 0) != (err == errBad) {
				t.Errorf("write %d: got %v", i, err)
			}
		})
	}
	wg.Wait()
	if got, want := len(texts(t, db.Read())), 133; got != want {
		t.Errorf("kept %d notes, want %d", got, want)
	}
}

// wantSentence asks that err is the sentence want in both languages.
func wantSentence(t *testing.T, err error, want say.Text) {
	t.Helper()
	var spoken *say.Error
	if !errors.As(err, &spoken) {
		t.Fatalf("got %v, want a sentence for a person like %q", err, want.EN)
	}
	if spoken.Text != want {
		t.Errorf("got %q, want one like %q", spoken, want.EN)
	}
	for _, l := range []say.Lang{say.English, say.FrenchCanada} {
		if text := say.Explain(err, l); strings.Contains(text, "%!") {
			t.Errorf("%s: %q has a verb without a value", l, text)
		}
	}
}
