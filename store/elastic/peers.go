package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/store"
)

// What shards tell each other stands in two small indices of its own: one document for
// each shard, and one for each source. Neither is behind an alias, and no board reads it.

var _ store.Peers = (*Store)(nil)

// pulses is the index of signs of life.
func (n indices) pulses() string { return n.prefix + "-shards" }

// cursors is the index of how sources stand.
func (n indices) cursors() string { return n.prefix + "-cursors" }

// peersMost is how many shards, or sources, are ever read: as many as one answer holds.
const peersMost = 10_000

// pulse is a store.Pulse as it is written.
type pulse struct {
	Shard int       `json:"shard"`
	Total int       `json:"total"`
	Run   string    `json:"run"`
	Beat  int       `json:"beat"`
	At    time.Time `json:"at"`
	From  int64     `json:"from"` // in microseconds, as upto: a date ends at the millisecond
	Upto  int64     `json:"upto"`
	Times int       `json:"resent"`
	Since int64     `json:"resent_since"`
}

// cursor is a store.Standing as it is written.
type cursor struct {
	Source string    `json:"source"`
	Shard  int       `json:"shard"`
	At     time.Time `json:"at"`
	Body   []byte    `json:"body"`
}

// Beat is store.Peers'.
func (s *Store) Beat(ctx context.Context, p store.Pulse) error {
	body, err := json.Marshal(pulse{p.Shard, p.Total, p.Run, p.Beat, p.At.UTC(), p.From.UnixMicro(), p.Upto.UnixMicro(), p.Resent.Times, p.Resent.Since.UnixMicro()})
	if err == nil {
		err = s.tell(ctx, s.names.pulses(), pulseMapping, func() error {
			return s.client.do(ctx, esapi.IndexRequest{Index: s.names.pulses(), DocumentID: strconv.Itoa(p.Shard), Body: bytes.NewReader(body)}, nil)
		})
	}
	if err != nil {
		return fmt.Errorf("give a sign of life: %w", s.explain(err))
	}
	return nil
}

// Note is store.Peers'.
func (s *Store) Note(ctx context.Context, all []store.Standing) error {
	var body bytes.Buffer
	lines := json.NewEncoder(&body)
	for _, n := range all {
		err1 := lines.Encode(object{"index": object{"_id": n.Source}})
		err2 := lines.Encode(cursor{n.Source, n.Shard, n.At.UTC(), n.Body})
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
	}
	err := s.tell(ctx, s.names.cursors(), cursorMapping, func() error {
		var answer struct{ Items []map[string]outcome }
		if err := s.client.do(ctx, esapi.BulkRequest{Index: s.names.cursors(), Body: bytes.NewReader(body.Bytes())}, &answer); err != nil {
			return err
		}
		for _, item := range answer.Items {
			if o := item["index"]; o.Status >= 300 {
				kind, reason := cause(o.Error)
				return &refused{Status: o.Status, Type: kind, Reason: reason}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("note how %d sources stand: %w", len(all), s.explain(err))
	}
	return nil
}

// tell writes, after the index was made. It is looked for each time: somebody may have
// deleted it, and Elasticsearch would make another with a mapping of its own. One that an
// older version made learns the fields that came since.
func (s *Store) tell(ctx context.Context, index string, mapping func() object, write func() error) error {
	if err := s.reach(); err != nil {
		return err
	}
	res, err := esapi.IndicesExistsRequest{Index: []string{index}}.Do(ctx, s.client)
	if err != nil {
		return fmt.Errorf("ask Elasticsearch: %w", err)
	}
	if err := res.Body.Close(); err != nil {
		return fmt.Errorf("ask Elasticsearch: %w", err)
	}
	if res.StatusCode == http.StatusNotFound {
		err = s.createPeers(ctx, index, mapping)
	} else {
		err = s.mapPeers(ctx, index, mapping)
	}
	if err != nil {
		return err
	}
	return write()
}

// mapPeers brings the mapping of an index up to date, once.
func (s *Store) mapPeers(ctx context.Context, index string, mapping func() object) error {
	s.mu.Lock()
	done := s.mapped[index]
	s.mu.Unlock()
	if done {
		return nil
	}
	body, err := json.Marshal(object{"properties": mapping()})
	if err != nil {
		return err
	}
	if err := s.client.do(ctx, esapi.IndicesPutMappingRequest{Index: []string{index}, Body: bytes.NewReader(body)}, nil); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mapped[index] = true
	return nil
}

func (s *Store) createPeers(ctx context.Context, index string, mapping func() object) error {
	body, err := json.Marshal(object{
		"settings": object{"index": object{"hidden": true, "number_of_shards": 1, "number_of_replicas": s.config.Replicas, "refresh_interval": "1s"}},
		"mappings": object{"dynamic": "strict", "properties": mapping()},
	})
	if err != nil {
		return err
	}
	err = s.client.do(ctx, esapi.IndicesCreateRequest{Index: index, Body: bytes.NewReader(body)}, nil)
	if r := (*refused)(nil); errors.As(err, &r) && r.Type == "resource_already_exists_exception" {
		return nil
	}
	return err
}

// pulseMapping is what the document of a shard holds.
func pulseMapping() object {
	return object{"shard": object{"type": "integer"}, "total": object{"type": "integer"}, "run": keywords(), "beat": object{"type": "long"},
		"at": date(), "from": object{"type": "long"}, "upto": object{"type": "long"}, "resent": object{"type": "long"}, "resent_since": object{"type": "long"}}
}

// cursorMapping is what the document of a source holds.
func cursorMapping() object {
	return object{"source": keywords(), "shard": object{"type": "integer"}, "at": date(), "body": object{"type": "binary"}}
}

// Pulses is store.Peers'.
func (s *Store) Pulses(ctx context.Context) (all []store.Pulse, err error) {
	err = s.hear(ctx, s.names.pulses(), "shard", func(source json.RawMessage) error {
		var p pulse
		if err := json.Unmarshal(source, &p); err != nil {
			return err
		}
		all = append(all, store.Pulse{Shard: p.Shard, Total: p.Total, Run: p.Run, Beat: p.Beat, At: p.At, From: time.UnixMicro(p.From).UTC(), Upto: time.UnixMicro(p.Upto).UTC(),
			Resent: store.Resent{Times: p.Times, Since: time.UnixMicro(p.Since).UTC()}})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("hear the other shards: %w", s.explain(err))
	}
	return all, nil
}

// Standings is store.Peers'.
func (s *Store) Standings(ctx context.Context) (all []store.Standing, err error) {
	err = s.hear(ctx, s.names.cursors(), "source", func(source json.RawMessage) error {
		var c cursor
		if err := json.Unmarshal(source, &c); err != nil {
			return err
		}
		all = append(all, store.Standing{Source: c.Source, Shard: c.Shard, At: c.At, Body: c.Body})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("ask how sources stand: %w", s.explain(err))
	}
	return all, nil
}

// hear reads all of one of these indices; one that is not there yet is empty.
func (s *Store) hear(ctx context.Context, index, by string, each func(source json.RawMessage) error) error {
	if err := s.reach(); err != nil {
		return err
	}
	return s.read(ctx, index, by, each)
}

// read is hear also while something stands in the way of writing.
func (s *Store) read(ctx context.Context, index, by string, each func(source json.RawMessage) error) error {
	body, err := json.Marshal(object{"size": peersMost, "sort": []object{{by: "asc"}}, "track_total_hits": false})
	if err != nil {
		return err
	}
	whole, yes := false, true
	var answer struct{ Hits struct{ Hits []copied } }
	err = s.client.do(ctx, esapi.SearchRequest{Index: []string{index}, Body: bytes.NewReader(body), AllowPartialSearchResults: &whole, IgnoreUnavailable: &yes}, &answer)
	if err != nil {
		return err
	}
	for _, h := range answer.Hits.Hits {
		if err := each(h.Source); err != nil {
			return fmt.Errorf("read document %s of %s: %w", h.ID, index, err)
		}
	}
	return nil
}
