package elastic

import (
	"context"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
)

// benchSize is how many mentions a benchmark keeps, usual unless $OUIDIRE_BENCH_MENTIONS
// says otherwise.
func benchSize(usual int) int {
	n, err := strconv.Atoi(os.Getenv("OUIDIRE_BENCH_MENTIONS"))
	if err != nil {
		return usual
	}
	return n
}

// openBench is an index of mentions over two years: $OUIDIRE_BENCH_MENTIONS of them,
// else twenty thousand. It is built once, and kept, under the index_prefix
// $OUIDIRE_BENCH_PREFIX, where a build that was stopped goes on; else for this run.
func openBench(b *testing.B) (*bare, *storetest.Corpus, int) {
	b.Helper()
	n := benchSize(20_000)
	c := testConfig(oldest(b))
	c.Refresh = 30 * time.Second
	var s *bare
	if prefix := os.Getenv("OUIDIRE_BENCH_PREFIX"); prefix != "" {
		c.Prefix = prefix
		s = newBare(b, c)
	} else {
		s = openBare(b, c)
	}
	corpus := storetest.NewCorpus(1, 2*365*24*time.Hour/time.Duration(n))
	kept, err := s.Count(b.Context(), store.Question{})
	if err != nil {
		b.Fatal(err)
	}
	if kept > n {
		b.Fatalf("%s holds %d mentions of another build: remove it", c.Prefix, kept)
	}
	if kept < n {
		buildBench(b, s, corpus, kept, n)
	}
	s.raw(b, "POST", "/"+s.names.mentions()+"/_flush", "")
	do := s.do
	s.do = func(ctx context.Context, r esapi.Request, into any) error {
		if search, ok := r.(esapi.SearchRequest); ok { // what it remembers of the round before is no measure
			no := false
			search.RequestCache = &no
			r = search
		}
		return do(ctx, r, into)
	}
	return s, corpus, n
}

// buildBench keeps what of n mentions is not kept yet: who was stopped goes on.
func buildBench(b *testing.B, s *bare, corpus *storetest.Corpus, kept, n int) {
	b.Helper()
	const step = 1000
	began := time.Now()
	for range kept/step - 2*flights { // what was on its way may not have arrived
		corpus.Next(step)
	}
	slots := make(chan struct{}, flights)
	var air sync.WaitGroup
	for corpus.Made < n {
		batch := corpus.Next(min(step, n-corpus.Made))
		slots <- struct{}{}
		air.Go(func() {
			defer func() { <-slots }()
			w := &bulk{b: &bare{reader: s.reader, client: s.client, kept: map[string]mention.Mention{}, at: map[string]string{}}}
			for _, m := range batch {
				if err := w.index(m); err != nil {
					b.Error(err)
				}
			}
			if err := w.send(b.Context(), "false"); err != nil {
				b.Error(err)
			}
		})
		if b.Failed() {
			break
		}
	}
	air.Wait()
	if b.Failed() {
		b.FailNow()
	}
	s.raw(b, "POST", "/"+s.names.mentions()+"/_refresh", "")
	b.Logf("%d mentions kept in %s", n-kept, time.Since(began).Round(time.Second))
}

// BenchmarkAsking asks what the page and the boards ask. Words 0, 30 and 3000 are in
// 98, 29 and 0.3 of a hundred mentions.
func BenchmarkAsking(b *testing.B) {
	s, c, n := openBench(b)
	end := c.Start.Add(2 * 365 * 24 * time.Hour)
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		b.Fatal(err)
	}
	b.Logf("of %d mentions", n)
	month := func(q store.Question) store.Question {
		q.From, q.To = end.AddDate(0, 0, -30), end
		return q
	}
	year := func(q store.Question) store.Question {
		q.From, q.To = end.AddDate(0, 0, -52*7), end
		return q
	}
	days, tones := store.Buckets{Every: store.Day, Zone: zone}, store.Buckets{Every: store.Day, Zone: zone, Split: store.ByLabel}
	months := store.Buckets{Every: store.Month, Zone: zone, Split: store.ByLabel}
	watch := store.Question{Watches: []string{"watch-3"}}
	for _, of := range []struct {
		name string
		q    store.Question
	}{
		{"everything", store.Question{}}, {"a watch", watch},
		{"a common word", store.Question{Text: parsed(b, c.Words[0])}}, {"a word", store.Question{Text: parsed(b, c.Words[30])}},
		{"a rare word", store.Question{Text: parsed(b, c.Words[3000])}},
		{"a phrase", store.Question{Text: parsed(b, `"`+c.Words[5]+" "+c.Words[9]+`"`)}},
		{"near", store.Question{Text: parsed(b, c.Words[5]+" NEAR/5 "+c.Words[30])}},
		{"a beginning", store.Question{Text: parsed(b, c.Words[30]+"*")}},
	} {
		inMonth, inYear := month(of.q), year(of.q)
		storetest.Measure(b, "newest 20/"+of.name, func(ctx context.Context) error { _, _, err := s.Search(ctx, of.q, 20, ""); return err })
		storetest.Measure(b, "count/"+of.name, func(ctx context.Context) error { _, err := s.Count(ctx, of.q); return err })
		storetest.Measure(b, "30 days by tone/"+of.name, func(ctx context.Context) error { _, err := s.Histogram(ctx, inMonth, tones); return err })
		storetest.Measure(b, "52 weeks by tone/"+of.name, func(ctx context.Context) error { _, err := s.Histogram(ctx, inYear, tones); return err })
		storetest.Measure(b, "two years by day/"+of.name, func(ctx context.Context) error { _, err := s.Histogram(ctx, of.q, days); return err })
		storetest.Measure(b, "two years by month and tone/"+of.name, func(ctx context.Context) error { _, err := s.Histogram(ctx, of.q, months); return err })
	}
	negative := watch
	negative.Labels = []mention.Label{mention.Negative}
	storetest.Measure(b, "newest 20/negative of a watch", func(ctx context.Context) error { _, _, err := s.Search(ctx, negative, 20, ""); return err })
	storetest.Measure(b, "sources of 30 days", func(ctx context.Context) error { _, err := s.Terms(ctx, month(watch), store.BySource, 10); return err })
	storetest.Measure(b, "authors of 30 days", func(ctx context.Context) error { _, err := s.Terms(ctx, month(watch), store.ByAuthor, 10); return err })
	surge := watch
	surge.From, surge.To, surge.AsOf = end.AddDate(0, 0, -26*7), end, end.Add(-10*time.Minute)
	storetest.Measure(b, "26 weeks of hours as of ten minutes ago", func(ctx context.Context) error {
		_, err := s.Histogram(ctx, surge, store.Buckets{Every: store.Hour, Zone: zone, Split: store.ByLabel})
		return err
	})
}
