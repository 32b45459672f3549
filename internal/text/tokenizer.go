package text

import (
	"strings"
	"unicode/utf8"
)

// Tokenizer cuts texts and remembers the forms of the words it met, up to a
// bound. The zero value is ready. It is for one goroutine at a time.
type Tokenizer struct {
	words cache
	stems stemmer
}

// Append appends the tokens of s to dst. It allocates for words it does not
// remember, and for labels.
func (t *Tokenizer) Append(dst []Token, s string) []Token {
	for i := 0; i < len(s); {
		r, w := decode(s, i)
		switch kindOf(r) {
		case letter, digit:
			dst, i = t.word(dst, s, i)
		case ideograph:
			end := ideographEnd(s, i+w)
			dst, i = append(dst, t.token(s, i, end, Ideograph)), end
		case pictogram:
			end := emojiEnd(s, i)
			dst, i = append(dst, t.token(s, i, end, Emoji)), end
		case sign:
			dst, i = t.label(dst, s, i, w)
		default:
			i += w
		}
	}
	return dst
}

// word appends what begins with the letter or digit at i: an address, a number,
// a word, or nothing when it is elided. It returns where to go on.
func (t *Tokenizer) word(dst []Token, s string, i int) ([]Token, int) {
	if end := linkEnd(s, i); end > i {
		return t.link(dst, s, i, end), end
	}
	run := scanRun(s, i, len(s))
	if !run.letters {
		end := numberEnd(s, run.end)
		return append(dst, t.number(s, i, end)), max(end, run.next)
	}
	word := t.words.get(s[i:run.end], &t.stems)
	if word.elides {
		if next, ok := elision(s, run.next); ok {
			return dst, next
		}
	}
	return append(dst, Token{Start: i, End: run.end, Word: word}), run.next
}

func (t *Tokenizer) token(s string, start, end int, class Class) Token {
	return Token{Start: start, End: end, Class: class, Word: t.words.get(s[start:end], &t.stems)}
}

// run is letters, digits and marks side by side: it ends at end, and next is
// after the invisible characters that follow.
type run struct {
	end, next int
	letters   bool
}

// scanRun reads the run that begins with a letter or digit at i, no further than limit.
func scanRun(s string, i, limit int) run {
	u := run{end: i, next: i}
	for u.next < limit {
		r, w := decode(s, u.next)
		k := kindOf(r)
		switch k {
		case letter:
			u.letters = true
		case digit, mark:
		case ignorable:
			u.next += w
			continue
		default:
			return u
		}
		u.next += w
		u.end = u.next
	}
	return u
}

// elision says whether what stands before i is elided: an apostrophe at i, then
// the word that it leans on. next is where that begins.
func elision(s string, i int) (next int, ok bool) {
	if i >= len(s) {
		return i, false
	}
	r, w := decode(s, i)
	if kindOf(r) != apostrophe {
		return i, false
	}
	next = skipIgnorable(s, i+w)
	if next >= len(s) {
		return i, false
	}
	r, _ = decode(s, next)
	switch kindOf(r) {
	case letter, digit, sign, ideograph:
		return next, true
	}
	return next, r == '«' || r == '“' || r == '"'
}

func skipIgnorable(s string, i int) int {
	for i < len(s) {
		r, w := decode(s, i)
		if kindOf(r) != ignorable {
			break
		}
		i += w
	}
	return i
}

// ideographEnd includes the voicing marks that follow a kana.
func ideographEnd(s string, i int) int {
	for i < len(s) {
		r, w := decode(s, i)
		if kindOf(r) != mark {
			break
		}
		i += w
	}
	return i
}

// label appends the words of the #tag or @handle whose sign, w bytes long, is at
// i, and returns where to go on: after the sign when there is none.
func (t *Tokenizer) label(dst []Token, s string, i, w int) ([]Token, int) {
	r, _ := decode(s, i)
	class, sign := Tag, "#"
	if r == '@' || r == '＠' || r == '﹫' {
		class, sign = Handle, "@"
	}
	body := i + w
	end := labelEnd(s, body, class)
	if end == body || !labelMayBegin(s, i) {
		return dst, body
	}
	first := len(dst)
	dst = t.parts(dst, s, body, end, class)
	dst[first].Start = i
	dst[first].Label = sign + Fold(s[body:end])
	dst[first].LabelEnd = end
	return dst, end
}

// labelEnd is where the body of a label ends; at its beginning when there is
// none: a tag wants a letter (#1 is a number), a handle a letter or a digit.
func labelEnd(s string, body int, class Class) int {
	end, wanted := body, false
	for i := body; i < len(s); {
		r, w := decode(s, i)
		i += w
		switch k := kindOf(r); {
		case k == letter || k == ideograph:
			wanted, end = true, i
		case k == digit:
			wanted, end = wanted || class == Handle, i
		case r == '_' || r == '＿' || k == mark && end > body:
			end = i
		case k == ignorable:
		case class == Handle && (r == '.' || r == '-') && end == i-w && end > body: // inside only: the end stays before it
		default:
			i = len(s)
		}
	}
	if !wanted {
		return body
	}
	return end
}

// labelMayBegin refuses a sign inside a word: an e-mail address, C#, &#39;.
func labelMayBegin(s string, i int) bool {
	for i > 0 {
		r, w := utf8.DecodeLastRuneInString(s[:i])
		switch kindOf(r) {
		case letter, digit:
			return false
		case mark, ignorable: // what counts is what it stands on
			i -= w
		default:
			return r != '_' && r != '&'
		}
	}
	return true
}

// parts appends every word between start and end as it stands: no numbers, no
// addresses, no elision.
func (t *Tokenizer) parts(dst []Token, s string, start, end int, class Class) []Token {
	for i := start; i < end; {
		r, w := decode(s, i)
		switch kindOf(r) {
		case letter, digit:
			u := scanRun(s, i, end)
			dst = append(dst, t.token(s, i, u.end, class))
			i = u.next
		case ideograph:
			next := min(ideographEnd(s, i+w), end)
			dst = append(dst, t.token(s, i, next, class))
			i = next
		default:
			i += w
		}
	}
	return dst
}

// decode is the character at i; a byte that is not UTF-8 parts words.
func decode(s string, i int) (rune, int) {
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}

// hasPrefixFold is for prefixes in lower-case ASCII.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
