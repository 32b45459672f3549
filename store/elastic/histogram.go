package elastic

import (
	"context"
	"fmt"
	"sort"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Histogram is store.Store's. Elasticsearch counts steps of equal length that fit into
// every bucket, as hours fit into days of 23 and of 25: which buckets there are only
// package store says, whatever Elasticsearch knows of clocks.
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
		b := c.bucketOf(p.at.Unix())
		b.Count++
		for _, v := range p.values {
			b.By[v]++
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

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// bucketOf is the bucket that holds a second.
func (c *chart) bucketOf(second int64) *store.Bucket {
	return &c.buckets[sort.Search(len(c.starts), func(i int) bool { return c.starts[i].Unix() > second })-1]
}

// add counts a cell by its value in the bucket that it falls into. Of a field that has
// one value in each mention, that counts the mentions too.
func (c *chart) add(one cell) {
	b := c.bucketOf(one.second)
	b.By[one.value] += one.n
	if c.split.Single() {
		b.Count += one.n
	}
}

// stretch is some buckets of a chart, all of which are whole steps long.
type stretch struct {
	low, high int   // bucket numbers, high not included
	step      int64 // seconds
	from, to  time.Time
}

func (s *stretch) steps() int64 { return (s.to.Unix() - s.from.Unix()) / s.step }

// day is the shortest step, in seconds, of which a stretch may have as many as Elasticsearch gives
// whatever it is cut into.
const day = 24 * 60 * 60

// stretch is the longest from low on that can be asked for at once. Buckets of unequal
// length make the steps shorter: few are taken together where they are hours, as around a
// change of clocks, and any number where they are days, as of months.
func (c *chart) stretch(low int, l limits) stretch {
	s := stretch{low: low, high: low, from: c.starts[low], to: c.starts[low]}
	for s.high < len(c.buckets) {
		longer := stretch{low: low, high: s.high + 1, from: s.from, to: c.starts[s.high+1]}
		longer.step = gcd(longer.to.Unix()-s.to.Unix(), s.step)
		steps := longer.steps()
		uneven := longer.step < day && steps > int64(longer.high-low)
		if s.high > low && (steps > int64(l.steps) || uneven && steps > int64(l.uneven)) {
			break
		}
		s = longer
	}
	return s
}

// asked asks for the steps in which something was published.
func (s *stretch) asked() object {
	return object{"date_histogram": object{"field": "@timestamp", "fixed_interval": fmt.Sprintf("%ds", s.step), "offset": fmt.Sprintf("%ds", s.from.Unix()%s.step)}}
}

// sureChart counts what is sure, a stretch of the chart at a time: Elasticsearch gives
// so many buckets and no more. A few are asked for at once, since one may lie in a
// single index, which is a single core's work. Each fills buckets of its own.
func (a *asking) sureChart(ctx context.Context, c *chart) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(stretchesAtOnce)
	for low := 0; low < len(c.buckets); {
		s := c.stretch(low, a.reader.limits)
		g.Go(func() error { return a.sureStretch(ctx, c, s) })
		low = s.high
	}
	return g.Wait()
}

// stretchesAtOnce is few: others ask too.
const stretchesAtOnce = 3

func (a *asking) sureStretch(ctx context.Context, c *chart, s stretch) error {
	b := *a
	b.plan = a.narrowed(s.from, s.to)
	values := a.reader.limits.split(s.steps())
	var found struct {
		At stepCounts
		By valueCounts
	}
	if asked := c.asked(&s, values); len(asked) > 0 {
		if err := b.aggregate(ctx, asked, &found); err != nil {
			return err
		}
	}
	for _, at := range found.At.Buckets {
		c.bucketOf(at.Key / 1000).Count += at.Count
	}
	switch {
	case c.split == "":
		return nil
	case values < 1 || found.By.Others > 0:
		return b.everyCell(ctx, c.split, s.asked(), c.add)
	}
	return b.named(ctx, c.split, c.add, found.By.cells)
}

// asked is what is counted of a stretch: its steps, where those of the values do not say
// it, and those of so many values.
func (c *chart) asked(s *stretch, values int) object {
	asked := object{}
	if c.split == "" || !c.split.Single() {
		asked["At"] = withoutEmpty(s.asked())
	}
	if c.split != "" && values > 0 {
		asked["By"] = object{"terms": object{"field": fieldNames[c.split], "size": values, "shard_size": values}, "aggs": object{"At": withoutEmpty(s.asked())}}
	}
	return asked
}

// withoutEmpty leaves out the steps in which nothing was published.
func withoutEmpty(histogram object) object {
	histogram["date_histogram"].(object)["min_doc_count"] = 1
	return histogram
}

// bucketsMost is how many buckets Elasticsearch gives in one answer (search.max_buckets
// of an installation that has not changed it).
const bucketsMost = 1 << 16

// split is by how many values so many steps can be split in one answer: each is a
// bucket, and so is each of its steps, beside the steps of all.
func (l limits) split(steps int64) int {
	return min(l.values, max(0, int((bucketsMost-steps)/(steps+1))))
}

// narrowed is the plan within a stretch of time.
func (p *plan) narrowed(from, to time.Time) *plan {
	n := *p
	n.sure = all(appendSpan([]object{p.sure}, "@timestamp", "", from, to))
	return &n
}

// stepCounts is how many were published in each step, by the millisecond it begins at.
type stepCounts struct {
	Buckets []struct {
		Key   int64
		Count int `json:"doc_count"`
	}
}
