// Package sqlite is the engine below both databases, state.db and mentions.db:
// it opens a file with the care that "must never be lost" asks for, moves it to
// the newest schema, lets one writer at a time write, and copies the file while
// all this goes on. It knows no table. Read Open, then Write.
//
// What is promised: when Write returns nil, its rows survive a cut of the power.
// WAL, synchronous=FULL and foreign keys are asked for and then read back on every
// connection; a file on which they are not in force is refused.
//
// One goroutine owns the one writing connection and gives turns. A write that
// waits is served before its context ends or not at all; urgent ones go first.
// Small writes that wait together share one commit, and so one fsync: each is
// answered after that commit, and one that fails is undone alone.
//
// A page in a cache takes twice its size: the allocator has slots of powers of two,
// and 4 KiB with SQLite's header need one of 8. So a database with the caches that
// Options gives it holds up to 70 MB beside Go's heap once all of them are full, and
// then no more.
//
// Measured on two idle cores (go test -bench .): one writer makes
// 4,700 durable one-row writes a second; 16 at once make 25,000, 11 to a commit, and
// 64 make 53,000, 44 to a commit. A one-row urgent write beside four sources that
// keep 500-row batches without a pause: 2.2 ms in the median, 8.9 ms for 99 of 100
// (4.9 and 35 ms with a load of 6 beside it). The disk of that machine syncs fast;
// where it does not, sharing gains more.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Options is how a database is opened. Only Migrations must be given.
type Options struct {
	// Migrations holds NNNN_name.sql files at its root, numbered from 0001 without
	// gaps. They declare no constraint as deferred: it would be looked at when writes
	// commit together, and fail all of them.
	Migrations fs.FS
	// Readers is how many questions are answered at once, 4 when zero.
	Readers int
	// CacheKiB is the page cache of the connection that writes, 16 MiB when zero.
	CacheKiB int
	// ReadCacheKiB is that of each connection that reads, 4 MiB when zero. Each write
	// empties it, so that it serves one question; the system's cache serves them all.
	ReadCacheKiB int
	// Busy is how long to wait for another process that writes, 5 s when zero.
	Busy time.Duration
	// Observe is told of each commit, by the writer's goroutine: it must be quick
	// and must not write. nil for nobody.
	Observe func(Commit)
	// Now dates the copies made before migrations; the machine's clock when nil.
	Now func() time.Time
}

func (o Options) withDefaults() Options {
	if o.Readers <= 0 {
		o.Readers = 4
	}
	if o.CacheKiB <= 0 {
		o.CacheKiB = 16 << 10
	}
	if o.ReadCacheKiB <= 0 {
		o.ReadCacheKiB = 4 << 10
	}
	if o.Busy <= 0 {
		o.Busy = 5 * time.Second
	}
	if o.Observe == nil {
		o.Observe = func(Commit) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	path    string
	options Options
	read    *sql.DB
	write   *sql.DB
	conn    *sql.Conn // the one connection that writes; the conductor's
	stmts   map[string]*sql.Stmt

	urgent, normal chan *job // unbuffered: to be received is to have one's turn
	stop, stopped  chan struct{}

	mu      sync.Mutex
	closed  bool
	writers sync.WaitGroup
}

// ErrClosed is the answer of a closed database.
var ErrClosed = errors.New("the database is closed")

// Open opens or creates the database at path, whose folder must exist, and brings
// it to the newest schema; before that an older one is copied beside itself. The
// files are readable by their owner only. Errors say what to do about them.
func Open(ctx context.Context, path string, o Options) (*DB, error) {
	steps, err := readMigrations(o.Migrations)
	if err != nil {
		return nil, fmt.Errorf("read the migrations of %s: %w", filepath.Base(path), err)
	}
	if err := local(filepath.Dir(path)); err != nil {
		return nil, explain(path, err)
	}
	if err := own(path); err != nil {
		return nil, explain(path, err)
	}
	db := &DB{path: path, options: o.withDefaults(), stmts: map[string]*sql.Stmt{},
		urgent: make(chan *job), normal: make(chan *job), stop: make(chan struct{}), stopped: make(chan struct{})}
	if err := db.connect(ctx, steps); err != nil {
		return nil, explain(path, errors.Join(err, db.disconnect()))
	}
	go db.conduct(context.WithoutCancel(ctx))
	return db, nil
}

// own creates the file when it is missing, and takes it from everyone but its
// owner: SQLite gives -wal and -shm the rights of the file they belong to. A file
// that is there is not opened: to close it would drop the locks that another
// connection of this process has on it.
func own(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return create(path)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	case info.Mode().Perm()&0o077 != 0:
		return os.Chmod(path, 0o600)
	}
	return nil
}

func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) { // another program has just made it, as we would
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), syncDir(filepath.Dir(path)))
}

func (db *DB) connect(ctx context.Context, steps []migration) (err error) {
	if db.write, err = openPool(writing(db.path, db.options)); err != nil {
		return err
	}
	db.write.SetMaxOpenConns(1)
	if db.conn, err = db.write.Conn(ctx); err != nil {
		return err
	}
	if err := db.migrate(ctx, steps); err != nil {
		return err
	}
	if db.read, err = openPool(reading(db.path, db.options)); err != nil {
		return err
	}
	db.read.SetMaxOpenConns(db.options.Readers)
	db.read.SetMaxIdleConns(db.options.Readers)
	return db.read.PingContext(ctx)
}

// Read is a pool of connections that cannot write. A question sees one instant of
// the database; it neither waits for writers nor holds them up.
func (db *DB) Read() *sql.DB { return db.read }

// Path is the file.
func (db *DB) Path() string { return db.path }

// Close serves the writes that already wait, refuses later ones, and closes the file.
func (db *DB) Close() error {
	db.mu.Lock()
	again := db.closed
	db.closed = true
	db.mu.Unlock()
	if again {
		return nil
	}
	db.writers.Wait()
	close(db.stop)
	<-db.stopped
	return db.disconnect()
}

// disconnect closes the writer last: it is the one that may empty the WAL into the file.
func (db *DB) disconnect() error {
	var errs []error
	if db.read != nil {
		errs = append(errs, db.read.Close())
	}
	for _, s := range db.stmts {
		errs = append(errs, s.Close())
	}
	if db.conn != nil {
		errs = append(errs, db.conn.Close())
	}
	if db.write != nil {
		errs = append(errs, db.write.Close())
	}
	return errors.Join(errs...)
}

// Check reads the whole file and says what is broken in it; nil when nothing is.
func (db *DB) Check(ctx context.Context) error { return check(ctx, db.read, db.path) }

func check(ctx context.Context, pool *sql.DB, path string) error {
	var verdict string
	if err := pool.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return explain(path, err)
	}
	if verdict != "ok" {
		return explain(path, fmt.Errorf("%w: %s", errDamaged, verdict))
	}
	var table string
	err := pool.QueryRowContext(ctx, `SELECT "table" FROM pragma_foreign_key_check LIMIT 1`).Scan(&table)
	if err == nil {
		return explain(path, fmt.Errorf("%w: a row of %s points to nothing", errDamaged, table))
	}
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return explain(path, err)
}
