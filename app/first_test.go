package app

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/needs"
)

// village is the web of a first run: a paper, the caisse's own site, an intranet.
// Its names exist nowhere else, and lead to one server whatever the address.
type village struct {
	server *httptest.Server
	mu     sync.Mutex
	asked  []string // addresses that were dialled
}

const itemOfVillage = `<item><title>La Caisse Valtisse de l’Anse-aux-Moyacs appuie la course des Brumes</title><link>http://echo-des-moyacs.example/1</link><guid>http://echo-des-moyacs.example/1</guid><pubDate>%s</pubDate><description>L’argent paiera les dossards.</description></item>`

func newVillage(t *testing.T) *village {
	v := &village{}
	yesterday := time.Now().Add(-20 * time.Hour).Format(time.RFC1123Z)
	feed := `<rss version="2.0"><channel><title>L’Écho des Moyacs</title>` + strings.ReplaceAll(itemOfVillage, "%s", yesterday) + `</channel></rss>`
	mux := http.NewServeMux()
	mux.HandleFunc("echo-des-moyacs.example/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><title>L’Écho</title><link rel="alternate" type="application/rss+xml" title="L’Écho des Moyacs" href="/feed">`)
	})
	mux.HandleFunc("echo-des-moyacs.example/feed", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
		_, _ = io.WriteString(w, feed)
	})
	mux.HandleFunc("valtisse.example/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, `<!doctype html><meta name="generator" content="WordPress 6.9"><title>La Caisse</title>`)
	})
	v.server = httptest.NewServer(mux)
	t.Cleanup(v.server.Close)
	return v
}

var namesOfVillage = map[string]string{"echo-des-moyacs.example": "9.9.9.1", "valtisse.example": "9.9.9.2", "intranet.example": "10.1.2.3"}

func (v *village) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if address, ok := namesOfVillage[strings.TrimSuffix(host, ".")]; ok {
		return []netip.Addr{netip.MustParseAddr(address)}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

func (v *village) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	v.mu.Lock()
	v.asked = append(v.asked, address)
	v.mu.Unlock()
	return new(net.Dialer).DialContext(ctx, network, v.server.Listener.Addr().String())
}

func (v *village) dialled() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return strings.Join(v.asked, " ")
}

// firstRun runs the demonstration and what follows it, as the command does.
func firstRun(t *testing.T, v *village) (address, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), config.Name)
	ctx, stop := context.WithCancel(t.Context())
	demonstration, end := context.WithCancel(ctx)
	o := Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil)), Clock: clock.Real(), Net: v}
	first, l, err := NewFirst(path, "127.0.0.1:0", o, end)
	if err != nil {
		t.Fatal(err)
	}
	shown := o
	shown.First, shown.Listener = first, l
	done := make(chan error, 1)
	go func() { done <- follow(ctx, demonstration, shown, o, first, path) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String(), path
}

func follow(ctx, demonstration context.Context, shown, o Options, first *First, path string) error {
	if err := Demo(demonstration, shown); err != nil || first.Next() == nil {
		return err
	}
	f, err := config.Load(path, Kinds())
	if err != nil {
		return err
	}
	o.Config, o.Listener = f, first.Next()
	a, err := New(ctx, o)
	if err != nil {
		return err
	}
	err = a.Run(ctx)
	if bad := a.Close(); err == nil {
		err = bad
	}
	return err
}

func TestFromNothingToAFirstTrueMentionThroughTheWizard(t *testing.T) {
	browser := needs.Server(t, "OUIDIRE_TEST_CHROMIUM")
	v := newVillage(t)
	at, _ := firstRun(t, v)
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.WindowSize(1280, 1000), chromedp.Flag("lang", "fr-CA"), chromedp.Flag("accept-lang", "fr-CA"),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"), chromedp.UserDataDir(t.TempDir()))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), opts...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	began, done, owed := time.Now(), 0, map[string]bool{}
	step := func(what, want string, actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		done += len(actions)
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		text := ""
		limit, tick := time.After(3*time.Minute), time.NewTicker(50*time.Millisecond)
		defer tick.Stop()
		for !strings.Contains(text, want) {
			select {
			case <-tick.C:
				if body, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`)); err == nil {
					text = body
				}
			case <-limit:
				t.Fatalf("%s: the page does not say %q:\n%s", what, want, text)
			}
		}
		asked, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname === "/start" ? [...document.querySelectorAll("[required]")].map(e => e.id).join(" ") : ""`))
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		for _, field := range strings.Fields(asked) {
			owed[field] = true
		}
		if folder := os.Getenv("OUIDIRE_PICTURES"); folder != "" {
			picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
			if err == nil {
				err = os.WriteFile(filepath.Join(folder, "first-"+strings.ReplaceAll(what, " ", "-")+".png"), picture, 0o600)
			}
			if err != nil {
				t.Error(err)
			}
		}
	}
	step("come", "Veiller sur votre propre nom", chromedp.Navigate(at+"/"))
	step("begin", "Qui êtes-vous?", chromedp.Click(`a[href="/start"]`))
	step("say who", "Que faut-il lire?", chromedp.SendKeys("#name", "Caisse Valtisse de l’Anse-aux-Moyacs"), chromedp.SendKeys("#parent", "Mouvement Valtisse"), chromedp.SendKeys("#place", "L’Anse-aux-Moyacs\r"))
	step("paste the paper", "Elle annonce ce qui peut se lire", chromedp.SendKeys("#address", "echo-des-moyacs.example\r"))
	step("choose its feed", "la course des Brumes", chromedp.Click(`button[name="choose"]`))
	step("add it", "l-echo-des-moyacs", chromedp.Click(`button[value="add"]`))
	step("watch", "Votre veille commence", chromedp.Click(`button[value="begin"]`))
	step("be welcomed", "Comment vous prévenir?")
	step("see", "la course des Brumes", chromedp.Navigate(at+"/mentions"))
	step("know that it is from before", "vant l’installation")
	if fields := slices.Sorted(maps.Keys(owed)); done > 10 || !slices.Equal(fields, []string{"address", "name"}) {
		t.Errorf("a first true mention takes %d clicks, fields and addresses, want at most 10, and %v must be filled in, want a name and the address of a place", done, fields)
	}
	t.Logf("from nothing to a first true mention: %d clicks, fields and addresses, %v", done, time.Since(began).Round(time.Second))
}

// hiddenIn are the hidden inputs of a page: a form carries them along.
var hiddenIn = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`)

// post sends a form as a browser without script does.
func post(t *testing.T, address string, form url.Values) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "POST", address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept-Language", "en")
	res, err := http.DefaultClient.Do(r)
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

func TestTheWizardWorksWithoutScriptAndGoesNowhereItShouldNot(t *testing.T) {
	v := newVillage(t)
	at, path := firstRun(t, v)
	who := url.Values{"name": {"Bank of Nordelune"}, "language": {"en"}}
	ask := func(more url.Values) string {
		t.Helper()
		form := url.Values{}
		for _, from := range []url.Values{who, more} {
			for key, value := range from {
				form[key] = value
			}
		}
		return post(t, at+"/start", form)
	}
	for _, c := range []struct{ address, want string }{
		{"http://intranet.example/", "not public"},
		{"http://169.254.169.254/latest", "not public"},
		{"http://127.0.0.1:8080/", "not public"},
		{"http://2130706433/", "not public"},
		{"file:///etc/passwd", "must begin with https://"},
		{"nulle-part.example", "was not found"},
		{"javascript:alert(1)", ""},
		{strings.Repeat("a", 5000), "not an address"},
	} {
		if got := ask(url.Values{"do": {"look"}, "address": {c.address}}); !strings.Contains(got, `role="alert"`) || !strings.Contains(got, c.want) {
			t.Errorf("%.40s: the page does not say %q", c.address, c.want)
		}
	}
	if got := v.dialled(); got != "" {
		t.Errorf("it dialled %s", got)
	}
	if got := ask(url.Values{"do": {"look"}, "address": {"http://valtisse.example/"}}); !strings.Contains(got, "made with WordPress") || !strings.Contains(got, `value="http://valtisse.example/comments/feed/"`) {
		t.Errorf("a WordPress site:\n%s", got)
	}
	if got := post(t, at+"/start", url.Values{"name": {" … "}, "language": {"de"}}); !strings.Contains(got, `role="alert"`) {
		t.Error("no name is taken for one")
	}
	got := ask(url.Values{"do": {"add"}, "kind": {"feed"}, "f.name": {"écho"}, "f.url": {"http://echo-des-moyacs.example/feed"}})
	carried := url.Values{}
	for _, m := range hiddenIn.FindAllStringSubmatch(got, -1) {
		if m[1] == "source" {
			carried["source"] = []string{strings.ReplaceAll(m[2], "&amp;", "&")}
		}
	}
	if _, err := os.Stat(path); err == nil {
		t.Fatal("something was written before it was asked for")
	}
	carried.Set("do", "begin")
	if got := ask(carried); !strings.Contains(got, "Your watch begins") {
		t.Fatalf("it does not begin:\n%s", got)
	}
	limit := time.After(3 * time.Minute)
	for tick := time.NewTicker(100 * time.Millisecond); ; {
		res, err := http.Get(at + "/mentions?q=brumes")
		if err == nil {
			body, _ := io.ReadAll(res.Body)
			_ = res.Body.Close()
			if f, err := config.Load(path, Kinds()); err == nil && len(f.Sources) == 1 && f.Sources[0].Name == "echo" && strings.Contains(string(body), "/settings") && !strings.Contains(string(body), "émonstration") {
				return
			}
		} else {
			t.Fatalf("between the two programs: %v", err)
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("the program does not take the demonstration's place")
		}
	}
}
