package local

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// cell is some mentions that were published in one stretch of time and have the
// same values of a field.
type cell struct {
	second   int64 // Unix time at which the stretch begins
	mentions int   // how many they are
	values   []string
	each     int // how many have each of the values
}

// cut is how finely cells are cut: a stretch of so many seconds, and a field.
type cut struct {
	seconds int64 // 0: time does not matter; else it divides 86,400
	field   store.Field
}

// cells gives what the question asks for, counted by SQL or one by one.
func (a *asking) cells(ctx context.Context, c cut, give func(cell)) error {
	for _, of := range a.parts {
		var err error
		if a.exact {
			err = a.counted(ctx, of, c, give)
		} else {
			err = a.confirmed(ctx, of, c, give)
		}
		if err != nil {
			return err
		}
	}
	return a.thenKnown(ctx, func(m *mention.Mention) { give(cellOf(m, c.field, 1)) })
}

func cellOf(m *mention.Mention, f store.Field, n int) cell {
	one := cell{second: m.PublishedAt.Unix(), mentions: n, each: n}
	if f != "" {
		one.values = f.Values(m)
	}
	return one
}

// confirmed counts one by one what needs a second look.
func (a *asking) confirmed(ctx context.Context, of part, c cut, give func(cell)) error {
	from, args := a.from(of, of.last(a.high))
	rows, err := a.tx.QueryContext(ctx, "SELECT (SELECT body FROM body b WHERE b.key = m.key)"+from, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return err
		}
		m, ok, err := a.confirm(body)
		if err != nil {
			return err
		}
		if ok {
			give(cellOf(&m, c.field, 1))
		}
	}
	return rows.Err()
}

// fieldColumns is where the fields stand.
var fieldColumns = map[store.Field]string{
	store.ByWatch: "watches", store.BySource: "source", store.ByPlace: "place",
	store.ByKind: "kind", store.ByLang: "lang", store.ByLabel: "label", store.ByAuthor: "author",
}

// counted lets SQL count.
func (a *asking) counted(ctx context.Context, of part, c cut, give func(cell)) error {
	if c.field == "" && c.seconds > 0 && !a.needsRow() {
		return a.streamed(ctx, of, c, give)
	}
	key, from, args := "m.key", "", []any(nil)
	if c.field == "" && !a.needsRow() {
		key = "term.rowid"
		from, args = a.fromTerms(of)
	} else {
		from, args = a.from(of, of.last(a.high))
	}
	stretch, value := "0", "0"
	if c.seconds > 0 {
		stretch = fmt.Sprintf("((%s >> %d) & %d) / %d", key, tieBits, secMax, c.seconds)
	}
	if c.field != "" {
		value = "m." + fieldColumns[c.field]
	}
	rows, err := a.tx.QueryContext(ctx, fmt.Sprintf("SELECT %s, %s, count(*)%s%s", stretch, value, from, groupBy(stretch, value)), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	return scanCells(rows, c.seconds, secZero, func(column any) ([]string, error) {
		return a.values(ctx, c.field, column)
	}, give)
}

// streamed counts the keys that FTS5 gives, which come in order: SQLite would sort
// them once more to group them.
func (a *asking) streamed(ctx context.Context, of part, c cut, give func(cell)) error {
	from, args := a.fromTerms(of)
	rows, err := a.tx.QueryContext(ctx, "SELECT term.rowid"+from+" ORDER BY term.rowid", args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var one cell
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return err
		}
		second := secondOfKey(key)/c.seconds*c.seconds + secZero
		if second != one.second && one.mentions > 0 {
			give(one)
			one.mentions = 0
		}
		one.second = second
		one.mentions++
	}
	if one.mentions > 0 {
		give(one)
	}
	return rows.Err()
}

// groupBy groups by no more than it must: SQLite sorts all rows for it.
func groupBy(stretch, value string) string {
	switch {
	case stretch == "0" && value == "0":
		return ""
	case value == "0":
		return " GROUP BY 1"
	case stretch == "0":
		return " GROUP BY 2"
	}
	return " GROUP BY 1, 2"
}

// scanCells reads rows of stretch, value and number. Stretch 0 begins at zero, and
// values reads what stands in the second column, once the rows are closed.
func scanCells(rows *sql.Rows, seconds, zero int64, values func(any) ([]string, error), give func(cell)) error {
	var cells []cell
	var columns []any
	for rows.Next() {
		var one cell
		var column any
		if err := rows.Scan(&one.second, &column, &one.mentions); err != nil {
			return err
		}
		one.second = one.second*seconds + zero
		one.each = one.mentions
		cells, columns = append(cells, one), append(columns, column)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for i := range cells {
		var err error
		if cells[i].values, err = values(columns[i]); err != nil {
			return err
		}
		give(cells[i])
	}
	return nil
}

// values is the values of a field that stand in its column.
func (a *asking) values(ctx context.Context, f store.Field, column any) ([]string, error) {
	if f == "" {
		return nil, nil
	}
	id, ok := column.(int64)
	if !ok {
		return []string{fmt.Sprint(column)}, nil
	}
	value, err := a.store.names.value(ctx, a.tx, id)
	if err != nil || f != store.ByWatch {
		return []string{value}, err
	}
	var watches []string
	if err := json.Unmarshal([]byte(value), &watches); err != nil {
		return nil, fmt.Errorf("read the watches %q: %w", value, err)
	}
	return watches, nil
}
