package elastic

import (
	"strings"
	"testing"

	"github.com/ouidire/ouidire/mention"
)

func TestEveryIDIsInOneLotWhateverItIsMadeOf(t *testing.T) {
	ids := []string{"", "2", "é", "Z", "zzzz", "{", mention.NewID("web", "L’Écho"), mention.NewID("web", "l'écho")}
	for _, letter := range idLetters {
		ids = append(ids, string(letter), string(letter)+"z")
	}
	for _, mentions := range []int{0, 2000, 2001, 64_000, 64_001, 5_000_000} {
		lots := lotsOf(mentions, 2000)
		for _, id := range ids {
			in := 0
			for _, l := range lots {
				if id >= l.from && (l.before == "" || id < l.before) {
					in++
				}
			}
			if in != 1 {
				t.Errorf("of %d mentions %q is in %d lots of %d", mentions, id, in, len(lots))
			}
		}
	}
	for mentions, want := range map[int]int{0: 1, 2000: 1, 2001: 32, 64_001: 1024, 5_000_000: 1024} {
		if got := len(lotsOf(mentions, 2000)); got != want {
			t.Errorf("%d mentions are cut into %d lots, want %d", mentions, got, want)
		}
	}
	for n := range 200 {
		if id := mention.NewID("web", string(rune(n))); strings.Trim(id, idLetters) != "" {
			t.Fatalf("an id is made of something else: %s", id)
		}
	}
}
