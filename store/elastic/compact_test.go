package elastic

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// calendar is a clock that a test turns.
type calendar struct {
	mu sync.Mutex
	at time.Time
}

func (c *calendar) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *calendar) turn(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(by)
}

// segmentsOf are the segments of an index.
func (h *house) segmentsOf(index string) (all []segment) {
	h.t.Helper()
	var answer struct {
		Indices map[string]struct {
			Shards map[string][]struct{ Segments map[string]segment }
		}
	}
	if err := h.direct.do(h.t.Context(), esapi.IndicesSegmentsRequest{Index: []string{index}}, &answer); err != nil {
		h.t.Fatal(err)
	}
	for _, copies := range answer.Indices[index].Shards {
		for _, one := range copies {
			for _, g := range one.Segments {
				all = append(all, g)
			}
		}
	}
	return all
}

// looks asks for a closed month to be merged, and wants that one is or not. Merges of other
// tests on the same server end first.
func looks(t *testing.T, s *Store, when string, want bool) {
	t.Helper()
	var under bool
	var err error
	until(t, "no other test merges "+when, func() bool {
		under, err = s.Compact(t.Context())
		return want || !under || s.compactor.begun != nil
	})
	if err != nil || under != want {
		t.Errorf("%s: a closed month is being merged: %t (%v), want %t", when, under, err, want)
	}
}

// pieces keeps mentions of one month so that they stand in several segments.
func (h *house) pieces(s *Store, n int) (all []mention.Mention, ids []string) {
	h.t.Helper()
	for i := range n {
		var batch []mention.Mention
		for j := range 8 {
			m := h.said(fmt.Sprint(i, "-", j), noon.Add(time.Duration(i)*time.Minute), fmt.Sprintf("L’été à la caisse Valtisse, n° %d : %s", j, strings.Repeat("frais élevés ", 20+i)))
			batch, ids = append(batch, m), append(ids, m.ID)
		}
		put(h.t, s, batch...)
		drain(h.t, s)
		all = append(all, batch...)
	}
	return all, ids
}

func TestAClosedMonthIsMergedOnceItIsCalm(t *testing.T) {
	t.Parallel()
	needs.EachElasticsearch(t, func(t *testing.T, server string) {
		h := newHouse(t, server).guest(t, "c")
		clock := &calendar{at: time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)}
		s := h.openWith(t.TempDir(), Options{Now: clock.now})
		_, ids := h.pieces(s, 4)
		index := h.config.Prefix + "-mentions-2026-03"
		if n := len(h.segmentsOf(index)); n < 2 {
			t.Fatalf("the month stands in %d segments already: the test proves nothing", n)
		}
		looks(t, s, "in the month itself", false)
		clock.turn(time.Hour)
		looks(t, s, "in the month itself, later", false)
		clock.turn(13 * 24 * time.Hour)
		looks(t, s, "at the first look after it", false)
		clock.turn(stillFor / 2)
		looks(t, s, "soon after the first look", false)
		clock.turn(stillFor)
		h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if strings.Contains(r.URL.Path, "/stats/fs") {
				says(w, http.StatusOK, object{"nodes": object{"a": object{"roles": []string{"data_hot"}, "fs": object{"total": object{"available_in_bytes": 1000}}}}})
			}
			return strings.Contains(r.URL.Path, "/stats/fs")
		}, nil)
		looks(t, s, "without room on the disk", false)
		h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
			if r.URL.Path == "/_tasks" {
				says(w, http.StatusOK, object{"nodes": object{"a": object{"tasks": object{"a:1": object{"action": "indices:admin/forcemerge"}}}}})
			}
			return r.URL.Path == "/_tasks"
		}, nil)
		looks(t, s, "while another merges", true)
		if n := len(h.segmentsOf(index)); n < 2 {
			t.Fatal("it was merged too soon")
		}
		h.set(nil, nil)
		looks(t, s, "when all is calm", true)
		until(t, "the merge is over", func() bool {
			under, err := s.Compact(t.Context())
			return err == nil && !under
		})
		if all := h.segmentsOf(index); len(all) != 1 || all[0].Docs != int64(len(ids)) {
			t.Errorf("segments %+v, want one of %d mentions", all, len(ids))
		}
		clock.turn(48 * time.Hour)
		looks(t, s, "when there is nothing to gain", false)
		h.once(ids...)
	})
}

func TestAClosedMonthThatSomethingWasWrittenToIsMergedWhenThatIsADayOld(t *testing.T) {
	t.Parallel()
	h := newHouse(t, oldest(t)).guest(t, "w")
	clock := &calendar{at: time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC)}
	s := h.openWith(t.TempDir(), Options{Now: clock.now})
	all, ids := h.pieces(s, 3)
	looks(t, s, "at the first look", false)
	put(t, s, edit(all[5], clock.now(), "Des frais remboursés"))
	drain(t, s)
	clock.turn(stillFor)
	looks(t, s, "after an edit that nobody had seen", false)
	clock.turn(stillFor)
	looks(t, s, "after an edit of today", false)
	clock.turn(closedFor)
	h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if isBulk(r) {
			says(w, http.StatusServiceUnavailable, object{"error": object{"type": "unavailable_shards_exception", "reason": "later"}, "status": 503})
		}
		return isBulk(r)
	}, nil)
	put(t, s, h.said("later", clock.now(), "Frais"))
	looks(t, s, "while something waits", false)
	h.set(nil, nil)
	drain(t, s)
	until(t, "the month is merged", func() bool {
		if _, err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(h.segmentsOf(h.config.Prefix+"-mentions-2026-03")) == 1
	})
	// What changes in it afterwards costs no merge of all of it.
	again := edit(all[6], clock.now().Add(time.Minute), "Des frais abolis")
	put(t, s, again)
	drain(t, s)
	got := h.once(append(ids, h.tag+"later")...)[again.ID]
	if want := []string{all[6].Versions[0].Text, "Des frais abolis"}; !slices.Equal(texts(got), want) {
		t.Errorf("versions %q, want %q", texts(got), want)
	}
}

func TestWhatIsLittleIsNotWorthAMerge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		all  []segment
		want bool
	}{
		{"nothing", nil, false},
		{"one segment", []segment{{100, 0, 1000}}, false},
		{"one segment, much of it deleted", []segment{{80, 20, 1000}}, true},
		{"one segment, little of it deleted", []segment{{99, 1, 1000}}, false},
		{"a large one and an edit", []segment{{1000, 1, 10_000}, {1, 0, 40}}, false},
		{"many of a size", []segment{{10, 0, 100}, {10, 0, 100}, {10, 0, 100}}, true},
		{"all of it in segments of no size", []segment{{0, 0, 0}, {0, 0, 0}}, true},
	} {
		if got := worthwhile(c.all); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}

// Elasticsearch begins what it may not do, and says so afterwards.
func TestAUserWithoutTheRightToMergeIsToldOnceAndKeepsAllElse(t *testing.T) {
	t.Parallel()
	needs.EachSecured(t, whoMayNotMergeIsTold)
}

func whoMayNotMergeIsTold(t *testing.T, server needs.Secured) {
	g := newGuarded(t, server)
	c := g.user("ouidire", shippedRole(t, "ouidire"))
	var log strings.Builder
	clock := &calendar{at: time.Date(2026, 4, 3, 12, 0, 0, 0, time.UTC)}
	h := &house{t: t, config: c, direct: g.direct, tag: "g"}
	s := h.openWith(t.TempDir(), Options{Now: clock.now, Log: slog.New(slog.NewTextHandler(&log, nil))})
	h.pieces(s, 3)
	looks(t, s, "at the first look", false)
	less := shippedRole(t, "ouidire")
	less.Indices[0].Privileges = []string{"read", "write", "monitor"}
	g.put("/_security/role/"+c.Username, less)
	clock.turn(stillFor)
	until(t, "it is told", func() bool {
		if _, err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		return strings.Contains(log.String(), "maintenance")
	})
	clock.turn(2 * triesAgain)
	looks(t, s, "a day later", false)
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want one:\n%s", n, log.String())
	}
	index := c.Prefix + "-mentions-2026-03"
	if n := len(h.segmentsOf(index)); n < 2 {
		t.Errorf("merged into %d segments by one who may not", n)
	}
	if n, err := s.Count(t.Context(), store.Question{}); err != nil || n != 24 {
		t.Errorf("%d mentions are counted (%v), want 24", n, err)
	}
	less.Indices[0].Privileges = append(less.Indices[0].Privileges, "maintenance")
	g.put("/_security/role/"+c.Username, less)
	if err := s.Renew(&c); err != nil {
		t.Fatal(err)
	}
	until(t, "the month is merged with maintenance alone", func() bool {
		if _, err := s.Compact(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(h.segmentsOf(index)) == 1
	})
}

// BenchmarkClosedMonth says how many bytes a mention takes on the server's disk in a month
// just written, of $OUIDIRE_BENCH_MENTIONS or ten thousand of them, how many once that is
// merged, and how long that takes.
func BenchmarkClosedMonth(b *testing.B) {
	n := float64(benchSize(10_000))
	h := newHouse(b, oldest(b))
	clock := &calendar{at: noon.AddDate(0, 2, 0)}
	s := h.openWith(b.TempDir(), Options{Now: clock.now})
	for b.Loop() {
		const atOnce = 10_000
		for i := range int(n) / atOnce {
			mentions := benchMentions(fmt.Sprint("closed month ", i), noon.AddDate(0, 0, 1).Add(time.Duration(i*atOnce)*time.Second), atOnce)
			h.sendBare(h.unready(mentions), "2026-03")
		}
		h.must(esapi.IndicesFlushRequest{Index: s.names.all()})
		index := s.names.mentions() + "-2026-03"
		before := s.roomOf(b.Context(), index)
		for range 2 { // the first look only notes
			if _, err := s.Compact(b.Context()); err != nil {
				b.Fatal(err)
			}
			clock.turn(stillFor)
		}
		began := time.Now()
		untilWithin(b, time.Hour, "the month is merged", func() bool {
			under, err := s.Compact(b.Context())
			return err == nil && !under
		})
		b.ReportMetric(time.Since(began).Seconds(), "s/merge")
		b.ReportMetric(float64(before)/1e9, "GB-fresh")
		b.ReportMetric(float64(before)/n, "B/mention-fresh")
		b.ReportMetric(float64(s.roomOf(b.Context(), index))/n, "B/mention-merged")
	}
	b.ReportMetric(0, "ns/op")
}
