package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// group is the writes that share one commit.
type group struct {
	db    *DB
	began time.Time
	kept  []*job // done right, waiting for the commit
	lost  error  // why the whole transaction is gone
	told  Commit
}

// commit gives first its turn, then those who wait, and makes all of it durable.
func (db *DB) commit(ctx context.Context, first *job) {
	g := &group{db: db, began: time.Now()}
	if err := db.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		g.told = Commit{Writes: 1, Urgent: first.urgent}
		close(first.turn)
		g.lose(first, err)
	} else {
		for j := first; j != nil; j = g.next() {
			g.take(ctx, j)
		}
	}
	g.end(ctx)
	db.options.Observe(g.told)
}

// next is who may still join: nobody once all is lost, and to an urgent write
// only another urgent one. Who is received here must be answered.
func (g *group) next() *job {
	if g.lost != nil || g.told.Writes >= groupMost || time.Since(g.began) >= groupFor {
		return nil
	}
	return g.db.waiting(g.told.Urgent)
}

// take lets one write do its work between savepoints.
func (g *group) take(ctx context.Context, j *job) {
	start := time.Now()
	g.told.Writes++
	g.told.Urgent = g.told.Urgent || j.urgent
	g.told.Waited = max(g.told.Waited, start.Sub(j.asked))
	if err := g.db.exec(ctx, "SAVEPOINT one"); err != nil {
		close(j.turn)
		g.lose(j, err)
		return
	}
	j.turn <- &Tx{db: g.db}
	err := <-j.ran
	g.told.Longest = max(g.told.Longest, time.Since(start))
	if err == nil {
		g.keep(ctx, j)
		return
	}
	g.undo(ctx, j, err)
}

func (g *group) keep(ctx context.Context, j *job) {
	if err := g.db.exec(ctx, "RELEASE one"); err != nil {
		g.lose(j, err)
		return
	}
	g.kept = append(g.kept, j)
}

// undo takes one write back. What it cannot take back alone (the disk is full)
// SQLite has already undone for the whole group.
func (g *group) undo(ctx context.Context, j *job, cause error) {
	err := g.db.exec(ctx, "ROLLBACK TO one")
	if err == nil {
		err = g.db.exec(ctx, "RELEASE one")
	}
	if err != nil {
		g.lose(j, cause)
		return
	}
	j.done <- explain(g.db.path, cause)
}

// lose gives up the whole group; j and those before it will all be told why.
func (g *group) lose(j *job, cause error) {
	g.lost = cause
	g.kept = append(g.kept, j)
}

// end commits and answers everyone who still waits, with the same answer.
func (g *group) end(ctx context.Context) {
	err := g.lost
	if err == nil {
		err = g.db.exec(ctx, "COMMIT")
	}
	if err != nil {
		// Nothing to add when this fails too: most errors have rolled back already.
		_ = g.db.exec(ctx, "ROLLBACK")
		err = explain(g.db.path, fmt.Errorf("write to %s: %w", filepath.Base(g.db.path), err))
	}
	g.told.Held, g.told.Err = time.Since(g.began), err
	for _, j := range g.kept {
		j.done <- err
	}
}
