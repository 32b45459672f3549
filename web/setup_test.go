package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

// Small kinds, as a new one would come along: the pages know nothing of them.

type leaflet struct {
	URL   string        `yaml:"url" required:"true" doc:"Its address; with its pages." fr:"Son adresse; avec ses pages." example:"https://echo.example/"`
	Depth int           `yaml:"depth" min:"1" max:"9" doc:"How deep." fr:"Jusqu’où." example:"3"`
	Token config.Secret `yaml:"token" doc:"Its key." fr:"Sa clé."`
}

type pigeon struct {
	To       []string      `yaml:"to" required:"true" doc:"Who gets it." fr:"Qui le reçoit." example:"[equipe@caisse.example]"`
	Password config.Secret `yaml:"password" doc:"The password." fr:"Le mot de passe."`
	Ring     int           `yaml:"ring" max:"99" rare:"true" doc:"The number of its ring." fr:"Le numéro de sa bague." example:"7"`
}

func smallKinds() config.Kinds {
	return config.Kinds{
		Sources:  map[string]func() any{"leaflet": func() any { return &leaflet{} }},
		Channels: map[string]func() any{"pigeon": func() any { return &pigeon{} }},
		Rules:    map[string]func() any{"fresh": func() any { return &struct{}{} }},
		Stores:   map[string]func() any{"local": func() any { return &struct{}{} }},
		Query: func(q string) (int, error) {
			_, err := query.Parse(q)
			if wrong, ok := err.(*query.Error); ok {
				return wrong.Column, err
			}
			return 0, err
		},
	}
}

const writtenByHand = `# À la main. Ne pas toucher!
organisation: {name: Caisse Valtisse}
watches:
  - {name: caisse, title: Notre caisse, query: valtisse, parent: mouvement}   # nous
  - {name: mouvement, title: Le Mouvement, query: '"mouvement valtisse"', relation: parent}
sources:
  - {name: echo, kind: leaflet, url: 'https://echo-des-moyacs.example/feed'}
channels:
  - {name: courriel, kind: pigeon, to: [equipe@caisse.example]}
`

// counter is a desk and the page over it: what is changed is shown at once.
type counter struct {
	*config.Desk
	h    *house
	told int // messages that every rule would have told
}

func (c counter) Kinds(section string) []string { return c.Desk.Kinds.KindNames(section) }

func (c counter) Ways() []string { return c.Desk.Kinds.KindNames("channels") }

func (c counter) Change(_ context.Context, e config.Edit) error {
	return c.Desk.Change(e, func(f *config.File) error { c.show(f); return nil })
}

// Rehearse tells of one message after another, whatever the rule.
func (c counter) Rehearse(_ context.Context, e config.Edit, since time.Time) (told Rehearsal, err error) {
	errNot := errors.New("not made")
	if err := c.Desk.Change(e, func(*config.File) error { return errNot }); !errors.Is(err, errNot) {
		return told, err
	}
	told.Since = since
	for range c.told {
		told.Told = append(told.Told, Told{noon, "Caisse Valtisse\u00a0: 34 commentaires négatifs en 15 min"})
	}
	return told, nil
}

func (c counter) show(f *config.File) {
	c.h.status.Watches, c.h.status.Sources = nil, nil
	for _, w := range f.Watches {
		c.h.status.Watches = append(c.h.status.Watches, Watch{Name: w.Name, Title: w.Title, Query: w.Query, Relation: w.Relation, Parent: w.Parent})
	}
	for _, s := range f.Sources {
		c.h.status.Sources = append(c.h.status.Sources, Source{Name: s.Name, Kind: s.Kind, Own: s.Own, Paused: s.Paused})
	}
}

// set gives a house a configuration that can be changed.
func (h *house) set(t *testing.T) *config.Desk {
	t.Helper()
	path := filepath.Join(t.TempDir(), config.Name)
	if err := os.WriteFile(path, []byte(writtenByHand), 0o600); err != nil {
		t.Fatal(err)
	}
	desk := &config.Desk{Path: path, Kinds: smallKinds(), Env: os.LookupEnv}
	c := counter{desk, h, 21}
	f, err := config.Load(path, desk.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	c.show(f)
	h.Setup = c
	t.Cleanup(func() {
		if body, err := os.ReadFile(path); err != nil || string(body) != writtenByHand {
			t.Errorf("the person's own file was changed: %v\n%s", err, body)
		}
	})
	return desk
}

func TestARuleIsRehearsedBeforeItIsSaved(t *testing.T) {
	h := newHouse(t, "")
	desk := h.set(t)
	if body := h.ask("GET", "/set/rules", nil, "Accept-Language", "fr-CA").Body.String(); !strings.Contains(body, "Chaque nouvelle") {
		t.Errorf("the kinds of rule are not offered:\n%s", body)
	}
	form := h.ask("GET", "/set/rules?kind=fresh", nil).Body.String()
	for _, want := range []string{`value="chaque-nouvelle"`, `<option value="mouvement">`, "Voir ce qu’elle aurait annoncé", "Enregistrer"} {
		if !strings.Contains(form, want) {
			t.Errorf("the form of a rule lacks %q:\n%s", want, form)
		}
	}
	given := url.Values{"kind": {"fresh"}, "f.name": {"l-été"}, "f.watch": {"mouvement"}, "do": {"rehearse"}}
	if w := h.ask("POST", "/set/rules", given); w.Code != http.StatusUnprocessableEntity || len(configured(t, desk).Rules) > 0 {
		t.Errorf("a name with an accent: status %d", w.Code)
	}
	given.Set("f.name", "parente")
	w := h.ask("POST", "/set/rules", given)
	for _, want := range []string{"cette règle vous aurait annoncé", "34 commentaires négatifs", "Et 1\u00a0autre message.", "Rien n’est encore enregistré", `<option value="mouvement" selected>`} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("status %d, without %q:\n%s", w.Code, want, w.Body)
		}
	}
	if rules := configured(t, desk).Rules; len(rules) > 0 {
		t.Errorf("it was saved: %+v", rules)
	}
	given.Del("do")
	if w := h.ask("POST", "/set/rules", given); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/settings?saved=parente" {
		t.Errorf("saving: status %d, to %q\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if rules := configured(t, desk).Rules; len(rules) != 1 || rules[0].Name != "parente" || rules[0].Watch != "mouvement" {
		t.Errorf("saved %+v", rules)
	}
	e, _, err := desk.Find("rules", "parente")
	if err != nil {
		t.Fatal(err)
	}
	if w := h.ask("POST", "/set/rules/remove", url.Values{"name": {"parente"}, "seen": {e.Seen}}); w.Code != http.StatusSeeOther || len(configured(t, desk).Rules) > 0 {
		t.Errorf("removing: status %d\n%s", w.Code, w.Body)
	}
}

// configured is what both files say now.
func configured(t *testing.T, d *config.Desk) *config.File {
	t.Helper()
	f, err := config.Load(d.Path, d.Kinds)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// hidden are the hidden inputs of the form at a path.
var hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

func (h *house) hidden(path string) url.Values {
	form := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(h.ask("GET", path, nil).Body.String(), -1) {
		if m[1] != "back" && m[1] != "lang" {
			form.Add(m[1], m[2])
		}
	}
	return form
}

func with(form url.Values, more url.Values) url.Values {
	for key, v := range more {
		form[key] = v
	}
	return form
}

func TestANewKindHasAFormByItself(t *testing.T) {
	h := newHouse(t, "")
	d := h.set(t)
	for lang, want := range map[string][]string{"fr-CA": {"Son adresse", "Avec ses pages.", "Jusqu’où", "Sa clé", "nécessaire"}, "en": {"Its address", "With its pages.", "How deep", "needed"}} {
		got := h.ask("GET", "/set/sources?kind=leaflet", nil, "Accept-Language", lang).Body.String()
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: the form does not say %q", lang, w)
			}
		}
	}
	form := url.Values{"kind": {"leaflet"}, "f.name": {"Radio Moyac"}, "f.url": {"https://radio.example/"}, "f.depth": {"12"}}
	w := h.ask("POST", "/set/sources", form)
	if got := w.Body.String(); w.Code != http.StatusUnprocessableEntity || strings.Count(got, `class="fault"`) != 2 || !strings.Contains(got, `value="https://radio.example/"`) {
		t.Errorf("status %d:\n%s", w.Code, got)
	}
	form.Set("f.name", "radio")
	form.Set("f.depth", "5")
	if w := h.ask("POST", "/set/sources", form); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sources?saved=radio" {
		t.Fatalf("status %d to %s", w.Code, w.Header().Get("Location"))
	}
	if s := configured(t, d).Sources[1]; s.Name != "radio" || s.Config.(*leaflet).Depth != 5 {
		t.Errorf("got %+v", s)
	}
}

func TestWhatFewNeedStandsAsideUntilItIsUsed(t *testing.T) {
	h := newHouse(t, "")
	h.set(t)
	rare := func(page string) (aside string, open bool) {
		_, after, _ := strings.Cut(page, "<details")
		state, aside, _ := strings.Cut(after, ">")
		return aside, strings.Contains(state, "open")
	}
	for lang, want := range map[string]string{"fr-CA": "Autres réglages, rarement nécessaires", "en": "More settings, which few need"} {
		aside, open := rare(h.ask("GET", "/set/channels?kind=pigeon", nil, "Accept-Language", lang).Body.String())
		if open || !strings.Contains(aside, want) || strings.Count(aside, `name="f.`) != 1 || !strings.Contains(aside, `name="f.ring"`) {
			t.Errorf("%s: aside stands, open %t: %s", lang, open, aside)
		}
	}
	form := url.Values{"kind": {"pigeon"}, "f.name": {"pigeon"}, "f.to": {"a@caisse.example"}, "f.ring": {"100"}}
	w := h.ask("POST", "/set/channels", form)
	if _, open := rare(w.Body.String()); w.Code != http.StatusUnprocessableEntity || !open {
		t.Errorf("status %d, open %t, want what must be corrected to be seen", w.Code, open)
	}
	form.Set("f.ring", "7")
	if w := h.ask("POST", "/set/channels", form); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	if _, open := rare(h.ask("GET", "/set/channels?name=pigeon", nil).Body.String()); !open {
		t.Error("what is set is not seen")
	}
	if w := h.ask("GET", "/set/sources?kind=leaflet", nil); strings.Contains(w.Body.String(), "<details") {
		t.Error("what has nothing rare has a place for it")
	}
}

func TestASourceIsSeenBeforeItIsAdded(t *testing.T) {
	h := newHouse(t, "")
	d := h.set(t)
	refusal := say.Errorf(say.Text{EN: "we did not go there", FR: "nous n’y sommes pas allés"})
	h.Look = func(_ context.Context, address string) (crawler.Looked, error) {
		switch address {
		case "https://blogue.example":
			return crawler.Looked{Engine: "WordPress", Choices: []crawler.Choice{{URL: "https://blogue.example/feed/", Title: hostile}, {URL: "https://blogue.example/comments/feed/", Comments: true}}}, nil
		case "https://blogue.example/feed/":
			return crawler.Looked{Kind: "leaflet", Title: "L’œuvre d'Odette", Settings: map[string][]string{"url": {address}},
				Items: []mention.Mention{{PublishedAt: noon, Versions: []mention.Version{{Title: hostile, Text: "L’épargne à l'Anse"}}}}}, nil
		}
		return crawler.Looked{}, refusal
	}
	look := func(form url.Values) string {
		t.Helper()
		got := h.ask("POST", "/sources/add", form).Body.String()
		if strings.Contains(got, "<script>alert") || strings.Contains(got, "<img src=x") {
			t.Errorf("what comes from the web is no text:\n%s", got)
		}
		return got
	}
	if got := look(url.Values{"address": {"http://10.0.0.1/"}}); !strings.Contains(got, "nous n’y sommes pas allés") {
		t.Errorf("a refusal is not said:\n%s", got)
	}
	if got := look(url.Values{"address": {"https://blogue.example"}}); !strings.Contains(got, "WordPress") || strings.Count(got, `name="choose"`) != 2 {
		t.Errorf("no choice:\n%s", got)
	}
	got := look(url.Values{"address": {"https://blogue.example"}, "choose": {"https://blogue.example/feed/"}})
	if !strings.Contains(got, "L’épargne à l&#39;Anse") || !strings.Contains(got, `value="l-oeuvre-d-odette"`) || !strings.Contains(got, "un lieu à nous") {
		t.Errorf("the items are not shown:\n%s", got)
	}
	if len(configured(t, d).Sources) != 1 {
		t.Error("it was saved before anybody said so")
	}
	form := url.Values{"kind": {"leaflet"}, "f.url": {"https://blogue.example/feed/"}, "f.name": {"l-oeuvre-d-odette"}, "f.own": {"true"}}
	if w := h.ask("POST", "/set/sources", form); w.Code != http.StatusSeeOther {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	if s := configured(t, d).Sources[1]; !s.Own || s.Watch != "caisse" {
		t.Errorf("got %+v", s)
	}
}

func TestASourceIsEditedPausedAndRemovedEachConfirmed(t *testing.T) {
	h := newHouse(t, "")
	d := h.set(t)
	if w := h.ask("POST", "/sources/pause", url.Values{"name": {"echo"}, "paused": {"true"}}); w.Code != http.StatusSeeOther || !configured(t, d).Sources[0].Paused {
		t.Errorf("pause: status %d, %+v", w.Code, configured(t, d).Sources[0])
	}
	if got := h.ask("GET", "/sources?saved=echo", nil).Body.String(); !strings.Contains(got, "à votre demande") || !strings.Contains(got, "Reprendre") {
		t.Error("the list does not say that it is paused")
	}
	form := with(h.hidden("/set/sources?name=echo"), url.Values{"f.url": {"https://echo-des-moyacs.example/2"}, "f.every": {"2 heures"}})
	if w := h.ask("POST", "/set/sources", form); w.Code != http.StatusSeeOther {
		t.Fatalf("edit: status %d\n%s", w.Code, w.Body)
	}
	if s := configured(t, d).Sources[0]; s.Every != 2*time.Hour || s.Paused {
		t.Errorf("got %+v", s)
	}
	// A second window that was opened before.
	form.Set("f.every", "3h")
	w := h.ask("POST", "/set/sources", form)
	if got := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, "entre-temps") || !strings.Contains(got, `value="3h"`) {
		t.Errorf("two windows: status %d\n%s", w.Code, got)
	}
	if got := h.ask("GET", "/set/sources/remove?name=echo", nil).Body.String(); !strings.Contains(got, "Retirer la source echo?") {
		t.Errorf("it does not ask:\n%s", got)
	}
	if w := h.ask("POST", "/set/sources/remove", h.hidden("/set/sources/remove?name=echo")); w.Code != http.StatusSeeOther || len(configured(t, d).Sources) != 0 {
		t.Errorf("remove: status %d", w.Code)
	}
}

func TestAWatchShowsWhatItWouldHaveBrought(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	d := h.set(t)
	form := with(h.hidden("/watches/one?name=caisse"), url.Values{"title": {"Notre caisse"}, "relation": {"self"}, "parent": {"mouvement"}, "exact": {"épargne"}, "do": {"preview"}})
	w := h.ask("POST", "/watches/one", form)
	got := w.Body.String()
	for _, want := range []string{"Voici ce qu’elle aurait apporté", "<strong>1</strong> Notre caisse", "<strong>0</strong> Le Mouvement", "25 qu’elle n’apporterait plus"} {
		if !strings.Contains(got, want) {
			t.Errorf("the preview does not say %q (status %d):\n%s", want, w.Code, got)
		}
	}
	if configured(t, d).Watches[0].Query != "valtisse" {
		t.Error("a preview changed the watch")
	}
	form.Set("do", "save")
	if w := h.ask("POST", "/watches/one", form); w.Code != http.StatusSeeOther || configured(t, d).Watches[0].Query != `"épargne"` {
		t.Errorf("status %d, %+v", w.Code, configured(t, d).Watches[0])
	}
}

func TestAPreviewAsksWhatNobodyClaimedAndTellsWhatIsDoubtful(t *testing.T) {
	h := newHouse(t, "")
	h.set(t)
	one := func(n int, text string, hits ...mention.Hit) mention.Mention {
		m := aMention(n, mention.Article, "", text, hits...)
		return m
	}
	batch := []mention.Mention{
		one(1, "La Caisse Valtisse prête à l’école.", mention.Hit{Watch: "caisse", Words: []string{"Valtisse"}}),
		one(2, "Loïk Valtisse marque deux fois à l'aréna."),
		one(3, "Le MOUVEMENT VALTISSE publie ses excédents."),
		one(4, "Il neige."),
	}
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	got, err := h.previewOf(t.Context(), Watch{Name: "caisse", Query: `"caisse valtisse" OU valtisse`, Parent: "mouvement"}, "valtisse prête", h.status.Watches)
	if err != nil {
		t.Fatal(err)
	}
	if got.Read != 4 || !got.Whole || got.Counts[0].Count != 3 || got.Counts[1].Name != "mouvement" || got.Counts[1].Count != 1 {
		t.Errorf("got %+v", got)
	}
	if got.Doubtful != 2 || got.Fresh != 2 || got.Lost != 0 || len(got.Examples.Fresh) != 2 {
		t.Errorf("doubtful %d, fresh %d, lost %d: %+v", got.Doubtful, got.Fresh, got.Lost, got.Examples)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if cut, err := h.previewOf(ended, Watch{Name: "w", Query: "neige"}, "", nil); err != nil || cut.Whole {
		t.Errorf("one that had no time says that it saw all: %+v, %v", cut, err)
	}
}

func TestAMistakeInAQueryIsShownAtItsPlace(t *testing.T) {
	h := newHouse(t, "")
	h.set(t)
	w := h.ask("POST", "/watches/one", url.Values{"title": {"Épargne"}, "relation": {"theme"}, "query": {`frais OU "l’épargne`}, "do": {"preview"}})
	if got := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(got, `<code>frais OU <mark>&#34;l’épargne</mark></code>`) || !strings.Contains(got, "guillemet") {
		t.Errorf("status %d:\n%s", w.Code, got)
	}
	if w := h.ask("POST", "/watches/one", url.Values{"title": {"Rien"}, "do": {"save"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("an empty watch got status %d", w.Code)
	}
}

func FuzzAWatchInBoxesSaysWhatItsQuerySays(f *testing.F) {
	for _, seed := range []string{`"caisse valtisse" OU anse-aux-moyacs`, `l'épargne -hockey`, `a (b OU "c d") -e`, `=Valtisse`, `#a @b c*`, `titre:fraude`, `"a b" "c d" ŒUVRE`} {
		f.Add(seed)
	}
	r := httptest.NewRequest("GET", "/", nil)
	s := &Server{Options: Options{Status: func(context.Context) Status { return Status{Lang: say.FrenchCanada} }}}
	f.Fuzz(func(t *testing.T, q string) {
		g := s.boxed(r, q)
		if g.Beyond {
			return
		}
		again, err := query.Parse(g.write(say.FrenchCanada))
		was, _ := query.Parse(q)
		if err != nil || !slices.Equal(conditions(again), conditions(was)) {
			t.Fatalf("%q went into %+v, which says %v, %v", q, g, again, err)
		}
	})
}

func TestAChannelIsAddedAndItsPasswordNeverShown(t *testing.T) {
	h := newHouse(t, "")
	d := h.set(t)
	form := url.Values{"kind": {"pigeon"}, "f.name": {"pigeon"}, "f.to": {"a@caisse.example\r\nb@caisse.example"}, "f.password": {"l’Anse-aux-Huards"}}
	if w := h.ask("POST", "/set/channels", form); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", w.Code, w.Body)
	}
	c := configured(t, d).Channels[1].Config.(*pigeon)
	if c.Password.Reveal() != "l’Anse-aux-Huards" || len(c.To) != 2 {
		t.Errorf("got %v of %v", c.To, c.Password.Reveal())
	}
	got := h.ask("GET", "/set/channels?name=pigeon", nil).Body.String()
	if strings.Contains(got, "Huards") || !strings.Contains(got, "jamais montré") || !strings.Contains(got, "a@caisse.example\nb@caisse.example") {
		t.Errorf("the form:\n%s", got)
	}
	if got := h.ask("GET", "/set/channels?kind=ailleurs", nil); got.Code != http.StatusNotFound {
		t.Errorf("an unknown kind got status %d", got.Code)
	}
}

func TestThePasswordIsSetByAHashAlone(t *testing.T) {
	h := newHouse(t, "")
	d := h.set(t)
	for _, bad := range []url.Values{{"password": {"court"}, "again": {"court"}}, {"password": {"assez long pour ça"}, "again": {"autre"}}} {
		if w := h.ask("POST", "/settings/password", bad); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v got status %d", bad, w.Code)
		}
	}
	if w := h.ask("POST", "/settings/password", url.Values{"password": {password}, "again": {password}}); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d\n%s", w.Code, w.Body)
	}
	hash := configured(t, d).Web.Password.Reveal()
	door, err := newDoor(Options{Password: hash, Sessions: h.state, People: h.state, Now: time.Now})
	if err != nil || !strings.HasPrefix(hash, "$argon2id$") || !door.knows(password) || door.knows("assez long") {
		t.Errorf("got %q, %v", hash, err)
	}
}

func TestWhatCannotBeChangedIsSaidAndHugeFormsAreRefused(t *testing.T) {
	h := newHouse(t, "")
	for _, path := range []string{"/sources/add", "/watches/one", "/set/sources?kind=leaflet"} { // the demonstration
		if w := h.ask("GET", path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s got status %d", path, w.Code)
		}
	}
	h.set(t)
	if w := h.ask("POST", "/set/sources", url.Values{"kind": {"leaflet"}, "f.url": {strings.Repeat("é", 60_000)}}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a huge form got status %d", w.Code)
	}
	for _, path := range []string{"/set/web", "/set/store", "/set/crawler", "/set/sources?name=inconnue"} {
		if w := h.ask("GET", path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s got status %d", path, w.Code)
		}
	}
	if w := h.ask("POST", "/set/sources", url.Values{"kind": {"leaflet"}}, "Sec-Fetch-Site", "cross-site"); w.Code != http.StatusForbidden {
		t.Errorf("a form from another site got status %d", w.Code)
	}
	h.Setup = broken{h.Setup}
	if w := h.ask("GET", "/set/sources?name=echo", nil); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "ligne 3") {
		t.Errorf("status %d", w.Code)
	}
}

// broken is a configuration whose file is wrong.
type broken struct{ Setup }

func (broken) Find(string, string) (config.Written, bool, error) {
	return config.Written{}, false, errors.New("ligne 3")
}
