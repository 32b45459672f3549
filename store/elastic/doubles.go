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
	lots, err := s.lots(ctx)
	if err != nil {
		return err
	}
	total := 0
	var waiting []string
	for i, l := range lots {
		twice, err := s.twiceIn(ctx, l)
		if err != nil {
			return err
		}
		total, waiting = total+len(twice), append(waiting, twice...)
		if len(waiting) < joinMost && i < len(lots)-1 {
			continue // a join takes as long for one as for many
		}
		if err := s.sender.join(ctx, waiting); err != nil {
			return err
		}
		waiting = nil
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

// twiceIn is what stands twice in a lot.
func (s *Store) twiceIn(ctx context.Context, l lot) (all []string, err error) {
	for after := (any)(nil); ; {
		twice, next, err := s.standTwice(ctx, l, after)
		all, after = append(all, twice...), next
		if err != nil || next == nil {
			return all, err
		}
	}
}

// lot is the ids from one on and before another, "" for no end.
type lot struct{ from, before string }

// lots are all ids, a few thousand in each where they are as mention.NewID makes them:
// of a question about all of them, every index would answer as many as are asked for, and
// nearly all of that would be thrown away.
func (s *Store) lots(ctx context.Context) ([]lot, error) {
	var there struct{ Count int }
	yes := true
	if err := s.client.do(ctx, esapi.CountRequest{Index: s.names.all(), IgnoreUnavailable: &yes}, &there); err != nil {
		return nil, fmt.Errorf("count what may stand twice: %w", err)
	}
	return lotsOf(there.Count, s.limits.values), nil
}

// idLetters are what an id of mention.NewID is made of, in their order.
const idLetters = "234567abcdefghijklmnopqrstuvwxyz"

// lotsOf cuts the ids of so many mentions into lots of about as many as one answer takes;
// beyond two letters an answer is not the whole of a lot, which is asked for in turn.
func lotsOf(mentions, atOnce int) []lot {
	begins := []string{""}
	for range 2 {
		if mentions <= atOnce*len(begins) {
			break
		}
		var longer []string
		for _, begin := range begins {
			for _, letter := range idLetters {
				longer = append(longer, begin+string(letter))
			}
		}
		begins = longer
	}
	all := make([]lot, len(begins))
	for i := range begins {
		if i > 0 { // what comes before the first is in it
			all[i] = lot{from: begins[i]}
			all[i-1].before = begins[i]
		}
	}
	return all
}

// asked asks for its ids.
func (l lot) asked() object {
	within := object{}
	if l.from != "" {
		within["gte"] = l.from
	}
	if l.before != "" {
		within["lt"] = l.before
	}
	if len(within) == 0 {
		return object{"match_all": object{}}
	}
	return object{"range": object{"id": within}}
}

// standTwice are the mentions with more than one document among the next ids of a lot, and
// after what the following come; nil is the end. Nothing stands twice in one index.
func (s *Store) standTwice(ctx context.Context, l lot, after any) (twice []string, next any, err error) {
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
	body, err := json.Marshal(object{"size": 0, "track_total_hits": false, "query": l.asked(), "aggs": object{"ids": object{"composite": ids}}})
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
		return todo, err
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
