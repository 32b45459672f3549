package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
)

// heard is what Alertmanager told somebody.
type heard struct {
	mu  sync.Mutex
	all []pagerAlert
}

type pagerAlert struct {
	Status      string            `json:"status"` // firing or resolved
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// ServeHTTP implements http.Handler: Alertmanager's webhook.
func (h *heard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var message struct{ Alerts []pagerAlert }
	if err := json.NewDecoder(r.Body).Decode(&message); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, message.Alerts...)
}

// has finds an alert in a state.
func (h *heard) has(name, status string) (found pagerAlert, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, a := range h.all {
		if a.Labels["alertname"] == name && a.Status == status {
			return a, true
		}
	}
	return pagerAlert{}, false
}

// TestWhatIsWrongWithTheProgramReachesSomebody takes the files of deploy through a real
// Prometheus and a real Alertmanager. Only addresses are other ones, and waits are short:
// how long each alert waits is promtool's to test.
func TestWhatIsWrongWithTheProgramReachesSomebody(t *testing.T) {
	needs.Server(t, "OUIDIRE_TEST_PROMETHEUS")
	needs.Server(t, "OUIDIRE_TEST_ALERTMANAGER")
	somebody := &heard{}
	hook := httptest.NewServer(somebody)
	defer hook.Close()
	p := newPress(t)
	p.publish("La caisse Valtisse prête aux fermes", "C’est l’été des récoltes.")
	path := settings{folder: t.TempDir(), hook: newReceiver(t, 0).server.URL, feeds: []string{p.server.URL}}.write(t)
	app := start(t, path, 300*time.Millisecond)
	app.readAll(t)
	startMonitoring(t, strings.TrimPrefix(app.Address(), "http://"), hook.URL)

	app.Reload(t.Context(), func() (*config.File, error) { return config.Parse(path, []byte("watches: ["), os.LookupEnv, Kinds()) })
	eventually(t, "that the configuration was refused", func() bool { _, ok := somebody.has("OuidireConfigReloadFailed", "firing"); return ok })
	alert, _ := somebody.has("OuidireConfigReloadFailed", "firing")
	if alert.Labels["severity"] != "warning" || alert.Annotations["summary"] != "La configuration modifiée n’est pas en vigueur." ||
		!strings.HasSuffix(alert.Annotations["runbook_url"], "docs/fr/runbooks/OuidireConfigReloadFailed.md") {
		t.Errorf("somebody heard %+v", alert)
	}
	app.Reload(t.Context(), func() (*config.File, error) { return config.Load(path, Kinds()) })
	eventually(t, "that the configuration is in force again", func() bool { _, ok := somebody.has("OuidireConfigReloadFailed", "resolved"); return ok })

	if _, ok := somebody.has("OuidireDown", "firing"); ok {
		t.Error("somebody heard that the program is down while it ran")
	}
	if err := app.stop(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "that the program is down", func() bool { _, ok := somebody.has("OuidireDown", "firing"); return ok })
}

// startMonitoring runs Prometheus and Alertmanager as deploy configures them, reading
// target and telling hook.
func startMonitoring(t *testing.T, target, hook string) {
	t.Helper()
	folder, alertmanager := t.TempDir(), freePort(t)
	secret := filepath.Join(folder, "password")
	if err := os.WriteFile(secret, []byte("none is set"), 0o600); err != nil {
		t.Fatal(err)
	}
	rules, err := os.ReadFile("../deploy/prometheus/rules.fr.yml")
	if err != nil {
		t.Fatal(err)
	}
	// A minute is a second.
	quick := strings.NewReplacer("interval: 1m", "interval: 1s", "for: 5m", "for: 1s", "for: 10m", "for: 1s", "for: 15m", "for: 1s", "[5m]", "[5s]").Replace(string(rules))
	if err := os.WriteFile(filepath.Join(folder, "rules.fr.yml"), []byte(quick), 0o600); err != nil {
		t.Fatal(err)
	}
	prometheus := changed(t, folder, "../deploy/prometheus/prometheus.yml", func(c map[string]any) {
		c["global"] = map[string]any{"scrape_interval": "1s", "evaluation_interval": "1s"}
		scrapes := c["scrape_configs"].([]any)[:1]
		scrapes[0].(map[string]any)["static_configs"] = []any{map[string]any{"targets": []string{target}}}
		scrapes[0].(map[string]any)["basic_auth"].(map[string]any)["password_file"] = secret
		c["scrape_configs"] = scrapes
		c["alerting"] = map[string]any{"alertmanagers": []any{map[string]any{"static_configs": []any{map[string]any{"targets": []string{alertmanager}}}}}}
	})
	manager := changed(t, folder, "../deploy/alertmanager/alertmanager.yml", func(c map[string]any) {
		delete(c, "global")
		c["receivers"] = []any{map[string]any{"name": "team", "webhook_configs": []any{map[string]any{"url": hook, "send_resolved": true}}}}
		c["route"].(map[string]any)["group_wait"], c["route"].(map[string]any)["group_interval"] = "1s", "1s"
	})
	runServer(t, needs.Server(t, "OUIDIRE_TEST_ALERTMANAGER"), "--config.file="+manager, "--storage.path="+filepath.Join(folder, "am"),
		"--web.listen-address="+alertmanager, "--cluster.listen-address=")
	runServer(t, needs.Server(t, "OUIDIRE_TEST_PROMETHEUS"), "--config.file="+prometheus, "--storage.tsdb.path="+filepath.Join(folder, "tsdb"), "--web.listen-address="+freePort(t))
}

// changed copies a file of deploy into a folder with something changed.
func changed(t *testing.T, folder, path string, change func(map[string]any)) (copied string) {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := yaml.Unmarshal(body, &c); err != nil {
		t.Fatal(err)
	}
	change(c)
	if body, err = yaml.Marshal(c); err != nil {
		t.Fatal(err)
	}
	copied = filepath.Join(folder, filepath.Base(path))
	if err := os.WriteFile(copied, body, 0o600); err != nil {
		t.Fatal(err)
	}
	return copied
}

// runServer runs a server until the test ends; what it wrote is shown when that failed.
func runServer(t *testing.T, binary string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s wrote:\n%s", filepath.Base(binary), log.String())
		}
	})
}
