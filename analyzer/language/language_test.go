package language

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func ExampleDetect() {
	fmt.Println(Detect("sa fait 2 semaine que jattend apres vous"))
	fmt.Println(Detect("nobody ever picks up the phone"))
	fmt.Println(Detect("El banco no me devuelve el dinero"))
	// Output:
	// fr
	// en
	// other
}

// The floors are a few texts below what was measured (see the package doc).
func TestMostHeldOutTextsAreNamedRightly(t *testing.T) {
	for _, c := range []struct {
		file  string
		want  func(label string) Lang
		least float64
		wrong float64 // an answer that is wrong costs more than none
	}{
		{"testdata/held.tsv", func(label string) Lang { return Lang(label) }, 0.92, 0.05},
		{"../sentiment/testdata/dev-fr.tsv", func(string) Lang { return French }, 0.96, 0.01},
		{"../sentiment/testdata/dev-en.tsv", func(string) Lang { return English }, 0.96, 0.02},
	} {
		t.Run(c.file, func(t *testing.T) {
			var right, wrong, all float64
			for _, line := range readLines(t, c.file) {
				label, text, _ := strings.Cut(line, "\t")
				all++
				switch got := Detect(text); got {
				case c.want(label):
					right++
				case Unknown:
					t.Logf("unknown: %s", line)
				default:
					wrong++
					t.Logf("%q: %s", got, line)
				}
			}
			t.Logf("%.0f right and %.0f wrong of %.0f", right, wrong, all)
			if right < c.least*all || wrong > c.wrong*all {
				t.Errorf("%.0f right and %.0f wrong of %.0f, want at least %.0f %% and at most %.0f %%", right, wrong, all, 100*c.least, 100*c.wrong)
			}
		})
	}
}

func readLines(t *testing.T, name string) []string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	if len(lines) < 60 {
		t.Fatalf("%s has %d lines, want 60 at least", name, len(lines))
	}
	return lines
}

func TestHeldOutTextsAreNotTrainedOn(t *testing.T) {
	trainedOn := map[string]bool{}
	files, err := os.ReadDir("data")
	if err != nil || len(files) == 0 {
		t.Fatalf("data: %d files, %v", len(files), err)
	}
	for _, f := range files {
		raw, err := os.ReadFile("data/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			trainedOn[strings.TrimSpace(line)] = true
		}
	}
	for _, file := range []string{"testdata/held.tsv", "../sentiment/testdata/dev-fr.tsv", "../sentiment/testdata/dev-en.tsv"} {
		for _, line := range readLines(t, file) {
			if _, text, _ := strings.Cut(line, "\t"); trainedOn[text] && len(strings.Fields(text)) > 3 {
				t.Errorf("%s: %q is in data/", file, text)
			}
		}
	}
}

func TestANameOrNothingIsUnknown(t *testing.T) {
	for _, text := range []string{"", " \n", "😡😡😡", "12 000 $", "!!!", "@valtisse", "https://echo.example/le-comptoir-du-village", "tk", "x", "\xff\xfe"} {
		if got := Detect(text); got != Unknown {
			t.Errorf("%q is %q, want unknown", text, got)
		}
	}
}

func TestAddressesAndNamesDoNotSpeak(t *testing.T) {
	text := "Nobody answers the phone @LaCaisseDuVillage #toujoursfermé https://caisse.example/nos-heures-d-ouverture-pour-les-fetes"
	if got := Detect(text); got != English {
		t.Errorf("%q, want en", got)
	}
}

func TestBothSpellingsOfAccentsAndApostrophesAreOne(t *testing.T) {
	for _, text := range []string{"L'épargne a été gelée", "l’épargne", "d'épargne à l’œil", "DESJARDINS ÉTAIT FERMÉ", "Où êtes-vous"} {
		want := Detect(text)
		for _, other := range []string{norm.NFD.String(text), strings.ReplaceAll(text, "'", "’"), strings.ReplaceAll(text, "’", "'")} {
			if got := Detect(other); got != want {
				t.Errorf("%q is %q, written otherwise %q", text, want, got)
			}
		}
	}
}

func TestAHintHoldsForAFewWordsAndForUnknownTexts(t *testing.T) {
	for _, c := range []struct {
		text       string
		hint, want Lang
	}{
		{"Nice!", French, French},
		{"Super 👍", English, English},
		{"😡", French, French},
		{"Nobody answers the phone", French, English},
		{"Personne répond au téléphone", English, French},
		{"Personne répond au téléphone", Unknown, French},
		{"Здравствуйте", French, Other},
		{"Hola amigos de la caja", Other, Other},
	} {
		if got := DetectWithHint(c.text, c.hint); got != c.want {
			t.Errorf("%q with hint %q: %q, want %q", c.text, c.hint, got, c.want)
		}
	}
}

func TestDeclaredTagsAreRead(t *testing.T) {
	for tag, want := range map[string]Lang{
		"fr": French, "fr-CA": French, "FR_ca": French, "en": English, "en-GB": English,
		"es": Other, "pt-BR": Other, "": Unknown, "und": Unknown, "this is no language tag": Unknown,
	} {
		if got := Parse(tag); got != want {
			t.Errorf("%q is %q, want %q", tag, got, want)
		}
	}
}

// A bound on what is read, not on time: a test of time fails on a busy machine.
func TestAHugeTextIsReadByItsBeginning(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a", 10<<20), strings.Repeat("é\u0301\u0302", 1<<20), strings.Repeat("le comptoir est fermé ", 1<<18),
	} {
		if s := read(text); len(s.runes) > maxRunes+1 {
			t.Errorf("%d runes are kept of a huge text, want %d at most", len(s.runes), maxRunes)
		}
	}
	text := strings.Repeat("The branch is closed and nobody told us. ", 1000) + strings.Repeat("Le comptoir est fermé. ", 10_000)
	if got := Detect(text); got != English {
		t.Errorf("%q, want the language of the beginning", got)
	}
}

func FuzzDetect(f *testing.F) {
	for _, seed := range []string{"L'épargne", "d’épargne", "DESJARDINS", "cafe\u0301 😡", "\xff\xfe\x00", "Здравствуйте hello"} {
		f.Add(seed, "fr")
	}
	f.Fuzz(func(t *testing.T, text, tag string) {
		got := DetectWithHint(text, Parse(tag))
		if got != Unknown && got != French && got != English && got != Other {
			t.Errorf("%q", got)
		}
		s := read(text)
		if s.runes[0] != ' ' || s.last() != ' ' {
			t.Errorf("sample %q is not held by spaces", string(s.runes))
		}
		for _, r := range s.runes {
			if r != ' ' && r != '\'' && (unicode.IsUpper(r) && unicode.ToLower(r) != r || !utf8.ValidRune(r)) {
				t.Errorf("sample holds %q", r)
			}
		}
	})
}

func BenchmarkDetect(b *testing.B) {
	for name, text := range map[string]string{
		"by words": "Ça fait trois fois que j'appelle pis personne me répond",
		"by model": "Les taux hypothécaires reculent légèrement selon la Banque Nordelune",
	} {
		b.Run(name, func(b *testing.B) {
			Detect(text)
			b.ReportAllocs()
			for b.Loop() {
				Detect(text)
			}
		})
	}
}
