package local

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

// teach makes stems frequent, in one more edition.
func teach(t testing.TB, s *Store, found map[stem]int) {
	t.Helper()
	next := s.frequent.Load().with(found)
	if err := s.write(t.Context(), s.db.Write, func(w *writer) error { return w.learn(t.Context(), next, 1) }); err != nil {
		t.Fatal(err)
	}
	if err := s.remember(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// many is what teach takes for frequent: the stems of texts, each in so many.
func many(texts ...string) map[stem]int {
	found := map[stem]int{}
	for _, s := range texts {
		for _, token := range text.Tokens(s) {
			for _, one := range stemsOf(token.Word) {
				found[one] = sampleSize
			}
		}
	}
	return found
}

func TestAPhraseOfTwoFrequentWordsIsExact(t *testing.T) {
	s := openTest(t)
	teach(t, s, many("la caisse, les frais; the branches; Valtisse"))
	for said, exact := range map[string]bool{
		`"la caisse"`: true, `"les caisses"`: true, `"la Caisse"`: true, "la-caisse": true, `"branch caisse"`: true, `frais -"la caisse"`: true,
		`"la caisse valtisse"`: false, `"la succursale"`: false, `="la Caisse"`: false, `titre:"la caisse"`: false, `"la cais*"`: false,
		`"#caisse la"`: false, "la NEAR/3 caisse": false,
	} {
		if got := s.compiler().compile(asked(t, said).Text).exact; got != exact {
			t.Errorf("%s: exact %v, want %v", said, got, exact)
		}
	}
}

// TestPhrasesAreAnsweredWhileWordsBecomeFrequent asks after each step: nothing is
// learnt, learnt and not indexed, indexed, more learnt, all of it indexed.
func TestPhrasesAreAnsweredWhileWordsBecomeFrequent(t *testing.T) {
	s := openTest(t)
	texts := []string{
		"La caisse Valtisse ferme", "les caisses ferment à Valtisse", "caisse la", "L’épargne de la CAISSE", "l'épargne, la caisse : l’œuvre",
		"the savings of the branches", "saving the branch", "d’épargne en e\u0301pargne", "la #caisse_valtisse", "Les oeuvres de la caisse",
	}
	phrases := []string{
		`"la caisse"`, `"les caisses"`, `"caisse valtisse"`, `"la caisse valtisse"`, `="la CAISSE"`, `"de la caisse"`, `"the branches"`, `"saving the branch"`,
		`"épargne en épargne"`, `titre:"la caisse"`, `"#caisse_valtisse"`, `"la #caisse_valtisse"`, `"la cais*"`, "la NEAR/2 caisse", `frais OU "l'œuvre"`,
		`caisse -"la caisse"`, "ca*", "ép*", "œu*", "the*", "titre:ca*", "val*",
	}
	var kept []mention.Mention
	check := func(step string) {
		t.Helper()
		for _, said := range phrases {
			q, want := asked(t, said), 0
			for i := range kept {
				if q.Asks(&kept[i]) {
					want++
				}
			}
			if got := counted(t, s, q); got != want {
				t.Errorf("%s: %s is found %d times, want %d", step, said, got, want)
			}
		}
	}
	putMore := func(step string) {
		t.Helper()
		var batch []mention.Mention
		for i, words := range texts {
			m := one(fmt.Sprint(step, i), noon, words)
			if i%2 == 0 {
				m.Versions[0].Title = texts[(i+3)%len(texts)]
			}
			batch = append(batch, m)
		}
		if _, _, err := s.Put(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		kept = append(kept, batch...)
		check(step)
	}
	putMore("nothing learnt")
	for i, words := range []string{"la caisse", "les caisses de l’épargne Valtisse the branches"} {
		teach(t, s, many(words))
		check(fmt.Sprint("learnt, ", i))
		putMore(fmt.Sprint("put since, ", i))
		if err := s.settle(t.Context(), s.frequent.Load()); err != nil || s.settled.Load() == s.frequent.Load().version() {
			t.Fatalf("settled (%v) with old terms", err)
		}
		if n, err := s.Retokenise(t.Context()); err != nil || n == 0 {
			t.Fatalf("renewed %d (%v)", n, err)
		}
		check(fmt.Sprint("renewed, ", i))
	}
	if !s.compiler().compile(asked(t, `"caisse valtisse"`).Text).exact {
		t.Error("what was learnt is not used")
	}
}

func TestABatchPreparedBeforeWordsBecameFrequentHasTheirPairs(t *testing.T) {
	s := openTest(t)
	batch, err := s.prepare(t.Context(), []mention.Mention{one("m", noon, "la caisse Valtisse")})
	if err != nil {
		t.Fatal(err)
	}
	teach(t, s, many("la caisse")) // an empty store is settled at once
	err = s.write(t.Context(), s.db.Write, func(w *writer) error {
		_, _, err := w.put(t.Context(), batch)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	q := asked(t, `"la caisse"`)
	if got := counted(t, s, q); got != 1 || !s.compiler().compile(q.Text).exact {
		t.Errorf("found %d times, want 1 by its pair", got)
	}
}

func TestFrequentWordsAreLearntFromWhatIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mentions.db")
	s, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var batch []mention.Mention
	for i := range 2 * frequentTexts {
		batch = append(batch, one(fmt.Sprint("m", i), noon, fmt.Sprint("L’épargne à la caisse Valtisse, hapax", i)))
	}
	if _, _, err := s.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Errorf("of few mentions %d were renewed (%v), want 0", n, err)
	}
	exec(t, s, fmt.Sprintf("UPDATE hourly SET n = %d WHERE watch = 0", learnFrom)) // as if there were many
	n, err := s.Retokenise(t.Context())
	if err != nil || n != len(batch) {
		t.Errorf("renewed %d (%v), want %d", n, err, len(batch))
	}
	for _, word := range []string{"épargne", "Caisses", "valtisse", "à"} {
		for _, one := range stemsOf(text.Tokens(word)[0].Word) {
			if _, ok := s.frequent.Load().since[one]; !ok {
				t.Errorf("%s is not frequent as %q", word, one.value)
			}
		}
	}
	if _, ok := s.frequent.Load().since[stem{text.FrenchForm, "hapax1"}]; ok {
		t.Error("hapax1 is frequent")
	}
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Errorf("renewed %d (%v) the second time, want 0", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	q := asked(t, `"la caisse"`)
	if got := counted(t, s, q); got != len(batch) || !s.compiler().compile(q.Text).exact {
		t.Errorf("opened again, it is found %d times, want %d by its pair", got, len(batch))
	}
}

func TestWordsOnTheVergeMakeNoNewEdition(t *testing.T) {
	of := func(texts int, words string) map[stem]int {
		found := many(words)
		for one := range found {
			found[one] = texts
		}
		return found
	}
	f := new(frequent).with(of(2*frequentTexts, "la caisse"))
	if f.edition != 1 || len(f.since) == 0 {
		t.Fatalf("edition %d of %d stems, want the first", f.edition, len(f.since))
	}
	if f.with(of(sampleSize, "la caisse")) != f || f.with(of(2*frequentTexts-1, "épargne")) != f {
		t.Error("another edition although nothing is much more frequent")
	}
	next := f.with(of(2*frequentTexts, "l’épargne"))
	if next.edition != 2 || next.since[stem{text.FrenchForm, "cais"}] != f.since[stem{text.FrenchForm, "cais"}] || len(next.since) <= len(f.since) {
		t.Errorf("edition %d of %d stems, want the second and all of the first", next.edition, len(next.since))
	}
}

func TestPairsOfOtherWordsHaveOtherTerms(t *testing.T) {
	terms := map[string]string{}
	values := []string{"a", "ab", "b", "a b", "é", "zz", "2", "😡", strings.Repeat("long", 99)}
	for _, l := range values {
		for _, r := range values {
			for _, lf := range []forms{french, english, pairForms} {
				for _, rf := range []forms{french, english, pairForms} {
					pair := fmt.Sprint(lf, rf, "|", l, "|", r)
					term := string(appendPair(nil, newSide(lf, l), newSide(rf, r)))
					if other, ok := terms[term]; ok {
						t.Fatalf("%s and %s have one term", pair, other)
					}
					terms[term] = pair
				}
			}
		}
	}
}

func TestBeginningsOfTwoAndThreeCharactersHaveTerms(t *testing.T) {
	for fold, want := range map[string][]string{
		"": nil, "à": nil, "la": {"la"}, "cle": {"cl", "cle"}, "caisse": {"ca", "cai"}, "épargne": {"ép", "épa"}, "東京都庁": {"東京", "東京都"},
	} {
		if got := beginnings(fold); !slices.Equal(got, want) {
			t.Errorf("%q begins with %q, want %q", fold, got, want)
		}
		for _, begin := range want {
			if !hasTerm(begin) {
				t.Errorf("%q has a term and is not looked for by it", begin)
			}
		}
	}
}

func TestABeginningIsOneTerm(t *testing.T) {
	s := openTest(t)
	for said, want := range map[string]string{"va*": "ava", "Val*": "aval", "titre:va*": "tbva*", "valt*": "bvalt*"} {
		if got := s.compiler().compile(asked(t, said).Text).expression; got != want && !strings.Contains(got, want+" OR") && !strings.Contains(got, "OR "+want) {
			t.Errorf("%s is looked for as %s, want %s", said, got, want)
		}
	}
}
