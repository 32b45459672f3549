package notify

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/internal/say"
)

// FuzzTextFitsAndHoldsNothingThatActs: whatever a stranger wrote, it fits, it is whole
// characters, and nothing in it hides or reorders what follows.
func FuzzTextFitsAndHoldsNothingThatActs(f *testing.F) {
	for _, seed := range []string{"", "L’épargne d'ici\r\nÉTÉ e\u0301te\u0301 œuvre", notifytest.Markup, "👩🏽‍🌾👩🏽‍🌾\x00\u202Egnp\u2066", strings.Repeat("é ", 500), "\xff\xfe" + strings.Repeat("a", 400), "Lire : https://echo.example/a_b?c=1, puis http://[::1", `https://"0`, "https://echo.example/a>**gras**"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		const limit = 200
		for name, weigh := range map[string]Weigh{"characters": Characters, "bytes": Bytes} {
			got := Text(alerting.Message{Body: body, Lang: say.FrenchCanada}, limit, weigh)
			if weigh(got) > limit || !utf8.ValidString(got) {
				t.Errorf("%s: %d of %q", name, weigh(got), got)
			}
			if at := strings.IndexFunc(got, func(r rune) bool {
				return r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Bidi_Control, r))
			}); at >= 0 {
				t.Errorf("%q stands in %q", got[at:], got)
			}
			whole := ""
			for _, p := range Links(got) {
				whole += p.Text
				if p.Address != "" && (p.Address != p.Text || strings.ContainsAny(p.Address, " <>\"")) {
					t.Errorf("address %q of %q", p.Address, p.Text)
				}
			}
			if whole != got {
				t.Errorf("taken apart: %q, want %q", whole, got)
			}
		}
	})
}

func TestAnAddressEndsBeforeThePunctuationOfItsSentence(t *testing.T) {
	for line, want := range map[string]string{
		"Lire : https://echo.example/a_b?c=1.":           "https://echo.example/a_b?c=1",
		"(voir https://echo.example/été)":                "https://echo.example/",
		"« https://echo.example/a » puis http://b.test/": "https://echo.example/a http://b.test/",
		"https://jean:secret@echo.example/":              "",
		"https://echo.example/a>**gras**<b":              "https://echo.example/a",
		"https:// et http":                               "",
	} {
		var got []string
		for _, p := range Links(line) {
			if p.Address != "" {
				got = append(got, p.Address)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

func TestAnAddressIsToldFromAnotherByItsRecipientsWhichHideIt(t *testing.T) {
	one, other := Recipients("https://hooks.example/T0/un-secret"), Recipients("https://hooks.example/T0/un-autre")
	if one == other || strings.Contains(one, "T0") || !strings.HasPrefix(one, "https://hooks.example/#") {
		t.Errorf("%q and %q", one, other)
	}
}

func BenchmarkText(b *testing.B) {
	m := notifytest.Message()
	m.Body = strings.Repeat("L’épargne des aînés grimpe à l'Anse-aux-Moyacs, dit-on. ", 15)
	b.ReportAllocs()
	for b.Loop() {
		Text(m, 3000, Characters)
	}
}
