package web

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// window is one way of looking at the page.
type window struct {
	name          string
	width, height int
	lang          string
	dark          bool
}

// openBrowser starts a browser that can reach loopback only. Its tabs are children of
// the context.
func openBrowser(t *testing.T, dark bool) context.Context {
	t.Helper()
	if dark {
		return openBrowserAs(t, "preferredColorScheme=0")
	}
	return openBrowserAs(t, "preferredColorScheme=1")
}

// openBrowserAs is openBrowser with what its user has set.
func openBrowserAs(t *testing.T, set string) context.Context {
	t.Helper()
	opts := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(needs.Server(t, "OUIDIRE_TEST_CHROMIUM")), chromedp.NoSandbox,
		chromedp.Flag("blink-settings", set),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.UserDataDir(t.TempDir()))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	browser, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	return browser
}

// tab opens one for a test.
func tab(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	ctx, stop := chromedp.NewContext(browser)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(stop)
	return ctx
}

// serve answers on loopback until the test ends, to a browser of that language.
func (h *house) serve(t *testing.T, lang string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	spoken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Accept-Language", lang)
		h.ServeHTTP(w, r)
	})
	server := &http.Server{Handler: spoken, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + l.Addr().String()
}

const axe = `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
	r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html).join(" | ")).join("\n"))`

func TestEveryPageIsAccessibleFitsAndAsksNothingOfOthers(t *testing.T) {
	script, err := os.ReadFile(needs.Server(t, "OUIDIRE_TEST_AXE"))
	if err != nil {
		t.Fatal(err)
	}
	empty, full, locked := newHouse(t, ""), newHouse(t, ""), newHouse(t, "l’Anse-aux-Moyacs")
	full.furnish(t)
	full.onStage(t).Paused = true // a page that comes again by itself cannot be looked at
	full.surge(t)
	full.settle(t, alerting.Incident{ID: "wfausse", Key: "f", Rule: "nouvelles", Watch: "caisse", Severity: alerting.Inform, State: alerting.Resolved, FalseAlarm: true, By: "Odette",
		Since: noon, OpenedAt: noon, EndedAt: noon, Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: "Le hockeyeur Valtisse compte deux fois", Outlet: "echo.example", Outlets: 1, At: noon}}})
	empty.status.Organisation = "Caisse Valtisse de l’Anse-aux-Moyacs, du Brûlis-d’en-Haut et de la Pointe-aux-Brumes"
	late := newHouse(t, "")
	late.behind = noon.AddDate(0, 0, 30)
	full.status.BadConfig = ErrOpenDoor
	full.refuse().is = store.State{Bytes: 90, Limit: 100, Spooled: 1200, Oldest: noon.Add(-time.Hour), Trouble: aTrouble, Since: noon.Add(-time.Hour)}
	full.status.Outdated, full.status.Rereading = 12400, true
	full.status.Sources[0].Shard = 1
	full.status.Waiting = []config.Change{{Section: "web.listen", Kind: config.Changed}}
	save := url.Values{"name": {"Plaintes sur les frais"}, "filter": {"q=valtisse&tone=negative"}}
	if w := full.ask("POST", "/mentions/filters", save); w.Code != http.StatusSeeOther {
		t.Fatalf("a filter is not saved: status %d", w.Code)
	}
	inEachWindow(t, func(t *testing.T, ctx context.Context, w window) {
		for name, address := range pagesOf(full.serve(t, w.lang), empty.serve(t, w.lang), locked.serve(t, w.lang)) {
			look(t, ctx, w, name, address, string(script))
		}
		look(t, ctx, w, "behind", late.serve(t, w.lang)+"/", string(script))
	})
}

// inEachWindow runs a test in each language, light and dark, wide and narrow, in two
// browsers.
func inEachWindow(t *testing.T, run func(t *testing.T, ctx context.Context, w window)) {
	for _, dark := range []bool{false, true} {
		browser := openBrowser(t, dark)
		for _, w := range []window{
			{"fr-wide", 1280, 900, "fr-CA", false}, {"en-phone", 360, 740, "en", false},
			{"fr-phone-dark", 360, 740, "fr-CA", true}, {"en-wide-dark", 1280, 900, "en", true},
		} {
			if w.dark == dark {
				t.Run(w.name, func(t *testing.T) { run(t, tab(t, browser), w) })
			}
		}
	}
}

// pagesOf is every page worth looking at.
func pagesOf(full, empty, locked string) map[string]string {
	return map[string]string{
		"home":         full + "/",
		"demo":         full + "/demo",
		"demoname":     full + "/demo?name=valtisse",
		"mentions":     full + "/mentions?q=valtisse",
		"saved":        full + "/mentions?q=valtisse&tone=negative",
		"guided":       full + "/mentions?q=valtisse+-hockey+%28nouvelle+OU+%C3%A9pargne%29",
		"wrong":        full + "/mentions?q=%22ouvert",
		"mention":      full + "/mentions/" + mention.NewID("web", "1"),
		"hostile":      full + "/mentions/" + mention.NewID("web", "2"),
		"long":         full + "/mentions/" + mention.NewID("web", "4"),
		"conversation": full + "/mentions/" + mention.NewID("web", "3"),
		"edited":       full + "/mentions/" + mention.NewID("web", "10"),
		"story":        full + "/stories/" + mention.NewID("web", "13"),
		"tone":         full + "/tone?span=quarter",
		"sources":      full + "/sources",
		"situations":   full + "/situations",
		"situation":    full + "/situations/wsituation",
		"surge":        full + "/situations/wvague",
		"false":        full + "/situations/wfausse",
		"settled":      full + "/situations?show=settled",
		"calm":         empty + "/situations",
		"messages":     full + "/messages",
		"keeping":      full + "/keeping",
		"calmkeeping":  empty + "/keeping",
		"emptyhome":    empty + "/",
		"empty":        empty + "/mentions",
		"emptytone":    empty + "/tone",
		"login":        locked + "/login",
	}
}

// cutWords names the one-word cells of tables that stand on several lines.
const cutWords = `[...document.querySelectorAll("th > a, td > .health")].filter(e =>
	!e.textContent.includes(" ") && e.getClientRects().length > 1).map(e => e.textContent).join(" ")`

// openAll shows what a page keeps folded.
const openAll = `document.querySelectorAll("details").forEach(d => { d.open = true });`

// look opens a page and inspects it.
func look(t *testing.T, ctx context.Context, w window, name, address, script string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(int64(w.width), int64(w.height)), chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	inspect(t, ctx, w, name, script)
}

// inspect keeps a picture of the page that is shown when asked to, unfolds it, and
// lets axe judge it.
func inspect(t *testing.T, ctx context.Context, w window, name, script string) {
	t.Helper()
	if folder := os.Getenv("OUIDIRE_PICTURES"); folder != "" {
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, w.name+"-"+name+".png"), picture, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](openAll+script+";true")); err != nil {
		t.Fatalf("%s: load axe: %v", name, err)
	}
	faults, err := chromedp.Run(ctx, chromedp.Evaluate[string](axe, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: run axe: %v", name, err)
	}
	if faults != "" {
		t.Errorf("%s: %s", name, faults)
	}
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
	if err != nil || wide {
		t.Errorf("%s is wider than its window: %v", name, err)
	}
	broken, err := chromedp.Run(ctx, chromedp.Evaluate[string](cutWords))
	if err != nil || broken != "" {
		t.Errorf("%s cuts words in its tables: %s %v", name, broken, err)
	}
	cut, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`[...document.querySelectorAll(".brand small")].some(e => e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)`))
	if err != nil || cut {
		t.Errorf("%s cuts the name of the organisation: %v", name, err)
	}
	foreign, err := chromedp.Run(ctx, chromedp.Evaluate[string](
		`performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith(location.origin)).join(" ")`))
	if err != nil || foreign != "" {
		t.Errorf("%s asks others: %s %v", name, foreign, err)
	}
	lang, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.documentElement.lang"))
	if err != nil || !strings.HasPrefix(w.lang, lang[:2]) {
		t.Errorf("%s is in %q for a reader of %q: %v", name, lang, w.lang, err)
	}
}

func TestAPersonSearchesReadsCorrectsAndConfirmsWithTheKeyboardAlone(t *testing.T) {
	h := newHouse(t, "l’Anse-aux-Moyacs")
	h.furnish(t)
	at := h.serve(t, "fr-CA")
	ctx := tab(t, openBrowser(t, false))
	text := func() string { // "" between two pages
		body, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
		if err != nil {
			return ""
		}
		return body
	}
	step := func(what, want string, actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		limit, tick := time.After(2*time.Minute), time.NewTicker(50*time.Millisecond)
		defer tick.Stop()
		for !strings.Contains(text(), want) {
			select {
			case <-tick.C:
			case <-limit:
				t.Fatalf("%s: the page does not say %q:\n%s", what, want, text())
			}
		}
	}
	step("come", "Mot de passe", chromedp.Navigate(at+"/"))
	step("sign in", "Les 24 dernières heures", chromedp.SendKeys("#password", "l’Anse-aux-Moyacs\r"))
	step("go to the mentions", "Ce qui se dit", chromedp.SendKeys(`nav a[href="/mentions"]`, "\r"))
	active := chromedp.Evaluate[int](`[...document.querySelectorAll("[data-entry] h3 a")].indexOf(document.activeElement)`)
	step("go down the list", "Ce qui se dit", chromedp.Focus(".entries h3 a"), chromedp.KeyEvent("j"), chromedp.KeyEvent("j"), chromedp.KeyEvent("k"))
	if at, err := chromedp.Run(ctx, active); err != nil || at != 1 {
		t.Errorf("twice down and once up the focus is on entry %d (%v), want 1", at, err)
	}
	step("search", "1 mention", chromedp.SendKeys("#q", "épargnes\r"))
	step("read", "Pourquoi elle est ici", chromedp.SendKeys(".entries h3 a", "\r"))
	step("correct", "Fixée par une personne", chromedp.SendKeys(`button[value="neutral"]`, "\r"))
	step("go to the messages", "jamais confirmé", chromedp.SendKeys(`aside a[href="/messages"]`, "\r"))
	step("try", "Un message d’essai est parti", chromedp.SendKeys(`.channels button`, "\r"))
	step("confirm", "arrivent à destination", chromedp.SendKeys("#code", "123456\r"))
	step("change language", "How you are told", chromedp.SendKeys(`form[action="/lang"] button`, "\r"))
}
