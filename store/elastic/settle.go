package elastic

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
)

// burst is how many that went one after the other are worth a refresh of their own once
// nothing more comes.
const burst = 500

// settleAll takes out of the spool what can be found, at most once in each refresh
// period and at the end of a burst, until ctx ends. What is under way ends with working.
func (d *sender) settleAll(ctx, working context.Context) {
	for tries := 0; ; {
		select {
		case <-d.landed:
		case <-ctx.Done():
			return
		}
		if err := d.settle(working); err != nil {
			tries++
			d.s.condition.bad(d.s.explain(err))
			ring(d.landed)
			pause(ctx, backoff(tries))
			continue
		}
		tries = 0
		d.rest(ctx)
	}
}

// rest lasts for a refresh period, or until a burst has ended.
func (d *sender) rest(ctx context.Context) {
	timer := time.NewTimer(d.s.config.Refresh)
	defer timer.Stop()
	for {
		select {
		case <-d.lull:
			if d.ended() {
				return
			}
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// ended says whether a burst has: nothing is on its way, and much was since that was so last.
// How much of it cannot be found yet does not matter: the last of it is waited for too.
func (d *sender) ended() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.idle() {
		return false
	}
	n := d.flown
	d.flown = 0
	return n >= burst
}

// settle makes what was written searchable, and takes it out of the spool. What stood
// in an index that was deleted or made anew meanwhile is sent again.
func (d *sender) settle(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	d.mu.Lock()
	all := d.written
	d.written = nil
	d.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	gone, err := d.refresh(ctx, all)
	var twice map[string]bool
	if err == nil {
		twice, err = d.s.doubled(ctx, all)
	}
	if err == nil {
		err = d.clear(ctx, all, gone, twice)
	}
	if err != nil {
		d.mu.Lock()
		d.written = append(all, d.written...)
		d.mu.Unlock()
		return err
	}
	d.s.condition.ok()
	return nil
}

// refresh makes the indices that were written to searchable, and says which of them
// are no longer those that were written to.
func (d *sender) refresh(ctx context.Context, all []written) (gone []string, err error) {
	var touched []string
	for _, w := range all {
		touched = append(touched, w.indices...)
	}
	slices.Sort(touched)
	touched = slices.Compact(touched)
	if len(touched) == 0 {
		return nil, nil
	}
	if err := d.s.refresh(ctx, touched); err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	there, err := d.identities(ctx, touched)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	for _, index := range touched {
		if known := d.indices[index]; known == "" || known != there[index] {
			gone = append(gone, index)
		}
	}
	d.mu.Unlock()
	for _, index := range gone {
		d.lost(index)
	}
	return gone, nil
}

// refresh makes indices searchable, all of each. A copy that stands nowhere, as on one
// node, is not asked and is no failure; neither is a primary that stands nowhere, and it
// holds what would be lost: where not all copies were refreshed it is asked which there are.
func (s *Store) refresh(ctx context.Context, indices []string) error {
	yes := true
	var answer struct {
		Shards struct{ Total, Successful, Failed int } `json:"_shards"`
	}
	if err := s.client.do(ctx, esapi.IndicesRefreshRequest{Index: indices, IgnoreUnavailable: &yes, AllowNoIndices: &yes}, &answer); err != nil {
		return err
	}
	is := answer.Shards
	if is.Failed == 0 && is.Successful == is.Total {
		return nil
	}
	var health struct { // its status is red also when one of the indices was deleted, and then comes late
		Active int `json:"active_shards"`
		Astray int `json:"unassigned_primary_shards"`
	}
	if err := s.client.do(ctx, esapi.ClusterHealthRequest{Index: indices, ExpandWildcards: "all", Timeout: time.Second}, &health); err != nil {
		return err
	}
	if is.Failed > 0 || health.Astray > 0 || is.Successful < health.Active {
		return &refused{Status: http.StatusServiceUnavailable, Type: "refresh",
			Reason: fmt.Sprintf("%d of %d shards were refreshed; %d stand somewhere, and %d primaries nowhere", is.Successful, is.Total, health.Active, health.Astray)}
	}
	return nil
}

// doubled are the mentions that we made and that stand twice by now: another shard made
// the other while ours could not be found yet. Of two who do so the one whose document is
// found last sees both.
func (s *Store) doubled(ctx context.Context, all []written) (twice map[string]bool, err error) {
	var made []string
	for _, w := range all {
		made = append(made, w.made...)
	}
	in, err := s.whereabouts(ctx, made)
	if err != nil {
		return nil, fmt.Errorf("look for doubles: %w", err)
	}
	twice = map[string]bool{}
	for id := range in {
		if len(in[id]) > 1 {
			twice[id] = true
		}
	}
	for id := range twice {
		s.memory.doubt(id)
	}
	return twice, nil
}

// clear takes out of the spool what can be found, but for what stood in indices that are
// gone, and for what stands twice: that is done again, and so made one.
func (d *sender) clear(ctx context.Context, all []written, gone []string, twice map[string]bool) error {
	var found, unsure []int64
	lost := map[int64]bool{}
	for _, w := range all {
		switch {
		case slices.ContainsFunc(w.indices, func(i string) bool { return slices.Contains(gone, i) }):
			for _, seq := range w.seqs {
				lost[seq] = true
			}
			unsure = append(unsure, w.seqs...)
		case slices.ContainsFunc(w.made, func(id string) bool { return twice[id] }):
			unsure = append(unsure, w.seqs...)
		default:
			found = append(found, w.seqs...)
		}
	}
	again, err := d.s.spool.these(ctx, unsure)
	if err != nil {
		return err
	}
	again = slices.DeleteFunc(again, func(o op) bool {
		is := !lost[o.seq] && !twice[o.id]
		if is {
			found = append(found, o.seq)
		}
		return is
	})
	if err := d.s.spool.drop(ctx, found); err != nil {
		return err
	}
	d.again(again, gone)
	d.noteMoved()
	return nil
}

// again has operations sent once more.
func (d *sender) again(ops []op, gone []string) {
	if len(ops) == 0 {
		return
	}
	if len(gone) > 0 {
		d.s.log.Warn("an index is no longer there, deleted or written anew: what was on its way to it is sent again", "indices", gone, "operations", len(ops))
	}
	d.mu.Lock()
	d.held = append(ops, d.held...)
	d.mu.Unlock()
	d.wake()
}

// noteMoved tells those who wait that something can be found.
func (d *sender) noteMoved() {
	d.mu.Lock()
	close(d.moved)
	d.moved = make(chan struct{})
	d.mu.Unlock()
	d.s.found()
}

// ensure makes the indices that will be written to and notes which they are. Where a
// rebuild has put another in the place of one, the error is errAgain.
func (d *sender) ensure(ctx context.Context, all []*errand) error {
	var missing []string
	d.mu.Lock()
	for _, e := range all {
		for _, index := range e.in {
			if d.indices[index] == "" && !slices.Contains(missing, index) {
				missing = append(missing, index)
			}
		}
	}
	d.mu.Unlock()
	if len(missing) == 0 {
		return nil
	}
	select { // a search of all indices fails while one of them is made
	case d.locating <- struct{}{}:
		defer func() { <-d.locating }()
	case <-ctx.Done():
		return ctx.Err()
	}
	var moved error
	for _, index := range missing {
		is, err := d.s.create(ctx, index)
		if err != nil {
			return fmt.Errorf("create the index %s: %w", index, err)
		}
		if is != index {
			d.replaced(index, is)
			moved = errAgain
		}
	}
	if moved != nil {
		return moved
	}
	there, err := d.identities(ctx, missing)
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, index := range missing {
		if d.indices[index] == "" {
			d.indices[index] = there[index]
		}
	}
	return nil
}

// identities are the uuids of indices, of those that are there.
func (d *sender) identities(ctx context.Context, indices []string) (map[string]string, error) {
	yes := true
	var answer map[string]struct {
		Settings map[string]string
	}
	err := d.s.client.do(ctx, esapi.IndicesGetSettingsRequest{Index: indices, Name: []string{"index.uuid"}, FlatSettings: &yes, IgnoreUnavailable: &yes, AllowNoIndices: &yes}, &answer)
	if err != nil {
		return nil, fmt.Errorf("ask which indices are there: %w", err)
	}
	there := map[string]string{}
	for index, is := range answer {
		there[index] = is.Settings["index.uuid"]
	}
	return there, nil
}

// lost forgets an index that was deleted, with all that stood in it.
func (d *sender) lost(index string) {
	d.mu.Lock()
	delete(d.indices, index)
	maps.DeleteFunc(d.instead, func(_, there string) bool { return there == index })
	d.mu.Unlock()
	d.s.memory.lose(index)
}

// replaced notes which index stands in the place of one.
func (d *sender) replaced(index, there string) {
	d.lost(index)
	d.mu.Lock()
	d.instead[index] = there
	d.mu.Unlock()
}

// home is the index in which m is kept when it stands nowhere yet.
func (d *sender) home(m *mention.Mention) string {
	first := d.s.names.of(m)
	d.mu.Lock()
	defer d.mu.Unlock()
	return cmp.Or(d.instead[first], first)
}
