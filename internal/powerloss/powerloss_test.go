package powerloss

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"
)

// TestMain is also the programs that are watched.
func TestMain(m *testing.M) {
	if program := os.Getenv("POWERLOSS_TEST_PROGRAM"); program != "" {
		if err := programs[program](os.Getenv("POWERLOSS_TEST_FOLDER")); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

var programs = map[string]func(folder string) error{
	"careful":  func(folder string) error { return keepRows(folder, "FULL") },
	"careless": func(folder string) error { return keepRows(folder, "OFF") },
	"names":    changeNames,
	"mapped":   func(folder string) error { return os.Symlink("x", filepath.Join(folder, "y")) },
}

// keepRows says each row once it is committed.
func keepRows(folder, synchronous string) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "été.db")+"?_pragma=journal_mode(wal)&_pragma=wal_autocheckpoint(40)&_pragma=synchronous("+synchronous+")")
	if err != nil {
		return err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE TABLE row (id INTEGER PRIMARY KEY, text)"); err != nil {
		return err
	}
	for i := range 60 {
		if _, err := db.Exec("INSERT INTO row VALUES (?, hex(randomblob(2000)))", i); err != nil {
			return err
		}
		fmt.Println(i)
	}
	return nil
}

// changeNames does by hand what each rule of the disk is about.
func changeNames(folder string) error {
	in := func(name string) string { return filepath.Join(folder, name) }
	put := func(name, text string, sync bool) error {
		f, err := os.Create(in(name))
		if err != nil {
			return err
		}
		_, err = f.WriteString(text[:1])
		if err == nil {
			_, err = f.WriteString(text[1:])
		}
		if sync {
			err = errors.Join(err, f.Sync())
		}
		return errors.Join(err, f.Close())
	}
	dir, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer dir.Close()
	return errors.Join(
		put("synced", "whole", true), put("unsynced", "lost", false),
		put("part", "renamed", true), os.Rename(in("part"), in("final")),
		say1("before"), dir.Sync(), say1("after"),
		os.Remove(in("synced")), put("unsynced", "again", true), say1("end"))
}

func say1(text string) error { _, err := fmt.Println(text); return err }

func record(t *testing.T, program string) *Trace {
	t.Helper()
	Need(t)
	folder := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "POWERLOSS_TEST_PROGRAM="+program, "POWERLOSS_TEST_FOLDER="+folder)
	trace, err := Record(t.Context(), folder, cmd)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// lose is the folder after the power went, as "name=content name=content".
func lose(t *testing.T, trace *Trace, at int, how How, seed uint64) (folder, holds string) {
	t.Helper()
	folder, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	if err := trace.Lose(at, how, rand.New(rand.NewPCG(1, seed)), folder); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, filepath.Base(name)+"="+string(content))
	}
	return folder, strings.Join(all, " ")
}

// instant is the first at which the program has said text.
func instant(t *testing.T, trace *Trace, text string) int {
	t.Helper()
	for at := range trace.Len() + 1 {
		if slices.Contains(trace.Said(at), text) {
			return at
		}
	}
	t.Fatalf("the program never said %q", text)
	return 0
}

func TestTheDiskKeepsWhatWasSyncedAndNoMore(t *testing.T) {
	trace := record(t, "names")
	for _, c := range []struct {
		at   string
		how  How
		want string
	}{
		{"before", Dropped, "part=renamed synced=whole"},
		{"before", Kept, "final=renamed synced=whole unsynced=lost"},
		{"after", Dropped, "final=renamed synced=whole unsynced="},
		{"after", Kept, "final=renamed synced=whole unsynced=lost"},
		{"end", Dropped, "final=renamed synced=whole unsynced=again"},
		{"end", Kept, "final=renamed unsynced=again"},
	} {
		if _, got := lose(t, trace, instant(t, trace, c.at), c.how, 0); got != c.want {
			t.Errorf("said %q, what was not synced is %v: the disk holds %q, want %q", c.at, c.how, got, c.want)
		}
	}
	if _, got := lose(t, trace, 0, Kept, 0); got != "" {
		t.Errorf("before the first instant the disk holds %q", got)
	}
}

func TestEqualChancesGiveEqualDisks(t *testing.T) {
	trace := record(t, "names")
	at := instant(t, trace, "before")
	different := map[string]bool{}
	for seed := range uint64(40) {
		_, one := lose(t, trace, at, Torn, seed)
		if _, two := lose(t, trace, at, Torn, seed); one != two {
			t.Errorf("seed %d: %q and %q", seed, one, two)
		}
		different[one] = true
	}
	if len(different) < 3 {
		t.Errorf("40 seeds gave %d different disks, want more", len(different))
	}
}

// lostRows counts promised rows that are not there, and folders that SQLite cannot read.
func lostRows(t *testing.T, trace *Trace, how How) (lost, damaged int) {
	t.Helper()
	points := 0
	for at := 0; at <= trace.Len(); at += max(1, trace.Len()/25) {
		points++
		folder, _ := lose(t, trace, at, how, uint64(at))
		there, err := readRows(filepath.Join(folder, "été.db"))
		if err != nil {
			damaged++
			continue
		}
		for _, id := range trace.Said(at) {
			if !slices.Contains(there, id) {
				lost++
			}
		}
	}
	if said := trace.Said(trace.Len()); len(said) != 60 || points < 20 {
		t.Fatalf("the program said %d rows and %d instants were tried: nothing was proved", len(said), points)
	}
	return lost, damaged
}

func readRows(path string) (ids []string, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=synchronous(off)")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRow("PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return nil, err
	}
	if verdict != "ok" {
		return nil, errors.New(verdict)
	}
	rows, err := db.Query("SELECT id FROM row")
	if err != nil {
		return nil, nil // the table was not made yet
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func TestAProgramThatSyncsEachCommitLosesNothing(t *testing.T) {
	trace := record(t, "careful")
	for _, how := range []How{Dropped, Torn, Kept} {
		if lost, damaged := lostRows(t, trace, how); lost > 0 || damaged > 0 {
			t.Errorf("%v: lost %d rows, %d files damaged, want none", how, lost, damaged)
		}
	}
}

// A harness that never finds anything proves nothing: this program lies.
func TestAProgramThatDoesNotSyncIsCaught(t *testing.T) {
	trace := record(t, "careless")
	for _, how := range []How{Dropped, Torn} {
		if lost, damaged := lostRows(t, trace, how); lost == 0 && damaged == 0 {
			t.Errorf("%v: synchronous=OFF lost nothing: the harness sees nothing", how)
		}
	}
	if lost, damaged := lostRows(t, trace, Kept); lost > 0 || damaged > 0 {
		t.Errorf("after kill -9 it lost %d rows, %d files damaged: the replay is wrong", lost, damaged)
	}
}

func TestWhatCannotBeReplayedIsRefused(t *testing.T) {
	Need(t)
	folder := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "POWERLOSS_TEST_PROGRAM=mapped", "POWERLOSS_TEST_FOLDER="+folder)
	if _, err := Record(t.Context(), folder, cmd); err == nil || !strings.Contains(err.Error(), "cannot be replayed") {
		t.Errorf("got %v, want a refusal", err)
	}
	if _, err := Record(t.Context(), folder, cmd); err == nil || !strings.Contains(err.Error(), "must be empty") {
		t.Errorf("a folder that holds something: %v, want a refusal", err)
	}
}
