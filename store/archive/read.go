package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/ouidire/ouidire/internal/say"
)

// Memory remembers how far an archive was taken, so that an import that was stopped
// goes on there.
type Memory interface {
	// Taken is the last chunk of the archive called id that was taken, "" for none.
	Taken(ctx context.Context, id string) (chunk string, err error)
	SetTaken(ctx context.Context, id, chunk string) error
}

// Result is what became of an archive's lines.
type Result struct {
	Lines   map[string]int // by part, those of chunks taken earlier too
	Unfit   int            // lines that hold nothing that could be kept
	Unknown []string       // parts that this version does not know
}

// How a file can be no whole archive.
var (
	// ErrNone is a file that is no archive.
	ErrNone = say.Errorf(say.Text{
		EN: "this is not a file made by ouidire export; for one made by ouidire backup use ouidire restore",
		FR: "ce fichier ne vient pas de ouidire export; pour un fichier de ouidire backup, utilisez ouidire restore",
	})
	// ErrCut is an archive that ends too early: what it holds was taken.
	ErrCut = say.Errorf(say.Text{
		EN: "the file is cut: what it holds is imported, the rest is missing; export it again and import that, nothing will be doubled",
		FR: "le fichier est incomplet\u00a0: ce qu’il contient est importé, le reste manque; exportez-le de nouveau et importez le résultat, rien ne sera en double",
	})
	// ErrNewer is an archive of a version to come.
	ErrNewer = say.Errorf(say.Text{
		EN: "this file was made by a newer ouidire; install that version first",
		FR: "ce fichier vient d’une version plus récente d’ouidire; installez d’abord cette version",
	})
)

// SetUp is the files of the set-up that an archive holds.
func SetUp(from string) (files []File, err error) {
	f, err := os.Open(from)
	if err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	defer f.Close()
	r := &reader{tar: tar.NewReader(f)}
	if _, err := r.head(); err != nil {
		return nil, err
	}
	for {
		name, body, err := r.next()
		if err != nil || name != path.Join(setUp, path.Base(name)) {
			return files, nil // Read says what is wrong with the rest
		}
		files = append(files, File{Name: path.Base(name), Body: body})
	}
}

// Read takes an archive part by part, in its order, and leaves its set-up. Repeated
// it changes nothing. It goes on where an earlier Read of the same archive was
// stopped.
func Read(ctx context.Context, from string, parts []Named, memory Memory, told Progress) (head Head, found Result, err error) {
	f, err := os.Open(from)
	if err != nil {
		return Head{}, Result{}, fmt.Errorf("open the archive: %w", err)
	}
	defer f.Close()
	size := 0
	if info, err := f.Stat(); err == nil {
		size = int(info.Size())
	}
	at := &counter{r: f}
	r := &reader{tar: tar.NewReader(at), parts: parts, memory: memory, found: Result{Lines: map[string]int{}},
		told: func() { told(int(at.n), size) }}
	head, err = r.head()
	if err == nil {
		err = r.members(ctx, head.ID)
	}
	return head, r.found, err
}

type reader struct {
	tar    *tar.Reader
	parts  []Named
	memory Memory
	told   func()
	found  Result
}

func (r *reader) head() (head Head, err error) {
	name, body, err := r.next()
	if err != nil || name != headName || decode(body, &head) != nil || head.ID == "" {
		return Head{}, ErrNone
	}
	if head.Format > Format {
		return head, ErrNewer
	}
	return head, nil
}

// next is the next member. A file that ends within one is io.ErrUnexpectedEOF.
func (r *reader) next() (name string, body []byte, err error) {
	h, err := r.tar.Next()
	if err != nil {
		return "", nil, err
	}
	if h.Size > mostMember {
		return "", nil, say.Errorf(say.Text{EN: "%s is larger than ouidire ever writes: the file is damaged", FR: "%s est plus gros que ce qu’ouidire écrit\u00a0: le fichier est endommagé"}, h.Name)
	}
	body, err = io.ReadAll(r.tar)
	return h.Name, body, err
}

func (r *reader) members(ctx context.Context, id string) error {
	taken, err := r.memory.Taken(ctx, id)
	if err != nil {
		return fmt.Errorf("recall what was imported: %w", err)
	}
	for {
		name, body, err := r.next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, tar.ErrHeader):
			return ErrCut
		case err != nil:
			return err
		case name == endName:
			return nil
		}
		if partOf(name) != "" {
			if err := r.chunk(ctx, id, name, body, taken != ""); err != nil {
				return err
			}
		}
		if name == taken {
			taken = ""
		}
		r.told()
	}
}

// chunk takes one chunk and remembers that it did, unless that was done before.
func (r *reader) chunk(ctx context.Context, id, name string, body []byte, before bool) error {
	part := partOf(name)
	lines := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
	for _, p := range r.parts {
		if p.Name != part {
			continue
		}
		r.found.Lines[part] += len(lines)
		if before {
			return nil
		}
		unfit, err := p.Take(ctx, lines)
		if err != nil {
			return fmt.Errorf("import %s: %w", name, err)
		}
		r.found.Unfit += unfit
		if err := r.memory.SetTaken(ctx, id, name); err != nil {
			return fmt.Errorf("remember that %s is imported: %w", name, err)
		}
		return nil
	}
	if n := len(r.found.Unknown); n == 0 || r.found.Unknown[n-1] != part {
		r.found.Unknown = append(r.found.Unknown, part)
	}
	return nil
}
