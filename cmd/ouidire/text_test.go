package main

import (
	"strings"
	"testing"
	"unicode"

	"github.com/ouidire/ouidire/mention"
)

func TestATextCommandsNoTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"d’épargne\tÉTÉ\nl'œuvre":        "d’épargne\tÉTÉ\nl'œuvre",
		"e\u0301te\u0301":                "e\u0301te\u0301",
		"\x1b[2Ja\x07b\x7fc":             " [2Ja b c",
		"a\u009b31mb":                    "a 31mb",
		"\u202eliam\u202c \u2066x\u2069": "liam x",
		"a\u2028b\rc":                    "a b c",
		"coup\xff\xfeé":                  "coup\ufffdé",
		"👩\u200d👧 n\u00a0o":              "👩\u200d👧 n\u00a0o",
	} {
		if got := tame(in); got != want {
			t.Errorf("tame(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAHeadlineIsOneShortLine(t *testing.T) {
	for _, c := range []struct{ title, text, want string }{
		{"L’épargne\n d'été", "x", "L’épargne d'été"},
		{"\u202e", "Le texte", "Le texte"},
		{strings.Repeat("é", 200), "", strings.Repeat("é", 99) + "…"},
	} {
		if got := headline(mention.Version{Title: c.title, Text: c.text}); got != c.want {
			t.Errorf("headline of %q is %q, want %q", c.title, got, c.want)
		}
	}
}

func FuzzNothingHostileIsShown(f *testing.F) {
	for _, seed := range []string{"l’épargne", "\x1b]0;titre\x07", "\u009bm", "\u202e", "\xff\x9b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, r := range oneLine(text) {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q shows %U", text, r)
			}
		}
	})
}
