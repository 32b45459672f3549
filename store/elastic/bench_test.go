package elastic

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/storetest"
)

// lineBatch is how many the pipeline keeps at a time.
const lineBatch = 100

// benchMentions invents mentions of about 700 bytes of text, all of March 2026.
func benchMentions(tag string, n int) []mention.Mention {
	from := storetest.Mentions(uint64(len(tag)), n+6)
	all := make([]mention.Mention, n)
	for i := range all {
		m := from[i]
		text := ""
		for _, other := range from[i : i+6] {
			text += other.Versions[0].Text + "\n\n"
		}
		m.ID = mention.NewID("bench", fmt.Sprint(tag, i))
		m.PublishedAt = noon.Add(time.Duration(i) * time.Second)
		m.SeenAt = m.PublishedAt.Add(time.Minute)
		m.Versions = []mention.Version{{At: m.SeenAt, Title: m.Versions[0].Title, Text: text, Hits: []mention.Hit{{Watch: "valtisse", Words: []string{"Valtisse"}}}}}
		m.Signature.MinHash = slices.Repeat([]uint32{uint32(i) * 2654435761}, 128)
		all[i] = m
	}
	return all
}

// BenchmarkHandOver compares the time from hand-over until all can be found with that
// of a bare client which sends the same documents, made before, in requests of the same
// size, as many at once, compressed the same, refreshed as often; one after the other,
// so that what else the machine does weighs on both.
func BenchmarkHandOver(b *testing.B) {
	const n = 2000
	h := newHouse(b, oldest(b))
	h.config.Refresh = time.Second
	s := h.open(b.TempDir())
	put(b, s, benchMentions("warm", 200)...)
	drain(b, s)
	var bare, ours time.Duration
	for b.Loop() {
		round := fmt.Sprint(bare)
		documents := h.encoded(b, benchMentions("bare"+round, n))
		start := time.Now()
		h.sendBare(b, documents)
		bare += time.Since(start)
		mentions := benchMentions("ours!"+round, n)
		start = time.Now()
		for some := range slices.Chunk(mentions, lineBatch) {
			put(b, s, some...)
		}
		drain(b, s)
		ours += time.Since(start)
	}
	b.ReportMetric(float64(b.N*n)/bare.Seconds(), "bare/s")
	b.ReportMetric(float64(b.N*n)/ours.Seconds(), "ours/s")
	b.ReportMetric(100*bare.Seconds()/ours.Seconds(), "%-of-bare")
	b.ReportMetric(0, "ns/op")
}

type encodedDocument struct {
	id     string
	source []byte
}

func (h *house) encoded(b testing.TB, mentions []mention.Mention) (all []encodedDocument) {
	maker := new(documents)
	for i := range mentions {
		source, err := maker.encode(&mentions[i])
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, encodedDocument{mentions[i].ID, source})
	}
	return all
}

// benchFlight is how many mentions a flight of ours carries here.
const benchFlight = 300

func (h *house) sendBare(b testing.TB, all []encodedDocument) {
	index := h.config.Prefix + "-mentions-2026-03"
	slots := make(chan struct{}, flights)
	var air sync.WaitGroup
	for some := range slices.Chunk(all, benchFlight) {
		slots <- struct{}{}
		air.Go(func() {
			defer func() { <-slots }()
			var body bytes.Buffer
			for _, d := range some {
				fmt.Fprintf(&body, `{"create":{"_index":%q,"_id":%q}}`+"\n", index, d.id)
				body.Write(d.source)
				body.WriteByte('\n')
			}
			if err := h.direct.do(b.Context(), esapi.BulkRequest{Body: &body, FilterPath: []string{"errors"}}, nil); err != nil {
				b.Error(err)
			}
		})
	}
	air.Wait()
	h.must(esapi.IndicesRefreshRequest{Index: []string{index}})
}

// BenchmarkSpool is what Put costs while the server is away.
func BenchmarkSpool(b *testing.B) {
	c := essai("http://127.0.0.1:1") // where nothing listens
	s, err := Open(b.Context(), b.TempDir(), c, Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	mentions := benchMentions("spool", 5000)
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
