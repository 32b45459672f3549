package app

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
)

// fleet is many feeds of one server, of which some fail now and then, each in its way.
type fleet struct {
	mu     sync.Mutex
	feeds  [][]pressItem
	random *rand.Rand
	ills   int
	server *httptest.Server
}

func newFleet(t *testing.T, n int) *fleet {
	f := &fleet{feeds: make([][]pressItem, n), random: rand.New(rand.NewPCG(4, 2026))}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func (f *fleet) addresses() (all []string) {
	for i := range f.feeds {
		all = append(all, fmt.Sprintf("%s/fil/%d", f.server.URL, i))
	}
	return all
}

// publish puts an item in front of a feed that holds its 30 newest, and returns its title.
func (f *fleet) publish(feed, n int, named bool) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	title := fmt.Sprintf("Nouvelle %d du marché", n)
	if named {
		title = fmt.Sprintf("Valtisse %d: l’épargne", n)
	}
	link := fmt.Sprintf("%s/fil/%d/%d", f.server.URL, feed, n)
	item := pressItem{title, link, link, time.Now().UTC().Format(time.RFC1123Z), tale(f.random)}
	if !named {
		item.Content = strings.ReplaceAll(item.Content, "Valtisse", "Nordelune")
	}
	f.feeds[feed] = append([]pressItem{item}, f.feeds[feed]...)
	f.feeds[feed] = f.feeds[feed][:min(len(f.feeds[feed]), 30)]
	return title
}

// ills are the ways to fail.
var ills = []func(w http.ResponseWriter, body []byte){
	func(w http.ResponseWriter, _ []byte) { w.WriteHeader(http.StatusInternalServerError) },
	func(w http.ResponseWriter, _ []byte) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	},
	func(w http.ResponseWriter, body []byte) { // cut
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:len(body)/2])
	},
	func(w http.ResponseWriter, _ []byte) {
		_, _ = io.WriteString(w, `<html><form action="/login"><input type="password"></form></html>`)
	},
	func(w http.ResponseWriter, _ []byte) { _, _ = w.Write(bytes.Repeat([]byte{0xff, '<', 0}, 5000)) },
	func(w http.ResponseWriter, _ []byte) {
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = c.Close()
		}
	},
	func(w http.ResponseWriter, body []byte) { // slow
		for part := range slices.Chunk(body, len(body)/4+1) {
			_, _ = w.Write(part)
			w.(http.Flusher).Flush()
			time.Sleep(200 * time.Millisecond) // a server of flesh and blood
		}
	},
}

// ServeHTTP implements http.Handler.
func (f *fleet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/fil/"))
	if err != nil || n >= len(f.feeds) {
		http.NotFound(w, r)
		return
	}
	var body bytes.Buffer
	body.WriteString(`<rss version="2.0"><channel><title>Le fil</title><link>http://127.0.0.1</link>`)
	f.mu.Lock()
	for _, item := range f.feeds[n] {
		_ = xml.NewEncoder(&body).EncodeElement(item, xml.StartElement{Name: xml.Name{Local: "item"}})
	}
	ill := -1
	if f.random.Float64() < .1 {
		ill = f.ills % len(ills)
		f.ills++
	}
	f.mu.Unlock()
	body.WriteString(`</channel></rss>`)
	w.Header().Set("Content-Type", "application/rss+xml")
	if ill >= 0 {
		ills[ill](w, body.Bytes())
		return
	}
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, hash(body.Bytes())))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

// TestAFleetThatFailsNowAndThenLeavesNothingBehind runs the daemon in a process of its
// own on many sources that fail in every way, a channel that fails too, and readers
// of the page. Its long twin is ten times what 200 sources bring (each visited every
// six minutes, three new items a visit), for an hour.
func TestAFleetThatFailsNowAndThenLeavesNothingBehind(t *testing.T) {
	sources, lasts, pace := 20, 15*time.Second, time.Second
	if needs.Soak() {
		sources, lasts, pace = 200, time.Hour, 6*time.Minute
	}
	f, hook := newFleet(t, sources), newReceiver(t, .1)
	for i := range sources {
		f.publish(i, -i, true)
	}
	s := settings{folder: t.TempDir(), hook: hook.server.URL, feeds: f.addresses()}
	path := s.write(t)
	temporary := t.TempDir()
	c := startChildWith(t, path, []string{"TMPDIR=" + temporary, childPaces + "=" + pace.String()})
	<-c.up
	within(t, 3*pace+5*time.Minute, "the first visits", func() bool { return readOf(t, c.address) == sources }) // what comes before is history

	told, samples, pages := f.keepPublishing(t, c, lasts, pace)
	within(t, 2*pace+5*time.Minute, "every message", func() bool { return len(missing(told, hook.messages())) == 0 })
	checkFlat(t, samples)
	t.Logf("%d items about us; from publication to message: %s (visits are %v apart)", len(told), spread(delays(told, hook.messages())), pace)
	t.Logf("a page: %s", spread(pages))
	c.quit(t)
	checkFolder(t, temporary)
	checkFolder(t, filepath.Join(s.folder, "data"), "lock", "mentions.db", "state.db")
}

// readOf is how many sources were read at least once.
func readOf(t *testing.T, address string) (n int) {
	for line := range strings.Lines(get(t, address+"/metrics")) {
		if strings.HasPrefix(line, "ouidire_source_last_success_timestamp_seconds{") && !strings.HasSuffix(line, " 0\n") {
			n++
		}
	}
	return n
}

// sample is what the daemon holds at an instant.
type sample struct{ memory, goroutines, files float64 }

// keepPublishing publishes, reads pages and takes samples for as long as it lasts.
// told is when each item about us was published, by title.
func (f *fleet) keepPublishing(t *testing.T, c *child, lasts, pace time.Duration) (told map[string]time.Time, samples []sample, pages []time.Duration) {
	told = map[string]time.Time{}
	each := pace / time.Duration(3*len(f.feeds))
	publish, look, end := time.NewTicker(each), time.NewTicker(lasts/90), time.NewTimer(lasts)
	defer publish.Stop()
	defer look.Stop()
	for n := 1; ; {
		select {
		case <-publish.C:
			named := n%20 == 0
			if title := f.publish(n%len(f.feeds), n, named); named {
				told[title] = time.Now()
			}
			n++
		case <-look.C:
			samples = append(samples, sampleOf(t, c.address))
			for _, page := range []string{"/", "/?q=valtisse", "/sources", "/situations"} {
				began := time.Now()
				get(t, c.address+page)
				pages = append(pages, time.Since(began))
			}
		case <-end.C:
			return told, samples, pages
		}
	}
}

func sampleOf(t *testing.T, address string) sample {
	t.Helper()
	body := get(t, address+"/metrics")
	value := func(name string) float64 {
		for line := range strings.Lines(body) {
			if rest, ok := strings.CutPrefix(line, name+" "); ok {
				v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
				if err == nil {
					return v
				}
			}
		}
		t.Fatalf("no metric is called %s", name)
		return 0
	}
	return sample{value("process_resident_memory_bytes"), value("go_goroutines"), value("process_open_fds")}
}

// checkFlat compares the last third with the middle one: nothing grows by more than
// a quarter and a little.
func checkFlat(t *testing.T, all []sample) {
	t.Helper()
	third := len(all) / 3
	for name, c := range map[string]struct {
		of    func(sample) float64
		spare float64
	}{
		"memory":     {func(s sample) float64 { return s.memory }, 32 << 20},
		"goroutines": {func(s sample) float64 { return s.goroutines }, 20},
		"open files": {func(s sample) float64 { return s.files }, 20},
	} {
		middle, last := median(all[third:2*third], c.of), median(all[2*third:], c.of)
		t.Logf("%s: %.0f in the middle third, %.0f in the last", name, middle, last)
		if last > middle*1.25+c.spare {
			t.Errorf("%s grows", name)
		}
	}
}

func median(all []sample, of func(sample) float64) float64 {
	var values []float64
	for _, s := range all {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// missing are the items that no message speaks of.
func missing(told map[string]time.Time, got []accepted) (titles []string) {
	said := saidBy(got)
	for title := range told {
		if _, ok := said[title]; !ok {
			titles = append(titles, title)
		}
	}
	return titles
}

// saidBy is when each title was first told; the whole body is looked at, for what
// waited together may be told together.
func saidBy(got []accepted) map[string]time.Time {
	said := map[string]time.Time{}
	for _, m := range got {
		for line := range strings.Lines(m.Body) {
			if i := strings.Index(line, "Valtisse "); i >= 0 {
				title, _, _ := strings.Cut(strings.TrimSpace(line[i:]), " (")
				if at, known := said[title]; !known || m.at.Before(at) {
					said[title] = m.at
				}
			}
		}
	}
	return said
}

func delays(told map[string]time.Time, got []accepted) (all []time.Duration) {
	said := saidBy(got)
	for title, at := range told {
		all = append(all, said[title].Sub(at))
	}
	return all
}

// spread says how a set of durations lies.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(share float64) time.Duration { return all[int(share*float64(len(all)-1))].Round(time.Millisecond) }
	return fmt.Sprintf("median %v, 90 %% %v, 99 %% %v, longest %v", at(.5), at(.9), at(.99), at(1))
}

// checkFolder finds nothing in a folder but what may be there.
func checkFolder(t *testing.T, folder string, expected ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(expected, e.Name()) {
			t.Errorf("%s was left", e.Name())
		}
	}
}
