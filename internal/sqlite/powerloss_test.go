package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/ouidire/ouidire/internal/powerloss"
)

// TestMain is also the writer whose power goes.
func TestMain(m *testing.M) {
	if folder := os.Getenv("SQLITE_TEST_FOLDER"); folder != "" {
		if err := writeAndSay(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// A part is one of partsEach rows that one write keeps together.
var parts = fstest.MapFS{
	"0001_part.sql":  &fstest.MapFile{Data: []byte("CREATE TABLE part (write INTEGER NOT NULL, text TEXT NOT NULL) STRICT")},
	"0002_index.sql": &fstest.MapFile{Data: []byte("CREATE INDEX part_write ON part (write)")},
}

const (
	partsEach   = 3
	writesEach  = 25
	writersMany = 4
)

// writeAndSay lets writers share commits; each says a write once it is answered.
// Every fifth write changes its mind and must leave nothing.
func writeAndSay(folder string) error {
	ctx := context.Background()
	path := filepath.Join(folder, "state.db")
	first, err := Open(ctx, path, Options{Migrations: fstest.MapFS{"0001_part.sql": parts["0001_part.sql"]}})
	if err != nil {
		return err
	}
	if err := first.Close(); err != nil {
		return err
	}
	db, err := Open(ctx, path, Options{Migrations: parts}) // a migration, with its copy
	if err != nil {
		return err
	}
	if _, err := db.conn.ExecContext(ctx, "PRAGMA wal_autocheckpoint=40"); err != nil { // several within so short a run
		return err
	}
	fmt.Println("open")
	var wg sync.WaitGroup
	failed := make([]error, writersMany)
	for w := range writersMany {
		wg.Go(func() {
			for i := range writesEach {
				if err := keepParts(ctx, db, w*writesEach+i); err != nil {
					failed[w] = err
					return
				}
			}
		})
	}
	wg.Wait()
	if err := db.Backup(ctx, filepath.Join(folder, "copy.db")); err != nil {
		return err
	}
	fmt.Println("copy")
	return errors.Join(append(failed, db.Close())...)
}

var errMind = errors.New("changed my mind")

func keepParts(ctx context.Context, db *DB, id int) error {
	write := db.Write
	if id%7 == 0 {
		write = db.WritePriority
	}
	err := write(ctx, func(tx *Tx) error {
		for range partsEach {
			if _, err := tx.Exec(ctx, "INSERT INTO part (write, text) VALUES (?, hex(randomblob(1000)))", id); err != nil {
				return err
			}
		}
		if id%5 == 0 {
			return errMind
		}
		return nil
	})
	if errors.Is(err, errMind) {
		return nil
	}
	if err == nil {
		_, err = fmt.Println(id)
	}
	return err
}

// TestWhatWasAnsweredSurvivesLostPower cuts the power at instants all over the run.
func TestWhatWasAnsweredSurvivesLostPower(t *testing.T) {
	powerloss.Need(t)
	folder := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "SQLITE_TEST_FOLDER="+folder)
	trace, err := powerloss.Record(t.Context(), folder, cmd)
	if err != nil {
		t.Fatal(err)
	}
	if said := trace.Said(trace.Len()); len(said) != writersMany*writesEach*4/5+2 {
		t.Fatalf("the writer said %q, want 80 writes, open and copy", said)
	}
	t.Logf("%d instants, %d syncs for %d writes", trace.Len(), trace.Syncs(), writersMany*writesEach)
	instants := 25
	if os.Getenv("OUIDIRE_SOAK") != "" {
		instants = trace.Len()
	}
	chances := rand.New(rand.NewPCG(2026, 11))
	for range instants {
		at := chances.IntN(trace.Len() + 1)
		for _, how := range []powerloss.How{powerloss.Dropped, powerloss.Torn, powerloss.Kept} {
			into, err := os.MkdirTemp(t.TempDir(), "")
			if err != nil {
				t.Fatal(err)
			}
			if err := trace.Lose(at, how, chances, into); err != nil {
				t.Fatal(err)
			}
			if err := holdsAll(t.Context(), into, trace.Said(at)); err != nil {
				t.Errorf("power lost at instant %d of %d, what was not synced %v: %v", at, trace.Len(), how, err)
			}
		}
	}
}

// holdsAll opens a folder after lost power, and asks that all that was said is
// there, that what is there is whole, and that nothing is there that was undone.
func holdsAll(ctx context.Context, folder string, said []string) (err error) {
	db, err := Open(ctx, filepath.Join(folder, "state.db"), Options{Migrations: parts})
	if err != nil {
		return fmt.Errorf("it does not open: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Check(ctx); err != nil {
		return err
	}
	there, err := countParts(ctx, db)
	if err != nil {
		return err
	}
	for id, n := range there {
		if number, _ := strconv.Atoi(id); n != partsEach || number%5 == 0 {
			return fmt.Errorf("of write %s there are %d parts", id, n)
		}
	}
	for _, id := range said {
		switch _, ok := there[id]; {
		case id == "copy":
			if _, err := Verify(ctx, filepath.Join(folder, "copy.db")); err != nil {
				return fmt.Errorf("the copy: %w", err)
			}
		case id != "open" && !ok:
			return fmt.Errorf("write %s was answered and is gone", id)
		}
	}
	if slices.Contains(said, "open") {
		return hasCopy(ctx, folder)
	}
	return nil
}

func countParts(ctx context.Context, db *DB) (map[string]int, error) {
	rows, err := db.Read().QueryContext(ctx, "SELECT write, count(*) FROM part GROUP BY write")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	there := map[string]int{}
	for rows.Next() {
		var id string
		var n int
		if err := rows.Scan(&id, &n); err != nil {
			return nil, err
		}
		there[id] = n
	}
	return there, rows.Err()
}

// hasCopy asks for the copy that was made before the migration.
func hasCopy(ctx context.Context, folder string) error {
	names, err := filepath.Glob(filepath.Join(folder, "state.db.v0001-*.copy"))
	if err != nil || len(names) == 0 {
		return fmt.Errorf("the copy made before the migration is gone (%v)", err)
	}
	version, err := Verify(ctx, names[0])
	if err != nil || version != 1 || strings.Contains(names[0], "part") {
		return fmt.Errorf("the copy made before the migration has version %d, %v", version, err)
	}
	return nil
}
