package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

const (
	// groupFor is how long a commit that others wait for may still take on writes.
	groupFor = 5 * time.Millisecond
	// groupMost is how many writes share a commit at most.
	groupMost = 64
	// keptStatements is how many statements the writer keeps prepared.
	keptStatements = 256
)

// Commit is what the observer learns of one commit.
type Commit struct {
	Writes  int           // how many shared it
	Urgent  bool          // one of them came by WritePriority
	Waited  time.Duration // the longest wait for a turn
	Longest time.Duration // the longest single write; advised: at most 50 ms
	Held    time.Duration // from the first turn to the end of the commit
	Err     error         // nil when it is durable
}

// Write runs fn in a transaction and returns nil once what it did is durable. An
// error of fn, or a panic, undoes all of fn and of nobody else, and comes back as
// it is. While it waits for its turn, Write gives up when ctx ends. fn runs once,
// in the caller's goroutine; all other writers wait for it, so it should take at
// most 50 ms, ask nothing of the network, and must not call Write itself.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.take(ctx, db.normal, fn)
}

// WritePriority is Write for what people wait for: it goes before every Write
// that has not begun.
func (db *DB) WritePriority(ctx context.Context, fn func(*Tx) error) error {
	return db.take(ctx, db.urgent, fn)
}

// job is one write on its way through the conductor's hands.
type job struct {
	urgent bool
	asked  time.Time
	turn   chan *Tx   // the transaction to work in; nil: none could be begun
	ran    chan error // what fn said
	done   chan error // what became of it
}

// errUnfinished stands for a panic or a runtime.Goexit, which go on in the caller.
var errUnfinished = errors.New("the write did not finish")

func (db *DB) take(ctx context.Context, lane chan *job, fn func(*Tx) error) error {
	if err := db.enter(); err != nil {
		return err
	}
	defer db.writers.Done()
	j := &job{urgent: lane == db.urgent, asked: time.Now(), turn: make(chan *Tx, 1), ran: make(chan error, 1), done: make(chan error, 1)}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("write to %s: %w", filepath.Base(db.path), err)
	}
	select {
	case lane <- j:
	case <-ctx.Done():
		return fmt.Errorf("wait to write to %s: %w", filepath.Base(db.path), ctx.Err())
	}
	if tx := <-j.turn; tx != nil {
		j.run(tx, fn)
	}
	return <-j.done
}

func (db *DB) enter() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return fmt.Errorf("write to %s: %w", filepath.Base(db.path), ErrClosed)
	}
	db.writers.Add(1)
	return nil
}

func (j *job) run(tx *Tx, fn func(*Tx) error) {
	err := errUnfinished
	defer func() {
		if left := tx.end(); err == nil {
			err = left
		}
		j.ran <- err
	}()
	err = fn(tx)
}

// conduct gives turns until it is told to stop.
func (db *DB) conduct(ctx context.Context) {
	defer close(db.stopped)
	for {
		if j := db.waiting(true); j != nil {
			db.commit(ctx, j)
			continue
		}
		select {
		case j := <-db.urgent:
			db.commit(ctx, j)
		case j := <-db.normal:
			db.commit(ctx, j)
		case <-db.stop:
			return
		}
	}
}

// waiting is a write that waits right now, an urgent one first; nil for none.
func (db *DB) waiting(urgentOnly bool) *job {
	select {
	case j := <-db.urgent:
		return j
	default:
	}
	if urgentOnly {
		return nil
	}
	select {
	case j := <-db.normal:
		return j
	default:
		return nil
	}
}
