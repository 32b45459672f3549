package storetest

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// one is a mention that a watch claims.
func one(id string, published time.Time) mention.Mention {
	return mention.Mention{
		ID: id, Source: "tribune", Place: "web", Kind: mention.Article, PublishedAt: published, SeenAt: published.Add(time.Hour),
		Versions: []mention.Version{{At: published.Add(time.Hour), Title: "L’épargne", Text: "Frais à la caisse Valtisse",
			Hits: []mention.Hit{{Watch: "valtisse", Words: []string{"Valtisse"}}}}},
	}
}

func get(t *testing.T, s store.Store, id string) mention.Mention {
	t.Helper()
	m, err := s.Get(t.Context(), id)
	must(t, err)
	return m
}

func asGiven(t *testing.T, s store.Store) {
	given := newMention(seeded(3), 1)
	given.Parent = "parent"
	given.Author.Audience = 12
	given.Repaired = true
	given.Signature = mention.Signature{MinHash: []uint32{0, 7, 1<<32 - 1}, Lead: []uint32{3}, Figures: []string{"1200", "3.5"}}
	zone := time.FixedZone("", -5*3600)
	elsewhere := given
	elsewhere.PublishedAt, elsewhere.SeenAt = given.PublishedAt.In(zone), given.SeenAt.In(zone).Add(999)
	fresh, _ := put(t, s, elsewhere)
	same(t, "fresh", fresh, []string{given.ID})
	same(t, "kept, its times in UTC to the microsecond", get(t, s, given.ID), given)
}

func repeatChangesNothing(t *testing.T, s store.Store) {
	batch := newMentions(seeded(4), 50)
	fresh, edited := put(t, s, batch...)
	same(t, "first fresh", len(fresh), 50)
	same(t, "first edited", edited, nil)
	before := all(t, s, store.Question{}, 10)
	fresh, edited = put(t, s, batch...)
	same(t, "again fresh", fresh, nil)
	same(t, "again edited", edited, nil)
	same(t, "kept", all(t, s, store.Question{}, 10), before)
	m := one("twice", day(1, 8))
	fresh, edited = put(t, s, m, m)
	same(t, "twice in one batch: fresh", fresh, []string{"twice"})
	same(t, "twice in one batch: edited", edited, nil)
}

func editAppends(t *testing.T, s store.Store) {
	first := one("m", day(1, 8))
	first.Readings = []mention.Reading{{At: first.SeenAt, Label: mention.Neutral, By: "lexicon-1"}}
	put(t, s, first)
	second := one("m", day(2, 8))
	second.DateFrom, second.History = "jsonld", true
	second.Versions[0].Text = "Frais remboursés à la caisse Valtisse"
	second.Readings = []mention.Reading{{At: second.SeenAt, Label: mention.Positive, By: "lexicon-1"}}
	second.Signature = mention.Signature{Lead: []uint32{5}}
	fresh, edited := put(t, s, second)
	same(t, "fresh", fresh, nil)
	same(t, "edited", edited, []string{"m"})
	want := first
	want.Versions = append(want.Versions[:1:1], second.Versions[0])
	want.Readings = append(want.Readings[:1:1], second.Readings[0])
	want.Signature = second.Signature
	same(t, "kept", get(t, s, "m"), want)
	claimed := second
	claimed.Versions[0].Hits = append(claimed.Versions[0].Hits[:1:1], mention.Hit{Watch: "frais", Words: []string{"Frais"}})
	_, edited = put(t, s, claimed)
	same(t, "edited when only the hits differ", edited, []string{"m"})
	same(t, "counted once for each watch", count(t, s, store.Question{Watches: []string{"frais"}}), 1)
}

func allOrNone(t *testing.T, s store.Store) {
	if _, _, err := s.Put(t.Context(), []mention.Mention{one("good", day(1, 8)), {ID: "no text"}}); err == nil {
		t.Error("a mention without a text was kept")
	}
	same(t, "kept", count(t, s, store.Question{}), 0)
	if _, err := s.Get(t.Context(), "good"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("half a batch was kept: %v", err)
	}
}

func goneAndBack(t *testing.T, s store.Store) {
	put(t, s, one("m", day(1, 8)), one("n", day(1, 9)))
	must(t, s.MarkGone(t.Context(), []string{"m", "unknown"}, day(2, 0)))
	must(t, s.MarkGone(t.Context(), []string{"m"}, day(3, 0)))
	same(t, "gone since", get(t, s, "m").GoneAt, day(2, 0))
	same(t, "standing", ids(all(t, s, store.Question{}, 10)), []string{"n"})
	same(t, "with the gone", ids(all(t, s, store.Question{Gone: true}, 10)), []string{"n", "m"})
	same(t, "standing the day before", count(t, s, store.Question{AsOf: day(1, 23)}), 2)
	put(t, s, one("m", day(1, 8)))
	same(t, "back", count(t, s, store.Question{}), 2)
}

func claimedMovesOver(t *testing.T, s store.Store) {
	m := one("m", day(1, 8))
	hits := m.Versions[0].Hits
	m.Versions[0].Hits = nil
	put(t, s, m)
	same(t, "claimed", count(t, s, store.Question{}), 0)
	same(t, "unclaimed", ids(all(t, s, store.Question{Unclaimed: true}, 5)), []string{"m"})
	same(t, "got", get(t, s, "m"), m)
	m.Versions = []mention.Version{{At: day(3, 0), Title: m.Versions[0].Title, Text: m.Versions[0].Text, Hits: hits}}
	_, edited := put(t, s, m)
	same(t, "edited", edited, []string{"m"})
	same(t, "claimed after", ids(all(t, s, store.Question{}, 5)), []string{"m"})
	same(t, "unclaimed after", count(t, s, store.Question{Unclaimed: true}), 0)
	same(t, "unclaimed then", count(t, s, store.Question{Unclaimed: true, AsOf: day(2, 0)}), 1)
	same(t, "claimed then", count(t, s, store.Question{AsOf: day(2, 0)}), 0)
}

func judgement(t *testing.T, s store.Store) {
	m := one("m", day(1, 8))
	m.Readings = []mention.Reading{{At: m.SeenAt, Label: mention.Negative, By: "lexicon-1"}}
	put(t, s, m)
	must(t, s.AddReading(t.Context(), "m", mention.Reading{At: day(2, 0), Label: mention.Positive, By: mention.Person}))
	must(t, s.AddReading(t.Context(), "m", mention.Reading{At: day(3, 0), Label: mention.Neutral, By: "lexicon-2"}))
	same(t, "positive", count(t, s, store.Question{Labels: []mention.Label{mention.Positive}}), 1)
	same(t, "negative", count(t, s, store.Question{Labels: []mention.Label{mention.Negative}}), 0)
	same(t, "negative then", count(t, s, store.Question{Labels: []mention.Label{mention.Negative}, AsOf: day(1, 23)}), 1)
	terms, err := s.Terms(t.Context(), store.Question{}, store.ByLabel, 5)
	must(t, err)
	same(t, "tones", terms, []store.Term{{Value: "positive", Count: 1}})
	same(t, "readings", len(get(t, s, "m").Readings), 3)
	other := one("n", day(1, 8))
	put(t, s, other)
	must(t, s.AddReadings(t.Context(), []store.Judgement{
		{ID: "unknown", Reading: mention.Reading{At: day(4, 0), Label: mention.Negative, By: "lexicon-3"}},
		{ID: "n", Reading: mention.Reading{At: day(4, 0).Add(1), Label: mention.Negative, By: "lexicon-3"}},
		{ID: "m", Reading: mention.Reading{At: day(4, 0), Label: mention.Negative, By: "lexicon-3"}},
		{ID: "n", Reading: mention.Reading{At: day(5, 0), Label: mention.Positive, By: "lexicon-4"}},
	}))
	must(t, s.AddReadings(t.Context(), nil))
	same(t, "positive of many", ids(all(t, s, store.Question{Labels: []mention.Label{mention.Positive}}, 5)), []string{"m", "n"})
	same(t, "readings of one of many", len(get(t, s, "n").Readings), 2)
	same(t, "readings of another", len(get(t, s, "m").Readings), 4)
	same(t, "when one of many was judged", get(t, s, "n").Readings[0].At, day(4, 0))
	same(t, "what was said of an unknown one", count(t, s, store.Question{}), 2)
}

func changedSince(t *testing.T, s store.Store) {
	untouched, edited, judged, gone, taken := one("untouched", day(1, 8)), one("edited", day(1, 8)), one("judged", day(1, 8)), one("gone", day(1, 8)), one("taken", day(1, 8))
	hits := taken.Versions[0].Hits
	taken.Versions[0].Hits = nil
	put(t, s, untouched, edited, judged, gone, taken)
	edited.Versions = []mention.Version{{At: day(2, 0), Title: "L'épargne", Text: "Frais remboursés par Valtisse", Hits: hits}}
	put(t, s, edited)
	must(t, s.AddReading(t.Context(), "judged", mention.Reading{At: day(3, 0), Label: mention.Positive, By: mention.Person}))
	must(t, s.MarkGone(t.Context(), []string{"gone"}, day(4, 0)))
	taken.Versions = []mention.Version{{At: day(5, 0), Title: taken.Versions[0].Title, Text: taken.Versions[0].Text, Hits: hits}}
	put(t, s, taken)
	for _, c := range []struct {
		what string
		q    store.Question
		want []string
	}{
		{"ever", store.Question{ChangedFrom: day(1, 0)}, []string{"edited", "gone", "judged", "taken"}},
		{"from one instant up to another", store.Question{ChangedFrom: day(2, 0), ChangedTo: day(3, 0)}, []string{"edited"}},
		{"before", store.Question{ChangedTo: day(4, 0).Add(1)}, []string{"edited", "gone", "judged"}},
		{"claimed by an edit", store.Question{ChangedFrom: day(4, 1)}, []string{"taken"}},
		{"as of a day before the last", store.Question{ChangedFrom: day(1, 0), AsOf: day(3, 1)}, []string{"edited", "judged"}},
		{"by id", store.Question{ChangedFrom: day(1, 0), IDs: []string{"untouched", "judged"}}, []string{"judged"}},
		{"in nothing", store.Question{ChangedFrom: day(6, 0)}, nil},
	} {
		for _, order := range []store.Order{store.NewestPublished, store.OldestSeen} {
			c.q.Order, c.q.Gone = order, true
			same(t, "changed "+c.what, ids(all(t, s, c.q, 1)), c.want)
			same(t, "count of those changed "+c.what, count(t, s, c.q), len(c.want))
		}
	}
	edited.Versions[0].At, edited.Versions[0].Text = day(6, 0), "Frais remboursés deux fois par Valtisse"
	put(t, s, edited)
	same(t, "changed again", ids(all(t, s, store.Question{ChangedFrom: day(2, 0), ChangedTo: day(3, 0)}, 5)), nil)
	same(t, "changed then", ids(all(t, s, store.Question{ChangedFrom: day(2, 0), ChangedTo: day(3, 0), AsOf: day(5, 0)}, 5)), []string{"edited"})
}

func unknownIDs(t *testing.T, s store.Store) {
	if _, err := s.Get(t.Context(), "unknown"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of an unknown id: %v, want ErrNotFound", err)
	}
	if err := s.AddReading(t.Context(), "unknown", mention.Reading{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("AddReading to an unknown id: %v, want ErrNotFound", err)
	}
	must(t, s.MarkGone(t.Context(), []string{"unknown"}, day(1, 0)))
}

func forgetsTheOld(t *testing.T, s store.Store) {
	random := seeded(5)
	mentions := newMentions(random, 300)
	model := newModel()
	put(t, s, mentions...)
	model.put(mentions...)
	for i := range 30 {
		must(t, s.MarkGone(t.Context(), []string{mentions[i].ID}, mentions[i].SeenAt))
		model.markGone(mentions[i].SeenAt, mentions[i].ID)
	}
	a := &asker{Rand: random, mentions: mentions}
	for _, claimed := range []time.Time{{}, day(1, 0), crowded.Add(time.Second), day(8, 7)} {
		n, err := s.Forget(t.Context(), claimed, claimed.Add(-10*24*time.Hour))
		must(t, err)
		same(t, "forgot", n, model.forget(claimed, claimed.Add(-10*24*time.Hour)))
		for _, q := range []store.Question{{}, {Own: true}, {Unclaimed: true, Gone: true}, a.question(nil)} {
			compare(t, s, model, random, q, "after forgetting")
		}
	}
	for id := range model.kept {
		get(t, s, id)
	}
}

func concurrentPuts(t *testing.T, s store.Store) {
	var sources sync.WaitGroup
	for source := range 8 {
		sources.Go(func() {
			for n := range 10 {
				batch := []mention.Mention{one(fmt.Sprint("of ", source, " ", n), day(1, n)), one(fmt.Sprint("of all ", n), day(1, n))}
				if _, _, err := s.Put(t.Context(), batch); err != nil {
					t.Error(err)
				}
				if _, err := busy(s).Count(t.Context(), store.Question{Watches: []string{"valtisse"}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	sources.Wait()
	same(t, "kept", count(t, s, store.Question{}), 90)
	same(t, "found", len(all(t, s, store.Question{}, 7)), 90)
}
