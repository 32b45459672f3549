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

func TestOldTokensAreRenewedInNewIndicesAlsoWhileAnotherWrites(t *testing.T) {
	t.Parallel()
	needs.EachElasticsearch(t, oldTokensAreRenewed)
}

func oldTokensAreRenewed(t *testing.T, server string) {
	h := newHouse(t, server).guest(t, "r")
	s := h.open(t.TempDir())
	batch, ids := h.many(0, 2*renewalStep+7)
	put(t, s, batch...)
	drain(t, s)
	before := h.standing()
	h.age()
	if n, err := s.Outdated(t.Context()); err != nil || n != len(ids) {
		t.Fatalf("%d have old tokens (%v), want all %d", n, err, len(ids))
	}
	if n := holding(t, s, "frais"); n != 0 {
		t.Fatalf("%d are found by tokens that are gone", n)
	}
	other := h.open(t.TempDir())
	// Both are of the month that is written anew first, and have been read when they change.
	changed := edit(batch[2], batch[2].SeenAt.Add(time.Minute), "Des intérêts à la caisse Valtisse")
	claimless := edit(batch[5], batch[5].SeenAt.Add(time.Minute), "Rien de la caisse")
	claimless.Versions[0].Hits = nil // it leaves its index
	var once sync.Once
	h.set(func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if isBulk(r) {
			once.Do(func() {
				h.set(nil, nil)
				put(t, other, changed, claimless)
				drain(t, other)
			})
		}
		return false
	}, nil)
	n, err := s.Retokenise(t.Context())
	if err != nil || n != len(ids) {
		t.Errorf("renewed %d (%v), want all %d", n, err, len(ids))
	}
	if n, err := s.Outdated(t.Context()); err != nil || n != 0 {
		t.Errorf("%d have old tokens still (%v)", n, err)
	}
	if got := holding(t, s, "frais"); got != len(ids)-2 {
		t.Errorf("%d are found by their words, want %d", got, len(ids)-2)
	}
	if got := holding(t, s, "intérêt"); got != 1 {
		t.Errorf("the edit made meanwhile is found %d times, want once", got)
	}
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Errorf("renewed %d again (%v)", n, err)
	}
	if got := texts(h.once(ids...)[batch[5].ID]); len(got) != 2 {
		t.Errorf("what left its index meanwhile has versions %q", got)
	}
	h.renewed(before)
	afterwards := []*Store{s, other} // each remembers where mentions stood before
	for i, s := range afterwards {
		fresh, more := h.many(len(ids), 9)
		ids = append(ids, more...)
		put(t, s, append(fresh, edit(batch[20+i], batch[20+i].SeenAt.Add(time.Hour), "Frais remboursés"))...)
		drain(t, s)
	}
	h.once(ids...)
	h.renewed(before)
	if got := holding(t, s, "remboursé"); got != len(afterwards) {
		t.Errorf("%d edits are found that were made afterwards, want %d", got, len(afterwards))
	}
}

// standing is the indices in which mentions are found.
func (h *house) standing() (all []string) {
	h.t.Helper()
	for _, e := range h.editions() {
		if e.found {
			all = append(all, e.index)
		}
	}
	return all
}

// editions are all indices of mentions.
func (h *house) editions() []edition {
	h.t.Helper()
	names := indices{h.config.Prefix}
	s := &Store{client: h.direct, names: names}
	all, err := s.editionsOf(h.t.Context(), names.mentions()+"*", names.unclaimed()+"*")
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// renewed demands that one other index stands in the place of each that held tokens of
// ours, that nothing else is left, and that all can be written to.
func (h *house) renewed(before []string) {
	h.t.Helper()
	names := indices{h.config.Prefix}
	stands := map[string][]string{}
	for _, e := range h.editions() {
		first := h.first(e.index)
		stands[first] = append(stands[first], e.index)
		if !e.found || e.underway {
			h.t.Errorf("%s is left by a rebuild", e.index)
		}
		is, err := (&Store{client: h.direct, names: names}).set(h.t.Context(), e.index)
		if err != nil || is.shut {
			h.t.Errorf("%s is shut: %v (%v)", e.index, is.shut, err)
		}
	}
	for _, index := range before {
		all := stands[h.first(index)]
		held := !strings.HasSuffix(index, "-old") && !strings.Contains(index, names.unclaimed())
		if len(all) != 1 || held == (all[0] == index) {
			h.t.Errorf("in the place of %s stands %q", index, all)
		}
	}
}

// create makes an index unless it is there.
func (h *house) create(index string) string {
	h.t.Helper()
	there, err := (&Store{client: h.direct, names: indices{h.config.Prefix}, config: h.config}).create(h.t.Context(), index)
	if err != nil {
		h.t.Fatal(err)
	}
	return there
}

// first is the name that the first edition of an index has.
func (h *house) first(index string) string {
	names := indices{h.config.Prefix}
	alias, span, _, _ := names.parse(index)
	return names.name(alias, span, 1)
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
	h.must(esapi.IndexRequest{Index: h.create(index), DocumentID: m.ID, Body: bytes.NewReader(source), Refresh: "true"})
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
