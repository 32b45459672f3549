package app

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/store"
)

// Whoever reads French is asked in French: a kind whose settings have no French
// explanation would show an empty label.
func TestEverySettingThatThePageAsksForSpeaksBothLanguages(t *testing.T) {
	desk := &config.Desk{Kinds: Kinds()}
	asked := 0
	for _, section := range []string{"sources", "channels", "rules", "watches", "organisation", "retention", "web"} {
		kinds := append(desk.Kinds.KindNames(section), "")
		for _, kind := range kinds {
			for _, f := range desk.Form(config.Written{Section: section, Kind: kind}) {
				asked++
				if f.Label.EN == "" || f.Label.FR == "" || (f.Hint.EN == "") != (f.Hint.FR == "") && f.Hint.EN != "" && f.Hint.FR == "" {
					t.Errorf("%s %s: %s is explained as %+v, %+v: write its tags doc and fr, what it is before the first semicolon", section, kind, f.Key, f.Label, f.Hint)
				}
				for _, s := range []string{f.Label.FR, f.Hint.FR, f.Label.France, f.Hint.France} {
					if strings.ContainsAny(s, "'") || strings.Contains(s, " :") || strings.Contains(s, "« ") {
						t.Errorf("%s: %q is not written as French typography asks", f.Key, s)
					}
				}
			}
		}
	}
	if asked < 30 {
		t.Errorf("only %d settings were looked at", asked)
	}
}

func TestAFormAsksFirstForWhatItsKindCannotDoWithout(t *testing.T) {
	desk := &config.Desk{Kinds: Kinds()}
	asked := 0
	for section, shared := range map[string]string{"sources": "every", "channels": "language", "rules": "severity"} {
		for _, kind := range desk.Kinds.KindNames(section) {
			late := ""
			for _, f := range desk.Form(config.Written{Section: section, Kind: kind}) {
				asked++
				if f.Key == shared {
					late = f.Key
				} else if f.Required && late != "" {
					t.Errorf("%s %s: %s is asked for after %s, which every kind may do without", section, kind, f.Key, late)
				}
			}
			if late == "" {
				t.Errorf("%s %s: the form does not ask for %s", section, kind, shared)
			}
		}
	}
	if asked < 50 {
		t.Errorf("only %d fields were looked at", asked)
	}
}

// fill sends the form at a path back with other answers, as a browser does.
func (s started) fill(t *testing.T, path string, answers url.Values) (status int, body string) {
	t.Helper()
	page := get(t, s.Address()+path)
	form := url.Values{}
	for _, m := range hiddenIn.FindAllStringSubmatch(page, -1) {
		if m[1] != "lang" && m[1] != "back" {
			form.Add(m[1], m[2])
		}
	}
	for key, v := range answers {
		form[key] = v
	}
	at, _, _ := strings.Cut(s.Address()+path, "?")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(at, form)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

func TestWhatIsSetOnThePageIsInForceAtOnceAndAfterARestart(t *testing.T) {
	hook, first, second := newReceiver(t, 0), newPress(t), newPress(t)
	first.publish("Le temps qu’il fera à l’Anse", "Neige sur la côte, éclaircies ailleurs.")
	second.publish("La Banque Nordelune ouvre un comptoir", tale(rand.New(rand.NewPCG(3, 4))))
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{first.server.URL}}
	path := s.write(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	app := start(t, path, 300*time.Millisecond)
	app.readAll(t)
	save := func(path string, answers url.Values) {
		t.Helper()
		if status, body := app.fill(t, path, answers); status != http.StatusSeeOther {
			t.Fatalf("%s: status %d\n%s", path, status, body)
		}
	}
	save("/set/sources?kind=feed", url.Values{"f.name": {"seconde"}, "f.url": {second.server.URL}})
	save("/watches/one", url.Values{"title": {"Le temps"}, "all": {"neige"}, "relation": {"theme"}, "do": {"save"}})
	count := func(watch string) int {
		n, err := app.store.Count(t.Context(), store.Question{Watches: []string{watch}})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, "a visit to the source that was added", func() bool { return count("caisse") == 1 })
	eventually(t, "the weather under the watch that was added", func() bool { return count("le-temps") == 1 })

	if status, body := app.fill(t, "/set/watches/remove?name=caisse", nil); status != http.StatusUnprocessableEntity || !strings.Contains(body, "nouvelles") {
		t.Errorf("a watch that a rule names: status %d\n%s", status, body)
	}
	save("/set/watches/remove?name=le-temps", nil)
	app.rewatch.Ring()
	claimed := func() bool { // asked again, and nothing is lost
		kept, _, err := app.state.Get(t.Context(), claimedKey)
		return err == nil && string(kept) == watchesDigest(app.current.Load())
	}
	eventually(t, "what is kept to be asked again", claimed)
	if n := count("le-temps"); n != 1 {
		t.Errorf("%d mentions are left of a watch that was removed, want 1", n)
	}
	save("/set/sources?name=source-1", url.Values{"f.paused": {"true"}, "f.url": {first.server.URL}})
	save("/set/organisation", url.Values{"f.name": {"Caisse Valtisse"}, "f.short": {"l’Œuvre d'ici"}, "f.language": {"fr-CA"}, "f.timezone": {"America/Halifax"}})
	if got := get(t, app.Address()+"/sources"); !strings.Contains(got, "à votre demande") {
		t.Error("the page does not say that the source is paused")
	}
	app.Reload(t.Context(), func() (*config.File, error) { return config.Load(path, Kinds()) })
	if err := app.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, path, 300*time.Millisecond)
	f := again.current.Load()
	if f.Organisation.Short != "l’Œuvre d'ici" || f.Organisation.Timezone != "America/Halifax" || len(f.Sources) != 2 || !f.Sources[0].Paused || len(f.Watches) != 1 {
		t.Errorf("after a restart: %+v, %+v, %+v", f.Organisation, f.Sources, f.Watches)
	}
	if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
		t.Errorf("the person's own file was changed: %v", err)
	}
	if n := len(hook.messages()); n != 0 {
		t.Errorf("%d messages about what was published before", n)
	}
}

func TestAnAddressOfOurOwnNetworkIsRefusedInWordsOnThePage(t *testing.T) {
	hook, p := newReceiver(t, 0), newPress(t)
	v := newVillage(t)
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}, closed: true}
	app := startWith(t, s.write(t), Options{Net: v})
	for _, address := range []string{"http://intranet.example/", "http://10.0.0.1/", "http://[::1]/", "http://echo-des-moyacs.example:6379/"} {
		status, body := app.fill(t, "/sources/add", url.Values{"address": {address}})
		if status != http.StatusUnprocessableEntity || !strings.Contains(body, "n’est pas publique") {
			t.Errorf("%s: status %d", address, status)
		}
	}
	if got := v.dialled(); got != "" {
		t.Errorf("it dialled %s", got)
	}
	if status, body := app.fill(t, "/sources/add", url.Values{"address": {"echo-des-moyacs.example"}}); status != http.StatusOK || !strings.Contains(body, "http://echo-des-moyacs.example/feed") {
		t.Errorf("a paper: status %d", status)
	}
}

func TestARuleIsRehearsedOnWhatIsKept(t *testing.T) {
	hook, paper := newReceiver(t, 0), newPress(t)
	paper.publish("Le temps qu’il fera à l’Anse", "Neige sur la côte, éclaircies ailleurs.")
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{paper.server.URL}}
	app := start(t, s.write(t), 300*time.Millisecond)
	app.readAll(t)
	dice := rand.New(rand.NewPCG(21, 11))
	paper.publish("Valtisse et l’été des frais", tale(dice))
	paper.publish("Valtisse: une fanfare sur le quai", "Fraude, crie-t-on. "+tale(dice))
	eventually(t, "both messages", func() bool { return len(hook.messages()) == 2 })
	before := app.current.Load().Rules

	rehearse := func(query string) string {
		status, body := app.fill(t, "/set/rules?kind=keyword", url.Values{"f.name": {"crise"}, "f.watch": {"caisse"}, "f.query": {query}, "do": {"rehearse"}})
		if status != http.StatusOK || !strings.Contains(body, "cette règle vous aurait annoncé") {
			t.Fatalf("%s: status %d\n%s", query, status, body)
		}
		return body
	}
	if body := rehearse("fraude OU grève"); strings.Count(body, "<li><p>") != 1 || !strings.Contains(body, "«\u00a0Fraude\u00a0»") {
		t.Errorf("a rule on the word of one mention would have told:\n%s", body)
	}
	if body := rehearse("incendie"); !strings.Contains(body, "vous n’auriez pas été dérangé") {
		t.Errorf("a rule on a word of none would have told:\n%s", body)
	}
	if status, body := app.fill(t, "/set/rules?kind=keyword", url.Values{"f.name": {"crise"}, "f.query": {`"ouvert`}, "do": {"rehearse"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("a query that ends in the middle: status %d\n%s", status, body)
	}
	if after := app.current.Load().Rules; len(after) != len(before) {
		t.Errorf("it was put in force: %+v", after)
	}
}
