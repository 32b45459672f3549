package elastic

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/storetest"
)

// lineBatch is how many the pipeline keeps at a time.
const lineBatch = 100

// benchMentions invents mentions of about 700 bytes of text, published from then on,
// one a second.
func benchMentions(tag string, from time.Time, n int) []mention.Mention {
	some := storetest.Mentions(uint64(len(tag)), n+6)
	all := make([]mention.Mention, n)
	for i := range all {
		m := some[i]
		text := ""
		for _, other := range some[i : i+6] {
			text += other.Versions[0].Text + "\n\n"
		}
		m.ID = mention.NewID("bench", fmt.Sprint(tag, i))
		m.PublishedAt = from.Add(time.Duration(i) * time.Second)
		m.SeenAt = m.PublishedAt.Add(time.Minute)
		m.Versions = []mention.Version{{At: m.SeenAt, Title: m.Versions[0].Title, Text: text, Hits: []mention.Hit{{Watch: "valtisse", Words: []string{"Valtisse"}}}}}
		m.Signature.MinHash = slices.Repeat([]uint32{uint32(i) * 2654435761}, 128)
		all[i] = m
	}
	return all
}

// BenchmarkHandOver compares the time from hand-over until all can be found with that
// of a bare client in requests of the same size, as many at once, compressed the same,
// refreshed as often: one that is given the same documents ready made, and one that
// makes them itself, of the same mentions by the same code, before it sends them. Each
// has a new index, the first turn goes to each in turn, and nothing is merged any more
// when it begins.
func BenchmarkHandOver(b *testing.B) {
	const n = 30_000
	h := newHouse(b, oldest(b))
	h.config.Refresh = time.Second
	s := h.open(b.TempDir())
	put(b, s, benchMentions("warm", noon, 200)...)
	drain(b, s)
	measures := [...]func([]mention.Mention) time.Duration{
		func(mentions []mention.Mention) time.Duration { return handOver(b, s, mentions) },
		func(mentions []mention.Mention) time.Duration {
			return h.sendBare(h.ready(mentions), monthOf(mentions))
		},
		func(mentions []mention.Mention) time.Duration {
			return h.sendBare(h.unready(mentions), monthOf(mentions))
		},
	}
	var took [len(measures)]time.Duration
	month, round := noon, 0
	for b.Loop() {
		for turn := range measures {
			month = month.AddDate(0, -1, 0)
			mentions := benchMentions(fmt.Sprint("hand over", month), month, n)
			h.calm()
			who := (turn + round) % len(measures)
			took[who] += measures[who](mentions)
		}
		round++
	}
	ours, given, making := took[0], took[1], took[2]
	b.ReportMetric(float64(b.N*n)/ours.Seconds(), "ours/s")
	b.ReportMetric(float64(b.N*n)/given.Seconds(), "given/s")
	b.ReportMetric(float64(b.N*n)/making.Seconds(), "making/s")
	b.ReportMetric(100*given.Seconds()/ours.Seconds(), "%-of-given")
	b.ReportMetric(100*making.Seconds()/ours.Seconds(), "%-of-making")
	b.ReportMetric(0, "ns/op")
}

func monthOf(mentions []mention.Mention) string { return mentions[0].PublishedAt.Format("2006-01") }

func handOver(b *testing.B, s *Store, mentions []mention.Mention) time.Duration {
	start := time.Now()
	for some := range slices.Chunk(mentions, lineBatch) {
		put(b, s, some...)
	}
	drain(b, s)
	return time.Since(start)
}

// calm waits until the server merges nothing any more.
func (h *house) calm() {
	h.t.Helper()
	for {
		var answer struct {
			All struct {
				Total struct{ Merges struct{ Current int } }
			} `json:"_all"`
		}
		if err := h.direct.do(h.t.Context(), esapi.IndicesStatsRequest{Metric: []string{"merge"}}, &answer); err != nil {
			h.t.Fatal(err)
		}
		if answer.All.Total.Merges.Current == 0 || !pause(h.t.Context(), 200*time.Millisecond) {
			return
		}
	}
}

// BenchmarkCatchUp is how quickly leaves the spool what came while the server was away,
// from the moment that the server is back. Two hundred a second is what the goal of the
// outage test counts with.
func BenchmarkCatchUp(b *testing.B) {
	const n = 60_000
	h, net := newHouse(b, oldest(b)).wired(b, "catchup")
	h.config.Refresh = time.Second
	s := h.open(b.TempDir())
	month := noon
	put(b, s, benchMentions("warm", month, 200)...)
	drain(b, s)
	var took time.Duration
	for b.Loop() {
		month = month.AddDate(0, -1, 0)
		net.proxy.Stop()
		for some := range slices.Chunk(benchMentions(fmt.Sprint("catch up", month), month, n), lineBatch) {
			put(b, s, some...)
		}
		h.calm()
		net.connect()
		start := time.Now()
		drain(b, s)
		took += time.Since(start)
	}
	b.ReportMetric(float64(b.N*n)/took.Seconds(), "mentions/s")
	b.ReportMetric(float64(b.N*n)/took.Seconds()/200, "x-200/s")
	b.ReportMetric(0, "ns/op")
}

type encodedDocument struct {
	id     string
	source []byte
}

func (h *house) encoded(mentions []mention.Mention) (all []encodedDocument) {
	maker := new(documents)
	for i := range mentions {
		source, err := maker.encode(&mentions[i])
		if err != nil {
			h.t.Error(err)
			continue
		}
		all = append(all, encodedDocument{mentions[i].ID, source})
	}
	return all
}

// ready is the documents of each flight, made before; unready makes them when they are
// asked for.
func (h *house) ready(mentions []mention.Mention) (all []func() []encodedDocument) {
	for some := range slices.Chunk(mentions, benchFlight) {
		made := h.encoded(some)
		all = append(all, func() []encodedDocument { return made })
	}
	return all
}

func (h *house) unready(mentions []mention.Mention) (all []func() []encodedDocument) {
	for some := range slices.Chunk(mentions, benchFlight) {
		all = append(all, func() []encodedDocument { return h.encoded(some) })
	}
	return all
}

// benchFlight is how many mentions a flight of ours carries here.
const benchFlight = 300

func (h *house) sendBare(all []func() []encodedDocument, month string) time.Duration {
	start := time.Now()
	index := h.create(h.config.Prefix + "-mentions-" + month)
	refresh := func() {
		h.must(esapi.IndicesRefreshRequest{Index: []string{index}, AllowNoIndices: new(true), IgnoreUnavailable: new(true)})
	}
	slots := make(chan struct{}, flights)
	ticks := time.NewTicker(h.config.Refresh)
	defer ticks.Stop()
	var air sync.WaitGroup
	for _, flight := range all {
		slots <- struct{}{}
		select {
		case <-ticks.C:
			air.Go(refresh)
		default:
		}
		air.Go(func() {
			defer func() { <-slots }()
			var body bytes.Buffer
			for _, d := range flight() {
				fmt.Fprintf(&body, `{"create":{"_index":%q,"_id":%q}}`+"\n", index, d.id)
				body.Write(d.source)
				body.WriteByte('\n')
			}
			var answer struct{ Errors bool }
			err := h.direct.do(h.t.Context(), esapi.BulkRequest{Body: &body, FilterPath: []string{"errors"}}, &answer)
			if err != nil || answer.Errors {
				h.t.Errorf("not all was taken (%v)", err)
			}
		})
	}
	air.Wait()
	refresh()
	return time.Since(start)
}

// BenchmarkSpool is what Put costs while the server is away.
func BenchmarkSpool(b *testing.B) {
	c := essai("http://127.0.0.1:1") // where nothing listens
	s, err := Open(b.Context(), b.TempDir(), c, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	mentions := benchMentions("spool", noon, 5000)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		for some := range slices.Chunk(mentions, lineBatch) {
			for i := range some {
				n++
				some[i].ID = fmt.Sprint("m", n)
			}
			put(b, s, some...)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "mentions/s")
	b.ReportMetric(float64(s.State().Bytes)/float64(s.State().Spooled), "B/mention")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRenewal says how many mentions a second a rebuild writes anew, of
// $OUIDIRE_BENCH_MENTIONS or fifty thousand of one month, and for how long that month takes
// no writes.
func BenchmarkRenewal(b *testing.B) {
	n := benchSize(50_000)
	h := newHouse(b, oldest(b))
	s := h.open(b.TempDir())
	const atOnce = 10_000
	for i := range n / atOnce {
		h.sendBare(h.unready(benchMentions(fmt.Sprint("renewal ", i), noon.Add(time.Duration(i*atOnce)*time.Second), atOnce)), monthOf([]mention.Mention{{PublishedAt: noon}}))
	}
	var shut time.Duration
	for b.Loop() {
		b.StopTimer()
		h.calm()
		index := h.standing()
		at := slices.IndexFunc(index, func(name string) bool { return !strings.HasSuffix(name, "-old") })
		b.StartTimer()
		r, err := s.beginRenewal(b.Context(), index[at])
		if err == nil {
			err = r.follow(b.Context())
		}
		if err == nil {
			err = r.conclude(b.Context())
		}
		if err != nil {
			b.Fatal(err)
		}
		shut += r.shut
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "mentions/s")
	b.ReportMetric(shut.Seconds()/float64(b.N), "s-shut")
}
