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
	joined, account := many, one
	joined.Joined, account.Joined = &StoryVoice{Name: "radio-moyac.example"}, &StoryVoice{Name: "Odette Malenfroy", Audience: 12_000}
	account.Change = Corrected
	several, namesYou := many, many
	several.Watches = []string{"caisse", "mouvement", "festival", "nordelune", "presse", "mer"}
	namesYou.Change, namesYou.Named, namesYou.Watches = Names, true, []string{"caisse", "mouvement"}
	hostile.Title = "Gagnez\r\nBcc: volee@moyac.example \u202Egnp.eriuq\u202C \x1b[31m<script>alert(1)</script> 👩🏽‍🌾"
	hostile.Outlet, hostile.URL = "moyac.example\u2066\nfaux", "javascript:alert(1)"
	hostile.Joined = &StoryVoice{Name: hostile.Title, Audience: 1 << 40}
	matter := Incident{ID: "7q3k9", Rule: "vagues", Watch: "caisse", State: New, Severity: Urgent, Size: 1234, Since: time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)}
	over := matter
	over.State = Resolved
	passedOn := func(i Incident) Incident {
		i.Waits, i.MovedAt = time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC), time.Date(2026, 11, 20, 14, 27, 0, 0, time.UTC)
		i.First, i.Further = []string{"courriel", "equipe"}, []string{"direction"}
		return i
	}
	all := map[string]situation{
		"new":                    {news(one), []Transition{Opened}},
		"new-17":                 {news(many), []Transition{Opened}},
		"several-watches":        {news(several), []Transition{Opened}},
		"names-you":              {news(namesYou), []Transition{Revised}},
		"corrected":              {news(corrected), []Transition{Opened, Revised}},
		"retracted":              {news(retracted), []Transition{Revised}},
		"joined-outlet":          {news(joined), []Transition{Revised}},
		"joined-account":         {news(account), []Transition{Revised}},
		"reminded":               {news(one), []Transition{Reminded}},
		"hostile":                {news(hostile), []Transition{Opened}},
		"untitled":               {news(bare), []Transition{Opened}},
		"matter":                 {matter, []Transition{Opened}},
		"matter-grows":           {matter, []Transition{Grown}},
		"matter-escalated":       {passedOn(matter), []Transition{Escalated}},
		"new-escalated":          {passedOn(news(many)), []Transition{Escalated}},
		"escalated-taken":        {func() Incident { i := passedOn(matter); i.State, i.By = Acknowledged, "Odette"; return i }(), []Transition{Escalated, Grown}},
		"matter-begins-and-ends": {over, []Transition{Opened, Ended}},
	}
	known := news(many)
	known.Also = []string{"voix/caisse"}
	all["new-also"] = situation{known, []Transition{Opened}}
	for name, s := range surges() {
		all["surge-"+name] = situation{s.Incident, s.happened}
		if name == "blind" { // full in either language
			full := passedOn(s.Incident)
			full.Also = []string{"part", "seuil/caisse", "mots/mouvement", "voix/mouvement"}
			all["surge-also-full"] = situation{full, []Transition{Escalated}}
		}
		if name == "start" {
			handed := s.Incident
			handed.By, handed.For, handed.Said = "Éloïse d’Amours", "Zoé L’Heureux", "Tu connais la succursale des Moyacs : appelle Odette avant de répondre, elle a l'habitude."
			several := s.Incident
			several.Also = []string{"part", "seuil/caisse", "mots/mouvement"}
			all["surge-also"] = situation{several, s.happened}
			all["surge-assigned"] = situation{handed, []Transition{Assigned}}
			all["surge-escalated"] = situation{passedOn(s.Incident), []Transition{Escalated}}
			all["surge-grown-after"] = situation{passedOn(s.Incident), []Transition{Grown}}
		}
	}
	for name, i := range advisories() {
		all["advisory-"+name] = situation{i, nil}
	}
	return all
}

// surgeFacts is what was measured under the invented caisse's new opening hours.
func surgeFacts() SurgeFacts {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	return SurgeFacts{
		Count: 34, Usual: 2.8, Upto: at.Add(15 * time.Minute), People: 28, Rising: true,
		Places:     []SurgePlace{{Title: "Nouvelles heures d'ouverture", Own: true, Share: .81}, {Title: "Radio Moyac", Share: .1}},
		Words:      []string{"samedi", "fermé", "frais"},
		Amplifiers: []SurgeVoice{{"Radio Moyac", 48_000}, {"Odette Malenfroy", 12_000}},
		Examples: []SurgeQuote{
			{"12 $ par mois pour une caisse fermée le samedi, c’est fini pour moi", "blogue", at.Add(2 * time.Minute)},
			{"Bravo, bande de connards! Allez voir https://moyac.example/petition", "page-facebook", at.Add(4 * time.Minute)},
			{"My mother is 84 and she can't bank on her phone. Shame on you.", "blogue", at.Add(9 * time.Minute)},
		},
		Copies: 3,
	}
}

// surges are the moments of one surge, by the name of their golden files.
func surges() map[string]struct {
	Incident
	happened []Transition
} {
	type moment = struct {
		Incident
		happened []Transition
	}
	surge := func(f SurgeFacts, change func(*Incident)) Incident {
		i := Incident{ID: "7q3k9", Rule: "vagues", Kind: "surge", Watch: "caisse", State: New, Severity: Urgent, Size: f.Count,
			Since: f.Upto.Add(-15 * time.Minute), Facts: Facts{Surge: &f}}
		if change != nil {
			change(&i)
		}
		return i
	}
	start := surgeFacts()
	doubled, warm, blind, over, hostile := start, start, start, start, start
	doubled.Count, doubled.People, doubled.Rising = 71, 55, false
	warm.WarmUp, warm.Usual, warm.Copies = true, .2, 0
	blind.Blind, blind.BlindSince = []string{"X", "page-facebook", "fil-echo"}, start.Upto.Add(-37*time.Minute)
	over.Total, over.People, over.Lasted, over.Upto = 212, 141, 6*time.Hour+40*time.Minute, start.Upto.Add(6*time.Hour+25*time.Minute)
	const bad = "Gagnez\r\nBcc: volee@moyac.example \u202Egnp.eriuq\u202C \x1b[31m<script>alert(1)</script> <!channel> 👩🏽‍🌾"
	hostile.Places = []SurgePlace{{Title: bad, Share: 7, URL: "javascript:alert(1)"}}
	hostile.Words, hostile.Amplifiers = []string{bad, "", "a\nb"}, []SurgeVoice{{bad, 1 << 40}, {"", 3}}
	hostile.Examples = []SurgeQuote{{bad, bad, start.Upto}, {strings.Repeat("é ", 4000), bad, start.Upto}, {"", "", start.Upto}}
	return map[string]moment{
		"start":    {surge(start, nil), []Transition{Opened}},
		"doubling": {surge(doubled, func(i *Incident) { i.State, i.By = Acknowledged, "Odette" }), []Transition{Grown}},
		"end":      {surge(over, func(i *Incident) { i.State, i.Over, i.Since = Resolved, true, start.Upto.Add(-15*time.Minute) }), []Transition{Ended}},
		"reminder": {surge(start, nil), []Transition{Reminded}},
		"resumed":  {surge(start, nil), []Transition{Resumed}},
		"warm-up":  {surge(warm, func(i *Incident) { i.Severity = Watch }), []Transition{Opened}},
		"blind":    {surge(blind, nil), []Transition{Opened}},
		"hostile":  {surge(hostile, nil), []Transition{Opened, Grown}},
	}
}

// named is how the reader of every golden file calls the watches.
var named = map[string]Named{"caisse": {"Notre caisse", "la Caisse"}, "mouvement": {"Le Mouvement", "le Mouvement"}}

func TestTheSubjectOfASurgeSaysHowManyHowManyAsARuleAndWhom(t *testing.T) {
	for lang, want := range map[say.Lang]string{
		say.FrenchCanada: "Urgent : 34 commentaires négatifs en 15 min, 3 d’habitude (la Caisse)",
		say.English:      "Urgent: 34 negative comments in 15 min, usually 3 (la Caisse)",
	} {
		s := surges()["start"]
		subject, _, _ := Compose(s.Incident, s.happened, Reader{Lang: lang, Watches: named})
		if got := strings.ReplaceAll(subject, "\u00a0", " "); got != want || utf8.RuneCountInString(got) > subjectLimit {
			t.Errorf("%q of %d characters, want %q", got, utf8.RuneCountInString(got), want)
		}
	}
}

func TestAnySurgeMakesAShortAndHarmlessMessage(t *testing.T) {
	at := time.Date(2026, 11, 20, 14, 12, 0, 0, time.UTC)
	words := rapid.OneOf(rapid.String(), rapid.Just(""), rapid.Map(rapid.IntRange(0, 3000), func(n int) string { return strings.Repeat("à ", n) }))
	when := rapid.Map(rapid.Int64Range(-1<<33, 1<<33), func(s int64) time.Time { return at.Add(time.Duration(s) * time.Second) })
	rapid.Check(t, func(t *rapid.T) {
		f := SurgeFacts{
			Count: rapid.IntRange(-1, 2_000_000).Draw(t, "count"), People: rapid.IntRange(-1, 2_000_000).Draw(t, "people"), Usual: rapid.Float64().Draw(t, "usual"),
			Upto: when.Draw(t, "upto"), Rising: rapid.Bool().Draw(t, "rising"), WarmUp: rapid.Bool().Draw(t, "warm"),
			Words: rapid.SliceOfN(words, 0, 9).Draw(t, "words"), Blind: rapid.SliceOfN(words, 0, 9).Draw(t, "blind"), BlindSince: when.Draw(t, "blind since"),
			Copies: rapid.IntRange(0, 2_000_000).Draw(t, "copies"), Total: rapid.IntRange(0, 2_000_000).Draw(t, "total"),
			Lasted: time.Duration(rapid.Int64().Draw(t, "lasted")),
		}
		for range rapid.IntRange(0, 4).Draw(t, "others") {
			f.Places = append(f.Places, SurgePlace{Title: words.Draw(t, "place"), Own: rapid.Bool().Draw(t, "own"), Share: rapid.Float64Range(-1, 9).Draw(t, "share")})
			f.Amplifiers = append(f.Amplifiers, SurgeVoice{Name: words.Draw(t, "voice"), Audience: rapid.Int().Draw(t, "audience")})
			f.Examples = append(f.Examples, SurgeQuote{Text: words.Draw(t, "example"), Place: words.Draw(t, "where"), At: when.Draw(t, "at")})
		}
		i := Incident{Watch: words.Draw(t, "watch"), Since: when.Draw(t, "since"), Facts: Facts{Surge: &f}, By: Plain(words.Draw(t, "by"), nameLimit), Over: rapid.Bool().Draw(t, "over"),
			Also:     rapid.SliceOfN(rapid.SampledFrom([]string{"mots/caisse", "seuil", "part/mouvement", "une règle au nom aussi long qu’on le souhaite"}), 0, 9).Draw(t, "also"),
			State:    rapid.SampledFrom([]State{New, Acknowledged, Snoozed, Resolved}).Draw(t, "state"),
			Severity: rapid.SampledFrom([]Severity{Urgent, Watch, Inform}).Draw(t, "severity")}
		happened := rapid.SliceOfN(rapid.SampledFrom([]Transition{Opened, Grown, Revised, Reminded, Ended, Resumed}), 1, 3).Draw(t, "happened")
		lang := rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "lang")
		subject, body, link := Compose(i, happened, Reader{Lang: lang, Page: "https://a.example"})
		if n := utf8.RuneCountInString(subject); n > subjectLimit || n == 0 {
			t.Errorf("subject of %d characters: %q", n, subject)
		}
		if n := len(strings.Fields(strings.TrimSuffix(body, link+"\n"))); n > wordsMost || n == 0 {
			t.Errorf("body of %d words: %q", n, body)
		}
		for _, r := range subject + strings.ReplaceAll(body, "\n", "") {
			if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r) || r == utf8.RuneError {
				t.Errorf("%U is in the message", r)
			}
		}
		if also := (say.Text{EN: "Also reported by", FR: "Aussi signalé par"}); len(i.Also) > 0 && !strings.Contains(body, also.In(lang)) {
			t.Errorf("who found the same is not said: %q", body)
		}
		if !strings.Contains(body, sayToneMayBeWrong.In(lang)) || f.WarmUp && !strings.Contains(body, sayWarmUp.In(lang)) {
			t.Errorf("what may be wrong is not said: %q", body)
		}
	})
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
		{Lang: say.FrenchCanada, Zone: toronto, Page: "https://veille.caisse.example", Watches: named},
		{Lang: say.FrenchFrance, Zone: paris, Page: "https://veille.caisse.example", Watches: named},
		{Lang: say.English, Zone: toronto, Watches: named},
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
			Joined:  &StoryVoice{Name: rapid.String().Draw(t, "joined"), Audience: rapid.Int().Draw(t, "audience")},
			URL:     rapid.String().Draw(t, "url"), Change: rapid.SampledFrom([]Change{Unchanged, Corrected, Retracted}).Draw(t, "change"),
		}
		lang := rapid.SampledFrom([]say.Lang{say.English, say.FrenchCanada, say.FrenchFrance}).Draw(t, "lang")
		subject, body, _ := Compose(Incident{Watch: rapid.String().Draw(t, "watch"), Facts: Facts{Story: &f}}, []Transition{rapid.SampledFrom([]Transition{Opened, Revised}).Draw(t, "happened")}, Reader{Lang: lang, Page: "https://a.example"})
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

func BenchmarkCompose(b *testing.B) {
	b.ReportAllocs()
	s := surges()["blind"]
	for b.Loop() {
		if _, body, _ := Compose(s.Incident, s.happened, Reader{Lang: say.FrenchCanada, Watches: named}); body == "" {
			b.Fatal("nothing to say")
		}
	}
}
