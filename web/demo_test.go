package web

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

// rehearsed is a stage that notes what is asked of it.
type rehearsed struct {
	Scene
	back []int
}

func (r *rehearsed) scene() Scene { return r.Scene }

// onStage makes a house a demonstration.
func (h *house) onStage(t *testing.T) *rehearsed {
	t.Helper()
	r := &rehearsed{Scene: Scene{Now: noon, Chapter: 1, Speed: 1, Chapters: []Chapter{
		{From: noon.AddDate(0, 0, -7), Title: say.Text{EN: "Week 1", FR: "Semaine 1"}, Text: say.Text{EN: "Calm.", FR: "Du calme."}},
		{From: noon.Add(-time.Hour), Title: say.Text{EN: "Week 2", FR: "Semaine 2"}, Text: say.Text{EN: "People speak.", FR: "Ça jase."}},
		{From: noon.AddDate(0, 0, 7), Title: say.Text{EN: "The end", FR: "La fin"}, Text: say.Text{EN: "Over.", FR: "C’est fini."}},
	}, Letters: []Letter{{At: noon, Subject: "Nouvelle : " + hostile, Body: hostile, Severity: "info", Incident: "wsituation"}}}}
	o := h.Options
	o.Demo = stage{r}
	var err error
	if h.Server, err = New(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, o); err != nil {
		t.Fatal(err)
	}
	h.status.Demo = true
	return r
}

// stage implements Demo.
type stage struct{ *rehearsed }

func (s stage) Scene() Scene       { return s.scene() }
func (s stage) Hold(paused bool)   { s.Paused = paused }
func (s stage) Pace(speed float64) { s.Speed = speed }
func (s stage) Back(chapter int)   { s.back = append(s.back, chapter) }

func (s stage) Try(_ context.Context, name string) (found []mention.Mention, err error) {
	if _, err := query.Parse(`"` + name + `"`); err != nil {
		return nil, err
	}
	for n := range 25 {
		if strings.EqualFold(name, "Valtisse") {
			found = append(found, aMention(100+n, mention.Article, "La Caisse Valtisse", "Texte", mention.Hit{Watch: "essai", Words: []string{"Valtisse"}}))
		}
	}
	return found, nil
}

func TestTheDemonstrationSaysWhatOneSeesInBothLanguages(t *testing.T) {
	h := newHouse(t, "")
	h.onStage(t)
	for _, c := range []struct{ path, fr, en string }{
		{"/demo", "Ça jase.", "People speak."},
		{"/demo", "Revenir à «\u00a0Semaine 1\u00a0»", "Go back to “Week 1”"},
		{"/demo", "1 message depuis", "1 message since"},
		{"/demo?name=valtisse", "25 mentions", "25 mentions"},
		{"/demo?name=valtisse", "Les 20 plus récentes", "The 20 newest"},
		{"/demo?name=Grand+H%C3%B4tel+de+l%E2%80%99Anse", "Personne ne parle de", "Nobody speaks of"},
		{"/demo?name=!!", "mot", "word"},
	} {
		for lang, want := range map[string]string{"fr-CA": c.fr, "en": c.en} {
			w := h.ask("GET", c.path, nil, "Accept-Language", lang)
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s in %s does not say %q (status %d)", c.path, lang, want, w.Code)
			}
		}
	}
	if body := h.ask("GET", "/demo", nil).Body.String(); strings.Contains(body, hostile) {
		t.Error("what the web says is shown as more than text")
	}
}

func TestAReaderDirectsTheTime(t *testing.T) {
	h := newHouse(t, "")
	r := h.onStage(t)
	if got := h.ask("GET", "/demo", nil).Header().Get("Refresh"); got == "" {
		t.Error("the page stands still while the time goes by")
	}
	act := func(name string, more ...string) {
		t.Helper()
		form := url.Values{"act": {name}}
		if len(more) > 0 {
			form.Set("chapter", more[0])
		}
		if w := h.ask("POST", "/demo", form); w.Code != http.StatusSeeOther {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	act("pause")
	if !r.Paused || h.ask("GET", "/demo", nil).Header().Get("Refresh") != "" {
		t.Error("the time goes on")
	}
	act("go")
	act("faster")
	act("faster")
	act("slower")
	act("back", "0")
	act("back", "bientôt")
	act("dance")
	if r.Paused || r.Speed != 2 || !slices.Equal(r.back, []int{0}) {
		t.Errorf("paused %v, speed %v, back to %v; want going on, twice as fast, back to 0 once", r.Paused, r.Speed, r.back)
	}
	r.Over, r.Chapter = true, 2
	if body := h.ask("GET", "/demo", nil).Body.String(); !strings.Contains(body, "Tout revoir depuis le début") {
		t.Error("at the end nothing invites to begin again")
	}
}

func TestEveryPageSaysWhereTheDemonstrationStandsAndLeadsBackToItself(t *testing.T) {
	h := newHouse(t, "")
	r := h.onStage(t)
	for _, path := range []string{"/", "/mentions?q=valtisse", "/situations", "/sources", "/watches", "/tone", "/nowhere"} {
		for lang, want := range map[string][]string{
			"fr-CA": {`<a href="/demo">Semaine 2</a>`, "Ça jase.", ">Pause<", "Revenir à «\u00a0Semaine 1\u00a0»"},
			"en":    {`<a href="/demo">Week 2</a>`, "People speak.", ">Pause<", "Go back to “Week 1”"},
		} {
			body := h.ask("GET", path, nil, "Accept-Language", lang).Body.String()
			for _, w := range want {
				if !strings.Contains(body, w) {
					t.Errorf("%s in %s does not say %q", path, lang, w)
				}
			}
		}
	}
	if body := h.ask("GET", "/demo", nil).Body.String(); strings.Contains(body, "data-now") {
		t.Error("the stage says twice where it stands")
	}
	if body := h.ask("GET", "/demo/now", nil, "Accept-Language", "en").Body.String(); !strings.HasPrefix(body, "<p data-now") || !strings.Contains(body, "People speak.") {
		t.Errorf("the strip is told %q", body)
	}
	for from, want := range map[string]string{"/mentions?q=valtisse": "/mentions?q=valtisse", "https://ailleurs.example/": "/", "": "/demo"} {
		w := h.ask("POST", "/demo", url.Values{"act": {"pause"}, "from": {from}})
		if got := w.Header().Get("Location"); got != want || !r.Paused {
			t.Errorf("paused from %q: led to %q, want %q", from, got, want)
		}
	}
	if body := h.ask("GET", "/mentions", nil).Body.String(); strings.Contains(body, "data-scene") || !strings.Contains(body, ">Continuer<") {
		t.Error("while the time stands still the strip asks how it goes by")
	}
	w := h.ask("POST", "/demo", url.Values{"act": {"back"}, "chapter": {"0"}, "from": {"/mentions"}})
	if got := w.Header().Get("Location"); got != "/demo" {
		t.Errorf("turned back on a page that may not have happened yet: led to %q, want the stage", got)
	}
}

func TestThereIsNoDemonstrationElsewhere(t *testing.T) {
	h := newHouse(t, "")
	if w := h.ask("GET", "/demo", nil); w.Code != http.StatusNotFound {
		t.Errorf("/demo answers %d where none runs", w.Code)
	}
}
