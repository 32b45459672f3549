package feed

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

func TestBytesWinOverDeclarations(t *testing.T) {
	const text = "<a>L’œuvre d’été à Québec, “déjà”</a>"
	cp1252 := encoded(t, charmap.Windows1252, text)
	cases := map[string]struct{ body, contentType, want string }{
		"UTF-8 said to be Latin-1":             {text, "text/xml; charset=iso-8859-1", text},
		"UTF-8 accents after 200,000 letters":  {strings.Repeat("a", 200_000) + text, "", strings.Repeat("a", 200_000) + text},
		"windows-1252 without a word":          {cp1252, "", text},
		"windows-1252 said to be UTF-8":        {cp1252, "text/xml; charset=utf-8", text},
		"windows-1252 said to be nonsense":     {cp1252, "text/xml; charset=klingon", text},
		"windows-1252 said to be Latin-1":      {cp1252, `text/xml; charset="ISO-8859-1"`, text},
		"the header wins over the declaration": {`<?xml version="1.0" encoding="koi8-r"?>` + cp1252, "text/xml;charset=windows-1252", `<?xml version="1.0" encoding="koi8-r"?>` + text},
		"the declaration, when alone":          {`<?xml version='1.0' encoding='koi8-r'?>` + encoded(t, charmap.KOI8R, "Банк"), "text/xml", `<?xml version='1.0' encoding='koi8-r'?>Банк`},
		"a mark wins over everything":          {"\xef\xbb\xbf" + text, "text/xml; charset=utf-16", text},
		"UTF-16 with a mark":                   {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.UseBOM), text), "", text},
		"UTF-16 without":                       {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), text), "", text},
		"ASCII said to be UTF-16":              {"<a>frais</a>", "text/xml; charset=utf-16", "<a>frais</a>"},
		"seven bits that mean more":            {encoded(t, japanese.ISO2022JP, "<a>銀行</a>"), "text/xml; charset=iso-2022-jp", "<a>銀行</a>"},
		"one pasted byte in UTF-8":             {"<a>été, No\xebl</a>", "", "<a>été, Noël</a>"},
		"controls are dropped, line ends stay": {"<a>\x00é\x1f\x7f\t\r\n</a>", "", "<a>é\t\r\n</a>"},
		"a header that is none":                {cp1252, ";;;", text},
		"nothing":                              {"", "", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := string(toUTF8([]byte(c.body), c.contentType)); got != c.want {
				t.Errorf("got %.80q, want %.80q", got, c.want)
			}
		})
	}
}

func encoded(t *testing.T, e encoding.Encoding, s string) string {
	t.Helper()
	out, err := e.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
