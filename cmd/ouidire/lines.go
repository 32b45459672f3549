package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

// given is one line of one input.
type given struct {
	wire.Line
	input  string // the file, as it was named
	number int    // from 1
	raw    string
}

// maxLine is the longest line that is read: a hundred times a long article.
const maxLine = 4 << 20

var errLongLine = bad{"too_large", say.Errorf(say.Text{
	EN: "is longer than %d MB and was left out", FR: "dépasse %d\u00a0Mo et a été laissée de côté",
}, maxLine>>20)}

// lines calls each with every line of the files, in order; no file is stdin, and so
// is "-". A file or a line that cannot be read is reported and counted, and the
// others go on; an error of each ends the work.
func (c *call) lines(files []string, s *stats, each func(given) error) error {
	if len(files) == 0 {
		files = []string{"-"}
	}
	for _, name := range files {
		err := c.linesOf(name, s, each)
		if wrong := (bad{}); errors.As(err, &wrong) {
			s.inputs, s.failures = s.inputs+1, s.failures+1
			err = c.failed(wire.Failure{Input: name}, wrong)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// linesOf answers a bad when the file cannot be read, or not to its end.
func (c *call) linesOf(name string, s *stats, each func(given) error) error {
	from, err := c.open(name)
	if err != nil {
		return err
	}
	defer from.Close() // only read: nothing is lost
	var format wire.Lines
	in := lineReader{r: bufio.NewReaderSize(from, 64<<10)}
	for number := 1; ; number++ {
		raw, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, errLongLine):
			return unreadable(err)
		case c.ctx.Err() != nil:
			return c.ctx.Err()
		}
		s.inputs++
		line := given{input: name, number: number, raw: raw}
		if err == nil {
			line.Line, err = format.Read(raw)
			err = badJSON(err)
		}
		if err != nil {
			s.failures++
			err = c.failed(wire.Failure{Input: name, Line: number}, err)
		} else {
			err = each(line)
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
}

// open gives the bytes of an input, "-" for standard input.
func (c *call) open(name string) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(c), nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(err)
	}
	return struct {
		io.Reader
		io.Closer
	}{c.watched(f), f}, nil
}

// Read reads standard input. What was answered so far is out before we wait for
// more; and a signal ends us at once, because a read of a terminal cannot be called
// back and nothing has to be put away.
func (c *call) Read(b []byte) (int, error) {
	c.untrap()
	if err := c.out.flush(); err != nil {
		return 0, err
	}
	return c.stdin.Read(b)
}

func badJSON(err error) error {
	if err == nil {
		return nil
	}
	return bad{"bad_json", say.Errorf(say.Text{EN: "is not a mention in JSON: %v", FR: "n’est pas une mention en JSON\u00a0: %v"}, err)}
}

// lineReader reads lines of any length and keeps none longer than maxLine.
type lineReader struct {
	r     *bufio.Reader
	begun bool
}

// next is the next line without its end. errLongLine: there was one, and it is
// behind us; io.EOF: there is none.
func (l *lineReader) next() (string, error) {
	var line []byte
	long := false
	for {
		part, err := l.r.ReadSlice('\n')
		if !l.begun && len(part) > 0 {
			l.begun = true
			part = trimBOM(part)
		}
		if long = long || len(line)+len(part) > maxLine; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return "", err
		case err != nil && len(line) == 0 && !long:
			return "", io.EOF
		case long:
			return "", errLongLine
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), nil
	}
}

func trimBOM(b []byte) []byte { return []byte(strings.TrimPrefix(string(b), "\ufeff")) }
