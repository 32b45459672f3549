package app

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"io"
	"log/slog"
	"math/rand/v2"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// place answers like something that nobody would wish to read, and counts.
type place struct {
	answer http.HandlerFunc
	asked  atomic.Int32
	server *httptest.Server
}

func newPlace(t *testing.T, answer http.HandlerFunc) *place {
	p := &place{answer: answer}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.server.Close)
	return p
}

// ServeHTTP implements http.Handler.
func (p *place) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.asked.Add(1)
	p.answer(w, r)
}

// says answers every question alike.
func says(code int, headers, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for line := range strings.Lines(headers) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			w.Header().Set(key, value)
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// pours two gigabytes, announced or not.
func pours(announced bool) http.HandlerFunc {
	const much = 2 << 30
	return func(w http.ResponseWriter, _ *http.Request) {
		if announced {
			w.Header().Set("Content-Length", fmt.Sprint(much))
		}
		chunk := bytes.Repeat([]byte("<item><title>Valtisse</title></item>"), 2000)
		_, err := io.WriteString(w, "<rss><channel>")
		for sent := 0; err == nil && sent < much; sent += len(chunk) {
			_, err = w.Write(chunk)
		}
	}
}

// bomb is 300 MB in 300 kB.
func bomb(w http.ResponseWriter, _ *http.Request) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(bytes.Repeat([]byte("0"), 1<<20))
	_ = z.Close()
	w.Header().Set("Content-Encoding", "gzip")
	for range 300 { // gzip allows members one after the other
		if _, err := w.Write(packed.Bytes()); err != nil {
			return
		}
	}
}

// cuts breaks every answer of a handler off in its middle.
func cuts(h http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		whole := httptest.NewRecorder()
		h.ServeHTTP(whole, r)
		for key := range whole.Header() {
			w.Header().Set(key, whole.Header().Get(key))
		}
		w.Header().Set("Content-Length", fmt.Sprint(whole.Body.Len()))
		_, _ = w.Write(whole.Body.Bytes()[:whole.Body.Len()/2])
		_ = http.NewResponseController(w).Flush() // or nothing of it would leave
		panic(http.ErrAbortHandler)
	}
}

// row is what the page says of a source.
func row(t *testing.T, lang, address, source string) string {
	t.Helper()
	_, after, ok := strings.Cut(getIn(t, lang, address+"/sources"), `href="/mentions?source=`+source+`"`)
	if !ok {
		t.Fatalf("the page does not show %s", source)
	}
	before, _, _ := strings.Cut(after, "</tr>")
	return html.UnescapeString(before)
}

func TestEachBadSourceSaysWhatToDoAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	circle := http.RedirectHandler("/encore", http.StatusFound).ServeHTTP
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	bad := []struct {
		name   string
		answer http.HandlerFunc // nil: nobody listens
		fr, en string           // what to do
		once   bool             // it must not be asked again
	}{
		{"nobody listens", nil, "Impossible de joindre", "We will try again on our own", false},
		{"never answers", silent, "vérifiez que l’adresse s’ouvre dans un navigateur", "check that the address opens in a browser", false},
		{"login page", says(200, "Content-Type: text/html", `<html><form><input name=qui><input type="password"></form></html>`),
			"Indiquez une adresse que tout le monde peut lire", "Use an address that everybody can read", false},
		{"page without a feed", says(200, "Content-Type: text/html", "<html><body><h1>La caisse Valtisse</h1></body></html>"),
			"cherchez la nouvelle adresse de son fil RSS", "look for the new address of its feed", false},
		{"eleven megabytes", says(200, "", "<rss><channel>"+strings.Repeat("<item/>", 11<<20/7)+"</channel></rss>"),
			"Vérifiez que l’adresse est la bonne", "Check that the address is the right one", false},
		{"two gigabytes announced", pours(true), "beaucoup trop volumineuse", "far too large", false},
		{"two gigabytes", pours(false), "beaucoup trop volumineuse", "far too large", false},
		{"gzip bomb", bomb, "beaucoup trop volumineuse", "far too large", false},
		{"circle", circle, "celle où vous arrivez", "the address where you arrive", false},
		{"cut", cuts(says(200, "", "<rss><channel>"+strings.Repeat("<item/>", 100)+"</channel></rss>")),
			"s’est interrompue avant la fin", "stopped before its end", false},
		{"gone", says(410, "", ""), "Remplacez-la ou retirez la source", "Replace it or remove the source", true},
		{"not there", says(404, "", ""), "corrigez-la dans la configuration", "correct it in the configuration", false},
		{"busy", says(429, "Retry-After: 3600", ""), "allongez «\u00a0every\u00a0»", "make “every” longer", true},
		{"out of order", says(500, "", ""), "Il n’y a rien à faire", "There is nothing for you to do", false},
	}
	good, hook := newPress(t), newReceiver(t, 0)
	s := settings{folder: t.TempDir(), hook: hook.server.URL}
	places := make([]*place, len(bad))
	for i, b := range bad {
		address := "http://" + freePort(t)
		if b.answer != nil {
			places[i] = newPlace(t, b.answer)
			address = places[i].server.URL
		}
		s.feeds = append(s.feeds, address)
	}
	s.feeds = append(s.feeds, good.server.URL)
	app := start(t, s.write(t), 300*time.Millisecond)
	wellRead := fmt.Sprintf("source-%d", len(s.feeds))
	eventually(t, "a first visit to the good source", func() bool { return !app.visit(t, wellRead).LastSuccess.IsZero() })
	good.publish("Valtisse au milieu du bruit", tale(rand.New(rand.NewPCG(7, 1))))
	for i, b := range bad {
		source := fmt.Sprintf("source-%d", i+1)
		eventually(t, "a verdict on "+b.name, func() bool { return app.visit(t, source).Reason != "" })
		for lang, want := range map[string]string{"fr-CA": b.fr, "en": b.en} {
			if got := row(t, lang, app.Address(), source); strings.Count(got, want) != 1 {
				t.Errorf("%s: the page does not say %q once:\n%s", b.name, want, got)
			}
		}
	}
	eventually(t, "the news of the good source", func() bool { return len(hook.messages()) == 1 })
	for i, b := range bad {
		if n := places[i]; b.once && n.asked.Load() != 1 {
			t.Errorf("%s: asked %d times, want once", b.name, n.asked.Load())
		}
	}
	if got := get(t, app.Address()+"/readyz"); got != "ready\n" {
		t.Errorf("bad sources made us unready: %s", got)
	}
}

func TestAnAddressOfThisMachineIsRefusedUnlessItsRangeIsOpened(t *testing.T) {
	t.Parallel()
	p, hook := newPress(t), newReceiver(t, 0)
	inside := newPlace(t, p.ServeHTTP)
	app := start(t, settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{inside.server.URL}, closed: true}.write(t), 300*time.Millisecond)
	eventually(t, "a verdict", func() bool { return app.visit(t, "source-1").Reason != "" })
	for lang, want := range map[string]string{
		"fr-CA": "Si elle est à vous, ouvrez sa plage avec crawler.allow_private", "en": "If it is yours, open its range with crawler.allow_private"} {
		if got := row(t, lang, app.Address(), "source-1"); !strings.Contains(got, want) {
			t.Errorf("the page does not say %q:\n%s", want, got)
		}
	}
	if n := inside.asked.Load(); n != 0 {
		t.Errorf("asked %d times all the same", n)
	}
}

func TestACutAnswerMovesNoCursorAndTheNextWholeOneBringsEverything(t *testing.T) {
	t.Parallel()
	p, hook := newPress(t), newReceiver(t, 0)
	var cut atomic.Bool
	lossy := newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		if cut.Load() {
			cuts(p)(w, r)
		}
		p.ServeHTTP(w, r)
	})
	p.publish("Valtisse hier", tale(rand.New(rand.NewPCG(8, 0))))
	app := start(t, settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{lossy.server.URL}}.write(t), 300*time.Millisecond)
	app.readAll(t)
	before := app.visit(t, "source-1").Cursor
	cut.Store(true)
	for i := range 3 {
		p.publish(fmt.Sprintf("Valtisse %d", i), tale(rand.New(rand.NewPCG(8, uint64(i+1)))))
	}
	eventually(t, "two cut answers", func() bool { return app.visit(t, "source-1").Failures >= 2 })
	if now := app.visit(t, "source-1").Cursor; now != before {
		t.Errorf("the cursor moved from %q to %q", before, now)
	}
	cut.Store(false)
	eventually(t, "the three", func() bool { return len(hook.messages()) == 3 })
	if kept := app.everything(t); len(kept) != 4 {
		t.Errorf("kept %d, want 4", len(kept))
	}
}

// everything is all that the store of a running program keeps.
func (s started) everything(t *testing.T) []mention.Mention {
	t.Helper()
	var all []mention.Mention
	for _, unclaimed := range []bool{false, true} {
		found, _, err := s.store.Search(t.Context(), store.Question{Unclaimed: unclaimed}, 500, "")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	return all
}

// script is a feed of items as they are written, whatever they are.
func script(items []string) http.HandlerFunc {
	return says(200, "Content-Type: application/rss+xml", `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>L’Écho</title>`+
		strings.Join(items, "")+`</channel></rss>`)
}

// feedOf is a place that gives nothing at first, so that what comes is news.
func feedOf(t *testing.T, items []string) (p *place, publish func()) {
	var out atomic.Bool
	p = newPlace(t, func(w http.ResponseWriter, r *http.Request) {
		if out.Load() {
			script(items)(w, r)
			return
		}
		script(nil)(w, r)
	})
	return p, func() { out.Store(true) }
}

func TestDatesThatCannotBeAreNotBelievedAndTheItemsAreToldOnce(t *testing.T) {
	t.Parallel()
	dates := map[string]string{
		"zero":   "Sat, 01 Jan 0000 00:00:00 GMT",
		"last":   "Fri, 31 Dec 9999 23:59:59 GMT",
		"future": time.Now().AddDate(0, 0, 3).UTC().Format(time.RFC1123),
		"later":  "2412-01-01T00:00:00Z",
		"words":  "demain matin",
		"none":   "",
	}
	var items []string
	for name, date := range dates {
		items = append(items, fmt.Sprintf("<item><guid>%s</guid><title>Valtisse %s</title><pubDate>%s</pubDate><description>%s</description></item>",
			name, name, date, tale(rand.New(rand.NewPCG(9, uint64(len(items)))))))
	}
	p, publish := feedOf(t, items)
	hook := newReceiver(t, 0)
	app := start(t, settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL}}.write(t), 200*time.Millisecond)
	app.readAll(t)
	publish()
	eventually(t, "every item told", func() bool { return len(hook.messages()) >= len(dates) })
	asked := p.asked.Load()
	eventually(t, "three more visits", func() bool { return p.asked.Load() > asked+3 })
	if got := hook.messages(); len(got) != len(dates) {
		t.Errorf("%d messages, want %d: %+v", len(got), len(dates), got)
	}
	kept := app.everything(t)
	if len(kept) != len(dates) {
		t.Errorf("kept %d, want %d", len(kept), len(dates))
	}
	for _, m := range kept {
		if m.PublishedAt.After(m.SeenAt) || m.SeenAt.Sub(m.PublishedAt) > time.Hour {
			t.Errorf("%s: published %v, seen %v", m.Current().Title, m.PublishedAt, m.SeenAt)
		}
	}
}

// mailbox is a mail server on this machine that takes everything.
type mailbox struct {
	net.Listener
	mu      sync.Mutex
	letters []string
}

func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailbox{Listener: l}
	var calls sync.WaitGroup
	calls.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			calls.Go(func() { m.serve(c) })
		}
	})
	t.Cleanup(func() { l.Close(); calls.Wait() })
	return m
}

func (m *mailbox) serve(c net.Conn) {
	defer c.Close()
	_, _ = io.WriteString(c, "220 courriel.valtisse.example\r\n")
	for lines := bufio.NewReader(c); ; {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		answer := "250 oui"
		switch strings.ToUpper(line[:min(4, len(line))]) {
		case "DATA":
			_, _ = io.WriteString(c, "354 allez\r\n")
			var letter strings.Builder
			for line != ".\r\n" && err == nil {
				line, err = lines.ReadString('\n')
				letter.WriteString(line)
			}
			m.mu.Lock()
			m.letters = append(m.letters, letter.String())
			m.mu.Unlock()
		case "QUIT":
			answer = "221 au revoir"
		}
		_, _ = io.WriteString(c, answer+"\r\n")
	}
}

func (m *mailbox) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.letters)
}

// record is a log that a test reads.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// hidden is what must not reach a terminal or a header: it moves the cursor,
// turns the direction or cannot be seen.
func hidden(r rune) bool {
	return r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar || r == '\u200b' || r == '\ufeff')
}

func TestStrangeTextsAreKeptToldOnceAndReachNeitherLogNorHeaderRaw(t *testing.T) {
	t.Parallel()
	attack := "Valtisse \u202egpj.exe\u2066 \u200b\ufeff\x1b[2J\x00&#13;&#10;Bcc: victime@valtisse.example&#13;&#10;&#13;&#10;corps&#x9b;31m"
	titles := []string{
		"Valtisse 1 2 3 ;;; // 42 %% 0x1F",
		"🐦 Valtisse 🔥🔥🔥 👩‍🚒",
		strings.Repeat("L’épargne d'été à la caisse Valtisse ", 11)[:400],
		"Valtisse \xff\xfe l\xe9pargne \xc3",
		attack,
		"Va\u0301ltisse ne compte pas, Valtisse oui " + strings.Repeat("\u0301", 300),
	}
	items := []string{"<item><guid>rien</guid><title>🔥🔥🔥</title><description>🐦 🐦 🐦</description></item>"}
	for i, title := range titles {
		items = append(items, fmt.Sprintf("<item><guid>%d</guid><title>%s</title><link>https://echo.example/%d</link><description>%s %s</description></item>",
			i, title, i, tale(rand.New(rand.NewPCG(10, uint64(i)))), title))
	}
	p, publish := feedOf(t, items)
	turned := newPlace(t, says(302, "Location: \u202e/\x1bencore", "")) // an error that quotes the place
	hook, box, log := newReceiver(t, 0), newMailbox(t), &record{}
	path := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: []string{p.server.URL, turned.server.URL}}.write(t)
	host, port, _ := net.SplitHostPort(box.Addr().String())
	addChannel(t, path, fmt.Sprintf("  - {name: courriel, kind: email, host: %s, port: %s, security: none, from: veille@valtisse.example, to: [gestion@valtisse.example]}\n  - {name: journal, kind: log}\n", host, port))
	app := startWith(t, path, Options{Hurry: 200 * time.Millisecond, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	eventually(t, "a first visit", func() bool { return !app.visit(t, "source-1").LastSuccess.IsZero() })
	publish()
	eventually(t, "every e-mail", func() bool { return len(box.all()) >= len(titles) })
	eventually(t, "every line of the log", func() bool { return strings.Count(log.String(), `"msg":"message"`) >= len(titles) })
	eventually(t, "every webhook", func() bool { return len(hook.messages()) >= len(titles) })
	eventually(t, "a refused redirect", func() bool { return app.visit(t, "source-2").Reason != "" })
	if kept := app.everything(t); len(kept) != len(items) {
		t.Errorf("kept %d, want %d", len(kept), len(items))
	}
	if n := len(box.all()); n != len(titles) {
		t.Errorf("%d e-mails, want %d", n, len(titles))
	}
	for _, letter := range box.all() {
		checkHeader(t, letter)
	}
	if at := strings.IndexFunc(log.String(), hidden); at >= 0 {
		t.Errorf("the log holds %q", around(log.String(), at))
	}
}

// checkHeader demands a header of seven-bit lines that are all ours.
func checkHeader(t *testing.T, letter string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(letter))
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(letter, "\r\n\r\n")
	if at := strings.IndexFunc(strings.ReplaceAll(head, "\r\n", "\n"), func(r rune) bool { return r > '~' || hidden(r) }); at >= 0 {
		t.Errorf("the header holds %q", around(head, at))
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || strings.IndexFunc(subject, hidden) >= 0 || len([]rune(subject)) > 200 {
		t.Errorf("subject %q, %v", subject, err)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("To") == "" {
		t.Errorf("header %v", m.Header)
	}
}

func around(s string, at int) string { return s[max(0, at-60):min(len(s), at+60)] }
