package text

import "strings"

// numberEnd extends the digits that end at i by groups of three and by decimals.
// Three digits in a row after a space or a comma are a group: the price is that
// "100 200" reads as one number.
func numberEnd(s string, i int) int {
	first := i
	for digitsBefore(s, first) <= 3 {
		w := groupMark(s, i)
		if w == 0 || digitsFrom(s, i+w) != 3 {
			break
		}
		i += w + 3
	}
	if i < len(s) && (s[i] == '.' || s[i] == ',') {
		if n := digitsFrom(s, i+1); n > 0 {
			i += 1 + n
		}
	}
	return i
}

// digitsBefore counts the ASCII digits before i, up to 4; a number in other
// digits is left as it is.
func digitsBefore(s string, i int) int {
	n := 0
	for n < 4 && i-n > 0 && isDigit(s[i-n-1]) {
		n++
	}
	if n == 0 {
		return 4
	}
	return n
}

// digitsFrom counts the ASCII digits from i on; 0 when a letter follows at once,
// because 3,5e and 12 200th are no numbers.
func digitsFrom(s string, i int) int {
	n := 0
	for i+n < len(s) && isDigit(s[i+n]) {
		n++
	}
	if wordGoesOn(s, i+n) {
		return 0
	}
	return n
}

func wordGoesOn(s string, i int) bool {
	if i = skipIgnorable(s, i); i >= len(s) {
		return false
	}
	switch r, _ := decode(s, i); kindOf(r) {
	case letter, digit, mark:
		return true
	}
	return false
}

// groupMark is the length of what parts thousands at i: a space  or a comma.
func groupMark(s string, i int) int {
	if i >= len(s) {
		return 0
	}
	if r, w := decode(s, i); r == ',' || strings.ContainsRune(groupSpaces, r) {
		return w
	}
	return 0
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number is the token of the number between start and end. One that was grouped
// or has decimals folds to digits and a point.
func (t *Tokenizer) number(s string, start, end int) Token {
	written := s[start:end]
	fold := foldNumber(written)
	if fold == written {
		return t.token(s, start, end, Number)
	}
	return Token{Start: start, End: end, Class: Number,
		Word: &Word{Exact: writtenForm(written), Fold: fold, French: fold, English: fold}}
}

// groupSpaces part thousands: plain, no-break, narrow no-break, thin.
const groupSpaces = " \u00a0\u202f\u2009"

// foldNumber drops what groups. The last comma is the decimal one when no point
// is, unless it parts three digits as 1,200 does (but not in 1 200,500).
func foldNumber(s string) string {
	i := strings.LastIndexByte(s, ',')
	if i >= 0 && !strings.Contains(s, ".") && (len(s)-i != 4 || strings.ContainsAny(s, groupSpaces)) {
		s = s[:i] + "." + s[i+1:]
	}
	return Fold(strings.Map(func(r rune) rune {
		if r == ',' || strings.ContainsRune(groupSpaces, r) {
			return -1
		}
		return r
	}, s))
}
