package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// joinDoubles makes one of each mention that two shards had made at the same moment and
// that stands twice since: today who makes a mention looks for that, an older version did
// not. It goes through all ids, once in the life of a process, and only where several
// shards keep mentions.
func (s *Store) joinDoubles(ctx context.Context) error {
	if !s.joined.Load() || s.united.Load() {
		return nil
	}
	if err := s.refreshAll(ctx); err != nil {
		return err
	}
	total := 0
	for after := (any)(nil); ; {
		twice, next, err := s.standTwice(ctx, after)
		if err == nil && len(twice) > 0 {
			total += len(twice)
			err = s.sender.join(ctx, twice)
		}
		if err != nil {
			return err
		}
		if after = next; after == nil {
			break
		}
	}
	if total > 0 {
		s.log.Info("mentions that stood more than once are one again", "count", total)
		if err := s.refreshAll(ctx); err != nil {
			return err
		}
	}
	s.united.Store(true)
	return nil
}

// standTwice are the mentions with more than one document among the next ids, and after
// what the following come; nil is the end. Nothing stands twice in one index, and an
// index answers for its ids in order, so that a step costs what it holds.
func (s *Store) standTwice(ctx context.Context, after any) (twice []string, next any, err error) {
	ids := object{"size": s.limits.values, "sources": []object{{"id": object{"terms": object{"field": "id"}}}}}
	if after != nil {
		ids["after"] = after
	}
	var answer struct {
		Aggregations struct {
			IDs struct {
				After   any `json:"after_key"`
				Buckets []struct {
					Key   struct{ ID string }
					Count int `json:"doc_count"`
				}
			}
		}
	}
	body, err := json.Marshal(object{"size": 0, "track_total_hits": false, "aggs": object{"ids": object{"composite": ids}}})
	if err != nil {
		return nil, nil, err
	}
	whole, yes := false, true
	err = s.client.do(ctx, esapi.SearchRequest{Index: s.names.all(), Body: bytes.NewReader(body), AllowPartialSearchResults: &whole, IgnoreUnavailable: &yes}, &answer)
	if err != nil {
		return nil, nil, fmt.Errorf("look for doubles: %w", err)
	}
	for _, b := range answer.Aggregations.IDs.Buckets {
		if b.Count > 1 {
			twice = append(twice, b.Key.ID)
		}
	}
	return twice, answer.Aggregations.IDs.After, nil
}

// joinMost is how many doubles are joined at once.
const joinMost = 200

// join makes one of each of these: first what one alone knew stands with the one that
// stays, then the others are deleted. Somebody who writes one meanwhile is not written over.
func (d *sender) join(ctx context.Context, ids []string) error {
	for len(ids) > 0 {
		n := min(joinMost, len(ids))
		left := make([]*errand, n)
		for i, id := range ids[:n] {
			left[i] = &errand{id: id, search: true}
		}
		ids = ids[n:]
		for tries := 0; len(left) > 0; tries++ {
			if tries > 0 && !pause(ctx, backoff(tries)) {
				return ctx.Err()
			}
			var err error
			if left, err = d.joinOnce(ctx, left); err != nil && err != errAgain {
				return fmt.Errorf("join doubles: %w", err)
			}
		}
	}
	return nil
}

// joinOnce looks up and writes once. What cannot be read, or is refused for good, stays
// as it is: nothing is lost with it.
func (d *sender) joinOnce(ctx context.Context, all []*errand) (left []*errand, err error) {
	found, err := d.s.lookup(ctx, d.s.wants(all))
	if err != nil {
		return nil, err
	}
	var todo []*errand
	var sources []byte
	for _, e := range all {
		e.writes, e.in, e.why, e.later = nil, nil, nil, false
		if err := d.s.plan(e, found[e.id], &sources); err != nil {
			d.s.log.Warn("a mention that cannot be read stands twice", "id", e.id, "err", err)
		} else if len(e.writes) > 0 {
			todo = append(todo, e)
		}
	}
	if len(todo) == 0 {
		return nil, nil
	}
	if err := d.ensure(ctx, todo); err != nil {
		return nil, err
	}
	if _, err := d.bulk(ctx, todo); err != nil {
		return nil, err
	}
	_, dead, left, err := outcomes(todo)
	for _, e := range dead {
		d.s.log.Warn("a mention stands twice, for it cannot be written", "id", e.id, "err", e.why)
	}
	return left, err
}
