package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/time/rate"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
	"github.com/ouidire/ouidire/watch/query"
)

// program is one that comes to a house with a token.
type program struct {
	*house
	token string
}

// gives a program a token.
func (h *house) gives(t *testing.T, name string, scope state.Scope) program {
	t.Helper()
	secret, err := h.state.MakeToken(t.Context(), "Odette", state.Token{Name: name, Scope: scope})
	if err != nil {
		t.Fatal(err)
	}
	return program{h, secret}
}

// call sends a request as a program does; body is JSON, "" for none.
func (p program) call(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:50000"
	r.Header.Set("Authorization", "Bearer "+p.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

// gets is an answer of a shape, held against the published schema.
func gets[T any](t *testing.T, p program, target, shape string) (v T) {
	t.Helper()
	w := p.call("GET", target, "")
	if w.Code != http.StatusOK {
		t.Fatalf("%s: status %d, %s", target, w.Code, w.Body)
	}
	held(t, shape, w.Body.Bytes())
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// schemas are the published definitions, made strict: an answer has no field that nobody
// described.
var schemas = sync.OnceValues(func() (map[string]*jsonschema.Schema, error) {
	published, err := os.ReadFile("../docs/output.schema.json")
	if err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(published))
	if err != nil {
		return nil, err
	}
	strict(document)
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("output.json", document); err != nil {
		return nil, err
	}
	all := map[string]*jsonschema.Schema{}
	for name := range Answers() {
		if all[name], err = compiler.Compile("output.json#/$defs/" + name); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// held holds an answer against the definition of its shape.
func held(t *testing.T, shape string, body []byte) {
	t.Helper()
	all, err := schemas()
	if err != nil {
		t.Fatal(err)
	}
	if all[shape] == nil {
		t.Fatalf("no answer is called %s", shape)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("%v\n%s", err, body)
	}
	if err := all[shape].Validate(value); err != nil {
		t.Errorf("it is no %s: %v\n%s", shape, err, body)
	}
	if strings.Contains(string(body), ":null") {
		t.Errorf("absent is left out, never null:\n%s", body)
	}
}

func strict(node any) {
	switch n := node.(type) {
	case map[string]any:
		if _, ok := n["properties"]; ok {
			n["additionalProperties"] = false
		}
		for _, child := range n {
			strict(child)
		}
	case []any:
		for _, child := range n {
			strict(child)
		}
	}
}

func TestAProgramReadsWhatThePageShows(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	h.surge(t)
	p := h.gives(t, "Tableau de bord", state.ScopeAPI)

	list := gets[wire.MentionPage](t, p, "/api/v1/mentions?q=valtisse&limit=10&count", "mentions")
	words, err := query.Parse("valtisse")
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := h.store.Search(t.Context(), store.Question{Text: words}, 10, "")
	if err != nil || len(found) != 10 || len(list.Mentions) != 10 {
		t.Fatalf("got %d mentions, want the %d of the store, %v", len(list.Mentions), len(found), err)
	}
	for i, m := range found {
		want := wire.Of(m)
		want.Story = list.Mentions[i].Story
		if diff := cmp.Diff(want, list.Mentions[i]); diff != "" {
			t.Errorf("mention %d reads otherwise than on the command line:\n%s", i, diff)
		}
	}
	if list.Total == nil || *list.Total != 26 {
		t.Errorf("it counts %v", list.Total)
	}
	told := mention.NewID("web", "10")
	one := gets[wire.Whole](t, p, "/api/v1/mentions/"+told, "history")
	if len(one.Versions) != 2 || one.Versions[1].Text != "Rien de très spécial." || one.Signature != nil || one.Story == "" {
		t.Errorf("a mention with its history: %+v", one)
	}
	story := gets[wire.Story](t, p, "/api/v1/stories/"+one.Story, "story_told")
	if story.Outlets != 4 || story.Change != "corrected" || len(story.Members) != 4 || story.Members[0].Mention == nil {
		t.Errorf("a story: %+v", story)
	}
	whole := gets[wire.WholeSituation](t, p, "/api/v1/situations/wvague", "situation")
	if whole.Size != 90 || len(whole.Journal) != 6 || len(whole.Facts) == 0 || !slices.Contains(whole.Acts, "acknowledge") || slices.Contains(whole.Acts, "reopen") {
		t.Errorf("a situation: %+v", whole)
	}
	sources := gets[wire.SourceList](t, p, "/api/v1/sources", "sources")
	if len(sources.Sources) != 2 || sources.Sources[0].State != "well" || sources.Sources[1].State != "unread" || sources.Sources[1].UnreadSince.IsZero() || sources.Sources[0].Every != 3600 {
		t.Errorf("the sources: %+v", sources)
	}
	want := wire.WatchList{Watches: []wire.WatchState{{Watch: "caisse", Title: "Notre caisse", Query: "valtisse", Relation: "self"}}}
	if diff := cmp.Diff(want, gets[wire.WatchList](t, p, "/api/v1/watches", "watches")); diff != "" {
		t.Error(diff)
	}
}

func TestTheSameFieldsAskTheSameOfThePageAndOfTheAPI(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	p := h.gives(t, "Tableau de bord", state.ScopeAPI)
	for query, want := range map[string]int{
		"": 29, "q=epargnes": 1, "q=l%E2%80%99%C3%89PARGNE": 1, "q=%C3%A9pargne&tone=negative": 1, "kind=comment": 2, "tone=unsure": 6,
		"lang=en": 0, "watch=ailleurs": 0, "source=echo&kind=article": 27, "from=2026-11-20&to=2026-11-20": 8,
	} {
		list := gets[wire.MentionPage](t, p, "/api/v1/mentions?count&limit=200&"+query, "mentions")
		if len(list.Mentions) != want || *list.Total != want || list.Next != "" {
			t.Errorf("%q finds %d of %d, want %d", query, len(list.Mentions), *list.Total, want)
		}
	}
}

func TestAProgramWalksAListToItsEndWithoutLosingOrRepeating(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	for n := range 13 { // many at one instant, as when a daemon wakes
		state := []alerting.State{alerting.New, alerting.Resolved}[n%2]
		h.settle(t, alerting.Incident{ID: fmt.Sprintf("w%02d", n), Key: fmt.Sprint(n), Rule: "nouvelles", Kind: "fresh", Severity: alerting.Inform, State: state,
			Since: noon, OpenedAt: noon.Add(-time.Duration(n/5) * time.Hour)})
	}
	p := h.gives(t, "Tableau de bord", state.ScopeAPI)
	var seen []string
	for next := "/api/v1/mentions?q=valtisse&limit=4"; next != ""; {
		page := gets[wire.MentionPage](t, p, next, "mentions")
		for _, m := range page.Mentions {
			seen = append(seen, m.ID)
		}
		next = page.Next
	}
	if n := len(seen); n != 26 || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != 26 {
		t.Errorf("walked %d mentions, want 26, each once", n)
	}
	for show, want := range map[string]int{"": 14, "open": 8, "settled": 6} {
		seen = nil
		for next := "/api/v1/situations?limit=3&show=" + show; next != ""; {
			page := gets[wire.SituationPage](t, p, next, "situations")
			for _, i := range page.Situations {
				seen = append(seen, i.ID)
			}
			next = page.Next
		}
		if n := len(seen); n != want || len(slices.Compact(slices.Sorted(slices.Values(seen)))) != want {
			t.Errorf("%q: walked %d situations, want %d, each once", show, n, want)
		}
	}
}

func TestAProgramActsInTheNameOfItsToken(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	h.surge(t)
	h.joins(t, "Éloïse d’Amours", state.Handler)
	h.joins(t, "Zoé L’Heureux", state.Reader)
	p := h.gives(t, "Aiguillage", state.ScopeAct)
	for _, c := range []struct {
		body, state, note string
		status            int
	}{
		{`{"act":"acknowledge","note":"Vu à l’accueil"}`, "acknowledged", "Vu à l’accueil", 200},
		{`{"act":"assign","to":"eloise d'amours"}`, "new", "", 200},
		{`{"act":"assign","to":"Zoé L’Heureux"}`, "", "", 400},
		{`{"act":"assign"}`, "", "", 400},
		{`{"act":"snooze","until":"2026-11-20T19:00:00-05:00"}`, "snoozed", "", 200},
		{`{"act":"snooze","until":"2026-11-20T09:00:00Z"}`, "", "", 409},
		{`{"act":"snooze"}`, "snoozed", "", 200},
		{`{"act":"resolve"}`, "resolved", "", 200},
		{`{"act":"resolve"}`, "", "", 409},
		{`{"act":"false_alarm"}`, "resolved", "", 200},
		{`{"act":"reopen"}`, "new", "", 200},
	} {
		w := p.call("POST", "/api/v1/situations/wvague", c.body)
		if w.Code != c.status {
			t.Fatalf("%s: status %d, want %d\n%s", c.body, w.Code, c.status, w.Body)
		}
		if c.status != http.StatusOK {
			held(t, "error", w.Body.Bytes())
			continue
		}
		held(t, "situation", w.Body.Bytes())
		var now wire.WholeSituation
		if err := json.Unmarshal(w.Body.Bytes(), &now); err != nil {
			t.Fatal(err)
		}
		last := now.Journal[len(now.Journal)-1]
		if now.State != c.state || last.Person != "Aiguillage" || last.Note != c.note && c.note != "" {
			t.Errorf("%s: %s, %+v", c.body, now.State, last)
		}
		if strings.Contains(c.body, "assign") && now.AssignedTo != "Éloïse d’Amours" {
			t.Errorf("assigned to %q", now.AssignedTo)
		}
	}
}

func TestAnActThatCannotBeUnderstoodDoesNothing(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	h.surge(t)
	p := h.gives(t, "Aiguillage", state.ScopeAct)
	for _, c := range []struct {
		body, media, code string
		status            int
	}{
		{`{"act":"acknowledge"`, "application/json", "bad_act", 400},
		{`{"act":"acknowledge"}{"act":"resolve"}`, "application/json", "bad_act", 400},
		{`{"act":"acknowledge","by":"Odette"}`, "application/json", "bad_act", 400},
		{`{"act":"acknowledge","until":"2026-11-21T00:00:00Z"}`, "application/json", "bad_act", 400},
		{`{"act":"efface"}`, "application/json", "bad_act", 400},
		{`{"act":"snooze","until":"demain"}`, "application/json", "bad_act", 400},
		{`[]`, "application/json", "bad_act", 400},
		{`null`, "application/json", "bad_act", 400},
		{`act=acknowledge`, "application/x-www-form-urlencoded", "not_json", 415},
		{`{"act":"acknowledge"}`, "text/plain", "not_json", 415},
		{`{"act":"acknowledge","note":"` + strings.Repeat("é", 40_000) + `"}`, "application/json", "too_large", 413},
	} {
		w := p.call("POST", "/api/v1/situations/wvague", c.body, "Content-Type", c.media)
		var got wire.Failure
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != c.status || got.Code != c.code || got.Error == "" {
			t.Errorf("%.60s: status %d, %s", c.body, w.Code, w.Body)
		}
	}
	if w := p.call("POST", "/api/v1/situations/inconnue", `{"act":"resolve"}`); w.Code != http.StatusNotFound {
		t.Errorf("one that does not exist: status %d", w.Code)
	}
	if i, _, err := h.state.Incident(t.Context(), "wvague"); err != nil || i.State != alerting.New || i.By != "" {
		t.Errorf("it is %s, by %q, %v", i.State, i.By, err)
	}
}

func TestATokenOpensTheAPIAndNothingElseDoes(t *testing.T) {
	h, cookies := inhabited(t)
	reads, acts := h.gives(t, "Tableau de bord", state.ScopeAPI), h.gives(t, "Aiguillage", state.ScopeAct)
	metrics := h.gives(t, "Prometheus", state.ScopeMetrics)
	basic := httptest.NewRequest("GET", "/", nil)
	basic.SetBasicAuth("Odette Malenfroy", password)
	calls := 0
	for _, a := range h.table() {
		if a.access != callers && a.access != actors {
			continue
		}
		calls++
		method, path := filled(a.pattern)
		for name, c := range map[string]struct {
			authorization, cookie string
			status                int
		}{
			"nothing":              {"", "", 401},
			"an owner's session":   {"", cookies[state.Owner], 401},
			"an owner's password":  {basic.Header.Get("Authorization"), "", 401},
			"a wrong token":        {"Bearer ouidire_JAMAISFAIT", "", 401},
			"a token of metrics":   {"Bearer " + metrics.token, "", 403},
			"a token in a session": {"Bearer " + metrics.token, cookies[state.Owner], 403},
		} {
			w := h.ask(method, path, url.Values{}, "Authorization", c.authorization, "Cookie", c.cookie)
			if w.Code != c.status || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s with %s: status %d, %v", a.pattern, name, w.Code, w.Header())
			}
			held(t, "error", w.Body.Bytes())
		}
		clear(h.door.tries)
		h.door.all = rate.NewLimiter(1, 20)
		if w := reads.call(method, path, "{}"); (w.Code == http.StatusForbidden) != (a.access == actors) {
			t.Errorf("%s with a token that reads: status %d", a.pattern, w.Code)
		}
		if w := acts.call(method, path, "{}"); w.Code == http.StatusForbidden || w.Code == http.StatusUnauthorized {
			t.Errorf("%s with a token that acts: status %d", a.pattern, w.Code)
		}
	}
	if calls < 8 {
		t.Errorf("the table has %d addresses for programs: the test is broken", calls)
	}
	for _, path := range []string{"/api/", "/api/v2/mentions", "/api/v1/members"} {
		if w := reads.call("GET", path, ""); w.Code != http.StatusNotFound || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	if w := acts.call("DELETE", "/api/v1/situations/wvague", ""); w.Code != http.StatusNotFound {
		t.Errorf("another method: status %d", w.Code)
	}
}

func TestAQuestionThatCannotBeUnderstoodSaysWhatWouldBe(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	p := h.gives(t, "Tableau de bord", state.ScopeAPI)
	for target, want := range map[string]string{
		"/api/v1/mentions?tonne=negative":         `no_field: there is no field "tonne" here`,
		"/api/v1/mentions?tone=negatif":           "no_value: tone is one of negative, neutral, positive, unsure",
		"/api/v1/mentions?q=%22ouvert":            "query: column 1:",
		"/api/v1/mentions?from=hier":              "misunderstood: “hier” is not a date; write for example 2026-11-20",
		"/api/v1/mentions?limit=0":                "limit: limit is a number from 1 to 200",
		"/api/v1/mentions?limit=1e9":              "limit: ",
		"/api/v1/mentions?after=jamais":           "no_page: ",
		"/api/v1/mentions?q=%zz":                  "misunderstood: ",
		"/api/v1/mentions/inconnue":               "not_found: ",
		"/api/v1/stories/inconnue":                "not_found: ",
		"/api/v1/situations/inconnue":             "not_found: ",
		"/api/v1/situations?after=demain":         "no_page: ",
		"/api/v1/situations?show=toutes":          "no_value: show is one of open, settled",
		"/api/v1/sources?name=echo":               `no_field: there is no field "name" here`,
		"/api/v1/watches?" + url.QueryEscape("é"): "no_field: ",
	} {
		w := p.call("GET", target, "")
		var got wire.Failure
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code < 400 || w.Code >= 500 {
			t.Fatalf("%s: status %d, %s", target, w.Code, w.Body)
		}
		held(t, "error", w.Body.Bytes())
		if said := got.Code + ": " + got.Error; !strings.HasPrefix(said, want) {
			t.Errorf("%s: %s, want %s", target, said, want)
		}
	}
}

func TestAProgramThatComesTooOftenWaitsAndKeepsNobodyElseOut(t *testing.T) {
	h := newHouse(t, password)
	hasty, other := h.gives(t, "Tableau de bord", state.ScopeAPI), h.gives(t, "Aiguillage", state.ScopeAct)
	for n := range 60 { // the clock stands still
		if w := hasty.call("GET", "/api/v1/watches", ""); w.Code != http.StatusOK {
			t.Fatalf("call %d: status %d", n+1, w.Code)
		}
	}
	w := hasty.call("GET", "/api/v1/watches", "")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "1" {
		t.Errorf("the next one: status %d, %v", w.Code, w.Header())
	}
	held(t, "error", w.Body.Bytes())
	if w := other.call("GET", "/api/v1/watches", ""); w.Code != http.StatusOK {
		t.Errorf("another program: status %d", w.Code)
	}
}

func TestWhileTheClockIsBehindNoProgramIsAnswered(t *testing.T) {
	h := newHouse(t, password)
	p := h.gives(t, "Aiguillage", state.ScopeAct)
	h.behind = noon.AddDate(0, 0, 30)
	if w := p.call("POST", "/api/v1/situations/wvague", `{"act":"resolve"}`); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), `"code":"clock"`) {
		t.Errorf("status %d, %s", w.Code, w.Body)
	}
}

func TestAnAnswerOfLongTextsHoldsFewerOfThemAndLeadsOn(t *testing.T) {
	h := newHouse(t, password)
	var batch []mention.Mention
	for n := range 12 {
		batch = append(batch, aMention(n+1, mention.Article, "Valtisse", strings.Repeat("L’été à l'Anse. ", 25_000), mention.Hit{Watch: "caisse"}))
	}
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	p := h.gives(t, "Tableau de bord", state.ScopeAPI)
	seen := 0
	for next := "/api/v1/mentions?limit=12"; next != ""; {
		w := p.call("GET", next, "")
		var page wire.MentionPage
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		if w.Body.Len() > answerMost+1<<20 || len(page.Mentions) == 0 {
			t.Fatalf("%d mentions in %d bytes", len(page.Mentions), w.Body.Len())
		}
		seen, next = seen+len(page.Mentions), page.Next
	}
	if seen != 12 {
		t.Errorf("walked %d of 12", seen)
	}
}

func TestWhatStrangersWroteIsDataInAnAnswer(t *testing.T) {
	h := newHouse(t, password)
	p := h.gives(t, "Tableau de bord", state.ScopeAPI)
	var batch []mention.Mention
	for _, name := range slices.Sorted(maps.Keys(nasty)) {
		text := nasty[name]
		m := aMention(len(batch)+1, mention.Article, text, text, mention.Hit{Watch: "caisse", Words: []string{text}})
		m.URL, m.Author.Name, m.Readings[0].Why = text, text, []string{text}
		batch = append(batch, m)
		h.settle(t, alerting.Incident{ID: "w" + m.ID, Key: m.ID, Rule: "nouvelles", Kind: "fresh", Watch: "caisse", Severity: alerting.Inform,
			State: alerting.New, Since: noon, OpenedAt: noon, Mentions: []string{m.ID}, By: alerting.Plain(text, 40),
			Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: text, Outlet: text, Outlets: 17, At: noon}}})
	}
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	h.tell(t, batch...)
	asks := map[string]string{"/api/v1/mentions?limit=100": "mentions", "/api/v1/situations": "situations", "/api/v1/stories/" + batch[len(batch)-1].ID: "story_told"}
	for _, m := range batch {
		asks["/api/v1/mentions/"+m.ID], asks["/api/v1/situations/w"+m.ID] = "history", "situation"
	}
	for target, shape := range asks {
		w := p.call("GET", target, "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: status %d, %v", target, w.Code, w.Header())
		}
		held(t, shape, w.Body.Bytes())
	}
}

func FuzzAnActFromAProgram(f *testing.F) {
	for _, seed := range []string{`{"act":"acknowledge"}`, `{"act":"assign","to":"Éloïse d’Amours","note":"l'épargne"}`, `{"act":"snooze","until":"2026-11-20T19:00:00-05:00"}`,
		`{"act":"snooze","until":"9999-12-31T23:59:59-23:59"}`, `{"act":"reopen"} x`, `null`, "{", "\xff"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		a, err := readAct(body)
		if err == nil && !alerting.Act(a.Act).Known() {
			t.Errorf("%q is read as the act %q", body, a.Act)
		}
		if _, err := wire.Encode(a, true); err != nil {
			t.Errorf("%q cannot be written again: %v", body, err)
		}
	})
}

// documented are the blocks of a document that show an answer or what to send, by shape.
var documented = regexp.MustCompile("(?ms)^```json ([a-z_]+)\n(.*?)^```$")

func TestTheDocumentsShowEveryAddressOfTheAPIAndWhatItAnswers(t *testing.T) {
	paths, err := filepath.Glob("../docs/*/api.md")
	if err != nil || len(paths) != 2 {
		t.Fatalf("%d documents: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var there []string
			for _, a := range new(Server).calls() {
				there = append(there, a.pattern)
			}
			var shown []string
			for _, named := range regexp.MustCompile("`((?:GET|POST) /api/[^`]*)`").FindAllStringSubmatch(string(text), -1) {
				shown = append(shown, named[1])
			}
			slices.Sort(there)
			slices.Sort(shown)
			if diff := cmp.Diff(there, slices.Compact(shown)); diff != "" {
				t.Errorf("the addresses that are there, and those that it names:\n%s", diff)
			}
			shapes := map[string]bool{}
			for _, block := range documented.FindAllStringSubmatch(string(text), -1) {
				shapes[block[1]] = true
				held(t, block[1], []byte(block[2]))
			}
			for shape := range Answers() {
				if !shapes[shape] {
					t.Errorf("it shows no example of %s", shape)
				}
			}
			source, err := os.ReadFile("api.go")
			if err != nil {
				t.Fatal(err)
			}
			for _, refused := range regexp.MustCompile(`refusal\{http\.\w+, "(\w+)"`).FindAllStringSubmatch(string(source), -1) {
				if !strings.Contains(string(text), "`"+refused[1]+"`") {
					t.Errorf("it does not name the code %s", refused[1])
				}
			}
		})
	}
}
