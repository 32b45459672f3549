package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// reader is the asking half of a store. What it answers is exact: a count that
// Elasticsearch made of all it had, or of mentions that store.Judge has confirmed.
type reader struct {
	do     func(ctx context.Context, request esapi.Request, into any) error
	names  indices
	docs   *documents
	limits limits
	judges sync.Pool
}

// limits is how much is asked for at a time; answers do not depend on it.
type limits struct {
	batch  int // mentions, when they are judged one by one
	values int // of a field, before all of them are paged through
	steps  int // of a chart
	uneven int // of those of less than a day, of a chart whose buckets are of unequal length
}

// pitLife is how long Elasticsearch keeps an instant after we last asked about it.
const pitLife = "1m"

func newReader(do func(context.Context, esapi.Request, any) error, names indices, docs *documents) *reader {
	return &reader{do: do, names: names, docs: docs, limits: limits{batch: 500, values: 2000, steps: 8000, uneven: 200}}
}

// asking is one question at work.
type asking struct {
	*plan
	reader *reader
	judge  *store.Judge
	pit    string // the instant that all of it is asked of, "" when one request is enough
}

// ask runs fn. What takes several requests is asked of one instant. When an index is taken
// away meanwhile, because another is in its place, fn runs again from the beginning.
func (r *reader) ask(ctx context.Context, q store.Question, fn func(*asking) error) error {
	for tries := 1; ; tries++ {
		err := r.askOnce(ctx, q, fn)
		if !isGone(err) || tries == asksAnew {
			return err
		}
	}
}

// asksAnew is how often a question is begun.
const asksAnew = 5

func (r *reader) askOnce(ctx context.Context, q store.Question, fn func(*asking) error) error {
	judge, ok := r.judges.Get().(*store.Judge)
	if !ok {
		judge = new(store.Judge)
	}
	defer r.judges.Put(judge)
	a := &asking{plan: r.names.plan(&q), reader: r, judge: judge}
	if a.exact && a.then == nil {
		return fn(a)
	}
	if err := a.hold(ctx); err != nil {
		return err
	}
	defer a.release(ctx)
	return fn(a)
}

// hold opens the instant.
func (a *asking) hold(ctx context.Context) error {
	var opened struct{ ID string }
	yes := true
	err := patiently(ctx, busyOrGone, func() error {
		return a.reader.do(ctx, esapi.OpenPointInTimeRequest{Index: a.indices, KeepAlive: pitLife, IgnoreUnavailable: &yes}, &opened)
	})
	a.pit = opened.ID
	return err
}

// release gives the instant back: at the latest, it ends by itself.
func (a *asking) release(ctx context.Context) {
	within := time.Minute
	if hasty(ctx) {
		within = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	body, _ := json.Marshal(object{"id": a.pit}) // a string always has a JSON form
	a.reader.do(ctx, esapi.ClosePointInTimeRequest{Body: bytes.NewReader(body)}, nil)
}

// answer is what a search of Elasticsearch gives.
type answer struct {
	PIT  string `json:"pit_id"`
	Hits struct {
		Total struct{ Value int }
		Hits  []hit
	}
	Aggregations json.RawMessage
}

// hit is a document found, and where it stands in the order asked for.
type hit struct {
	Source json.RawMessage   `json:"_source"`
	Sort   []json.RawMessage `json:"sort"`
}

// search asks one thing of the indices of the question. A shard that cannot answer is
// an error: the answer of the others would not be exact.
func (a *asking) search(ctx context.Context, body object) (*answer, error) {
	whole, yes := false, true
	r, forNow := esapi.SearchRequest{AllowPartialSearchResults: &whole}, busy
	if a.pit == "" {
		forNow = busyOrGone
		r.Index, r.IgnoreUnavailable = a.indices, &yes // there are none before the first mention
	} else {
		body["pit"] = object{"id": a.pit, "keep_alive": pitLife}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write the question: %w", err)
	}
	found := new(answer)
	err = patiently(ctx, forNow, func() error {
		r.Body = bytes.NewReader(encoded)
		return a.reader.do(ctx, r, found)
	})
	if err != nil {
		return nil, err
	}
	if found.PIT != "" {
		a.pit = found.PIT
	}
	return found, nil
}

// asksAgain is how long a question is asked again that a server could not answer yet:
// the index of a new month stands among the others a moment before it can be asked.
const asksAgain = 15 * time.Second

// busy says that the server cannot do for now what it is asked.
func busy(err error) bool {
	return status(err) == http.StatusServiceUnavailable || status(err) == http.StatusTooManyRequests
}

// busyOrGone is busy, or an index is missed that a rebuild has taken away: not by who asks
// again, unless it is about an instant at which it was there.
func busyOrGone(err error) bool { return busy(err) || isGone(err) }

// patiently asks until there is an answer, or another refusal than those for now.
func patiently(ctx context.Context, forNow func(error) bool, ask func() error) error {
	soon, cancel := context.WithTimeout(ctx, asksAgain)
	defer cancel()
	for tries := 1; ; tries++ {
		err := ask()
		if !forNow(err) || !pause(soon, min(time.Second, 50*time.Millisecond<<tries)) {
			return err
		}
	}
}

// each reads, batch after batch, what q finds in the order asked for, the first batch
// of size first, until give says that it has enough.
func (a *asking) each(ctx context.Context, q object, order sorting, first int, give func(mark, *mention.Mention) (more bool)) error {
	for size := first; ; size = min(2*size, a.reader.limits.batch) {
		hits, err := a.batch(ctx, q, order, size)
		if err != nil {
			return err
		}
		for _, h := range hits {
			m, err := a.reader.docs.decode(h.Source)
			if err != nil {
				return err
			}
			at, err := markOf(h.Sort)
			if err != nil {
				return err
			}
			if !give(at, &m) {
				return nil
			}
			order.after = at
		}
		if len(hits) < size {
			return nil
		}
	}
}

// batch is the next size of what q finds. To sort by time and id Elasticsearch looks up
// the id of most of what q finds, of millions one by one; by time alone it passes over
// nearly all. So it is first asked within what time they lie.
func (a *asking) batch(ctx context.Context, q object, order sorting, size int) ([]hit, error) {
	near, err := a.near(ctx, q, &order, size)
	if err != nil {
		return nil, err
	}
	if near != nil {
		hits, err := a.hits(ctx, near, order.exact(), order.after.exact(), size, []string{"body"})
		if err != nil || len(hits) == size {
			return hits, err
		}
		// some of them are no longer what q finds
	}
	return a.hits(ctx, q, order.exact(), order.after.exact(), size, []string{"body"})
}

// near finds of what q finds the part, in time, that holds the next size of it; nil when
// there are not so many.
func (a *asking) near(ctx context.Context, q object, order *sorting, size int) (object, error) {
	hits, err := a.hits(ctx, q, order.rough(), order.after.rough(), size, false)
	if err != nil || len(hits) < size {
		return nil, err
	}
	last := hits[size-1].Sort
	if len(last) == 0 {
		return nil, errOrder
	}
	return all([]object{q, within(order.date, object{order.until: last[0], "format": "epoch_millis"})}), nil
}

// hits is what q finds in an order, after a place in it, with a part of its source.
func (a *asking) hits(ctx context.Context, q object, order []object, after []any, size int, source any) ([]hit, error) {
	body := object{"query": q, "size": size, "sort": order, "_source": source, "track_total_hits": false}
	if after != nil {
		body["search_after"] = after
	}
	found, err := a.search(ctx, body)
	if err != nil {
		return nil, err
	}
	return found.Hits.Hits, nil
}

// judged gives, one by one, the mentions that are asked for and that no count of
// Elasticsearch holds, as they were known at the instant asked about, until give has
// enough.
func (a *asking) judged(ctx context.Context, give func(*mention.Mention) (more bool)) error {
	q := a.then
	if !a.exact {
		q = a.whole()
	}
	if q == nil {
		return nil
	}
	return a.each(ctx, q, a.sorting(), a.reader.limits.batch, func(_ mark, m *mention.Mention) bool {
		known := store.Known(m, a.question.AsOf)
		return !a.judge.Asks(a.question, &known) || give(&known)
	})
}
