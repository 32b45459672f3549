package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
)

var (
	textNotEmpty = say.Text{
		EN: "the folder %[1]s is not empty: restore into an empty one, or move aside what it holds",
		FR: "le dossier %[1]s n’est pas vide\u00a0: restaurez dans un dossier vide, ou déplacez d’abord ce qu’il contient",
	}
	textBroken = say.Text{
		EN: "the backup %[1]s is cut or was altered, and nothing was restored: use another backup (%[2]v)",
		FR: "la copie de sauvegarde %[1]s est tronquée ou a été modifiée, et rien n’a été restauré\u00a0: utilisez-en une autre (%[2]v)",
	}
	textNewer = say.Text{
		EN: "the backup %[1]s was made by a newer ouidire (%[2]s): install that version, then restore",
		FR: "la copie de sauvegarde %[1]s a été faite par une version plus récente d’ouidire (%[2]s)\u00a0: installez cette version, puis restaurez",
	}
)

// partName is where databases are unpacked and looked over before they get their place.
const partName = ".restore-part"

// Restore takes the databases of the backup from into folder, which must be empty
// or missing. The whole file is checked before anything is written, and each
// database again before it is given its name; state.db comes last, so that a
// daemon never finds it without the others. Nothing is left after an error.
func Restore(ctx context.Context, from, folder string) (Manifest, error) {
	if err := empty(folder); err != nil {
		return Manifest{}, err
	}
	file, whole, err := open(from)
	if err != nil {
		return Manifest{}, fmt.Errorf("open the backup: %w", err)
	}
	defer file.Close()
	m, err := verify(ctx, whole)
	if err != nil {
		return Manifest{}, explain(from, m, err)
	}
	if err := fill(ctx, whole, m, folder); err != nil {
		return Manifest{}, explain(from, m, err)
	}
	return m, syncFolder(folder)
}

func fill(ctx context.Context, whole *io.SectionReader, m Manifest, folder string) (err error) {
	made := os.Mkdir(folder, 0o700)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	defer func() {
		if err != nil && made == nil {
			err = errors.Join(err, os.Remove(folder)) // it was not there before
		}
	}()
	part := filepath.Join(folder, partName)
	if err := os.Mkdir(part, 0o700); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(part)) }()
	if err := unpack(ctx, whole, m, part); err != nil {
		return err
	}
	return place(m, part, folder)
}

// Verify reads a whole backup and says what it holds, or what is wrong with it.
func Verify(ctx context.Context, from string) (Manifest, error) {
	file, whole, err := open(from)
	if err != nil {
		return Manifest{}, fmt.Errorf("open the backup: %w", err)
	}
	defer file.Close()
	m, err := verify(ctx, whole)
	if err != nil {
		return Manifest{}, explain(from, m, err)
	}
	return m, nil
}

func open(path string) (*os.File, *io.SectionReader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, io.NewSectionReader(file, 0, info.Size()), nil
}

func empty(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the folder to restore to: %w", err)
	}
	if len(entries) > 0 {
		return say.Errorf(textNotEmpty, folder)
	}
	return nil
}

var (
	errBroken = errors.New("the backup is not whole")
	errNewer  = errors.New("the backup is of a newer format")
)

func explain(path string, m Manifest, err error) error {
	switch {
	case errors.Is(err, errNewer):
		return say.Errorf(textNewer, path, m.Version)
	case errors.Is(err, errBroken):
		return say.Errorf(textBroken, path, err)
	}
	return fmt.Errorf("restore %s: %w", path, err)
}

func broken(format string, args ...any) error {
	return fmt.Errorf("%w: %w", errBroken, fmt.Errorf(format, args...))
}

// verify checks the seal first: what it covers may then be believed.
func verify(ctx context.Context, whole *io.SectionReader) (Manifest, error) {
	if err := checkSeal(ctx, whole); err != nil {
		return Manifest{}, err
	}
	var m Manifest
	entries := 0
	err := each(ctx, whole, func(i int, h *tar.Header, content io.Reader) error {
		entries = i + 1
		if i == 0 {
			return readManifest(h, content, &m)
		}
		f, err := m.expect(i, h)
		if err != nil {
			return err
		}
		if f.Size > whole.Size() {
			return broken("%s is said to be larger than the backup", f.Name) // a hole that would fill the disk
		}
		return f.check(content, io.Discard)
	})
	if err == nil && (len(m.Files) == 0 || entries != 1+len(m.Files)) {
		err = broken("it holds %d databases, its manifest speaks of %d", max(entries-1, 0), len(m.Files))
	}
	return m, err
}

func checkSeal(ctx context.Context, whole *io.SectionReader) error {
	body := whole.Size() - sealSize
	if body < 0 {
		return broken("%d bytes are too few", whole.Size())
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, until(ctx, io.NewSectionReader(whole, 0, body))); err != nil {
		return err
	}
	end := tar.NewReader(io.NewSectionReader(whole, body, sealSize))
	h, err := end.Next()
	if err != nil || h.Name != sealName {
		return broken("its end is missing")
	}
	seal, err := io.ReadAll(end)
	if err != nil || !bytes.Equal(seal, []byte(hex.EncodeToString(sum.Sum(nil)))) {
		return broken("its seal does not fit")
	}
	return nil
}

// each gives the entries before the seal.
func each(ctx context.Context, whole *io.SectionReader, f func(i int, h *tar.Header, content io.Reader) error) error {
	r := tar.NewReader(until(ctx, io.NewSectionReader(whole, 0, whole.Size()-sealSize)))
	for i := 0; ; i++ {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return broken("entry %d: %w", i+1, err)
		}
		if err := f(i, h, r); err != nil {
			return err
		}
	}
}

func readManifest(h *tar.Header, content io.Reader, m *Manifest) error {
	if h.Name != manifestName || h.Size > mostManifest {
		return broken("it does not begin with its manifest")
	}
	if err := json.NewDecoder(content).Decode(m); err != nil {
		return broken("its manifest: %w", err)
	}
	if m.Format > Format {
		return errNewer
	}
	for _, f := range m.Files {
		if !isDatabase(f.Name) {
			return broken("%q is not the name of a database", f.Name)
		}
	}
	return nil
}

// expect is the file that the manifest promises as entry i.
func (m *Manifest) expect(i int, h *tar.Header) (File, error) {
	if i > len(m.Files) {
		return File{}, broken("its manifest does not speak of %q", h.Name)
	}
	f := m.Files[i-1]
	if f.Name != h.Name || f.Size != h.Size || h.Typeflag != tar.TypeReg {
		return File{}, broken("%q stands where its manifest promises %q", h.Name, f.Name)
	}
	return f, nil
}

// check copies the content and compares it with what the manifest says.
func (f File) check(content io.Reader, to io.Writer) error {
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(to, sum), content); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return broken("%s differs from what its manifest says", f.Name)
	}
	return nil
}

func unpack(ctx context.Context, whole *io.SectionReader, m Manifest, part string) error {
	return each(ctx, whole, func(i int, h *tar.Header, content io.Reader) error {
		if i == 0 {
			return nil
		}
		f, err := m.expect(i, h)
		if err != nil {
			return err
		}
		return f.unpack(ctx, content, filepath.Join(part, f.Name))
	})
}

func (f File) unpack(ctx context.Context, content io.Reader, path string) error {
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = f.check(content, out)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return err
	}
	schema, err := sqlite.Verify(ctx, path)
	if err != nil {
		return broken("%w", err)
	}
	if schema != f.Schema {
		return broken("%s has schema %d, its manifest says %d", f.Name, schema, f.Schema)
	}
	return nil
}

// place gives the files their names, state.db last; after an error none has one.
func place(m Manifest, part, folder string) error {
	for i := len(m.Files) - 1; i >= 0; i-- { // Create puts state.db first
		name := m.Files[i].Name
		if err := os.Rename(filepath.Join(part, name), filepath.Join(folder, name)); err != nil {
			for _, done := range m.Files[i+1:] {
				err = errors.Join(err, os.Remove(filepath.Join(folder, done.Name)))
			}
			return err
		}
	}
	return nil
}
