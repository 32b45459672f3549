package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
)

// gate stands before a server, which nobody reaches until it opens.
type gate struct {
	*httptest.Server
	open atomic.Bool
}

func newGate(t *testing.T, server string) *gate {
	t.Helper()
	there, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	g, through := new(gate), httputil.NewSingleHostReverseProxy(there)
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !g.open.Load() {
			http.Error(w, "<html>Bad gateway</html>", http.StatusBadGateway)
			return
		}
		through.ServeHTTP(w, r)
	}))
	t.Cleanup(g.Close)
	return g
}

// statusAndPage is what a page answers, whatever its status.
func statusAndPage(t *testing.T, address string) (status int, body string) {
	t.Helper()
	res, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	all, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(all)
}

func TestADaemonThatStartsBeforeElasticsearchReadsItsSourcesAndTellsOnceThatIsThere(t *testing.T) {
	t.Parallel()
	server := needs.Elasticsearch(t)
	g, hook, p := newGate(t, server), newReceiver(t, 0), newPress(t)
	there := strings.Replace(sharedStore(t, server), server, g.URL, 1)
	app := start(t, settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}, extra: there}.write(t), time.Second)
	app.readAll(t)
	p.publish("L’été des frais à la caisse Valtisse", "La caisse Valtisse change ses frais dès l'été : le quai, les homards et la fanfare en parlent.")
	eventually(t, "what was found waits in the spool", func() bool {
		_, scraped := statusAndPage(t, app.Address()+"/metrics")
		return strings.Contains(scraped, "ouidire_store_up 0\n") && strings.Contains(scraped, "ouidire_spool_items 1\n")
	})
	if status, page := statusAndPage(t, app.Address()+"/mentions?whole=1"); status != http.StatusServiceUnavailable || !strings.Contains(page, g.URL) || !strings.Contains(page, "n’est pas Elasticsearch (réponse 502") {
		t.Errorf("while nobody reaches it, the page answers %d: %s", status, page)
	}
	if n := len(hook.messages()); n != 0 {
		t.Errorf("%d messages about what nobody can find", n)
	}
	g.open.Store(true)
	eventually(t, "a message about it", func() bool {
		all := hook.messages()
		return len(all) == 1 && strings.Contains(all[0].Subject, "L’été des frais")
	})
	if status, page := statusAndPage(t, app.Address()+"/mentions?whole=1"); status != http.StatusOK || !strings.Contains(page, "L’été des frais à la caisse Valtisse") {
		t.Errorf("afterwards the page answers %d: %s", status, page)
	}
	if _, scraped := statusAndPage(t, app.Address()+"/metrics"); !strings.Contains(scraped, "ouidire_store_up 1\n") || !strings.Contains(scraped, "ouidire_spool_items 0\n") {
		t.Errorf("afterwards the metrics say:\n%s", scraped)
	}
}
