package alerting

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/say"
)

var update = flag.Bool("update", false, "write the golden files anew")

// situations are what messages are worded of, by the name of their golden files.
func situations() map[string]struct {
	Incident
	happened []Transition
} {
	type situation = struct {
		Incident
		happened []Transition
	}
	news := func(f StoryFacts) Incident {
		f.At = time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
		return Incident{ID: "7q3k9", Rule: "nouvelles", Watch: "mouvement", State: New, Severity: Inform, Facts: Facts{Story: &f}}
	}
	one := StoryFacts{Title: "L'épargne des aînés grimpe aux Moyacs", Outlet: "echo-moyacs.example", Outlets: 1, Named: true,
		Excerpt: "…La caisse d’épargne des Moyacs est touchée, dit la mairesse : « On l'a appris dans le journal. »", URL: "https://echo-moyacs.example/2026/11/20/epargne?a=1&b=été"}
	many, corrected, retracted, hostile, bare := one, one, one, one, StoryFacts{Outlet: "page-facebook", Outlets: 1}
	many.Outlets, many.Named, many.Title = 17, false, "LE MOUVEMENT VALTISSE FERMERA 14 COMPTOIRS d’ici deux ans dans toute la région des Moyacs"
	many.URL = "https://echo-moyacs.example/fermetures"
	corrected.Change, retracted.Change = Corrected, Retracted
	hostile.Title = "Gagnez\r\nBcc: volee@moyac.example \u202Egnp.eriuq\u202C \x1b[31m<script>alert(1)</script> 👩🏽‍🌾"
	hostile.Outlet, hostile.URL = "moyac.example\u2066\nfaux", "javascript:alert(1)"
	matter := Incident{ID: "7q3k9", Rule: "vagues", Watch: "caisse", State: New, Severity: Urgent, Size: 1234, Since: time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)}
	over := matter
	over.State = Resolved
	return map[string]situation{
		"new":                    {news(one), []Transition{Opened}},
		"new-17":                 {news(many), []Transition{Opened}},
		"corrected":              {news(corrected), []Transition{Opened, Revised}},
		"retracted":              {news(retracted), []Transition{Revised}},
		"reminded":               {news(one), []Transition{Reminded}},
		"hostile":                {news(hostile), []Transition{Opened}},
		"untitled":               {news(bare), []Transition{Opened}},
		"matter":                 {matter, []Transition{Opened}},
		"matter-grows":           {matter, []Transition{Grown}},
		"matter-begins-and-ends": {over, []Transition{Opened, Ended}},
	}
}

// readers are those whom the golden files are written for, one after the other.
func readers() []Reader {
	toronto, err := time.LoadLocation("America/Toronto")
	if err != nil {
		panic(err)
	}
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic(err)
	}
	return []Reader{
		{Lang: say.FrenchCanada, Zone: toronto, Page: "https://veille.caisse.example"},
		{Lang: say.FrenchFrance, Zone: paris, Page: "https://veille.caisse.example"},
		{Lang: say.English, Zone: toronto},
	}
}

func worded(i Incident, happened []Transition) string {
	var out strings.Builder
	for _, r := range readers() {
		subject, body, _ := Compose(i, happened, r)
		fmt.Fprintf(&out, "== %s\n%s\n\n%s", r.Lang, subject, body)
	}
	return out.String()
}

func TestMessagesReadAsTheyWereWritten(t *testing.T) {
	files, err := filepath.Glob("testdata/*.golden")
	if err != nil || (len(files) != len(situations()) && !*update) {
		t.Fatalf("%d golden files, %v, want one for each of %d situations", len(files), err, len(situations()))
	}
	for name, s := range situations() {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name+".golden")
			got := worded(s.Incident, s.happened)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnyStoryMakesAShortAndHarmlessMessage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := StoryFacts{
			Title: rapid.String().Draw(t, "title"), Outlet: rapid.String().Draw(t, "outlet"), Outlets: rapid.IntRange(0, 20_000).Draw(t, "outlets"),
			Excerpt: rapid.String().Draw(t, "excerpt") + strings.Repeat(" l’épargne", rapid.IntRange(0, 200).Draw(t, "words")),
			URL:     rapid.String().Draw(t, "url"), Change: rapid.SampledFrom([]Change{Unchanged, Corrected, Retracted}).Draw(t, "change"),
		}
		lang := rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "lang")
		subject, body, _ := Compose(Incident{Watch: rapid.String().Draw(t, "watch"), Facts: Facts{Story: &f}}, []Transition{Opened}, Reader{Lang: lang, Page: "https://a.example"})
		if n := utf8.RuneCountInString(subject); n > subjectLimit {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		if n := len(strings.Fields(body)); n > 120 {
			t.Errorf("body of %d words: %q", n, body)
		}
		for _, r := range subject + strings.ReplaceAll(body, "\n", "") {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
				t.Errorf("%U is in the message", r)
			}
		}
	})
}

func TestStrangersWordsAreMadePlain(t *testing.T) {
	for _, c := range []struct{ name, give, want string }{
		{"lines", "Un\r\ntitre\n\tsur trois\u2028lignes", "Un titre sur trois lignes"},
		{"bidi", "reçu\u202Efdp.exe\u202C\u2066x\u2069\u200Ey\u061C", "reçufdp.exexy"},
		{"hidden", "a\u200Bb\uFEFFc\u00ADd\u2060e", "abcde"},
		{"controls", "a\x00b\x1b[31mc\x7fd\u0085e", "a b [31mc d e"},
		{"broken", "caf\xc3\xa9 \xff\xfe", "café"},
		{"apostrophes and accents", "l'épargne d’épargne e\u0301te\u0301 ŒUVRE", "l'épargne d’épargne e\u0301te\u0301 ŒUVRE"},
		{"emoji", "👩🏽‍🌾 🇨🇦", "👩🏽‍🌾 🇨🇦"},
		{"French spaces", "«\u00a0Quoi\u202f?\u00a0»", "«\u00a0Quoi\u202f?\u00a0»"},
	} {
		if got := Plain(c.give, 100); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestACutFallsBetweenWordsAndNeverInsideACharacter(t *testing.T) {
	if got, want := Plain("La caisse d’épargne ferme ses portes", 26), "La caisse d’épargne ferme…"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := Plain("👩🏽‍🌾👩🏽‍🌾👩🏽‍🌾", 9), "👩🏽‍🌾👩🏽‍🌾…"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func FuzzPlain(f *testing.F) {
	f.Add("l’épargne \u202E👩🏽‍🌾\r\nBcc: x", 10)
	f.Add("\xff\x00", 1)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 1 + max(limit, -limit, 0)%300
		got := Plain(s, limit)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit || strings.ContainsAny(got, "\r\n\x00\u202E") {
			t.Errorf("%q within %d became %q", s, limit, got)
		}
		if again := Plain(got, limit); again != got {
			t.Errorf("%q is not plain: it became %q", got, again)
		}
	})
}

func TestOnlyAddressesOfTheWebAreShown(t *testing.T) {
	for give, want := range map[string]string{
		"https://a.example/é?b=1":                        "https://a.example/%C3%A9?b=1",
		"https://moi:secret@a.example/":                  "https://a.example/",
		"javascript:alert(1)":                            "",
		"//a.example":                                    "",
		"https://a.example/\r\nBcc:":                     "",
		"https://a.example/" + strings.Repeat("a", 3000): "",
	} {
		if got := address(give); got != want {
			t.Errorf("%q became %q, want %q", give, got, want)
		}
	}
}
