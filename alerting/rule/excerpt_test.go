package rule

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAnExcerptStandsAroundTheWordThatMatched(t *testing.T) {
	long := strings.Repeat("Rien à dire ici. ", 20) + "La mairesse parle de l'épargne d’été. " + strings.Repeat("Encore rien à dire. ", 40)
	for _, c := range []struct{ name, text, word, begins string }{
		{"in the middle", long, "l'épargne", "…Rien à dire"},
		{"at the beginning", "L’épargne grimpe.", "L’épargne", "L’épargne grimpe."},
		{"without a word", long, "", "Rien à dire ici."},
		{"in one endless word", strings.Repeat("é", 500) + "X", "X", "…é"},
	} {
		got := around(c.text, c.word)
		if !strings.HasPrefix(got, c.begins) || !strings.Contains(got, c.word) || !utf8.ValidString(got) || len(got) > piece+3 {
			t.Errorf("%s: %q", c.name, got)
		}
	}
	if got := around("texte", "absent"); got != "" {
		t.Errorf("a word that is not there: %q", got)
	}
}

func FuzzAround(f *testing.F) {
	f.Add("Voici. L'épargne d’été 👩🏽‍🌾", "épargne")
	f.Fuzz(func(t *testing.T, text, word string) {
		if got := around(text, word); utf8.ValidString(text) && utf8.ValidString(word) && !utf8.ValidString(got) {
			t.Errorf("%q around %q is %q", text, word, got)
		}
	})
}
