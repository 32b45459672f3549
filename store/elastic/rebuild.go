package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/lock"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/internal/text"
)

// Retokenise is store.Store's: each index that holds tokens of an older version is written
// anew, the newest first, see renewal. It can be stopped at any time; begun again, it goes
// on with the index at which it was. Another process of this folder that does the same is
// waited for. An index that holds what this version cannot read, or that somebody has shut,
// stays as it is. Where several shards keep mentions, what stands twice since an older
// version is joined too.
func (s *Store) Retokenise(ctx context.Context) (total int, err error) {
	if err := s.reach(); err != nil {
		return 0, err
	}
	mine, err := s.rebuilds(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, mine.Release()) }()
	if total, err = s.rebuildAll(ctx); err == nil {
		err = s.joinDoubles(ctx)
	}
	if err != nil {
		return total, fmt.Errorf("renew tokens: %w", s.explain(err))
	}
	return total, nil
}

// rebuilds waits until no other process of this folder rebuilds.
func (s *Store) rebuilds(ctx context.Context) (*lock.Lock, error) {
	for {
		mine, err := s.rebuildsAlone()
		if !errors.Is(err, lock.ErrTaken) {
			return mine, err
		}
		if !pause(ctx, looksEvery) {
			return nil, fmt.Errorf("wait for another rebuild: %w", err)
		}
	}
}

// rebuildsAlone is lock.ErrTaken when another process of this folder rebuilds.
func (s *Store) rebuildsAlone() (*lock.Lock, error) {
	folder := filepath.Join(s.folder, "rebuild")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, sqlite.Explain(folder, err)
	}
	return lock.Take(folder)
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

// rebuildAll gives how many mentions are found otherwise now.
func (s *Store) rebuildAll(ctx context.Context) (total int, err error) {
	if err := s.refreshAll(ctx); err != nil {
		return 0, err
	}
	old, err := s.oldTokens(ctx)
	if err != nil {
		return 0, err
	}
	if err := s.leftOver(ctx, old); err != nil {
		return 0, err
	}
	for _, index := range s.names.newestFirst(old) {
		if s.unread[index] {
			continue
		}
		err := s.renewIndex(ctx, index)
		switch {
		case errors.Is(err, errHandShut), errors.Is(err, errUnread), errors.Is(err, errStrange):
			s.log.Warn("an index keeps its old tokens", "index", index, "err", err)
			s.unread[index] = errors.Is(err, errUnread)
		case errors.Is(err, errNoIndex): // its month is forgotten, or another has written it anew
		case err != nil:
			return total, err
		default:
			total += old[index]
		}
	}
	return total, nil
}

// oldTokens is how many mentions of each index have tokens of another version.
func (s *Store) oldTokens(ctx context.Context) (map[string]int, error) {
	body, err := json.Marshal(object{"query": otherTokens(), "size": 0, "track_total_hits": false,
		"aggs": object{"In": object{"terms": object{"field": "_index", "size": bucketsMost / 2}}}})
	if err != nil {
		return nil, err
	}
	whole, yes := false, true
	var answer struct {
		Aggregations struct{ In valueCounts }
	}
	err = s.client.do(ctx, esapi.SearchRequest{Index: s.names.all(), Body: bytes.NewReader(body), AllowPartialSearchResults: &whole, IgnoreUnavailable: &yes}, &answer)
	if err != nil {
		return nil, fmt.Errorf("look for old tokens: %w", err)
	}
	old := map[string]int{}
	for _, b := range answer.Aggregations.In.Buckets {
		old[b.Key] = b.Count
	}
	return old, nil
}

// leftOver adds the indices of which a rebuild that died has left a copy: they may be shut.
// A copy of what is no longer there is cleared away.
func (s *Store) leftOver(ctx context.Context, old map[string]int) error {
	copies, err := s.editionsOf(ctx, s.names.mentions()+".*", s.names.unclaimed()+".*")
	if err != nil {
		return err
	}
	for _, e := range copies {
		if e.found {
			continue
		}
		alias, span, _, _ := s.names.parse(e.index)
		all, err := s.editions(ctx, alias, span)
		if err != nil {
			return err
		}
		of := slices.DeleteFunc(all, func(e edition) bool { return !e.found })
		for _, is := range of {
			old[is.index] += 0
		}
		if len(of) == 0 {
			if err := s.clearAway(ctx, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// newestFirst orders indices by their month or week, that of all that is old last.
func (n indices) newestFirst(in map[string]int) (all []string) {
	for index := range in {
		all = append(all, index)
	}
	end := func(index string) (at time.Time) {
		_, span, _, _ := n.parse(index)
		at, _ = endOf(span)
		return at
	}
	slices.SortFunc(all, func(a, b string) int {
		if c := end(b).Compare(end(a)); c != 0 {
			return c
		}
		return strings.Compare(a, b)
	})
	return all
}
