package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// role is one of the files that are shipped under deploy.
type role struct {
	Cluster []string `json:"cluster"`
	Indices []struct {
		Names      []string `json:"names"`
		Privileges []string `json:"privileges"`
	} `json:"indices"`
}

func shippedRole(t *testing.T, name string) (r role) {
	t.Helper()
	body, err := os.ReadFile("../../deploy/elasticsearch/role-" + name + ".json")
	if err == nil {
		err = json.Unmarshal(body, &r)
	}
	if err != nil || len(r.Indices) != 1 {
		t.Fatalf("%s: %v, %+v", name, err, r)
	}
	return r
}

// guarded is the server with TLS and passwords, as one who may do everything.
type guarded struct {
	t      *testing.T
	direct *client
	config Config // without anybody's name
	admin  Config // as one who may do everything
	tag    string // ends the names of what this test makes
}

func newGuarded(t *testing.T, s needs.Secured) *guarded {
	t.Helper()
	g := &guarded{t: t, config: Default(), tag: fmt.Sprintf("%x", time.Now().UnixNano())}
	g.config.Addresses, g.config.CA = []string{s.Address}, trusting(t, s.CA)
	g.config.Refresh, g.config.Prefix = 20*time.Millisecond, "ouidire-"+g.tag
	all := g.config
	all.Username, all.Password = s.User, config.NewSecret(s.Password)
	g.admin = all
	var err error
	if g.direct, err = newClient(all); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.raze)
	return g
}

func (g *guarded) raze() {
	yes := true
	var there map[string]any
	ctx := context.Background()
	err := g.direct.do(ctx, esapi.IndicesGetRequest{Index: []string{g.config.Prefix + "-*"}, ExpandWildcards: "all", AllowNoIndices: &yes}, &there)
	for index := range there {
		err = errors.Join(err, g.direct.do(ctx, esapi.IndicesDeleteRequest{Index: []string{index}}, nil))
	}
	for _, alias := range (indices{g.config.Prefix}).all() {
		_ = g.direct.do(ctx, esapi.IndicesDeleteIndexTemplateRequest{Name: alias}, nil) // may never have been made
	}
	if err != nil {
		g.t.Error(err)
	}
}

func (g *guarded) put(path string, body any) (answer json.RawMessage) {
	g.t.Helper()
	written, err := json.Marshal(body)
	if err != nil {
		g.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(g.t.Context(), http.MethodPost, path, bytes.NewReader(written))
	if err != nil {
		g.t.Fatal(err)
	}
	res, err := g.direct.Perform(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || res.StatusCode >= 300 {
		g.t.Fatalf("%s: %d %s %v", path, res.StatusCode, answer, err)
	}
	return answer
}

const guestPassword = "motdepasse-invité"

// user makes a person who has the role and nothing else.
func (g *guarded) user(name string, r role) Config {
	g.t.Helper()
	name += "-" + g.tag
	g.put("/_security/role/"+name, r)
	g.put("/_security/user/"+name, object{"password": guestPassword, "roles": []string{name}})
	c := g.config
	c.Username, c.Password = name, config.NewSecret(guestPassword)
	return c
}

// key makes an API key that has the role and nothing else.
func (g *guarded) key(name string, r role) Config {
	g.t.Helper()
	var made struct{ Encoded string }
	if err := json.Unmarshal(g.put("/_security/api_key", object{"name": name + "-" + g.tag, "role_descriptors": object{name: r}}), &made); err != nil {
		g.t.Fatal(err)
	}
	c := g.config
	c.APIKey = config.NewSecret(made.Encoded)
	return c
}

// everything is what ouidire does to Elasticsearch, from the first start to the last.
func everything(ctx context.Context, folder string, c Config) (err error) {
	s, err := Open(ctx, folder, c, Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	at := time.Now().UTC().Truncate(time.Microsecond)
	said := func(id string, published time.Time, hits ...mention.Hit) mention.Mention {
		return mention.Mention{ID: id, Source: "echo", Place: "web", Kind: mention.Article, PublishedAt: published, SeenAt: at,
			Versions: []mention.Version{{At: at, Title: "L’épargne à l'Anse", Text: "La Caisse Valtisse répond.", Hits: hits}}}
	}
	hit := mention.Hit{Watch: "caisse", Words: []string{"Valtisse"}}
	batch := []mention.Mention{said("a", at, hit), said("b", at.AddDate(-4, 0, 0), hit), said("c", at), said("d", at.AddDate(0, -2, 0), hit)}
	claimed := said("c", at, hit)
	claimed.Versions[0].At = at.Add(time.Second)
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"keep", func() error { _, _, err := s.Put(ctx, batch); return errors.Join(err, s.Drain(ctx)) }},
		{"claim", func() error {
			_, _, err := s.Put(ctx, []mention.Mention{claimed})
			return errors.Join(err, s.Drain(ctx))
		}},
		{"judge", func() error {
			return s.AddReading(ctx, "a", mention.Reading{At: at, Negative: 1, Label: mention.Negative, By: mention.Person})
		}},
		{"note as gone", func() error { return errors.Join(s.MarkGone(ctx, []string{"b"}, at), s.Drain(ctx)) }},
		{"search", func() error { _, _, err := s.Search(ctx, store.Question{}, 2, ""); return err }},
		{"count", func() error { _, err := s.Count(ctx, store.Question{AsOf: at}); return err }},
		{"count by time", func() error {
			_, err := s.Histogram(ctx, store.Question{}, store.Buckets{Every: store.Day})
			return err
		}},
		{"count values", func() error { _, err := s.Terms(ctx, store.Question{}, store.BySource, 5); return err }},
		{"get", func() error { _, err := s.Get(ctx, "d"); return err }},
		{"know the newest", func() error { _, err := s.NewestSeen(ctx); return err }},
		{"renew tokens", func() error { _, err := s.Retokenise(ctx); return err }},
		{"weigh", func() error { _, _, err := s.Sizes(ctx); return err }},
		{"count old tokens", func() error { _, err := s.Outdated(ctx); return err }},
		{"live", func() error { return s.Beat(ctx, store.Pulse{Total: 2, Run: "a", At: at, Upto: at}) }},
		{"note sources", func() error { return s.Note(ctx, []store.Standing{{Source: "echo", At: at, Body: []byte("{}")}}) }},
		{"hear others", func() error { _, err := s.Pulses(ctx); return err }},
		{"read sources", func() error { _, err := s.Standings(ctx); return err }},
		{"show what was refused", func() error { return s.Admit(ctx, 1, 5) }},
		{"ask for it to be sent again", func() error { return s.Request(ctx, 1, 1) }},
		{"see what others show", func() error { _, err := s.Admitted(ctx); return err }},
		{"send again", func() error { _, err := s.Obey(ctx, 1); return err }},
		{"forget", func() error { _, err := s.Forget(ctx, at.AddDate(0, -1, 0), at.AddDate(0, 0, -30)); return err }},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	if n, err := s.Count(ctx, store.Question{}); err != nil || n != 2 {
		return fmt.Errorf("%d mentions are left (%w), want 2", n, err)
	}
	return nil
}

func TestWithItsRoleOuidireDoesAllThatItDoesAndNothingElse(t *testing.T) {
	t.Parallel()
	needs.EachSecured(t, theRoleIsEnough)
}

func theRoleIsEnough(t *testing.T, server needs.Secured) {
	g := newGuarded(t, server)
	for name, c := range map[string]Config{"a user": g.user("ouidire", shippedRole(t, "ouidire")), "an API key": g.key("ouidire", shippedRole(t, "ouidire"))} {
		if err := everything(t.Context(), t.TempDir(), c); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		g.denied(c, http.MethodGet, "/autre/_search", "")
		g.denied(c, http.MethodPut, "/autre", "")
		g.denied(c, http.MethodGet, "/_security/user", "")
		g.denied(c, http.MethodPut, "/_cluster/settings", `{"persistent": {"action.auto_create_index": "true"}}`)
	}
}

// denied demands that a request is refused for want of a right.
func (g *guarded) denied(c Config, method, path, body string) {
	g.t.Helper()
	if got := g.ask(c, method, path, body); got != http.StatusForbidden {
		g.t.Errorf("%s %s answers %d, want %d", method, path, got, http.StatusForbidden)
	}
}

func (g *guarded) ask(c Config, method, path, body string) (status int) {
	g.t.Helper()
	who, err := newClient(c)
	if err != nil {
		g.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(g.t.Context(), method, path, http.NoBody)
	if body != "" {
		req, err = http.NewRequestWithContext(g.t.Context(), method, path, strings.NewReader(body))
	}
	if err != nil {
		g.t.Fatal(err)
	}
	res, err := who.Perform(req)
	if err != nil {
		g.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestWithoutAnyOneOfItsRightsOuidireCannotWork(t *testing.T) {
	t.Parallel()
	needs.EachSecured(t, eachRightIsNeeded)
}

func eachRightIsNeeded(t *testing.T, server needs.Secured) {
	g := newGuarded(t, server)
	whole := shippedRole(t, "ouidire")
	for _, right := range slices.Concat(whole.Cluster, whole.Indices[0].Privileges) {
		less := shippedRole(t, "ouidire")
		without := func(s string) bool { return s == right }
		less.Cluster = slices.DeleteFunc(less.Cluster, without)
		less.Indices[0].Privileges = slices.DeleteFunc(less.Indices[0].Privileges, without)
		err := everything(t.Context(), t.TempDir(), g.user("sans-"+strings.ReplaceAll(right, "_", "-"), less))
		if status(err) != http.StatusForbidden {
			t.Errorf("without %s: %v; take it out of the role if it is not needed", right, err)
		}
	}
}

func TestGrafanaReadsMentionsAndNothingElse(t *testing.T) {
	t.Parallel()
	needs.EachSecured(t, grafanaReadsMentions)
}

func grafanaReadsMentions(t *testing.T, server needs.Secured) {
	g := newGuarded(t, server)
	if err := everything(t.Context(), t.TempDir(), g.user("ouidire", shippedRole(t, "ouidire"))); err != nil {
		t.Fatal(err)
	}
	r := shippedRole(t, "grafana")
	r.Indices[0].Names[0] = strings.Replace(r.Indices[0].Names[0], "ouidire", g.config.Prefix, 1)
	c := g.key("grafana", r)
	mentions := "/" + g.config.Prefix + "-mentions"
	for path, want := range map[string]int{
		"/": http.StatusOK, mentions + "/_search": http.StatusOK, mentions + "/_mapping": http.StatusOK,
		"/" + g.config.Prefix + "-cursors/_search": http.StatusForbidden, "/" + g.config.Prefix + "-unclaimed/_search": http.StatusForbidden, "/autre/_search": http.StatusForbidden,
	} {
		if got := g.ask(c, http.MethodGet, path, ""); got != want {
			t.Errorf("%s answers %d, want %d", path, got, want)
		}
	}
	for path, body := range map[string]string{mentions + "-old/_doc": `{"source": "echo"}`, mentions + "/_delete_by_query": `{"query": {"match_all": {}}}`, "/_security/user/moi": `{"password": "un-secret", "roles": []}`} {
		g.denied(c, http.MethodPost, path, body)
	}
}

func TestAKeyIsRotatedWhileTheStoreRuns(t *testing.T) {
	t.Parallel()
	needs.EachSecured(t, aKeyIsRotated)
}

func aKeyIsRotated(t *testing.T, server needs.Secured) {
	g := newGuarded(t, server)
	old, next := g.key("ancienne", shippedRole(t, "ouidire")), g.key("nouvelle", shippedRole(t, "ouidire"))
	s, err := Open(t.Context(), t.TempDir(), old, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Renew(&next); err != nil {
		t.Fatal(err)
	}
	g.revoke("ancienne")
	if _, err := s.Count(t.Context(), store.Question{}); err != nil {
		t.Errorf("with the new key: %v", err)
	}
	if err := s.Renew(&old); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Count(t.Context(), store.Question{}); status(err) != http.StatusUnauthorized {
		t.Errorf("with the revoked key: %v", err)
	}
	moved := next
	moved.Prefix += "-autre"
	if !old.Takes(&next) || old.Takes(&moved) {
		t.Error("another key wants a new start, or another prefix does not")
	}
}

func TestWhatIsFoundWhileAPasswordIsChangedIsKeptOnceTheStoreHasIt(t *testing.T) {
	t.Parallel()
	needs.EachSecured(t, aPasswordIsChanged)
}

func aPasswordIsChanged(t *testing.T, server needs.Secured) {
	g := newGuarded(t, server)
	old := g.user("ouidire", shippedRole(t, "ouidire"))
	s, err := Open(t.Context(), t.TempDir(), old, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	h := &house{t: t, tag: "p"}
	before, _ := h.many(0, 5)
	put(t, s, before...)
	drain(t, s)
	g.put("/_security/user/"+old.Username+"/_password", object{"password": guestPassword + "-nouveau"})
	meanwhile, _ := h.many(5, 5)
	put(t, s, meanwhile...)
	until(t, "it is said that the password is not accepted", func() bool {
		trouble := s.State().Trouble
		return trouble != nil && strings.Contains(say.Explain(trouble, say.FrenchCanada), "refuse ces identifiants")
	})
	if waiting := s.State().Spooled; waiting != 5 {
		t.Errorf("%d mentions wait, want 5", waiting)
	}
	next := old
	next.Password = config.NewSecret(guestPassword + "-nouveau")
	if err := s.Renew(&next); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	if n, err := s.Count(t.Context(), store.Question{}); err != nil || n != 10 {
		t.Errorf("%d mentions are kept (%v), want 10", n, err)
	}
}

func (g *guarded) revoke(name string) {
	g.t.Helper()
	if got := g.ask(g.admin, http.MethodDelete, "/_security/api_key", fmt.Sprintf(`{"name": %q}`, name+"-"+g.tag)); got != http.StatusOK {
		g.t.Fatalf("the key is not revoked: %d", got)
	}
}
