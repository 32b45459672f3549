package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
)

// cluster is an Elasticsearch with TLS and passwords, as one who may do everything.
type cluster struct {
	t      *testing.T
	is     needs.Secured
	client *http.Client
	prefix string // of the indices that this test makes
}

func newCluster(t *testing.T, is needs.Secured) *cluster {
	t.Helper()
	pem, err := os.ReadFile(is.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	c := &cluster{t: t, is: is, prefix: fmt.Sprintf("ouidire-%x", time.Now().UnixNano()),
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}}
	t.Cleanup(func() {
		c.ask(http.MethodDelete, "/_index_template/"+c.prefix+"-*", "")
		for _, index := range strings.Fields(c.ask(http.MethodGet, "/_cat/indices/"+c.prefix+"-*?h=index&expand_wildcards=all", "")) {
			c.ask(http.MethodDelete, "/"+index, "")
		}
		c.client.CloseIdleConnections()
	})
	return c
}

func (c *cluster) ask(method, path, body string) string {
	c.t.Helper()
	r, err := http.NewRequest(method, c.is.Address+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.SetBasicAuth(c.is.User, c.is.Password)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.client.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	said, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode >= 300 {
		c.t.Fatalf("%s %s: %s (%v) %s", method, path, answer.Status, err, said)
	}
	return string(said)
}

// key is an API key with the role that is shipped.
func (c *cluster) key() string {
	c.t.Helper()
	role, err := os.ReadFile("../../deploy/elasticsearch/role-ouidire.json")
	if err != nil {
		c.t.Fatal(err)
	}
	var made struct{ Encoded string }
	answer := c.ask(http.MethodPost, "/_security/api_key", fmt.Sprintf(`{"name": %q, "role_descriptors": {"ouidire": %s}}`, c.prefix, role))
	if err := json.Unmarshal([]byte(answer), &made); err != nil {
		c.t.Fatal(err)
	}
	return made.Encoded
}

// age makes of what is kept what an older version wrote: what is written over itself
// loses its tokens, which Elasticsearch does not keep.
func (c *cluster) age() {
	c.t.Helper()
	c.ask(http.MethodPost, "/"+c.prefix+"-mentions/_update_by_query?refresh=true", `{"script": {"source": "ctx._source.tokens_version = 0"}}`)
}

// typed runs the program as a person does, in a folder, and gives what it says and its
// exit status.
func typed(t *testing.T, folder string, words ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, beside bytes.Buffer
	cmd := exec.Command("ouidire", words...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, &out, &beside
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), beside.String(), cmd.ProcessState.ExitCode()
}

func TestRebuildRenewsWhatAnOlderVersionKeptInASecuredElasticsearch(t *testing.T) {
	needs.EachSecured(t, rebuildRenews)
}

func rebuildRenews(t *testing.T, server needs.Secured) {
	c, folder := newCluster(t, server), t.TempDir()
	t.Setenv("OUIDIRE_ELASTIC_KEY", c.key())
	c.furnish(folder)
	c.age()
	const search = "l'épargne"
	if out, warned, status := typed(t, folder, "search", search, "--lang", "fr"); status != no || out != "" || !strings.Contains(warned, "3 mentions conservées sont encore indexées") {
		t.Errorf("with the index of an older version: status %d, %q, and beside it %q", status, out, warned)
	}
	for _, want := range []string{"3 mentions réindexées, 3 jugées autrement", "0 mentions réindexées, 0 jugées autrement"} {
		if out, beside, status := typed(t, folder, "rebuild", "--lang", "fr"); status != done || !strings.Contains(out, want) {
			t.Errorf("status %d, said %q and %q, want %q", status, out, beside, want)
		}
	}
	out, warned, status := typed(t, folder, "search", search, "-o", "json")
	if status != done || strings.Count(out, `"label":"negative"`) != 3 || warned != "" {
		t.Errorf("afterwards: status %d, %s\nand beside it %q", status, out, warned)
	}
}

// furnish keeps three mentions that another version judged otherwise than this one does, as
// the configuration of a folder says, and returns when they are found.
func (c *cluster) furnish(folder string) {
	t := c.t
	t.Helper()
	authority, err := os.ReadFile(c.is.CA)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "elastic-ca.pem"), authority, 0o600)
	}
	settings := fmt.Sprintf(`organisation: {name: Caisse Valtisse}
watches: [{name: caisse, query: valtisse}]
store: {kind: elastic, addresses: [%q], api_key: "${OUIDIRE_ELASTIC_KEY}", ca: ./elastic-ca.pem, index_prefix: %s}
`, c.is.Address, c.prefix)
	path := filepath.Join(folder, "ouidire.yml")
	if err == nil {
		err = os.WriteFile(path, []byte(settings), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	f, err := config.Load(path, app.Kinds())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(f.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	kept, err := app.OpenStore(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Close()
	if _, _, err := kept.Put(t.Context(), judgedBefore()); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !kept.Waiting().IsZero() {
		<-tick.C
	}
}

// judgedBefore is what another version judged, of three months.
func judgedBefore() (all []mention.Mention) {
	at := time.Now().Add(-time.Hour).UTC().Truncate(time.Microsecond)
	for i := range 3 {
		all = append(all, mention.Mention{ID: fmt.Sprintf("m-%d", i), Source: "echo", Place: "web", Kind: mention.Comment,
			PublishedAt: at.AddDate(0, -i, 0), SeenAt: at, Readings: []mention.Reading{{At: at, Positive: 1, Label: mention.Positive, By: "lexicon-0"}},
			Versions: []mention.Version{{At: at, Hits: []mention.Hit{{Watch: "caisse", Words: []string{"Valtisse"}}},
				Text: "C’est une honte : la caisse Valtisse vole l’épargne, service épouvantable, frais scandaleux, je suis furieuse."}}})
	}
	return all
}
