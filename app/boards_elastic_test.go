package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
)

// elasticTarget is a question of a board to Elasticsearch, as Grafana's data source
// takes it.
type elasticTarget struct {
	Query   string `json:"query"`
	Metrics []struct {
		ID, Type, Field string
		Settings        map[string]string
	} `json:"metrics"`
	Buckets []struct {
		ID, Type, Field string
		Settings        map[string]string
	} `json:"bucketAggs"`
}

// body is the search that Grafana's data source makes of a question: the range and the
// query are filters, buckets lie in one another, and raw data is sorted by the keys of
// an object, in the order of the alphabet. A chart of the span has steps of an hour.
func (e elasticTarget) body(watch string, from, to time.Time) map[string]any {
	body := map[string]any{"size": 0, "query": map[string]any{"bool": map[string]any{"filter": []any{
		map[string]any{"range": map[string]any{"@timestamp": map[string]any{"gte": from.UnixMilli(), "lte": to.UnixMilli(), "format": "epoch_millis"}}},
		map[string]any{"query_string": map[string]any{"analyze_wildcard": true, "query": strings.ReplaceAll(e.Query, "$watch", watch)}},
	}}}}
	metric := e.Metrics[0]
	if metric.Type == "raw_data" {
		size, _ := strconv.Atoi(metric.Settings["size"])
		body["size"], body["sort"] = size, map[string]any{"@timestamp": map[string]any{"order": "desc", "unmapped_type": "boolean"}, "_doc": map[string]any{"order": "desc"}}
		return body
	}
	aggregations := map[string]any{}
	if metric.Type != "count" {
		aggregations[metric.ID] = map[string]any{metric.Type: map[string]any{"field": metric.Field}}
	}
	for _, b := range slices.Backward(e.Buckets) {
		inside := map[string]any{"field": b.Field}
		if b.Type == "terms" {
			size, _ := strconv.Atoi(b.Settings["size"])
			inside["size"], inside["order"] = size, map[string]string{b.Settings["orderBy"]: b.Settings["order"]}
		} else {
			inside["fixed_interval"], inside["min_doc_count"], inside["format"] = "3600000ms", 0, "epoch_millis"
			inside["extended_bounds"] = map[string]int64{"min": from.UnixMilli(), "max": to.UnixMilli()}
		}
		one := map[string]any{b.Type: inside}
		if len(aggregations) > 0 {
			one["aggs"] = aggregations
		}
		aggregations = map[string]any{b.ID: one}
	}
	body["aggs"] = aggregations
	return body
}

// elasticRows is an answer of Elasticsearch: mentions, or buckets of whatever was counted.
type elasticRows struct {
	Error any
	Hits  struct {
		Hits []struct {
			ID     string         `json:"_id"`
			Source map[string]any `json:"_source"`
		}
	}
	Aggregations map[string]struct {
		Buckets []struct {
			Key      any
			Count    int                 `json:"doc_count"`
			Distinct struct{ Value int } `json:"1"`
		}
	}
}

// boardServer asks an Elasticsearch as Grafana does: several searches, a line each.
type boardServer struct {
	address, index string
	forgetful      bool // does not answer from what it has answered before
}

func (s boardServer) search(t *testing.T, body map[string]any) elasticRows {
	t.Helper()
	all, err := s.searches(t.Context(), body)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}

func (s boardServer) searches(ctx context.Context, bodies ...map[string]any) ([]elasticRows, error) {
	var request bytes.Buffer
	lines := json.NewEncoder(&request)
	for _, body := range bodies {
		for _, line := range []map[string]any{{"index": s.index, "ignore_unavailable": true, "search_type": "query_then_fetch", "request_cache": !s.forgetful}, body} {
			if err := lines.Encode(line); err != nil {
				return nil, err
			}
		}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.address+"/_msearch?max_concurrent_shard_requests=5", &request)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	var all struct{ Responses []elasticRows }
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		return nil, err
	}
	failed := slices.ContainsFunc(all.Responses, func(rows elasticRows) bool { return rows.Error != nil })
	if failed || len(all.Responses) != len(bodies) {
		return nil, fmt.Errorf("Elasticsearch answered %+v to %v", all, bodies)
	}
	return all.Responses, nil
}

// elasticPanels are the questions of the board of mentions, by panel, and those of what
// is drawn over its charts.
func elasticPanels(t testing.TB) (panels map[int][]elasticTarget, marks []string) {
	t.Helper()
	text, err := os.ReadFile("../deploy/grafana/dashboards/fr/ouidire-mentions-fr.json")
	if err != nil {
		t.Fatal(err)
	}
	var board struct {
		Annotations struct {
			List []struct{ Target elasticTarget }
		}
		Panels []struct {
			ID      int
			Targets []elasticTarget
		}
	}
	if err := json.Unmarshal(text, &board); err != nil {
		t.Fatal(err)
	}
	panels = map[int][]elasticTarget{}
	for _, a := range board.Annotations.List {
		if a.Target.Query != "" {
			marks = append(marks, a.Target.Query)
		}
	}
	for _, p := range board.Panels {
		if len(p.Targets) > 0 {
			panels[p.ID] = p.Targets
		}
	}
	return panels, marks
}

// said is mentions in every tone, by several people and sources, with some that are
// not to be counted: another watch's, the organisation's own, one that was taken away,
// one that nobody claims.
func said(noon time.Time) (all []mention.Mention) {
	one := func(i int, source, author, watch string, label mention.Label) mention.Mention {
		at := noon.Add(-time.Duration(i) * 20 * time.Minute)
		m := mention.Mention{ID: mention.NewID("boards", strconv.Itoa(i)), Source: source, Place: "web", Kind: mention.Comment, Lang: "fr", URL: fmt.Sprintf("https://echo.example/%d", i),
			Author: mention.Author{ID: author, Name: author}, PublishedAt: at, SeenAt: at.Add(time.Minute),
			Versions: []mention.Version{{At: at.Add(time.Minute), Title: "L’épargne à l'Anse", Text: fmt.Sprintf("C’est la %de fois, à l’ŒUVRE de Valtisse.", i)}},
			Readings: []mention.Reading{{At: at.Add(time.Minute), Negative: .7, Neutral: .2, Positive: .1, Label: label, By: "lexicon-1"}}}
		if watch != "" {
			m.Versions[0].Hits = []mention.Hit{{Watch: watch, Words: []string{"Valtisse"}}}
		}
		return m
	}
	for i := range 9 {
		all = append(all, one(i, []string{"echo", "blogue"}[i%4/3], []string{"Odette Malenfroy", "Ghislain Q.", "Zoé"}[i%3], "caisse",
			[]mention.Label{mention.Negative, mention.Negative, mention.Neutral, mention.Positive, ""}[i%5]))
	}
	own, gone := one(10, "blogue", "Caisse Valtisse", "caisse", mention.Positive), one(11, "echo", "Zoé", "caisse", mention.Negative)
	own.Own, own.Kind, gone.GoneAt = true, mention.Article, noon
	post, answer := own, own
	post.ID, post.Kind, answer.ID, answer.Kind = mention.NewID("boards", "post"), mention.Post, mention.NewID("boards", "answer"), mention.Comment
	return append(all, one(9, "echo", "Zoé", "mouvement", mention.Negative), own, gone, one(12, "echo", "Zoé", "", mention.Negative), post, answer)
}

// TestTheBoardOfMentionsCountsWhatThePageCounts asks a real Elasticsearch that ouidire
// filled, as Grafana's data source asks it.
func TestTheBoardOfMentionsCountsWhatThePageCounts(t *testing.T) {
	address := needs.Server(t, "OUIDIRE_TEST_ES_URL")
	prefix := fmt.Sprintf("boards-%d", time.Now().UnixNano())
	t.Cleanup(func() { forgetIndices(t, address, prefix) })
	folder := t.TempDir()
	text := fmt.Sprintf("organisation: {name: Caisse Valtisse}\nwatches: [{name: caisse, query: valtisse}]\nstore: {kind: elastic, addresses: [%q], index_prefix: %s}\ndata: %s\n", address, prefix, folder)
	f, err := config.Parse("ouidire.yml", []byte(text), os.LookupEnv, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	s, err := OpenStore(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	noon := time.Now().UTC().Truncate(time.Hour)
	all := said(noon)
	if _, _, err := s.Put(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	caisse := store.Question{Watches: []string{"caisse"}}
	eventually(t, "what was said, to be found", func() bool { n, err := s.Count(t.Context(), store.Question{}); return err == nil && n == 10 })

	server := boardServer{address: address, index: prefix + "-mentions"}
	panels, marks := elasticPanels(t)
	ask := func(target elasticTarget) elasticRows {
		return server.search(t, target.body("caisse", noon.Add(-24*time.Hour), noon))
	}
	checkTones(t, s, panels[2], ask)
	people := 0
	for _, b := range ask(panels[3][0]).Aggregations["2"].Buckets {
		people = max(people, b.Distinct.Value)
	}
	if people != 3 {
		t.Errorf("at most %d people in an hour, want 3", people)
	}
	for id, field := range map[int]store.Field{4: store.BySource, 5: store.ByAuthor, 6: store.ByPlace} {
		checkTerms(t, s, caisse, field, ask(panels[id][0]))
	}
	checkNewest(t, s, caisse, ask(panels[7][0]))
	if len(panels) != 6 {
		t.Errorf("%d panels ask, 6 are checked", len(panels))
	}
	every := server.search(t, panels[7][0].body("*", noon.Add(-24*time.Hour), noon))
	both := server.search(t, panels[7][0].body(`("caisse" OR "mouvement")`, noon.Add(-24*time.Hour), noon))
	if len(every.Hits.Hits) != 10 || len(both.Hits.Hits) != 10 {
		t.Errorf("%d mentions of all watches, %d of both, want 10", len(every.Hits.Hits), len(both.Hits.Hits))
	}
	checkVariable(t, server)
	marked := panels[7][0] // marks are asked for as mentions are
	marked.Query = strings.Join(marks, " ")
	var own []string
	for _, hit := range server.search(t, marked.body("", noon.Add(-24*time.Hour), noon)).Hits.Hits {
		own = append(own, hit.ID)
	}
	if want := []string{all[10].ID, all[13].ID}; !slices.Equal(slices.Sorted(slices.Values(own)), slices.Sorted(slices.Values(want))) {
		t.Errorf("over the charts stand %v, want the organisation's own article and its own post, %v", own, want)
	}
}

// forgetIndices deletes what a test left in Elasticsearch: its indices and its templates.
func forgetIndices(t *testing.T, address, prefix string) {
	for _, path := range []string{"/" + prefix + "-*?expand_wildcards=all", "/_index_template/" + prefix + "-*"} {
		req, err := http.NewRequest(http.MethodDelete, address+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			continue
		}
		res.Body.Close()
	}
}

func checkTones(t *testing.T, s store.Store, targets []elasticTarget, ask func(elasticTarget) elasticRows) {
	t.Helper()
	for i, label := range []mention.Label{mention.Negative, mention.Neutral, mention.Positive, ""} {
		want, err := s.Count(t.Context(), store.Question{Watches: []string{"caisse"}, Labels: []mention.Label{label}})
		if err != nil || want == 0 {
			t.Fatal(want, err)
		}
		got, hours := 0, ask(targets[i]).Aggregations["2"].Buckets
		for _, b := range hours {
			got += b.Count
		}
		if got != want || len(hours) != 25 {
			t.Errorf("the board counts %d of the tone %q in %d hours, the page %d", got, label, len(hours), want)
		}
	}
}

func checkTerms(t *testing.T, s store.Store, q store.Question, field store.Field, rows elasticRows) {
	t.Helper()
	terms, err := s.Terms(t.Context(), q, field, 10)
	if err != nil || len(terms) == 0 {
		t.Fatal(terms, err)
	}
	want, got := map[string]int{}, map[string]int{}
	for _, term := range terms {
		want[term.Value] = term.Count
	}
	for _, b := range rows.Aggregations["3"].Buckets {
		got[fmt.Sprint(b.Key)] = b.Count
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("by %s, the page (-) and the board (+):\n%s", field, diff)
	}
}

func checkNewest(t *testing.T, s store.Store, q store.Question, rows elasticRows) {
	t.Helper()
	found, _, err := s.Search(t.Context(), q, 50, "")
	if err != nil {
		t.Fatal(err)
	}
	var want, got []string
	for _, m := range found {
		want = append(want, m.ID)
	}
	for _, hit := range rows.Hits.Hits {
		got = append(got, hit.ID)
		for _, field := range []string{"@timestamp", "source", "author", "title", "text", "sentiment"} {
			if hit.Source[field] == nil {
				t.Errorf("%s has no %s", hit.ID, field)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("newest first, the page (-) and the board (+):\n%s", diff)
	}
}

// checkVariable asks for the watches that a reader may choose among.
func checkVariable(t *testing.T, server boardServer) {
	t.Helper()
	rows := server.search(t, map[string]any{"size": 0, "aggs": map[string]any{"1": map[string]any{"terms": map[string]any{"field": "watch", "size": 500, "order": map[string]string{"_key": "asc"}}}}})
	var got []string
	for _, b := range rows.Aggregations["1"].Buckets {
		got = append(got, fmt.Sprint(b.Key))
	}
	if !slices.Equal(got, []string{"caisse", "mouvement"}) {
		t.Errorf("the watches to choose among are %q", got)
	}
}

// BenchmarkTheBoardOfMentions asks what each panel asks, over the last thirty days of
// the mentions that BenchmarkAsking of store/elastic left under $OUIDIRE_BENCH_PREFIX.
func BenchmarkTheBoardOfMentions(b *testing.B) {
	prefix := os.Getenv("OUIDIRE_BENCH_PREFIX")
	if prefix == "" {
		b.Skip("set OUIDIRE_BENCH_PREFIX, and fill it first: go test -run '^$' -bench Asking ./store/elastic")
	}
	server := boardServer{address: needs.Server(b, "OUIDIRE_TEST_ES_URL"), index: prefix + "-mentions", forgetful: true}
	last, err := server.searches(b.Context(), map[string]any{"size": 1, "sort": []any{map[string]any{"@timestamp": "desc"}}})
	if err != nil || len(last[0].Hits.Hits) == 0 {
		b.Fatal("no mentions to ask about", err)
	}
	newest, err := time.Parse(time.RFC3339, fmt.Sprint(last[0].Hits.Hits[0].Source["@timestamp"]))
	if err != nil {
		b.Fatal(err)
	}
	panels, _ := elasticPanels(b)
	for _, watch := range []string{"*", `("watch-3")`} {
		for _, id := range slices.Sorted(maps.Keys(panels)) {
			var bodies []map[string]any
			for _, target := range panels[id] {
				bodies = append(bodies, target.body(watch, newest.AddDate(0, 0, -30), newest))
			}
			storetest.Measure(b, fmt.Sprintf("panel %d of %s", id, watch), func(ctx context.Context) error {
				_, err := server.searches(ctx, bodies...)
				return err
			})
		}
	}
}
