package app

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store/state"
)

// ask asks a server for something with a body in JSON.
func ask(t *testing.T, method, address, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("%s %s: %s", method, address, answer.Status)
	}
}

func TestWhatElasticsearchRefusedIsShownSentAgainAndThenTold(t *testing.T) {
	for name, again := range map[string]func(*testing.T, started){"from the page": fromThePage, "by the command": byTheCommand} {
		t.Run(name, func(t *testing.T) { refusedAndSentAgain(t, again) })
	}
}

func fromThePage(t *testing.T, app started) {
	sent, err := http.PostForm(app.Address()+"/keeping/resend", url.Values{"all": {"1"}}) // and to where it leads
	if err != nil {
		t.Fatal(err)
	}
	sent.Body.Close()
	if sent.StatusCode != http.StatusOK || sent.Request.URL.RawQuery != "sent=1" {
		t.Errorf("sent again: status %d at %s", sent.StatusCode, sent.Request.URL)
	}
}

// byTheCommand is a process beside the daemon.
func byTheCommand(t *testing.T, app started) {
	r, err := Resend(t.Context(), app.Config, nil)
	if err != nil || r.Sent != 1 || r.Refused != 0 {
		t.Errorf("sent again: %+v, %v", r, err)
	}
}

func refusedAndSentAgain(t *testing.T, again func(*testing.T, started)) {
	address := needs.Elasticsearch(t)
	there := elsewhere(t, address)
	prefix := regexp.MustCompile(`index_prefix: ([a-z0-9-]+)`).FindStringSubmatch(there)[1]
	hook, p := newReceiver(t, 0), newPress(t)
	path := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}, extra: there}.write(t)
	app := start(t, path, time.Second)
	app.readAll(t)
	wrong := address + "/" + prefix + "-mentions-" + time.Now().UTC().Format("2006-01")
	ask(t, http.MethodPut, wrong, `{"mappings": {"properties": {"source": {"type": "integer"}}}, "aliases": {"`+prefix+`-mentions": {}}}`)
	p.publish("L’été des frais à la caisse Valtisse", "La caisse Valtisse change ses frais dès l'été : le quai, les homards et la fanfare en parlent.")
	eventually(t, "a mention that was refused", func() bool {
		return strings.Contains(get(t, app.Address()+"/keeping"), "L’été des frais à la caisse Valtisse")
	})
	if home := get(t, app.Address()+"/"); !strings.Contains(home, "Elasticsearch l’a refusée") {
		t.Error("the first page does not say that a mention is missing")
	}
	if scraped := get(t, app.Address()+"/metrics"); !strings.Contains(scraped, "ouidire_dead_letters 1\n") || !strings.Contains(scraped, `ouidire_store_bulk_items_failed_total{reason="dead"} 1`) ||
		!strings.Contains(scraped, "ouidire_store_up 1\n") {
		t.Errorf("the metrics do not say so:\n%s", scraped)
	}
	beside, err := Refused(t.Context(), app.Config, 10)
	if l := beside.Letters; err != nil || len(l) != 1 || l[0].Mention.Source != "source-1" || !strings.Contains(say.Explain(l[0].Why, say.English), "another kind") || beside.Others != nil || beside.Unknown != nil {
		t.Errorf("beside the daemon: %+v, %v", beside, err)
	}
	if n := len(hook.messages()); n != 0 {
		t.Errorf("%d messages about what nobody can find", n)
	}
	erase(t, wrong)
	again(t, app)
	eventually(t, "a message about what was sent again", func() bool {
		all := hook.messages()
		return len(all) == 1 && strings.Contains(all[0].Subject, "L’été des frais")
	})
	if page := get(t, app.Address()+"/keeping"); !strings.Contains(page, "Rien. Tout ce qui a été trouvé est conservé") {
		t.Error("what is kept by now is still said to be refused")
	}
}

func TestWhileARebuildRunsThePageSaysSoAndNotForEver(t *testing.T) {
	f, err := config.Load(plainSettings(t).write(t), Kinds())
	if err != nil {
		t.Fatal(err)
	}
	app := start(t, f.Path, 0)
	said := func() bool { return strings.Contains(get(t, app.Address()+"/mentions"), "en cours de relecture") }
	if said() {
		t.Error("nothing runs yet")
	}
	err = withState(t.Context(), f, app.Options, func(db *state.DB) error {
		stop := noteRereading(t.Context(), db, app.Options)
		eventually(t, "the page says so", said)
		return stop()
	})
	if err != nil || said() {
		t.Errorf("it has ended, and the page says %v (%v)", said(), err)
	}
	if is, err := isRereading(t.Context(), app.state, app.Now()); is || err != nil {
		t.Errorf("no note: %v, %v", is, err)
	}
	for ago, want := range map[time.Duration]bool{time.Second: true, time.Hour: false, -time.Hour: false} { // one that was killed takes nothing back
		at, err := app.Now().Add(-ago).UTC().MarshalJSON()
		if err == nil {
			err = app.state.Set(t.Context(), rereadingKey, at)
		}
		if is, err2 := isRereading(t.Context(), app.state, app.Now()); is != want || err != nil || err2 != nil {
			t.Errorf("a note from %v ago holds: %v, want %v (%v, %v)", ago, is, want, err, err2)
		}
	}
}
