package query_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/watch/query"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func parse(t interface {
	Helper()
	Fatalf(string, ...any)
}, s string) query.Node {
	t.Helper()
	n, err := query.Parse(s)
	if err != nil {
		t.Fatalf("parse %s: %v", s, err)
	}
	return n
}

func TestAQueryFindsWhatItsAuthorMeant(t *testing.T) {
	doc := query.Fields{
		Title: "La Caisse Valtisse hausse ses frais",
		Text: "L’épargne des sociétaires n'est pas touchée, dit la directrice. Des cœurs brisés à l'Anse-aux-Moyacs! " +
			"#Fraude_bancaire chez @echo.moyacs: 1 200 $ volés 👏🏽 aujourd’hui. Voir https://www.nordelune.example/prêts/taux?x=1. Angry customers were complaining.",
		Author: "Marie-Ève L'Écuyer", URL: "https://blogue.Valtisse.example:8443/a", Source: "page-facebook", Lang: "fr", Kind: "comment",
	}
	for _, tt := range []struct {
		query string
		want  string // words as written, parted by |; "-" when it must not match
	}{
		{"valtisse", "Valtisse"},
		{"VALTISSES", "Valtisse"},
		{"epargne", "épargne"},
		{"d'épargnes", "épargne"},
		{"e\u0301pargner", "épargne"},
		{"sociétaire", "sociétaires"},
		{"societaire", "sociétaires"},
		{"coeur", "cœurs"},
		{"complain customer", "customers|complaining"},
		{"toucher", "touchée"},
		{"fraude", "#Fraude"},
		{"bancaire", "bancaire"},
		{"#fraude_bancaire", "#Fraude_bancaire"},
		{"#fraude", "-"},
		{"#bancaire", "-"},
		{"@echo.moyacs moyacs", "Moyacs|@echo.moyacs|moyacs"},
		{"@echo", "-"},
		{`"chez @echo.moyacs 1200"`, "chez @echo.moyacs: 1 200"},
		{`"#fraude_bancaire chez"`, "#Fraude_bancaire chez"},
		{"1200", "1 200"},
		{"1,200", "1 200"},
		{"120", "-"},
		{"👏", "👏🏽"},
		{"aujourd'hui", "aujourd’hui"},
		{"Anse-aux-Moyacs", "Anse-aux-Moyacs"},
		{"\"anse aux moyac\"", "Anse-aux-Moyacs"},
		{"nordelune", "nordelune"},
		{"taux", "taux"},
		{`"caisse valtisse"`, "Caisse Valtisse"},
		{`"valtisse caisse"`, "-"},
		{`"frais épargne"`, "-"}, // title and text do not touch
		{"frais NEAR/100 épargne", "-"},
		{"frais épargne", "frais|épargne"},
		{"frais NEAR/2 valtisse", "Valtisse|frais"},
		{"valtisse NEAR/2 frais", "Valtisse|frais"},
		{"valtisse NEAR/1 frais", "-"},
		{"valtisse NEAR/0 caisse", "Caisse|Valtisse"},
		{"valtisse NEAR/9 valtisse", "-"}, // one word is not near itself
		{"épargn*", "épargne"},
		{"épargner*", "-"},
		{`"caisse valt*"`, "Caisse Valtisse"},
		{"Moy*", "Moyacs|moyacs"},
		{"=Valtisse", "Valtisse"},
		{"=valtisse", "-"},
		{"=épargne", "épargne"},
		{"=epargne", "-"},
		{"=sociétaire", "-"},
		{`="La Caisse"`, "La Caisse"},
		{`="la Caisse"`, "-"},
		{"titre:frais", "frais"},
		{"titre:épargne", "-"},
		{"titre:(frais NEAR/3 caisse)", "Caisse|frais"},
		{"auteur:ecuyer", "Écuyer"},
		{"author:\"marie eve\"", "Marie-Ève"},
		{"author:maries", "-"}, // a name has no endings
		{"author:mar*", "Marie"},
		{"ecuyer", "-"}, // the author is no text
		{"site:valtisse.example", ""},
		{"site:blogue.valtisse.example valtisse", "Valtisse"},
		{"site:isse.example", "-"},
		{"site:example", ""},
		{"site:nordelune.example", "-"},
		{"source:page-facebook", ""},
		{"source:page", "-"},
		{"lang:fr genre:commentaire", ""},
		{"lang:en OU kind:post", "-"},
		{"genre:commentaires SAUF genre:avis", ""},
		{"valtisse SAUF hockey", "Valtisse"},
		{"valtisse -épargne", "-"},
		{"hockey OU (valtisse frais)", "Valtisse|frais"},
		{"valtisse (hockey OU frais)", "Valtisse|frais"},
		{"valtisse SAUF (hockey OU frais)", "-"},
		{"frais -titre:épargne", "frais"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			n := parse(t, tt.query)
			for _, form := range []norm.Form{norm.NFC, norm.NFD} {
				f := doc
				f.Title, f.Text, f.Author = form.String(f.Title), form.String(f.Text), form.String(f.Author)
				d := query.NewDocument(f)
				spans, ok := query.Match(d, n)
				got := norm.NFC.String(strings.Join(d.Words(spans), "|"))
				if !ok {
					got = "-"
				}
				if got != tt.want {
					t.Errorf("found %q, want %q", got, tt.want)
				}
			}
		})
	}
}

func TestAConditionThatIsNoWordIsGivenForWhatHeld(t *testing.T) {
	d := query.NewDocument(query.Fields{URL: "https://a.valtisse.example/", Lang: "fr"})
	got := fmt.Sprint(query.Attrs(d, parse(t, "(site:valtisse.example OU kind:post) lang:fr SAUF lang:en")))
	if want := "[site:valtisse.example lang:fr]"; got != want {
		t.Errorf("conditions %s, want %s", got, want)
	}
}

// words is a text and what it says, in words that neither stem nor fold.
func words(min, max int) *rapid.Generator[[]string] {
	return rapid.SliceOfN(rapid.SampledFrom([]string{"kaa", "koo", "kuu"}), min, max)
}

func TestPhrasesStandWhereTheirWordsFollowOneAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc, phrase := words(0, 12).Draw(t, "doc"), words(1, 3).Draw(t, "phrase")
		d := query.NewDocument(query.Fields{Text: strings.Join(doc, " ")})
		want := strings.Contains(" "+strings.Join(doc, " ")+" ", " "+strings.Join(phrase, " ")+" ")
		if got := query.Holds(d, parse(t, `"`+strings.Join(phrase, " ")+`"`)); got != want {
			t.Errorf("%v in %v: %v, want %v", phrase, doc, got, want)
		}
	})
}

func TestNearCountsTheWordsBetweenInEitherOrder(t *testing.T) {
	starts := func(doc, phrase []string) (at []int) {
		for i := range doc {
			if i+len(phrase) <= len(doc) && slices.Equal(doc[i:i+len(phrase)], phrase) {
				at = append(at, i)
			}
		}
		return at
	}
	rapid.Check(t, func(t *rapid.T) {
		doc, a, b := words(0, 12).Draw(t, "doc"), words(1, 2).Draw(t, "a"), words(1, 2).Draw(t, "b")
		n := rapid.IntRange(0, 5).Draw(t, "n")
		want := false
		for _, i := range starts(doc, a) {
			for _, j := range starts(doc, b) {
				between := max(j-i-len(a), i-j-len(b)) // negative when they overlap
				want = want || between >= 0 && between <= n
			}
		}
		d := query.NewDocument(query.Fields{Text: strings.Join(doc, " ")})
		q := fmt.Sprintf("%q NEAR/%d %q", strings.Join(a, " "), n, strings.Join(b, " "))
		spans, got := query.Match(d, parse(t, q))
		if got != want || got != (len(spans) > 1) {
			t.Errorf("%s in %v: %v with %d spans, want %v", q, doc, got, len(spans), want)
		}
	})
}

func TestALongTextIsReadOnceAndItsSpansAreFew(t *testing.T) {
	d := query.NewDocument(query.Fields{Text: strings.Repeat("caisse valtisse ", 50_000)})
	for _, q := range []string{"caisse", "caisse NEAR/100 valtisse", "ca* OU va*"} {
		if spans, ok := query.Match(d, parse(t, q)); !ok || len(spans) != query.MaxSpans {
			t.Errorf("%s gives %v and %d spans, want %d", q, ok, len(spans), query.MaxSpans)
		}
	}
}

func TestAskingWhetherAQueryHoldsCostsNoMemory(t *testing.T) {
	d := query.NewDocument(query.Fields{Title: "La caisse", Text: "Les frais de la caisse", Author: "Marie", URL: "https://x.example", Lang: "fr"})
	for _, q := range []string{"frais caisse", "neige OU caisse", "caisse SAUF neige", `"la caisse"`, "frais NEAR/3 caisse", "frais NEAR/1 caisse", "auteur:marie lang:fr site:example", "cais* =frais"} {
		n := parse(t, q)
		if allocs := testing.AllocsPerRun(10, func() { query.Holds(d, n) }); allocs != 0 {
			t.Errorf("%s: %v allocations, want none", q, allocs)
		}
	}
}

// Would not end if each word of one side looked at all of the other.
func TestNearReadsALongTextOnce(t *testing.T) {
	d := query.NewDocument(query.Fields{Text: "banque " + strings.Repeat("caisse ", 300_000) + "banque"})
	for q, want := range map[string]bool{"caisse NEAR/100 frais": false, "caisse NEAR/100 banque": true, `"banque caisse" NEAR/5 "caisse banque"`: false, "caisse NEAR/100 \"caisse frais\"": false} {
		if got := query.Holds(d, parse(t, q)); got != want {
			t.Errorf("%s: %v, want %v", q, got, want)
		}
	}
}

func TestReadingADocumentAgainForgetsTheOneBefore(t *testing.T) {
	d := query.NewDocument(query.Fields{Title: "Valtisse", Text: "caisse", Author: "Marie", URL: "https://x.example"})
	d.Read(new(text.Tokenizer), query.Fields{Text: "frais"})
	for _, q := range []string{"valtisse", "caisse", "author:marie", "site:x.example"} {
		if query.Holds(d, parse(t, q)) {
			t.Errorf("%s still holds", q)
		}
	}
	if !query.Holds(d, parse(t, "frais")) {
		t.Error("the new text is not found")
	}
}

func TestATermMatchesATokenWhenTheTokenHasOneOfItsIndexTerms(t *testing.T) {
	forms := []text.Form{text.FoldForm, text.FrenchForm, text.EnglishForm, text.ExactForm, text.LabelForm}
	pieces := rapid.SampledFrom([]string{"Épargne", "epargnes", "épargner", "E\u0301PARGNE", "declarees", "déclarée", "naïves", "naive", "#Épargne", "@epargne", "#épargne_été",
		"1 200", "1200", "savings", "saved", "Œuvre", "oeuvres", "日", "👏🏽", "👏", "Straße", "strasse"})
	rapid.Check(t, func(t *rapid.T) {
		q := rapid.SampledFrom([]string{"%s", "=%s", "auteur:%s", "%s*"}).Draw(t, "kind")
		n, err := query.Parse(fmt.Sprintf(q, pieces.Draw(t, "query")))
		if err != nil {
			return // a tag or an emoji cannot be cut
		}
		term := n.(query.Phrase).Terms[0]
		tok := text.Tokens(pieces.Draw(t, "text"))[0]
		want := false
		for _, form := range forms {
			if tok.Value(form) == "" {
				continue
			}
			has := text.Encode(form, tok.Value(form))
			for _, wanted := range term.Terms() {
				want = want || has == wanted || term.Kind == query.Prefix && strings.HasPrefix(has, wanted)
			}
		}
		if got := term.Matches(&tok); got != want {
			t.Errorf("%s and %+v: matches %v, has an index term %v", n, *tok.Word, got, want)
		}
	})
}

func TestWhatKeepsAQueryFromHoldingIsNamed(t *testing.T) {
	d := query.NewDocument(query.Fields{Text: "La caisse et le hockey", Lang: "fr"})
	for q, want := range map[string]string{
		"caisse":                                    "[]",
		"caisse frais":                              "[frais]",
		"caisse SAUF hockey":                        "[NOT hockey]",
		"caisse (frais OU taux NEAR/2 caisse)":      "[frais taux NEAR/2 caisse]",
		"titre:caisse \"caisse hockey\" lang:en":    "[title:caisse \"caisse hockey\" lang:en]",
		"(caisse frais) OU (hockey SAUF langue:fr)": "[frais NOT lang:fr]",
	} {
		if got := fmt.Sprint(query.Missing(d, parse(t, q))); got != want {
			t.Errorf("%s: missing %s, want %s", q, got, want)
		}
	}
}
