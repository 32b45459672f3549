package story

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
)

// article is one text of a corpus.
type article struct{ title, body string }

// ourArticles are the thirty invented articles of testdata, by two newsrooms.
func ourArticles(t testing.TB) []article {
	t.Helper()
	raw, err := os.ReadFile("testdata/articles.txt")
	if err != nil {
		t.Fatal(err)
	}
	var out []article
	for _, part := range strings.Split("\n"+string(raw), "\n# ")[1:] {
		title, body, _ := strings.Cut(part, "\n")
		out = append(out, article{title, strings.TrimSpace(body)})
	}
	if len(out) < 30 {
		t.Fatalf("%d articles in testdata, want 30", len(out))
	}
	return out
}

// sharedArticles are the true bodies of real news pages; they stay outside the project.
func sharedArticles(t testing.TB) []article {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(needs.Corpus(t, "../..", "articles"), "ground-truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pages map[string]struct {
		Body string `json:"articleBody"`
	}
	if err := json.Unmarshal(raw, &pages); err != nil {
		t.Fatal(err)
	}
	var out []article
	for _, name := range slices.Sorted(maps.Keys(pages)) { // in one order: the dice are the same each time
		p := pages[name]
		// Shorter bodies (captions, lists of results) have no half to be cut at.
		if len(strings.Fields(p.Body)) >= 100 {
			out = append(out, article{body: p.Body})
		}
	}
	if len(out) == 0 {
		t.Fatal("the shared corpus has no article")
	}
	return out
}

// variants are what happens to a wire text on its way.
var variants = []struct {
	name string
	make func(r *rand.Rand, body string) string
}{
	{"header and footer added", func(_ *rand.Rand, body string) string {
		return "MONTRÉAL — Agence Brumelin, avec nos journalistes sur place\n\n" + body +
			"\n\nCe contenu est produit par l’Agence Brumelin. Tous droits réservés. Abonnez-vous à notre infolettre du matin."
	}},
	{"5 % of the words edited", func(r *rand.Rand, body string) string { return edited(r, body, 0.05) }},
	{"15 % of the words edited", func(r *rand.Rand, body string) string { return edited(r, body, 0.15) }},
	{"30 % of the sentences dropped", func(r *rand.Rand, body string) string {
		var kept []string
		for _, s := range strings.SplitAfter(body, ". ") {
			if r.Float64() >= 0.3 {
				kept = append(kept, s)
			}
		}
		return strings.Join(kept, "")
	}},
	{"cut at half", func(_ *rand.Rand, body string) string {
		words := strings.Fields(body)
		return strings.Join(words[:len(words)/2], " ")
	}},
	{"the first sixty words", func(_ *rand.Rand, body string) string {
		words := strings.Fields(body)
		return strings.Join(words[:min(60, len(words))], " ") + " […]"
	}},
	{"capitals, no accents, curly apostrophes", func(_ *rand.Rand, body string) string {
		plain := strings.NewReplacer("é", "e", "è", "e", "ê", "e", "à", "a", "ç", "c", "'", "’", "œ", "oe").Replace(body)
		return strings.ToUpper(plain)
	}},
}

// edited replaces a share of the words by others of the same text.
func edited(r *rand.Rand, body string, share float64) string {
	words := strings.Fields(body)
	other := strings.Fields(body)
	for i := range words {
		if r.Float64() < share {
			words[i] = other[r.IntN(len(other))]
		}
	}
	return strings.Join(words, " ")
}

func TestVariantsOfAStoryAreFound(t *testing.T) {
	corpora := map[string]func(testing.TB) []article{"ours": ourArticles, "shared": sharedArticles}
	for name, load := range corpora {
		t.Run(name, func(t *testing.T) {
			articles := some(load(t))
			for _, v := range variants {
				t.Run(v.name, func(t *testing.T) { checkRecall(t, articles, v.make) })
			}
		})
	}
}

// some is every fourth of many articles; the long twin takes them all.
func some(all []article) (few []article) {
	if len(all) < 100 || needs.Soak() {
		return all
	}
	for i := 0; i < len(all); i += 4 {
		few = append(few, all[i])
	}
	return few
}

func checkRecall(t *testing.T, articles []article, variant func(*rand.Rand, string) string) {
	rounds := max(1, 200/len(articles)) // of the dice, for each article
	joined, candidates, all := 0, 0, 0
	for i, a := range articles {
		original := Sign(a.title, a.body)
		for seed := range rounds {
			changed := Sign("Autre titre d'un autre média", variant(rand.New(rand.NewPCG(uint64(i), uint64(seed))), a.body))
			all++
			if Compare(original, changed).Kind != Different {
				joined++
			}
			if meet(Bands(original), Bands(changed)) {
				candidates++
			}
		}
	}
	t.Logf("joined %d of %d, candidates %d", joined, all, candidates)
	if float64(joined) < 0.95*float64(all) {
		t.Errorf("joined %d of %d, want 95 %%", joined, all)
	}
	if float64(candidates) < 0.95*float64(all) {
		t.Errorf("bands bring together %d of %d, want 95 %%", candidates, all)
	}
}

func meet(a, b []uint64) bool {
	set := map[uint64]bool{}
	for _, k := range a {
		set[k] = true
	}
	for _, k := range b {
		if set[k] {
			return true
		}
	}
	return false
}

// Every article and its variants against every other article and its variants.
func TestDifferentStoriesStayApart(t *testing.T) {
	for name, load := range map[string]func(testing.TB) []article{"ours": ourArticles, "shared": sharedArticles} {
		t.Run(name, func(t *testing.T) {
			articles := load(t)
			signed := make([][]mention.Signature, len(articles))
			for i, a := range articles {
				signed[i] = append(signed[i], Sign(a.title, a.body))
				for _, v := range variants {
					signed[i] = append(signed[i], Sign("", v.make(rand.New(rand.NewPCG(uint64(i), 99)), a.body)))
				}
			}
			pairs, wrong, highest, met := countJoined(signed)
			t.Logf("%d pairs, %d joined; highest %s; bands let through %.2f %%", pairs, wrong, highest, 100*float64(met)/float64(pairs))
			if wrong*50_000 > pairs {
				t.Errorf("%d of %d different pairs are joined, want at most 1 in 50,000", wrong, pairs)
			}
			if met*5 > pairs {
				t.Errorf("bands bring together %d of %d different pairs: they save nothing", met, pairs)
			}
		})
	}
}

func countJoined(signed [][]mention.Signature) (pairs, wrong int, highest string, met int) {
	var top Relation
	for i := range signed {
		for j := range i {
			for _, a := range signed[i] {
				for _, b := range signed[j] {
					r := Compare(a, b)
					pairs++
					if r.Kind != Different {
						wrong++
					}
					top.Resemblance = max(top.Resemblance, r.Resemblance)
					top.Containment = max(top.Containment, r.Containment)
				}
			}
			if meet(Bands(signed[i][0]), Bands(signed[j][0])) {
				met += len(signed[i]) * len(signed[j])
			}
		}
	}
	return pairs, wrong, fmt.Sprintf("resemblance %.2f, containment %.2f", top.Resemblance, top.Containment), met
}
