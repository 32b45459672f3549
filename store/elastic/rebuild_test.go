package elastic

import (
	"bytes"
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
	"github.com/ouidire/ouidire/watch/query"
)

// age makes of everything that stands what an older version wrote: Elasticsearch does
// not keep tokens, so that what is written over itself loses them.
func (h *house) age() {
	yes := true
	h.must(esapi.UpdateByQueryRequest{Index: (indices{h.config.Prefix}).all(), Refresh: &yes, Conflicts: "proceed",
		Body: strings.NewReader(`{"script": {"source": "ctx._source.tokens_version = 0"}}`)})
}

func holding(t *testing.T, s *Store, words string) int {
	t.Helper()
	node, err := query.Parse(words)
	if err != nil {
		t.Fatal(err)
	}
	n, err := s.Count(t.Context(), store.Question{Text: node})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOldTokensAreRenewedWhereTheyStandAlsoWhileAnotherWrites(t *testing.T) {
	t.Parallel()
	needs.EachElasticsearch(t, oldTokensAreRenewed)
}

func oldTokensAreRenewed(t *testing.T, server string) {
	h := newHouse(t, server).guest(t, "r")
	s := h.open(t.TempDir())
	batch, ids := h.many(0, 2*rebuildStep+7)
	put(t, s, batch...)
	drain(t, s)
	h.age()
	if n, err := s.Outdated(t.Context()); err != nil || n != len(ids) {
		t.Fatalf("%d have old tokens (%v), want all %d", n, err, len(ids))
	}
	if n := holding(t, s, "frais"); n != 0 {
		t.Fatalf("%d are found by tokens that are gone", n)
	}
	other := h.open(t.TempDir())
	changed := edit(batch[3], batch[3].SeenAt.Add(time.Minute), "Des intérêts à la caisse Valtisse")
	var once sync.Once
	h.set(func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if isBulk(r) {
			once.Do(func() {
				h.set(nil, nil)
				put(t, other, changed)
				drain(t, other)
			})
		}
		return false
	}, nil)
	n, err := s.Retokenise(t.Context())
	if err != nil || n != len(ids)-1 {
		t.Errorf("renewed %d (%v), want all but the one that another wrote: %d", n, err, len(ids)-1)
	}
	if n, err := s.Outdated(t.Context()); err != nil || n != 0 {
		t.Errorf("%d have old tokens still (%v)", n, err)
	}
	s.refreshAll(t.Context())
	if got := holding(t, s, "frais"); got != len(ids)-1 {
		t.Errorf("%d are found by their words, want %d", got, len(ids)-1)
	}
	if got := holding(t, s, "intérêt"); got != 1 {
		t.Errorf("the edit made meanwhile is found %d times, want once", got)
	}
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Errorf("renewed %d again (%v)", n, err)
	}
	h.once(ids...)
}

func TestWhatStandsTwiceSinceAnOlderVersionIsJoinedWhereShardsKeepMentions(t *testing.T) {
	t.Parallel()
	needs.EachElasticsearch(t, oldDoublesAreJoined)
}

func oldDoublesAreJoined(t *testing.T, server string) {
	h := newHouse(t, server).guest(t, "o")
	s := h.open(t.TempDir())
	s.limits.values = 20 // they are looked through in several steps
	batch, ids := h.many(0, 60)
	put(t, s, batch...)
	drain(t, s)
	twice := []int{0, 7, 8, 19, 20, 59}
	for _, i := range twice {
		h.makeTwice(batch[i])
	}
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Fatalf("renewed %d (%v), want none", n, err)
	}
	if n := len(h.kept()[ids[0]]); n != 2 {
		t.Fatalf("who is alone looked for doubles, or the test made none: %d", n)
	}
	s.joined.Store(true)
	var once sync.Once
	h.set(func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if isBulk(r) {
			once.Do(func() { h.index(s.names.of(&batch[7]), batch[7]) }) // another writes over one at that moment
		}
		return false
	}, nil)
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Fatalf("renewed %d (%v), want none", n, err)
	}
	one := h.once(ids...)
	for i, m := range batch {
		want := texts(m)
		if slices.Contains(twice, i) {
			want = append(want, "Frais remboursés")
		}
		if got := texts(one[m.ID]); !slices.Equal(got, want) {
			t.Errorf("mention %d has the versions %q, want %q", i, got, want)
		}
	}
	if n := s.State().Doubles; n != len(twice) {
		t.Errorf("%d doubles counted, want %d", n, len(twice))
	}
	if got := holding(t, s, "remboursé"); got != len(twice) {
		t.Errorf("%d are found by the newer words, want %d", got, len(twice))
	}
}

// makeTwice writes the edit of a mention into the index of another month, as another shard
// did in versions that did not look for it.
func (h *house) makeTwice(m mention.Mention) {
	h.t.Helper()
	double := edit(m, m.SeenAt.Add(time.Hour), "Frais remboursés")
	double.PublishedAt = m.PublishedAt.AddDate(0, -4, 0)
	h.index((indices{h.config.Prefix}).of(&double), double)
}

// index writes a mention into an index, whatever stands there.
func (h *house) index(index string, m mention.Mention) {
	h.t.Helper()
	source, err := new(documents).encode(&m)
	if err != nil {
		h.t.Fatal(err)
	}
	h.must(esapi.IndexRequest{Index: index, DocumentID: m.ID, Body: bytes.NewReader(source), Refresh: "true"})
}

func TestShardsHearEachOtherAndHowSourcesStand(t *testing.T) {
	t.Parallel()
	needs.EachElasticsearch(t, shardsHearEachOther)
}

func shardsHearEachOther(t *testing.T, server string) {
	h := newHouse(t, server).guest(t, "p")
	first, second := h.open(t.TempDir()), h.open(t.TempDir())
	until(t, "an answer that nobody has spoken yet", func() bool {
		all, err := first.Pulses(t.Context())
		return err == nil && len(all) == 0
	})
	at := time.Date(2026, 11, 20, 12, 0, 0, 123_456_000, time.UTC)
	life := store.Pulse{Shard: 1, Total: 2, Run: "un", Beat: 3, At: at, From: at.Add(-time.Hour), Upto: at.Add(-time.Second)}
	note := store.Standing{Source: "l’écho d'été", Shard: 1, At: at, Body: []byte(`{"visit":{}}`)}
	for range 2 { // a place is written over
		until(t, "room for a sign of life", func() bool { return second.Beat(t.Context(), life) == nil })
		until(t, "room for a note", func() bool { return second.Note(t.Context(), []store.Standing{note}) == nil })
	}
	until(t, "a sign of life", func() bool {
		all, err := first.Pulses(t.Context())
		return err == nil && len(all) == 1 && all[0].Upto.Equal(life.Upto) && all[0].Run == "un" && all[0].Total == 2 && all[0].Beat == 3
	})
	until(t, "a note", func() bool {
		all, err := first.Standings(t.Context())
		return err == nil && len(all) == 1 && all[0].Source == note.Source && string(all[0].Body) == string(note.Body) && all[0].Shard == 1
	})
}
