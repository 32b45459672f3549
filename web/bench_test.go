package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/local"
	"github.com/ouidire/ouidire/store/state"
)

// openMillion is the page over the million mentions that BenchmarkMillion of
// store/local builds and keeps, fifty sources, and a story of seventeen outlets among
// every hundred of the newest thousand mentions.
func openMillion(b *testing.B) (h *Server, newest []mention.Mention) {
	b.Helper()
	path := filepath.Join(os.Getenv("OUIDIRE_BENCH_DIR"), "million.db")
	if _, err := os.Stat(path); err != nil || os.Getenv("OUIDIRE_BENCH_DIR") == "" {
		b.Skip("SKIPPED: set OUIDIRE_BENCH_DIR to the folder in which BenchmarkMillion of store/local has built its million")
	}
	s, err := local.Open(b.Context(), path, local.Options{})
	if err != nil {
		b.Fatal(err)
	}
	newest, _, err = s.Search(b.Context(), store.Question{}, 1000, "")
	if err != nil {
		b.Fatal(err)
	}
	now := newest[0].SeenAt.Add(time.Minute)
	db, err := state.Open(b.Context(), filepath.Join(b.TempDir(), "state.db"), state.Options{Now: func() time.Time { return now }})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = s.Close(), db.Close() })
	var members []alerting.Joined
	for i, m := range newest {
		first := newest[i/100*100].ID
		if i%100 >= 17 {
			first = m.ID
		}
		members = append(members, alerting.Joined{Story: first, Member: alerting.Member{Mention: m.ID, Source: m.Source,
			Outlet: fmt.Sprintf("media%d.example", i%100), Watches: m.Watches(), SeenAt: m.SeenAt}})
	}
	if err := db.Join(b.Context(), members, now); err != nil {
		b.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		b.Fatal(err)
	}
	status := Status{Organisation: "Caisse Valtisse", Lang: say.FrenchCanada, Zone: zone, Channels: []Channel{{Name: "courriel", Kind: "email", Confirmed: now}}}
	for i := range 8 {
		status.Watches = append(status.Watches, Watch{Name: fmt.Sprintf("watch-%d", i), Title: fmt.Sprintf("Veille %d", i)})
	}
	var names []string
	for i := range 50 {
		name := fmt.Sprintf("source-%d", i)
		names = append(names, name)
		status.Sources = append(status.Sources, Source{Name: name, Kind: "feed", Visit: crawler.Visit{Last: now, LastSuccess: now, Health: crawler.Well}})
	}
	h, err = New(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}, Options{
		Mentions: s, Sessions: db, People: db, Unsubscriptions: db, Mail: &postman{}, Stories: db, Uptime: db, Settings: db, Incidents: incidents{db},
		Blind: func(ctx context.Context, _ string, at time.Time) ([]alerting.Blindness, error) {
			return db.BlindAt(ctx, names, at)
		},
		Status: func(context.Context) Status { return status },
		Behind: func() (time.Time, bool) { return time.Time{}, false },
		Now:    func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		b.Fatal(err)
	}
	return h, newest
}

// BenchmarkMillion asks the page over HTTP, as a browser does, among a million
// mentions. It reports the median and the slowest of its runs.
func BenchmarkMillion(b *testing.B) {
	h, newest := openMillion(b)
	server := httptest.NewServer(h)
	defer server.Close()
	common, middle, rare := wordsOf(newest)
	last := newest[len(newest)-1].PublishedAt
	q := func(words string) string { return "/mentions?q=" + url.QueryEscape(words) }
	for _, c := range []struct{ name, path string }{
		{"home", "/"}, {"mentions", "/mentions"}, {"a watch", "/mentions?watch=watch-3"},
		{"a watch, negative", "/mentions?watch=watch-3&tone=negative"}, {"a source", "/mentions?source=" + newest[0].Source},
		{"a common word", q(common)}, {"a word", q(middle)}, {"a rare word", q(rare)},
		{"two words", q(common + " " + middle)}, {"a phrase", q(`"` + phraseOf(newest) + `"`)},
		{"a beginning of two letters", q("qu*")}, {"a beginning of three", q("qui*")}, {"a beginning of four", q("quit*")},
		{"nothing found", q("introuvable")},
		{"a day", "/mentions?from=" + last.Format(time.DateOnly) + "&to=" + last.Format(time.DateOnly)},
		{"a mention", "/mentions/" + newest[0].ID}, {"a story", "/stories/" + newest[0].ID},
		{"tone", "/tone"}, {"tone of a year", "/tone?span=year"}, {"tone of a watch", "/tone?watch=watch-3"},
		{"tone of a word", "/tone?q=" + url.QueryEscape(middle)}, {"tone of a phrase", "/tone?q=" + url.QueryEscape(`"`+phraseOf(newest)+`"`)},
		{"tone of a year of a common word", "/tone?span=year&q=" + url.QueryEscape(common)}, {"situations", "/situations"}, {"sources", "/sources"},
	} {
		b.Run(c.name, func(b *testing.B) {
			var took []time.Duration
			busy := cpu(b)
			for b.Loop() {
				began := time.Now()
				answer, err := server.Client().Get(server.URL + c.path)
				if err != nil {
					b.Fatal(err)
				}
				answer.Body.Close()
				if answer.StatusCode != http.StatusOK {
					b.Fatalf("%s: status %d", c.path, answer.StatusCode)
				}
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64((cpu(b)-busy).Microseconds())/1e3/float64(len(took)), "cpu-ms")
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1e3, "p50-ms")
			b.ReportMetric(float64(took[len(took)-1].Microseconds())/1e3, "max-ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// cpu is the processor time of this process: the clock says little on a busy machine.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// wordsOf is a word of most texts, of some, and of few.
func wordsOf(all []mention.Mention) (common, middle, rare string) {
	texts := map[string]int{}
	for _, m := range all {
		once := map[string]bool{}
		for word := range strings.FieldsSeq(m.Current().Text) {
			if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == "" && len(word) > 2 {
				once[word] = true
			}
		}
		for word := range once {
			texts[word]++
		}
	}
	words := slices.SortedFunc(maps.Keys(texts), func(a, b string) int { return cmp.Or(texts[b]-texts[a], strings.Compare(a, b)) })
	for _, word := range words {
		if texts[word] > len(all)/4 {
			middle = word
		}
		if texts[word] > 1 {
			rare = word
		}
	}
	return words[0], middle, rare
}

// phraseOf is two frequent words that stand together.
func phraseOf(all []mention.Mention) string {
	words := strings.Fields(all[0].Current().Text)
	return strings.Join(words[:2], " ")
}
