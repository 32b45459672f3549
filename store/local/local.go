// Package local keeps mentions in one SQLite file, mentions.db: the default store,
// which needs nothing installed. It keeps the contract of package store; what it
// adds is where things stand so that answers are quick.
//
//   - key.go: rows are ordered by publication, so the newest of any word, and a
//     window of time, are one stretch of every table.
//   - terms.go, compile.go: what a text is found by, and a query in those terms.
//     FTS5 answers exactly which mentions hold a word, or one that begins with two or
//     three letters; phrases and NEAR are then asked of each text, so that the answer
//     is that of query.Holds.
//   - frequent.go: words that many texts hold are learnt, and pairs of them indexed,
//     so that FTS5 answers a phrase of two exactly.
//   - put.go: a batch is prepared before its turn to write, and is one transaction.
//   - search.go, cells.go, count.go: questions, each on one instant of the database.
//     What has changed since an instant asked about is judged one by one.
//   - hourly.go, rolled.go: counts by watch and hour, from which charts are drawn.
//
// Measured on two shared cores (BenchmarkIngest, BenchmarkMillion,
// BenchmarkCorrection; docs/performance.md has all of it): under a load of 8 a source
// alone keeps 1,600 mentions a second, where bare statements with all terms given
// keep 3,900; most of the difference is the making of terms and the compression.
// Of a million mentions, the newest 20 of a word take 4 to 9 ms, a month by day
// 2 to 90 ms, two years by day 60 to 120 ms for a watch, 15 to 200 ms for most words
// and 0.7 s for one that is in most texts.
//
// What it does slowly: a phrase of three words or more, or with a rare one, is counted
// at about 0.1 ms for each text that may hold it; a beginning of four letters that
// very many words share takes up to a second, and so does a year by tone of a word that
// is in most texts.
package local

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Store is mentions in one SQLite file. It is safe for concurrent use.
type Store struct {
	db       *sqlite.DB
	names    names
	frequent atomic.Pointer[frequent] // whose pairs new terms have
	settled  atomic.Int64             // the version of terms that all mentions have, or a newer one
	indexers pool[indexer]
	judges   pool[store.Judge]
	codecs   pool[codec]
}

var _ store.Store = (*Store)(nil)

// Options is how a store is opened; the zero value will do.
type Options struct {
	Readers int                 // how many questions are answered at once
	Observe func(sqlite.Commit) // is told of each commit
}

// Open opens or creates the store in the file path, whose folder must exist. Its
// errors say what a person can do about them.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	migrations, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, path, sqlite.Options{
		Migrations: migrations, Readers: o.Readers, Observe: o.Observe,
	})
	if err != nil {
		return nil, err
	}
	s := &Store{db: db}
	s.indexers.make, s.codecs.make = newIndexer, newCodec
	s.judges.make = func() *store.Judge { return new(store.Judge) }
	if err := s.names.load(ctx, db.Read()); err != nil {
		db.Close()
		return nil, fmt.Errorf("read the names of %s: %w", path, err)
	}
	if err := s.remember(ctx); err != nil {
		db.Close()
		return nil, fmt.Errorf("read the frequent words of %s: %w", path, err)
	}
	return s, nil
}

// Backup writes a copy of the store as it is at one instant to the file path, which
// must not exist, while everything goes on.
func (s *Store) Backup(ctx context.Context, path string) error { return s.db.Backup(ctx, path) }

// NewestSeen is the last instant at which something kept was seen; the zero time
// when nothing is kept.
func (s *Store) NewestSeen(ctx context.Context) (newest time.Time, err error) {
	for p := range 2 * parts {
		var micro sql.NullInt64
		err := s.db.Read().QueryRowContext(ctx, `SELECT max(seen) FROM mention WHERE key >> 60 = ?`, int64(p)).Scan(&micro)
		if err != nil {
			return newest, fmt.Errorf("look for what was seen last: %w", err)
		}
		if at := time.UnixMicro(micro.Int64).UTC(); micro.Valid && at.After(newest) {
			newest = at
		}
	}
	return newest, nil
}

// Waiting is zero: what is kept can be found.
func (s *Store) Waiting() time.Time { return time.Time{} }

// OnFound never rings: nothing waits.
func (s *Store) OnFound(func()) {}

// Close waits for the writes that have begun.
func (s *Store) Close() error { return s.db.Close() }

func (s *Store) index(m *mention.Mention, f *frequent) string {
	x := s.indexers.get()
	defer s.indexers.put(x)
	return x.index(m, f)
}

func (s *Store) encode(m *mention.Mention) ([]byte, error) {
	c := s.codecs.get()
	defer s.codecs.put(c)
	return c.encode(m)
}

func (s *Store) decode(body []byte) (mention.Mention, error) {
	c := s.codecs.get()
	defer s.codecs.put(c)
	return c.decode(body)
}
