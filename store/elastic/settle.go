package elastic

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// settleAll takes out of the spool what can be found, at most once in each refresh
// period, until ctx ends. What is under way ends with working.
func (d *sender) settleAll(ctx, working context.Context) {
	for tries := 0; ; {
		select {
		case <-d.landed:
		case <-ctx.Done():
			return
		}
		err := d.settle(working)
		wait := d.s.config.Refresh
		if err != nil {
			tries++
			wait = backoff(tries)
			d.s.condition.bad(d.s.explain(err))
			ring(d.landed)
		} else {
			tries = 0
		}
		pause(ctx, wait)
	}
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
	if err == nil {
		err = d.clear(ctx, all, gone)
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
	yes := true
	var answer struct {
		Shards struct{ Failed int } `json:"_shards"`
	}
	if err := d.s.client.do(ctx, esapi.IndicesRefreshRequest{Index: touched, IgnoreUnavailable: &yes, AllowNoIndices: &yes}, &answer); err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	if answer.Shards.Failed > 0 {
		return nil, &refused{Status: http.StatusServiceUnavailable, Type: "refresh", Reason: fmt.Sprintf("%d shards were not refreshed", answer.Shards.Failed)}
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

// clear takes out of the spool all but what stood in indices that are gone.
func (d *sender) clear(ctx context.Context, all []written, gone []string) error {
	var found, lost []int64
	for _, w := range all {
		if slices.ContainsFunc(w.indices, func(i string) bool { return slices.Contains(gone, i) }) {
			lost = append(lost, w.seqs...)
		} else {
			found = append(found, w.seqs...)
		}
	}
	again, err := d.s.spool.these(ctx, lost)
	if err != nil {
		return err
	}
	if err := d.s.spool.drop(ctx, found); err != nil {
		return err
	}
	if len(again) > 0 {
		d.s.log.Warn("an index was deleted while it was written to: what was on its way is sent again", "indices", gone, "operations", len(again))
		d.mu.Lock()
		d.held = append(again, d.held...)
		d.mu.Unlock()
		d.wake()
	}
	d.noteMoved()
	return nil
}

// noteMoved tells those who wait that something can be found.
func (d *sender) noteMoved() {
	d.mu.Lock()
	close(d.moved)
	d.moved = make(chan struct{})
	d.mu.Unlock()
	d.s.found()
}

// ensure makes the indices that will be written to and notes which they are.
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
	for _, index := range missing {
		if err := d.s.create(ctx, index); err != nil {
			return fmt.Errorf("create the index %s: %w", index, err)
		}
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
	d.mu.Unlock()
	d.s.memory.lose(index)
}
