package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/lock"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/store/archive"
	"github.com/ouidire/ouidire/store/state"
)

// Export writes the whole history and the set-up to the file to, also beside a
// running daemon. left are files of the set-up that stayed behind because they hold
// a secret in clear.
func Export(ctx context.Context, f *config.File, to string, o Options, told archive.Progress) (left []string, err error) {
	of, err := filepath.Abs(f.Data)
	if err != nil {
		return nil, fmt.Errorf("name the data folder: %w", err)
	}
	files, left, err := setUp(f)
	if err != nil {
		return nil, err
	}
	err = withHistory(ctx, f, o, func(h history) error {
		sum := sha256.Sum256([]byte(of))
		head := archive.Head{Format: archive.Format, ID: rand.Text(), Version: o.Version.Version, MadeAt: o.Now().UTC(),
			Organisation: f.Organisation.Name, Of: hex.EncodeToString(sum[:8])}
		return archive.Write(ctx, to, head, files, h.parts(), told)
	})
	return left, err
}

// Import takes an archive into the data folder, which no daemon may hold meanwhile.
// Repeated it changes nothing.
func Import(ctx context.Context, f *config.File, from string, o Options, told archive.Progress) (found archive.Result, err error) {
	if err := makeFolder(f.Data); err != nil {
		return found, err
	}
	folder, err := lock.Take(f.Data)
	if err != nil {
		return found, sqlite.Explain(filepath.Join(f.Data, "lock"), err)
	}
	defer func() { err = errors.Join(err, folder.Release()) }()
	err = withHistory(ctx, f, o, func(h history) error {
		_, found, err = archive.Read(ctx, from, h.parts(), importMemory{h.state}, told)
		return err
	})
	return found, err
}

// ImportSetUp writes the files of the set-up that an archive holds into a folder,
// leaves those that are there, and returns which it wrote.
func ImportSetUp(from, folder string) (written []string, err error) {
	files, err := archive.SetUp(from)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		path := filepath.Join(folder, f.Name)
		out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return written, fmt.Errorf("write %s: %w", path, err)
		}
		_, err = out.Write(f.Body)
		if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
			return written, fmt.Errorf("write %s: %w", path, err)
		}
		written = append(written, path)
	}
	return written, nil
}

// setUp is the files of the configuration, less those that hold a secret in clear.
func setUp(f *config.File) (files []archive.File, left []string, err error) {
	body, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the configuration: %w", err)
	}
	again, err := config.Parse(f.Path, body, os.LookupEnv, Kinds()) // Load is silent about a file that others cannot read
	if err != nil {
		return nil, nil, err
	}
	if slices.ContainsFunc(again.Warnings.List, func(m config.Mistake) bool { return m.Code == "secret_in_file" }) {
		return nil, []string{f.Path}, nil
	}
	return []archive.File{{Name: filepath.Base(f.Path), Body: body}}, nil, nil
}

// withHistory opens both databases for fn.
func withHistory(ctx context.Context, f *config.File, o Options, fn func(history) error) (err error) {
	db, err := state.Open(ctx, filepath.Join(f.Data, "state.db"), state.Options{Now: o.Now})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s, err := OpenStore(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return fn(history{s, db})
}
