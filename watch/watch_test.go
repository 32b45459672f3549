package watch_test

import (
	stdcmp "cmp"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch"
	"github.com/ouidire/ouidire/watch/query"
	"pgregory.net/rapid"
)

func newSet(t interface {
	Helper()
	Fatalf(string, ...any)
}, o watch.Options, watches ...watch.Watch) *watch.Set {
	t.Helper()
	s, err := watch.New(watches, o)
	if err != nil {
		t.Fatalf("new set: %v", err)
	}
	return s
}

// saying is a mention with a title and a text.
func saying(title, text string) *mention.Mention {
	return &mention.Mention{Source: "fil-echo", Kind: mention.Article, URL: "https://echo.example/1",
		Author: mention.Author{Name: "Marie Valtisse"}, Versions: []mention.Version{{Title: title, Text: text}}}
}

func ExampleSet_Match() {
	set, err := watch.New([]watch.Watch{
		{Name: "caisse", Query: `"Caisse Valtisse" OU @caissevaltisse`, Parent: "mouvement", OwnSources: []string{"page-facebook"}},
		{Name: "mouvement", Query: `"Mouvement Valtisse" SAUF hockey`, Relation: watch.Parent},
		{Name: "frais", Query: "frais PROCHE/5 (caisse OU banque)", Relation: watch.Theme},
	}, watch.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	article := &mention.Mention{Kind: mention.Article, Versions: []mention.Version{{
		Title: "Les frais des caisses montent",
		Text:  "Le Mouvement Valtisse s’explique; la CAISSE-VALTISSE aussi.",
	}}}
	comment := &mention.Mention{Kind: mention.Comment, Source: "page-facebook",
		Versions: []mention.Version{{Text: "Deux heures d’attente ce matin!"}}}
	for _, m := range []*mention.Mention{article, comment} {
		for _, hit := range set.Match(m) {
			fmt.Printf("%s %q\n", hit.Watch, hit.Words)
		}
	}
	// Output:
	// caisse ["CAISSE-VALTISSE"]
	// mouvement ["Mouvement Valtisse"]
	// frais ["frais" "caisses"]
	// caisse []
}

func TestEveryWatchThatIsSpokenOfGetsItsHit(t *testing.T) {
	s := newSet(t, watch.Options{},
		watch.Watch{Name: "caisse", Query: "caisse valtisse"},
		watch.Watch{Name: "épargne", Query: "l'épargne -hockey"},
		watch.Watch{Name: "savings", Query: "saving OR =RÉER"},
		watch.Watch{Name: "préfixe", Query: "coopér*"},
		watch.Watch{Name: "titre", Query: "titre:caisse"},
		watch.Watch{Name: "site", Query: "site:echo.example"},
		watch.Watch{Name: "source", Query: "source:fil-echo -caisse"},
		watch.Watch{Name: "autrice", Query: "auteur:«marie valtisse»"},
		watch.Watch{Name: "nom coupé", Query: "auteur:valt* caisse"},
		watch.Watch{Name: "articles", Query: "genre:article lang:fr"},
		watch.Watch{Name: "mot-clic", Query: "#épargne"},
		watch.Watch{Name: "ailleurs", Query: "site:echo.example.org OU source:autre OU genre:avis"},
	)
	for _, tt := range []struct {
		name, title, text, lang string
		want                    []string
	}{
		{"nothing", "", "Il neige.", "", []string{"site site:echo.example", "source source:fil-echo", "autrice Marie Valtisse"}},
		{"French", "", "La caisse d’Épargne de VALTISSE", "fr", []string{"caisse caisse|VALTISSE", "épargne Épargne",
			"site site:echo.example", "autrice Marie Valtisse", "nom coupé caisse|Valtisse", "articles kind:article|lang:fr"}},
		{"English", "Caisses", "He saved on savings, no hockey; e\u0301pargne", "en", []string{"savings saved|savings", "titre Caisses",
			"site site:echo.example", "autrice Marie Valtisse", "nom coupé Caisses|Valtisse"}},
		{"a prefix and a tag", "", "#Epargne des coopératives et coopérateurs: REER, RÉER", "", []string{"épargne #Epargne", "savings RÉER",
			"préfixe coopératives|coopérateurs", "site site:echo.example", "source source:fil-echo", "autrice Marie Valtisse", "mot-clic #Epargne"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := saying(tt.title, tt.text)
			m.Lang = tt.lang
			var got []string
			for _, h := range s.Match(m) {
				got = append(got, h.Watch+" "+strings.Join(h.Words, "|"))
			}
			want := tt.want
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("hits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyTheCurrentVersionCounts(t *testing.T) {
	s := newSet(t, watch.Options{}, watch.Watch{Name: "caisse", Query: "caisse"})
	m := saying("", "La caisse ferme.")
	m.Versions = append(m.Versions, mention.Version{Text: "La banque ferme."})
	if hits := s.Match(m); hits != nil {
		t.Errorf("an edited text still gives %v", hits)
	}
	if hits := s.Match(&mention.Mention{}); hits != nil {
		t.Errorf("a mention without a version gives %v", hits)
	}
}

func TestAPlaceOfOursBelongsToItsWatchWithoutNamingIt(t *testing.T) {
	own := func(id string) (string, bool) {
		switch id {
		case "our-post":
			return "page-facebook", true
		case "their-page": // an own post of a source that no watch claims
			return "autre-page", true
		}
		return "", false
	}
	s := newSet(t, watch.Options{OwnPost: own},
		watch.Watch{Name: "caisse", Query: "valtisse", OwnSources: []string{"page-facebook", "avis-google"}},
		watch.Watch{Name: "avis", OwnSources: []string{"avis-google"}},
		watch.Watch{Name: "attente", Query: "attente"},
	)
	for _, tt := range []struct {
		name string
		m    mention.Mention
		want []mention.Hit
	}{
		{"a comment there", mention.Mention{Source: "page-facebook", Kind: mention.Comment}, []mention.Hit{{Watch: "caisse"}}},
		{"a comment that names", mention.Mention{Source: "page-facebook", Kind: mention.Comment, Versions: version("Valtisse, quelle attente")},
			[]mention.Hit{{Watch: "caisse", Words: []string{"Valtisse"}}, {Watch: "attente", Words: []string{"attente"}}}},
		{"a review of two", mention.Mention{Source: "avis-google", Kind: mention.Review}, []mention.Hit{{Watch: "caisse"}, {Watch: "avis"}}},
		{"a visitor's post there", mention.Mention{Source: "page-facebook", Kind: mention.Post}, nil},
		{"our own answer", mention.Mention{Source: "page-facebook", Kind: mention.Comment, Own: true, Versions: version("Valtisse vous répond")}, nil},
		{"our own post", mention.Mention{Source: "page-facebook", Kind: mention.Post, Own: true, Versions: version("Valtisse")}, nil},
		{"an answer to our post, elsewhere", mention.Mention{Source: "recherche", Kind: mention.Comment, Parent: "our-post", Thread: "x"}, []mention.Hit{{Watch: "caisse"}}},
		{"deep in a thread of ours", mention.Mention{Source: "recherche", Kind: mention.Comment, Parent: "y", Thread: "our-post"}, []mention.Hit{{Watch: "caisse"}}},
		{"a thread of an own source without a watch", mention.Mention{Source: "recherche", Kind: mention.Comment, Thread: "their-page"}, nil},
		{"a comment elsewhere", mention.Mention{Source: "recherche", Kind: mention.Comment, Parent: "y", Thread: "z"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, s.Match(&tt.m), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("hits (-want +got):\n%s", diff)
			}
		})
	}
}

func version(text string) []mention.Version { return []mention.Version{{Text: text}} }

func TestTheLanguageIsAskedForOnlyWhenAQueryWantsIt(t *testing.T) {
	asked := 0
	o := watch.Options{Language: func(text string) string {
		asked++
		return map[bool]string{true: "fr", false: "en"}[strings.Contains(text, "frais")]
	}}
	plain := newSet(t, o, watch.Watch{Name: "a", Query: "caisse"})
	plain.Match(saying("", "caisse"))
	if asked != 0 {
		t.Errorf("asked %d times without need", asked)
	}
	s := newSet(t, o, watch.Watch{Name: "fr", Query: "caisse lang:fr"}, watch.Watch{Name: "pas fr", Query: "caisse SAUF langue:fr"})
	for text, want := range map[string]string{"frais de caisse": "fr", "caisse fees": "pas fr"} {
		if hits := s.Match(saying("", text)); len(hits) != 1 || hits[0].Watch != want {
			t.Errorf("%q gives %v, want %s", text, hits, want)
		}
	}
	asked = 0
	if hits := s.Match(saying("", "Il neige.")); hits != nil || asked != 0 {
		t.Errorf("a text without their words gives %v and asks %d times", hits, asked)
	}
	only := newSet(t, o, watch.Watch{Name: "tout", Query: "langue:fr"})
	if hits := only.Match(saying("", "frais")); len(hits) != 1 || hits[0].Words[0] != "lang:fr" {
		t.Errorf("a query for a language gives %v", hits)
	}
	known := saying("", "frais de caisse")
	known.Lang = "en"
	if hits := s.Match(known); len(hits) != 1 || hits[0].Watch != "pas fr" {
		t.Errorf("a language that is known gives %v", hits)
	}
}

func TestWatchesThatCannotWorkAreNamedAllAtOnce(t *testing.T) {
	_, err := watch.New([]watch.Watch{
		{Query: "a"},
		{Name: "caisse", Query: "caisse \"valtisse"},
		{Name: "caisse", Query: "a"},
		{Name: "vide"},
		{Name: "cousine", Query: "a", Relation: "cousin"},
		{Name: "orpheline", Query: "a", Parent: "mouvment"},
		{Name: "poule", Query: "a", Parent: "œuf"},
		{Name: "œuf", Query: "a", Parent: "poule"},
		{Name: "à soi", Query: "a", Parent: "à soi"},
	}, watch.Options{})
	if err == nil {
		t.Fatal("no error")
	}
	for l, want := range map[say.Lang][]string{
		say.English: {"watch number 1 has no name", "“caisse”, column 8: the quotation mark", "two watches are named “caisse”", "“vide”, column 1: the query has no word",
			"“cousin”; write one of: self, parent", "“mouvment” for parent, and no watch has that name; write one of: caisse", "“poule” lead back to it (poule → œuf → poule)", "(œuf → poule → œuf)", "(à soi → à soi)"},
		say.FrenchCanada: {"numéro 1 n’a pas de nom", "colonne 8\u00a0: le guillemet", "s’appellent «\u00a0caisse\u00a0»", "«\u00a0vide\u00a0», colonne 1",
			"la relation «\u00a0cousin\u00a0»", "nomme «\u00a0mouvment\u00a0» comme organisation mère", "ramènent à elle (poule → œuf → poule)", "(œuf → poule → œuf)", "(à soi → à soi)"},
	} {
		lines := strings.Split(say.Explain(err, l), "\n")
		if len(lines) != len(want) {
			t.Fatalf("%d sentences, want %d:\n%s", len(lines), len(want), strings.Join(lines, "\n"))
		}
		for i := range want {
			if !strings.Contains(lines[i], want[i]) || strings.Contains(lines[i], "%!") {
				t.Errorf("%s\nwant in it: %s", lines[i], want[i])
			}
		}
	}
}

func TestTheTreeOfOrganisationsIsWalkedBothWays(t *testing.T) {
	s := newSet(t, watch.Options{},
		watch.Watch{Name: "caisse", Query: "a", Parent: "fédération"},
		watch.Watch{Name: "sœur", Query: "b", Relation: watch.Sister, Parent: "fédération"},
		watch.Watch{Name: "fédération", Query: "c", Relation: watch.Parent, Parent: "mouvement"},
		watch.Watch{Name: "mouvement", Query: "d", Relation: watch.Parent},
	)
	if diff := cmp.Diff([]string{"fédération", "mouvement"}, s.Above("caisse")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"caisse", "sœur", "fédération"}, s.Below("mouvement")); diff != "" {
		t.Error(diff)
	}
	if w, ok := s.Watch("sœur"); !ok || w.Relation != watch.Sister {
		t.Errorf("sœur is %+v", w)
	}
	if _, ok := s.Watch("inconnue"); ok || s.Above("inconnue") != nil {
		t.Error("there is no such watch")
	}
}

// aQuery makes queries of few words, so that they often hold.
func aQuery() *rapid.Generator[string] {
	word := rapid.SampledFrom([]string{"caisse", "caisses", "épargner", "l'épargne", "frais", "ca*", "épar*", "=Caisse", "#frais", "\"caisse épargne\"", "\"frais #caisse\"",
		"1 200", "@caisse", "aujourd'hui", "titre:frais", "auteur:caisse", "auteur:fr*", "auteur:=Frais", "lang:fr", "lang:en", "genre:avis", "site:a.example", "site:example", "source:s1",
		"frais NEAR/1 caisse", "\"ca* frais\" NEAR/0 (épargne OU aujourd'hui)", "titre:(caisse NEAR/2 frais)"})
	var expr func(depth int) *rapid.Generator[string]
	expr = func(depth int) *rapid.Generator[string] {
		if depth == 0 {
			return word
		}
		return rapid.Custom(func(t *rapid.T) string {
			a, b := expr(depth-1).Draw(t, "a"), expr(depth-1).Draw(t, "b")
			return fmt.Sprintf(rapid.SampledFrom([]string{"%[1]s", "(%s) (%s)", "(%s) OU (%s)", "(%s) -(%s)", "(%s) ET SAUF (%s)"}).Draw(t, "op")+"%.0[2]s", a, b)
		})
	}
	return expr(2)
}

func TestASetFindsExactlyTheWatchesWhoseQueryHolds(t *testing.T) {
	texts := rapid.Map(rapid.SliceOfN(rapid.SampledFrom([]string{"Caisse", "caisses", "ÉPARGNES", "e\u0301pargne", "frais,", "#Frais", "@caisse", "l’épargne", "1\u00a0200", "aujourd’hui", "neige", "cas"}), 0, 6),
		func(w []string) string { return strings.Join(w, " ") })
	rapid.Check(t, func(t *rapid.T) {
		var watches []watch.Watch
		var nodes []query.Node
		for _, q := range rapid.SliceOfN(aQuery(), 1, 6).Draw(t, "queries") {
			n, err := query.Parse(q)
			if err != nil {
				t.Fatalf("parse %s: %v", q, err)
			}
			watches = append(watches, watch.Watch{Name: fmt.Sprint(len(watches)), Query: q})
			nodes = append(nodes, n)
		}
		s := newSet(t, watch.Options{Language: func(string) string { return "fr" }}, watches...)
		for range 3 {
			m := saying(texts.Draw(t, "title"), texts.Draw(t, "text"))
			m.Author.Name = texts.Draw(t, "author")
			m.Lang = rapid.SampledFrom([]string{"fr", "en", ""}).Draw(t, "lang")
			m.URL = rapid.SampledFrom([]string{"https://b.a.example/x", "http://example", "", "%"}).Draw(t, "url")
			m.Source = rapid.SampledFrom([]string{"s1", "s2"}).Draw(t, "source")
			m.Kind = rapid.SampledFrom([]mention.Kind{mention.Review, mention.Post}).Draw(t, "kind")
			got := map[string]bool{}
			for _, h := range s.Match(m) {
				got[h.Watch] = true
				if len(h.Words) == 0 {
					t.Errorf("watch %s claims %v without a word", h.Watch, m)
				}
			}
			d := query.NewDocument(watch.Fields(m))
			d.Lang = stdcmp.Or(d.Lang, "fr")
			for i, n := range nodes {
				if want := query.Holds(d, n); got[watches[i].Name] != want {
					t.Errorf("%s on %+v: hit %v, want %v", n, watch.Fields(m), got[watches[i].Name], want)
				}
			}
		}
	})
}

func TestManyCanMatchAtOnce(t *testing.T) {
	s := newSet(t, watch.Options{}, watch.Watch{Name: "caisse", Query: "caisse"}, watch.Watch{Name: "frais", Query: "frais"})
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				text, want := "la caisse", "caisse"
				if (g+i)%2 == 0 {
					text, want = "les frais", "frais"
				}
				if hits := s.Match(saying("", text)); len(hits) != 1 || hits[0].Watch != want {
					t.Errorf("%q gives %v", text, hits)
				}
			}
		})
	}
	wg.Wait()
}

func TestAPostThatNobodyClaimsCostsNoMemoryOnceCut(t *testing.T) {
	s := benchSet(t, 1000)
	m := saying("", frenchPosts(1, 7)[0])
	d := query.NewDocument(watch.Fields(m))
	d.Host, d.Author, d.AuthorTokens = "ailleurs.example", "", nil
	if hits := s.MatchDocument(m, d); hits != nil {
		t.Fatalf("the post is claimed: %v", hits)
	}
	if n := testing.AllocsPerRun(100, func() { s.MatchDocument(m, d) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
