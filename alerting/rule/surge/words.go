package surge

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

const (
	wordsMost = 4
	pastMost  = 500                 // comments that say what was spoken of before
	pastFor   = 28 * 24 * time.Hour // and for how long
	pastLeast = 20                  // fewer say nothing: then only long words are named
	longWord  = 5                   // letters
	saidLeast = 3                   // comments that a word must be in
	// surprise is how many standard deviations a word must be above what it was.
	surprise = 2.5
)

// past is in how many of the comments before a surge each word stood.
type past struct {
	began time.Time
	of    int
	with  map[string]int // by French stem
}

// words are those of the surge that were not usual before, as people write them. A
// word that everybody always uses was usual before: no list of such words is needed.
func (f *facts) words(ctx context.Context) ([]string, error) {
	before, err := f.spokenBefore(ctx)
	if err != nil {
		return nil, err
	}
	with, written := map[string]int{}, map[string]map[string]int{}
	for _, c := range f.comments {
		for stem, exact := range wordsOf(c.Tokens, claimedBy(&c.Mention, f.watch)) {
			with[stem]++
			if written[stem] == nil {
				written[stem] = map[string]int{}
			}
			written[stem][exact]++
		}
	}
	strange := map[string]float64{}
	for stem, n := range with {
		if before.of < pastLeast && len([]rune(stem)) < longWord {
			continue
		}
		if z := unusual(n, len(f.comments), before.with[stem], before.of); n >= saidLeast && z >= surprise {
			strange[stem] = z
		}
	}
	var words []string
	for _, stem := range strangest(strange, wordsMost) {
		words = append(words, rule.Most(written[stem], 1)[0])
	}
	return words, nil
}

func strangest(strange map[string]float64, limit int) []string {
	stems := make([]string, 0, len(strange))
	for stem := range strange {
		stems = append(stems, stem)
	}
	slices.SortFunc(stems, func(a, b string) int { return cmp.Or(cmp.Compare(strange[b], strange[a]), cmp.Compare(a, b)) })
	return stems[:min(limit, len(stems))]
}

// unusual is the log of the odds that a comment holds a word, now against before, in
// standard deviations of that log. Half a comment is added to each count.
func unusual(now, of, before, ofBefore int) float64 {
	a, b := float64(now)+.5, float64(of-now)+.5
	c, d := float64(before)+.5, float64(ofBefore-before)+.5
	return (math.Log(a/b) - math.Log(c/d)) / math.Sqrt(1/a+1/b+1/c+1/d)
}

// spokenBefore is what was spoken of before the surge, by what was known when it began.
func (f *facts) spokenBefore(ctx context.Context) (past, error) {
	if f.before.began.Equal(f.now.Since) && f.before.with != nil {
		return f.before, nil
	}
	q := store.Question{Watches: []string{f.watch}, Kinds: rule.Spoken(), From: f.now.Since.Add(-pastFor), To: f.now.Since, SeenTo: f.now.Since, Gone: true}
	found, _, err := f.Search(ctx, q, pastMost, "")
	if err != nil {
		return past{}, err
	}
	p := past{began: f.now.Since, with: map[string]int{}}
	var tokenizer text.Tokenizer
	for i := range found {
		if !rule.Negative(&found[i]) {
			continue
		}
		p.of++
		for stem := range wordsOf(rule.NewComment(&tokenizer, found[i]).Tokens, nil) {
			p.with[stem]++
		}
	}
	f.before = p
	return p, nil
}

// claimedBy are the words for which a watch claims a mention: they say nothing new.
func claimedBy(m *mention.Mention, watch string) (claimed []text.Token) {
	for _, h := range m.Current().Hits {
		if h.Watch != watch {
			continue
		}
		for _, w := range h.Words {
			claimed = append(claimed, text.Tokens(w)...)
		}
	}
	return claimed
}

// wordsOf is the words of a text once each, by their stem, as first written.
func wordsOf(tokens, without []text.Token) map[string]string {
	words := map[string]string{}
	for _, t := range tokens {
		if t.Class != text.Plain && t.Class != text.Tag || len([]rune(t.Fold)) < 3 {
			continue
		}
		if slices.ContainsFunc(without, func(w text.Token) bool { return w.Same(t.Word) }) {
			continue
		}
		if _, known := words[t.French]; !known {
			words[t.French] = t.Exact
		}
	}
	return words
}
