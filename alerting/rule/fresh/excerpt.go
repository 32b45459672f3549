package fresh

import (
	"strings"
	"unicode/utf8"
)

// How much of the text is quoted, in bytes, and how much of it before the word.
const (
	quoted = 400
	lead   = 120
)

// around is the piece of text in which word stands as written, from the beginning
// of a sentence or a word; "" when it does not stand there. The empty word stands
// at the beginning.
func around(text, word string) string {
	at := strings.Index(text, word)
	if at < 0 {
		return ""
	}
	start := max(at-lead, 0)
	if start > 0 {
		start = beginning(text, start, at)
	}
	end := min(start+quoted, len(text))
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	piece := strings.TrimSpace(text[start:end])
	if start > 0 && piece != "" {
		piece = "…" + piece
	}
	return piece
}

// beginning is the first beginning of a sentence in text[from:to], else of a word.
func beginning(text string, from, to int) int {
	for _, end := range []string{". ", "! ", "? ", "\n", " "} {
		if i := strings.Index(text[from:to], end); i >= 0 {
			return from + i + len(end)
		}
	}
	for from < to && !utf8.RuneStart(text[from]) {
		from++
	}
	return from
}
