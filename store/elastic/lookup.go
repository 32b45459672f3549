package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// stand is a document of a mention, as it was read.
type stand struct {
	index   string
	seq     int64 // with term, what must still be so when it is written over
	term    int64
	mention mention.Mention
	err     error // why it cannot be read
}

// wanted is a mention to look up: in these indices, as they are at this very moment,
// and, when search is set, in all that can be found.
type wanted struct {
	id     string
	in     []string
	search bool
}

// copied is a document in an answer.
type copied struct {
	Index  string          `json:"_index"`
	ID     string          `json:"_id"`
	Seq    int64           `json:"_seq_no"`
	Term   int64           `json:"_primary_term"`
	Found  bool            `json:"found"`
	Error  json.RawMessage `json:"error"`
	Source json.RawMessage `json:"_source"`
}

// lookup reads the documents of mentions, each once. One that is not where it was remembered
// to stand has moved, or its index is gone: it is searched for.
func (s *Store) lookup(ctx context.Context, all []wanted) (map[string][]stand, error) {
	var near []object
	for _, w := range all {
		for _, index := range w.in {
			near = append(near, object{"_index": index, "_id": w.id, "_source": []string{"body"}})
		}
	}
	found := map[string][]stand{}
	if err := s.lookNear(ctx, near, found); err != nil {
		return nil, fmt.Errorf("look up %d mentions: %w", len(near), err)
	}
	var far []string
	for _, w := range all {
		if w.search || len(found[w.id]) == 0 {
			far = append(far, w.id)
		}
	}
	for some := range slices.Chunk(far, atOnce) {
		if err := s.lookFar(ctx, some, found); err != nil {
			return nil, fmt.Errorf("look for %d mentions: %w", len(some), err)
		}
	}
	return found, nil
}

// lookNear sees also what cannot be found yet. An index that is gone holds nothing.
func (s *Store) lookNear(ctx context.Context, docs []object, found map[string][]stand) error {
	if len(docs) == 0 {
		return nil
	}
	body, err := json.Marshal(object{"docs": docs})
	if err != nil {
		return err
	}
	var answer struct{ Docs []copied }
	if err := s.client.do(ctx, esapi.MgetRequest{Body: bytes.NewReader(body)}, &answer); err != nil {
		return err
	}
	for _, h := range answer.Docs {
		if kind, reason := cause(h.Error); kind != "" && kind != "index_not_found_exception" {
			return &refused{Status: 503, Type: kind, Reason: reason}
		}
		if h.Found {
			s.add(found, h)
		}
	}
	return nil
}

// lookFar reads what can be found.
func (s *Store) lookFar(ctx context.Context, ids []string, found map[string][]stand) error {
	hits, err := s.searchIDs(ctx, s.names.all(), ids, object{"_source": []string{"body"}, "seq_no_primary_term": true})
	for _, h := range hits {
		s.add(found, h)
	}
	return err
}

// searchIDs asks indices for mentions, and for what is shown of them. An answer of some
// of the indices would make a known mention new.
func (s *Store) searchIDs(ctx context.Context, in, ids []string, shown object) ([]copied, error) {
	maps.Copy(shown, object{"query": object{"ids": object{"values": ids}}, "size": 4 * len(ids), "sort": []string{"_doc"}, "track_total_hits": false})
	body, err := json.Marshal(shown)
	if err != nil {
		return nil, err
	}
	whole, yes := false, true
	var answer struct{ Hits struct{ Hits []copied } }
	err = s.client.do(ctx, esapi.SearchRequest{Index: in, Body: bytes.NewReader(body), AllowPartialSearchResults: &whole, IgnoreUnavailable: &yes}, &answer)
	return answer.Hits.Hits, err
}

func (s *Store) add(found map[string][]stand, h copied) {
	if slices.ContainsFunc(found[h.ID], func(k stand) bool { return k.index == h.Index }) {
		return
	}
	m, err := s.documents.decode(h.Source)
	if err != nil {
		err = fmt.Errorf("mention %s in %s: %w", h.ID, h.Index, err)
	}
	found[h.ID] = append(found[h.ID], stand{h.Index, h.Seq, h.Term, m, err})
}

// atOnce is how many mentions one search is for: an index costs it about as much for a
// thousand ids as for a hundred.
const atOnce = 1000

// locate learns where the mentions of a flight stand that are not remembered, and with
// them those of the flights that come next. One flight at a time does, so that the others
// need not.
func (d *sender) locate(ctx context.Context, all []*errand) error {
	select {
	case d.locating <- struct{}{}:
		defer func() { <-d.locating }()
	case <-ctx.Done():
		return ctx.Err()
	}
	ids := d.unlocated(all)
	in, err := d.s.whereabouts(ctx, ids)
	if err != nil {
		return fmt.Errorf("look for %d mentions: %w", len(ids), err)
	}
	for _, id := range ids {
		switch len(in[id]) {
		case 0:
			d.s.memory.nowhere(id)
		case 1:
			d.s.memory.stands(id, in[id][0])
		} // doubles are looked up whole, and made one
	}
	return nil
}

// unlocated are mentions of a flight, and of those ahead as many as one search takes along.
// None of these is in a flight: nobody writes it before what is learnt is remembered.
func (d *sender) unlocated(all []*errand) (ids []string) {
	for _, e := range all {
		if !e.search && !d.s.memory.located(e.id) {
			ids = append(ids, e.id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := map[string]bool{}
	for i := range d.ahead {
		if len(ids) >= atOnce {
			break
		}
		id := d.ahead[i].id
		if !taken[id] && !d.busy[id] && !d.s.memory.located(id) {
			taken[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// whereabouts are the indices in which mentions can be found.
func (s *Store) whereabouts(ctx context.Context, ids []string) (map[string][]string, error) {
	in := map[string][]string{}
	for some := range slices.Chunk(ids, atOnce) {
		hits, err := s.searchIDs(ctx, s.names.all(), some, object{"_source": false})
		if err != nil {
			return nil, err
		}
		for _, h := range hits {
			in[h.ID] = append(in[h.ID], h.Index)
		}
	}
	return in, nil
}

// want is how a mention is looked up by what is remembered of it.
func (s *Store) want(id string) wanted {
	p, _ := s.memory.get(id)
	if p.index == "" {
		return wanted{id: id, search: true}
	}
	return wanted{id: id, in: []string{p.index}}
}

// Get is store.Store's. What waits in the spool is part of the answer; while the
// server is away it is all of it.
func (s *Store) Get(ctx context.Context, id string) (mention.Mention, error) {
	waiting, err := s.spool.of(ctx, id)
	if err != nil {
		return mention.Mention{}, fmt.Errorf("get mention %s: %w", id, err)
	}
	kept, away := s.one(ctx, id)
	if away != nil && len(waiting) == 0 {
		return mention.Mention{}, away
	}
	var before *mention.Mention
	if kept != nil {
		before = &kept.mention
	}
	folded, err := s.fold(before, waiting)
	if err != nil {
		return mention.Mention{}, fmt.Errorf("get mention %s: %w", id, err)
	}
	if folded.exists {
		return folded.mention, nil
	}
	if away != nil {
		return mention.Mention{}, away
	}
	return mention.Mention{}, fmt.Errorf("mention %s: %w", id, store.ErrNotFound)
}

// one is what the server has of a mention, nil when it has nothing.
func (s *Store) one(ctx context.Context, id string) (*stand, error) {
	if err := s.reach(); err != nil {
		return nil, err
	}
	var found map[string][]stand
	err := s.attend(ctx, func(ctx context.Context) error {
		return patiently(ctx, busyOrGone, func() (err error) {
			found, err = s.lookup(ctx, []wanted{s.want(id)})
			return err
		})
	})
	if err != nil {
		return nil, s.explain(err)
	}
	if len(found[id]) == 0 {
		return nil, nil
	}
	kept, _, err := unite(found[id])
	if err != nil {
		return nil, err
	}
	return &kept, nil
}

// acquaint remembers mentions that are put and not remembered: from the spool, and
// from the server if it answers at once. Of the others Put believes that they are new.
func (s *Store) acquaint(ctx context.Context, batch []mention.Mention) error {
	var ids []string
	for i := range batch {
		if !s.memory.knows(batch[i].ID) {
			ids = append(ids, batch[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	ids, err := s.recall(ctx, ids)
	if err != nil || len(ids) == 0 || s.reach() != nil {
		return err
	}
	if _, trouble := s.condition.get(); trouble != nil || s.now().Before(s.memory.tired()) {
		return nil
	}
	brief, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	all := make([]wanted, len(ids))
	for i, id := range ids {
		all[i] = wanted{id: id, search: true}
	}
	found, err := s.lookup(brief, all)
	if err != nil {
		s.memory.tire(s.now().Add(rest))
		return ctx.Err() // that the server does not answer is the sender's to say
	}
	for _, id := range ids {
		s.learn(id, found[id])
	}
	return nil
}

func (s *Store) learn(id string, found []stand) {
	switch len(found) {
	case 0:
		s.memory.nowhere(id)
	case 1:
		s.memory.stands(id, found[0].index)
		s.memory.put(id, found[0].mention.Current())
	default: // doubles are looked up again when they are made one
		s.memory.put(id, found[0].mention.Current())
	}
}

// recall remembers what waits in the spool since before the program started, and
// returns the ids that do not.
func (s *Store) recall(ctx context.Context, ids []string) (others []string, err error) {
	names, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	ops, err := s.spool.query(ctx, s.spool.limit, columns+`WHERE id IN (SELECT value FROM json_each(?)) AND kind = ? ORDER BY seq`, string(names), putting)
	if err != nil {
		return nil, fmt.Errorf("look into the spool: %w", err)
	}
	there := map[string]bool{}
	for i := range ops {
		m, err := s.unpack(ops[i].body)
		if err != nil {
			return nil, fmt.Errorf("read mention %s of the spool: %w", ops[i].id, err)
		}
		there[m.ID] = true
		s.memory.put(m.ID, m.Current())
	}
	return slices.DeleteFunc(ids, func(id string) bool { return there[id] }), nil
}
