package text

import (
	"unicode"
	"unicode/utf8"
)

// kind is the part a character plays in the cutting of words.
type kind uint8

const (
	other      kind = iota // parts words
	letter                 // with what stands for one: Ⓐ
	digit                  // and other numbers: ½
	mark                   // continues what it stands on, begins nothing
	ignorable              // is not there
	apostrophe             // parts words, and elides
	sign                   // # or @
	ideograph              // a word by itself
	pictogram              // begins an emoji
)

// kinds answers for Latin at once; it is filled here and never changes.
var kinds = func() (table [0x250]kind) {
	for r := range table {
		table[r] = slowKind(rune(r))
	}
	return table
}()

func kindOf(r rune) kind {
	if r >= 0 && int(r) < len(kinds) {
		return kinds[r]
	}
	return slowKind(r)
}

func slowKind(r rune) kind {
	switch {
	case isIgnorable(r):
		return ignorable
	case isApostrophe(r):
		return apostrophe
	case r == '#', r == '@', r == '＃', r == '＠', r == '﹟', r == '﹫':
		return sign
	case unicode.IsMark(r), r == 0xFF9E, r == 0xFF9F: // half-width voicing marks
		return mark
	case isIdeograph(r):
		return ideograph
	case unicode.IsLetter(r), r >= 0x24B6 && r <= 0x24E9, r >= 0x1F130 && r <= 0x1F149: // letters in circles, in squares
		return letter
	case unicode.IsNumber(r):
		return digit
	case isPictogram(r):
		return pictogram
	}
	return other
}

func isIdeograph(r rune) bool {
	switch {
	case r < 0x2E80:
		return false
	case r >= 0x3041 && r <= 0x30FF && r != 0x30FB, r >= 0x31F0 && r <= 0x31FF, r >= 0xFF66 && r <= 0xFF9D:
		return true // kana; 0x30FB is the middle dot
	}
	return unicode.Is(unicode.Han, r) && unicode.IsLetter(r)
}

func isPictogram(r rune) bool {
	switch {
	case isSkinTone(r):
		return false
	case r >= 0x2300 && r <= 0x23FF, r >= 0x2600 && r <= 0x27BF, r >= 0x2B00 && r <= 0x2BFF:
		return true
	}
	return r >= 0x1F000 && r <= 0x1FAFF
}

func isFlagLetter(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// emojiEnd is where the emoji that begins at i ends, with its selectors, skin
// tone, and what a joiner ties to it.
func emojiEnd(s string, i int) int {
	first, w := utf8.DecodeRuneInString(s[i:])
	end := i + w
	if isFlagLetter(first) {
		if second, w := utf8.DecodeRuneInString(s[end:]); isFlagLetter(second) {
			end += w
		}
		return end
	}
	const joiner = 0x200D
	joined := false
	for end < len(s) {
		r, w := utf8.DecodeRuneInString(s[end:])
		tied := joined && isPictogram(r) && !isFlagLetter(r)
		if !tied && !isSkinTone(r) && kindOf(r) != mark && (r != joiner && !isSelector(r)) {
			break
		}
		joined = r == joiner
		end += w
	}
	return end
}

// isSelector is for variation selectors and the tags that spell a region's flag.
func isSelector(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0020 && r <= 0xE007F
}
