package elastic

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Histogram is store.Store's. The buckets are asked for by the instants at which they
// begin, which package store knows: its days are those of the clock on the wall,
// whatever the clocks of Elasticsearch make of one.
func (r *reader) Histogram(ctx context.Context, q store.Question, by store.Buckets) (buckets []store.Bucket, err error) {
	if _, ok := fieldNames[by.Split]; !ok && by.Split != "" {
		return nil, fmt.Errorf("draw a histogram: there is no field %q", by.Split)
	}
	err = r.ask(ctx, q, func(a *asking) error {
		buckets, err = a.histogram(ctx, by)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("draw a histogram: %w", err)
	}
	return buckets, nil
}

// published is one mention that was judged: what a chart needs of it.
type published struct {
	at     time.Time
	values []string
}

func (a *asking) histogram(ctx context.Context, by store.Buckets) ([]store.Bucket, error) {
	var one []published
	err := a.judged(ctx, func(m *mention.Mention) bool {
		p := published{at: m.PublishedAt}
		if by.Split != "" {
			p.values = by.Split.Values(m)
		}
		one = append(one, p)
		return true
	})
	if err != nil {
		return nil, err
	}
	first, last, ok, err := a.span(ctx, one)
	if err != nil || !ok {
		return nil, err
	}
	starts, err := by.Starts(first, last)
	if err != nil {
		return nil, err
	}
	c := newChart(starts, by.Split)
	if a.exact {
		if err := a.sureChart(ctx, c); err != nil {
			return nil, err
		}
	}
	for _, p := range one {
		i := c.bucketOf(p.at.Unix())
		c.buckets[i].Count++
		for _, v := range p.values {
			c.buckets[i].By[v]++
		}
	}
	return c.buckets, nil
}

// span is the first and the last instant that a histogram shows; where the question
// is open, those of the mentions.
func (a *asking) span(ctx context.Context, judged []published) (first, last time.Time, ok bool, err error) {
	q := a.question
	if !q.From.IsZero() && !q.To.IsZero() {
		return q.From, q.To.Add(-1), q.From.Before(q.To), nil
	}
	if a.exact {
		if first, last, ok, err = a.reach(ctx); err != nil {
			return first, last, false, err
		}
	}
	for _, p := range judged {
		if !ok || p.at.Before(first) {
			first = p.at
		}
		if !ok || p.at.After(last) {
			last = p.at
		}
		ok = true
	}
	if !q.From.IsZero() {
		first = q.From
	}
	if !q.To.IsZero() {
		last = q.To.Add(-1)
	}
	return first, last, ok && !last.Before(first), nil
}

// reach is when the first and the last of what is sure were published.
func (a *asking) reach(ctx context.Context) (first, last time.Time, ok bool, err error) {
	var found struct{ First, Last struct{ Value *float64 } }
	err = a.aggregate(ctx, object{
		"First": object{"min": object{"field": "micro.published"}}, "Last": object{"max": object{"field": "micro.published"}},
	}, &found)
	if err != nil || found.First.Value == nil || found.Last.Value == nil {
		return first, last, false, err
	}
	return time.UnixMicro(int64(*found.First.Value)), time.UnixMicro(int64(*found.Last.Value)), true, nil
}

// chart is a histogram as it is counted.
type chart struct {
	starts  []time.Time // and the end of the last bucket
	split   store.Field
	buckets []store.Bucket
}

func newChart(starts []time.Time, split store.Field) *chart {
	c := &chart{starts: starts, split: split, buckets: make([]store.Bucket, len(starts)-1)}
	for i := range c.buckets {
		c.buckets[i].Start = starts[i]
		if split != "" {
			c.buckets[i].By = map[string]int{}
		}
	}
	return c
}

// bucketOf is the bucket that holds a second.
func (c *chart) bucketOf(second int64) int {
	return sort.Search(len(c.starts), func(i int) bool { return c.starts[i].Unix() > second }) - 1
}

// sureChart counts what is sure, a stretch of the chart at a time: Elasticsearch gives
// so many buckets and no more.
func (a *asking) sureChart(ctx context.Context, c *chart) error {
	for low := 0; low < len(c.buckets); low += a.reader.limits.ranges {
		if err := a.stretch(ctx, c, low, min(low+a.reader.limits.ranges, len(c.buckets))); err != nil {
			return err
		}
	}
	return nil
}

// stretch counts the buckets from low up to high.
func (a *asking) stretch(ctx context.Context, c *chart, low, high int) error {
	b := *a
	b.plan = a.narrowed(c.starts[low], c.starts[high])
	at := c.ranges(low, high)
	asked := object{"At": at}
	values := a.reader.limits.split(high - low)
	if c.split != "" && values > 0 {
		asked["By"] = object{"terms": object{"field": fieldNames[c.split], "size": values, "shard_size": values}, "aggs": object{"At": at}}
	}
	var found struct {
		At rangeCounts
		By valueCounts
	}
	if err := b.aggregate(ctx, asked, &found); err != nil {
		return err
	}
	for _, r := range found.At.Buckets {
		c.buckets[r.Key].Count += r.Count
	}
	if c.split == "" {
		return nil
	}
	if values < 1 || found.By.Others > 0 {
		return b.everyCell(ctx, c.split, c.step(low, high), c.add)
	}
	return b.named(ctx, c.split, c.add, func(give func(cell) error) error { return found.By.cells(c, give) })
}

// add counts a cell in the bucket that it falls into.
func (c *chart) add(one cell) { c.buckets[c.bucketOf(one.second)].By[one.value] += one.n }

// bucketsMost is how many buckets Elasticsearch gives in one answer (search.max_buckets
// of an installation that has not changed it).
const bucketsMost = 1 << 16

// split is by how many values so many ranges can be split in one answer: each is a
// bucket, and so is each of its ranges, beside the ranges of all.
func (l limits) split(ranges int) int { return min(l.values, (bucketsMost-ranges)/(ranges+1)) }

// narrowed is the plan within a stretch of time.
func (p *plan) narrowed(from, to time.Time) *plan {
	n := *p
	n.sure = all(appendSpan([]object{p.sure}, "@timestamp", "", from, to))
	return &n
}

// ranges asks for buckets, each by its number.
func (c *chart) ranges(low, high int) object {
	ranges := make([]object, 0, high-low)
	for i := low; i < high; i++ {
		ranges = append(ranges, object{"key": strconv.Itoa(i), "from": c.starts[i].UnixMilli(), "to": c.starts[i+1].UnixMilli()})
	}
	return object{"date_range": object{"field": "@timestamp", "format": "epoch_millis", "ranges": ranges}}
}

// step is the longest stretch of time, in seconds, that all buckets are a multiple of.
func (c *chart) step(low, high int) int64 {
	step := int64(24 * 60 * 60)
	for _, start := range c.starts[low : high+1] {
		for rest := start.Unix() % step; rest != 0; rest = start.Unix() % step {
			step = gcd(step, rest)
		}
	}
	return step
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return max(a, -a)
}

// rangeCounts is how many stand in each bucket, by its number.
type rangeCounts struct {
	Buckets []struct {
		Key   int `json:",string"`
		Count int `json:"doc_count"`
	}
}
