package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/analyzer/surge"
	"github.com/ouidire/ouidire/internal/say"
)

// row is one line of a CSV of arrivals or of counts.
type row struct {
	line int // from 1, the header's included; where it begins
	surge.Arrival
	stream   string  // "" when it does not say
	negative float64 // a probability
}

// rows reads a CSV with a header, one row after another. A row that cannot be read
// does not stop those after it.
type rows struct {
	lines   lineReader
	zone    *time.Location // of times without one; only counts may have such
	counts  bool
	comma   byte
	columns map[string]int // by name
	waiting []string       // lines that were read too early
	line    int            // of the newest line that was taken
	fields  []string
}

// The columns, by the names they may have.
var columnNames = map[string]string{"timestamp": "time", "value": "count"}

// newRows reads the header. io.EOF: there is none.
func newRows(from io.Reader, zone *time.Location, counts bool) (*rows, error) {
	r := &rows{lines: lineReader{r: bufio.NewReaderSize(from, 64<<10)}, zone: zone, counts: counts, comma: ','}
	head, err := r.take()
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errLongLine) {
		return nil, unreadable(err)
	}
	if err != nil {
		return nil, err
	}
	for _, other := range []byte{';', '\t'} {
		if !strings.Contains(head, ",") && strings.IndexByte(head, other) >= 0 {
			r.comma = other
		}
	}
	if r.fields, err = r.split(head, 1); err != nil {
		return nil, err
	}
	r.columns = map[string]int{}
	for i, name := range r.fields {
		name = strings.ToLower(strings.TrimSpace(name))
		if other := columnNames[name]; counts && other != "" {
			name = other
		}
		if _, twice := r.columns[name]; !twice {
			r.columns[name] = i
		}
	}
	return r, r.check()
}

// check refuses a header without the columns that are needed.
func (r *rows) check() error {
	_, hasTime := r.columns["time"]
	_, hasSeconds := r.columns["t_s"]
	_, hasCount := r.columns["count"]
	switch {
	case r.counts && !(hasTime && hasCount):
		return badRow(say.Text{EN: "its first line must name the columns time and count", FR: "sa première ligne doit nommer les colonnes time et count"})
	case !hasTime && !hasSeconds:
		return badRow(say.Text{EN: "its first line must name a column time, or t_s", FR: "sa première ligne doit nommer une colonne time, ou t_s"})
	}
	return nil
}

func badRow(t say.Text, args ...any) error { return bad{"bad_row", say.Errorf(t, args...)} }

// next is the next row. io.EOF: there is none. A bad is of this row alone.
func (r *rows) next() (row, error) {
	for {
		text, err := r.take()
		at := row{line: r.line, negative: 1}
		switch {
		case err != nil:
			return at, err
		case strings.TrimSpace(text) == "":
			continue
		}
		if r.fields, err = r.split(text, r.line); err != nil {
			return at, err
		}
		if r.counts {
			return at, r.readCount(&at)
		}
		return at, r.readArrival(&at)
	}
}

// take is the next line.
func (r *rows) take() (string, error) {
	r.line++
	if len(r.waiting) > 0 {
		text := r.waiting[0]
		r.waiting = r.waiting[1:]
		return text, nil
	}
	return r.lines.next()
}

// The most that one quoted text may hold.
const (
	quotedLines = 1000
	quotedBytes = 1 << 20
)

// split cuts a line into fields. A quoted field may go on over the next lines; when
// it never ends, these are rows of their own.
func (r *rows) split(text string, line int) ([]string, error) {
	if !strings.Contains(text, `"`) {
		return append(r.fields[:0], strings.Split(text, string(r.comma))...), nil
	}
	var more []string
	for size := len(text); strings.Count(text, `"`)%2 == 1; {
		next, err := r.take()
		if err != nil || len(more) == quotedLines || size > quotedBytes {
			if err == nil {
				more = append(more, next)
			}
			r.waiting, r.line = append(more, r.waiting...), line
			return nil, badRow(say.Text{EN: "a quotation mark is never closed", FR: "un guillemet n’est jamais refermé"})
		}
		more, size = append(more, next), size+len(next)
		text += "\n" + next
	}
	c := csv.NewReader(strings.NewReader(text))
	c.Comma, c.LazyQuotes, c.FieldsPerRecord = rune(r.comma), true, -1
	fields, err := c.Read()
	if err != nil {
		return nil, badRow(say.Text{EN: "cannot be cut into columns: %v", FR: "impossible d’y séparer les colonnes\u00a0: %v"}, err)
	}
	return fields, nil
}

// field is the value of a column, "" when the row has none.
func (r *rows) field(name string) string {
	i, ok := r.columns[name]
	if !ok || i >= len(r.fields) {
		return ""
	}
	return strings.TrimSpace(r.fields[i])
}

func (r *rows) readArrival(to *row) (err error) {
	to.At, err = readTime(r.field("time"), nil)
	if r.field("time") == "" {
		to.At, err = readSeconds(r.field("t_s"))
	}
	if err != nil {
		return err
	}
	to.Seen = to.At
	if seen := r.field("seen"); seen != "" {
		if to.Seen, err = readTime(seen, nil); err != nil {
			if to.Seen, err = readSeconds(seen); err != nil {
				return err
			}
		}
	}
	to.stream, to.Author = r.field("stream"), r.field("author")
	if p := r.field("negative"); p != "" {
		to.negative, err = strconv.ParseFloat(p, 64)
		if err != nil || !(to.negative >= 0 && to.negative <= 1) {
			return badRow(say.Text{EN: "negative is a probability from 0 to 1, not %q", FR: "negative est une probabilité de 0 à 1, et non %q"}, p)
		}
	}
	return nil
}

// countMost is more than anybody counts; beyond it sums lose their units.
const countMost = 1e12

func (r *rows) readCount(to *row) (err error) {
	if to.At, err = readTime(r.field("time"), r.zone); err != nil {
		return err
	}
	to.Seen, to.stream = to.At, r.field("stream")
	to.Count, err = strconv.ParseFloat(r.field("count"), 64)
	if err != nil || !(to.Count >= 0 && to.Count <= countMost) {
		return badRow(say.Text{EN: "count is a number from 0 on, not %q", FR: "count est un nombre à partir de 0, et non %q"}, r.field("count"))
	}
	return nil
}

// readTime reads RFC 3339; zone is that of a time without one, nil when it must have one.
func readTime(s string, zone *time.Location) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil && zone != nil {
		t, err = time.ParseInLocation("2006-01-02 15:04:05", strings.Replace(s, "T", " ", 1), zone)
	}
	if err != nil || t.Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, badRow(say.Text{EN: "%q is no time; write for example 2026-11-18T09:12:00-05:00", FR: "%q n’est pas une heure; écrivez par exemple 2026-11-18T09:12:00-05:00"}, s)
	}
	return t, nil
}

// origin is second 0 of the column t_s: a Monday.
var origin = time.Date(1970, 1, 5, 0, 0, 0, 0, time.UTC)

// secondsMost keeps t_s within the years that can be written.
const secondsMost = 250_000_000_000

func readSeconds(s string) (time.Time, error) {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil || !(math.Abs(x) <= secondsMost) || x < -62_000_000_000 {
		return time.Time{}, badRow(say.Text{EN: "%q is no number of seconds", FR: "%q n’est pas un nombre de secondes"}, s)
	}
	return origin.Add(time.Duration(math.Trunc(x)) * time.Second).Add(time.Duration(math.Round((x - math.Trunc(x)) * 1e9))), nil
}
