package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold makes equal what readers take for equal: case, accents, ligatures,
// compatibility forms, apostrophes, spaces of every kind, skin tones; invisible
// characters vanish and bytes that are not UTF-8 become U+FFFD. Folding twice
// changes nothing more.
func Fold(s string) string {
	if isASCII(s) {
		return strings.ReplaceAll(strings.ToLower(s), "`", "'")
	}
	if folded, ok := foldLatin(s); ok {
		return folded
	}
	return foldAny(s)
}

// latin and punctuation are the folds of the characters of which French and
// English are made, where none depends on its neighbours. They never change.
const (
	latinEnd         = 0x250
	punctuationStart = 0x2000
	punctuationEnd   = 0x2070
)

var (
	latin       = foldTable(0, latinEnd)
	punctuation = foldTable(punctuationStart, punctuationEnd)
)

func foldTable(start, end rune) []string {
	table := make([]string, end-start)
	for r := start; r < end; r++ {
		table[r-start] = foldAny(string(r))
	}
	return table
}

// foldLatin folds by table; ok is false when s has a character that is in none.
func foldLatin(s string) (folded string, ok bool) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, w := decode(s, i)
		switch {
		case r < latinEnd:
			b.WriteString(latin[r])
		case r >= punctuationStart && r < punctuationEnd:
			b.WriteString(punctuation[r-punctuationStart])
		default:
			return "", false
		}
		i += w
	}
	return b.String(), true
}

// foldAny is Fold for every string.
func foldAny(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	// A second round is rare (a letter whose lower case decomposes); the bound is
	// for the reader's peace.
	for range 4 {
		t := foldOnce(s)
		if t == s {
			break
		}
		s = t
	}
	return s
}

func foldOnce(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(strings.Map(visible, s)) {
		if isAccent(r) || isIgnorable(r) || isSkinTone(r) {
			continue
		}
		r = unicode.ToLower(r)
		if two := ligature(r); two != "" {
			b.WriteString(two)
			continue
		}
		b.WriteRune(visible(r))
	}
	return norm.NFKC.String(b.String())
}

// visible drops what cannot be seen and makes apostrophes straight, for strings.Map.
func visible(r rune) rune {
	switch {
	case isIgnorable(r):
		return -1
	case isApostrophe(r):
		return '\''
	}
	return r
}

// written is s composed and without invisible characters.
func written(s string) string {
	if isASCII(s) {
		return s
	}
	drop := func(r rune) rune {
		if isIgnorable(r) {
			return -1
		}
		return r
	}
	// Composing can insert a grapheme joiner after thirty accents: dropped as well.
	return strings.Map(drop, norm.NFC.String(strings.Map(drop, s)))
}

// ligature is what accents and NFKC leave: letters written as one that are read
// as two, and letters with a stroke. Empty for any other.
func ligature(r rune) string {
	switch r {
	case 'œ':
		return "oe"
	case 'æ':
		return "ae"
	case 'ß':
		return "ss"
	case 'þ':
		return "th"
	case 'ø':
		return "o"
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'ħ':
		return "h"
	case 'ı':
		return "i"
	case 'ς':
		return "σ"
	}
	return ""
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isAccent is for the marks that Latin, Greek and Cyrillic readers leave out.
// Those of other scripts change the word and stay.
func isAccent(r rune) bool {
	return r >= 0x300 && r <= 0x36F || r >= 0x1AB0 && r <= 0x1AFF ||
		r >= 0x1DC0 && r <= 0x1DFF || r >= 0x20D0 && r <= 0x20FF || r >= 0xFE20 && r <= 0xFE2F
}

// isIgnorable is for soft hyphens, joiners, direction marks, variation selectors
// and the other characters that nobody sees.
func isIgnorable(r rune) bool {
	switch {
	case r < 0xAD:
		return false
	case r == 0xAD, r == 0x34F, r == 0x61C, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0, r == 0xFEFF:
		return true
	case r >= 0x17B4 && r <= 0x17B5, r >= 0x180B && r <= 0x180F:
		return true
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	}
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0000 && r <= 0xE0FFF
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '‛', '′', 'ʼ', 'ʻ', '`', '´', '＇':
		return true
	}
	return false
}

func isSkinTone(r rune) bool { return r >= 0x1F3FB && r <= 0x1F3FF }
