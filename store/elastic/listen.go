package elastic

import (
	"context"
	"fmt"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

const (
	// listensEvery is how often the server is asked who it is: who writes seldom would
	// else learn late that it is gone.
	listensEvery = 30 * time.Second
	// listensFor is how long it may take to say so.
	listensFor = 10 * time.Second
)

// listen asks the server who it is, again and again until ctx ends.
func (s *Store) listen(ctx context.Context) {
	for pause(ctx, listensEvery) {
		s.knock(ctx)
	}
}

// knock asks once.
func (s *Store) knock(ctx context.Context) {
	brief, cancel := context.WithTimeout(ctx, listensFor)
	defer cancel()
	switch err := s.recognise(brief); {
	case ctx.Err() != nil: // we were stopped: nothing was learnt
	case err == nil:
		s.condition.heard()
	default:
		s.condition.unheard(s.explain(err))
	}
}

// Sizes is store.Remote's. Copies count: it is what the disks hold.
func (s *Store) Sizes(ctx context.Context) (claimed, unclaimed int64, err error) {
	if claimed, err = s.sizeOf(ctx, s.names.mentions()); err == nil {
		unclaimed, err = s.sizeOf(ctx, s.names.unclaimed())
	}
	if err != nil {
		return 0, 0, fmt.Errorf("ask how large the indices are: %w", err)
	}
	return claimed, unclaimed, nil
}

func (s *Store) sizeOf(ctx context.Context, alias string) (bytes int64, err error) {
	var answer struct {
		All struct {
			Total struct {
				Store struct {
					Bytes int64 `json:"size_in_bytes"`
				}
			}
		} `json:"_all"`
	}
	err = s.consult(ctx, esapi.IndicesStatsRequest{Index: []string{alias}, Metric: []string{"store"}, Level: "cluster"}, &answer)
	return answer.All.Total.Store.Bytes, err
}
