package storetest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

const (
	texts     = 450
	questions = 120
)

func emptyAnswers(t *testing.T, s store.Store) {
	same(t, "found", all(t, s, store.Question{}, 10), nil)
	same(t, "count", count(t, s, store.Question{}), 0)
	buckets, err := s.Histogram(t.Context(), store.Question{}, store.Buckets{Every: store.Day})
	must(t, err)
	same(t, "buckets", buckets, nil)
	terms, err := s.Terms(t.Context(), store.Question{}, store.BySource, 3)
	must(t, err)
	same(t, "terms", terms, nil)
}

func asTheMatcher(t *testing.T, s store.Store) {
	random := seeded(1)
	mentions := newMentions(random, texts)
	model := newModel()
	for len(mentions) > 0 {
		n := min(1+random.IntN(60), len(mentions))
		put(t, s, mentions[:n]...)
		model.put(mentions[:n]...)
		mentions = mentions[n:]
	}
	mentions = newMentions(seeded(1), texts)
	for i := range 20 {
		must(t, s.MarkGone(t.Context(), []string{mentions[i*7].ID}, mentions[i*7].SeenAt.Add(time.Hour)))
		model.markGone(mentions[i*7].SeenAt.Add(time.Hour), mentions[i*7].ID)
	}
	a := &asker{Rand: random, mentions: mentions}
	answered, hard := 0, 0
	for range questions {
		said, n := a.text(t)
		q := store.Question{Text: n, Order: pick(random, store.NewestPublished, store.OldestSeen)}
		if random.IntN(3) == 0 {
			q = a.question(n)
		}
		if random.IntN(6) == 0 {
			q = a.question(nil)
		}
		if len(model.search(q)) > 0 {
			answered++
		}
		if special(said) {
			hard++
		}
		compare(t, s, model, random, q, said)
		if t.Failed() {
			t.Fatalf("asked %q as %+v", said, q)
		}
	}
	// What a suite does not ask it cannot hold a store to.
	if answered < questions*3/10 || hard < questions/10 {
		t.Errorf("%d of %d questions have an answer, and %d are more than words: ask better ones", answered, questions, hard)
	}
}

// asItWouldHaveBeen writes a history, remembers what was answered on the way, and
// asks again when all is over.
func asItWouldHaveBeen(t *testing.T, s store.Store) {
	random := seeded(2)
	mentions := newMentions(random, 100)
	model := newModel()
	clock := time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	for i := range mentions {
		mentions[i].SeenAt = clock.Add(time.Duration(i) * 7 * time.Minute)
		mentions[i].Versions[0].At = mentions[i].SeenAt
		for j := range mentions[i].Readings {
			mentions[i].Readings[j].At = mentions[i].SeenAt
		}
	}
	a := &asker{Rand: random, mentions: mentions}
	type asked struct {
		q    store.Question
		want []mention.Mention
	}
	var before []asked
	for step := range mentions {
		clock = mentions[step].SeenAt
		put(t, s, mentions[step])
		model.put(mentions[step])
		happens(t, s, model, random, mentions[:step+1], clock.Add(time.Minute))
		if step%8 == 0 {
			q := a.question(nil)
			q.Gone = true // a deletion is undone by another sight, and leaves no trace
			q.AsOf = clock.Add(2 * time.Minute)
			before = append(before, asked{q, model.search(q)})
			compare(t, s, model, random, q, "then")
		}
	}
	for _, b := range before {
		same(t, "asked again", ids(all(t, s, b.q, 30)), ids(b.want))
		compare(t, s, model, random, b.q, "again")
		b.q.Gone = false
		compare(t, s, model, random, b.q, "without the gone")
		b.q.AsOf = time.Time{}
		compare(t, s, model, random, b.q, "now")
		if _, b.q.Text = a.text(t); b.q.Text != nil {
			b.q.AsOf = clock.Add(-time.Duration(random.IntN(1400)) * time.Minute)
			compare(t, s, model, random, b.q, "with words: "+b.q.Text.String())
		}
		if t.Failed() {
			t.Fatalf("asked %+v", b.q)
		}
	}
}

// happens lets one thing happen to something kept.
func happens(t *testing.T, s store.Store, model *model, random *rand.Rand, kept []mention.Mention, at time.Time) {
	t.Helper()
	m := pick(random, kept...)
	switch random.IntN(5) {
	case 0: // edited at its place, perhaps no longer claimed
		m.Versions = []mention.Version{newVersion(random, at)}
		m.Readings = []mention.Reading{newReading(random, at, "lexicon-1")}
		put(t, s, m)
		model.put(m)
	case 1:
		r := newReading(random, at, pick(random, mention.Person, "lexicon-2"))
		must(t, s.AddReading(t.Context(), m.ID, r))
		model.addReading(m.ID, r)
	case 2:
		must(t, s.MarkGone(t.Context(), []string{m.ID}, at))
		model.markGone(at, m.ID)
	case 3: // seen again as it first was
		m.Versions = []mention.Version{m.Versions[0]}
		m.Versions[0].At, m.Readings = at, nil
		put(t, s, m)
		model.put(m)
	}
}
