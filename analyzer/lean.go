package analyzer

import (
	_ "embed" // the phrases of leaning.txt
	"regexp"
	"slices"
	"strings"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

//go:embed leaning.txt
var leaningPhrases string

// leaning knows the replies that say nothing of their own: "Même chose ici",
// "so true", "+1". What they mean is what they answer. Such a reply is made of
// nothing else, so "pas d'accord" and "moi aussi, mais…" are none.
type leaning struct {
	phrases map[string]bool // folded words, joined by a space
	around  map[string]bool
	longest int // words of a phrase
}

func newLeaning() leaning {
	l := leaning{phrases: map[string]bool{}, around: map[string]bool{}}
	for line := range strings.Lines(leaningPhrases) {
		line = strings.TrimSpace(line)
		into := l.phrases
		if rest, ok := strings.CutPrefix(line, "~"); ok {
			line, into = rest, l.around
		}
		if line == "" || line[0] == '#' {
			continue
		}
		for phrase := range strings.SplitSeq(line, ";") {
			words := wordsOf(phrase)
			into[strings.Join(words, " ")] = true
			l.longest = max(l.longest, len(words))
		}
	}
	return l
}

// leanMost is the longest reply that is looked at, in bytes.
const leanMost = 200

// plusOne is +1 and what people make of it: + 1, +1000.
var plusOne = regexp.MustCompile(`\+ ?10*\b`)

// leans says whether the text is nothing but such a reply, and which words say so,
// as written.
func (l leaning) leans(s string) (why string, ok bool) {
	s = withoutHandles(s)
	if s == "" || len(s) > leanMost {
		return "", false
	}
	words := wordsOf(plusOne.ReplaceAllString(s, " plus un "))
	for len(words) > 0 {
		n, phrase := l.next(words)
		if n == 0 {
			return "", false
		}
		words, ok = words[n:], ok || phrase
	}
	return s, ok
}

// withoutHandles leaves out whom a reply begins by speaking to.
func withoutHandles(s string) string {
	from := 0
	for _, t := range text.Tokens(s[:min(len(s), leanMost)]) {
		if t.Class != text.Handle {
			break
		}
		from = t.End
	}
	return strings.TrimSpace(s[from:])
}

// next is how many of the first words are known, the longest way, and whether they
// say it or only stand around; 0 when they are something else.
func (l leaning) next(words []string) (n int, phrase bool) {
	for n := min(l.longest, len(words)); n > 0; n-- {
		some := strings.Join(words[:n], " ")
		if l.phrases[some] || l.around[some] {
			return n, l.phrases[some]
		}
	}
	return 0, false
}

// wordsOf is the folded words of a text. Emoji say nothing here, nor does whom one
// speaks to.
func wordsOf(s string) (words []string) {
	for _, t := range text.Tokens(s) {
		if t.Class != text.Emoji && t.Class != text.Handle {
			words = append(words, t.Fold)
		}
	}
	return words
}

// lean gives a reply that leans on what it answers the tone of that. parent gives
// what it answers, nil when nobody knows it. Its intent goes with the tone, but
// insults are those of who wrote them; whom the reply itself speaks of stays.
func (a *Analyzer) lean(own mention.Reading, v mention.Version, parent func() *mention.Mention) mention.Reading {
	if parent == nil || v.Title != "" {
		return own
	}
	why, ok := a.leaning.leans(v.Text)
	if !ok {
		return own
	}
	of, ok := a.toneOf(parent())
	if !ok {
		return own
	}
	own.Negative, own.Neutral, own.Positive, own.Label = of.Negative, of.Neutral, of.Positive, of.Label
	own.Intent = of.Intent
	if own.Intent == mention.Provocation {
		own.Intent = mention.Complaint
	}
	if own.Target == "" {
		own.Target = of.Target
	}
	own.Why = slices.Concat([]string{why}, of.Why)
	return own
}

// toneOf is the reading that holds of a mention, a person's first; of one that has
// none, as our own publications, what we read in it.
func (a *Analyzer) toneOf(m *mention.Mention) (r mention.Reading, ok bool) {
	if m == nil {
		return r, false
	}
	if r, ok = m.Reading(); ok {
		return r, true
	}
	v := m.Current()
	if blank(v) {
		return r, false
	}
	read := *m
	read.Lang = languageOf(m, v)
	return a.score(&read, v)
}
