package local

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ouidire/ouidire/store"
)

// Count is store.Store's.
func (s *Store) Count(ctx context.Context, q store.Question) (n int, err error) {
	oneByOne := false
	err = s.ask(ctx, q, func(a *asking) error {
		oneByOne = !a.exact
		return a.sum(ctx, cut{}, nil, func(c cell) { n += c.mentions })
	})
	if err != nil && (ctx.Err() == nil || !oneByOne) {
		n = 0 // one by one they only add up; what SQL counts may be taken back
	}
	if err != nil {
		return n, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// Terms is store.Store's. A limit below 1 asks for all.
func (s *Store) Terms(ctx context.Context, q store.Question, f store.Field, limit int) ([]store.Term, error) {
	if _, ok := fieldColumns[f]; !ok {
		return nil, fmt.Errorf("count terms: there is no field %q", f)
	}
	counts := map[string]int{}
	err := s.ask(ctx, q, func(a *asking) error {
		return a.sum(ctx, cut{field: f}, nil, func(c cell) { c.addTo(counts) })
	})
	if err != nil {
		return nil, fmt.Errorf("count terms: %w", err)
	}
	var terms []store.Term
	for value, n := range counts {
		if n > 0 {
			terms = append(terms, store.Term{Value: value, Count: n})
		}
	}
	slices.SortFunc(terms, func(a, b store.Term) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value))
	})
	if limit > 0 && len(terms) > limit {
		terms = terms[:limit]
	}
	return terms, nil
}

func (c *cell) addTo(counts map[string]int) {
	for _, v := range c.values {
		counts[v] += c.each
	}
}

// quarter is how finely charts are cut: all clocks of our days differ by whole quarters.
const quarter = 900

// Histogram is store.Store's.
func (s *Store) Histogram(ctx context.Context, q store.Question, by store.Buckets) (buckets []store.Bucket, err error) {
	if _, ok := fieldColumns[by.Split]; !ok && by.Split != "" {
		return nil, fmt.Errorf("draw a histogram: there is no field %q", by.Split)
	}
	err = s.ask(ctx, q, func(a *asking) error {
		buckets, err = a.histogram(ctx, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("draw a histogram: %w", err)
	}
	return buckets, nil
}

func (a *asking) histogram(ctx context.Context, by store.Buckets) ([]store.Bucket, error) {
	first, last, ok, err := a.span(ctx, by.Split)
	if err != nil || !ok {
		return nil, err
	}
	starts, err := by.Starts(first, last)
	if err != nil {
		return nil, err
	}
	seconds := int64(quarter)
	if !aligned(starts, seconds) {
		seconds = 1
	}
	buckets := make([]store.Bucket, len(starts)-1)
	for i := range buckets {
		buckets[i].Start = starts[i]
		if by.Split != "" {
			buckets[i].By = map[string]int{}
		}
	}
	err = a.sum(ctx, cut{seconds: seconds, field: by.Split}, starts, func(c cell) {
		// What lies outside is what was seen since the instant asked about: it is
		// counted, and taken back.
		if i := bucketOf(starts, c.second); i >= 0 {
			buckets[i].Count += c.mentions
			c.addTo(buckets[i].By)
		}
	})
	for i := range buckets {
		dropZeroes(buckets[i].By)
	}
	return trim(buckets, a.question), err
}

// dropZeroes takes out what was counted and taken back.
func dropZeroes(counts map[string]int) {
	for value, n := range counts {
		if n == 0 {
			delete(counts, value)
		}
	}
}

// trim leaves out empty buckets at the open ends.
func trim(buckets []store.Bucket, q *store.Question) []store.Bucket {
	for q.From.IsZero() && len(buckets) > 0 && buckets[0].Count == 0 {
		buckets = buckets[1:]
	}
	for q.To.IsZero() && len(buckets) > 0 && buckets[len(buckets)-1].Count == 0 {
		buckets = buckets[:len(buckets)-1]
	}
	return buckets
}

// bucketOf is the bucket that holds a second, -1 for none.
func bucketOf(starts []time.Time, second int64) int {
	i := sort.Search(len(starts), func(i int) bool { return starts[i].Unix() > second }) - 1
	if i == len(starts)-1 {
		return -1
	}
	return i
}

func aligned(starts []time.Time, seconds int64) bool {
	for _, t := range starts {
		if t.Unix()%seconds != 0 {
			return false
		}
	}
	return true
}
