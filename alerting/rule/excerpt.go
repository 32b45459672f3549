package rule

import (
	"strings"
	"unicode/utf8"

	"github.com/ouidire/ouidire/mention"
)

// Excerpt is the piece of a text around the first word that matched.
func Excerpt(v mention.Version) string {
	for _, h := range v.Hits {
		for _, w := range h.Words {
			if e := around(v.Text, w); e != "" {
				return e
			}
		}
	}
	return around(v.Text, "")
}

// How much of the text is quoted, in bytes, and how much of it before the word.
const (
	piece = 400
	lead  = 120
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
	end := min(start+piece, len(text))
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	cut := strings.TrimSpace(text[start:end])
	if start > 0 && cut != "" {
		cut = "…" + cut
	}
	return cut
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
