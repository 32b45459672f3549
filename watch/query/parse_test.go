package query_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

func TestAQueryIsReadAsItsAuthorMeansIt(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"one word", "Valtisse", "Valtisse"},
		{"words side by side", "caisse  valtisse", "caisse AND valtisse"},
		{"operators of both languages", "a ET b AND c OU d OR e", "(a AND b AND c) OR d OR e"},
		{"operators in lower case are words", "caisse et banque ou sauf not or and", "caisse AND et AND banque AND ou AND sauf AND not AND or AND and"},
		{"NOT in all its forms", "a -b SAUF c NOT d ET SAUF (e OU f)", "a NOT b NOT c NOT d NOT (e OR f)"},
		{"NOT twice", "a SAUF SAUF b", "a AND b"},
		{"NOT first", "-hockey caisse", "NOT hockey AND caisse"},
		{"a group of NOT beside a word", "a (-b -c)", "a NOT b NOT c"},
		{"a dash alone", "Caisse - Valtisse & cie", "Caisse AND Valtisse AND cie"},
		{"phrases in all quotation marks", "\"caisse valtisse\" «\u00a0la caisse\u00a0» “the bank” „la banque“", `"caisse valtisse" AND "la caisse" AND "the bank" AND "la banque"`},
		{"an operator in quotes is a word", `"ET" OU «OU»`, `"ET" OR "OU"`},
		{"a hyphenated word", "Anse-aux-Moyacs", `"Anse aux Moyacs"`},
		{"elision", "l’épargne d'Épargne aujourd'hui", `épargne AND Épargne AND "aujourd hui"`},
		{"near", "frais NEAR/5 caisse OU a PROCHE/0 b", "frais NEAR/5 caisse OR a NEAR/0 b"},
		{"near with phrases and alternatives", `"frais fixes" PROCHE/3 (caisse OU banque)`, `"frais fixes" NEAR/3 caisse OR "frais fixes" NEAR/3 banque`},
		{"near in a row", "a NEAR/1 b NEAR/2 c", "a NEAR/1 b AND b NEAR/2 c"},
		{"wildcards", `épargn* "caisse popul*" Anse-aux-Moy*`, `épargn* AND "caisse popul*" AND "Anse aux Moy*"`},
		{"exact", `=Valtisse ="La Caisse" =Anse-aux-Moyacs =l'Épargne`, `=Valtisse AND ="La Caisse" AND ="Anse aux Moyacs" AND =Épargne`},
		{"tags and handles", "#Fraude @valtisse #caisse_valtisse @echo@moyacs.example", `#Fraude AND @valtisse AND #caisse_valtisse AND "@echo moyacs example"`},
		{"fields in both languages", "titre:hausse author:«Marie Valtisse» langue:français lang:en-CA genre:commentaire kind:avis SITE:x.example source:page-facebook",
			`title:hausse AND author:"Marie Valtisse" AND lang:fr AND lang:en AND kind:comment AND kind:review AND site:x.example AND source:page-facebook`},
		{"a field and spaces", "titre : hausse lang: fr", "title:hausse AND lang:fr"},
		{"a word before a colon", "attention : hausse, attention: frais", "attention AND hausse AND attention AND frais"},
		{"a field of a group", "titre:(a OU \"b c\" -d) lang:(fr OU en)", `(title:a OR (title:"b c" NOT title:d)) AND (lang:fr OR lang:en)`},
		{"near in a title", "titre:(a NEAR/3 b)", "title:(a NEAR/3 b)"},
		{"sites as people paste them", "site:https://www.Valtisse.example/ OU site:écho.example. OU site:.ca", "site:valtisse.example OR site:xn--cho-9la.example OR site:ca"},
		{"an address", "https://www.valtisse.example/nouvelles", `"valtisse example nouvelles"`},
		{"numbers", "1 200 $ 12 h 3,5 % \"12-300\" 12 AND 300", `"1 200" AND 12 AND h AND "3,5" AND "12-300" AND 12 AND 300`},
		{"emoji", "👏 👩‍💻", `"👏" AND "👩‍💻"`},
		{"han", "日本", `"日 本"`},
		{"parentheses", "((a (b)) OU ((c OU d)))", "(a AND b) OR c OR d"},
		{"a source that needs quotes", `source:"Page Facebook" source:«l"Écho»`, `source:"Page Facebook" AND source:«l"Écho»`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := query.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := n.String(); got != tt.want {
				t.Errorf("%q reads as\n%s, want\n%s", tt.in, got, tt.want)
			}
			checkRoundTrip(t, n)
		})
	}
}

// checkRoundTrip holds for every node that Parse gave.
func checkRoundTrip(t *testing.T, n query.Node) {
	t.Helper()
	for _, l := range []say.Lang{say.English, say.FrenchCanada} {
		written := query.Format(n, l)
		again, err := query.Parse(written)
		if err != nil {
			t.Errorf("%s does not parse: %v", written, err)
			continue
		}
		if diff := cmp.Diff(n, again); diff != "" {
			t.Errorf("%s parses as another query (-want +got):\n%s", written, diff)
		}
	}
}

func TestAMistakeIsNamedWithItsColumnAndARepair(t *testing.T) {
	for _, tt := range []struct {
		in     string
		column int
		en, fr string // parts of the sentences
	}{
		{"", 1, "no word", "aucun mot"},
		{" … ! ", 1, "for example: Valtisse", "par exemple\u00a0: Valtisse"},
		{"é \"caisse", 3, `"caisse"`, "jamais fermé"},
		{"« la caisse", 1, "«\u00a0la caisse\u00a0»", "guillemet ouvert"},
		{"caisse »", 8, "closes nothing", "ne ferme rien"},
		{`caisse ""`, 8, "no word between", "aucun mot entre"},
		{"(caisse", 1, "add )", "Ajoutez )"},
		{"caisse)", 7, "add (", "ajoutez ("},
		{"caisse ()", 8, "nothing in these", "rien entre ces"},
		{"caisse (", 8, "never closed", "jamais fermée"},
		{"OR caisse", 1, "OR has nothing on its left", "à gauche de OR"},
		{"caisse OU", 8, "OU has nothing on its right", "à droite de OU"},
		{"caisse ET OU banque", 8, "ET has nothing on its right", "à droite de ET"},
		{"caisse SAUF", 8, "SAUF has nothing on its right", "à droite de SAUF"},
		{"(caisse OU)", 9, "nothing on its right", "à droite"},
		{"a NEAR b", 3, "NEAR/5", "NEAR/5"},
		{"a PROCHE/ b", 3, "PROCHE/5", "PROCHE/5"},
		{"a NEAR/x b", 3, "from 0 to 100", "de 0 à 100"},
		{"a NEAR/101 b", 3, "from 0 to 100", "de 0 à 100"},
		{"a NEAR/3", 3, "nothing on its right", "à droite"},
		{"a NEAR/3 (b c)", 3, "words joined by OR", "joints par OU"},
		{"a NEAR/3 -b", 3, "words or phrases", "expressions"},
		{"a NEAR/3 site:x.example", 3, "words or phrases", "expressions"},
		{"titre:a NEAR/3 b", 9, "title:(frais NEAR/5 caisse)", "titre:(frais PROCHE/5 caisse)"},
		{"caisse titel:hausse", 8, "did you mean title:", "peut-être title: que"},
		{"langu: fr", 1, "lang:", "lang:"},
		{"important:hausse", 1, "no field important:", "entre guillemets"},
		{"titre:", 1, "title:Valtisse", "titre:Valtisse"},
		{"titre: OU a", 1, "nothing after", "rien après titre:"},
		{"lang:klingon", 6, "fr, en, other", "fr, en, autre"},
		{"genre:tweet", 7, "“tweet”", "commentaire, avis"},
		{"site:valtisse.example/nouvelles", 6, "valtisse.example", "sans ses pages"},
		{"*caisse", 1, "end of a word", "fin d’un mot"},
		{"cai*sse", 1, "épargn*", "épargn*"},
		{"a* b", 1, "two letters", "deux lettres"},
		{"caisse **", 8, "end of a word", "fin d’un mot"},
		{"=Cais*", 2, "end of a word", "fin d’un mot"},
		{"#frau*", 1, "end of a word", "fin d’un mot"},
		{"-hockey", 1, "Valtisse -hockey", "Valtisse -hockey"},
		{"SAUF (a OU b)", 1, "everything else", "tout le reste"},
		{"caisse OU -hockey", 11, "(Valtisse NOT hockey)", "ce choix de OU"},
		{"caisse (banque OU (-a -b))", 19, "this alternative", "ce choix"},
		{"caisse -(-a -b)", 8, "leave out", "écarter"},
		{strings.Repeat("a ", 9000), query.MaxLength + 1, "16384 characters", "Faites-en deux"},
		{strings.Repeat("a ", 2001), 4001, "2000 words", "2000 mots"},
		{strings.Repeat("(", 51) + "a", 51, "50 deep", "50 niveaux"},
		{strings.Repeat("-", 51) + "a", 51, "50 deep", "50 niveaux"},
		{strings.Repeat("titre:", 51) + "a", 301, "50 deep", "50 niveaux"},
		{"(" + strings.Repeat("a OU ", 60) + "a) NEAR/1 (" + strings.Repeat("b OU ", 60) + "b)", 305, "2000 words", "2000 mots"},
	} {
		t.Run(tt.in[:min(len(tt.in), 40)], func(t *testing.T) {
			n, err := query.Parse(tt.in)
			var wrong *query.Error
			if !errors.As(err, &wrong) {
				t.Fatalf("Parse gave %v and %v, want an error", n, err)
			}
			if wrong.Column != tt.column {
				t.Errorf("column %d, want %d: %v", wrong.Column, tt.column, err)
			}
			if en := say.Explain(err, say.English); !strings.Contains(en, tt.en) || strings.Contains(en, "%!") {
				t.Errorf("English: %s; want %q in it", en, tt.en)
			}
			// One French serves Canada and France: no sign that they space differently.
			if fr := say.Explain(err, say.FrenchCanada); !strings.Contains(fr, tt.fr) || strings.Contains(fr, "%!") || strings.ContainsAny(fr, ";!?") {
				t.Errorf("French: %s; want %q in it", fr, tt.fr)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", `caisse "l'épargne" -hockey`, "titre:(a OU «b c») SAUF lang:fr", "a NEAR/3 (b* OU =C) PROCHE/1 #d_e",
		"@echo@moyacs.example 1 200 $ 12-300", "site:https://x.example/ source:“p q”", "((a) ET (-b)) \xff 👩‍💻 日本*", "auteur : Marie"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := query.Parse(s)
		if err == nil {
			checkRoundTrip(t, n)
			return
		}
		var wrong *query.Error
		if !errors.As(err, &wrong) || wrong.Column < 1 || wrong.Column > len([]rune(s))+1 {
			t.Errorf("Parse(%q): %v", s, err)
		}
	})
}
