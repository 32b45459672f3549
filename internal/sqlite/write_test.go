package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"
)

// hold keeps the writer busy until it is let go, so that others have to wait.
func hold(t *testing.T, db *DB) (release func()) {
	t.Helper()
	told := holdWith(t, db, func(*Tx) error { return nil })
	return func() {
		if err := told(); err != nil {
			t.Errorf("the write that held the turn: %v", err)
		}
	}
}

// holdWith is hold by a write that does something, and gives what it was told.
func holdWith(t *testing.T, db *DB, write func(*Tx) error) (release func() error) {
	t.Helper()
	begun, let, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- db.Write(context.WithoutCancel(t.Context()), func(tx *Tx) error { close(begun); <-let; return write(tx) })
	}()
	<-begun
	return func() error { close(let); return <-done }
}

func TestAWriteThatWaitsGivesUpWithItsContextAndIsNotMade(t *testing.T) {
	db := openNotes(t, Options{})
	release := hold(t, db)
	ctx, cancel := context.WithCancel(t.Context())
	answer := make(chan error, 1)
	go func() { answer <- db.Write(ctx, add(ctx, "trop tard")) }()
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	release()
	if got := texts(t, db.Read()); len(got) != 0 {
		t.Errorf("kept %q, want nothing", got)
	}
}

func TestAWriteWhoseContextEndsWhileItWorksIsUndoneAlone(t *testing.T) {
	db := openNotes(t, Options{})
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *Tx) error {
		if err := add(ctx, "one")(tx); err != nil {
			return err
		}
		cancel()
		if err := tx.QueryRow(ctx, "SELECT 1").Scan(new(int)); !errors.Is(err, context.Canceled) {
			t.Errorf("a question after the end: %v, want context.Canceled", err)
		}
		if _, err := tx.Query(ctx, "SELECT 1"); !errors.Is(err, context.Canceled) {
			t.Errorf("a question for rows after the end: %v, want context.Canceled", err)
		}
		return add(ctx, "two")(tx)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if got := texts(t, db.Read()); len(got) != 0 {
		t.Errorf("kept %q, want nothing", got)
	}
}

// waiters starts writes that cannot begin yet, and returns when all of them wait.
func waiters(t *testing.T, db *DB, n int, write func(i int)) (wait func()) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { write(i) })
	}
	for parked(db) < n+1 { // and the one that holds the turn
		runtime.Gosched()
	}
	return wg.Wait
}

// parked counts the writes that entered and have not come back.
func parked(db *DB) int {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return countOf(string(stacks), "sqlite.(*DB).take(")
}

func countOf(text, part string) (n int) {
	for i := 0; i+len(part) <= len(text); i++ {
		if text[i:i+len(part)] == part {
			n++
		}
	}
	return n
}

func TestUrgentWritesGoBeforeAllThatWait(t *testing.T) {
	db := openNotes(t, Options{})
	release := hold(t, db)
	var mu sync.Mutex
	var order []string
	ctx := t.Context()
	wait := waiters(t, db, 20, func(i int) {
		write, name := db.Write, "normal"
		if i%4 == 0 {
			write, name = db.WritePriority, "urgent"
		}
		if err := write(ctx, func(*Tx) error { mu.Lock(); defer mu.Unlock(); order = append(order, name); return nil }); err != nil {
			t.Error(err)
		}
	})
	release()
	wait()
	if last := slices.Index(order, "normal"); last != 5 {
		t.Errorf("the order was %q, want the 5 urgent ones first", order)
	}
}

func TestWritesThatWaitTogetherShareACommit(t *testing.T) {
	var commits []Commit // written by the conductor alone, read after Close
	db := openNotes(t, Options{Observe: func(c Commit) { commits = append(commits, c) }})
	release := hold(t, db)
	ctx := t.Context()
	wait := waiters(t, db, 30, func(i int) {
		if err := db.Write(ctx, add(ctx, strconv.Itoa(i))); err != nil {
			t.Error(err)
		}
	})
	release()
	wait()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if len(commits) > 20 {
		t.Errorf("31 writes took %d commits, want fewer than one each", len(commits))
	}
	total := 0
	for _, c := range commits {
		total += c.Writes
	}
	if total != 31 {
		t.Errorf("the observer heard of %d writes, want 31", total)
	}
}

func TestAWriteThatPanicsTakesNobodyElseWithIt(t *testing.T) {
	db := openNotes(t, Options{})
	ctx := t.Context()
	for name, end := range map[string]func(){"panic": func() { panic("ouch") }, "exit": runtime.Goexit} {
		gone := make(chan any)
		go func() {
			defer close(gone)
			defer func() { gone <- recover() }()
			_ = db.Write(ctx, func(tx *Tx) error { _ = add(ctx, name)(tx); end(); return nil })
		}()
		if value := <-gone; name == "panic" && value != "ouch" {
			t.Errorf("the caller recovered %v, want its own panic", value)
		}
		<-gone
	}
	if err := db.Write(ctx, add(ctx, "after")); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, db.Read()); !slices.Equal(got, []string{"after"}) {
		t.Errorf("kept %q, want only what came after", got)
	}
}

func TestATransactionCannotBeUsedOnceItHasEnded(t *testing.T) {
	db := openNotes(t, Options{})
	var kept *Tx
	if err := db.Write(t.Context(), func(tx *Tx) error { kept = tx; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := add(t.Context(), "late")(kept); !errors.Is(err, errEnded) {
		t.Errorf("got %v, want %v", err, errEnded)
	}
	if err := kept.QueryRow(t.Context(), "SELECT 1").Scan(new(int)); err == nil {
		t.Error("a question after the end was answered")
	}
}

func TestRowsLeftOpenDoNotHoldUpTheNextWrite(t *testing.T) {
	db := openNotes(t, Options{})
	ctx := t.Context()
	for i := range 3 {
		err := db.Write(ctx, func(tx *Tx) error {
			if err := add(ctx, strconv.Itoa(i))(tx); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, "SELECT id FROM note")
			if err == nil {
				rows.Next()
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := texts(t, db.Read()); len(got) != 3 {
		t.Errorf("kept %q, want 3 notes", got)
	}
}

func TestClosingServesThoseWhoWaitAndRefusesTheNext(t *testing.T) {
	db := openNotes(t, Options{})
	release := hold(t, db)
	ctx := t.Context()
	wait := waiters(t, db, 10, func(i int) {
		if err := db.Write(ctx, add(ctx, strconv.Itoa(i))); err != nil {
			t.Errorf("a write that waited: %v", err)
		}
	})
	closed := make(chan error, 1)
	go func() { closed <- db.Close() }()
	release()
	wait()
	if err := <-closed; err != nil {
		t.Fatal(err)
	}
	if err := db.Write(ctx, add(ctx, "late")); !errors.Is(err, ErrClosed) {
		t.Errorf("a write after the end: got %v, want ErrClosed", err)
	}
	again, err := Open(ctx, db.Path(), Options{Migrations: notes})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := texts(t, again.Read()); len(got) != 10 {
		t.Errorf("kept %q, want 10 notes", got)
	}
}

func TestAFullDiskIsToldAndNothingIsHalfKept(t *testing.T) {
	db := openNotes(t, Options{})
	ctx := t.Context()
	if err := db.Write(ctx, add(ctx, "avant")); err != nil {
		t.Fatal(err)
	}
	if _, err := db.conn.ExecContext(ctx, "PRAGMA max_page_count=10"); err != nil { // no other writer is at work
		t.Fatal(err)
	}
	err := db.Write(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO note (text) SELECT hex(randomblob(2000)) FROM json_each('[1,2,3,4,5,6,7,8,9,10,11,12]')")
		return err
	})
	wantSentence(t, err, textFull)
	if got := texts(t, db.Read()); !slices.Equal(got, []string{"avant"}) {
		t.Errorf("kept %d notes, want the one from before", len(got))
	}
	if err := db.Write(ctx, add(ctx, "après")); err != nil {
		t.Errorf("a small write after it: %v", err)
	}
}

// INSERT OR ROLLBACK takes the whole transaction down, as an error of the disk may.
func TestWhenACommitIsLostAllWhoSharedItAreTold(t *testing.T) {
	db := openNotes(t, Options{})
	ctx := t.Context()
	if err := db.Write(ctx, add(ctx, "clash")); err != nil {
		t.Fatal(err)
	}
	said := make([]error, 13)
	release := holdWith(t, db, add(ctx, "12"))
	wait := waiters(t, db, 12, func(i int) {
		said[i] = db.Write(ctx, func(tx *Tx) error {
			if i == 7 {
				_, err := tx.Exec(ctx, "INSERT OR ROLLBACK INTO note (text) VALUES ('clash')")
				return err
			}
			return add(ctx, strconv.Itoa(i))(tx)
		})
	})
	said[12] = release()
	wait()
	if said[7] == nil {
		t.Error("the write that clashed was told that all is well")
	}
	kept := texts(t, db.Read())
	for i, err := range said {
		if (err == nil) != slices.Contains(kept, strconv.Itoa(i)) {
			t.Errorf("write %d was told %v, kept are %q", i, err, kept)
		}
	}
}

// Whatever mixture of writers runs at once, each learns the truth about its own rows.
func TestEveryWriterLearnsTheTruthAboutItsOwnRows(t *testing.T) {
	type plan struct {
		rows         int
		fail, urgent bool
		clash        bool // also writes a row that only one writer can have
		wreck        bool // takes the whole transaction down
	}
	rapid.Check(t, func(rt *rapid.T) {
		plans := rapid.SliceOfN(rapid.Custom(func(rt *rapid.T) plan {
			return plan{rapid.IntRange(0, 5).Draw(rt, "rows"), rapid.Bool().Draw(rt, "fail"),
				rapid.Bool().Draw(rt, "urgent"), rapid.Bool().Draw(rt, "clash"), rapid.IntRange(0, 9).Draw(rt, "wreck") == 9}
		}), 1, 40).Draw(rt, "plans")
		db := openNotes(t, Options{})
		defer db.Close()
		ctx := t.Context()
		said := make([]error, len(plans))
		var wg sync.WaitGroup
		for i, p := range plans {
			wg.Go(func() {
				write := db.Write
				if p.urgent {
					write = db.WritePriority
				}
				said[i] = write(ctx, func(tx *Tx) error {
					for r := range p.rows {
						if err := add(ctx, fmt.Sprintf("%d/%d", i, r))(tx); err != nil {
							return err
						}
					}
					if p.clash {
						if err := add(ctx, "clash")(tx); err != nil {
							return err
						}
					}
					if p.wreck {
						_, err := tx.Exec(ctx, "INSERT OR ROLLBACK INTO note (text) VALUES ('x'), ('x')")
						if add(ctx, fmt.Sprint("after ", i))(tx) == nil {
							rt.Error("a transaction that is gone took another row")
						}
						if p.fail {
							return nil // as if it had not looked
						}
						return err
					}
					if p.fail {
						return errors.New("changed my mind")
					}
					return nil
				})
			})
		}
		wg.Wait()
		want := []string{}
		clashes := 0
		for i, p := range plans {
			if said[i] != nil {
				continue
			}
			for r := range p.rows {
				want = append(want, fmt.Sprintf("%d/%d", i, r))
			}
			if p.clash {
				want, clashes = append(want, "clash"), clashes+1
			}
		}
		if clashes > 1 {
			rt.Errorf("%d writers were told that they have the one row", clashes)
		}
		slices.Sort(want)
		if got := texts(t, db.Read()); !slices.Equal(got, want) {
			rt.Errorf("kept %q, want %q", got, want)
		}
	})
}

var batches = fstest.MapFS{"0001_rows.sql": &fstest.MapFile{Data: []byte(
	`CREATE TABLE row (id INTEGER PRIMARY KEY, source TEXT NOT NULL, text TEXT NOT NULL) STRICT; CREATE INDEX row_source ON row (source)`)}}

func insertRows(ctx context.Context, n int) func(*Tx) error {
	return func(tx *Tx) error {
		for range n {
			if _, err := tx.Exec(ctx, "INSERT INTO row (source, text) VALUES (?, ?)", "fil", "La Caisse Valtisse réduit l’épargne demandée aux jeunes."); err != nil {
				return err
			}
		}
		return nil
	}
}

func BenchmarkOneRowWritesByManyWriters(b *testing.B) {
	for _, writers := range []int{1, 8, 32} {
		b.Run(strconv.Itoa(writers), func(b *testing.B) {
			b.ReportAllocs()
			commits := 0
			db := openNotes(b, Options{Migrations: batches, Observe: func(Commit) { commits++ }})
			b.SetParallelism(writers) // times GOMAXPROCS
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := db.Write(b.Context(), insertRows(b.Context(), 1)); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/float64(max(commits, 1)), "writes/commit")
		})
	}
}

// BenchmarkAnUrgentWriteBesideBatches is how long a one-row write waits while four
// sources keep 500-row batches without a pause.
func BenchmarkAnUrgentWriteBesideBatches(b *testing.B) {
	db := openNotes(b, Options{Migrations: batches})
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				_ = db.Write(ctx, insertRows(ctx, 500))
			}
		})
	}
	var took []time.Duration
	for b.Loop() {
		start := time.Now()
		if err := db.WritePriority(b.Context(), insertRows(b.Context(), 1)); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
	}
	cancel()
	wg.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
