package local

import (
	"context"
	"fmt"

	"github.com/ouidire/ouidire/store"
)

// CountUpTo is store.Store's. What the hourly counts know, and what needs a second
// look, is counted whole.
func (s *Store) CountUpTo(ctx context.Context, q store.Question, most int) (n int, err error) {
	err = s.ask(ctx, q, func(a *asking) error {
		if !a.exact || !q.AsOf.IsZero() || a.rollable("") {
			return a.sum(ctx, cut{}, nil, func(c cell) { n += c.mentions })
		}
		for _, of := range a.parts {
			some, err := a.countPart(ctx, of, most-n)
			if err != nil {
				return err
			}
			n += some
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count up to %d: %w", most, err)
	}
	return min(n, most), nil
}

// countPart counts the rows of a part, at most so many.
func (a *asking) countPart(ctx context.Context, of part, most int) (n int, err error) {
	from, args := a.from(of, of.last(a.high))
	if !a.needsRow() {
		from, args = a.fromTerms(of)
	}
	err = a.tx.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1"+from+" LIMIT ?)", append(args, most)...).Scan(&n)
	return n, err
}
