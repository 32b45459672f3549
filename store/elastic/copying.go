package elastic

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"slices"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"golang.org/x/sync/errgroup"
)

// pass copies what was written since the pass before, and returns how much that was. What
// it wrote can be found when it returns.
func (r *renewal) pass(ctx context.Context) (n int, err error) {
	upto, err := r.checkpoint(ctx)
	if err != nil {
		return 0, err
	}
	if err := r.s.refresh(ctx, []string{r.from}); err != nil {
		return 0, err
	}
	n, err = r.each(ctx, r.s.walk(ctx, r.from, r.upto), r.copy)
	if err != nil {
		return n, err
	}
	r.upto = upto
	return n, r.s.refresh(ctx, []string{r.into})
}

// weed deletes from the copy what is no longer in the index, and returns how much that was;
// nothing is when both hold as much. What the index has more than its copy is copied next time.
func (r *renewal) weed(ctx context.Context) (n int, err error) {
	from, err := r.s.holds(ctx, r.from)
	if err != nil {
		return 0, err
	}
	into, err := r.s.holds(ctx, r.into)
	if err != nil || from == into {
		return 0, err
	}
	if into < from {
		r.upto = nothing
		return from - into, nil
	}
	if _, err := r.each(ctx, r.s.walk(ctx, r.into, nothing), r.purge); err != nil {
		return 0, err
	}
	return into - from, r.s.refresh(ctx, []string{r.into})
}

// nothing is the checkpoint of an index to which nothing was written.
const nothing = -1

// checkpoint is the sequence number up to which all that was written to the index can be
// found, in each of its copies, once they are refreshed.
func (r *renewal) checkpoint(ctx context.Context) (upto int64, err error) {
	var answer struct {
		Indices map[string]struct {
			Shards map[string][]struct {
				Routing struct{ Primary bool }
				Seq     struct {
					Checkpoint int64 `json:"global_checkpoint"`
				} `json:"seq_no"`
			}
		}
	}
	if err := r.s.client.do(ctx, esapi.IndicesStatsRequest{Index: []string{r.from}, Metric: []string{"docs"}, Level: "shards"}, &answer); err != nil {
		return 0, fmt.Errorf("ask how far %s is written: %w", r.from, err)
	}
	var all []int64
	for _, copies := range answer.Indices[r.from].Shards {
		for _, one := range copies {
			if one.Routing.Primary {
				all = append(all, one.Seq.Checkpoint)
			}
		}
	}
	if len(all) != r.shards {
		return 0, &refused{Status: http.StatusServiceUnavailable, Type: "stats", Reason: fmt.Sprintf("%d of %d shards of %s say how far they are written", len(all), r.shards, r.from)}
	}
	return slices.Min(all), nil
}

// holds is how many documents of an index can be found.
func (s *Store) holds(ctx context.Context, index string) (int, error) {
	var there struct {
		Count  int
		Shards struct{ Total, Successful int } `json:"_shards"`
	}
	if err := s.client.do(ctx, esapi.CountRequest{Index: []string{index}}, &there); err != nil {
		return 0, fmt.Errorf("count what %s holds: %w", index, err)
	}
	if is := there.Shards; is.Successful < is.Total {
		return 0, &refused{Status: http.StatusServiceUnavailable, Type: "count", Reason: fmt.Sprintf("%d of %d shards of %s were counted", is.Successful, is.Total, index)}
	}
	return there.Count, nil
}

// walk gives the ids of the documents of an index that were written after a sequence
// number, in the order in which they were.
func (s *Store) walk(ctx context.Context, index string, after int64) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		question := object{"query": object{"range": object{"_seq_no": object{"gt": after}}}, "_source": false, "size": walkStep,
			"sort": []object{{"_seq_no": "asc"}, {"id": "asc"}}, "track_total_hits": false}
		for {
			body, err := json.Marshal(question)
			if err != nil {
				yield("", err)
				return
			}
			whole := false
			var answer struct {
				Hits struct {
					Hits []struct {
						ID   string `json:"_id"`
						Sort []any
					}
				}
			}
			err = s.client.do(ctx, esapi.SearchRequest{Index: []string{index}, Body: bytes.NewReader(body), AllowPartialSearchResults: &whole}, &answer)
			if err != nil {
				yield("", fmt.Errorf("go through %s: %w", index, err))
				return
			}
			hits := answer.Hits.Hits
			for _, h := range hits {
				if !yield(h.ID, nil) {
					return
				}
			}
			if len(hits) < walkStep {
				return
			}
			question["search_after"] = hits[len(hits)-1].Sort
		}
	}
}

// each does something to ids, some hundred at a time and as many at once as flights are on
// their way, and returns how many there were.
func (r *renewal) each(ctx context.Context, ids iter.Seq2[string, error], do func(context.Context, []string) error) (n int, err error) {
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(flights)
	var some []string
	for id, err := range ids {
		if err != nil {
			return n, errors.Join(work.Wait(), err)
		}
		n++
		if some = append(some, id); len(some) == renewalStep {
			these := some
			some = nil
			work.Go(func() error { return do(ctx, these) })
		}
		if ctx.Err() != nil {
			return n, cmp.Or(work.Wait(), ctx.Err())
		}
	}
	if len(some) > 0 {
		work.Go(func() error { return do(ctx, some) })
	}
	return n, work.Wait()
}

// copy writes documents into the copy, as this version of the program writes them. What was
// deleted meanwhile is left out.
func (r *renewal) copy(ctx context.Context, ids []string) error {
	near := make([]object, len(ids))
	for i, id := range ids {
		near[i] = object{"_index": r.from, "_id": id, "_source": []string{"body"}}
	}
	found := map[string][]stand{}
	if err := r.s.lookNear(ctx, near, found); err != nil {
		return fmt.Errorf("read %d mentions of %s: %w", len(ids), r.from, err)
	}
	var writes []write
	var written []string
	for _, id := range ids {
		for _, is := range found[id] {
			if is.err != nil {
				return fmt.Errorf("%w: %w", errUnread, is.err)
			}
			source, err := r.s.documents.encode(&is.mention)
			if err != nil {
				return err
			}
			writes = append(writes, write{action: "index", index: r.into, version: is.seq + 1, source: source})
			written = append(written, id)
		}
	}
	return r.write(ctx, written, writes)
}

// purge deletes from the copy what is no longer in the index.
func (r *renewal) purge(ctx context.Context, ids []string) error {
	still, err := r.s.searchIDs(ctx, []string{r.from}, ids, object{"_source": false})
	if err != nil {
		return fmt.Errorf("look for %d mentions in %s: %w", len(ids), r.from, err)
	}
	gone := slices.DeleteFunc(ids, func(id string) bool {
		return slices.ContainsFunc(still, func(h copied) bool { return h.ID == id })
	})
	return r.write(ctx, gone, slices.Repeat([]write{{action: "delete", index: r.into}}, len(gone)))
}

// write does to each of these ids what is to be done.
func (r *renewal) write(ctx context.Context, ids []string, writes []write) error {
	if len(writes) == 0 {
		return nil
	}
	var body bytes.Buffer
	for i := range writes {
		if err := writes[i].append(&body, ids[i]); err != nil {
			return err
		}
	}
	items, err := r.s.post(ctx, &body, len(writes))
	if err != nil {
		return fmt.Errorf("write %d mentions to %s: %w", len(writes), r.into, err)
	}
	for i := range writes {
		why := writes[i].verdict(items[i][writes[i].action])
		if why != nil && status(why) != http.StatusConflict { // a newer one is there
			return fmt.Errorf("write to %s: %w", r.into, why)
		}
	}
	return nil
}
