package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
)

// Backup writes a consistent copy of the database to path while everything goes
// on. The copy is complete and on disk before it bears its name; what bore it
// before is replaced.
func (db *DB) Backup(ctx context.Context, path string) error { return Copy(ctx, db.path, path) }

// Copy is Backup of a database that this process has not opened; another one may
// be writing to it.
func Copy(ctx context.Context, from, to string) (err error) {
	pool, err := open(ctx, from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	return explain(to, copyTo(ctx, pool, to))
}

// Verify reads a whole database that this process has not opened, says what is
// broken in it, and which version of its schema it has.
func Verify(ctx context.Context, path string) (version int, err error) {
	pool, err := open(ctx, path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, pool.Close()) }()
	if err := pool.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return 0, explain(path, err)
	}
	return version, check(ctx, pool, path)
}

// open asks nothing of the file's journal, as a copy that lies alone has none, and
// is not query_only: SQLite would refuse to write the copy too.
func open(ctx context.Context, path string) (*sql.DB, error) {
	o := Options{}.withDefaults()
	pool, err := openPool(connection{path: path, mode: "ro", pragmas: shared(o, o.ReadCacheKiB)})
	if err != nil {
		return nil, explain(path, err)
	}
	if err := pool.PingContext(ctx); err != nil {
		return nil, explain(path, errors.Join(err, pool.Close()))
	}
	return pool, nil
}

// asker is a pool or one connection of it.
type asker interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// copyTo lets SQLite write the copy beside its place, and moves it there once it is on disk.
func copyTo(ctx context.Context, from asker, path string) error {
	part, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".part-*") // made 0600
	if err != nil {
		return err
	}
	defer os.Remove(part.Name()) // gone already when all went well
	_, err = from.ExecContext(ctx, "VACUUM INTO ?", part.Name())
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes names that were made in a folder survive a cut of the power.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
