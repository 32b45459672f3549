package dashboards

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// size is what a configuration holds of each.
type size struct{ watches, kinds, sources, rules, ruleKinds, channels int }

// atWork is a program of some size whose every series has been needed: every kind of
// failure, of rule and of act, mentions in every tone and language, by authors who
// put anything into their names.
func atWork(s size) *Metrics {
	m := New("1.0", "abc", "go1.26")
	c := Configured{}
	for i := range s.watches {
		c.Watches = append(c.Watches, fmt.Sprint("veille-", i))
	}
	for i := range s.kinds {
		c.SourceKinds = append(c.SourceKinds, fmt.Sprint("place-", i))
	}
	for i := range s.rules {
		c.Rules = append(c.Rules, fmt.Sprint("règle-", i))
	}
	for i := range s.channels {
		c.Channels = append(c.Channels, fmt.Sprint("moyen-", i))
	}
	m.Prepare(c)
	m.Watch(func() (live Snapshot) {
		for i := range s.sources {
			live.Sources = append(live.Sources, Source{Name: fmt.Sprint("source-", i), Interval: time.Hour, Blind: i%2 == 0})
		}
		for _, watch := range c.Watches {
			live.Surges = append(live.Surges, Surge{Watch: watch, Score: 1, Window: 1})
			live.Advised = append(live.Advised, Advised{Watch: watch, Advisories: 1})
		}
		live.Stores = []Store{{Index: "mentions"}, {Index: "unclaimed"}}
		live.Heartbeats = []Heartbeat{{Step: "fetched"}, {Step: "searchable"}}
		live.Spool = &Spool{}
		return live
	})
	m.PrepareBulk()
	for _, kind := range c.SourceKinds {
		visitAndKeep(m, kind, c.Watches)
	}
	for _, rule := range c.Rules {
		m.RuleFailed(rule)
	}
	for _, channel := range c.Channels {
		m.Accepted(channel, time.Second)
		for _, reason := range []string{"refused", "expired", "removed"} {
			m.GivenUp(channel, reason)
		}
	}
	for i := range s.ruleKinds {
		kind := fmt.Sprint("kind-", i)
		m.Detected(kind, time.Minute)
		for j := range 10 {
			m.Transition(kind, fmt.Sprint("transition-", j))
			m.Acted(kind, fmt.Sprint("act-", j))
		}
	}
	for i := range 10 {
		m.Suppressed(fmt.Sprint("reason-", i))
	}
	return m
}

// visitAndKeep visits sources of a kind with every end there is, and keeps what
// hostile authors wrote.
func visitAndKeep(m *Metrics, kind string, watches []string) {
	m.Fetched(kind, "", 20, time.Second)
	for i := range 18 { // as many as polite has reasons
		m.Fetched(kind, fmt.Sprint("reason-", i), 0, time.Second)
	}
	var hits []mention.Hit
	for _, watch := range watches {
		hits = append(hits, mention.Hit{Watch: watch, Words: []string{"l’épargne"}})
	}
	for i := range 100 {
		name := fmt.Sprintf("autrice-%d\"} 1\nouidire_x{y=\"", i)
		m.Analysed(name, time.Millisecond)
		kept := mention.Mention{ID: name, Source: name, Author: mention.Author{ID: name, Name: name}, URL: "https://hostile.example/" + name, Lang: name,
			Versions: []mention.Version{{Title: name, Hits: hits}}, Readings: []mention.Reading{{Label: mention.Label(name), By: name}}, History: i%2 == 0}
		m.Kept(kind, &kept, time.Unix(1700000060, 0))
	}
	for _, label := range []mention.Label{mention.Negative, mention.Neutral, mention.Positive} {
		m.Kept(kind, &mention.Mention{Versions: []mention.Version{{Hits: hits}}, Readings: []mention.Reading{{Label: label}}}, time.Unix(1700000060, 0))
	}
}

// series counts those of ours in a scrape.
func series(scraped string) (n int) {
	for line := range strings.Lines(scraped) {
		if strings.HasPrefix(line, "ouidire_") {
			n++
		}
	}
	return n
}

func TestTheNumberOfSeriesStaysWithinItsBudget(t *testing.T) {
	caps := size{watches: 50, kinds: 14, sources: 200, rules: 50, ruleKinds: 10, channels: 6}
	beyond := size{watches: 80, kinds: 14, sources: 400, rules: 600, ruleKinds: 10, channels: 6}
	for _, c := range []struct {
		name string
		size
		most int
	}{
		{"typical", size{watches: 5, kinds: 8, sources: 40, rules: 10, ruleKinds: 5, channels: 2}, 1500},
		{"at the caps", caps, 6000},
		{"beyond the caps", beyond, 6000},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := atWork(c.size)
			got := series(scrape(t, m))
			t.Logf("%d series", got)
			if got > c.most || got < c.most/2 {
				t.Errorf("%d series, want at most %d, and not so few that the test is broken", got, c.most)
			}
			if leaked := scrape(t, m); strings.Contains(leaked, "hostile") || strings.Contains(leaked, "autrice") || strings.Contains(leaked, "épargne") {
				t.Error("a label comes from content")
			}
		})
	}
}

func TestWhatComesAfterTheCapsCountsTogether(t *testing.T) {
	m := New("1.0", "abc", "go1.26")
	m.Watch(func() (s Snapshot) {
		for i := range maxSources + 3 {
			s.Sources = append(s.Sources, Source{Name: fmt.Sprint("source-", i), Interval: time.Hour, LastSuccess: time.Unix(1700000000, 0), Newest: time.Unix(1600000000, 0)})
		}
		s.Sources[maxSources].LastSuccess = time.Unix(1690000000, 0)
		s.Sources[maxSources+1].Blind = true
		s.Sources[maxSources+2].Newest = time.Unix(1650000000, 0)
		for i := range maxWatches + 1 {
			s.Surges = append(s.Surges, Surge{Watch: fmt.Sprint("veille-", i), Score: float64(i), Active: i == maxWatches, Window: 2, Usual: 1})
			s.Advised = append(s.Advised, Advised{Watch: fmt.Sprint("veille-", i), Advisories: 2})
		}
		return s
	})
	for i := range maxWatches + 1 {
		hits := []mention.Hit{{Watch: fmt.Sprint("veille-", i)}}
		m.Kept("feed", &mention.Mention{Versions: []mention.Version{{Hits: hits}}}, time.Unix(1700000060, 0))
	}
	got := scrape(t, m)
	for _, want := range []string{
		`ouidire_source_last_success_timestamp_seconds{source="other"} 1.69e+09`,
		`ouidire_source_newest_item_timestamp_seconds{source="other"} 1.65e+09`,
		`ouidire_source_blind{source="other"} 1`,
		`ouidire_source_blind{source="source-198"} 0`,
		`ouidire_mentions_total{sentiment="unscored",source_kind="feed",watch="other"} 2`,
		`ouidire_mentions_total{sentiment="unscored",source_kind="feed",watch="veille-48"} 1`,
		`ouidire_surge_score{direction="negative",watch="other"} 50`,
		`ouidire_surge_active{direction="negative",watch="other"} 1`,
		`ouidire_surge_active{direction="negative",watch="veille-48"} 0`,
		`ouidire_window_mentions{sentiment="negative",watch="other"} 4`,
		`ouidire_advisories{watch="other"} 4`,
		`ouidire_advisories{watch="veille-48"} 2`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("missing: %s", want)
		}
	}
	for _, not := range []string{`source="source-199"`, `watch="veille-49"`} {
		if strings.Contains(got, not) {
			t.Errorf("%s has a series of its own", not)
		}
	}
}

// BenchmarkScrape answers a scrape of everything that is exported at the caps.
func BenchmarkScrape(b *testing.B) {
	handler := atWork(size{watches: 50, kinds: 14, sources: 200, rules: 50, ruleKinds: 10, channels: 6}).Handler()
	request := httptest.NewRequest("GET", "/metrics", nil)
	b.ReportAllocs()
	for b.Loop() {
		handler.ServeHTTP(httptest.NewRecorder(), request)
	}
}
