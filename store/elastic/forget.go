package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// forgetStep is how many documents are erased by one request, so that the server does
// other things in between.
const forgetStep = 5000

// Forget is store.Store's. An index of which all is older is dropped whole, which
// costs the server nothing; what stands among newer ones is erased in steps.
func (s *Store) Forget(ctx context.Context, claimed, unclaimed time.Time) (total int, err error) {
	if err := s.reach(); err != nil {
		return 0, err
	}
	for _, part := range []struct {
		alias, field string
		until        time.Time
	}{{s.names.mentions(), "micro.published", claimed}, {s.names.unclaimed(), "micro.seen", unclaimed}} {
		n, err := s.dropOlder(ctx, part.alias, part.until)
		total += n
		if err == nil {
			n, err = s.eraseOlder(ctx, part.alias, part.field, part.until)
			total += n
		}
		if err != nil {
			return total, fmt.Errorf("forget what is older than %s in %s: %w", part.until.Format(time.DateOnly), part.alias, s.explain(err))
		}
	}
	return total, nil
}

// dropOlder deletes the indices of which all is older than until.
func (s *Store) dropOlder(ctx context.Context, alias string, until time.Time) (total int, err error) {
	there, err := s.sender.identities(ctx, []string{alias})
	if err != nil {
		return 0, err
	}
	for index := range there {
		_, span, _, _ := s.names.parse(index)
		end, ok := endOf(span)
		if !ok || end.After(until) {
			continue
		}
		n, err := s.dropIndex(ctx, index)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// endOf is the instant at which the month or the week ends that an index is named
// for; ok is false for the one of all that is old.
func endOf(span string) (end time.Time, ok bool) {
	if month, err := time.Parse("2006-01", span); err == nil {
		return month.AddDate(0, 1, 0), true
	}
	var year, week int
	if n, err := fmt.Sscanf(span, "%04d-w%02d", &year, &week); n != 2 || err != nil {
		return time.Time{}, false
	}
	fourth := time.Date(year, time.January, 4, 0, 0, 0, 0, time.UTC) // is in week 1
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	return monday.AddDate(0, 0, 7*week), true
}

// dropIndex deletes an index and says how many mentions it held.
func (s *Store) dropIndex(ctx context.Context, index string) (int, error) {
	if err := s.client.do(ctx, esapi.IndicesRefreshRequest{Index: []string{index}}, nil); err != nil {
		return 0, err
	}
	var held struct{ Count int }
	if err := s.client.do(ctx, esapi.CountRequest{Index: []string{index}}, &held); err != nil {
		return 0, err
	}
	err := s.client.do(ctx, esapi.IndicesDeleteRequest{Index: []string{index}}, nil)
	if err != nil && status(err) != http.StatusNotFound {
		return 0, err
	}
	s.sender.lost(index)
	return held.Count, nil
}

// eraseOlder deletes documents step by step. What changes meanwhile is erased next time.
func (s *Store) eraseOlder(ctx context.Context, alias, field string, until time.Time) (total int, err error) {
	body, err := json.Marshal(object{"query": object{"range": object{field: object{"lt": ceilMicro(until)}}}})
	if err != nil {
		return 0, err
	}
	yes, most := true, forgetStep
	for {
		var answer struct {
			Deleted  int
			Failures []struct{ Cause json.RawMessage }
		}
		err := s.client.do(ctx, esapi.DeleteByQueryRequest{Index: []string{alias}, Body: bytes.NewReader(body), Conflicts: "proceed",
			MaxDocs: &most, Refresh: &yes, IgnoreUnavailable: &yes}, &answer)
		if err == nil && len(answer.Failures) > 0 {
			kind, reason := cause(answer.Failures[0].Cause)
			err = &refused{Status: http.StatusServiceUnavailable, Type: kind, Reason: reason}
		}
		total += answer.Deleted
		if err != nil || answer.Deleted == 0 {
			return total, err
		}
	}
}

// ceilMicro is the first microsecond that is not before t: what is kept to the
// microsecond is before t exactly when it is before that.
func ceilMicro(t time.Time) int64 {
	micro := t.UnixMicro()
	if t.After(time.UnixMicro(micro)) {
		micro++
	}
	return micro
}
