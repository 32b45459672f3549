package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// bare is the asking half over a writer without a spool, which makes all it writes
// findable at once: what is asked of it is never a question of when.
type bare struct {
	*reader
	client *client
	config Config

	mu   sync.Mutex
	kept map[string]mention.Mention
	at   map[string]string // the index of each
}

var _ store.Store = (*bare)(nil)

var prefixes atomic.Int64

// testConfig is a server, and a prefix that no other test has.
func testConfig(server string) Config {
	c := Default()
	c.Addresses = []string{server}
	c.Prefix = fmt.Sprintf("esa-%d-%d", time.Now().UnixNano(), prefixes.Add(1))
	return c
}

// openBare is an empty store whose indices end with the test.
func openBare(t testing.TB, c Config) *bare {
	t.Helper()
	b := newBare(t, c)
	t.Cleanup(func() { b.remove(t) })
	return b
}

func newBare(t testing.TB, c Config) *bare {
	t.Helper()
	client, err := newClient(c)
	if err != nil {
		t.Fatal(err)
	}
	b := &bare{reader: newReader(client.do, indices{c.Prefix}, new(documents)), client: client, config: c, kept: map[string]mention.Mention{}, at: map[string]string{}}
	for _, alias := range b.names.all() {
		template := templates(c, alias)[alias]
		delete(template, "allow_auto_create") // it makes no index itself
		body, err := json.Marshal(template)
		if err != nil {
			t.Fatal(err)
		}
		if err := client.do(t.Context(), esapi.IndicesPutIndexTemplateRequest{Name: alias, Body: bytes.NewReader(body)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bare) remove(t testing.TB) {
	ctx := context.Background()
	var found map[string]any
	if err := b.client.do(ctx, esapi.IndicesGetAliasRequest{Index: []string{b.config.Prefix + "-*"}}, &found); err != nil {
		t.Error(err)
	}
	for index := range found {
		if err := b.client.do(ctx, esapi.IndicesDeleteRequest{Index: []string{index}}, nil); err != nil {
			t.Error(err)
		}
	}
	for _, alias := range b.names.all() {
		if err := b.client.do(ctx, esapi.IndicesDeleteIndexTemplateRequest{Name: alias}, nil); err != nil {
			t.Error(err)
		}
	}
	b.client.close()
}

// empty erases all that is kept.
func (b *bare) empty(t testing.TB) {
	t.Helper()
	yes := true
	r := esapi.DeleteByQueryRequest{Index: b.names.all(), Body: strings.NewReader(`{"query":{"match_all":{}}}`), Refresh: &yes, IgnoreUnavailable: &yes}
	if err := b.client.do(t.Context(), r, nil); err != nil {
		t.Fatal(err)
	}
	clear(b.kept)
	clear(b.at)
}

// bulk is what is sent at once.
type bulk struct {
	bytes.Buffer
	b *bare
}

func (w *bulk) index(m mention.Mention) error {
	name := w.b.names.of(&m)
	if was := w.b.at[m.ID]; was != "" && was != name && claimed(&m) {
		w.delete(m.ID)
		delete(w.b.at, m.ID)
	}
	if w.b.at[m.ID] == "" {
		w.b.at[m.ID] = name
	}
	source, err := w.b.docs.encode(&m)
	if err != nil {
		return err
	}
	w.b.kept[m.ID] = m
	w.line(object{"index": object{"_index": w.b.at[m.ID], "_id": m.ID}})
	w.Write(append(source, '\n'))
	return nil
}

func (w *bulk) delete(id string) { w.line(object{"delete": object{"_index": w.b.at[id], "_id": id}}) }

func (w *bulk) line(o object) {
	text, _ := json.Marshal(o)
	w.Write(append(text, '\n'))
}

// send sends what there is, and waits until it can be found.
func (w *bulk) send(ctx context.Context, refresh string) error {
	if w.Len() == 0 {
		return nil
	}
	var answered struct {
		Errors bool
		Items  []map[string]struct{ Error json.RawMessage }
	}
	err := w.b.client.do(ctx, esapi.BulkRequest{Body: bytes.NewReader(w.Bytes()), Refresh: refresh}, &answered)
	for _, item := range answered.Items {
		for _, one := range item {
			if one.Error != nil && err == nil {
				err = fmt.Errorf("an item was refused: %s", one.Error)
			}
		}
	}
	return err
}

func (b *bare) Put(ctx context.Context, batch []mention.Mention) (fresh, edited []string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	given := make([]mention.Mention, len(batch))
	for i := range batch {
		if given[i], err = store.Normal(&batch[i]); err != nil {
			return nil, nil, err
		}
	}
	w := &bulk{b: b}
	for _, m := range given {
		kept, known := b.kept[m.ID]
		if !known {
			kept, fresh = m, append(fresh, m.ID)
		} else if another, _ := store.Merge(&kept, &m); another {
			edited = append(edited, m.ID)
		}
		if err := w.index(kept); err != nil {
			return nil, nil, err
		}
	}
	return fresh, edited, w.send(ctx, "true")
}

func (b *bare) change(ctx context.Context, ids []string, edit func(*mention.Mention)) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := &bulk{b: b}
	for _, id := range ids {
		if m, ok := b.kept[id]; ok {
			edit(&m)
			if err := w.index(m); err != nil {
				return err
			}
		}
	}
	return w.send(ctx, "true")
}

func (b *bare) AddReadings(ctx context.Context, all []store.Judgement) error {
	for _, j := range all {
		if err := b.AddReading(ctx, j.ID, j.Reading); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

func (b *bare) AddReading(ctx context.Context, id string, r mention.Reading) error {
	b.mu.Lock()
	_, ok := b.kept[id]
	b.mu.Unlock()
	if !ok {
		return store.ErrNotFound
	}
	r.At = store.Instant(r.At)
	return b.change(ctx, []string{id}, func(m *mention.Mention) { m.Readings = append(m.Readings[:len(m.Readings):len(m.Readings)], r) })
}

func (b *bare) MarkGone(ctx context.Context, ids []string, at time.Time) error {
	return b.change(ctx, ids, func(m *mention.Mention) {
		if m.GoneAt.IsZero() {
			m.GoneAt = store.Instant(at)
		}
	})
}

func (b *bare) Forget(ctx context.Context, before, unclaimed time.Time) (n int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := &bulk{b: b}
	maps.DeleteFunc(b.kept, func(id string, m mention.Mention) bool {
		old := claimed(&m) && m.PublishedAt.Before(before) || !claimed(&m) && m.SeenAt.Before(unclaimed)
		if old {
			w.delete(id)
			delete(b.at, id)
			n++
		}
		return old
	})
	return n, w.send(ctx, "true")
}

func (b *bare) Get(ctx context.Context, id string) (mention.Mention, error) {
	a := &asking{plan: &plan{indices: b.names.all()}, reader: b.reader}
	found, err := a.search(ctx, object{"query": oneOf("id", []string{id}), "_source": []string{"body"}})
	if err != nil {
		return mention.Mention{}, err
	}
	if len(found.Hits.Hits) != 1 {
		return mention.Mention{}, fmt.Errorf("%d of %s: %w", len(found.Hits.Hits), id, store.ErrNotFound)
	}
	return b.docs.decode(found.Hits.Hits[0].Source)
}

func (b *bare) NewestSeen(ctx context.Context) (time.Time, error) { return b.newestKept(ctx) }

func (b *bare) Waiting() time.Time                          { return time.Time{} }
func (b *bare) OnFound(func())                              {}
func (b *bare) Retokenise(context.Context) (n int, _ error) { return 0, nil }
func (b *bare) Outdated(context.Context) (n int, _ error)   { return 0, nil }
func (b *bare) Close() error                                { return nil }

// raw sends a request as a person would with curl, for what esapi has no word for.
func (b *bare) raw(t testing.TB, method, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answered, err := b.client.Perform(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answered.Body.Close()
	if answered.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, path, answered.Status)
	}
}
