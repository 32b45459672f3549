package feed

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextIsWhatAReaderWouldRead(t *testing.T) {
	for markup, want := range map[string]string{
		"l'épargne et d’épargne":                                "l'épargne et d’épargne",
		"<p>l&#039;épargne</p><p>d&rsquo;épargne</p>":           "l'épargne\n\nd’épargne",
		"<p>C&oelig;ur\n   d&#8217;&Eacute;loïse</p>":           "Cœur d’Éloïse",
		"cafe\u0301 et café":                                    "cafe\u0301 et café",
		"12&nbsp;$ , 3\u202f%":                                  "12\u00a0$ , 3\u202f%",
		"don\u0092t, &#146;twas, &#x93;yes&#x94;":               "don’t, ’twas, “yes”",
		"Un<br>deux<br/><br>trois":                              "Un\ndeux\n\ntrois",
		"<ul><li>un</li><li>deux</li></ul>après":                "un\ndeux\n\naprès",
		"<table><tr><td>a</td><td>b</td></tr><tr><td>c</table>": "a b\nc",
		"avant<script>alert('x')</script><style>p{}</style>":    "avant",
		"<p>&lt;script&gt; est un mot</p>":                      "<script> est un mot",
		"<p>&amp;lt; reste &amp;lt;</p>":                        "&lt; reste &lt;",
		"premier\n\ndeuxième\nsuite":                            "premier\n\ndeuxième suite",
		"premier\r\n\r\ndeuxième":                               "premier\n\ndeuxième",
		"<b>gr</b>as et <i>ital</i>ique":                        "gras et italique",
		"<p>  </p><div><p> seul </p></div>":                     "seul",
		"<!-- rien --><p title='>'>sauf ceci</p>":               "sauf ceci",
		"1 < 2 && 3 > 2":                                        "1 < 2 && 3 > 2",
		`Bravo <img class="wp-smiley" alt="🙂" src="x"> !`:       "Bravo 🙂 !",
		`<img alt="logo de la Caisse">seul`:                     "seul",
		"a\x00b\x08c\ufeffd":                                    "abcd",
		"":                                                      "",
	} {
		if got := plain(markup); got != want {
			t.Errorf("plain(%q) = %q, want %q", markup, got, want)
		}
	}
}

func TestATitleIsOneLine(t *testing.T) {
	for written, want := range map[string]string{
		"L&#8217;été &amp;amp; l'hiver":    "L’été & l'hiver",
		"Les <b>frais</b>\n\tde la Caisse": "Les frais de la Caisse",
		"Frais < 10 $ et taux > 3":         "Frais < 10 $ et taux > 3",
		"Vector<T> in Go":                  "Vector<T> in Go",
		"CAISSE VALTISSE :\u00a0DÉJÀ":      "CAISSE VALTISSE :\u00a0DÉJÀ",
		"<p>Un</p><p>deux</p>":             "Un deux",
	} {
		if got := title(written); got != want {
			t.Errorf("title(%q) = %q, want %q", written, got, want)
		}
	}
}

func TestANameIsReadWithoutTheMailBesideIt(t *testing.T) {
	for written, want := range map[string]string{
		"Éloïse Fardeau":                       "Éloïse Fardeau",
		"eloise@echo.example (Éloïse Fardeau)": "Éloïse Fardeau",
		"Éloïse Fardeau <eloise@echo.example>": "Éloïse Fardeau",
		"Éloïse Fardeau (eloise@echo.example)": "Éloïse Fardeau",
		"eloise@echo.example":                  "eloise@echo.example",
		"<eloise@echo.example>":                "eloise@echo.example",
		"Noël (Ombrelac)":                      "Noël (Ombrelac)",
	} {
		if got := personName(written); got != want {
			t.Errorf("personName(%q) = %q, want %q", written, got, want)
		}
	}
}

func TestTextIsBoundedAndNeverCutsACharacter(t *testing.T) {
	for _, markup := range []string{strings.Repeat("é", 2<<20), strings.Repeat("<p>é</p>", 1<<16), strings.Repeat("é ", 1<<20)} {
		got := plain(markup)
		if len(got) > maxText || len(got) < maxText/2 || !utf8.ValidString(got) {
			t.Errorf("%.20q… gave %d bytes, valid %v", markup, len(got), utf8.ValidString(got))
		}
	}
}
