package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/text"
)

const (
	// rebuildStep is how many mentions get new tokens in one request.
	rebuildStep = 300
	// rebuildPasses is how often what others changed meanwhile is looked for again.
	rebuildPasses = 10
)

// Retokenise is store.Store's. Each document is written anew where it stands, if it is
// still as it was read: what another process writes meanwhile has the newer tokens, or
// is found by the next pass. Whole indices are not copied and swapped, for those that
// write to them from other machines remember where a mention stands, and would keep it
// twice. It can be stopped and begun again at any time. Where several shards keep
// mentions, what stands twice since an older version is joined too.
func (s *Store) Retokenise(ctx context.Context) (total int, err error) {
	if err := s.reach(); err != nil {
		return 0, err
	}
	for range rebuildPasses {
		done, left, err := s.rebuildAll(ctx)
		total += done
		if err != nil {
			return total, fmt.Errorf("renew tokens: %w", s.explain(err))
		}
		if left == 0 {
			break
		}
	}
	if err := s.joinDoubles(ctx); err != nil {
		return total, fmt.Errorf("renew tokens: %w", s.explain(err))
	}
	return total, nil
}

// Outdated is how many mentions have tokens of another version: what was cut
// differently then may be missed in them.
func (s *Store) Outdated(ctx context.Context) (int, error) {
	body, err := json.Marshal(object{"query": otherTokens()})
	if err != nil {
		return 0, err
	}
	yes := true
	var answer struct{ Count int }
	if err := s.consult(ctx, esapi.CountRequest{Index: s.names.all(), Body: bytes.NewReader(body), IgnoreUnavailable: &yes}, &answer); err != nil {
		return 0, fmt.Errorf("count old tokens: %w", err)
	}
	return answer.Count, nil
}

func otherTokens() object {
	return object{"bool": object{"must_not": object{"term": object{"tokens_version": text.Version}}}}
}

// rebuildAll goes through all once; left is how many somebody else was just changing.
func (s *Store) rebuildAll(ctx context.Context) (done, left int, err error) {
	if err := s.refreshAll(ctx); err != nil {
		return 0, 0, err
	}
	for after := []any(nil); ; {
		page, next, err := s.oldTokens(ctx, after)
		if err != nil || len(page) == 0 {
			return done, left, err
		}
		renewed, conflicts, err := s.renew(ctx, page)
		done, left, after = done+renewed, left+conflicts, next
		if err != nil {
			return done, left, err
		}
	}
}

// oldTokens is the next documents in order of id, and after what the following come.
func (s *Store) oldTokens(ctx context.Context, after []any) (page []copied, next []any, err error) {
	question := object{"query": otherTokens(), "_source": []string{"body"}, "seq_no_primary_term": true, "size": rebuildStep,
		"sort": []object{{"id": "asc"}, {"micro.seen": "asc"}}, "track_total_hits": false}
	if after != nil {
		question["search_after"] = after
	}
	body, err := json.Marshal(question)
	if err != nil {
		return nil, nil, err
	}
	whole, yes := false, true
	var answer struct {
		Hits struct {
			Hits []struct {
				copied
				Sort []any `json:"sort"`
			}
		}
	}
	err = s.client.do(ctx, esapi.SearchRequest{Index: s.names.all(), Body: bytes.NewReader(body), AllowPartialSearchResults: &whole, IgnoreUnavailable: &yes}, &answer)
	if err != nil {
		return nil, nil, err
	}
	for _, h := range answer.Hits.Hits {
		page, next = append(page, h.copied), h.Sort
	}
	return page, next, nil
}

// renew writes documents over themselves. One that cannot be read stays as it is.
func (s *Store) renew(ctx context.Context, page []copied) (done, conflicts int, err error) {
	var all []*errand
	for _, h := range page {
		m, err := s.documents.decode(h.Source)
		if err != nil {
			s.log.Warn("a mention that cannot be read keeps its old tokens", "id", h.ID, "index", h.Index, "err", err)
			continue
		}
		source, err := s.documents.encode(&m)
		if err != nil {
			return 0, 0, err
		}
		over := &stand{index: h.Index, seq: h.Seq, term: h.Term, mention: m}
		all = append(all, &errand{id: h.ID, writes: []write{{action: "index", index: h.Index, over: over, source: source}}})
	}
	if len(all) == 0 {
		return 0, 0, nil
	}
	if _, err := s.sender.bulk(ctx, all); err != nil {
		return 0, 0, err
	}
	for _, e := range all {
		switch {
		case e.why == nil:
			done++
		case status(e.why) == http.StatusConflict || status(e.why) == http.StatusNotFound:
			conflicts++
		default:
			return done, conflicts, e.why
		}
	}
	return done, conflicts, nil
}
