package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/lock"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/store"
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
		if err := found(ctx, h.store, allKept); err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(of))
		head := archive.Head{Format: archive.Format, ID: rand.Text(), Version: o.Version.Version, MadeAt: o.Now().UTC(),
			Organisation: f.Organisation.Name, Of: hex.EncodeToString(sum[:8])}
		return archive.Write(ctx, to, head, files, h.parts(), told)
	})
	return left, err
}

// Import takes an archive into the data folder, which no daemon may hold meanwhile.
// Repeated it changes nothing.
func Import(ctx context.Context, f *config.File, from string, o Options, told archive.Progress) (result archive.Result, err error) {
	if err := makeFolder(f.Data); err != nil {
		return result, err
	}
	folder, err := lock.Take(f.Data)
	if err != nil {
		return result, sqlite.Explain(filepath.Join(f.Data, "lock"), err)
	}
	defer func() { err = errors.Join(err, folder.Release()) }()
	err = withHistory(ctx, f, o, func(h history) error {
		if _, result, err = archive.Read(ctx, from, h.parts(), importMemory{h.state}, told); err != nil {
			return err
		}
		return found(ctx, h.store, allKept)
	})
	return result, err
}

// allKept asks found for all that is kept, whenever it became known.
var allKept time.Time

// found returns once all that became known up to an instant can be found.
func found(ctx context.Context, s store.Store, upto time.Time) error {
	bell := make(chan struct{}, 1)
	s.OnFound(func() {
		select {
		case bell <- struct{}{}:
		default:
		}
	})
	defer s.OnFound(func() {})
	for {
		if waits := s.Waiting(); waits.IsZero() || !upto.Equal(allKept) && waits.After(upto) {
			return nil
		}
		select {
		case <-bell:
		case <-ctx.Done():
			return fmt.Errorf("wait for what is not searchable yet: %w", ctx.Err())
		}
	}
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

// setUp is the files of the configuration, less those in which a secret stands in
// clear or may stand: what lies over a setting hides it from the reader of both.
func setUp(f *config.File) (files []archive.File, left []string, err error) {
	page := config.PagePath(f.Path)
	body, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, nil, fmt.Errorf("read the configuration: %w", err)
	}
	over, err := os.ReadFile(page)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("read what was set on the page: %w", err)
	}
	both, err := config.ParseBoth(f.Path, body, over, os.LookupEnv, Kinds()) // Load is silent about a file that others cannot read
	if err != nil {
		return nil, nil, err
	}
	alone, err := config.Parse(f.Path, body, os.LookupEnv, Kinds())
	bare := func(m config.Mistake) bool { return m.Code == "secret_in_file" }
	inPage := func(m config.Mistake) bool { return bare(m) && m.File != "" }
	take := func(path string, body []byte, held bool) {
		if held {
			left = append(left, path)
		} else if body != nil {
			files = append(files, archive.File{Name: filepath.Base(path), Body: body})
		}
	}
	take(f.Path, body, err != nil || slices.ContainsFunc(alone.Warnings.List, bare))
	take(page, over, slices.ContainsFunc(both.Warnings.List, inPage))
	return files, left, nil
}

// withHistory opens both databases for fn.
func withHistory(ctx context.Context, f *config.File, o Options, fn func(history) error) error {
	return withState(ctx, f, o, func(db *state.DB) error {
		return withStore(ctx, f, func(s store.Store) error { return fn(history{s, db}) })
	})
}

// withState opens state.db for fn.
func withState(ctx context.Context, f *config.File, o Options, fn func(*state.DB) error) (err error) {
	db, err := state.Open(ctx, filepath.Join(f.Data, "state.db"), state.Options{Now: o.Now, Beat: o.Beat})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return fn(db)
}

// withStore opens the configured store for fn.
func withStore(ctx context.Context, f *config.File, fn func(store.Store) error) (err error) {
	s, err := OpenStore(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return fn(s)
}

// importMemory remembers in state.db how far an archive was taken.
type importMemory struct{ db *state.DB }

// importKey is the setting that holds it.
const importKey = "import"

type taken struct {
	Archive string `json:"archive"`
	Chunk   string `json:"chunk"`
}

// Taken implements archive.Memory.
func (m importMemory) Taken(ctx context.Context, id string) (string, error) {
	body, ok, err := m.db.Get(ctx, importKey)
	if err != nil || !ok {
		return "", err
	}
	var t taken
	if err := json.Unmarshal(body, &t); err != nil || t.Archive != id {
		return "", nil // another archive's, or nothing we can use: what is kept already stays as it is
	}
	return t.Chunk, nil
}

// SetTaken implements archive.Memory.
func (m importMemory) SetTaken(ctx context.Context, id, chunk string) error {
	body, err := json.Marshal(taken{id, chunk})
	if err != nil {
		return err
	}
	return m.db.Set(ctx, importKey, body)
}
