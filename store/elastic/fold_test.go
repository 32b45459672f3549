package elastic

import (
	"slices"
	"testing"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// seenBy is a mention as one process saw it.
func seenBy(at time.Time, text string) *mention.Mention {
	return &mention.Mention{ID: "m", SeenAt: at, Versions: []mention.Version{{At: at, Title: "L’été à l’Anse", Text: text}}}
}

func TestOfTwoWhoSawTheSameTheFirstThatIsKeptHolds(t *testing.T) {
	const text, before = "La caisse Valtisse a fermé son comptoir.", "La caisse Valtisse fermera son comptoir."
	kept := time.Date(2026, 11, 21, 20, 23, 56, 0, time.UTC)
	for name, c := range map[string]struct {
		given *mention.Mention
		want  []string
	}{
		"the same text, a moment earlier": {seenBy(kept.Add(-time.Second), text), []string{text}},
		"the same text, a moment later":   {seenBy(kept.Add(time.Second), text), []string{text}},
		"what it said a moment earlier":   {seenBy(kept.Add(-time.Second), before), []string{before, text}},
		"what it said a moment later":     {seenBy(kept.Add(time.Second), before), []string{text, before}},
	} {
		f := folded{mention: *seenBy(kept, text), exists: true}
		for range 2 { // an answer may get lost
			f.put(c.given)
		}
		var texts []string
		for _, v := range f.mention.Versions {
			texts = append(texts, v.Text)
		}
		if !slices.Equal(texts, c.want) || f.changed != (len(c.want) > 1) {
			t.Errorf("%s: %q, changed %v", name, texts, f.changed)
		}
		if !f.mention.SeenAt.Equal(kept) || !f.mention.Versions[0].At.Equal(kept) {
			t.Errorf("%s: seen at %v, first version of %v, want %v", name, f.mention.SeenAt, f.mention.Versions[0].At, kept)
		}
	}
}
