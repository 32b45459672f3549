package web

import (
	"cmp"
	"database/sql"
	"encoding/xml"
	"fmt"
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

	_ "modernc.org/sqlite" // newsboat's cache

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler/feed"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// joinStories puts the first two articles into stories: one that three outlets
// tell, one that is related to it.
func (h *house) joinStories(t *testing.T, more ...alerting.Joined) {
	t.Helper()
	member := func(id, story, outlet string, minutes int) alerting.Joined {
		return alerting.Joined{Story: story, Member: alerting.Member{Mention: id, Source: "echo", Outlet: outlet,
			Watches: []string{"caisse"}, SeenAt: noon.Add(time.Duration(minutes) * time.Minute)}}
	}
	first, second := mention.NewID("web", "1"), mention.NewID("web", "2")
	all := []alerting.Joined{member(first, first, "echo.example", -59), member("radio", first, "radio.example", -50),
		member("agrege", first, "agrege.example", -40), member(second, second, "autre.example", -30)}
	all[3].Related = first
	if err := h.state.Join(t.Context(), append(all, more...), noon); err != nil {
		t.Fatal(err)
	}
}

// read parses a feed as our own source does.
func (h *house) read(t *testing.T, path string, headers ...string) (feed.Feed, []feed.Item, *httptest.ResponseRecorder) {
	t.Helper()
	w := h.ask("GET", path, nil, headers...)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/atom+xml; charset=utf-8" {
		t.Fatalf("%s: status %d, %s", path, w.Code, w.Header().Get("Content-Type"))
	}
	about, items, err := feed.Parse(strings.NewReader(w.Body.String()), feed.Origin{URL: "http://127.0.0.1:8080" + path, ContentType: w.Header().Get("Content-Type")})
	if err != nil {
		t.Fatalf("%s: %v\n%s", path, err, w.Body)
	}
	return about, items, w
}

// told is how many entries the feed of the watch owes.
func (h *house) told(t *testing.T) int {
	t.Helper()
	found, _, err := h.store.Search(t.Context(), store.Question{Watches: []string{"caisse"}, News: true}, feedSearch, "")
	if err != nil {
		t.Fatal(err)
	}
	matters := map[string]bool{}
	for _, m := range found {
		of, err := h.state.StoriesOf(t.Context(), []string{m.ID})
		if err != nil {
			t.Fatal(err)
		}
		matters[cmp.Or(of[m.ID].ID, m.ID)] = true
	}
	return len(matters)
}

func TestAFeedTellsAStoryOnce(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.joinStories(t)
	about, items, w := h.read(t, "/feeds/watch/caisse.atom")
	if about.Title != "Caisse Valtisse · Notre caisse" || about.Lang != "fr-CA" || about.Link != "http://127.0.0.1:8080/?watch=caisse" {
		t.Errorf("the feed says %+v", about)
	}
	if want := h.told(t); len(items) != want {
		t.Errorf("%d entries, want %d: one for each story, and for each mention in none", len(items), want)
	}
	at := slices.IndexFunc(items, func(i feed.Item) bool { return i.Current().Title == "L’épargne à la Caisse Valtisse" })
	if at < 0 {
		t.Fatalf("the article is not told:\n%s", w.Body)
	}
	if text := items[at].Current().Text; !strings.Contains(text, "Reprise par 3 médias\u00a0: echo.example, radio.example, agrege.example.") {
		t.Errorf("the entry says %q", text)
	}
	if first := mention.NewID("web", "1"); items[at].Native != "tag:localhost,2026:story/"+first || items[at].URL != "http://127.0.0.1:8080/stories/"+first {
		t.Errorf("the entry is %s at %s", items[at].Native, items[at].URL)
	}
	if !strings.Contains(w.Body.String(), `rel="via" href="https://www.echo-des-moyacs.example/1"`) {
		t.Error("the entry does not lead to its source")
	}
	_, stories, _ := h.read(t, "/feeds/stories.atom")
	if len(stories) < 2 || !strings.Contains(stories[0].Current().Text, "Nouvelle liée\u00a0: http://127.0.0.1:8080/stories/") {
		t.Errorf("stories: %+v", stories)
	}
}

func TestWhatIsHostileStaysTextInAFeed(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	_, items, w := h.read(t, "/feeds/watch/caisse.atom")
	body := w.Body.String()
	if strings.Contains(body, "<script") || strings.Contains(body, "<img") || strings.Contains(body, `href="javascript:`) || strings.Contains(body, "\x00") {
		t.Errorf("a feed carries markup:\n%s", body)
	}
	at := slices.IndexFunc(items, func(i feed.Item) bool {
		return strings.HasPrefix(i.Native, "tag:localhost,2026:mention/"+mention.NewID("web", "2"))
	})
	if at < 0 || !strings.Contains(body, `alert(&#34;x&#34;)`) {
		t.Errorf("the hostile title is not told as text:\n%s", body)
	}
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		if _, err := d.Token(); err != nil {
			if err.Error() != "EOF" {
				t.Error(err)
			}
			break
		}
	}
}

func TestACorrectedStoryIsNewsAgainAndAnotherOutletIsNot(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.joinStories(t)
	id := mention.NewID("web", "1")
	updated := func() (string, string) {
		var f atomFeed
		if err := xml.Unmarshal(h.ask("GET", "/feeds/stories.atom", nil).Body.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		for _, e := range f.Entries {
			if strings.HasSuffix(e.ID, id) {
				return e.Updated, e.Title
			}
		}
		t.Fatalf("no entry for %s in %+v", id, f)
		return "", ""
	}
	before, _ := updated()
	late := alerting.Joined{Story: id, Member: alerting.Member{Mention: "tard", Outlet: "tard.example", Watches: []string{"caisse"}, SeenAt: noon.Add(-time.Minute)}}
	h.joinStories(t, late)
	if after, _ := updated(); after != before {
		t.Errorf("another outlet moved the story from %s to %s", before, after)
	}
	late.Mention, late.SeenAt, late.Change = id, noon, alerting.Corrected
	h.joinStories(t, late)
	if after, title := updated(); after != "2026-11-20T17:12:00Z" || !strings.HasPrefix(title, "Corrigée\u00a0: ") {
		t.Errorf("corrected: %s %q", after, title)
	}
}

func TestAFeedThatDidNotChangeIsNotSentAgain(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.joinStories(t)
	_, _, w := h.read(t, "/feeds/stories.atom")
	etag, modified := w.Header().Get("ETag"), w.Header().Get("Last-Modified")
	for _, headers := range [][]string{{"If-None-Match", etag}, {"If-Modified-Since", modified}, {"If-None-Match", "W/" + etag}} {
		if w := h.ask("GET", "/feeds/stories.atom", nil, headers...); w.Code != http.StatusNotModified || w.Body.Len() > 0 || w.Header().Get("ETag") != etag {
			t.Errorf("%v: status %d with %d bytes", headers, w.Code, w.Body.Len())
		}
	}
	h.joinStories(t, alerting.Joined{Story: mention.NewID("web", "1"), Member: alerting.Member{Mention: "tard", Outlet: "tard.example", Watches: []string{"caisse"}, SeenAt: noon}})
	for _, headers := range [][]string{{"If-None-Match", etag}, {"If-Modified-Since", modified}} {
		if w := h.ask("GET", "/feeds/stories.atom", nil, headers...); w.Code != http.StatusOK {
			t.Errorf("%v after another outlet: status %d", headers, w.Code)
		}
	}
}

func TestFeedsThatAreNotThereOrEmpty(t *testing.T) {
	h := newHouse(t, "")
	for _, path := range []string{"/feeds/watch/banque.atom", "/feeds/watch/caisse", "/feeds/watch/caisse.atom.atom", "/feeds/watch/.atom"} {
		if w := h.ask("GET", path, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", path, w.Code)
		}
	}
	for _, path := range []string{"/feeds/watch/caisse.atom", "/feeds/stories.atom"} {
		if _, items, _ := h.read(t, path); len(items) != 0 {
			t.Errorf("%s: %v", path, items)
		}
	}
}

func TestThePageTellsReadersOfItsFeeds(t *testing.T) {
	h := newHouse(t, "")
	h.status.Watches = append(h.status.Watches, Watch{Name: "l'été & co/2", Title: "L’été"})
	page := h.ask("GET", "/", nil).Body.String()
	for _, want := range []string{`type="application/atom+xml" title="Nouvelles" href="/feeds/stories.atom"`, `title="Notre caisse" href="/feeds/watch/caisse.atom"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %s", want)
		}
	}
	h.read(t, Watch{Name: "l'été & co/2"}.Feed())
}

func TestAFeedWantsThePasswordAndGuessesAreSlow(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	basic := func(password string) []string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("lectrice", password)
		return []string{"Authorization", r.Header.Get("Authorization")}
	}
	w := h.ask("GET", "/feeds/stories.atom", nil)
	if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Basic ") || strings.Contains(w.Body.String(), "Valtisse") {
		t.Errorf("without the password: status %d, %s", w.Code, w.Body)
	}
	if _, items, _ := h.read(t, "/feeds/watch/caisse.atom", basic(password)...); len(items) == 0 {
		t.Error("with the password: nothing")
	}
	codes := map[int]int{}
	for range 8 {
		w := h.ask("GET", "/feeds/watch/caisse.atom", nil, basic("hockey")...)
		codes[w.Code]++
	}
	if codes[http.StatusUnauthorized] != 5 || codes[http.StatusTooManyRequests] != 3 {
		t.Errorf("eight guesses: %v, want five answers, then a wait", codes)
	}
}

// A real reader, newsboat, subscribes with the password, reads, and reads again.
func TestARealReaderReadsOurFeeds(t *testing.T) {
	newsboat := needs.Server(t, "OUIDIRE_TEST_NEWSBOAT")
	h := newHouse(t, password)
	h.furnish(t)
	h.joinStories(t)
	var codes []int
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		h.ServeHTTP(recorder, r)
		codes = append(codes, recorder.Code)
		for key, values := range recorder.Header() {
			w.Header()[key] = values
		}
		w.WriteHeader(recorder.Code)
		_, _ = w.Write(recorder.Body.Bytes())
	}))
	t.Cleanup(server.Close)
	folder := t.TempDir()
	host := strings.TrimPrefix(server.URL, "http://")
	feeds := fmt.Sprintf("http://%[2]s@%[1]s/feeds/watch/caisse.atom\nhttp://%[2]s@%[1]s/feeds/stories.atom\n", host, url.UserPassword("lectrice", password))
	for name, text := range map[string]string{"urls": feeds, "config": "reload-threads 1\ndownload-timeout 10\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cache := filepath.Join(folder, "cache.db")
	run := func(what string) string {
		cmd := exec.CommandContext(t.Context(), newsboat, "-u", filepath.Join(folder, "urls"), "-C", filepath.Join(folder, "config"), "-c", cache, "-x", what)
		cmd.Env = append(os.Environ(), "HOME="+folder, "LC_ALL=C.UTF-8", "http_proxy=", "HTTP_PROXY=", "no_proxy=127.0.0.1")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("newsboat -x %s: %v\n%s", what, err, out)
		}
		return string(out)
	}
	run("reload")
	unread := fmt.Sprintf("%d unread", h.told(t))
	if out := run("print-unread"); !strings.HasPrefix(out, unread) {
		t.Errorf("newsboat says %q, want "+unread+": a story that stands in two feeds is one", out)
	}
	db, err := sql.Open("sqlite", cache)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var title, link, text string
	err = db.QueryRowContext(t.Context(), "SELECT title, url, content FROM rss_item WHERE guid = ?", "tag:localhost,2026:story/"+mention.NewID("web", "1")).Scan(&title, &link, &text)
	if err != nil || title != "L’épargne à la Caisse Valtisse" || link != server.URL+"/stories/"+mention.NewID("web", "1") || !strings.Contains(text, "Reprise par 3 médias") {
		t.Errorf("newsboat keeps %q at %s: %q, %v", title, link, text, err)
	}
	run("reload") // it notes the validators of feeds that it knows
	run("reload")
	if out := run("print-unread"); !strings.HasPrefix(out, unread) {
		t.Errorf("read again, newsboat says %q", out)
	}
	if n := len(codes); n != 6 || codes[n-1] != http.StatusNotModified || codes[n-2] != http.StatusNotModified {
		t.Errorf("it was answered %v, want 304 at the last reading", codes)
	}
}
