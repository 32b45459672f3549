package powerloss

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Trace is what a program did to a folder.
type Trace struct {
	events []event // in the order in which they ended
	lines  int
}

// How is what becomes of what was not synced.
type How int

// The fates.
const (
	Dropped How = iota // none of it survives
	Torn               // some of it, and of some of that only sectors
	Kept               // all of it: what kill -9 shows
)

func (h How) String() string { return [...]string{"dropped", "torn", "kept"}[h] }

// Len is how many instants there are: power may go at 0 to Len.
func (t *Trace) Len() int { return t.lines }

// Said returns the lines that the program had begun to say by an instant: what
// they promise, it must keep.
func (t *Trace) Said(at int) []string {
	var all strings.Builder
	for _, e := range t.events {
		if e.what == say && e.from <= at {
			all.Write(e.data)
		}
	}
	lines := strings.Split(all.String(), "\n")
	return lines[:len(lines)-1]
}

// Syncs is how often the program synced something in the folder.
func (t *Trace) Syncs() (n int) {
	for _, e := range t.events {
		if e.what == sync {
			n++
		}
	}
	return n
}

// Lose builds in the empty folder into what a disk may hold after the power went
// at an instant. Equal chances give equal folders.
func (t *Trace) Lose(at int, how How, chances *rand.Rand, into string) error {
	d := disk{now: map[string]*file{}, durable: map[string]*file{}}
	for _, e := range t.events {
		if e.to <= at {
			d.apply(e)
		}
	}
	for _, e := range t.events {
		if e.from <= at && at < e.to && e.what != sync { // under way: it may have happened
			d.apply(e)
		}
	}
	if err := d.build(how, chances, into); err != nil {
		return fmt.Errorf("build the folder as of instant %d: %w", at, err)
	}
	return nil
}

// disk is a folder in the kernel's eyes and on the platter.
type disk struct {
	now, durable map[string]*file
	names        []event // changes of names that are not durable
	files        []*file // of names
}

// file is one file, whatever its names.
type file struct {
	durable []byte
	changes []event // writes and truncations that are not durable
}

func (d *disk) apply(e event) {
	f := d.now[e.path]
	switch e.what {
	case create:
		f = &file{}
		d.now[e.path] = f
		d.rename(e, f)
	case write, truncate:
		if f != nil { // nil: unlinked, but still open
			f.changes = append(f.changes, e)
		}
	case rename:
		delete(d.now, e.path)
		d.now[e.target] = f
		d.rename(e, f)
	case unlink:
		delete(d.now, e.path)
		d.rename(e, f)
	case sync:
		if f == nil {
			d.syncFolder(e.path)
			return
		}
		d.syncFile(f, e)
	}
}

func (d *disk) rename(e event, f *file) {
	if f == nil {
		return // a folder, or the other name of -shm
	}
	d.names, d.files = append(d.names, e), append(d.files, f)
}

// syncFile keeps what was written before the sync began, and the name the file was made with.
func (d *disk) syncFile(f *file, e event) {
	var later []event
	for _, c := range f.changes {
		if c.to < e.from {
			f.durable = change(f.durable, c)
		} else {
			later = append(later, c)
		}
	}
	f.changes = later
	d.keepNames(func(n event, of *file) bool { return n.what == create && of == f })
}

func (d *disk) syncFolder(path string) {
	d.keepNames(func(n event, _ *file) bool {
		in := filepath.Dir(n.path)
		return in == path || in == "." && path == ""
	})
}

// keepNames makes changes of names durable, in their order.
func (d *disk) keepNames(which func(event, *file) bool) {
	var names []event
	var files []*file
	for i, n := range d.names {
		if which(n, d.files[i]) {
			rewrite(d.durable, n, d.files[i])
			continue
		}
		names, files = append(names, n), append(files, d.files[i])
	}
	d.names, d.files = names, files
}

func rewrite(names map[string]*file, n event, f *file) {
	switch n.what {
	case create:
		names[n.path] = f
	case rename:
		if names[n.path] == f {
			delete(names, n.path)
		}
		names[n.target] = f
	case unlink:
		if names[n.path] == f {
			delete(names, n.path)
		}
	}
}

// change is a file's content after a write or a truncation.
func change(content []byte, c event) []byte {
	if c.what == truncate {
		return resize(content, c.size)
	}
	content = resize(content, max(int64(len(content)), c.offset+int64(len(c.data))))
	copy(content[c.offset:], c.data)
	return content
}

func resize(content []byte, size int64) []byte {
	if size <= int64(len(content)) {
		return content[:size:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}

func (d *disk) build(how How, chances *rand.Rand, into string) error {
	names := maps.Clone(d.durable)
	survive := map[How]int{Dropped: 0, Kept: len(d.names)}
	if how == Torn {
		survive[Torn] = chances.IntN(len(d.names) + 1)
	}
	for i, n := range d.names[:survive[how]] {
		rewrite(names, n, d.files[i])
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		path := filepath.Join(into, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, names[name].after(how, chances), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// after is what a file holds when the power is back.
func (f *file) after(how How, chances *rand.Rand) []byte {
	content := slices.Clone(f.durable)
	switch how {
	case Kept:
		for _, c := range f.changes {
			content = change(content, c)
		}
	case Torn:
		for _, c := range luck(f.changes, chances) {
			content = change(content, c)
		}
	}
	return content
}

// luck is which changes survive: either those up to some point, the last of them
// torn, or each for itself.
func luck(changes []event, chances *rand.Rand) (kept []event) {
	if len(changes) == 0 {
		return nil
	}
	if chances.IntN(2) == 0 {
		last := chances.IntN(len(changes))
		return append(slices.Clone(changes[:last]), tear(changes[last], chances)...)
	}
	for _, c := range changes {
		switch chances.IntN(3) {
		case 0:
			kept = append(kept, c)
		case 1:
			kept = append(kept, tear(c, chances)...)
		}
	}
	return kept
}

// tear keeps some sectors of a write.
func tear(c event, chances *rand.Rand) (parts []event) {
	if c.what == truncate {
		return nil
	}
	for at := int64(0); at < int64(len(c.data)); {
		end := min(int64(len(c.data)), ((c.offset+at)/sector+1)*sector-c.offset)
		if chances.IntN(2) == 0 {
			parts = append(parts, event{what: write, offset: c.offset + at, data: c.data[at:end]})
		}
		at = end
	}
	return parts
}
