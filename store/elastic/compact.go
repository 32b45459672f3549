package elastic

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/store"
)

var _ store.Compactor = (*Store)(nil)

const (
	// closedFor is how long ago a month must have ended, and the last of what stands in its
	// index have become known, before that is written together.
	closedFor = 24 * time.Hour
	// stillFor is how long nothing may have been written to it while we looked: an import
	// writes what became known long ago.
	stillFor = 30 * time.Minute
	// triesAgain is how soon the same month is written together again at the earliest.
	triesAgain = 24 * time.Hour
	// gainful is what must be gained: this share of the bytes stands beside the largest
	// segment, or of the documents is deleted. What is little is not worth writing all of
	// it again.
	gainful = 0.1
)

// compactor is what is remembered from one look at the closed months to the next.
type compactor struct {
	mu     sync.Mutex // one looks at a time
	still  map[string]stillness
	tried  map[string]time.Time
	begun  *merging // nil when none of ours is under way
	denied bool     // we lack the right, and have said so
}

// stillness is how much was ever written to an index, and since when that is so.
type stillness struct {
	writes int64
	since  time.Time
}

// unauthorized is what Elasticsearch calls it when a user lacks a right.
const unauthorized = "security_exception"

// merging is a month that the server writes together.
type merging struct {
	task  string
	index string
	bytes int64 // what it took before
}

// month is the index of a closed month.
type month struct {
	index   string
	writes  int64 // how often anything was written to it since the server has it open
	merging bool  // the server itself merges some of it
	bytes   int64 // with its copies
}

// Compact is store.Compactor's. The server keeps for its copies, until segments are
// merged, what was sent and is not kept: of a month just ended that is half of its room.
func (s *Store) Compact(ctx context.Context) (under bool, err error) {
	c := &s.compactor
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.denied || s.reach() != nil {
		return false, nil
	}
	under, err = s.compact(ctx)
	if r := (*refused)(nil); errors.As(err, &r) && r.Type == unauthorized {
		c.denied = true
		s.log.Warn("closed months keep more room than they need", "err", s.explainCompacting(err))
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("merge closed months: %w", s.explain(err))
	}
	return under, nil
}

func (s *Store) compact(ctx context.Context) (under bool, err error) {
	if under, err = s.underWay(ctx); under || err != nil {
		return under, err
	}
	if _, trouble := s.condition.get(); trouble != nil || !s.Waiting().IsZero() {
		return false, nil
	}
	months, err := s.closedMonths(ctx)
	if err != nil {
		return false, err
	}
	for _, m := range months {
		ready, err := s.ripe(ctx, m)
		if err == nil && ready {
			return true, s.writeTogether(ctx, m)
		}
		if err != nil {
			return false, fmt.Errorf("look at %s: %w", m.index, err)
		}
	}
	return false, nil
}

// underWay says whether the server merges because somebody asked for it, us or another:
// one at a time is enough. What became of ours is said.
func (s *Store) underWay(ctx context.Context) (bool, error) {
	if s.compactor.begun != nil {
		over, err := s.concluded(ctx, s.compactor.begun)
		if !over || err != nil {
			return !over, err
		}
	}
	var running struct{ Nodes map[string]json.RawMessage }
	err := s.client.do(ctx, esapi.TasksListRequest{Actions: []string{"indices:admin/forcemerge*"}, FilterPath: []string{"nodes.*.tasks.*.action"}}, &running)
	if err != nil {
		return false, fmt.Errorf("ask what the server does: %w", err)
	}
	return len(running.Nodes) > 0, nil
}

// concluded says whether a merge of ours has ended. One that the server knows nothing of
// any more ended with it.
func (s *Store) concluded(ctx context.Context, m *merging) (bool, error) {
	var task struct {
		Completed bool
		Error     json.RawMessage
		Response  struct {
			Shards struct {
				Failures []struct{ Reason json.RawMessage }
			} `json:"_shards"`
		}
	}
	err := s.client.do(ctx, esapi.TasksGetRequest{TaskID: m.task}, &task)
	switch {
	case status(err) == http.StatusNotFound:
		s.compactor.begun = nil
		return true, nil
	case err != nil:
		return false, fmt.Errorf("ask how far the merge of %s is: %w", m.index, err)
	case !task.Completed:
		return false, nil
	}
	s.compactor.begun = nil
	reason := task.Error
	if len(task.Response.Shards.Failures) > 0 {
		reason = task.Response.Shards.Failures[0].Reason
	}
	switch kind, words := cause(reason); {
	case kind == unauthorized:
		return true, &refused{Status: http.StatusForbidden, Type: kind, Reason: words}
	case kind != "":
		s.log.Warn("a closed month was not merged", "index", m.index, "err", &refused{Status: http.StatusInternalServerError, Type: kind, Reason: words})
	default:
		s.log.Info("a closed month is merged", "index", m.index, "bytes_before", m.bytes, "bytes_after", s.roomOf(ctx, m.index))
	}
	return true, nil
}

// roomOf is how many bytes an index takes, 0 when that is not answered: it is only told.
func (s *Store) roomOf(ctx context.Context, index string) (bytes int64) {
	all, err := s.measure(ctx, index)
	if err != nil || len(all) == 0 {
		return 0
	}
	return all[0].bytes
}

// closedMonths are the indices whose month ended a day ago and to which nothing was
// written since we looked before, oldest first. That of all that is older is never closed,
// and what nobody claims is dropped before it would be worth it.
func (s *Store) closedMonths(ctx context.Context) (closed []month, err error) {
	all, err := s.measure(ctx, s.names.mentions())
	if err != nil {
		return nil, fmt.Errorf("ask what was written: %w", err)
	}
	now, still := s.now(), map[string]stillness{}
	for _, m := range all {
		_, span, _, _ := s.names.parse(m.index)
		end, ok := endOf(span)
		if !ok || now.Before(end.Add(closedFor)) {
			continue
		}
		is := s.compactor.still[m.index]
		if is.since.IsZero() || is.writes != m.writes {
			is = stillness{m.writes, now}
		}
		still[m.index] = is
		if !m.merging && now.Sub(is.since) >= stillFor && now.Sub(s.compactor.tried[m.index]) >= triesAgain {
			closed = append(closed, m)
		}
	}
	s.compactor.still = still
	maps.DeleteFunc(s.compactor.tried, func(index string, _ time.Time) bool { return still[index].since.IsZero() })
	return closed, nil
}

// measure asks how much stands in indices and how much was written to them.
func (s *Store) measure(ctx context.Context, pattern string) (all []month, err error) {
	var answer struct {
		Indices map[string]struct {
			Primaries struct {
				Indexing struct {
					Written int64 `json:"index_total"`
					Deleted int64 `json:"delete_total"`
				}
			}
			Total struct {
				Merges struct{ Current int }
				Store  struct {
					Bytes int64 `json:"size_in_bytes"`
				}
			}
		}
	}
	err = s.client.do(ctx, esapi.IndicesStatsRequest{Index: []string{pattern}, Metric: []string{"indexing", "merge", "store"}}, &answer)
	if err != nil {
		return nil, err
	}
	for index, is := range answer.Indices {
		all = append(all, month{index, is.Primaries.Indexing.Written + is.Primaries.Indexing.Deleted, is.Total.Merges.Current > 0, is.Total.Store.Bytes})
	}
	slices.SortFunc(all, func(a, b month) int { return cmp.Compare(a.index, b.index) })
	return all, nil
}

// ripe says whether a closed month is to be written together now.
func (s *Store) ripe(ctx context.Context, m month) (bool, error) {
	for _, so := range []func(context.Context, month) (bool, error){s.gains, s.calm, s.hasRoom} {
		if yes, err := so(ctx, m); !yes || err != nil {
			return false, err
		}
	}
	return true, nil
}

// segment is a part of an index.
type segment struct {
	Docs    int64 `json:"num_docs"`
	Deleted int64 `json:"deleted_docs"`
	Bytes   int64 `json:"size_in_bytes"`
}

// gains says whether one of the copies of a month has something to gain.
func (s *Store) gains(ctx context.Context, m month) (bool, error) {
	var answer struct {
		Indices map[string]struct {
			Shards map[string][]struct{ Segments map[string]segment }
		}
	}
	if err := s.client.do(ctx, esapi.IndicesSegmentsRequest{Index: []string{m.index}}, &answer); err != nil {
		return false, err
	}
	for _, copies := range answer.Indices[m.index].Shards {
		for _, one := range copies {
			if worthwhile(slices.Collect(maps.Values(one.Segments))) {
				return true, nil
			}
		}
	}
	return false, nil
}

// worthwhile says whether to make one of these segments gains enough.
func worthwhile(all []segment) bool {
	var sum, largest segment
	for _, g := range all {
		sum = segment{sum.Docs + g.Docs, sum.Deleted + g.Deleted, sum.Bytes + g.Bytes}
		if g.Bytes > largest.Bytes {
			largest = g
		}
	}
	return float64(sum.Bytes-largest.Bytes) >= gainful*float64(sum.Bytes) && len(all) > 1 ||
		sum.Deleted > 0 && float64(sum.Deleted) >= gainful*float64(sum.Docs+sum.Deleted)
}

// calm says that nothing in a month became known, or changed, for a day.
func (s *Store) calm(ctx context.Context, m month) (bool, error) {
	newest := func(field string) object { return object{"max": object{"field": field}} }
	body, err := json.Marshal(object{"size": 0, "aggs": object{"seen": newest("micro.seen"), "changed": newest("micro.changed")}})
	if err != nil {
		return false, err
	}
	whole := false
	var answer struct {
		Aggregations struct{ Seen, Changed struct{ Value float64 } }
	}
	err = s.client.do(ctx, esapi.SearchRequest{Index: []string{m.index}, Body: bytes.NewReader(body), AllowPartialSearchResults: &whole}, &answer)
	last := int64(max(answer.Aggregations.Seen.Value, answer.Aggregations.Changed.Value))
	return s.now().Sub(time.UnixMicro(last)) >= closedFor, err
}

// hasRoom says that each node has room for the month twice more: it stands beside itself
// until the new segment is whole, and a disk that fills would end writing.
func (s *Store) hasRoom(ctx context.Context, m month) (bool, error) {
	var answer struct {
		Nodes map[string]struct {
			Roles []string
			FS    struct {
				Total struct {
					Free int64 `json:"available_in_bytes"`
				}
			}
		}
	}
	if err := s.client.do(ctx, esapi.NodesStatsRequest{Metric: []string{"fs"}}, &answer); err != nil {
		return false, err
	}
	for _, n := range answer.Nodes {
		if holdsData := slices.ContainsFunc(n.Roles, func(r string) bool { return strings.HasPrefix(r, "data") }); holdsData && n.FS.Total.Free < 2*m.bytes {
			return false, nil
		}
	}
	return true, nil
}

// writeTogether has the server begin. It answers before it has looked whether we may, and
// ends what it began whatever becomes of us.
func (s *Store) writeTogether(ctx context.Context, m month) error {
	one, no := 1, false
	var answer struct{ Task string }
	err := s.client.do(ctx, esapi.IndicesForcemergeRequest{Index: []string{m.index}, MaxNumSegments: &one, WaitForCompletion: &no}, &answer)
	if err != nil {
		return fmt.Errorf("merge %s: %w", m.index, err)
	}
	s.compactor.tried[m.index] = s.now()
	s.compactor.begun = &merging{answer.Task, m.index, m.bytes}
	return nil
}
