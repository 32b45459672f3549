package config

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ligatures are the letters that lose nothing but their shape.
var ligatures = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae", "ß", "ss", "ø", "o", "Ø", "o")

// Slug makes a name out of any words: l’Anse-aux-Moyacs is l-anse-aux-moyacs. It
// is never empty.
func Slug(words string) string {
	var b strings.Builder
	dash := false
	for _, c := range norm.NFD.String(ligatures.Replace(words)) {
		c = unicode.ToLower(c)
		switch {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(c)
		case !unicode.Is(unicode.Mn, c):
			dash = true
		}
		if b.Len() >= longestName-1 {
			break
		}
	}
	if b.Len() == 0 {
		return "sans-nom"
	}
	return b.String()
}
