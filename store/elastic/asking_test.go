package elastic

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/storetest"
	"github.com/ouidire/ouidire/watch/query"
)

// The tests of the suite share indices, which are emptied: to make them takes longer
// than to ask.
func TestTheAskingHalfPassesTheSuite(t *testing.T) {
	needs.EachElasticsearch(t, func(t *testing.T, server string) {
		b := openBare(t, testConfig(server))
		storetest.Run(t, func(t *testing.T) store.Store {
			b.empty(t)
			return b
		})
	})
}

func TestGeneratedQuestionsAreAnsweredAsTheMatcherAnswersThem(t *testing.T) {
	mentions, questions := 250, 120
	if needs.Soak() {
		mentions, questions = 1500, 5000
	}
	needs.EachElasticsearch(t, func(t *testing.T, server string) {
		c := testConfig(server)
		c.Shards = 2 // what one shard leaves out, another may have
		b := openBare(t, c)
		b.limits = limits{batch: 40, values: 3, steps: 50, uneven: 20} // every answer is put together from several
		storetest.Questions(t, b, 11, mentions, questions)
	})
}

// one is a mention that a watch claims, published n hours after noon.
func one(n int, words string) mention.Mention {
	at := noon.Add(time.Duration(n) * time.Hour)
	return mention.Mention{ID: fmt.Sprint("m", n), Source: "tribune", Place: "web", Kind: mention.Article, PublishedAt: at, SeenAt: at,
		Versions: []mention.Version{{At: at, Text: words, Hits: []mention.Hit{{Watch: "valtisse", Words: []string{"Valtisse"}}}}}}
}

func TestWhatIsAwkwardToAskIsAnsweredAllTheSame(t *testing.T) {
	b := openBare(t, testConfig(oldest(t)))
	b.limits = limits{batch: 7, values: 2, steps: 10, uneven: 5}
	long := strings.Repeat("é", keywordMost)
	var batch []mention.Mention
	for n := range 30 {
		m := one(n, fmt.Sprint("La caisse Valtisse numéro ", n))
		m.Author.Name = fmt.Sprint(long, n%3)
		batch = append(batch, m)
	}
	if _, _, err := b.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	t.Run("a value too long to be indexed whole", func(t *testing.T) {
		terms, err := b.Terms(t.Context(), store.Question{}, store.ByAuthor, 0)
		want := []store.Term{{Value: long + "0", Count: 10}, {Value: long + "1", Count: 10}, {Value: long + "2", Count: 10}}
		if err != nil || !reflect.DeepEqual(terms, want) {
			t.Errorf("%d terms (%v), want 3 of ten each", len(terms), err)
		}
	})
	t.Run("as many names as a query may have", func(t *testing.T) {
		names := query.Or{}
		for n := range query.MaxTerms {
			names.Nodes = append(names.Nodes, parsed(t, fmt.Sprint("nom", n)))
		}
		names.Nodes[7] = parsed(t, "12")
		counted(t, b, store.Question{Text: names}, 1)
	})
	t.Run("as many phrases as a query may have", func(t *testing.T) {
		names := query.Or{}
		for n := range query.MaxTerms / 2 {
			names.Nodes = append(names.Nodes, parsed(t, fmt.Sprintf(`"numéro %d"`, n+20)))
		}
		counted(t, b, store.Question{Text: names}, 10)
		but := query.And{Nodes: []query.Node{names, query.Not{Node: parsed(t, `"numéro 25"`)}, parsed(t, "numéro NEAR/3 27 OU numéro NEAR/3 25")}}
		counted(t, b, store.Question{Text: but}, 1)
	})
	t.Run("more ids than Elasticsearch takes at once", func(t *testing.T) {
		q := store.Question{}
		for n := range termsMost + 9 {
			q.IDs = append(q.IDs, fmt.Sprint("m", n*2))
		}
		counted(t, b, q, 15)
	})
	t.Run("a page longer than what is read at once", func(t *testing.T) {
		found, next, err := b.Search(t.Context(), store.Question{Order: store.OldestSeen}, 29, "")
		if err != nil || len(found) != 29 || found[28].ID != "m28" || next == "" {
			t.Fatalf("%d mentions, then %q (%v)", len(found), next, err)
		}
		found, next, err = b.Search(t.Context(), store.Question{Order: store.OldestSeen}, 29, next)
		if err != nil || len(found) != 1 || found[0].ID != "m29" || next != "" {
			t.Errorf("%d mentions, then %q (%v), want the last", len(found), next, err)
		}
	})
	t.Run("more buckets than there may be", func(t *testing.T) {
		q := store.Question{From: noon.AddDate(-20, 0, 0), To: noon}
		if _, err := b.Histogram(t.Context(), q, store.Buckets{Every: store.Hour}); !errors.Is(err, store.ErrTooManyBuckets) {
			t.Errorf("got %v, want ErrTooManyBuckets", err)
		}
	})
	t.Run("a field that there is not", func(t *testing.T) {
		_, err1 := b.Terms(t.Context(), store.Question{}, "body", 3)
		_, err2 := b.Histogram(t.Context(), store.Question{}, store.Buckets{Every: store.Day, Split: "body"})
		if err1 == nil || err2 == nil {
			t.Errorf("counted all the same: %v, %v", err1, err2)
		}
	})
	t.Run("a count that is stopped says how many it is sure of", func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		b.limits.batch = 5
		searches := 0 // two for each batch: within what time it lies, then itself
		do := b.do
		b.do = func(ctx context.Context, r esapi.Request, into any) error {
			if _, ok := r.(esapi.SearchRequest); ok {
				if searches++; searches == 5 {
					stop()
				}
			}
			return do(ctx, r, into)
		}
		defer func() { b.do = do }()
		n, err := b.Count(ctx, store.Question{Text: parsed(t, `"caisse val*"`)})
		if !errors.Is(err, context.Canceled) || n != 10 {
			t.Errorf("counted %d (%v), want 10 and that it was stopped", n, err)
		}
	})
}

func counted(t *testing.T, s store.Store, q store.Question, want int) {
	t.Helper()
	if n, err := s.Count(t.Context(), q); err != nil || n != want {
		t.Errorf("counted %d (%v), want %d", n, err, want)
	}
}

// A charts' hours are those of the clock, and all of them, however many.
func TestTwoYearsByTheHourAreCountedWhole(t *testing.T) {
	b := openBare(t, testConfig(oldest(t)))
	batch := []mention.Mention{one(0, "Valtisse"), one(1, "Valtisse"), one(9000, "Valtisse"), one(17000, "Valtisse")}
	if _, _, err := b.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	buckets, err := b.Histogram(t.Context(), store.Question{}, store.Buckets{Every: store.Hour, Zone: zone, Split: store.BySource})
	if err != nil || len(buckets) != 17001 {
		t.Fatalf("%d buckets (%v), want 17001", len(buckets), err)
	}
	for i, bucket := range buckets {
		want := 0
		if i == 0 || i == 1 || i == 9000 || i == 17000 {
			want = 1
		}
		if bucket.Count != want || bucket.By["tribune"] != want {
			t.Errorf("bucket %d: %+v, want %d", i, bucket, want)
		}
	}
}
