package web

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

func TestFourBoxesAreWrittenAsOneSearch(t *testing.T) {
	for _, c := range []struct {
		name  string
		boxes guide
		fr    string
	}{
		{"words", guide{All: "caisse valtisse"}, "caisse valtisse"},
		{"one of them", guide{Any: "fraude vol"}, "fraude OU vol"},
		{"one of one", guide{Any: "fraude"}, "fraude"},
		{"everything", guide{All: "caisse", Any: "fraude vol", None: "hockey soccer", Exact: "taux fixe"}, `caisse "taux fixe" (fraude OU vol) -hockey -soccer`},
		{"both apostrophes", guide{All: "l'épargne d’épargne"}, "l'épargne d’épargne"},
		{"words that are operators", guide{All: "ET valtisse OU NOT"}, `"ET" valtisse "OU" "NOT"`},
		{"fields, signs, parentheses", guide{All: "titre:caisse -hockey (oui"}, `"titre:caisse" "-hockey" "(oui"`},
		{"quotation marks of all sorts", guide{Any: "«taux fixe» “prêt auto” frais"}, `"taux fixe" OU "prêt auto" OU frais`},
		{"quotation marks in exactly", guide{Exact: ` «taux "fixe» `}, `"taux fixe"`},
		{"a beginning", guide{All: "épargn*"}, "épargn*"},
		{"tags and handles", guide{All: "#fraude @valtisse"}, "#fraude @valtisse"},
		{"nothing", guide{All: "  ", Exact: `""`}, ""},
	} {
		got := c.boxes.write(say.FrenchCanada)
		if got != c.fr {
			t.Errorf("%s: got %s, want %s", c.name, got, c.fr)
		}
		if got == "" {
			continue
		}
		if _, err := query.Parse(got); err != nil {
			t.Errorf("%s: %s is no search: %v", c.name, got, err)
		}
	}
}

func TestASearchThatTheBoxesSayIsReadBackIntoThem(t *testing.T) {
	word := rapid.SampledFrom([]string{"caisse", "Valtisse", "l’épargne", "d'épargne", "cœur", "DESJARDINS", "e\u0301te\u0301", "porte-parole",
		"épargn*", "#fraude", "@valtisse", `"taux fixe"`, "«prêt auto»", "ET", "OU", "SAUF", "NOT", "titre:x", "-non", "(", "=Exact", "PROCHE/3", "🙂", "12 $", "a_b"})
	box := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 0, 4).Draw(t, "words"), " ") })
	rapid.Check(t, func(t *rapid.T) {
		g := guide{All: box.Draw(t, "all"), Any: box.Draw(t, "any"), None: box.Draw(t, "none"), Exact: box.Draw(t, "exact")}
		l := rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "language")
		first, err := query.Parse(g.write(l))
		if err != nil {
			return // nothing, or only words to leave out: the reader is told
		}
		read := guideOf(first, filter{}, l)
		if read.Beyond {
			t.Fatalf("%s is not read back", g.write(l))
		}
		again, err := query.Parse(read.write(l))
		if err != nil || !maps.Equal(wanted(again), wanted(first)) {
			t.Fatalf("%s is read back as %s (%v)", first, read.write(l), err)
		}
	})
}

// wanted is what a search looks for or leaves out, whatever the order.
func wanted(n query.Node) map[string]bool {
	all := map[string]bool{}
	var walk func(query.Node, string)
	walk = func(n query.Node, sign string) {
		switch n := n.(type) {
		case query.And:
			for _, one := range n.Nodes {
				walk(one, sign+"&")
			}
		case query.Or:
			for _, one := range n.Nodes {
				walk(one, sign+"|")
			}
		case query.Not:
			walk(n.Node, sign+"-")
		default:
			all[strings.ReplaceAll(sign, "&", "")+n.String()] = true
		}
	}
	walk(n, "")
	return all
}

func TestASearchBeyondTheBoxesSaysSo(t *testing.T) {
	for _, q := range []string{"titre:caisse", "frais PROCHE/5 caisse", "site:echo.example caisse", "(a OU b) (c OU d)", "a -(b c)", "a OU (b c)"} {
		node, err := query.Parse(q)
		if err != nil {
			t.Fatalf("%s: %v", q, err)
		}
		if g := guideOf(node, filter{}, say.FrenchCanada); !g.Beyond || g.All+g.Any+g.None+g.Exact != "" {
			t.Errorf("%s: the boxes say %+v", q, g)
		}
	}
}

func TestTheBoxesKeepTheRestOfTheFilter(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	w := h.ask("GET", "/mentions/search?all=valtisse&none=hockey&tone=negative&from=2026-11-01", nil)
	want := "/mentions?" + url.Values{"q": {"valtisse -hockey"}, "tone": {"negative"}, "from": {"2026-11-01"}}.Encode()
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
		t.Errorf("status %d to %s, want %s", w.Code, w.Header().Get("Location"), want)
	}
	page := h.ask("GET", want, nil).Body.String()
	for _, part := range []string{`name="all" value="valtisse"`, `name="none" value="hockey"`, `<input type="hidden" name="tone" value="negative">`} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %s", part)
		}
	}
	if w := h.ask("GET", "/mentions/search?none=hockey", nil); w.Code != http.StatusSeeOther {
		t.Errorf("only words to leave out: status %d", w.Code)
	}
	if w := h.ask("GET", "/mentions?q=-hockey", nil); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "n’a pas été comprise") {
		t.Errorf("only words to leave out are not explained: status %d", w.Code)
	}
}
