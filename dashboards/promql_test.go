package dashboards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// working is a program that goes on working: whoever scrapes it again finds that more
// has happened.
func working() http.Handler {
	m := New("1.0", "abc", "go1.26")
	m.Prepare(Configured{SourceKinds: []string{"feed"}, Watches: []string{"caisse"}, Rules: []string{"vagues"}, Channels: []string{"courriel"}})
	m.Reloaded(true, time.Now())
	m.Watch(func() Snapshot {
		ago := time.Now().Add(-time.Minute)
		return Snapshot{
			Heartbeats: []Heartbeat{{Step: "fetched", At: ago}, {Step: "searchable", At: ago}},
			Sources:    []Source{{Name: "echo", LastSuccess: ago, Newest: ago, Interval: time.Hour, Blind: true}},
			Alerts:     []Alert{{Severity: "urgent", State: "new"}},
			Stores:     []Store{{Index: "mentions", Documents: 12, Bytes: 4096}},
			Surges:     []Surge{{Watch: "caisse", Score: 2.5, Active: true, Window: 34, Usual: 3}},
			Advised:    []Advised{{Watch: "caisse", Advisories: 1}},
			Spool:      &Spool{Up: true, Waiting: 3, Oldest: ago, Bytes: 4096, Limit: 1 << 30, Dead: 1},
		}
	})
	work := func() {
		hits := []mention.Hit{{Watch: "caisse"}}
		for _, label := range []mention.Label{mention.Negative, mention.Neutral, mention.Positive, ""} {
			m.Kept("feed", &mention.Mention{PublishedAt: time.Now(), Versions: []mention.Version{{Hits: hits}}, Readings: []mention.Reading{{Label: label}}}, time.Now())
		}
		m.Kept("feed", &mention.Mention{History: true, Versions: []mention.Version{{Hits: hits}}}, time.Now())
		m.Kept("feed", &mention.Mention{Own: true, Kind: mention.Article, Versions: []mention.Version{{}}}, time.Now())
		m.Fetched("feed", "", 5, time.Second)
		m.Fetched("feed", "timeout", 0, time.Second)
		m.Duplicates("feed", 3)
		m.Analysed("fr", time.Millisecond)
		m.Written(time.Millisecond, nil)
		m.Written(time.Millisecond, errors.New("the disk is full"))
		m.Sent(Bulk{Took: time.Millisecond, Mentions: 300, Bytes: 4096, Again: 1, Dead: 1, Failed: "busy"})
		m.Transition("surge", "opened")
		m.Detected("surge", time.Minute)
		m.Acted("surge", "false_alarm")
		m.Acknowledged("urgent", time.Minute)
		m.RuleFailed("vagues")
		m.Owed("courriel")
		m.Suppressed("history")
		m.Attempt("courriel", time.Second, errors.New("busy"))
		m.Accepted("courriel", time.Second)
		m.GivenUp("courriel", "refused")
		m.Pending("courriel", 1, time.Now().Add(-time.Minute))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		work()
		m.Handler().ServeHTTP(w, r)
	})
}

// startPrometheus runs a real Prometheus that scrapes a server every second, with the
// rules as shipped but for how often they are asked, and gives its address.
func startPrometheus(t *testing.T, scraped string) (address string) {
	t.Helper()
	binary := needs.Server(t, "OUIDIRE_TEST_PROMETHEUS")
	folder := t.TempDir()
	var rules bytes.Buffer
	if err := WriteRules(&rules, say.FrenchCanada); err != nil {
		t.Fatal(err)
	}
	config := fmt.Sprintf("global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\nscrape_configs: [{job_name: ouidire, static_configs: [{targets: [%q]}]}]\n", scraped)
	quick := bytes.ReplaceAll(rules.Bytes(), []byte("interval: 1m"), []byte("interval: 1s"))
	if err := errors.Join(os.WriteFile(filepath.Join(folder, "rules.yml"), quick, 0o600), os.WriteFile(filepath.Join(folder, "p.yml"), []byte(config), 0o600)); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listen := free.Addr().String()
	free.Close()
	cmd := exec.CommandContext(t.Context(), binary, "--config.file="+filepath.Join(folder, "p.yml"), "--storage.tsdb.path="+filepath.Join(folder, "tsdb"), "--web.listen-address="+listen)
	var log bytes.Buffer
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("Prometheus said:\n%s", log.String())
		}
	})
	return "http://" + listen
}

// answerOf asks Prometheus as Grafana does, and gives how many series it has in
// answer. An expression that it does not understand is an error.
func answerOf(address, path string, v url.Values) (series int, err error) {
	res, err := http.Get(address + path + "?" + v.Encode())
	if err != nil {
		return 0, nil // not up yet
	}
	defer res.Body.Close()
	var answer struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return 0, nil // "Service Unavailable", while it reads its files
	}
	if answer.Status != "success" {
		return 0, fmt.Errorf("%s", answer.Error)
	}
	var data struct{ Result []json.RawMessage }
	if json.Unmarshal(answer.Data, &data) != nil { // a list of values, of a variable
		err = json.Unmarshal(answer.Data, &data.Result)
	}
	return len(data.Result), err
}

func askAt(address, expr string, whole bool) (int, error) {
	now := time.Now()
	if whole {
		return answerOf(address, "/api/v1/query", url.Values{"query": {expr}, "time": {fmt.Sprint(now.Unix())}})
	}
	return answerOf(address, "/api/v1/query_range", url.Values{"query": {expr}, "step": {"1"},
		"start": {fmt.Sprint(now.Add(-time.Minute).Unix())}, "end": {fmt.Sprint(now.Unix())}})
}

func TestEveryQuestionOfTheBoardsIsAnsweredByARealPrometheus(t *testing.T) {
	server := httptest.NewServer(working())
	defer server.Close()
	address := startPrometheus(t, strings.TrimPrefix(server.URL, "http://"))
	chosen := strings.NewReplacer("$watch", ".+", "$job", ".+", "$instance", ".+", "$__rate_interval", "10s", "$__range", "1m")
	open := map[string]bool{} // questions without an answer yet, and how they are asked
	for _, all := range made(t)[say.English] {
		for expr, whole := range expressions(all) {
			open[chosen.Replace(expr)] = whole
		}
		for _, v := range listOf(all.Templating) {
			if of, label, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(str(v["definition"]), "label_values("), ")"), ", "); ok && all.UID != "ouidire-mentions-en" {
				open[fmt.Sprintf(`group by (%s) (%s{%s!=""})`, label, of, label)] = true
			}
		}
	}
	for _, r := range recordings {
		open[r.record] = true
	}
	if len(open) < 60 {
		t.Fatalf("%d questions: the test is broken", len(open))
	}
	// Nothing but Prometheus' own clock tells when it has scraped often enough.
	for deadline := time.Now().Add(2 * time.Minute); len(open) > 0 && time.Now().Before(deadline); {
		for expr, whole := range open {
			n, err := askAt(address, expr, whole)
			if err != nil {
				t.Fatalf("%s: %v", expr, err)
			}
			if n > 0 {
				delete(open, expr)
			}
		}
		<-time.After(200 * time.Millisecond)
	}
	for _, expr := range slices.Sorted(maps.Keys(open)) {
		t.Errorf("nothing answers %s", expr)
	}
}
