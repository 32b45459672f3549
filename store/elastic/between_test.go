package elastic

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
)

// between stands between a store and the real server, and can do what networks and
// servers in trouble do.
type between struct {
	*httptest.Server
	mu sync.Mutex
	// fault answers a request in place of the server when it says true.
	fault func(w http.ResponseWriter, r *http.Request, body []byte) bool
	// after is called when the server has answered; true cuts the answer off.
	after func(r *http.Request, answer []byte) bool
	bulks int // requests that wrote
}

func newBetween(t testing.TB, server string) *between {
	b := new(between)
	target, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	b.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		b.mu.Lock()
		fault, after := b.fault, b.after
		if strings.HasSuffix(r.URL.Path, "/_bulk") {
			b.bulks++
		}
		b.mu.Unlock()
		if fault != nil && fault(w, r, plain(t, r, body)) {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		onward.ServeHTTP(answer, r)
		if after != nil && after(r, answer.Body.Bytes()) {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(w.Header(), answer.Header())
		w.WriteHeader(answer.Code)
		w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(b.Close)
	return b
}

func plain(t testing.TB, r *http.Request, body []byte) []byte {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return body
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return nil
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Error(err)
	}
	return text
}

func (b *between) set(fault func(http.ResponseWriter, *http.Request, []byte) bool, after func(*http.Request, []byte) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault, b.after = fault, after
}

func isBulk(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/_bulk") }

// away is a server that is not there.
func away(http.ResponseWriter, *http.Request, []byte) bool { panic(http.ErrAbortHandler) }

// says answers as Elasticsearch does.
func says(w http.ResponseWriter, status int, body any) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

// house is one installation on the real server, with a prefix of its own. To make an
// index takes a server seconds when it is busy: tests share a house, and each sees
// only what it put itself.
type house struct {
	t      testing.TB
	config Config
	direct *client
	tag    string // begins the ids of one test
	*between
}

func newHouse(t testing.TB, server string) *house {
	t.Helper()
	c := Default()
	c.Addresses, c.Refresh = []string{server}, 20*time.Millisecond
	c.Prefix = fmt.Sprintf("esw-%x", time.Now().UnixNano())
	direct, err := newClient(c)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, config: c, direct: direct}
	t.Cleanup(h.raze)
	return h
}

// guest is the house as one test sees it, through a network of its own.
func (h *house) guest(t testing.TB, tag string) *house {
	g := *h
	g.t, g.tag, g.between = t, tag, newBetween(t, h.config.Addresses[0])
	g.config.Addresses = []string{g.URL}
	return &g
}

// in is the house as a part of its test sees it.
func (h *house) in(t testing.TB) *house {
	g := *h
	g.t = t
	return &g
}

// raze takes away all that the installation left on the server.
func (h *house) raze() {
	ctx := context.Background()
	var there map[string]any
	err := h.direct.do(ctx, esapi.IndicesGetRequest{Index: []string{h.config.Prefix + "-*"}, ExpandWildcards: "all"}, &there)
	if err == nil && len(there) > 0 {
		err = h.direct.do(ctx, esapi.IndicesDeleteRequest{Index: slices.Collect(maps.Keys(there))}, nil)
	}
	for _, alias := range (indices{h.config.Prefix}).all() {
		for name := range templates(h.config, alias) {
			if e := h.direct.do(ctx, esapi.IndicesDeleteIndexTemplateRequest{Name: name}, nil); e != nil && status(e) != http.StatusNotFound {
				err = e
			}
		}
	}
	if err != nil {
		h.t.Error(err)
	}
}

// open opens a store on a folder; it is closed when the test ends.
func (h *house) open(folder string) *Store {
	h.t.Helper()
	return h.openWith(folder, Options{})
}

// openWith is open with more to say.
func (h *house) openWith(folder string, o Options) *Store {
	h.t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(h.t.Output(), nil))
	}
	s, err := Open(h.t.Context(), folder, h.config, o)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return s
}

// kept is every document on the server, by id.
func (h *house) kept() map[string][]mention.Mention {
	h.t.Helper()
	names := indices{h.config.Prefix}
	h.must(esapi.IndicesRefreshRequest{Index: names.all()})
	all, docs := map[string][]mention.Mention{}, new(documents)
	after := ""
	for {
		body := object{"size": 1000, "query": object{"prefix": object{"id": h.tag}}, "sort": []object{{"id": "asc"}, {"_index": "asc"}}}
		if after != "" {
			var mark any
			if err := json.Unmarshal([]byte(after), &mark); err != nil {
				h.t.Fatal(err)
			}
			body["search_after"] = mark
		}
		asked, err := json.Marshal(body)
		if err != nil {
			h.t.Fatal(err)
		}
		var answer struct {
			Hits struct {
				Hits []struct {
					ID     string          `json:"_id"`
					Source json.RawMessage `json:"_source"`
					Sort   json.RawMessage
				}
			}
		}
		if err := h.direct.do(h.t.Context(), esapi.SearchRequest{Index: names.all(), Body: bytes.NewReader(asked)}, &answer); err != nil {
			h.t.Fatal(err)
		}
		for _, d := range answer.Hits.Hits {
			m, err := docs.decode(d.Source)
			if err != nil {
				h.t.Fatal(err)
			}
			all[d.ID] = append(all[d.ID], m)
			after = string(d.Sort)
		}
		if len(answer.Hits.Hits) < 1000 {
			return all
		}
	}
}

// must asks the server itself.
func (h *house) must(r esapi.Request) {
	h.t.Helper()
	if err := h.direct.do(context.Background(), r, nil); err != nil {
		h.t.Fatal(err)
	}
}

// once checks that each of these ids stands on the server exactly once, and nothing else does.
func (h *house) once(ids ...string) map[string]mention.Mention {
	h.t.Helper()
	kept, one := h.kept(), map[string]mention.Mention{}
	for _, id := range ids {
		if n := len(kept[id]); n != 1 {
			h.t.Errorf("mention %s stands %d times on the server, want once", id, n)
			continue
		}
		one[id] = kept[id][0]
	}
	if len(kept) != len(ids) {
		h.t.Errorf("%d mentions on the server, want %d", len(kept), len(ids))
	}
	return one
}

// one is the one mention m of a test.
func (h *house) one() mention.Mention {
	h.t.Helper()
	return h.once(h.tag + "m")[h.tag+"m"]
}

func drain(t testing.TB, s *Store) {
	t.Helper()
	drainWithin(t, s, 90*time.Second)
}

func drainWithin(t testing.TB, s *Store, most time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	if err := s.Drain(ctx); err != nil {
		t.Fatalf("not everything could be found: %v; %+v", err, s.State())
	}
}

func put(t testing.TB, s *Store, batch ...mention.Mention) (fresh, edited []string) {
	t.Helper()
	fresh, edited, err := s.Put(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return fresh, edited
}

// said is a mention that a watch claims, seen an hour after it was published.
func (h *house) said(id string, published time.Time, text string) mention.Mention {
	seen := published.Add(time.Hour)
	return mention.Mention{
		ID: h.tag + id, Source: "tribune", Place: "web", Kind: mention.Article, PublishedAt: published, SeenAt: seen,
		Versions: []mention.Version{{At: seen, Title: "L’épargne", Text: text, Hits: []mention.Hit{{Watch: "valtisse", Words: []string{"Valtisse"}}}}},
	}
}

// edit is m with another text, from that instant on.
func edit(m mention.Mention, at time.Time, text string) mention.Mention {
	m.Versions = []mention.Version{{At: at, Title: m.Versions[0].Title, Text: text, Hits: m.Versions[0].Hits}}
	return m
}

func texts(m mention.Mention) (all []string) {
	for _, v := range m.Versions {
		all = append(all, v.Text)
	}
	return all
}

// many invents mentions over three months.
func (h *house) many(from, n int) (batch []mention.Mention, ids []string) {
	for i := from; i < from+n; i++ {
		id := fmt.Sprintf("%05d", i)
		ids = append(ids, h.tag+id)
		batch = append(batch, h.said(id, noon.AddDate(0, i%3, 0), fmt.Sprintf("Frais n° %d à la caisse Valtisse", i)))
	}
	return batch, ids
}

// until waits until something is so, and is asked again whenever a little time has passed.
func until(t testing.TB, what string, so func() bool) {
	t.Helper()
	untilWithin(t, time.Minute, what, so)
}

// untilWithin is until for what may take longer.
func untilWithin(t testing.TB, most time.Duration, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), most)
	defer cancel()
	for !so() {
		if !pause(ctx, 10*time.Millisecond) {
			t.Fatalf("it never came that %s", what)
		}
	}
}
