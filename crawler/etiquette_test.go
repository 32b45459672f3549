package crawler_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/crawler/feed"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
)

// A week of some twenty places that keep a diary of us, with three restarts, one
// of them long, a reload and an impatient person. What they noted is then held
// against the eighteen points of good manners, one subtest each.
func TestAWeekOfGoodManners(t *testing.T) {
	var d *diary
	synctest.Test(t, func(t *testing.T) { d = spendAWeek(t) })
	t.Logf("%d requests by %d places, %d of them conditional, %d answered 304", len(d.all), len(d.hosts()),
		d.count(conditional), d.count(func(e entry) bool { return e.status == 304 }))
	kept := 0
	for i, p := range points() {
		if t.Run(fmt.Sprintf("%d %s", i+1, p.name), func(t *testing.T) { p.check(t, d) }) {
			kept++
		}
	}
	t.Logf("%d of 18 points kept", kept)
}

func spendAWeek(t *testing.T) *diary {
	web := webtest.New(t)
	d := &diary{began: time.Now(), gave: map[string][]given{}}
	for host, answer := range places(d) {
		web.Handle(host, d.note(host, answer))
	}
	m := newMemory()
	for i, lasts := range []time.Duration{26 * time.Hour, 47 * time.Hour, 3 * time.Hour, 92 * time.Hour} {
		d.starts = append(d.starts, time.Now())
		client := web.Client(t, polite.Config{Version: "1.4", Contact: "https://valtisse.example/robot"})
		c := crawler.New(jobs(t, client, addresses()), keep, m, quiet())
		stop := run(t, c)
		time.Sleep(lasts / 2)
		for range 3 {
			_ = c.VisitNow("http://presse.example/fil")
			time.Sleep(time.Second)
		}
		if i == 3 {
			d.added = time.Now()
			c.SetJobs(jobs(t, client, append(addresses(), "http://ajout.example/fil")))
		}
		time.Sleep(lasts / 2)
		stop()
		client.Close()
		throughJSON(t, m)
		time.Sleep([]time.Duration{time.Second, 30 * time.Second, time.Hour, 0}[i])
	}
	d.memory = m
	return d
}

func addresses() []string {
	all := []string{"http://page.example/"}
	for _, host := range []string{"epargne", "date", "nu", "frais", "expire", "occupe", "ancien", "passager", "disparu", "perdu", "panne",
		"ttl", "heures", "periode", "presse", "boucle"} {
		all = append(all, "http://"+host+".example/fil")
	}
	for _, path := range []string{"a", "b", "c", "d"} {
		all = append(all, "http://ville.example/"+path)
	}
	return all
}

func jobs(t *testing.T, client *polite.Client, addresses []string) []crawler.Job {
	t.Helper()
	var all []crawler.Job
	for _, address := range addresses {
		source, err := feed.New(feed.Config{URL: address}, crawler.Deps{Client: client, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, crawler.Job{Name: address, Kind: "feed", Config: address, Source: source})
	}
	return all
}

// places are how the web of that week behaves.
func places(d *diary) map[string]http.HandlerFunc {
	days := func() float64 { return time.Since(d.began).Hours() / 24 }
	tagged := func(etag, modified, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { answer(w, r, etag, modified, body) }
	}
	plain := tagged(`W/"v1"`, "Mon, 02 Jan 2006 15:04:05 GMT", rss(""))
	all := map[string]http.HandlerFunc{
		"epargne.example": func(w http.ResponseWriter, r *http.Request) { // another tag every nine hours, another body every second time
			n := int(days() * 24 / 9)
			answer(w, r, fmt.Sprintf(`"épargne-%d"`, n), fmt.Sprintf("Jour %d, %d h", n/2, n), rss(fmt.Sprintf("<item><title>L’épargne d'été %d</title><guid>%d</guid></item>", n/2, n/2)))
		},
		"date.example":     tagged("", "avant-hier, vers 9 h", rss("")),
		"nu.example":       tagged("", "", rss("")),
		"frais.example":    within(plain, "Cache-Control", func() string { return "public, max-age=10800" }),
		"expire.example":   within(plain, "Expires", func() string { return time.Now().Add(5 * time.Hour).UTC().Format(http.TimeFormat) }),
		"occupe.example":   busyDays(days, plain),
		"ancien.example":   http.RedirectHandler("http://neuf.example/fil", http.StatusMovedPermanently).ServeHTTP,
		"neuf.example":     plain,
		"passager.example": http.RedirectHandler("http://cible.example/fil", http.StatusTemporaryRedirect).ServeHTTP,
		"cible.example":    plain,
		"boucle.example":   http.RedirectHandler("http://boucle.example/fil", http.StatusFound).ServeHTTP,
		"perdu.example":    http.NotFound,
		"panne.example":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"ttl.example":      tagged(`"t"`, "", rss("<ttl>240</ttl>")),
		"heures.example":   tagged(`"h"`, "", rss("<skipHours><hour>0</hour><hour>1</hour><hour>2</hour><hour>3</hour><hour>4</hour></skipHours>")),
		"periode.example":  tagged(`"p"`, "", rss("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>")),
		"presse.example":   plain,
		"ajout.example":    plain,
	}
	all["disparu.example"] = func(w http.ResponseWriter, r *http.Request) {
		if days() > 2 {
			w.WriteHeader(http.StatusGone)
		} else {
			plain(w, r)
		}
	}
	all["ville.example"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" && days() > 1 && days() < 1.1 {
			w.Header().Set("Retry-After", "43200")
			w.WriteHeader(http.StatusTooManyRequests)
		} else {
			plain(w, r)
		}
	}
	all["page.example"] = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html")
			answer(w, r, `"page"`, "", `<!doctype html><html><head><title>Accueil</title><link rel="alternate" type="application/rss+xml" href="/fil"></head><body>Bienvenue</body></html>`)
		} else {
			plain(w, r)
		}
	}
	return all
}

// busyDays asks for patience once in seconds, once until a date, and then says nothing but no.
func busyDays(days func() float64, plain http.HandlerFunc) http.HandlerFunc {
	asked := 0
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case days() > 1 && asked == 0:
			w.Header().Set("Retry-After", "14400")
			w.WriteHeader(http.StatusTooManyRequests)
		case days() > 2 && asked == 1:
			w.Header().Set("Retry-After", time.Now().Add(3*time.Hour).UTC().Format(http.TimeFormat))
			w.WriteHeader(http.StatusServiceUnavailable)
		case days() > 4 && asked < 6:
			w.WriteHeader(http.StatusTooManyRequests)
		default:
			plain(w, r)
			return
		}
		asked++
	}
}

func within(h http.HandlerFunc, key string, value func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(key, value())
		h(w, r)
	}
}

// answer is a server that knows its validators to the byte.
func answer(w http.ResponseWriter, r *http.Request, etag, modified, body string) {
	if etag != "" {
		w.Header()["Etag"] = []string{etag}
	}
	if modified != "" {
		w.Header()["Last-Modified"] = []string{modified}
	}
	w.Header().Set("Set-Cookie", "qui=vous")
	if tag, date := r.Header.Get("If-None-Match"), r.Header.Get("If-Modified-Since"); tag+date != "" && tag == etag && (date == modified || tag != "") {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/rss+xml")
	}
	fmt.Fprint(w, body)
}

func rss(inside string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>` +
		`<title>L’Écho des Moyacs</title><link>http://echo.example/</link><description>d'été</description>` + inside +
		`<item><title>Ouverture d’une caisse</title><guid>premier</guid></item></channel></rss>`
}

// diary is what the places noted of us.
type diary struct {
	began, added time.Time
	starts       []time.Time
	memory       *memory

	mu   sync.Mutex
	all  []entry
	gave map[string][]given // by host and path, in order
	now  map[string]int     // requests under way, by host
	most int                // at once, to one host
}

type entry struct {
	at        time.Time
	host, uri string
	header    http.Header
	status    int
	last      given // the validators of the last 200 of this address before it
}

type given struct{ etag, modified, body string }

func (d *diary) note(host string, h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := entry{at: time.Now(), host: host, uri: r.RequestURI, header: r.Header.Clone()}
		key := host + r.RequestURI
		d.mu.Lock()
		d.most = max(d.most, d.under(host, 1))
		if before := d.gave[key]; len(before) > 0 {
			e.last = before[len(before)-1]
		}
		d.mu.Unlock()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		time.Sleep(300 * time.Millisecond)
		h(rec, r)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.under(host, -1)
		if e.status = rec.status; e.status == http.StatusOK {
			d.gave[key] = append(d.gave[key], given{first(w.Header()["Etag"]), first(w.Header()["Last-Modified"]), rec.body.String()})
		}
		d.all = append(d.all, e)
	})
}

func (d *diary) under(host string, n int) int {
	if d.now == nil {
		d.now = map[string]int{}
	}
	d.now[host] += n
	return d.now[host]
}

type recorder struct {
	http.ResponseWriter
	status int
	body   strings.Builder
}

func (r *recorder) WriteHeader(status int) { r.status = status; r.ResponseWriter.WriteHeader(status) }
func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// of are the requests to a host or an address, in order.
func (d *diary) of(address string) (found []entry) {
	for _, e := range d.all {
		if e.host == address || e.host+e.uri == address {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b entry) int { return a.at.Compare(b.at) })
	return found
}

func (d *diary) hosts() (all []string) {
	for _, e := range d.all {
		all = append(all, e.host)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (d *diary) addresses() (all []string) {
	for _, e := range d.all {
		all = append(all, e.host+e.uri)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (d *diary) count(is func(entry) bool) (n int) {
	for _, e := range d.all {
		if is(e) {
			n++
		}
	}
	return n
}

func conditional(e entry) bool {
	return e.header.Get("If-None-Match")+e.header.Get("If-Modified-Since") != ""
}

func first(values []string) string { return cmp.Or(append(values, "")...) }

// throughJSON makes of a memory what a restart makes of it.
func throughJSON(t *testing.T, m *memory) {
	t.Helper()
	b, err := json.Marshal(m.visits)
	m.visits = nil
	if err == nil {
		err = json.Unmarshal(b, &m.visits)
	}
	if err != nil {
		t.Fatal(err)
	}
}
