package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestACopyMadeWhileWritersWriteHoldsWholeTransactionsOnly writes rows in pairs.
func TestACopyMadeWhileWritersWriteHoldsWholeTransactionsOnly(t *testing.T) {
	db := openNotes(t, Options{Migrations: batches})
	ctx, cancel := context.WithCancel(t.Context())
	wrote := make(chan error, 1)
	go func() {
		var err error
		for err == nil {
			err = db.Write(ctx, insertRows(ctx, 2))
		}
		wrote <- err
	}()
	dir := t.TempDir()
	for i, backup := range []func(string) error{
		func(to string) error { return db.Backup(ctx, to) },
		func(to string) error { return Copy(ctx, db.Path(), to) },
		func(to string) error { return db.Backup(ctx, to) }, // over the last one
	} {
		for range 5 {
			to := filepath.Join(dir, "copy.db")
			if err := backup(to); err != nil {
				t.Fatalf("way %d: %v", i, err)
			}
			if version, err := Verify(ctx, to); err != nil || version != 1 {
				t.Fatalf("the copy: version %d, %v, want 1 and whole", version, err)
			}
			again, err := Open(ctx, to, Options{Migrations: batches})
			if err != nil {
				t.Fatal(err)
			}
			var rows int
			if err := again.Read().QueryRowContext(ctx, "SELECT count(*) FROM row").Scan(&rows); err != nil {
				t.Fatal(err)
			}
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
			if rows%2 != 0 {
				t.Errorf("the copy holds %d rows, want pairs", rows)
			}
			if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the copy's mode is %v, %v, want 600", info.Mode(), err)
			}
		}
	}
	cancel()
	if err := <-wrote; !errors.Is(err, context.Canceled) {
		t.Errorf("the writer ended with %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 {
		t.Errorf("the folder holds %q, want the copy alone", left)
	}
}

func TestACopyThatCannotBeMadeLeavesNothingBehind(t *testing.T) {
	db := openNotes(t, Options{})
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := db.Backup(ctx, filepath.Join(dir, "copy.db")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
		t.Errorf("the folder holds %q, want nothing", left)
	}
	wantSentence(t, db.Backup(t.Context(), filepath.Join(dir, "nowhere", "copy.db")), textNoFolder)
	wantSentence(t, Copy(t.Context(), filepath.Join(dir, "missing.db"), filepath.Join(dir, "copy.db")), textNoFolder)
}
