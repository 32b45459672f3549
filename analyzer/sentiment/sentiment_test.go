package sentiment

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"github.com/ouidire/ouidire/mention"
)

func ExampleReader_Read() {
	r := New().Read(Text{Body: "Tabarnak que vous êtes bons 😍", Lang: "fr"})
	fmt.Println(r.Label, r.Intent, r.Target, r.Why)
	// Output: positive praise brand [😍 vous êtes bons]
}

// labelled is one line of a development set.
type labelled struct{ label, text string }

const (
	odd  = 0 // lines 1, 3, 5 ...: rules and lexicons are tuned on them
	even = 1 // not printed while tuning
)

// read reads labelled comments.
func read(t testing.TB, name string) []labelled {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var set []labelled
	for i, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		label, text, ok := strings.Cut(line, "\t")
		if !ok || !slices.Contains(labels, label) {
			t.Fatalf("%s, line %d: %q is no label and text", name, i+1, line)
		}
		set = append(set, labelled{label, text})
	}
	if len(set) < 30 {
		t.Fatalf("%s has %d lines, want 30", name, len(set))
	}
	return set
}

// half is every second line of a development set.
func half(t testing.TB, lang string, which int) []labelled {
	t.Helper()
	var set []labelled
	for i, item := range read(t, "dev-"+lang+".tsv") {
		if i%2 == which {
			set = append(set, item)
		}
	}
	return set
}

var labels = []string{"negative", "neutral", "positive"}

// score is what a reader got right; precision and recall are those of negative.
type score struct{ macroF1, precision, recall, accuracy, abstained float64 }

func measure(r *Reader, lang string, set []labelled, wrong func(labelled, mention.Reading)) score {
	var hit, said, is [3]float64
	var s score
	for _, item := range set {
		got := r.Read(Text{Body: item.text, Lang: lang})
		answer, truth := slices.Index(labels, string(got.Label)), slices.Index(labels, item.label)
		is[truth]++
		switch answer {
		case -1:
			s.abstained++
		case truth:
			hit[truth]++
			fallthrough
		default:
			said[answer]++
		}
		if answer != truth {
			wrong(item, got)
		}
	}
	for i := range labels {
		s.macroF1 += 2 * hit[i] / max(said[i]+is[i], 1) / 3
		s.accuracy += hit[i] / float64(len(set))
	}
	s.precision, s.recall = hit[0]/max(said[0], 1), hit[0]/max(is[0], 1)
	return s
}

// The floors stand a few points under the measures of the package doc. The wrong
// answers of the even and held lines are not printed: who reads them tunes on them.
func TestTonesAreReadAsWellAsMeasured(t *testing.T) {
	r := New()
	for _, c := range []struct {
		name                       string
		lang                       string
		set                        []labelled
		macroF1, precision, recall float64
	}{
		{"odd", "fr", half(t, "fr", odd), 0.95, 0.95, 0.92},
		{"odd", "en", half(t, "en", odd), 0.95, 0.95, 0.92},
		{"even", "fr", half(t, "fr", even), 0.78, 0.79, 0.64},
		{"even", "en", half(t, "en", even), 0.84, 0.85, 0.75},
		{"held", "fr", read(t, "held-fr.tsv"), 0.70, 0.81, 0.53},
		{"held", "en", read(t, "held-en.tsv"), 0.61, 0.59, 0.40},
	} {
		s := measure(r, c.lang, c.set, func(item labelled, got mention.Reading) {
			if c.name == "odd" {
				t.Logf("%s: %s: %q %.2f %.2f %.2f %q", item.label, item.text, got.Label, got.Negative, got.Neutral, got.Positive, got.Why)
			}
		})
		t.Logf("%s %s, %d texts: %+v", c.lang, c.name, len(c.set), s)
		if s.macroF1 < c.macroF1 || s.precision < c.precision || s.recall < c.recall {
			t.Errorf("%s %s: %+v, want at least %v, %v and %v", c.lang, c.name, s, c.macroF1, c.precision, c.recall)
		}
	}
}

func TestQuebecFrenchIsReadAsItIsMeant(t *testing.T) {
	r := New()
	for _, c := range []struct {
		name, text string
		want       mention.Label
	}{
		{"litote", "C'est pas pire votre affaire", mention.Positive},
		{"litote that blames", "C'est pas fort votre affaire", mention.Negative},
		{"reversal that praises", "Le show était malade, écœurant!", mention.Positive},
		{"reversal that blames", "C'est écœurant de traiter le monde de même", mention.Negative},
		{"reversal by its company", "Débile comme frais, bande de voleurs", mention.Negative},
		{"sacre that praises", "Tabarnak que c'est bon", mention.Positive},
		{"sacre that blames", "Câlisse que c'est mauvais", mention.Negative},
		{"variants of sacres", "osti de câlice de service pourri", mention.Negative},
		{"negation without ne", "J'aime vraiment pas ça", mention.Negative},
		{"negation with ne", "Je ne suis pas satisfait du tout", mention.Negative},
		{"negation with pantoute", "Je suis pas contente pantoute", mention.Negative},
		{"sans", "Tout s'est fait sans problème", mention.Positive},
		{"jamais", "Jamais été déçue de votre service", mention.Positive},
		{"concession", "La dame était gentille mais c'est inacceptable comme attente", mention.Negative},
		{"concession that praises", "C'est un peu long, mais le service est excellent", mention.Positive},
		{"sarcasm", "Merci pour la panne!", mention.Negative},
		{"sarcasm with a price", "Bravo pour les frais de 5 $", mention.Negative},
		{"thanks that are meant", "Merci d'avoir réglé la panne aussi rapidement", mention.Positive},
		{"rolled eyes", "Excellent service 🙄", mention.Negative},
		{"rhetorical question", "Vous trouvez ça normal?", mention.Negative},
		{"plain question", "À quelle heure ouvrez-vous?", mention.Neutral},
		{"question about a bad event", "Est-ce que la panne est réglée?", mention.Neutral},
		{"headline", "Quatorze comptoirs fermeront d'ici deux ans", mention.Neutral},
		{"held letters", "Trooop coooool", mention.Positive},
		{"no accents", "Vous etes degueulasses", mention.Negative},
		{"capitals", "VOUS ÊTES DES VOLEURS", mention.Negative},
		{"emoji alone", "😡😡", mention.Negative},
		{"smiley", "on verra bien :(", mention.Negative},
		{"both apostrophes", "C’est l’enfer, j’en peux plus", mention.Negative},
		{"nothing", "", mention.Neutral},
	} {
		for form, text := range map[string]string{"composed": norm.NFC.String(c.text), "decomposed": norm.NFD.String(c.text)} {
			if got := r.Read(Text{Body: text, Lang: "fr"}); got.Label != c.want {
				t.Errorf("%s, %s: %q is %q (%.2f %.2f %.2f %q), want %q", c.name, form, c.text, got.Label, got.Negative, got.Neutral, got.Positive, got.Why, c.want)
			}
		}
	}
}

func TestEnglishIsReadAsItIsMeant(t *testing.T) {
	r := New()
	for _, c := range []struct {
		text string
		want mention.Label
	}{
		{"Not bad at all", mention.Positive},
		{"Not good.", mention.Negative},
		{"I’m not happy with this", mention.Negative},
		{"Thanks for the outage!", mention.Negative},
		{"Thanks for the quick fix", mention.Positive},
		{"Nice lady, but this is unacceptable", mention.Negative},
		{"That band was sick!", mention.Positive},
		{"Sick of your fees", mention.Negative},
		{"Are you kidding me?", mention.Negative},
		{"Where is the branch?", mention.Neutral},
		{"soooo goood", mention.Positive},
		{"dont work never works", mention.Negative},
	} {
		if got := r.Read(Text{Body: c.text, Lang: "en"}); got.Label != c.want {
			t.Errorf("%q is %q (%.2f %.2f %.2f %q), want %q", c.text, got.Label, got.Negative, got.Neutral, got.Positive, got.Why, c.want)
		}
	}
}

func TestIntentAndTarget(t *testing.T) {
	r := New()
	for _, c := range []struct {
		text   string
		ours   bool
		intent mention.Intent
		target mention.Target
	}{
		{"À quelle heure ouvrez-vous votre comptoir?", false, mention.Question, mention.Brand},
		{"Votre service est pourri", false, mention.Complaint, mention.Brand},
		{"Vous devriez ajouter un banc à l'entrée", false, mention.Suggestion, mention.Brand},
		{"Merci à votre équipe, c'était parfait", false, mention.Praise, mention.Brand},
		{"Gang de voleurs, bande de clowns", false, mention.Provocation, ""},
		{"L'assemblée annuelle aura lieu le 24 avril", false, mention.Information, ""},
		{"Mon proprio est un voleur", false, mention.Complaint, mention.Third},
		{"Mon proprio et votre caisse, même arnaque", false, mention.Complaint, ""},
		{"C'est inacceptable", true, mention.Complaint, mention.Brand},
		{"Mon proprio est un voleur", true, mention.Complaint, mention.Third},
		{"", true, mention.Other, mention.Brand},
	} {
		got := r.Read(Text{Body: c.text, Lang: "fr", Ours: c.ours})
		if got.Intent != c.intent || got.Target != c.target {
			t.Errorf("%q: intent %q, target %q; want %q, %q", c.text, got.Intent, got.Target, c.intent, c.target)
		}
	}
}

func TestALanguageThatIsNotReadIsNeutralWithoutALabel(t *testing.T) {
	for _, lang := range []string{"", "other", "es"} {
		got := New().Read(Text{Body: "pésimo servicio, terrible", Lang: lang})
		if got.Negative != 0 || got.Neutral != 1 || got.Positive != 0 || got.Label != "" || got.Sure || got.By != Model {
			t.Errorf("%q: %+v", lang, got)
		}
	}
}

func TestReasonsAreWordsOfTheTextAsWritten(t *testing.T) {
	text := "Votre SERVICE est POURRI, j’ai attendu trooop longtemps, c’est dégueulasse! Dégueulasse."
	got := New().Read(Text{Body: text, Lang: "fr"})
	if len(got.Why) == 0 || len(got.Why) > maxReason {
		t.Fatalf("%d reasons", len(got.Why))
	}
	seen := map[string]bool{}
	for _, why := range got.Why {
		if !strings.Contains(text, why) {
			t.Errorf("%q is not in the text", why)
		}
		if seen[strings.ToLower(why)] {
			t.Errorf("%q is given twice", why)
		}
		seen[strings.ToLower(why)] = true
	}
	if got.Why[0] != "POURRI" {
		t.Errorf("the first reason is %q, want the heaviest", got.Why[0])
	}
}

func TestATitleIsReadOnceWithItsText(t *testing.T) {
	r := New()
	once := r.Read(Text{Title: "Service pourri", Body: "Service pourri. On verra.", Lang: "fr"})
	alone := r.Read(Text{Body: "Service pourri. On verra.", Lang: "fr"})
	if once.Negative != alone.Negative {
		t.Errorf("%v with the title, %v without", once.Negative, alone.Negative)
	}
}

func TestAHugeTextIsReadByItsBeginning(t *testing.T) {
	r := New()
	for _, text := range []string{
		strings.Repeat("pas ", 1<<20), strings.Repeat("!", 1<<20), strings.Repeat("😡", 1<<18),
		strings.Repeat("tabarnak ", 1<<18), strings.Repeat("mais ", 1<<18), strings.Repeat("a", 1<<20), strings.Repeat(":) ", 1<<18),
	} {
		checkSound(t, r.Read(Text{Body: text, Lang: "fr"}))
	}
}

func checkSound(t *testing.T, r mention.Reading) {
	t.Helper()
	if sum := r.Negative + r.Neutral + r.Positive; !(math.Abs(sum-1) < 1e-9) || min(r.Negative, r.Neutral, r.Positive) < 0 {
		t.Errorf("probabilities %v, %v, %v", r.Negative, r.Neutral, r.Positive)
	}
	if r.Sure {
		t.Error("sure: no figure allows it")
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{"L'épargne, c'est pas pire", "d’épargne 🙄 :(", "DESJARDINS!!!", "cafe\u0301 mais", "\xff\xfe\x00", "trooop... mais? but"} {
		f.Add("", seed, "fr")
		f.Add(seed, seed, "en")
	}
	r := New()
	f.Fuzz(func(t *testing.T, title, body, lang string) {
		got := r.Read(Text{Title: title, Body: body, Lang: lang})
		checkSound(t, got)
		for _, why := range got.Why {
			if why == "" || !strings.Contains(title+"\n"+body, why) {
				t.Errorf("reason %q is not in the text", why)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for _, lang := range []string{"fr", "en"} {
		b.Run(lang, func(b *testing.B) {
			r, set := New(), append(half(b, lang, odd), half(b, lang, even)...)
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				r.Read(Text{Body: set[n%len(set)].text, Lang: lang})
				n++
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "texts/s")
		})
	}
}
