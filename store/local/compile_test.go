package local

import (
	"regexp"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

func TestAQueryIsExactWhenSingleWordsDecide(t *testing.T) {
	for said, exact := range map[string]bool{
		"épargne": true, "épargn*": true, "=Valtisse": true, "#caisse_valtisse": true, "@valtisse": true, "titre:épargne": true,
		"auteur:odette": true, "site:nouvelles.example": true, "fraude OU vol": true, "caisse -hockey": true, "lang:fr caisse": true,
		`"caisse valtisse"`: false, "frais PROCHE/5 caisse": false, `caisse -"hockey mineur"`: false, "l’anse-aux-moyacs": false,
		`auteur:"odette bréhaut"`: false, `"#caisse valtisse"`: false,
	} {
		n, err := query.Parse(said)
		if err != nil {
			t.Fatal(err)
		}
		if got := (compiler{}).compile(n).exact; got != exact {
			t.Errorf("%s: exact %v, want %v", said, got, exact)
		}
	}
}

// plain is all that may stand in an expression: our words, and FTS5's operators.
var plain = regexp.MustCompile(`^(\(|\)| |[a-z0-9·]+\*?|AND|OR|NOT)+$`)

func TestNothingThatPeopleWriteBecomesSyntax(t *testing.T) {
	for _, said := range []string{
		`"a OR b"`, `"NEAR("`, `="; DROP TABLE mention; --"`, `"col : x"`, `"^caisse" -"x*"`, `'l''épargne'`, `"{a b} : c"`, "😡", "#é_b", "=\"a\u0000b\"",
		`source:"a OR b"`, `site:x.example`, `"` + strings.Repeat("é", 300) + `"`, strings.Repeat("z", 400) + "*",
	} {
		n, err := query.Parse(said)
		if err != nil {
			t.Logf("%s is refused: %v", said, err)
			continue
		}
		if got := (compiler{}).compile(n).expression; !plain.MatchString(got) {
			t.Errorf("%s: %q", said, got)
		}
	}
}

func TestEqualFormsShareOneTerm(t *testing.T) {
	for word, most := range map[string]int{"de": 1, "2026": 1, "épargne": 4, "Caisses": 3} {
		tokens := text.Tokens(word)
		if got := len(newIndexer().word(&tokens[0]).terms); got > most {
			t.Errorf("%s has %d terms, want at most %d", word, got, most)
		}
	}
}

func TestAMentionHasEachTermOnce(t *testing.T) {
	m := mention.Mention{ID: "m", Source: "s", Versions: []mention.Version{{Title: "La caisse", Text: "la caisse, la caisse et l’épargne #caisse"}}}
	seen := map[string]bool{}
	for _, term := range strings.Fields(newIndexer().index(&m, new(frequent))) {
		if seen[term] {
			t.Errorf("%s stands twice", term)
		}
		seen[term] = true
		if !plain.MatchString(term) || len(term) > text.MaxTerm+1 {
			t.Errorf("%q is no term", term)
		}
	}
}

func TestALongWordIsFoundByItsBeginning(t *testing.T) {
	s := openTest(t)
	long := strings.Repeat("é", 150) + "fin"
	if _, _, err := s.Put(t.Context(), []mention.Mention{one("m", noon, "Valtisse "+long), one("n", noon, "Valtisse "+strings.Repeat("é", 140)+"x")}); err != nil {
		t.Fatal(err)
	}
	for said, want := range map[string]int{long: 1, strings.Repeat("é", 145) + "*": 1, "ée*": 2, strings.Repeat("é", 151) + "*": 0} {
		if got := counted(t, s, asked(t, said)); got != want {
			t.Errorf("%.20s… of %d bytes: %d, want %d", said, len(said), got, want)
		}
	}
}

func BenchmarkTerms(b *testing.B) {
	x, batch := newIndexer(), newCorpus(1, 1).next(1000)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		x.index(&batch[i%len(batch)], new(frequent))
		i++
	}
}
