package app

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/analyzer/surge"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// The program of an office: on from eight to six, off at night and over every
// second weekend. The clocks are put forward on the way.
var (
	montreal    = must(time.LoadLocation("America/Toronto"))
	firstDay    = time.Date(2027, 3, 5, 8, 0, 0, 0, montreal)
	oldAndFound = firstDay.Add(75 * time.Hour) // when an item of a year ago appears
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // a table of zones that is not there
	}
	return v
}

// dailies are three outlets that publish by day and by night, in feeds of the
// twenty newest; what was handed out is noted.
type dailies struct {
	now    func() time.Time
	mu     sync.Mutex
	items  [3][]nightItem
	served map[string]time.Time // by title, when it was first handed out
	server *httptest.Server
}

type nightItem struct {
	at    time.Time // it appears
	dated time.Time
	title string
	text  string
}

func newDailies(t *testing.T, now func() time.Time, days int) *dailies {
	d := &dailies{now: now, served: map[string]time.Time{}}
	r := rand.New(rand.NewPCG(8, 2027))
	for outlet, perDay := range []int{36, 9, 2} {
		for n := range perDay * (days + 30) {
			at := firstDay.AddDate(0, 0, -29).Add(time.Duration((float64(n) + r.Float64()) * float64(24*time.Hour) / float64(perDay)))
			text := tale(r)
			if r.IntN(6) > 0 {
				text = strings.ReplaceAll(text, "Valtisse", "Nordelune")
			}
			d.items[outlet] = append(d.items[outlet], nightItem{at, at, fmt.Sprintf("L’écho n° %d.%d", outlet, n), text})
		}
	}
	d.items[1] = append(d.items[1], nightItem{oldAndFound, firstDay.AddDate(-1, 0, 0), "Une vieille nouvelle de Valtisse", tale(r)})
	slices.SortFunc(d.items[1], func(a, b nightItem) int { return a.at.Compare(b.at) })
	d.server = httptest.NewServer(d)
	t.Cleanup(d.server.Close)
	return d
}

// standing are the items in an outlet's feed, newest first.
func (d *dailies) standing(outlet int, at time.Time) []nightItem {
	items := d.items[outlet]
	n, _ := slices.BinarySearchFunc(items, at, func(i nightItem, at time.Time) int { return i.at.Compare(at) })
	items = slices.Clone(items[max(n-20, 0):n])
	slices.Reverse(items)
	return items
}

// ServeHTTP implements http.Handler.
func (d *dailies) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var outlet int
	if _, err := fmt.Sscanf(r.URL.Path, "/fil/%d", &outlet); err != nil || outlet >= len(d.items) {
		http.NotFound(w, r)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var body bytes.Buffer
	body.WriteString(`<rss version="2.0"><channel><title>L’Écho</title><link>http://127.0.0.1</link>`)
	for _, it := range d.standing(outlet, d.now()) {
		if d.served[it.title].IsZero() {
			d.served[it.title] = d.now()
		}
		link := d.server.URL + "/" + fmt.Sprint(it.at.Unix(), "/", outlet)
		_ = xml.NewEncoder(&body).EncodeElement(pressItem{it.title, link, link, it.dated.UTC().Format(time.RFC1123Z), it.text},
			xml.StartElement{Name: xml.Name{Local: "item"}})
	}
	body.WriteString(`</channel></rss>`)
	w.Header().Set("Content-Type", "application/rss+xml")
	w.Header().Set("ETag", fmt.Sprintf(`"%x"`, hash(body.Bytes())))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

// office is the program of the office and the days it ran.
type office struct {
	*testing.T
	clock  *clock.Stepped
	press  *dailies
	hook   *receiver
	path   string
	wakes  []time.Time
	sleeps []time.Time
	told   [][]accepted // messages of each day's first hour
}

// live runs the program from now until an instant, as a whole, and ends it.
func (o *office) live(until time.Time) {
	o.Helper()
	f, err := config.Load(o.path, Kinds())
	if err != nil {
		o.Fatal(err)
	}
	a := startWithClock(o.T, f, o.clock)
	o.wakes = append(o.wakes, o.clock.Now())
	before := len(o.hook.messages())
	o.step(o.clock.Now().Add(time.Hour))
	o.told = append(o.told, o.hook.messages()[before:])
	o.step(until)
	if err := a.stop(); err != nil {
		o.Fatal(err)
	}
	o.sleeps = append(o.sleeps, until)
}

func startWithClock(t *testing.T, f *config.File, c clock.Clock) started {
	t.Helper()
	a, err := New(t.Context(), Options{Config: f, Clock: c, Hurry: 30 * time.Minute, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return running(t, a)
}

func (o *office) step(until time.Time) {
	o.Helper()
	for o.clock.Now().Before(until) {
		if _, err := o.clock.Step(o.Context(), until); err != nil {
			o.Fatal(err)
		}
	}
}

func TestAProgramThatIsOffAtNightLosesNothingThatTheFeedsHoldAndSaysThatItWasBlind(t *testing.T) {
	days := 12
	if needs.Soak() {
		days = 56
	}
	c := clock.NewStepped(firstDay)
	o := &office{T: t, clock: c, press: newDailies(t, c.Now, days), hook: newReceiver(t, 0)}
	s := settings{folder: t.TempDir(), hook: o.hook.server.URL, extra: "retention: {unclaimed: 3 months}\n"} // longer than the test
	for i := range o.press.items {
		s.feeds = append(s.feeds, fmt.Sprintf("%s/fil/%d", o.press.server.URL, i))
	}
	o.path = s.write(t)
	for day := range days {
		morning := firstDay.AddDate(0, 0, day)
		_, week := morning.ISOWeek()
		if weekend := morning.Weekday() == time.Saturday || morning.Weekday() == time.Sunday; weekend && week%2 == 0 {
			continue
		}
		o.step(morning)
		o.live(morning.Add(10 * time.Hour))
	}
	f := must(config.Load(o.path, Kinds()))
	kept := must(OpenStore(t.Context(), f))
	defer kept.Close()
	o.lostNothing(kept)
	o.toldNoHistory(kept)
	db := must(state.Open(t.Context(), filepath.Join(f.Data, "state.db"), state.Options{Now: c.Now}))
	defer db.Close()
	o.saidBlind(db)
	o.seesNoSurge(kept, db)
}

// lostNothing holds what the store has against what the feeds handed out, and that
// against what they held in the morning.
func (o *office) lostNothing(kept store.Store) {
	o.Helper()
	n := must(kept.Count(o.Context(), store.Question{})) + must(kept.Count(o.Context(), store.Question{Unclaimed: true}))
	if n != len(o.press.served) || n == 0 {
		o.Errorf("%d mentions and items are kept, the feeds handed out %d", n, len(o.press.served))
	}
	for _, morning := range o.wakes {
		for outlet := range o.press.items {
			for _, it := range o.press.standing(outlet, morning) {
				if at := o.press.served[it.title]; at.IsZero() || at.After(morning.Add(35*time.Minute)) {
					o.Errorf("%s stood in its feed at %v, and was read at %v", it.title, morning, at)
				}
			}
		}
	}
}

// toldNoHistory: each mention that was told was published within the day before it
// was seen, or since its source was last read; the old one never was told, and a
// morning brings one message at most about the night.
func (o *office) toldNoHistory(kept store.Store) {
	o.Helper()
	told := 0
	for _, m := range o.hook.messages() {
		for _, id := range m.Mentions {
			told++
			got := must(kept.Get(o.Context(), id))
			if got.History || got.Current().Title == "Une vieille nouvelle de Valtisse" || o.late(got) {
				o.Errorf("told as news: %q of %v, seen %v", got.Current().Title, got.PublishedAt, got.SeenAt)
			}
		}
	}
	if told == 0 {
		o.Error("nothing was told")
	}
	for i, messages := range o.told {
		ofTheNight := 0
		for _, m := range messages {
			if slices.ContainsFunc(m.Mentions, func(id string) bool { return must(kept.Get(o.Context(), id)).PublishedAt.Before(o.wakes[i]) }) {
				ofTheNight++
			}
		}
		if ofTheNight > 1 {
			o.Errorf("%d messages about the night before %v, want one at most", ofTheNight, o.wakes[i])
		}
	}
}

// late tells what was published a day before it was seen and before the evening on
// which ouidire last ran.
func (o *office) late(m mention.Mention) bool {
	evening := firstDay
	for _, at := range o.sleeps {
		if at.Before(m.SeenAt) {
			evening = at
		}
	}
	return m.PublishedAt.Before(m.SeenAt.Add(-24*time.Hour)) && m.PublishedAt.Before(evening.Add(-time.Hour))
}

var sources = []string{"source-1", "source-2", "source-3"}

// saidBlind asks about every night and every noon, long after.
func (o *office) saidBlind(db *state.DB) {
	o.Helper()
	ask := func(at time.Time) []alerting.Blindness { return must(db.BlindAt(o.Context(), sources, at)) }
	for i, evening := range o.sleeps {
		if blind := ask(evening.Add(-4 * time.Hour)); len(blind) > 0 {
			o.Errorf("at two in the afternoon before %v: %v", evening, blind)
		}
		if i == len(o.sleeps)-1 {
			break
		}
		for _, at := range []time.Time{evening.Add(10 * time.Minute), evening.Add(9 * time.Hour), o.wakes[i+1].Add(-time.Minute)} {
			blind := ask(at)
			if len(blind) != len(sources) {
				o.Errorf("at %v: %v, want all sources blind", at, blind)
			}
			for _, b := range blind {
				if b.Since.Before(evening.Add(-2*time.Minute)) || b.Since.After(evening) {
					o.Errorf("at %v: %s blind since %v, want %v", at, b.Source, b.Since, evening)
				}
			}
		}
	}
}

// seesNoSurge judges all that names us as a surge rule would: a night that is read
// within a minute of the morning is none.
func (o *office) seesNoSurge(kept store.Store, db *state.DB) {
	o.Helper()
	mentions, _, err := kept.Search(o.Context(), store.Question{Watches: []string{"caisse"}}, 1000, "")
	if err != nil || len(mentions) < 50 {
		o.Fatalf("%d mentions, %v", len(mentions), err)
	}
	slices.SortFunc(mentions, func(a, b mention.Mention) int { return a.SeenAt.Compare(b.SeenAt) })
	stream := surge.New(surge.Options{Zone: montreal, Blind: func(at time.Time) bool {
		return len(must(db.BlindAt(o.Context(), sources, at))) > 0
	}})
	for _, m := range mentions {
		if m.History && m.PublishedAt.After(firstDay) {
			o.Errorf("%q of %v, seen %v, is called history", m.Current().Title, m.PublishedAt, m.SeenAt)
		}
		if alarm, is := stream.Add(surge.Arrival{At: m.PublishedAt, Seen: m.SeenAt, History: m.History}); is {
			o.Errorf("a false surge: %+v", alarm)
		}
	}
}
