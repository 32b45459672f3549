package powerloss

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// event is one call that succeeded and matters. It began and ended at lines of the log.
type event struct {
	from, to int
	what     what
	path     string // below the folder, relative; "" is the folder itself
	target   string // of a rename
	data     []byte
	offset   int64
	size     int64 // of a truncation
}

type what int

const (
	say what = iota
	create
	write
	truncate
	rename
	unlink
	sync
)

// parser reads a log of strace.
type parser struct {
	folder string
	line   int
	open   map[string]begun // calls under way, by thread
	places map[string]int64 // where each descriptor writes next
	events []event
	known  map[string]bool // files that exist
}

// begun is the first half of a call that another thread's line cut in two.
type begun struct {
	text string
	line int
}

// mostLine bounds one call: four characters a byte, and its path.
const mostLine = 80 << 20

func parse(log io.Reader, folder string) (*Trace, error) {
	p := &parser{folder: folder, open: map[string]begun{}, places: map[string]int64{}, known: map[string]bool{}}
	lines := bufio.NewScanner(log)
	lines.Buffer(make([]byte, 1<<20), mostLine)
	for lines.Scan() {
		p.line++
		if err := p.read(lines.Text()); err != nil {
			return nil, fmt.Errorf("line %d of the log of strace: %w: %.300s", p.line, err, lines.Text())
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the log of strace: %w", err)
	}
	slices.SortStableFunc(p.events, func(a, b event) int { return a.to - b.to })
	return &Trace{events: p.events, lines: p.line}, nil
}

var resumed = regexp.MustCompile(`^<\.\.\. \w+ resumed>`)

// read joins the halves of a call and hands it on when it is whole.
func (p *parser) read(line string) error {
	thread, text, ok := strings.Cut(strings.TrimSpace(line), " ")
	text = strings.TrimSpace(text)
	if !ok || strings.HasPrefix(text, "---") || strings.HasPrefix(text, "+++") {
		return nil
	}
	if head, ok := strings.CutSuffix(text, "<unfinished ...>"); ok {
		p.open[thread] = begun{strings.TrimRight(head, " "), p.line}
		return nil
	}
	from := p.line
	if mark := resumed.FindString(text); mark != "" {
		first, ok := p.open[thread]
		if !ok {
			return fmt.Errorf("the end of a call that did not begin")
		}
		delete(p.open, thread)
		text, from = first.text+text[len(mark):], first.line
	}
	return p.call(from, text)
}

var whole = regexp.MustCompile(`^(\w+)\((.*)\)\s+= (-?\d+|0x[0-9a-f]+|\?)(.*)$`)

func (p *parser) call(from int, text string) error {
	parts := whole.FindStringSubmatch(text)
	if parts == nil {
		return fmt.Errorf("not a call")
	}
	result, err := strconv.ParseInt(parts[3], 0, 64)
	if err != nil || result < 0 {
		return nil // it failed, or the program ended in it
	}
	c := call{name: parts[1], args: strings.Split(parts[2], ", "), result: result, parser: p}
	return c.keep(event{from: from, to: p.line})
}

// call is one successful call.
type call struct {
	*parser
	name   string
	args   []string
	result int64
}

// keep turns a call into an event. It is one table, longer than most functions.
func (c call) keep(e event) (err error) {
	switch c.name {
	case "open", "creat":
		return c.opened(e, "", c.arg(0))
	case "openat":
		return c.opened(e, c.arg(0), c.arg(1))
	case "write", "pwrite64":
		return c.written(e)
	case "lseek":
		c.places[c.descriptor()] = c.result
		return nil
	case "fsync", "fdatasync":
		e.what = sync
		return c.add(e, c.path(c.arg(0)))
	case "ftruncate":
		e.what = truncate
		if e.size, err = strconv.ParseInt(c.arg(1), 10, 64); err != nil {
			return err
		}
		return c.add(e, c.path(c.arg(0)))
	case "unlink":
		return c.unlinked(e, c.named("", c.arg(0)))
	case "unlinkat":
		return c.unlinked(e, c.named(c.arg(0), c.arg(1)))
	case "rename":
		return c.renamed(e, c.named("", c.arg(0)), c.named("", c.arg(1)))
	case "renameat", "renameat2":
		return c.renamed(e, c.named(c.arg(0), c.arg(1)), c.named(c.arg(2), c.arg(3)))
	case "mmap":
		if !strings.Contains(c.arg(2), "PROT_WRITE") || !strings.Contains(c.arg(3), "MAP_SHARED") {
			return nil
		}
		fallthrough
	default:
		return c.refuse()
	}
}

func (c call) arg(i int) string {
	if i < len(c.args) {
		return c.args[i]
	}
	return ""
}

func (c call) descriptor() string {
	number, _, _ := strings.Cut(c.arg(0), "<")
	return number
}

func (c call) opened(e event, base, name string) error {
	c.places[strconv.FormatInt(c.result, 10)] = 0
	path := c.named(base, name)
	flags := c.arg(len(c.args) - 1)
	if len(c.args) > 1 && strings.Contains(c.arg(len(c.args)-2), "O_") {
		flags = c.arg(len(c.args) - 2) // a mode follows
	}
	if c.name == "creat" {
		flags = "O_CREAT|O_TRUNC"
	}
	relative, ok := c.below(path)
	if !ok || !strings.Contains(flags, "O_CREAT") {
		return nil
	}
	if !c.known[relative] {
		c.known[relative] = true
		e.what = create
		return c.add(e, path)
	}
	if strings.Contains(flags, "O_TRUNC") {
		e.what = truncate
		return c.add(e, path)
	}
	return nil
}

func (c call) written(e event) (err error) {
	if e.data, err = text(c.arg(1)); err != nil {
		return err
	}
	e.data = e.data[:min(int64(len(e.data)), c.result)]
	if c.descriptor() == "1" {
		e.what = say
		c.events = append(c.events, e)
		return nil
	}
	e.what = write
	if c.name == "pwrite64" {
		if e.offset, err = strconv.ParseInt(c.arg(3), 10, 64); err != nil {
			return err
		}
	} else {
		e.offset = c.places[c.descriptor()]
		c.places[c.descriptor()] += c.result
	}
	return c.add(e, c.path(c.arg(0)))
}

func (c call) unlinked(e event, path string) error {
	e.what = unlink
	if relative, ok := c.below(path); ok {
		delete(c.known, relative)
	}
	return c.add(e, path)
}

func (c call) renamed(e event, from, to string) error {
	old, inside := c.below(from)
	target, alsoInside := c.below(to)
	if !inside && !alsoInside {
		return nil
	}
	if !inside || !alsoInside {
		return fmt.Errorf("a rename across the border of the folder")
	}
	if !c.known[old] {
		return fmt.Errorf("a rename of what is not a file made here")
	}
	delete(c.known, old)
	c.known[target] = true
	e.what, e.target = rename, target
	return c.add(e, from)
}

// refuse lets pass what does not touch the folder.
func (c call) refuse() error {
	for _, arg := range c.args {
		path := c.path(arg)
		if strings.HasPrefix(arg, `"`) {
			path = c.named("", arg)
		}
		if _, ok := c.below(path); ok {
			return fmt.Errorf("%s cannot be replayed", c.name)
		}
	}
	return nil
}

// add keeps an event about a path below the folder.
func (c call) add(e event, path string) error {
	relative, ok := c.below(path)
	switch {
	case ok:
		e.path = relative
	case path != c.folder || e.what != sync:
		return nil
	}
	c.events = append(c.events, e)
	return nil
}

func (p *parser) below(path string) (relative string, ok bool) {
	relative, ok = strings.CutPrefix(path, p.folder+"/")
	return relative, ok && !strings.HasSuffix(path, "-shm")
}

var descriptor = regexp.MustCompile(`^(?:\d+|AT_FDCWD)<([^>]*)>$`)

// path is that of an open descriptor; "" for one that has none any more.
func (p *parser) path(arg string) string {
	parts := descriptor.FindStringSubmatch(arg)
	if parts == nil {
		return ""
	}
	name, err := text(`"` + parts[1] + `"`)
	if err != nil {
		return ""
	}
	return string(name)
}

// named is a path given by name, from the folder base when it is not absolute.
func (p *parser) named(base, arg string) string {
	name, err := text(arg)
	if err != nil {
		return ""
	}
	if filepath.IsAbs(string(name)) || base == "" {
		return filepath.Clean(string(name))
	}
	return filepath.Join(p.path(base), string(name))
}

// text reads a string in strace's hexadecimal.
func text(arg string) ([]byte, error) {
	quoted, ok := strings.CutPrefix(arg, `"`)
	quoted, whole := strings.CutSuffix(quoted, `"`)
	if !ok || !whole {
		return nil, fmt.Errorf("%.40s is not a whole string", arg)
	}
	return hex.DecodeString(strings.ReplaceAll(quoted, `\x`, ""))
}
