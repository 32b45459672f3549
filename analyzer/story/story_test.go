package story

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

func ExampleCompare() {
	wire := `Le Mouvement Valtisse fermera quatorze comptoirs d'ici deux ans, a annoncé mercredi la direction,
		qui promet de garder tous les employés et de servir les membres dans la localité voisine ou par téléphone.`
	cut := "Le Mouvement Valtisse fermera quatorze comptoirs d’ici deux ans, a annoncé mercredi la direction […]"
	fmt.Println(Compare(Sign("Quatorze comptoirs fermeront", wire), Sign("Fermetures chez Valtisse", cut)).Kind)
	// Output: excerpt
}

func TestATextOfAFewWordsIsKnownByItsHeadline(t *testing.T) {
	long := strings.Repeat("Le conseil a étudié la question pendant des heures sans conclure. ", 3)
	for _, c := range []struct {
		name string
		a, b mention.Signature
		want Kind
	}{
		{"equal titles alone", Sign("Quatorze comptoirs fermeront d'ici deux ans", ""), Sign("QUATORZE COMPTOIRS FERMERONT D’ICI DEUX ANS!", ""), Same},
		{"a title and the article under it", Sign("Quatorze comptoirs fermeront bientôt", ""), Sign("Quatorze comptoirs fermeront bientôt", long), Same},
		{"a post that is a title and its address", Sign("", "Quatorze comptoirs fermeront bientôt https://echo.example/a?b=1"), Sign("Quatorze comptoirs fermeront bientôt", long), Same},
		{"a title of three words", Sign("Merci beaucoup monsieur", ""), Sign("Merci beaucoup monsieur", ""), Different},
		{"other titles", Sign("Quatorze comptoirs fermeront bientôt", ""), Sign("Onze comptoirs fermeront bientôt", ""), Different},
		{"nothing at all", Sign("", ""), Sign("", ""), Different},
		{"emoji alone", Sign("", "😡😡😡😡😡"), Sign("", "😡😡😡😡😡"), Different},
		{"one title over two whole texts", Sign("La météo de la semaine", long),
			Sign("La météo de la semaine", "Du soleil lundi et mardi, puis de la neige et du vent jusqu'à samedi dans toute la vallée."), Different},
	} {
		if got := Compare(c.a, c.b).Kind; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
		if c.want == Same && !meet(Bands(c.a), Bands(c.b)) {
			t.Errorf("%s: bands do not bring them together", c.name)
		}
	}
}

func TestABodyThatBeginsWithItsTitleIsReadWithoutIt(t *testing.T) {
	body := "La rivière est sortie de son lit dans la nuit et quatre cents foyers ont été évacués par les pompiers."
	with := Sign("Crue à Moyac ce matin", "Crue à Moyac ce matin. "+body)
	if without := Sign("Crue à Moyac ce matin", body); !slices.Equal(with.MinHash, without.MinHash) {
		t.Error("the title in the body changed the signature")
	}
}

func TestFiguresAreReadAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct {
		title, body string
		want        []string
	}{
		{"14 comptoirs fermeront", "Quatorze comptoirs, 1 200 membres et 3,5 millions.", []string{"1200", "14", "3.5"}},
		{"Fourteen counters to close", "14 counters, 1,200 members and 3.5 million.", []string{"1200", "14", "3.5"}},
		{"", "Rendez-vous à 9 h 12, à 14 h ou à 9:30.", nil},
		{"", "Mis à jour le 21 novembre 2026 à 9 h 12\nOnze personnes sont blessées.", []string{"11"}},
		{"", "Publié le 3 mai | Updated at 5 pm\nAucun blessé.", nil},
		{"", "d’épargne et l'épargne", nil},
	} {
		if diff := cmp.Diff(c.want, Sign(c.title, c.body).Figures); diff != "" {
			t.Errorf("%q %q (-want +got):\n%s", c.title, c.body, diff)
		}
	}
}

func TestOnlyAChangedFigureOrARetractionIsToldAgain(t *testing.T) {
	body := "Le Mouvement Valtisse fermera 14 comptoirs d'ici deux ans. Les maires de la côte se réuniront vendredi."
	for _, c := range []struct {
		name          string
		before, after string
		want          Nature
	}{
		{"the same words", body, "Le Mouvement VALTISSE fermera 14 comptoirs d’ici deux ans — les maires de la côte se réuniront vendredi.", Unchanged},
		{"a word corrected", body, strings.Replace(body, "se réuniront", "se rencontreront", 1), Cosmetic},
		{"a figure corrected", body, strings.Replace(body, "14", "11", 1), Figures},
		{"a figure corrected that names the wrong one", body, strings.Replace(body, "14 comptoirs", "11 comptoirs (et non les 14 annoncés)", 1), Figures},
		{"the same in English", "They will close 14 counters.", "They will close 11 counters instead of 14.", Figures},
		{"a figure spelt out", body, strings.Replace(body, "14", "quatorze", 1), Cosmetic},
		{"a sentence with a figure added", body, body + " Ils seront 12.", Cosmetic},
		{"a figure spelt out as words", "Il y a 97 cas et 205 lits.", "Il y a quatre-vingt-dix-sept cas et deux cent cinq lits.", Cosmetic},
		{"words that change", "Quatorze comptoirs fermeront.", "Onze comptoirs fermeront.", Figures},
		{"words that change in English", "Twenty-one counters will close.", "Twenty-two counters will close.", Figures},
		{"another sign between the thousands", "Il y a 1 200 membres, 3,5 % de plus.", "Il y a 1\u202f200 membres, 3,5\u00a0% de plus.", Unchanged},
		{"quotes, dashes and apostrophes", "L'usine dit \"non\" - encore 14 fois...", "L’usine dit «\u00a0non\u00a0» — encore 14 fois…", Unchanged},
		{"a meeting at another hour", "L'assemblée aura lieu à 19 h au gymnase.", "L'assemblée aura lieu à 20 h 30 au gymnase.", Figures},
		{"an hour written in another way", "L'assemblée aura lieu à 9h05 au gymnase.", "L'assemblée aura lieu à 9 h 05 au gymnase.", Cosmetic},
		{"a meeting on another day", "L'assemblée aura lieu le 12 mai.", "L'assemblée aura lieu le 13 mai.", Figures},
		{"a meeting in another month", "The meeting is on May 12.", "The meeting is on June 12.", Figures},
		{"paragraphs that change places", "Il y a 14 cas. On en comptait 9 hier.", "On en comptait 9 hier. Il y a 14 cas.", Cosmetic},
		{"the hour of the page", "Mis à jour à 9 h 12\n" + body, "Mis à jour à 14 h 05\n" + body, Cosmetic},
		{"rectificatif", body, body + "\n\nRectificatif : onze comptoirs fermeront, et non quatorze.", Retraction},
		{"erratum", body, "ERRATUM\n" + body, Retraction},
		{"correction at the head of a line", body, body + "\nCorrection – une version antérieure citait un mauvais chiffre.", Retraction},
		{"mise au point", body, body + " Mise au point de la rédaction.", Retraction},
		{"mise au point at the head of a line", body, "MISE AU POINT\n" + body, Retraction},
		{"the making of something", body, body + " La mise au point du vaccin a pris un an.", Cosmetic},
		{"correction in brackets", body, "(Correction) " + body, Retraction},
		{"a title that says withdrawn", body, "Retiré\n" + body, Retraction},
		{"[RETIRÉ] before the title", body, "[RETIRÉ] " + body, Retraction},
		{"withdrawn", body, "Withdrawn: " + body, Retraction},
		{"somebody retired", body, "Retiré depuis un an, le maire se tait. " + body, Cosmetic},
		{"no longer there", body, "Cet article n’est plus disponible.", Retraction},
		{"nous avons retiré", body, "Nous avons retiré cet article.", Retraction},
		{"an earlier version", "Fourteen counters will close.", "Fourteen counters will close. An earlier version of this story misnamed the town.", Retraction},
		{"retracted", "A study says so.", "The study has been retracted.", Retraction},
		{"a correction of the markets", "La Bourse monte.", "La Bourse subit une correction de 3 points.", Cosmetic},
		{"an announcement that stood already", body + "\nErratum : le nom.", body + " Ils sont déçus.\nErratum : le nom.", Cosmetic},
	} {
		got := Material(mention.Version{Text: c.before}, mention.Version{Text: c.after})
		if got.Nature != c.want {
			t.Errorf("%s: %s %v, want %s", c.name, got.Nature, got, c.want)
		}
		if told := c.want == Figures || c.want == Retraction; got.Told() != told {
			t.Errorf("%s: told %t, want %t", c.name, got.Told(), told)
		}
	}
}

func TestAChangedFigureSaysFromWhatToWhat(t *testing.T) {
	got := Material(mention.Version{Title: "14 comptoirs fermeront"}, mention.Version{Title: "Onze comptoirs fermeront"})
	if diff := cmp.Diff(Change{Nature: Figures, Gone: []string{"14"}, Come: []string{"11"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATextThatIsTakenAwayIsEmptied(t *testing.T) {
	long := mention.Version{Title: "Quatorze comptoirs", Text: strings.Repeat("L’épargne des membres, d'été en été. ", 10)}
	for _, c := range []struct {
		name  string
		after mention.Version
		want  bool
	}{
		{"nothing is left", mention.Version{Title: "Quatorze comptoirs"}, true},
		{"a word is left", mention.Version{Title: "Quatorze comptoirs", Text: "Voir plus…"}, true},
		{"half is left", mention.Version{Text: long.Text[:len(long.Text)/2]}, false},
	} {
		if got := Emptied(long, c.after); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
	if Emptied(mention.Version{Text: "L'été, peu de mots"}, mention.Version{}) {
		t.Error("a text of four words had nothing to take away")
	}
}

func TestNumbersAreReadInLetters(t *testing.T) {
	for body, want := range map[string][]string{
		"quatorze":                               {"14"},
		"dix-sept":                               {"17"},
		"vingt et un, vingt-deux":                {"21", "22"},
		"soixante et onze ou soixante-dix-sept":  {"71", "77"},
		"quatre-vingts et quatre-vingt-dix-neuf": {"80", "99"},
		"deux mille trois cent quatre":           {"2304"},
		"mille neuf cents":                       {"1900"},
		"deux, trois ou quatre":                  {"2", "3", "4"},
		"une et un, one":                         nil,
		"Twenty-one and two hundred and five":    {"21", "205"},
		"three thousand, forty":                  {"3000", "40"},
		"cinq cinq":                              {"5", "5"},
	} {
		if diff := cmp.Diff(want, numbers(body, text.Tokens(body))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", body, diff)
		}
	}
}

func TestAnyTextIsSignedSoundly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		title, body := rapid.String().Draw(t, "title"), rapid.String().Draw(t, "body")
		s := Sign(title, body)
		if n := len(s.MinHash); n != 0 && n != minima {
			t.Fatalf("%d minima", n)
		}
		if !slices.IsSorted(s.Lead) || len(s.Lead) > leadWords {
			t.Fatalf("lead %v", s.Lead)
		}
		if !cmp.Equal(s, Sign(title, body)) {
			t.Fatal("the same text is signed in two ways")
		}
	})
}

func FuzzSignAndMaterial(f *testing.F) {
	f.Add("14 comptoirs", "L'épargne, d’épargne, cafe\u0301", "Erratum : 1 200")
	f.Add("L'Anse", "quatre-vingt et un-", "à 9h05 le 12 mai, soixante et onze")
	f.Add("", "\xff\xfe9:", "9 h\n")
	f.Fuzz(func(t *testing.T, title, before, after string) {
		a, b := Sign(title, before), Sign(title, after)
		if x, y := Compare(a, b), Compare(b, a); x != y {
			t.Errorf("%v one way, %v the other", x, y)
		}
		Bands(a)
		x := NewIndex()
		for n, text := range []string{before, after, before} {
			v := mention.Version{Title: title, Text: text, Hits: []mention.Hit{{Watch: "w", Words: []string{title}}}}
			m := mention.Mention{ID: fmt.Sprint(n), Kind: mention.Post, URL: after, Versions: []mention.Version{v}, Signature: Sign(title, text)}
			if told := x.Tell(ItemOf(&m, noon)); told.Story == told.Related {
				t.Errorf("%+v is related to itself", told)
			}
		}
		Emptied(mention.Version{Text: before}, mention.Version{Text: after})
		Material(mention.Version{Title: title, Text: before}, mention.Version{Title: title, Text: after})
	})
}

func BenchmarkSign(b *testing.B) {
	body := strings.Repeat(ourArticles(b)[0].body+"\n", 3)
	b.ReportAllocs()
	for b.Loop() {
		Sign("Quatorze comptoirs fermeront d'ici deux ans", body)
	}
	b.ReportMetric(float64(len(strings.Fields(body))), "words/text")
}

func BenchmarkCompare(b *testing.B) {
	articles := ourArticles(b)
	x, y := Sign("", articles[0].body), Sign("", articles[1].body)
	b.ReportAllocs()
	for b.Loop() {
		Compare(x, y)
	}
}
