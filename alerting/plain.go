package alerting

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// Plain makes a stranger's words safe in one line of plain text: no line breaks,
// no control characters, nothing that reorders or hides what follows. Emoji and
// accents stay whole. It is at most limit characters long; an ellipsis says that
// it was cut.
func Plain(s string, limit int) string {
	words := strings.FieldsFunc(strings.Map(harmless, bounded(s, limit)), func(r rune) bool { return r == ' ' })
	return shorten(strings.Join(words, " "), limit)
}

// bounded cuts what could never be shown, before anything walks it.
func bounded(s string, limit int) string {
	most := 64 * (limit + 1)
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// harmless keeps a character, makes it a space, or drops it.
func harmless(r rune) rune {
	const (
		zeroWidthJoiner, zeroWidthNonJoiner = '\u200d', '\u200c' // emoji and Persian need them
		noBreak, narrowNoBreak              = '\u00a0', '\u202f'
	)
	switch {
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		return r
	case r == noBreak, r == narrowNoBreak: // French typography stands on them
		return r
	case unicode.IsSpace(r), unicode.Is(unicode.Cc, r):
		return ' '
	case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
		return -1
	}
	return r
}

// shorten cuts between whole characters as a reader sees them, and after a word
// when one ends nearby.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	var kept strings.Builder
	left := limit - 1 // the ellipsis
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if left -= len(g.Runes()); left < 0 {
			break
		}
		kept.WriteString(g.Str())
	}
	cut := kept.String()
	inside := !strings.HasPrefix(s[len(cut):], " ")
	if space := strings.LastIndexByte(cut, ' '); inside && space > len(cut)*2/3 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:.-–—") + "…"
}

// address is a link that is safe to show, or "" when it is none.
func address(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || len(raw) > 2000 {
		return ""
	}
	u.User = nil
	var safe strings.Builder
	for _, b := range []byte(u.String()) {
		if b <= ' ' || b > '~' {
			fmt.Fprintf(&safe, "%%%02X", b)
		} else {
			safe.WriteByte(b)
		}
	}
	return safe.String()
}
