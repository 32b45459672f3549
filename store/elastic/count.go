package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Count is store.Store's.
func (r *reader) Count(ctx context.Context, q store.Question) (n int, err error) {
	err = r.ask(ctx, q, func(a *asking) error {
		n = 0
		if a.exact {
			if n, err = a.total(ctx, true); err != nil {
				return err
			}
		}
		return a.judged(ctx, func(*mention.Mention) bool {
			n++
			return true
		})
	})
	if err != nil {
		return n, fmt.Errorf("count: %w", err)
	}
	return n, nil
}

// CountUpTo is store.Store's.
func (r *reader) CountUpTo(ctx context.Context, q store.Question, most int) (n int, err error) {
	if most < 1 {
		return 0, nil
	}
	err = r.ask(ctx, q, func(a *asking) error {
		n = 0
		if a.exact {
			if n, err = a.total(ctx, most); err != nil || n >= most {
				return err
			}
		}
		return a.judged(ctx, func(*mention.Mention) bool {
			n++
			return n < most
		})
	})
	if err != nil {
		return 0, fmt.Errorf("count up to %d: %w", most, err)
	}
	return min(n, most), nil
}

// total is how many Elasticsearch is sure of; track is up to how many, or true.
func (a *asking) total(ctx context.Context, track any) (int, error) {
	found, err := a.search(ctx, object{"query": a.sure, "size": 0, "track_total_hits": track})
	if err != nil {
		return 0, err
	}
	return found.Hits.Total.Value, nil
}

// aggregate asks for one aggregation over what is sure, into nothing when there is no
// index to ask.
func (a *asking) aggregate(ctx context.Context, aggregation object, into any) error {
	found, err := a.search(ctx, object{"query": a.sure, "size": 0, "track_total_hits": false, "aggs": aggregation})
	if err != nil || len(found.Aggregations) == 0 {
		return err
	}
	if err := json.Unmarshal(found.Aggregations, into); err != nil {
		return fmt.Errorf("read the answer of Elasticsearch: %w", err)
	}
	return nil
}

// newestKept is the last instant at which something that can be found was seen.
func (r *reader) newestKept(ctx context.Context) (time.Time, error) {
	a := &asking{plan: &plan{indices: r.names.all(), sure: object{"match_all": object{}}}, reader: r}
	var newest struct{ Seen struct{ Value *float64 } }
	if err := a.aggregate(ctx, object{"Seen": object{"max": object{"field": "micro.seen"}}}, &newest); err != nil {
		return time.Time{}, fmt.Errorf("look for what was seen last: %w", err)
	}
	if newest.Seen.Value == nil {
		return time.Time{}, nil
	}
	return time.UnixMicro(int64(*newest.Seen.Value)).UTC(), nil
}
