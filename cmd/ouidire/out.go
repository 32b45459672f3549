package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention/wire"
)

// emitter writes answers: JSON objects, one a line, or text for people. They are
// out once flushed.
type emitter struct {
	w     *bufio.Writer
	json  bool
	begun bool // the object with schema_version is out
}

func newEmitter(w io.Writer, asJSON bool) *emitter {
	return &emitter{w: bufio.NewWriterSize(w, 64<<10), json: asJSON}
}

// object writes v as one line of JSON. The first carries schema_version.
func (e *emitter) object(v any) error {
	line, err := wire.Encode(v, !e.begun)
	if err != nil {
		return err
	}
	e.begun = true
	return e.write(line)
}

// line writes a line of text.
func (e *emitter) line(format string, args ...any) error {
	return e.write([]byte(tame(fmt.Sprintf(format, args...)) + "\n"))
}

func (e *emitter) write(b []byte) error {
	if _, err := e.w.Write(b); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

func (e *emitter) flush() error {
	if err := e.w.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// ok answers that something is done, to or with input.
func (c *call) ok(input string, t say.Text, args ...any) error {
	if c.out.json {
		return c.out.object(success{Input: input, OK: true})
	}
	return c.out.line("%s", t.In(c.lang, args...))
}

// tame takes from a text what could command a terminal or turn its letters around:
// controls but for tabs and ends of lines, and the marks of direction.
func tame(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsControl(r), r == '\u2028', r == '\u2029':
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// oneLine is tame, without tabs and ends of lines: a cell, a headline.
func oneLine(s string) string { return strings.Join(strings.Fields(tame(s)), " ") }
