package elastic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Search is store.Store's. A page is named by the place of its last mention, which
// never changes: so pages neither repeat nor lose, however long somebody reads.
func (r *reader) Search(ctx context.Context, q store.Question, limit int, after string) (found []mention.Mention, next string, err error) {
	if limit < 1 {
		return nil, "", nil
	}
	from, err := parseMark(after)
	if err != nil {
		return nil, "", err
	}
	err = r.ask(ctx, q, func(a *asking) error {
		found, next, err = a.page(ctx, limit, from)
		return err
	})
	if err != nil {
		return nil, "", fmt.Errorf("search: %w", err)
	}
	return found, next, nil
}

func (a *asking) page(ctx context.Context, limit int, after mark) (found []mention.Mention, next string, err error) {
	order := a.sorting()
	order.after = after
	var last mark
	err = a.each(ctx, a.whole(), order, min(limit+1, a.reader.limits.batch), func(at mark, m *mention.Mention) bool {
		known := store.Known(m, a.question.AsOf)
		if (!a.exact || a.then != nil) && !a.judge.Asks(a.question, &known) {
			return true
		}
		if len(found) == limit {
			next = last.String()
			return false
		}
		found, last = append(found, known), at
		return true
	})
	return found, next, err
}

// sorting is an order by an instant, then by id, and the place after which to go on;
// the zero mark is before all.
type sorting struct {
	date, micro string // the fields of the instant
	way, until  string // of the order, and of a range that ends where a part of it does
	after       mark
}

func (a *asking) sorting() sorting {
	if a.question.Order == store.OldestSeen {
		return sorting{date: "seen_at", micro: "micro.seen", way: "asc", until: "lte"}
	}
	return sorting{date: "@timestamp", micro: "micro.published", way: "desc", until: "gte"}
}

// exact is the order itself, rough that of its milliseconds alone.
func (s *sorting) exact() []object {
	return []object{{s.micro: s.way}, {"id": "asc"}}
}

func (s *sorting) rough() []object {
	return []object{{s.date: object{"order": s.way, "format": "epoch_millis"}}}
}

// mark is where a mention stands in the order of a search: a time, then its id.
type mark struct {
	at int64
	id string
}

var errOrder = errors.New("a mention came without its place in the order")

func markOf(sort []json.RawMessage) (p mark, err error) {
	if len(sort) < 2 {
		return p, errOrder
	}
	if err := json.Unmarshal(sort[0], &p.at); err != nil {
		return p, fmt.Errorf("%w: %w", errOrder, err)
	}
	if err := json.Unmarshal(sort[1], &p.id); err != nil {
		return p, fmt.Errorf("%w: %w", errOrder, err)
	}
	return p, nil
}

// exact is the place in an exact order, rough that in a rough one, which passes over
// its whole millisecond.
func (p mark) exact() []any {
	if p.id == "" {
		return nil
	}
	return []any{p.at, p.id}
}

func (p mark) rough() []any {
	if p.id == "" {
		return nil
	}
	return []any{floorMilli(time.UnixMicro(p.at))}
}

func (p mark) String() string { return strconv.FormatInt(p.at, 36) + "." + p.id }

// parseMark reads where the page before ended; the zero mark is before all.
func parseMark(after string) (p mark, err error) {
	if after == "" {
		return p, nil
	}
	at, id, ok := strings.Cut(after, ".")
	p.id = id
	p.at, err = strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || id == "" {
		return p, fmt.Errorf("search: %w: %.40q", store.ErrNoPage, after)
	}
	return p, nil
}
