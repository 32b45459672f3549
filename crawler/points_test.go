package crawler_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// point is one of the eighteen, and how the diary of a week is held against it.
type point struct {
	name  string
	check func(t *testing.T, d *diary)
}

// points is a table, better whole. Its order is that of the checklist.
func points() []point {
	return []point{
		{"one unconditional request for the life of a subscription", oneUnconditional},
		{"If-None-Match is the last ETag to the byte", func(t *testing.T, d *diary) {
			sameBytes(t, d, "If-None-Match", func(g given) string { return g.etag })
		}},
		{"If-Modified-Since is the last Last-Modified to the byte", func(t *testing.T, d *diary) {
			sameBytes(t, d, "If-Modified-Since", func(g given) string { return g.modified })
		}},
		{"validators are renewed though the body is the same", renewed},
		{"validators survive restarts", func(t *testing.T, d *diary) {
			for _, start := range d.starts[1:] {
				for _, e := range d.of("epargne.example") {
					if !e.at.Before(start) {
						if !conditional(e) {
							t.Errorf("the first request after the restart of %v was unconditional", start)
						}
						break
					}
				}
			}
		}},
		{"an hour between two visits, a day where there are no validators", func(t *testing.T, d *diary) {
			for _, at := range []string{"epargne.example", "date.example", "occupe.example", "cible.example", "page.example/fil", "ville.example/b"} {
				wantGaps(t, d, at, time.Hour, 67*time.Minute, 100)
			}
			wantGaps(t, d, "nu.example", 24*time.Hour, 27*time.Hour, 6)
		}},
		{"max-age and Expires are waited for", func(t *testing.T, d *diary) {
			wantGaps(t, d, "frais.example", 3*time.Hour, 3*time.Hour+2*time.Minute, 40)
			wantGaps(t, d, "expire.example", 5*time.Hour, 5*time.Hour+2*time.Minute, 25)
		}},
		{"Retry-After is waited for, and without it longer each time", patience},
		{"a busy address does not silence its neighbours", func(t *testing.T, d *diary) {
			busy, free := d.of("ville.example/a"), 0
			for i, e := range busy[:len(busy)-1] {
				if e.status != 429 {
					continue
				}
				until := busy[i+1].at
				for _, other := range d.of("ville.example/b") {
					if other.at.After(e.at) && other.at.Before(until) {
						free++
					}
				}
			}
			if free < 10 {
				t.Errorf("while /a was left alone for twelve hours, /b was read %d times", free)
			}
			if d.most > 2 {
				t.Errorf("%d requests at once to one host", d.most)
			}
		}},
		{"no cookie, no referrer, no parameter", func(t *testing.T, d *diary) {
			for _, e := range d.all {
				if e.header.Get("Cookie") != "" || e.header.Get("Referer") != "" || strings.Contains(e.uri, "?") {
					t.Errorf("%s%s was asked with %v", e.host, e.uri, e.header)
				}
			}
		}},
		{"we say who we are and what we read", func(t *testing.T, d *diary) {
			for _, e := range d.all {
				accept := e.header.Get("Accept")
				if e.header.Get("User-Agent") != "ouidire/1.4 (+https://valtisse.example/robot)" || e.header.Get("Accept-Encoding") != "gzip" ||
					!strings.Contains(accept, "application/rss+xml") || !strings.Contains(accept, "application/atom+xml") {
					t.Errorf("%s%s was asked with %v", e.host, e.uri, e.header)
				}
			}
		}},
		{"a permanent move is believed in the end, a passing one never, a circle is left", moves},
		{"what is gone is left, what is not found is asked for less and less", func(t *testing.T, d *diary) {
			gone := 0
			for _, e := range d.of("disparu.example") {
				if e.status == 410 {
					gone++
				}
			}
			if gone != 1 {
				t.Errorf("asked %d times for what is gone", gone)
			}
			if v := d.memory.get("http://disparu.example/fil"); !v.Ended || v.Reason != "gone" {
				t.Errorf("remembered %+v, want it ended", v)
			}
			growing(t, d.of("perdu.example"), 4*time.Hour, 24*time.Hour)
		}},
		{"a feed's own wishes are lower bounds", func(t *testing.T, d *diary) {
			wantGaps(t, d, "ttl.example", 4*time.Hour, 4*time.Hour+2*time.Minute, 30)
			wantGaps(t, d, "periode.example", 6*time.Hour, 6*time.Hour+2*time.Minute, 20)
			for _, e := range d.of("heures.example")[1:] {
				if h := e.at.UTC().Hour(); h < 5 {
					t.Errorf("asked at %v, in an hour it closes", e.at.UTC())
				}
			}
		}},
		{"requests are spread over hosts and time", spreadOut},
		{"nothing is asked for that nobody wants, and nothing twice", func(t *testing.T, d *diary) {
			for _, address := range d.addresses() {
				if !strings.HasSuffix(address, "/fil") && !strings.HasPrefix(address, "ville.example/") && address != "page.example/" {
					t.Errorf("asked for %s", address)
				}
			}
			added := d.of("ajout.example")
			if len(added) < 2 || added[0].at.Sub(d.added) > time.Second || added[1].at.Sub(d.added) < time.Hour {
				t.Errorf("the feed that was added at %v was asked at %v", d.added, times(added))
			}
		}},
		{"a page is asked once for its feed", func(t *testing.T, d *diary) {
			if page, feed := len(d.of("page.example/")), len(d.of("page.example/fil")); page != 1 || feed < 100 {
				t.Errorf("the page was asked %d times and its feed %d", page, feed)
			}
		}},
		{"errors are asked again less and less, and never for nothing", func(t *testing.T, d *diary) {
			growing(t, d.of("panne.example"), time.Hour, 24*time.Hour)
			v := d.memory.get("http://panne.example/fil")
			if v.Ended || v.Failures < 8 || !v.Lasting(d.began.Add(7*24*time.Hour+time.Hour)) {
				t.Errorf("remembered %+v, want it failing for a week and still asked", v)
			}
		}},
	}
}

func oneUnconditional(t *testing.T, d *diary) {
	for _, address := range d.addresses() {
		if len(d.gave[address]) == 0 || d.gave[address][0].etag+d.gave[address][0].modified == "" {
			continue // it never gave us anything to ask by
		}
		bare := 0
		for _, e := range d.of(address) {
			if !conditional(e) {
				bare++
			}
		}
		if bare != 1 {
			t.Errorf("%s: %d unconditional requests of %d", address, bare, len(d.of(address)))
		}
	}
}

func sameBytes(t *testing.T, d *diary, header string, of func(given) string) {
	compared := 0
	for _, e := range d.all {
		if got, want := e.header.Get(header), of(e.last); got != want {
			t.Errorf("%s%s at %v: %s is %q, want %q", e.host, e.uri, e.at, header, got, want)
		} else if want != "" {
			compared++
		}
	}
	if compared < 1000 {
		t.Errorf("only %d requests had something to give back", compared)
	}
}

func renewed(t *testing.T, d *diary) {
	gave := d.gave["epargne.example/fil"]
	same := 0
	for i := 1; i < len(gave); i++ {
		if gave[i].body == gave[i-1].body && gave[i].etag != gave[i-1].etag {
			same++
		}
	}
	if same < 3 || len(gave) < 15 {
		t.Fatalf("%d answers, %d with the old body and a new tag: the week proves nothing", len(gave), same)
	}
	// A client that ignores them would be answered 200 each time until the body changes.
	if asked := len(d.of("epargne.example")); len(gave) > 20 || asked < 100 {
		t.Errorf("%d whole answers to %d requests, want one for each new tag", len(gave), asked)
	}
}

func patience(t *testing.T, d *diary) {
	var alone []time.Duration
	asked := d.of("occupe.example")
	for i, e := range asked[:len(asked)-1] {
		if e.status == 429 || e.status == 503 {
			alone = append(alone, asked[i+1].at.Sub(e.at))
		}
	}
	want := []time.Duration{4 * time.Hour, 3*time.Hour - time.Second, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}
	if len(alone) != len(want) {
		t.Fatalf("left alone for %v, want %v", alone, want)
	}
	for i := range want {
		if alone[i] < want[i] || alone[i] > want[i]+want[i]/5+2*time.Minute {
			t.Errorf("left alone for %v, want %v", alone, want)
		}
	}
}

func moves(t *testing.T, d *diary) {
	if old, next := len(d.of("ancien.example")), len(d.of("neuf.example")); old != 3 || next < 100 {
		t.Errorf("the old address was asked %d times, the new one %d, want 3 and many", old, next)
	}
	if v := d.memory.get("http://ancien.example/fil"); v.Notice == "" {
		t.Error("the owner is not told that the address has moved")
	}
	if passing, target := len(d.of("passager.example")), len(d.of("cible.example")); passing != target || passing < 100 {
		t.Errorf("the passing redirect was asked %d times, its target %d, want the same", passing, target)
	}
	growing(t, d.of("boucle.example"), time.Hour, 24*time.Hour)
}

// spreadOut: a second between two requests to a host, no stampede at a start, and
// no favourite minute of the hour.
func spreadOut(t *testing.T, d *diary) {
	for _, host := range d.hosts() {
		asked := d.of(host)
		for i := 1; i < len(asked); i++ {
			if gap := asked[i].at.Sub(asked[i-1].at); gap < time.Second {
				t.Errorf("%s: two requests within %v", host, gap)
			}
		}
	}
	minutes := map[int]int{}
	for _, start := range d.starts {
		rush := 0
		for _, e := range d.all {
			if since := e.at.Sub(start); since >= 0 && since < time.Second {
				rush++
			}
		}
		if rush > 8 { // five sources, two of them redirected
			t.Errorf("%d requests in the first second after a start", rush)
		}
	}
	for _, e := range d.all {
		if e.at.Sub(d.began) > 6*time.Hour {
			minutes[e.at.Minute()]++
		}
	}
	for minute, n := range minutes {
		if n*20 > len(d.all) {
			t.Errorf("%d of %d requests came in minute %d of the hour", n, len(d.all), minute)
		}
	}
}

// wantGaps: never sooner, hardly later (a restart may add to one), and enough of them to tell.
func wantGaps(t *testing.T, d *diary, address string, least, most time.Duration, count int) {
	t.Helper()
	asked := d.of(address)
	if len(asked) < count {
		t.Errorf("%s was asked %d times in a week, want at least %d", address, len(asked), count)
	}
	late := 0
	for i := 1; i < len(asked); i++ {
		gap := asked[i].at.Sub(asked[i-1].at)
		if gap < least {
			t.Errorf("%s: asked at %v, %v after the last time, want at least %v", address, asked[i].at, gap, least)
		}
		if gap > most {
			late++
		}
	}
	if late > 9 { // three restarts and, for one of these places, six bad days
		t.Errorf("%s: %d visits came later than %v after the one before", address, late, most)
	}
}

// growing: each wait is longer than the one before, from the first to the longest.
func growing(t *testing.T, asked []entry, from, to time.Duration) {
	t.Helper()
	if len(asked) < 5 {
		t.Fatalf("asked %d times in a week", len(asked))
	}
	gaps := []time.Duration{}
	for i := 1; i < len(asked); i++ {
		gaps = append(gaps, asked[i].at.Sub(asked[i-1].at))
	}
	for i, gap := range gaps {
		if want := min(from<<i, to); gap < want || gap > want+want/8+2*time.Hour {
			t.Errorf("waits %v, want at least %v for number %d", gaps, want, i+1)
		}
	}
	if slices.Max(gaps) < to {
		t.Errorf("waits %v never reach %v", gaps, to)
	}
}

func times(asked []entry) (at []time.Time) {
	for _, e := range asked {
		at = append(at, e.at)
	}
	return at
}
