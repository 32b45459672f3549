package sqlite

import (
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
)

// A command asked beside a daemon that starts for the first time opens the same file.
func TestProgramsThatMigrateTheSameDatabaseAtOnceAllOpenIt(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "notes.db")
		makeEmpty(t, path)
		steps := fstest.MapFS{"0001_notes.sql": {Data: []byte("CREATE TABLE note (text TEXT NOT NULL) STRICT")}}
		var all sync.WaitGroup
		errs := make([]error, 4)
		for i := range errs {
			all.Go(func() {
				db, err := Open(t.Context(), path, Options{Migrations: steps})
				if err == nil {
					err = db.Close()
				}
				errs[i] = err
			})
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
	}
}

// makeEmpty makes a database without tables, in the journal mode of ours.
func makeEmpty(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(t.Context(), "PRAGMA journal_mode=wal")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
