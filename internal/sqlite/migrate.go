package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"

	"github.com/ouidire/ouidire/internal/say"
)

// copiesKept is how many copies made before migrations are left beside a database.
const copiesKept = 3

// migration is one step of the schema.
type migration struct {
	number int
	name   string
	text   string
}

var migrationName = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)

// readMigrations reads the steps in order: step n is numbered n.
func readMigrations(from fs.FS) ([]migration, error) {
	names, err := fs.Glob(from, "*.sql")
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("there are none")
	}
	slices.Sort(names)
	steps := make([]migration, len(names))
	for i, name := range names {
		parts := migrationName.FindStringSubmatch(name)
		if parts == nil {
			return nil, fmt.Errorf("%s is not named like 0001_what_it_makes.sql", name)
		}
		number, _ := strconv.Atoi(parts[1])
		if number != i+1 {
			return nil, fmt.Errorf("%s stands where number %04d belongs", name, i+1)
		}
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		steps[i] = migration{number: number, name: name, text: string(text)}
	}
	return steps, nil
}

var textNewer = say.Text{
	EN: "%[1]s was written by a newer ouidire (version %[2]d; this program knows %[3]d). Install the newer program again, or put back a backup made with this one.",
	FR: "%[1]s a été écrit par une version plus récente d’ouidire (version %[2]d; ce programme connaît la version %[3]d). Réinstallez le programme plus récent, ou remettez une copie de sauvegarde faite avec celui-ci.",
}

// migrate brings the file to the newest schema, each step whole or not at all.
func (db *DB) migrate(ctx context.Context, steps []migration) error {
	var version int
	if err := db.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return fmt.Errorf("ask for the version: %w", err)
	}
	if version > len(steps) {
		return say.Errorf(textNewer, db.path, version, len(steps))
	}
	if version == len(steps) {
		return nil
	}
	if version > 0 {
		if err := db.copyBefore(ctx, version); err != nil {
			return err
		}
	}
	for _, step := range steps[version:] {
		if err := db.apply(ctx, step); err != nil {
			return fmt.Errorf("migration %s: %w", step.name, err)
		}
	}
	return nil
}

// apply runs one step. Foreign keys are looked at when it is done, not while a
// table is being rebuilt, and the switch works outside transactions only.
func (db *DB) apply(ctx context.Context, step migration) (err error) {
	if _, err := db.conn.ExecContext(ctx, "PRAGMA foreign_keys=0"); err != nil {
		return err
	}
	defer func() {
		_, on := db.conn.ExecContext(ctx, "PRAGMA foreign_keys=1")
		err = errors.Join(err, on)
	}()
	if _, err := db.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	if err := db.applyInside(ctx, step); err != nil {
		_, undo := db.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return errors.Join(err, undo)
	}
	_, err = db.conn.ExecContext(ctx, "COMMIT")
	return err
}

func (db *DB) applyInside(ctx context.Context, step migration) error {
	var version int // another program may have taken this step while we waited for the lock
	if err := db.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version >= step.number {
		return nil
	}
	if _, err := db.conn.ExecContext(ctx, step.text); err != nil {
		return err
	}
	var broken int
	if err := db.conn.QueryRowContext(ctx, "SELECT count(*) FROM pragma_foreign_key_check").Scan(&broken); err != nil {
		return err
	}
	if broken > 0 {
		return fmt.Errorf("%d rows point to nothing", broken)
	}
	_, err := db.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version=%d", step.number))
	return err
}

// copyBefore keeps the database as the older program left it, and of such copies
// the newest few.
func (db *DB) copyBefore(ctx context.Context, version int) error {
	if err := db.sweep(); err != nil {
		return err
	}
	at := db.options.Now().UTC().Format("20060102T150405Z")
	name := fmt.Sprintf("%s.v%04d-%s.copy", db.path, version, at)
	if err := copyTo(ctx, db.conn, name); err != nil {
		return fmt.Errorf("copy the database before its migration: %w", err)
	}
	return db.prune()
}

// sweep removes copies that a killed program left unfinished.
func (db *DB) sweep() error {
	parts, err := filepath.Glob(globEscape(db.path) + ".v*.copy.part-*")
	for _, part := range parts {
		err = errors.Join(err, os.Remove(part))
	}
	return err
}

func (db *DB) prune() error {
	copies, err := filepath.Glob(globEscape(db.path) + ".v[0-9][0-9][0-9][0-9]-*.copy")
	if err != nil {
		return err
	}
	slices.Sort(copies) // by version, then by date
	for len(copies) > copiesKept {
		if err := os.Remove(copies[0]); err != nil {
			return err
		}
		copies = copies[1:]
	}
	return nil
}

var globSpecial = regexp.MustCompile(`[\\*?\[]`)

func globEscape(path string) string { return globSpecial.ReplaceAllString(path, `\$0`) }
