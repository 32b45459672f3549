package web

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

func TestEveryWordOfThePageExistsInBothLanguagesAndIsUsed(t *testing.T) {
	var all strings.Builder
	for _, pattern := range []string{"templates/*.html", "*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("nothing matches %s", pattern)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(path, "words") {
				all.Write(text)
			}
		}
	}
	for _, match := range regexp.MustCompile(`{{t "([a-z.]+)"`).FindAllStringSubmatch(all.String(), -1) {
		if _, ok := words[match[1]]; !ok {
			t.Errorf("the pages say %q, which has no words", match[1])
		}
	}
	said := func(key string) bool {
		for ; key != ""; key = key[:strings.LastIndexByte(strings.TrimSuffix(key, "."), '.')+1] {
			if strings.Contains(all.String(), `"`+key+`"`) {
				return true // by itself, or with those that begin so
			}
		}
		return false
	}
	for key, text := range words {
		if text.EN == "" || text.FR == "" {
			t.Errorf("%q is not said in both languages", key)
		}
		if !said(key) {
			t.Errorf("%q is never said", key)
		}
	}
}

func TestNoTwoRoomsShareAKey(t *testing.T) {
	seen := map[string]bool{}
	for _, room := range rooms {
		for key := range room {
			if seen[key] {
				t.Errorf("%q stands in two rooms", key)
			}
			seen[key] = true
		}
	}
}

func TestEachRoomAnswersInBothLanguages(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	id := mention.NewID("web", "1")
	for _, c := range []struct{ path, fr, en string }{
		{"/mentions", "Ce qui se dit", "What is being said"},
		{"/mentions?q=epargnes", "1 mention<", "1 mention<"},
		{"/mentions?q=valtisse", "26 mentions", "26 mentions"},
		{"/mentions?tone=negative&kind=comment", "Fermé le samedi?!", "Fermé le samedi?!"},
		{"/mentions?q=%22ouvert", "guillemet", "quotation mark"},
		{"/mentions?from=hier", "n’est pas une date", "is not a date"},
		{"/mentions?q=introuvable", "Aucune mention ne répond", "Nothing matches"},
		{"/mentions/" + id, "Pourquoi elle est ici", "Why it is here"},
		{"/mentions/" + mention.NewID("web", "3"), "chez vous", "a place of yours"},
		{"/mentions/inconnue", "Il n’y a rien", "There is nothing"},
		{"/sources", "non lue depuis 3\u00a0h\u00a012", "not read since 3:12"},
		{"/situations", "Reprise par 17 médias", "Picked up by 17 outlets"},
		{"/situations/wsituation", "Je m’en occupe", "I’ll handle it"},
		{"/situations/inconnue", "Il n’y a rien", "There is nothing"},
		{"/messages?code=123456", `value="123456"`, `value="123456"`},
		{"/messages", "jamais confirmé", "never confirmed"},
		{"/messages", "<small>courriel</small>", "<small>e-mail</small>"},
		{"/sources", "<small>fil RSS", "<small>feed"},
		{"/ailleurs", "Il n’y a rien", "There is nothing"},
	} {
		for lang, want := range map[string]string{"fr-CA": c.fr, "en-GB,en;q=0.8": c.en} {
			w := h.ask("GET", c.path, nil, "Accept-Language", lang)
			if !strings.Contains(w.Body.String(), want) {
				t.Errorf("%s in %s does not say %q (status %d)", c.path, lang, want, w.Code)
			}
		}
	}
	if got := h.ask("GET", "/mentions/"+id, nil).Body.String(); !strings.Contains(got, "20\u00a0nov.\u00a02026, 11\u00a0h\u00a012") {
		t.Errorf("the time is not that of the organisation's zone")
	}
}

func TestEveryRoomOfTheNavigationIsThereAndKnowsWhereItIs(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	for _, place := range navigation {
		w := h.ask("GET", place.Path, nil)
		if here := `href="` + place.Path + `" aria-current="page"`; w.Code != http.StatusOK || strings.Count(w.Body.String(), here) != 1 {
			t.Errorf("%s: status %d, and the navigation does not say %s", place.Path, w.Code, here)
		}
		for _, page := range place.Pages {
			if !slices.Contains(pageNames, page) {
				t.Errorf("%s has a page %q that does not exist", place.Path, page)
			}
		}
	}
}

func TestADateFieldIsSaidInThePagesOwnWords(t *testing.T) {
	h := newHouse(t, "")
	for lang, want := range map[string]string{"fr-CA": "Du <small>1er\u00a0nov.\u00a02026</small>", "en": "From <small>Nov 1, 2026</small>"} {
		if body := h.ask("GET", "/mentions?from=2026-11-01", nil, "Accept-Language", lang).Body.String(); !strings.Contains(body, want) {
			t.Errorf("in %s the page does not say %q", lang, want)
		}
	}
	for _, path := range []string{"/mentions", "/mentions?from=hier"} {
		if body := h.ask("GET", path, nil).Body.String(); strings.Contains(body, "Du <small>") {
			t.Errorf("%s names a day", path)
		}
	}
}

func TestWhileTheClockIsBehindEveryPageSaysSoAndNothingElse(t *testing.T) {
	h := newHouse(t, "l’Anse-aux-Moyacs")
	h.furnish(t)
	h.behind = noon.AddDate(0, 0, 30)
	for lang, want := range map[string][]string{
		"fr-CA": {"L’horloge de cet ordinateur n’est pas à l’heure", "Elle indique le vendredi 20 novembre 2026, 12\u00a0h\u00a012; or il est déjà plus tard que le dimanche 20 décembre 2026"},
		"en":    {"The clock of this computer is wrong", "It says Friday, November 20, 2026, 12:12; it is later than Sunday, December 20, 2026"},
	} {
		for _, path := range []string{"/", "/mentions", "/situations/wvague", "/nowhere"} {
			w := h.ask("GET", path, nil, "Accept-Language", lang)
			body := w.Body.String()
			for _, words := range want {
				if !strings.Contains(body, words) {
					t.Errorf("%s in %s does not say %q", path, lang, words)
				}
			}
			if w.Code != http.StatusServiceUnavailable || w.Header().Get("Refresh") == "" || strings.Contains(body, "<nav") || strings.Contains(body, "épargne") {
				t.Errorf("%s: status %d, and more than it should say: %s", path, w.Code, body)
			}
		}
	}
	if w := h.ask("POST", "/logout", url.Values{}); w.Code != http.StatusServiceUnavailable || w.Header().Get("Refresh") != "" {
		t.Errorf("an act meanwhile: status %d", w.Code)
	}
	style, err := asset("page.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/healthz", style, "/login"} {
		if w := h.ask("GET", path, nil); w.Code != http.StatusOK {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	h.behind = time.Time{}
	if w := h.ask("GET", "/", nil); w.Code == http.StatusServiceUnavailable {
		t.Error("the clock is right, and the page does not open")
	}
}

func TestFranceReadsItsOwnWordsDatesAndSpaces(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.status.Lang = say.FrenchFrance
	for path, want := range map[string][]string{
		"/":     {"1\u00a0question sans réponse", "parviennent-ils\u202f?", "Voit-on bien\u202f?"},
		"/tone": {">20\u00a0nov.<"},
		"/mentions/" + mention.NewID("web", "10"): {"L’actualité qu’elle reprend", "Toute l’actualité", "20\u00a0nov.\u00a02026, 2\u00a0h\u00a012"},
		"/sources": {"flux RSS", "20/11/2026, "},
	} {
		body := h.ask("GET", path, nil, "Accept-Language", "fr-FR").Body.String()
		for _, words := range want {
			if !strings.Contains(body, words) {
				t.Errorf("%s does not say %q", path, words)
			}
		}
	}
}

func TestPagesOfAListNeitherRepeatNorLoseAMention(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	seen := map[string]int{}
	for path := "/mentions"; path != ""; {
		body := h.ask("GET", path, nil).Body.String()
		for _, match := range entryLink.FindAllStringSubmatch(body, -1) {
			seen[match[1]]++
		}
		path = nextPage(body)
	}
	if len(seen) != 26 {
		t.Errorf("the pages list %d entries, want 26", len(seen))
	}
	for path, n := range seen {
		if n != 1 {
			t.Errorf("%s is listed %d times", path, n)
		}
	}
}

func TestAPersonCorrectsATone(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	id := mention.NewID("web", "1")
	if w := h.ask("POST", "/mentions/"+id+"/tone", url.Values{"tone": {"positive"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	m, err := h.store.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if r, _ := m.Reading(); r.By != mention.Person || r.Label != mention.Positive || len(m.Readings) != 2 {
		t.Errorf("reading %+v of %d", r, len(m.Readings))
	}
	if w := h.ask("POST", "/mentions/"+id+"/tone", url.Values{"tone": {"fâchée"}}); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown tone got status %d", w.Code)
	}
}

func TestAPersonTakesASituationInChargeAndSettlesItOnce(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	at := "/situations/wsituation"
	for _, c := range []struct {
		act, want string
		code      int
	}{
		{"acknowledge", "prise en charge", http.StatusSeeOther},
		{"resolve", "Rouvrir", http.StatusSeeOther},
		{"resolve", "Rouvrir", http.StatusConflict},
		{"reopen", "nouvelle", http.StatusSeeOther},
		{"détruire", "nouvelle", http.StatusConflict},
	} {
		if w := h.ask("POST", at, url.Values{"act": {c.act}}); w.Code != c.code {
			t.Errorf("%s: status %d, want %d", c.act, w.Code, c.code)
		}
		if got := h.ask("GET", at, nil).Body.String(); !strings.Contains(got, c.want) {
			t.Errorf("after %s the page does not say %q", c.act, c.want)
		}
	}
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	h := newHouse(t, "")
	w := h.ask("POST", "/messages/test", url.Values{"channel": {"courriel"}}, "Sec-Fetch-Site", "cross-site")
	if w.Code != http.StatusForbidden || len(h.sent) != 0 {
		t.Errorf("status %d, sent %v", w.Code, h.sent)
	}
}

func TestAPageWithoutAPasswordAnswersToNoForeignName(t *testing.T) {
	h := newHouse(t, "")
	if w := h.ask("GET", "/", nil, "Host", "rebound.example"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("status %d", w.Code)
	}
	if w := h.ask("GET", "/", nil, "Host", "localhost:8080"); w.Code != http.StatusOK {
		t.Errorf("localhost got status %d", w.Code)
	}
}

func TestListeningElsewhereWantsAPassword(t *testing.T) {
	everywhere := &net.TCPAddr{IP: net.IPv4zero, Port: 8080}
	_, err := New(everywhere, Options{Status: func(context.Context) Status { return Status{} }})
	if !errors.Is(err, error(ErrOpenDoor)) || !strings.Contains(say.Explain(err, say.FrenchCanada), "mot de passe") {
		t.Errorf("got %v", err)
	}
}

func TestThePasswordOpensTheDoorAndGuessingIsSlow(t *testing.T) {
	h := newHouse(t, "l’Anse-aux-Moyacs")
	if w := h.ask("GET", "/sources", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
		t.Fatalf("a stranger got status %d", w.Code)
	}
	if w := h.ask("GET", "/metrics", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("a stranger's scrape got status %d", w.Code)
	}
	w := h.ask("POST", "/login", url.Values{"password": {"l’Anse-aux-Moyacs"}})
	cookie := w.Result().Cookies()
	if w.Code != http.StatusSeeOther || len(cookie) != 1 || !cookie[0].HttpOnly {
		t.Fatalf("the password got status %d and %v", w.Code, cookie)
	}
	pass := cookie[0].Name + "=" + cookie[0].Value
	if w := h.ask("GET", "/sources", nil, "Cookie", pass); w.Code != http.StatusOK {
		t.Errorf("inside: status %d", w.Code)
	}
	if w := h.ask("POST", "/logout", nil, "Cookie", pass); w.Code != http.StatusSeeOther {
		t.Errorf("logout: status %d", w.Code)
	}
	if w := h.ask("GET", "/sources", nil, "Cookie", pass); w.Code != http.StatusSeeOther {
		t.Errorf("after logout: status %d", w.Code)
	}
	slow := 0
	for range 10 {
		switch w := h.ask("POST", "/login", url.Values{"password": {"hockey"}}); w.Code {
		case http.StatusTooManyRequests:
			slow++
		case http.StatusForbidden:
		default:
			t.Errorf("a wrong password got status %d", w.Code)
		}
	}
	if slow < 5 {
		t.Errorf("%d of 10 guesses were slowed down, want most", slow)
	}
}

func TestAHashedPasswordWorksAndABrokenHashSaysSo(t *testing.T) {
	// argon2id of "moyac" with 4 KiB, one pass: made with this package's own argon.
	a := argon{memory: 4, passes: 1, threads: 1, salt: []byte("0123456789abcdef")}
	hash := fmt.Sprintf("$argon2id$v=19$m=4,t=1,p=1$%s$%s", b64(a.salt), b64(a.of("moyac")))
	d, err := newDoor(Options{Password: hash, Now: time.Now})
	if err != nil || !d.knows("moyac") || d.knows("huard") {
		t.Errorf("hash not understood: %v", err)
	}
	for _, bad := range []string{"$argon2id$", "$argon2id$v=18$m=4,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=99999999,t=1,p=1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAA"} {
		if _, err := newDoor(Options{Password: bad, Now: time.Now}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestATestMessageIsConfirmedByItsDigits(t *testing.T) {
	h := newHouse(t, "")
	if w := h.ask("GET", "/", nil); !strings.Contains(w.Body.String(), "Aucun message n’a encore joint personne") {
		t.Error("the page does not say that no message has reached anybody")
	}
	if w := h.ask("POST", "/messages/test", url.Values{"channel": {"courriel"}}); w.Code != http.StatusSeeOther || len(h.sent) != 1 {
		t.Errorf("status %d, sent %v", w.Code, h.sent)
	}
	if w := h.ask("POST", "/messages/confirm", url.Values{"code": {"000000"}}); !strings.Contains(w.Body.String(), "pas les bons chiffres") {
		t.Errorf("wrong digits: status %d", w.Code)
	}
	if w := h.ask("POST", "/messages/confirm", url.Values{"code": {"123456"}}); w.Code != http.StatusSeeOther {
		t.Errorf("right digits: status %d", w.Code)
	}
	h.status.Channels[0].Confirmed = noon
	if w := h.ask("GET", "/", nil); strings.Contains(w.Body.String(), "Aucun message n’a encore joint personne") {
		t.Error("a confirmed channel is not believed")
	}
}

func TestTheChosenLanguageStaysAndLeadsNowhereElse(t *testing.T) {
	h := newHouse(t, "")
	for back, want := range map[string]string{"/sources": "/sources", "//evil.example": "/", "https://evil.example/": "/", `/\evil.example`: "/"} {
		w := h.ask("POST", "/lang", url.Values{"lang": {"en"}, "back": {back}})
		if got := w.Header().Get("Location"); got != want {
			t.Errorf("back to %q leads to %q, want %q", back, got, want)
		}
		if c := w.Result().Cookies(); len(c) != 1 || c[0].Value != "en" {
			t.Errorf("cookies %v", c)
		}
	}
}

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func TestTheSourcesSayWhichIsNotReadSinceWhenAndWhatToDo(t *testing.T) {
	h := newHouse(t, "")
	h.status.Sources[1].Visit.Reason = "login"
	for _, c := range []struct {
		blind  []alerting.Blindness
		fr, en []string
	}{
		{[]alerting.Blindness{{Source: "blogue", Since: noon.Add(-time.Hour)}},
			[]string{"1 source n’est pas lue", "non lue depuis 11 h 12", "blogue demande d’ouvrir une session"},
			[]string{"1 source is not being read", "not read since 11:12", "blogue asks for a password"}},
		{[]alerting.Blindness{{Source: "blogue"}}, []string{"jamais lue"}, []string{"never read"}},
		{nil, []string{"Toutes les sources sont lues, dont 1 avec difficulté", "lue avec difficulté"}, []string{"1 of them with difficulty", "works badly"}},
	} {
		h.blind = c.blind
		for lang, want := range map[string][]string{"fr-CA": c.fr, "en": c.en} {
			body := strings.ReplaceAll(h.ask("GET", "/sources", nil, "Accept-Language", lang).Body.String(), "\u00a0", " ")
			for _, w := range want {
				if !strings.Contains(body, w) {
					t.Errorf("with %v unread, the page in %s does not say %q", c.blind, lang, w)
				}
			}
		}
	}
}
