package text

import (
	"strings"
	"unicode"
)

// linkEnd is where the address that begins at i ends; i when none does.
func linkEnd(s string, i int) int {
	if c := s[i] | 0x20; c != 'h' && c != 'w' {
		return i
	}
	from := i + len(scheme(s[i:]))
	if from == i && !hasPrefixFold(s[i:], "www.") || from >= len(s) {
		return i
	}
	if r, _ := decode(s, from); kindOf(r) != letter && kindOf(r) != digit {
		return i
	}
	end := from
	for end < len(s) {
		r, w := decode(s, end)
		if unicode.IsSpace(r) || strings.ContainsRune("<>\"«»“”{}|\\^`", r) {
			break
		}
		end += w
	}
	return from + len(strings.TrimRight(s[from:end], ".,;:!?)]'’…*_"))
}

func scheme(s string) string {
	for _, p := range [...]string{"https://", "http://"} {
		if hasPrefixFold(s, p) {
			return s[:len(p)]
		}
	}
	return ""
}

// link appends the words of the host and path of the address s[start:end].
func (t *Tokenizer) link(dst []Token, s string, start, end int) []Token {
	start += len(scheme(s[start:end]))
	if i := strings.IndexAny(s[start:end], "?#"); i >= 0 {
		end = start + i
	}
	host := end
	if i := strings.IndexByte(s[start:end], '/'); i >= 0 {
		host = start + i
	}
	dst = t.parts(dst, s, hostStart(s, start, host), hostEnd(s, start, host), Link)
	for from := host + 1; from < end; {
		to := end
		if i := strings.IndexByte(s[from:end], '/'); i >= 0 {
			to = from + i
		}
		// An escaped segment would give words that nobody wrote.
		if !strings.Contains(s[from:to], "%") {
			dst = t.parts(dst, s, from, to, Link)
		}
		from = to + 1
	}
	return dst
}

// hostStart leaves out a user's name and www.
func hostStart(s string, start, end int) int {
	if i := strings.LastIndexByte(s[start:end], '@'); i >= 0 {
		start += i + 1
	}
	if hasPrefixFold(s[start:end], "www.") {
		start += len("www.")
	}
	return start
}

// hostEnd leaves out a port.
func hostEnd(s string, start, end int) int {
	if i := strings.LastIndexByte(s[start:end], ':'); i >= 0 {
		return max(start+i, hostStart(s, start, end))
	}
	return end
}
