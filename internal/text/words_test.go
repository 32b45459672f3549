package text_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/text"
)

func TestAWordIsFoundUnderTheFormsThatReadersTakeForIt(t *testing.T) {
	for _, tt := range []struct {
		query string
		same  string
		not   string
	}{
		{"épargne", "Épargne EPARGNES epargne épargner épargné d’épargne l'ÉPARGNE e\u0301pargne", "épar pargne"},
		{"caisse", "Caisses CAISSE caisse, «caisse»", "cassé caissier"},
		{"déclarée", "declarees DÉCLARÉES déclarer declarée", "déclin"},
		{"société", "societes SOCIÉTÉS", "sociable"},
		{"cœur", "coeurs Cœurs COEUR", "curé"},
		{"magasiner", "MAGASINÉ magasinez magasinent", "magazine"},
		{"cégep", "Cégeps CEGEP", "cep"},
		{"blogue", "blogues", "bloc"},
		{"complaint", "complaints Complaint's", "plain"},
		{"bank", "banks Banking banked", "banc"},
		{"naïve", "naive naïves", "navet"},
		{"Noël", "noel NOËLS", "nu"},
		{"œuvre", "oeuvres Œuvres ŒUVRER", "ouvre"},
		{"Straße", "STRASSE straße", "strasbourg"},
		{"12,5", "12.5 12,5", "125"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			q := text.Tokens(tt.query)[0].Word
			for _, s := range strings.Fields(tt.same) {
				if w := text.Tokens(s)[0].Word; !q.Same(w) {
					t.Errorf("%q does not find %q: %+v, %+v", tt.query, s, *q, *w)
				}
			}
			for _, s := range strings.Fields(tt.not) {
				if w := text.Tokens(s)[0].Word; q.Same(w) {
					t.Errorf("%q finds %q: %+v, %+v", tt.query, s, *q, *w)
				}
			}
		})
	}
}

func TestTheExactFormKeepsCaseAccentsAndEnding(t *testing.T) {
	for in, want := range map[string]string{
		"L’Épargne": "Épargne", "E\u0301pargnes": "Épargnes", "Val\u00adtisse": "Valtisse", "#Été": "Été", "1\u00a0200": "1\u00a0200", "ﬁn": "ﬁn", "👍🏽": "👍🏽",
	} {
		if got := text.Tokens(in)[0].Exact; got != want {
			t.Errorf("%q is exactly %q, want %q", in, got, want)
		}
	}
}

func TestTokensKnowWhereTheyStand(t *testing.T) {
	s := "D’épargne, #caisse_valtisse_ 1 200 $ @echo. 日 é\u200b!"
	var got []string
	for _, tok := range text.Tokens(s) {
		got = append(got, s[tok.Start:tok.End])
		if tok.Label != "" {
			got = append(got, "["+s[tok.Start:tok.LabelEnd]+"]")
		}
	}
	want := "épargne|#caisse|[#caisse_valtisse_]|valtisse|1 200|@echo|[@echo]|日|é"
	if joined := strings.Join(got, "|"); joined != want {
		t.Errorf("pieces\n%s, want\n%s", joined, want)
	}
}

func TestTokensSayWhatTheyAre(t *testing.T) {
	want := []text.Class{text.Plain, text.Number, text.Tag, text.Handle, text.Link, text.Link, text.Emoji, text.Ideograph}
	for i, tok := range text.Tokens("mot 12 #a @b https://x.example 👍 日") {
		if tok.Class != want[i] {
			t.Errorf("token %d, %q, has class %d, want %d", i, tok.Fold, tok.Class, want[i])
		}
	}
}

func TestAFieldHasOneTermForEachPosition(t *testing.T) {
	var tokenizer text.Tokenizer
	tokens := tokenizer.Append(nil, "L’Épargne des #Caisses_Z")
	for form, want := range map[text.Form]string{
		text.FoldForm:    "fepargne fdes fcaisses fzz",
		text.FrenchForm:  "repargn rde rcaiss rzz",
		text.EnglishForm: "eepargn edes ecaiss ezz",
		text.ExactForm:   "xzbc9pargne xdes xzb43aisses xzb5a",
		text.LabelForm:   "lzb23caisseszb5fzz",
	} {
		if got := string(tokenizer.AppendField(nil, form, tokens)); got != want {
			t.Errorf("field %c: %q, want %q", form, got, want)
		}
	}
}

func TestAVeryLongWordKeepsItsBeginningAndItsDigest(t *testing.T) {
	a, b := strings.Repeat("é", 1<<20), strings.Repeat("é", 1<<20)+"e"
	ta, tb := text.Encode(text.ExactForm, a), text.Encode(text.ExactForm, b)
	if len(ta) > text.MaxTerm || ta == tb || ta[:100] != tb[:100] {
		t.Errorf("terms %q and %q", ta, tb)
	}
}

// Would not end if a text were read in more than linear time: a quarter megabyte of one
// thing, and ten of an ordinary sentence.
func TestHostileTextsAreReadInTimeInStep(t *testing.T) {
	const sentence = "À l'Anse-aux-Moyacs, l’épargne de 1 200 $ #perdue. "
	for _, unit := range []string{"a", "é", "e\u0301", "\u0301", "#", "@a.", "@_", "#_", "#1", "1 200 ", "1,", "http://", "http://a/%", "www.", "l'", "l'\u200b", "\u200b", "\u00ad#", "\u0301#",
		"👩\u200d", "🇨", "日", "-", "uy", "\xff", "=\u0338", sentence} {
		t.Run(fmt.Sprintf("%+q", unit), func(t *testing.T) {
			size := 1 << 18
			if unit == sentence {
				size *= 40
			}
			s := strings.Repeat(unit, size/len(unit))
			start := time.Now()
			tokens := text.Tokens(s)
			t.Logf("%d tokens, %v", len(tokens), time.Since(start).Round(time.Millisecond))
			if len(tokens) > 0 && tokens[len(tokens)-1].End > len(s) {
				t.Errorf("the last token ends at %d of %d", tokens[len(tokens)-1].End, len(s))
			}
		})
	}
}

func TestRealPagesGiveSoundTokens(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join(needs.Corpus(t, "../..", "articles"), "html/*.gz"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("the corpus holds no pages: %v", err)
	}
	for _, page := range pages {
		checkTokens(t, readGzip(t, page))
	}
}

func readGzip(t *testing.T, path string) string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func ExampleTokens() {
	s := "L’épargne à l'Anse-aux-Moyacs : 1 200 $ #Été"
	for _, t := range text.Tokens(s) {
		fmt.Printf("%q: %s %s %s %q\n", s[t.Start:t.End], t.Fold, t.French, t.English, t.Label)
	}
	// Output:
	// "épargne": epargne epargn epargn ""
	// "à": a a a ""
	// "Anse": anse anse ans ""
	// "aux": aux aux aux ""
	// "Moyacs": moyacs moyac moyac ""
	// "1 200": 1200 1200 1200 ""
	// "#Été": ete ete ete "#ete"
}
