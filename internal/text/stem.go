package text

import (
	"strings"
	"unicode/utf8"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/french"
	"golang.org/x/text/unicode/norm"
)

// A longer run of letters is no word of French or English, and stemming is not
// linear in it.
const longestStemmed = 40

// stemmer reuses one Snowball environment.
type stemmer struct{ env *snowballstem.Env }

// forms makes the forms of a word as it stands in a text.
func (m *stemmer) forms(s string) *Word {
	w := &Word{Exact: writtenForm(s), Fold: Fold(s)}
	if w.Fold == "" {
		w.Fold = w.Exact
	}
	w.French, w.English = w.Fold, w.Fold
	if len(w.Fold) > 1 && len(w.Fold) <= longestStemmed && isLower(w.Fold) {
		w.French = m.french(w)
		// English has no accents to lose, so that the stem of declarees is that
		// of déclarées too.
		w.English = m.stem(w.Fold, english.Stem)
	}
	w.elides = elides(w.Fold)
	return w
}

// french stems before accents are dropped, because French endings have some.
// Ligatures are opened first: œuvres and oeuvres share a stem.
func (m *stemmer) french(w *Word) string {
	lower := w.Fold
	if !isASCII(w.Exact) {
		lower = norm.NFKC.String(strings.ToLower(norm.NFKC.String(w.Exact)))
		lower = strings.ReplaceAll(strings.ReplaceAll(lower, "œ", "oe"), "æ", "ae")
	}
	return m.stem(lower, french.Stem)
}

// stem is the folded stem of s, or its fold when nothing is left.
func (m *stemmer) stem(s string, by func(*snowballstem.Env) bool) string {
	if m.env == nil {
		m.env = snowballstem.NewEnv("")
	}
	m.env.SetCurrent(s)
	by(m.env)
	stem := Fold(m.env.Current())
	if stem == "" {
		return Fold(s)
	}
	return stem
}

func isLower(s string) bool {
	for i := range len(s) {
		if s[i] < 'a' || s[i] > 'z' {
			return false
		}
	}
	return true
}

// elides is for the words that French shortens before a vowel and that say
// nothing of what is talked about. Presqu'île and quelqu'un keep their parts.
func elides(fold string) bool {
	switch fold {
	case "l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu":
		return true
	}
	return false
}

// writtenForm is written, or s itself made valid when nothing of it can be seen,
// so that no form is empty.
func writtenForm(s string) string {
	if w := written(s); w != "" {
		return w
	}
	return strings.ToValidUTF8(s, string(utf8.RuneError))
}
