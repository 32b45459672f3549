package storetest

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

// sort is what makes a question hard.
type sort string

// The sorts that Questions asks for in turn.
const (
	near      sort = "NEAR"
	phrase    sort = "a phrase"
	beginning sort = "a beginning"
	letters   sort = "="
	label     sort = "#"
)

var sorts = []sort{near, phrase, beginning, letters, label}

// Questions keeps so many mentions in an empty store, then asks it n generated
// questions, and wants the answers of the matcher. It fails when fewer than three in
// ten have an answer, or fewer than one in ten are of any sort that is hard.
func Questions(t *testing.T, empty store.Store, seed uint64, mentions, n int) {
	s, model := settle(empty), newModel()
	kept := fill(t, s, model, seed, mentions)
	a := &asker{Rand: seeded(seed + 1), mentions: kept}
	answered, of := 0, map[sort]int{}
	for i := range n {
		said, node := a.hard(t, sorts[i%len(sorts)])
		q := store.Question{Text: node, Order: pick(a.Rand, store.NewestPublished, store.OldestSeen)}
		if a.IntN(3) == 0 {
			q = a.question(node)
		}
		if a.IntN(6) == 0 {
			q.AsOf = pick(a.Rand, kept...).SeenAt.Add(time.Duration(a.IntN(180)) * time.Minute)
		}
		want := model.search(q)
		if len(want) > 0 {
			answered++
		}
		for _, hard := range sortsOf(node) {
			of[hard]++
		}
		compareOne(t, s, want, a.Rand, q, said)
		if t.Failed() {
			t.Fatalf("question %d: asked %q as %+v", i, said, q)
		}
	}
	if answered < n*3/10 {
		t.Errorf("%d of %d questions have an answer: ask better ones", answered, n)
	}
	for _, hard := range sorts {
		if of[hard] < n/10 {
			t.Errorf("%d of %d questions have %s: ask more", of[hard], n, hard)
		}
	}
}

// fill keeps mentions, some of which were edited, judged again or deleted.
func fill(t *testing.T, s store.Store, model *model, seed uint64, n int) []mention.Mention {
	t.Helper()
	random := seeded(seed)
	mentions := newMentions(random, n)
	for batch := range slices.Chunk(mentions, 200) {
		put(t, s, batch...)
		model.put(batch...)
	}
	var edits []mention.Mention
	gone := map[time.Time][]string{}
	for _, m := range mentions {
		at := m.SeenAt.Add(time.Duration(1+random.IntN(120)) * time.Minute).Truncate(time.Hour)
		switch random.IntN(8) {
		case 0:
			m.Versions, m.Readings = []mention.Version{newVersion(random, at)}, []mention.Reading{newReading(random, at, "lexicon-2")}
			edits = append(edits, m)
		case 1:
			gone[at] = append(gone[at], m.ID)
		}
	}
	put(t, s, edits...)
	model.put(edits...)
	for at, ids := range gone {
		must(t, s.MarkGone(t.Context(), ids, at))
		model.markGone(at, ids...)
	}
	return mentions
}

// hard is a query with a part of the sort wanted.
func (a *asker) hard(t *testing.T, want sort) (string, query.Node) {
	t.Helper()
	for range 100 {
		s := a.part(want)
		switch a.IntN(4) {
		case 0:
			s = "(" + s + " OR " + a.leaf() + ")"
		case 1:
			s = "(" + s + pick(a.Rand, " -", " ") + a.leaf() + ")"
		}
		if n, err := query.Parse(s); err == nil && slices.Contains(sortsOf(n), want) {
			return s, n
		}
	}
	t.Fatalf("a hundred queries in a row hold no %s", want)
	return "", nil
}

func (a *asker) part(of sort) string {
	switch of {
	case near:
		return a.near()
	case phrase:
		return pick(a.Rand, "", "", "title:", "author:") + quoted(a.words(2+a.IntN(2)))
	case beginning:
		return pick(a.Rand, a.beginning(), a.beginning(), "title:"+a.beginning(), quoted(a.words(1)+" "+a.beginning()))
	case letters:
		return pick(a.Rand, "=", "=", "title:=", "author:=") + quoted(a.words(1+a.IntN(3)))
	}
	return pick(a.Rand, "#fraude", "#caisse_valtisse", "@valtisse", "@nordelune.bank", `"@valtisse merci"`, "#fraude NEAR/8 "+quoted(a.words(1)))
}

// sortsOf is what is hard in a query, each once.
func sortsOf(n query.Node) []sort {
	found := map[sort]bool{}
	mark(n, found)
	return slices.DeleteFunc(slices.Clone(sorts), func(s sort) bool { return !found[s] })
}

func mark(n query.Node, found map[sort]bool) {
	switch n := n.(type) {
	case query.And:
		for _, node := range n.Nodes {
			mark(node, found)
		}
	case query.Or:
		for _, node := range n.Nodes {
			mark(node, found)
		}
	case query.Not:
		mark(n.Node, found)
	case query.Near:
		found[near] = true
		markTerms(append(slices.Clip(n.Left), n.Right...), found)
	case query.Phrase:
		if len(n.Terms) > 1 && !n.IsLabel() {
			found[phrase] = true
		}
		markTerms(n.Terms, found)
	}
}

func markTerms(terms []query.Term, found map[sort]bool) {
	for _, t := range terms {
		switch t.Kind {
		case query.Prefix:
			found[beginning] = true
		case query.Exact:
			found[letters] = true
		case query.Label:
			found[label] = true
		}
	}
}

// compareOne wants the mentions in order, all of them, and one number or chart beside.
func compareOne(t *testing.T, s store.Store, want []mention.Mention, random *rand.Rand, q store.Question, said string) {
	t.Helper()
	got := all(t, s, q, 1+len(want)/(1+random.IntN(3)))
	same(t, said+": mentions in order", got, want)
	switch random.IntN(4) {
	case 0:
		same(t, said+": count", count(t, s, q), len(want))
	case 1:
		most := random.IntN(2 + 2*len(want))
		n, err := s.CountUpTo(t.Context(), q, most)
		must(t, err)
		same(t, said+": count up to", n, min(most, len(want)))
	default:
		compareCharts(t, s, want, random, q, said)
	}
}

// Agree asks n generated questions about mentions of two stores that keep them, once
// nothing waits there, and wants equal answers.
func Agree(t *testing.T, one, other store.Store, mentions []mention.Mention, n int) {
	one, other = settle(one), settle(other)
	a := &asker{Rand: seeded(31), mentions: mentions}
	answered := 0
	for i := range n {
		said, node := a.hard(t, sorts[i%len(sorts)])
		q := a.question(node)
		if i%2 == 0 {
			q = store.Question{Text: node}
		}
		want := all(t, one, q, 50)
		if len(want) > 0 {
			answered++
		}
		compareOne(t, other, want, a.Rand, q, said)
		if t.Failed() {
			t.Fatalf("question %d: asked %q as %+v", i, said, q)
		}
	}
	if answered < n*3/10 {
		t.Errorf("%d of %d questions have an answer: ask better ones", answered, n)
	}
}
