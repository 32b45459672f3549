package app

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/store"
)

func TestSeventeenCopiesAtOnceFromSeventeenSourcesAreOneNotice(t *testing.T) {
	hook := newReceiver(t, 0)
	s := settings{folder: t.TempDir(), hook: hook.server.URL}
	var outlets []*press
	for range 17 {
		p := newPress(t)
		p.publish("Le temps qu’il fera", "Neige sur la côte, éclaircies ailleurs.")
		outlets = append(outlets, p)
		s.feeds = append(s.feeds, p.server.URL)
	}
	app := start(t, s.write(t), 500*time.Millisecond)
	app.readAll(t)
	wire := "Le Mouvement Valtisse fermera 14 comptoirs d’ici l’été. " + tale(rand.New(rand.NewPCG(1, 1)))
	for _, p := range outlets {
		p.publish("Valtisse : 14 comptoirs fermeront", wire)
	}
	eventually(t, "17 copies in the store", func() bool {
		n, err := app.store.Count(t.Context(), store.Question{Watches: []string{"caisse"}})
		return err == nil && n == 17
	})
	eventually(t, "a notice", func() bool { return len(hook.messages()) > 0 })
	outlets[0].publish("Autre chose de Valtisse", tale(rand.New(rand.NewPCG(2, 2))))
	eventually(t, "the next story", func() bool {
		for _, m := range hook.messages() {
			if strings.Contains(m.Subject, "Autre chose") {
				return true
			}
		}
		return false
	})
	if got := hook.messages(); len(got) != 2 {
		t.Errorf("%d notices, want 2: one a story: %+v", len(got), got)
	}
}

func TestACorrectedFigureIsToldOnceAndACosmeticEditNever(t *testing.T) {
	hook, p := newReceiver(t, 0), newPress(t)
	app := start(t, settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}.write(t), 300*time.Millisecond)
	app.readAll(t)
	body := tale(rand.New(rand.NewPCG(3, 3)))
	link := p.publish("Valtisse : 14 comptoirs fermeront", "On fermera 14 comptoirs. "+body)
	eventually(t, "the notice", func() bool { return len(hook.messages()) == 1 })
	p.edit(link, "Valtisse : 14 comptoirs fermeront", "On fermera 14 comptoirs. "+body+" ")
	p.edit(link, "Valtisse : 14 comptoirs fermeront!", "On fermera 14 comptoirs. "+body)
	p.publish("Valtisse ailleurs", tale(rand.New(rand.NewPCG(4, 4))))
	eventually(t, "the second story", func() bool { return len(hook.messages()) == 2 })
	p.edit(link, "Valtisse : 11 comptoirs fermeront", "On fermera 11 comptoirs et non 14. "+body)
	eventually(t, "the correction", func() bool { return len(hook.messages()) == 3 })
	p.publish("Valtisse toujours", tale(rand.New(rand.NewPCG(5, 5))))
	eventually(t, "the third story", func() bool { return len(hook.messages()) >= 4 })
	if got := hook.messages(); len(got) != 4 || !strings.Contains(got[2].Subject+got[2].Body, "11") {
		t.Errorf("want story, story, correction, story; got %+v", got)
	}
}

func TestThePageTheMetricsAndTheHealthAnswer(t *testing.T) {
	hook, p := newReceiver(t, 0), newPress(t)
	p.publish("La caisse Valtisse prête aux fermes", tale(rand.New(rand.NewPCG(6, 6))))
	app := start(t, settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}.write(t), 300*time.Millisecond)
	app.readAll(t)
	for path, want := range map[string]string{
		"/mentions?q=valtisse":         "La caisse Valtisse prête aux fermes",
		"/mentions?q=valtisse+-caisse": "Aucune mention",
		"/mentions?q=%22ouvert":        "guillemet",
		"/sources":                     "source-1",
		"/situations":                  "Aucune situation pour l’instant",
		"/messages":                    "crochet",
		"/healthz":                     "ok",
		"/readyz":                      "ready",
		"/metrics":                     `ouidire_mentions_backfilled_total{source_kind="feed",watch="caisse"} 1`,
	} {
		if got := get(t, app.Address()+path); !strings.Contains(got, want) {
			t.Errorf("%s does not say %q:\n%s", path, want, got)
		}
	}
	if n := len(hook.messages()); n != 0 {
		t.Errorf("the first visit is history, but %d messages went out", n)
	}
}

func TestAScrapeTellsWhatIsHeldThatTheLineIsAliveAndLeavesOutWhatIsPaused(t *testing.T) {
	hook, p := newReceiver(t, 0), newPress(t)
	p.publish("La caisse Valtisse prête aux fermes", tale(rand.New(rand.NewPCG(6, 6))))
	p.publish("Le temps qu’il fera", "Neige sur la côte, éclaircies ailleurs.")
	path := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}.write(t)
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	paused := "sources:\n  - {name: reposee, kind: feed, url: \"http://reposee.example/\", paused: true}\n"
	if err := os.WriteFile(path, bytes.Replace(body, []byte("sources:\n"), []byte(paused), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	before := time.Now().Truncate(time.Microsecond)
	app := start(t, path, 300*time.Millisecond)
	app.readAll(t)
	app.count(t.Context())
	got := get(t, app.Address()+"/metrics")
	for _, want := range []string{
		`ouidire_store_documents{index_kind="mentions"} 1` + "\n", `ouidire_store_documents{index_kind="unclaimed"} 1` + "\n",
		"ouidire_store_writes_failed_total 0\n", `ouidire_source_interval_seconds{source="source-1"}`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the scrape does not say %q", want)
		}
	}
	if strings.Contains(got, "reposee") || strings.Contains(got, "ouidire_store_writes_total 0") {
		t.Errorf("a paused source is shown, or no batch was written:\n%s", got)
	}
	for _, step := range []string{"fetched", "searchable"} {
		found := regexp.MustCompile(`ouidire_heartbeat_timestamp_seconds{step="` + step + `"} (\S+)`).FindStringSubmatch(got)
		if found == nil {
			t.Fatalf("no sign of life of the step %s", step)
		}
		if seconds, err := strconv.ParseFloat(found[1], 64); err != nil || seconds < float64(before.UnixMicro())/1e6 {
			t.Errorf("the step %s was last alive at %s (%v), before the program began", step, found[1], err)
		}
	}
}

func get(t testing.TB, address string) string {
	t.Helper()
	return getIn(t, "fr-CA", address)
}

// getIn is what a reader of a language gets.
func getIn(t testing.TB, lang, address string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", lang)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestANewWatchClaimsWhatWasReadBeforeItExisted(t *testing.T) {
	hook, p := newReceiver(t, 0), newPress(t)
	p.publish("La Banque Nordelune ouvre un comptoir", tale(rand.New(rand.NewPCG(7, 7))))
	p.publish("Le temps qu’il fera", "Neige sur la côte, éclaircies ailleurs.")
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}
	path := s.write(t)
	app := start(t, path, 300*time.Millisecond)
	app.readAll(t)
	count := func(q store.Question) int {
		n, err := app.store.Count(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(store.Question{Unclaimed: true}); n != 1 {
		t.Fatalf("%d items that nobody claims, want the weather", n)
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	more := "watches:\n  - {name: banque, query: nordelune}\n  - {name: temps, query: neige}\n"
	body = bytes.Replace(body, []byte("watches:\n"), []byte(more), 1)
	app.Reload(t.Context(), func() (*config.File, error) { return config.Parse(path, body, os.LookupEnv, Kinds()) })
	eventually(t, "the weather under its watch", func() bool { return count(store.Question{Watches: []string{"temps"}}) == 1 })
	eventually(t, "the bank under both", func() bool { return count(store.Question{Watches: []string{"banque"}}) == 1 })
	if n := count(store.Question{Watches: []string{"caisse"}}); n != 1 {
		t.Errorf("the first watch claims %d, want 1 still", n)
	}
	if n := len(hook.messages()); n != 0 {
		t.Errorf("%d messages about the past", n)
	}
}
