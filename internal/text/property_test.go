package text_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ouidire/ouidire/internal/text"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

// anyText is made of what the tokenizer has rules for, of any character, and of bytes.
func anyText() *rapid.Generator[string] {
	pieces := rapid.SampledFrom([]string{"l'", "d’", "qu'", "Épargne", "e\u0301", "œ", "ß", "İ", "ſ", "#", "@", "_", "-", ".", ",", " ",
		"1", "200", "12 $", "https://", "www.", "/", "%C3", "?", ":8443", "\u200b", "\u00ad", "\u034f", "\u0301", "\u0338", "=", "👩", "\u200d", "🏽", "🇨", "\ufe0f",
		"日", "か\u3099", "ｶﾞ", "한", "\u1112\u1161", "𝐕", "Ｖ", "Ⓥ", "™", "½", "'", "`", "´", "ʼ", "«", "\u00a0", "\xff", "\xc3", "\u1e9b\u0323", "ϓ", "ᾳ", "\u0345", "K"})
	piece := rapid.OneOf(pieces, rapid.StringN(0, 3, -1), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 4), func(b []byte) string { return string(b) }))
	return rapid.Map(rapid.SliceOfN(piece, 0, 24), func(p []string) string { return strings.Join(p, "") })
}

// checkTokens holds for every string.
func checkTokens(t interface {
	Errorf(string, ...any)
}, s string) {
	last, valid := 0, utf8.ValidString(s)
	for _, tok := range text.Tokens(s) {
		if tok.Start < last || tok.End <= tok.Start || tok.End > len(s) {
			t.Errorf("token %d:%d of %q after %d", tok.Start, tok.End, s, last)
			return
		}
		last = tok.End
		if tok.Exact == "" || tok.Fold == "" || tok.French == "" || tok.English == "" {
			t.Errorf("token %q of %q has an empty form: %+v", s[tok.Start:tok.End], s, *tok.Word)
		}
		if !utf8.ValidString(tok.Exact) || valid && !utf8.ValidString(s[tok.Start:tok.End]) {
			t.Errorf("token %q of %q cuts a character", s[tok.Start:tok.End], s)
		}
		if again := text.Fold(tok.Exact); tok.Class != text.Number && again != tok.Fold {
			t.Errorf("token %q folds to %q, its exact form to %q", s[tok.Start:tok.End], tok.Fold, again)
		}
		if (tok.Label == "") != (tok.LabelEnd == 0) || tok.Label != "" && (tok.LabelEnd < tok.End || tok.LabelEnd > len(s)) {
			t.Errorf("label %q of %q ends at %d", tok.Label, s, tok.LabelEnd)
		}
	}
}

func TestEveryTextGivesSoundTokens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkTokens(t, anyText().Draw(t, "s")) })
}

func TestFoldingTwiceChangesNothingMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		once := text.Fold(anyText().Draw(t, "s"))
		if twice := text.Fold(once); twice != once {
			t.Errorf("Fold(%q) = %q", once, twice)
		}
	})
	for r := rune(0); r < 0x20000; r++ { // beyond are Han characters, and nothing
		once := text.Fold(string(r))
		if twice := text.Fold(once); twice != once {
			t.Errorf("U+%04X folds to %q, and that to %q", r, once, twice)
		}
	}
}

func TestComposedAndDecomposedTextsHaveTheSameTokens(t *testing.T) {
	same := cmp.Options{cmpopts.IgnoreFields(text.Token{}, "Start", "End", "LabelEnd"), cmpopts.IgnoreUnexported(text.Word{})}
	rapid.Check(t, func(t *rapid.T) {
		s := strings.ToValidUTF8(anyText().Draw(t, "s"), "")
		composed, decomposed := text.Tokens(norm.NFC.String(s)), text.Tokens(norm.NFD.String(s))
		if diff := cmp.Diff(composed, decomposed, same); diff != "" {
			t.Errorf("tokens of %q, composed against decomposed:\n%s", s, diff)
		}
	})
}

func TestATokenizerThatRemembersAnswersAsOneThatDoesNot(t *testing.T) {
	var old text.Tokenizer
	rapid.Check(t, func(t *rapid.T) {
		s := anyText().Draw(t, "s")
		if diff := cmp.Diff(text.Tokens(s), old.Append(nil, s), cmpopts.IgnoreUnexported(text.Word{})); diff != "" {
			t.Errorf("tokens of %q, fresh against reused:\n%s", s, diff)
		}
	})
}

var plainTerm = regexp.MustCompile(`^[a-z0-9]{1,200}$`)

func TestTermsCannotBeAlteredAndNeverCollide(t *testing.T) {
	forms := []text.Form{text.FoldForm, text.FrenchForm, text.EnglishForm, text.ExactForm, text.LabelForm}
	long := rapid.Map(rapid.StringMatching(`[a-zé_]{0,90}`), func(s string) string { return strings.Repeat(s, 3) })
	value := rapid.OneOf(rapid.StringN(0, 12, -1), rapid.StringMatching(`[yz_Ab]{0,6}`), long)
	type named struct {
		form  text.Form
		value string
	}
	seen := map[string]named{}
	rapid.Check(t, func(t *rapid.T) {
		n := named{rapid.SampledFrom(forms).Draw(t, "form"), value.Draw(t, "value")}
		term := text.Encode(n.form, n.value)
		if !plainTerm.MatchString(term) {
			t.Errorf("Encode(%c, %q) = %q", n.form, n.value, term)
		}
		if before, ok := seen[term]; ok && before != n {
			t.Errorf("%q is the term of %v and of %v", term, before, n)
		}
		seen[term] = n
	})
}

func TestABeginningOfAWordIsABeginningOfItsTerm(t *testing.T) {
	runes := rapid.RuneFrom([]rune("abyzé0_日🙂"))
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringOfN(runes, 0, 400, -1).Draw(t, "word")
		prefix := rapid.StringOfN(runes, 0, 4, -1).Draw(t, "prefix")
		if rapid.Bool().Draw(t, "begins") {
			prefix = word[:len(prefix)*len(word)/max(1, 8+len(word))]
			prefix = strings.ToValidUTF8(prefix, "")
		}
		if !text.Prefixable(prefix) {
			return
		}
		got := strings.HasPrefix(text.Encode(text.FoldForm, word), text.Encode(text.FoldForm, prefix))
		if want := strings.HasPrefix(word, prefix); got != want {
			t.Errorf("%q begins with %q: %v by their terms, want %v", word, prefix, got, want)
		}
	})
}

func TestEqualFoldsHaveEqualEnglishStems(t *testing.T) {
	stems := map[string]string{}
	rapid.Check(t, func(t *rapid.T) {
		for _, tok := range text.Tokens(anyText().Draw(t, "s")) {
			if before, ok := stems[tok.Fold]; ok && before != tok.English {
				t.Errorf("%q has the English stems %q and %q", tok.Fold, before, tok.English)
			}
			stems[tok.Fold] = tok.English
		}
	})
}

func FuzzTokens(f *testing.F) {
	for _, s := range []string{"", "L’épargne d'ici #fraude_2026 @echo.moyacs", "1 200,50 $ https://www.valtisse.example:1/é?x#y",
		"e\u0301\u200d👩‍💻🇨🇦\xff", "aujourd’hui 日本 ｶﾞ Ⓥ", strings.Repeat("é", 99)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkTokens(t, s)
		if once := text.Fold(s); text.Fold(once) != once {
			t.Errorf("Fold(%q) = %q is not stable", s, once)
		}
	})
}

func TestStemmersTakeAnyLetters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[a-zàâäæçéèêëîïôöœùûüÿñ]{1,45}`).Draw(t, "word")
		if tokens := text.Tokens(s); len(tokens) != 1 || len(tokens[0].French) > 2*len(s) || len(tokens[0].English) > 2*len(s) {
			t.Errorf("%q gives %d tokens, %+v", s, len(tokens), *tokens[0].Word)
		}
	})
}
