package alerting

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestInsultsAreMaskedAndOathsAreNot(t *testing.T) {
	for give, want := range map[string]string{
		"Bande de CONNARDS, l'épargne c’est fini":        "Bande de C***, l'épargne c’est fini",
		"Espèce d'enculé! et d’encule\u0301s":            "Espèce d'e***! et d’e***",
		"Tabarnak que c’est cher, ostie de câlisse":      "Tabarnak que c’est cher, ostie de câlisse",
		"Un vrai trou d'cul, un trou de cul":             "Un vrai t***, un t***",
		"Gang de mangeux de marde":                       "Gang de m***",
		"You assholes closed my branch, damn it":         "You a*** closed my branch, damn it",
		"son of a bitch":                                 "son of a b***",
		"con\u200dnard, c\u200bonnard":                   "c***, c***",
		"La conférence du Conseil, à Concarneau":         "La conférence du Conseil, à Concarneau",
		"C’est niaiseux, le cave est plein; put it here": "C’est niaiseux, le cave est plein; put it here",
		"sous-merde":   "s***",
		"tête de nœud": "t***",
		"":             "",
	} {
		if got := Quoted(give, 200); got != want {
			t.Errorf("%q became %q, want %q", give, got, want)
		}
	}
}

func TestAListMasksInsultsAndNothingElse(t *testing.T) {
	for give, want := range map[string]string{
		"Bande de connards, lisez https://moyac.example/a": "Bande de c***, lisez https://moyac.example/a",
		"L’épargne d'été\nmonte":                           "L’épargne d'été monte",
		"Vous n’êtes que des mangeux de marde":             "Vous n’êtes que des m***", // it would be cut in the middle
		"": "",
	} {
		if got := Masked(give, 50); got != want {
			t.Errorf("%q became %q, want %q", give, got, want)
		}
	}
	if got := Masked("Vous n’êtes que des mangeux de marde", 28); got != "Vous n’êtes que des m***" {
		t.Errorf("cut short: %q", got)
	}
}

func TestNoProgramMakesALinkOfAStrangersWords(t *testing.T) {
	for give, want := range map[string]string{
		"Cliquez https://moyac.example/gagnez?x=1 vite": "Cliquez moyac[.]example vite",
		"HTTP://moi:secret@MOYAC.EXAMPLE:8080/":         "MOYAC[.]EXAMPLE",
		"www.moyac.example/a et volee@moyac.example":    "www[.]moyac[.]example/a et volee@moyac[.]example",
		"C’est fermé.Les gens fulminent. Fin.":          "C’est fermé.Les gens fulminent. Fin.",
		"https://":         "",
		"https://[::1/%zz": "[::1",
		"12.5 % à 3,5 $":   "12.5 % à 3,5 $",
		"épargne.example":  "épargne[.]example",
	} {
		if got := Quoted(give, 200); got != want {
			t.Errorf("%q became %q, want %q", give, got, want)
		}
	}
}

func TestAHostileTextIsBriefAllTheSame(t *testing.T) {
	if got := brief(strings.Repeat("é ", 5000), 140, 9); got != "é é é é é é é é é…" {
		t.Errorf("got %q", got)
	}
}

func FuzzQuoted(f *testing.F) {
	f.Add("Bande de connards https://moyac.example", 10)
	f.Add("\xff://\x00.a", 1)
	f.Fuzz(func(t *testing.T, s string, limit int) {
		limit = 1 + max(limit, -limit, 0)%300
		got := Quoted(s, limit)
		if listed := Masked(s, limit); !utf8.ValidString(listed) || utf8.RuneCountInString(listed) > limit || strings.ContainsAny(listed, "\r\n\x00") {
			t.Errorf("%q within %d is listed as %q", s, limit, listed)
		}
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > limit || strings.ContainsAny(got, "\r\n\x00") || linked.MatchString(got) {
			t.Errorf("%q within %d became %q", s, limit, got)
		}
	})
}

// linked is what mail programs make a link of, whatever stands around it.
var linked = regexp.MustCompile(`(?i)\b(https?|ftp)://[^\s/]`)
