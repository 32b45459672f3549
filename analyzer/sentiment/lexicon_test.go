package sentiment

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestEveryLineOfTheLexiconsIsReadAndNoEntryIsThereTwice(t *testing.T) {
	for lang, least := range map[string]int{"fr": 700, "en": 500} {
		l, err := loadLexicon(lang)
		if err != nil {
			t.Fatal(err)
		}
		if l.count < least {
			t.Errorf("%s has %d entries, want %d", lang, l.count, least)
		}
	}
	if signs, err := loadSigns(); err != nil || len(signs) < 100 {
		t.Errorf("%d emoji and smileys, %v", len(signs), err)
	}
}

func TestAMistakeInALexiconIsNamed(t *testing.T) {
	for _, c := range []struct{ name, lines, want string }{
		{"a tone beyond the scale", "4 bon", `"4" is neither a tone`},
		{"no tone", "bon gentil", `"bon" is neither a tone`},
		{"twice in one group", "1 bon; bon", `"bon" is there twice`},
		{"twice with two tones", "1 épargne\n-1 Epargne", `line 2: "Epargne" is there twice`},
		{"twice in one role", "neg pas; pas", `"pas" is there twice`},
		{"an empty entry", "1 bon;; beau", `"" has no word`},
	} {
		_, err := loadFrom(fstest.MapFS{"x.txt": {Data: []byte(c.lines)}}, "x.txt")
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

func TestTheLongestEntryWinsAndAWholeWordBeforeABeginning(t *testing.T) {
	l, err := loadFrom(fstest.MapFS{"x.txt": {Data: []byte("# x\n-1 bon*; pas*\n1 bon\n2 pas pire\n3 pas pire pantoute\nneg pas")}}, "x.txt")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]float64{"bon": 1, "bonasse": -1, "pas pire": 2, "pas pire pantoute": 3, "pas bon": -1} {
		var roles role
		e := l.find(strings.Fields(text), func(e *entry) { roles |= e.roles })
		if e == nil || e.tone != want {
			t.Errorf("%q: %+v, want %v", text, e, want)
		}
		if strings.HasPrefix(text, "pas") && roles&negates == 0 {
			t.Errorf("%q: the negation is not seen", text)
		}
	}
}
