package app

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
)

// TestMain lets a test start this binary again as a daemon that it can kill.
func TestMain(m *testing.M) {
	if path := os.Getenv(childConfig); path != "" {
		os.Exit(runChild(path))
	}
	if path := os.Getenv(childPast); path != "" {
		os.Exit(runPast(path))
	}
	folder, err := os.MkdirTemp("", "ouidire-app-test-")
	if err == nil {
		err = os.Setenv(binFolder, folder)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder) // a leftover in a temporary folder fails nobody
	os.Exit(code)
}

// press publishes items in one RSS feed, newest first.
type press struct {
	mu     sync.Mutex
	items  []pressItem
	server *httptest.Server
}

type pressItem struct {
	Title   string `xml:"title"`
	Link    string `xml:"link"`
	GUID    string `xml:"guid"`
	Date    string `xml:"pubDate"`
	Content string `xml:"description"`
}

func newPress(t testing.TB) *press {
	p := &press{}
	p.server = httptest.NewServer(p)
	t.Cleanup(p.server.Close)
	return p
}

func (p *press) publish(title, text string) (link string) {
	return p.publishAt(time.Now(), title, text)
}

// publishAt publishes texts under one title, dated alike: a visit brings all or none.
func (p *press) publishAt(at time.Time, title string, texts ...string) (link string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, text := range texts {
		link = fmt.Sprintf("%s/%d", p.server.URL, len(p.items)+1)
		p.items = append(p.items, pressItem{title, link, link, at.UTC().Format(time.RFC1123Z), text})
	}
	return link
}

// edit replaces an item's text, as a correction does.
func (p *press) edit(link, title, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.items {
		if p.items[i].Link == link {
			p.items[i].Title, p.items[i].Content = title, text
		}
	}
}

func (p *press) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.items)
}

// ServeHTTP implements http.Handler.
func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	var body bytes.Buffer
	body.WriteString(`<rss version="2.0"><channel><title>L’Écho</title><link>http://127.0.0.1</link>`)
	for i := len(p.items) - 1; i >= 0; i-- {
		_ = xml.NewEncoder(&body).EncodeElement(p.items[i], xml.StartElement{Name: xml.Name{Local: "item"}})
	}
	body.WriteString(`</channel></rss>`)
	p.mu.Unlock()
	w.Header().Set("Content-Type", "application/rss+xml")
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, hash(body.Bytes())))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

func hash(b []byte) (h uint64) {
	for _, c := range b {
		h = h*1099511628211 ^ uint64(c)
	}
	return h
}

// accepted is one message that a receiver took.
type accepted struct {
	Key      string   `json:"key"`
	Incident string   `json:"incident"`
	Seq      int      `json:"seq"`
	Subject  string   `json:"subject"`
	Body     string   `json:"body"`
	Mentions []string `json:"mentions"`
	at       time.Time
}

// receiver takes webhooks, and fails as often as it is told to.
type receiver struct {
	mu     sync.Mutex
	got    []accepted
	fails  float64
	server *httptest.Server
}

func newReceiver(t *testing.T, fails float64) *receiver {
	r := &receiver{fails: fails}
	r.server = httptest.NewServer(r)
	t.Cleanup(r.server.Close)
	return r
}

// ServeHTTP implements http.Handler.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	var m accepted
	if err != nil || json.Unmarshal(body, &m) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if rand.Float64() < r.fails {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	m.at = time.Now()
	r.mu.Lock()
	r.got = append(r.got, m)
	r.mu.Unlock()
}

func (r *receiver) messages() []accepted {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]accepted{}, r.got...)
}

// settings is the ouidire.yml of a test: one watch, feeds, a webhook.
type settings struct {
	folder string
	feeds  []string // addresses
	hook   string
	more   string // more channels, one a line
	extra  string // more of the file
	closed bool   // no private range is opened: what is on this machine is refused
}

func (s settings) write(t *testing.T) (path string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "organisation: {name: Caisse Valtisse, language: fr-CA, timezone: America/Toronto}\n")
	fmt.Fprintf(&b, "data: %q\nweb: {listen: \"127.0.0.1:0\"}\n", filepath.Join(s.folder, "data"))
	if !s.closed {
		b.WriteString("crawler: {allow_private: [127.0.0.0/8]}\n")
	}
	fmt.Fprintf(&b, "watches:\n  - {name: caisse, title: Notre caisse, query: valtisse}\n")
	fmt.Fprintf(&b, "rules:\n  - {name: nouvelles, kind: fresh, watch: caisse, wait: 300ms}\n")
	fmt.Fprintf(&b, "channels:\n  - {name: crochet, kind: webhook, url: %q, secret: un-secret-assez-long-pour-signer}\n%s", s.hook, s.more)
	fmt.Fprintf(&b, "sources:\n")
	for i, address := range s.feeds {
		fmt.Fprintf(&b, "  - {name: source-%d, kind: feed, url: %q, every: 1h}\n", i+1, address)
	}
	b.WriteString(s.extra)
	path = filepath.Join(s.folder, "ouidire.yml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// started is a program under test.
type started struct {
	*App
	stop func() error
}

// start runs the whole program on a configuration until the test ends.
func start(t *testing.T, path string, hurry time.Duration) started {
	t.Helper()
	return startWith(t, path, Options{Hurry: hurry})
}

// startWith is start with more to say; without a log, the test's own is written.
func startWith(t *testing.T, path string, o Options) started {
	t.Helper()
	f, err := config.Load(path, Kinds())
	if err != nil {
		t.Fatal(err)
	}
	o.Config = f
	if o.Log == nil {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	a, err := New(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return running(t, a)
}

// running runs a program that was built, until it is stopped or the test ends.
func running(t *testing.T, a *App) started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		err := <-ended
		if closed := a.Close(); err == nil {
			err = closed
		}
		return err
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("the program did not stop well: %v", err)
		}
	})
	return started{a, stop}
}

// eventually waits for something that another goroutine or process brings about.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	within(t, 6*time.Minute, what, is) // on a machine that does much else
}

// within is eventually for what takes longer.
func within(t testing.TB, most time.Duration, what string, is func() bool) {
	t.Helper()
	limit := time.NewTimer(most)
	defer limit.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-limit.C:
			t.Fatalf("never came: %s", what)
		}
	}
}

// readAll waits until every source was read well once.
func (s started) readAll(t *testing.T) {
	t.Helper()
	eventually(t, "a first visit to every source", func() bool {
		for _, source := range s.sources() {
			if !source.Paused && source.Visit.LastSuccess.IsZero() {
				return false
			}
		}
		return true
	})
}

// visit is what is remembered of one source.
func (s started) visit(t *testing.T, source string) crawler.Visit {
	t.Helper()
	for _, v := range s.crawler.Visits() {
		if v.Source == source {
			return v
		}
	}
	t.Fatalf("no source is called %s", source)
	return crawler.Visit{}
}

// words for texts that no two stories share.
var vocabulary = strings.Fields(`marée goéland quai cordage brume phare barque filet homard crevette dune varech
	clocher fanfare marché tisane laine érable neige traîneau forge moulin pommier ruche cidre foin étable
	rivière passerelle écluse canot pagaie castor huard brochet île anse pointe falaise sentier boussole
	lanterne horloge violon accordéon danse conte veillée couture dentelle poterie vitrail menuisier`)

// tale is a text about the caisse like no other.
func tale(r *rand.Rand) string {
	words := []string{"La", "caisse", "Valtisse"}
	for range 60 {
		words = append(words, vocabulary[r.IntN(len(vocabulary))])
	}
	return strings.Join(words, " ") + "."
}

// freePort is a loopback address that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
