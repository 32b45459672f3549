// Package backup puts a consistent copy of a data folder's databases into one file
// while a daemon may be writing to them, and takes them out again, also on another
// machine. The file is a tar: manifest.json, which also carries what people set on the
// page, the databases, and last a seal, the SHA-256 of everything before it. Read Create, then Restore.
package backup

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
)

const (
	// Format is the version of the file's own layout.
	Format = 1

	manifestName = "manifest.json"
	sealName     = "seal.sha256"
	// sealSize is a header, one block with the sum, and the two blocks that end a tar.
	sealSize = 4 * 512
	// mostManifest bounds what is read before anything is believed.
	mostManifest = 4 << 20
)

// Manifest says what a backup holds.
type Manifest struct {
	Format  int       `json:"format"`
	Version string    `json:"ouidire_version"` // of the program that made it
	MadeAt  time.Time `json:"made_at"`
	Files   []File    `json:"files"`
	// Page is what people set on the page, with the secrets that it names.
	Page []config.PageFile `json:"page,omitempty"`
}

// File is one database of a backup.
type File struct {
	Name   string    `json:"name"`
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256"`
	Schema int       `json:"schema_version"`
	At     time.Time `json:"at"` // it holds what was committed before this instant
}

// Maker is who makes a backup.
type Maker struct {
	Version string            // of the program
	Now     func() time.Time  // the clock
	Page    []config.PageFile // carried along; the configuration written by hand is not
}

var textNothing = say.Text{
	EN: "the folder %[1]s holds no database of ouidire: name the data folder of the configuration",
	FR: "le dossier %[1]s ne contient aucune base de données d’ouidire\u00a0: indiquez le dossier de données de la configuration",
}

// Create writes a backup of the databases in folder to the file to, whole or not
// at all; what bore that name is replaced. state.db is copied first: what is kept
// while the others are copied will be fetched again, and stable ids make the
// repeat harmless, whereas the other way round it would be missing for good.
func (m Maker) Create(ctx context.Context, folder, to string) (made Manifest, err error) {
	databases, err := find(folder)
	if err != nil {
		return Manifest{}, err
	}
	work, err := os.MkdirTemp(filepath.Dir(to), ".backup-*")
	if err != nil {
		return Manifest{}, fmt.Errorf("make room for a backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	made = Manifest{Format: Format, Version: m.Version, MadeAt: m.Now().UTC(), Page: m.Page}
	for _, name := range databases {
		f, err := m.copy(ctx, filepath.Join(folder, name), filepath.Join(work, name))
		if err != nil {
			return Manifest{}, fmt.Errorf("copy %s: %w", name, err)
		}
		made.Files = append(made.Files, f)
	}
	if err := pack(ctx, work, to, made); err != nil {
		return Manifest{}, fmt.Errorf("write %s: %w", to, err)
	}
	return made, nil
}

// find names the databases of a folder, state.db first.
func find(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("look into the data folder: %w", err)
	}
	var names []string
	for _, e := range entries {
		if isDatabase(e.Name()) && e.Type().IsRegular() {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return nil, say.Errorf(textNothing, folder)
	}
	slices.SortStableFunc(names, func(a, b string) int { return rank(a) - rank(b) })
	return names, nil
}

func rank(name string) int {
	if name == "state.db" {
		return 0
	}
	return 1
}

// isDatabase takes plain names only: it also guards what is unpacked.
func isDatabase(name string) bool {
	base, ok := strings.CutSuffix(name, ".db")
	return ok && base != "" && strings.Trim(base, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func (m Maker) copy(ctx context.Context, from, to string) (File, error) {
	at := m.Now().UTC()
	if err := sqlite.Copy(ctx, from, to); err != nil {
		return File{}, err
	}
	schema, err := sqlite.Verify(ctx, to)
	if err != nil {
		return File{}, err
	}
	size, sum, err := hash(to)
	return File{Name: filepath.Base(to), Size: size, SHA256: sum, Schema: schema, At: at}, err
}

func hash(path string) (size int64, sum string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return size, hex.EncodeToString(h.Sum(nil)), err
}

// pack writes beside the file's place, and moves it there once it is on disk.
func pack(ctx context.Context, work, to string, m Manifest) error {
	part, err := os.CreateTemp(work, "part-*") // made 0600: it holds what people may not read
	if err != nil {
		return err
	}
	err = writeAll(ctx, part, work, m)
	if err == nil {
		err = part.Sync()
	}
	if err = errors.Join(err, part.Close()); err != nil {
		return err
	}
	if err := os.Rename(part.Name(), to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

func writeAll(ctx context.Context, part io.Writer, work string, m Manifest) error {
	sum := sha256.New()
	w := tar.NewWriter(io.MultiWriter(part, sum))
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := add(w, manifestName, m.MadeAt, int64(len(text)), strings.NewReader(string(text))); err != nil {
		return err
	}
	for _, f := range m.Files {
		if err := addFile(ctx, w, filepath.Join(work, f.Name), f); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	seal := hex.EncodeToString(sum.Sum(nil))
	if err := add(w, sealName, m.MadeAt, int64(len(seal)), strings.NewReader(seal)); err != nil {
		return err
	}
	return w.Close()
}

func addFile(ctx context.Context, w *tar.Writer, path string, f File) error {
	in, err := os.Open(path)
	if err != nil {
		return err
	}
	defer in.Close()
	return add(w, f.Name, f.At, f.Size, until(ctx, in))
}

func add(w *tar.Writer, name string, at time.Time, size int64, content io.Reader) error {
	h := &tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: at.Truncate(time.Second), Typeflag: tar.TypeReg}
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err := io.Copy(w, content)
	return err
}

// reader is a function that reads.
type reader func([]byte) (int, error)

func (r reader) Read(b []byte) (int, error) { return r(b) }

// until reads from r while ctx lasts: a database may be large.
func until(ctx context.Context, r io.Reader) io.Reader {
	return reader(func(b []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return r.Read(b)
	})
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
