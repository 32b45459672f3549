package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

func TestEverySettingIsInForceOnEveryConnection(t *testing.T) {
	db := openNotes(t, Options{Readers: 2, CacheKiB: 2048, ReadCacheKiB: 512, Busy: 3 * time.Second})
	ask := func(asker interface {
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}, name string) (value string) {
		if err := asker.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&value); err != nil {
			t.Fatal(err)
		}
		return value
	}
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "3000", "cache_size": "-2048"} {
		if got := ask(db.conn, name); got != want {
			t.Errorf("the writer's %s is %s, want %s", name, got, want)
		}
	}
	var readers []*sql.Conn
	for range 2 {
		c, err := db.Read().Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		readers = append(readers, c)
	}
	for _, c := range readers {
		for name, want := range map[string]string{"journal_mode": "wal", "query_only": "1", "foreign_keys": "1", "busy_timeout": "3000", "cache_size": "-512"} {
			if got := ask(c, name); got != want {
				t.Errorf("a reader's %s is %s, want %s", name, got, want)
			}
		}
		if _, err := c.ExecContext(t.Context(), "INSERT INTO note (text) VALUES ('x')"); err == nil {
			t.Error("a reader could write")
		}
	}
}

func TestAConnectionWithASettingNotInForceIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.db")
	for name, c := range map[string]connection{
		"synchronous":        {path: path, mode: "rwc", pragmas: []pragma{{name: "synchronous", set: "off", want: "2"}}},
		"foreign keys":       {path: path, mode: "rwc", pragmas: []pragma{{name: "foreign_keys", set: "0", want: "1"}}},
		"a disk without WAL": {path: path, mode: "memory", pragmas: []pragma{{name: "journal_mode", set: "wal", want: "wal"}}},
		"an unknown pragma":  {path: path, mode: "rwc", pragmas: []pragma{{name: "journal_moode", set: "wal", want: "wal"}}},
	} {
		pool, err := openPool(c)
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		var refused *notInForce
		if err := pool.PingContext(t.Context()); !errors.As(err, &refused) {
			t.Errorf("%s: got %v, want a refusal", name, err)
		} else {
			wantSentence(t, explain(path, err), textUnsafe)
		}
	}
}

func TestMigrationsRunOnceEachWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.db")
	first := "CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT"
	second := "ALTER TABLE note ADD COLUMN lang TEXT NOT NULL DEFAULT 'fr'; CREATE TABLE other (x)"
	open := func(texts ...string) (*DB, error) {
		return Open(t.Context(), path, Options{Migrations: steps(texts...)})
	}

	db, err := open(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), add(t.Context(), "été")); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if _, err := open(first, second+"; CREATE TABLE other (x)"); err == nil {
		t.Fatal("a step that fails half-way was taken")
	}
	for range 2 {
		if db, err = open(first, second); err != nil {
			t.Fatalf("after a step that failed: %v", err)
		}
		db.Close()
	}
	if _, err := open(first); err == nil {
		t.Fatal("a database of a newer program was opened")
	} else {
		wantSentence(t, err, textNewer)
	}
	version, err := Verify(t.Context(), path)
	if err != nil || version != 2 {
		t.Errorf("Verify = %d, %v, want version 2", version, err)
	}
}

func TestBeforeMigrationsACopyIsMadeAndTheLastThreeAreKept(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "[données]")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "notes.db")
	at := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	if err := os.WriteFile(path+".v0001-20261119T140000Z.copy.part-1", nil, 0o600); err != nil { // of a program that was killed
		t.Fatal(err)
	}
	var texts []string
	for i := range 6 {
		texts = append(texts, fmt.Sprintf("CREATE TABLE t%d (x)", i))
		db, err := Open(t.Context(), path, Options{Migrations: steps(texts...), Now: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	want := []string{"notes.db", "notes.db.v0003-20261120T140000Z.copy", "notes.db.v0004-20261120T140000Z.copy", "notes.db.v0005-20261120T140000Z.copy"}
	if !slices.Equal(names, want) {
		t.Errorf("the folder holds %q, want %q", names, want)
	}
	if version, err := Verify(t.Context(), filepath.Join(dir, want[3])); err != nil || version != 5 {
		t.Errorf("the newest copy: version %d, %v, want 5 and whole", version, err)
	}
}

func TestMigrationsThatCannotBeMeantAreRefused(t *testing.T) {
	file := &fstest.MapFile{Data: []byte("SELECT 1")}
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"none":        {fstest.MapFS{}, "there are none"},
		"a gap":       {fstest.MapFS{"0001_a.sql": file, "0003_b.sql": file}, "where number 0002 belongs"},
		"a double":    {fstest.MapFS{"0001_a.sql": file, "0001_b.sql": file}, "where number 0002 belongs"},
		"no number":   {fstest.MapFS{"first.sql": file}, "not named like"},
		"row to none": {steps("CREATE TABLE a (id INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a); INSERT INTO b VALUES (7)"), "point to nothing"},
		"bad SQL":     {steps("CREATE TABL a (id)"), "0001_step.sql"},
		"two quotes":  {steps(`CREATE TABLE a (x); INSERT INTO a VALUES ("text")`), "0001_step.sql"},
	} {
		_, err := Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), Options{Migrations: c.files})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q in it", name, err, c.want)
		}
	}
}

func TestATroubleWithTheFileSaysWhatToDo(t *testing.T) {
	garbage := func(t *testing.T) string {
		path := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(path, []byte(strings.Repeat("Ceci n’est pas une base. ", 400)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for name, c := range map[string]struct {
		path func(t *testing.T) string
		want say.Text
	}{
		"not a database":  {garbage, textDamaged},
		"no such folder":  {func(t *testing.T) string { return filepath.Join(t.TempDir(), "nulle", "part.db") }, textNoFolder},
		"a folder itself": {func(t *testing.T) string { return t.TempDir() }, textNoFolder},
	} {
		_, err := Open(t.Context(), c.path(t), Options{Migrations: notes})
		t.Run(name, func(t *testing.T) { wantSentence(t, err, c.want) })
	}
	for name, c := range map[string]struct {
		err  error
		want say.Text
	}{
		"quota":          {&fs.PathError{Op: "write", Err: syscall.EDQUOT}, textFull},
		"full":           {&fs.PathError{Op: "write", Err: syscall.ENOSPC}, textFull},
		"no right":       {&fs.PathError{Op: "open", Err: syscall.EACCES}, textReadOnly},
		"read-only disk": {&fs.PathError{Op: "open", Err: syscall.EROFS}, textReadOnly},
	} {
		t.Run(name, func(t *testing.T) { wantSentence(t, explain("/data/state.db", fmt.Errorf("copy: %w", c.err)), c.want) })
	}
	if err := explain("/data/state.db", sql.ErrNoRows); err != sql.ErrNoRows {
		t.Errorf("an error that is not about the file became %v", err)
	}
}

func TestADatabaseThatAnotherProgramHoldsIsSaidToBeInUse(t *testing.T) {
	db := openNotes(t, Options{Busy: 20 * time.Millisecond})
	other, err := openPool(connection{path: db.Path(), mode: "rw"})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	wantSentence(t, db.Write(t.Context(), add(t.Context(), "x")), textLocked)
	if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), add(t.Context(), "x")); err != nil {
		t.Errorf("once the other let go: %v", err)
	}
}

func TestADamagedPageIsFound(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rows.db")
	db, err := Open(t.Context(), path, Options{Migrations: batches})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Write(t.Context(), insertRows(t.Context(), 2000)); err != nil {
		t.Fatal(err)
	}
	if err := db.Check(t.Context()); err != nil {
		t.Errorf("a sound database: %v", err)
	}
	db.Close()
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	copy(file[8*4096:], strings.Repeat("\xff", 4096))
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Verify(t.Context(), path)
	wantSentence(t, err, textDamaged)
}
