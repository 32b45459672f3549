// Package storetest is the one suite that every kind of store passes. It holds a
// store to its contract, and to the model: all mentions in memory, asked one by
// one by store.Judge, which is right by definition. Run is all a kind calls.
package storetest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Run runs the suite. open gives an empty store, and closes it when its test ends. A
// question is asked once nothing waits that an earlier call has kept.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for name, test := range map[string]func(*testing.T, store.Store){
		"An empty store answers with nothing":                         emptyAnswers,
		"A question is answered as the matcher answers it":            asTheMatcher,
		"A question about the past is answered as it would have been": asItWouldHaveBeen,
		"A mention comes back as it was given":                        asGiven,
		"A repeated batch changes nothing":                            repeatChangesNothing,
		"An edit appends a version and keeps what was first seen":     editAppends,
		"A batch with a bad mention is not kept at all":               allOrNone,
		"What was deleted is left out until it is put again":          goneAndBack,
		"A claimed mention moves over":                                claimedMovesOver,
		"A person's judgement wins over the analyzer's":               judgement,
		"What changed is found by when it last did":                   changedSince,
		"An unknown id is told or ignored":                            unknownIDs,
		"Pages neither repeat nor lose while others put":              pagesAreStable,
		"Equal times go by id":                                        equalTimes,
		"A place in a search that no page named is refused":           badPlace,
		"Days have 23 or 25 hours when clocks change":                 clocksChange,
		"Buckets are whole and without gaps":                          bucketsAreWhole,
		"Only what is older is forgotten":                             forgetsTheOld,
		"Many sources put at once":                                    concurrentPuts,
	} {
		t.Run(name, func(t *testing.T) { test(t, settle(open(t))) })
	}
}

// same compares what a store gave with what it should have given.
func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if reflect.DeepEqual(got, want) { // much quicker
		return
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (- want, + got):\n%s", what, diff)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, s store.Store, batch ...mention.Mention) (fresh, edited []string) {
	t.Helper()
	fresh, edited, err := s.Put(t.Context(), batch)
	must(t, err)
	return fresh, edited
}

// all is everything that q asks for, page by page.
func all(t *testing.T, s store.Store, q store.Question, limit int) (found []mention.Mention) {
	t.Helper()
	after := ""
	for {
		page, next, err := s.Search(t.Context(), q, limit, after)
		must(t, err)
		if len(page) > limit {
			t.Fatalf("a page of %d mentions, want at most %d", len(page), limit)
		}
		found = append(found, page...)
		if next == "" {
			return found
		}
		if len(page) == 0 {
			t.Fatal("an empty page that is not the last")
		}
		after = next
	}
}

func ids(mentions []mention.Mention) (ids []string) {
	for _, m := range mentions {
		ids = append(ids, m.ID)
	}
	return ids
}

func count(t *testing.T, s store.Store, q store.Question) int {
	t.Helper()
	n, err := s.Count(t.Context(), q)
	must(t, err)
	return n
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 2026)) }

// compare asks both and wants one answer.
func compare(t *testing.T, s store.Store, model *model, random *rand.Rand, q store.Question, said string) {
	t.Helper()
	want := model.search(q)
	got := all(t, s, q, 1+len(want)/(1+random.IntN(4)))
	same(t, said+": ids in order", ids(got), ids(want))
	same(t, said+": mentions", got, want)
	same(t, said+": count", count(t, s, q), len(want))
	most := random.IntN(2 + 2*len(want))
	upTo, err := s.CountUpTo(t.Context(), q, most)
	must(t, err)
	same(t, fmt.Sprintf("%s: count up to %d", said, most), upTo, min(most, len(want)))
	compareCharts(t, s, want, random, q, said)
}

func compareCharts(t *testing.T, s store.Store, want []mention.Mention, random *rand.Rand, q store.Question, said string) {
	t.Helper()
	by := randomBuckets(random)
	buckets, err := s.Histogram(t.Context(), q, by)
	must(t, err)
	sameBuckets(t, said, buckets, want, q, by)
	field, limit := pick(random, fields...), 1+random.IntN(6)
	terms, err := s.Terms(t.Context(), q, field, limit)
	must(t, err)
	same(t, said+": terms of "+string(field), terms, wantTerms(want, field, limit))
}

var fields = []store.Field{store.ByWatch, store.BySource, store.ByPlace, store.ByKind, store.ByLang, store.ByLabel, store.ByAuthor}

func pick[T any](random *rand.Rand, from ...T) T { return from[random.IntN(len(from))] }

func day(d, hour int) time.Time { return time.Date(2026, 3, d, hour, 0, 0, 0, time.UTC) }
