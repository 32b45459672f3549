package archive

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"
)

// Write writes an archive to the file to. It grows beside it, in a file of the same
// name and .part, which is left when Write is stopped: the next one of the same data
// folder goes on there. Nothing bears the name to before it is whole.
func Write(ctx context.Context, to string, head Head, files []File, parts []Named, told Progress) (err error) {
	w, err := openWriter(to+".part", head)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.file.Close()) }()
	total := 0
	for _, p := range parts {
		n, err := p.Count(ctx)
		if err != nil {
			return fmt.Errorf("count %s: %w", p.Name, err)
		}
		total += n
	}
	if w.lines == nil {
		if err := w.begin(head, files); err != nil {
			return err
		}
	}
	w.told = func() { told(w.done(), total) }
	for _, p := range parts {
		if err := w.part(ctx, p); err != nil {
			return fmt.Errorf("write %s: %w", p.Name, err)
		}
	}
	return w.finish(to)
}

// writer writes the members of one archive.
type writer struct {
	file   *os.File
	tar    *tar.Writer
	madeAt time.Time
	told   func()

	// What an earlier Write has left, by part; nil when there was none.
	lines  map[string]int
	chunks map[string]int
	last   map[string]string
}

// openWriter opens what an earlier Write has left when it is of the same data
// folder, cut after its last whole member, else an empty file.
func openWriter(path string, head Head) (*writer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make %s: %w", path, err)
	}
	w := &writer{file: f, madeAt: head.MadeAt, chunks: map[string]int{}, last: map[string]string{}}
	whole, err := w.recall(head)
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("go on with %s: %w", path, err), f.Close())
	}
	w.tar = tar.NewWriter(f)
	return w, nil
}

// recall reads what was left and returns where its last whole member ends, 0 when
// it is another's or not ours at all.
func (w *writer) recall(head Head) (whole int64, err error) {
	info, err := w.file.Stat()
	if err != nil {
		return 0, err
	}
	at := &counter{r: w.file}
	in := tar.NewReader(at)
	for {
		h, err := in.Next()
		if err != nil || h.Name == endName {
			return whole, nil // where it was cut
		}
		body, err := io.ReadAll(io.LimitReader(in, mostMember))
		ends := (at.n + block - 1) / block * block
		if err != nil || int64(len(body)) != h.Size || info.Size() < ends {
			return whole, nil
		}
		if whole == 0 && !w.mine(h.Name, body, head) {
			return 0, nil
		}
		w.know(h.Name, body)
		whole = ends
	}
}

// block is what a tar is made of.
const block = 512

// mine tells whether the first member is of an archive that may be gone on with.
func (w *writer) mine(name string, body []byte, head Head) bool {
	var left Head
	if name != headName || decode(body, &left) != nil || left.Format != Format || left.Of != head.Of {
		return false
	}
	w.madeAt, w.lines = left.MadeAt, map[string]int{}
	return true
}

func (w *writer) know(name string, body []byte) {
	if part := partOf(name); part != "" {
		all := bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
		w.lines[part] += len(all)
		w.chunks[part]++
		w.last[part] = string(all[len(all)-1])
	}
}

func (w *writer) begin(head Head, files []File) error {
	w.lines = map[string]int{}
	body, err := json.Marshal(head)
	if err != nil {
		return err
	}
	if err := w.member(headName, body); err != nil {
		return err
	}
	for _, f := range files {
		if err := w.member(path.Join(setUp, f.Name), f.Body); err != nil {
			return err
		}
	}
	return nil
}

// part writes what a part has after what is written already.
func (w *writer) part(ctx context.Context, p Named) error {
	var chunk bytes.Buffer
	lines := 0
	flush := func() error {
		if lines == 0 {
			return nil
		}
		w.chunks[p.Name]++
		if err := w.member(member(p.Name, w.chunks[p.Name]), chunk.Bytes()); err != nil {
			return err
		}
		w.lines[p.Name] += lines
		chunk.Reset()
		lines = 0
		w.told()
		return nil
	}
	err := p.Each(ctx, w.last[p.Name], func(line []byte) error {
		if lines == chunkLines || lines > 0 && chunk.Len()+len(line) > chunkBytes {
			if err := flush(); err != nil {
				return err
			}
		}
		chunk.Write(line)
		chunk.WriteByte('\n')
		lines++
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	return flush()
}

func (w *writer) done() (n int) {
	for _, lines := range w.lines {
		n += lines
	}
	return n
}

func (w *writer) member(name string, body []byte) error {
	h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(body)), ModTime: w.madeAt.Truncate(time.Second), Format: tar.FormatUSTAR}
	if err := w.tar.WriteHeader(h); err != nil {
		return err
	}
	if _, err := w.tar.Write(body); err != nil {
		return err
	}
	return w.tar.Flush()
}

// finish closes the archive and gives it its name.
func (w *writer) finish(to string) error {
	body, err := json.Marshal(end{w.lines})
	if err == nil {
		err = w.member(endName, body)
	}
	if err == nil {
		err = w.tar.Close()
	}
	if err == nil {
		err = w.file.Sync()
	}
	if err == nil {
		err = os.Rename(w.file.Name(), to)
	}
	if err != nil {
		return fmt.Errorf("finish %s: %w", to, err)
	}
	return syncFolder(filepath.Dir(to))
}

// syncFolder makes a rename durable.
func syncFolder(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("open the folder of the archive: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

// counter counts what was read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}
