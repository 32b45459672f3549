package sentiment

import (
	"os"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/mention"
)

// The articles are those of the story tests: floods, strikes and prizes, told by
// newsrooms that take no side.
func TestMostReportsAreNeutralWhateverTheyTell(t *testing.T) {
	raw, err := os.ReadFile("../story/testdata/articles.txt")
	if err != nil {
		t.Fatal(err)
	}
	r, all, coloured := New(), 0, 0
	for _, part := range strings.Split("\n"+string(raw), "\n# ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		lang := "fr"
		if strings.Contains(body, " the ") {
			lang = "en"
		}
		all++
		if got := r.Read(Text{Title: title, Body: body, Lang: lang}); got.Label != mention.Neutral {
			coloured++
			t.Logf("%s: %q %.2f %.2f %.2f", title, got.Label, got.Negative, got.Neutral, got.Positive)
		}
	}
	if all < 30 || coloured*3 > all {
		t.Errorf("%d of %d reports are not neutral, want a third at most", coloured, all)
	}
}
