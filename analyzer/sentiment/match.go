package sentiment

import (
	"strings"
	"unicode"

	"github.com/ouidire/ouidire/internal/text"
)

// lay cuts a text into tokens, clauses and hits.
func (d *desk) lay(l *lexicon, s signs, t string) {
	d.lexicon, d.signs, d.text = l, s, t
	d.tokens = d.tokenizer.Append(d.tokens[:0], t)
	n := len(d.tokens)
	d.words, d.hits, d.clauses = d.words[:0], d.hits[:0], append(d.clauses[:0], clause{})
	d.roles, d.owner, d.clause = cleared(d.roles, n), cleared(d.owner, n), cleared(d.clause, n)
	for _, token := range d.tokens {
		d.words = append(d.words, d.spelling(token))
	}
	d.findAll()
	d.part()
}

func cleared[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// spelling is the folded word as the lexicon would write it: letters held down
// are let go ("trooop"), unless the word is known as it stands.
func (d *desk) spelling(t text.Token) string {
	word := t.Fold
	if t.Class == text.Number || !heldDown(word) {
		return word
	}
	two, one := let(word, 2), let(word, 1)
	for _, w := range []string{two, one} {
		if d.known(w) {
			return w
		}
	}
	return two
}

func (d *desk) known(word string) bool {
	if d.lexicon.whole[word] != nil {
		return true
	}
	for n := d.lexicon.least; n <= min(d.lexicon.most, len(word)); n++ {
		if d.lexicon.starts[word[:n]] != nil {
			return true
		}
	}
	return false
}

func heldDown(word string) bool {
	for i := 2; i < len(word); i++ {
		if word[i] == word[i-1] && word[i] == word[i-2] {
			return true
		}
	}
	return false
}

// let is word with every run of one letter cut to n.
func let(word string, n int) string {
	var b strings.Builder
	run := 0
	var last rune
	for _, r := range word {
		if r != last {
			run = 0
		}
		last = r
		if run++; run <= n {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// findAll looks every token up. A hit covers its tokens: the words inside an
// expression do not speak for themselves.
func (d *desk) findAll() {
	free := 0 // the first token that no hit covers
	for i, t := range d.tokens {
		if t.Class == text.Emoji {
			d.addSign(t.Start, t.End, i, d.signs[t.Fold])
			continue
		}
		best := d.lexicon.find(d.words[i:], func(e *entry) { d.mark(e, i) })
		if best == nil || i < free || d.strengthensNext(best, i) {
			continue
		}
		last := i + len(best.words) - 1
		d.hits = append(d.hits, hit{first: i, last: last, start: t.Start, end: d.tokens[last].End, tone: best.tone, roles: best.roles})
		free = last + 1
		for k := i; k < free; k++ {
			d.owner[k] = len(d.hits)
		}
	}
	d.findSmileys()
}

// mark notes what an entry does on the tokens it is made of.
func (d *desk) mark(e *entry, at int) {
	for k := range e.words {
		d.roles[at+k] |= e.roles
	}
}

// strengthensNext is for words that have a tone alone and strengthen before
// another: "super" in "super long", "trop" in "trop gentil".
func (d *desk) strengthensNext(e *entry, at int) bool {
	if e.roles&(boosts|swears) == 0 || len(e.words) > 1 || at+1 >= len(d.tokens) || d.parted(at) {
		return false
	}
	next := d.lexicon.find(d.words[at+1:], func(*entry) {})
	return next != nil && next.tone != 0
}

func (d *desk) addSign(start, end, token int, tone float64) {
	if tone != 0 {
		d.hits = append(d.hits, hit{first: token, last: token, start: start, end: end, tone: tone, sign: true})
	}
}

// findSmileys looks for :) and its like where people put them: as a word of their
// own, or glued to the end of one. A text of nothing else has no word to hang them
// on, and stays neutral.
func (d *desk) findSmileys() {
	token, end := 0, 0
	for field := range strings.FieldsSeq(d.text) {
		start := end + strings.Index(d.text[end:], field)
		end = start + len(field)
		for token+1 < len(d.tokens) && d.tokens[token+1].Start < end {
			token++
		}
		if tone, n := d.smiley(field); n > 0 && len(d.tokens) > 0 {
			d.addSign(end-n, end, token, tone)
		}
	}
}

// smiley is the tone of the smiley that ends a field, and its length; one that
// begins with a letter (xD) must be the whole field.
func (d *desk) smiley(field string) (tone float64, length int) {
	const longest, shortest = 4, 2
	for n := min(longest, len(field)); n >= shortest; n-- {
		suffix := strings.ToLower(field[len(field)-n:])
		if tone, ok := d.signs[suffix]; ok && (n == len(field) || suffix[0] != 'x') {
			return tone, n
		}
	}
	return 0, 0
}

// part cuts the text into clauses, and says of each how it ends.
func (d *desk) part() {
	sentence := 0
	for i := range d.tokens {
		now := len(d.clauses) - 1
		if d.turns(i) && i > 0 && d.clause[i-1] == now {
			d.clauses = append(d.clauses, clause{sentence: sentence})
			now++
		}
		d.clause[i] = now
		d.clauses[now].turned = d.clauses[now].turned || d.turns(i)
		if end := endOfClause(d.gap(i)); end != (clauseEnd{}) {
			d.clauses[now].question, d.clauses[now].exclaims = end.question, end.exclaims
			if end.full && (i+1 == len(d.tokens) || !d.turns(i+1)) {
				sentence++
			}
			d.clauses = append(d.clauses, clause{sentence: sentence})
		}
	}
	d.concede()
	for i, h := range d.hits {
		d.hits[i].clause = d.clause[h.first]
	}
}

func (d *desk) turns(i int) bool { return d.roles[i]&turns != 0 && d.owner[i] == 0 }

// concede spreads a "mais" over its sentence: what stands before is conceded,
// what stands after is concluded.
func (d *desk) concede() {
	for i := range d.clauses {
		if !d.clauses[i].turned {
			continue
		}
		for j := i - 1; j >= 0 && d.clauses[j].sentence == d.clauses[i].sentence; j-- {
			d.clauses[j].before = true
		}
		for j := i + 1; j < len(d.clauses) && d.clauses[j].sentence == d.clauses[i].sentence; j++ {
			d.clauses[j].after = true
		}
	}
}

// gap is what stands between a token and the next.
func (d *desk) gap(i int) string {
	if i+1 < len(d.tokens) {
		return d.text[d.tokens[i].End:max(d.tokens[i].End, d.tokens[i+1].Start)]
	}
	return d.text[d.tokens[i].End:]
}

// parted says that a comma or more stands between a token and the next.
func (d *desk) parted(i int) bool { return strings.ContainsAny(d.gap(i), ",.;:!?\n…()") }

// clauseEnd is how a clause ends; zero when it goes on.
type clauseEnd struct {
	any, full, question bool
	exclaims            int
}

func endOfClause(gap string) (end clauseEnd) {
	for _, r := range gap {
		switch r {
		case '?', '？', '⁉':
			end.full, end.question = true, true
		case '!', '！':
			end.full = true
			end.exclaims++
		case '.', '\n', '…':
			end.full = true
		case ';', ',', ':', '(', ')', '»', '«':
			end.any = true
		}
	}
	return end
}

// shouted says that a hit is written in capitals.
func shouted(s string) bool {
	letters := 0
	for _, r := range s {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			letters++
		}
	}
	return letters >= 3
}
