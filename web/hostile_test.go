package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
)

// nasty is what strangers may write, each of it shown as text and nothing else.
var nasty = map[string]string{
	"script":          `</title></h3><script>alert("x")</script><svg onload=alert(1)>`,
	"attributes":      `" onmouseover="alert(1)" style="position:fixed" x="`,
	"image":           `<img src=x onerror=alert(1)><iframe src=//evil.example></iframe>`,
	"style":           `</style><style>body{display:none}</style><link rel=stylesheet href=//evil.example/x.css>`,
	"javascript":      `javascript:alert(document.cookie)`,
	"data":            `data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==`,
	"template":        `{{.Status.Organisation}} {{template "reading" .}} ${7*7} <%= 7*7 %>`,
	"comment":         `<!-- --!> <![CDATA[ ]]> <?php ?> -->`,
	"form":            `<form action=//evil.example method=post><button>Se connecter</button></form><base href=//evil.example>`,
	"entities":        `&lt;script&gt; &#x3c;script&#x3e; &amp;amp; &nbsp;`,
	"bidi":            "Caisse \u202eessitlaV\u202c \u2066abc\u2069 \u200fשלום",
	"zero width":      "Cai\u200bsse\ufeff Val\u00adtisse \u2060fin",
	"combining marks": "e" + strings.Repeat("\u0301", 10_000) + " fin",
	"long word":       strings.Repeat("Valtisse", 2_000),
	"controls":        "un\x00deux\x1b[31mtrois\x07\r\nquatre\u2028cinq",
	"broken":          "été \xff\xfe \xc3( fin",
	"emoji":           "👩🏽‍👩🏽‍👧 🇨🇦 ❤️ fin",
	"french":          "L’été, l'œuvre de l’Anse\u00a0: «\u00a0voilà\u00a0», DESJARDINS e\u0301te\u0301",
	"empty":           "  \n\t ",
}

func TestWhatComesFromTheWebStaysText(t *testing.T) {
	for name, text := range nasty {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, "")
			paths := h.infect(t, text)
			for _, path := range paths {
				w := h.ask("GET", path, nil)
				if w.Code != http.StatusOK && w.Code != http.StatusUnprocessableEntity && w.Code != http.StatusNotFound {
					t.Errorf("%.80s: status %d", path, w.Code)
				}
				examine(t, path, w.Body.String())
				if csp := w.Header().Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'; script-src 'self';") || strings.Contains(csp, "unsafe") {
					t.Errorf("%.80s: policy %q", path, csp)
				}
			}
		})
	}
}

// infect writes the text wherever a stranger can, and gives the pages that show it.
func (h *house) infect(t *testing.T, text string) (paths []string) {
	t.Helper()
	hit := mention.Hit{Watch: "caisse", Words: []string{text}}
	one := aMention(1, mention.Article, text, text, hit)
	one.URL, one.Author.Name, one.Readings[0].Why = text, text, []string{text}
	two := aMention(2, mention.Article, "", text, hit)
	two.URL, two.Lang = "https://x.example/"+text, "other"
	under := aMention(3, mention.Comment, text, text, mention.Hit{Watch: "caisse"})
	under.Parent, under.Thread, under.Author.Name, under.Readings[0].Intent = one.ID, one.ID, text, mention.Question
	batch := []mention.Mention{one, two, under}
	if _, _, err := h.store.Put(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	edited := one
	edited.Versions = []mention.Version{{At: noon, Title: text + " 2", Text: "Avant. " + text, Hits: []mention.Hit{hit}}}
	if _, _, err := h.store.Put(t.Context(), []mention.Mention{edited}); err != nil {
		t.Fatal(err)
	}
	h.tell(t, one, two)
	h.settle(t, alerting.Incident{ID: "wsituation", Key: "k", Rule: "nouvelles", Kind: "fresh", Watch: "caisse", Severity: alerting.Inform,
		State: alerting.New, Since: noon, OpenedAt: noon, Mentions: []string{one.ID},
		Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: text, Outlet: text, Outlets: 17, At: noon}}})
	q := url.QueryEscape(text)
	return []string{"/", "/mentions", "/mentions?q=" + q, "/mentions?q=valtisse&source=" + q + "&from=" + q, "/tone?q=" + q, "/mentions/" + one.ID,
		"/mentions/" + two.ID, "/mentions/" + under.ID, "/stories/" + two.ID, "/situations", "/situations/wsituation", "/messages?code=" + q + "&sent=" + q, "/ailleurs?" + q}
}

// ours are the elements that our templates are made of.
var ours = strings.Fields(`html head meta title link script body a aside p strong header div img span small nav main section h1 h2 h3
	form input button label details summary select option article ol ul li time mark dl dt dd fieldset legend figure figcaption svg desc
	path rect table thead tbody tr th td ins del blockquote br`)

// examine reads a page as a browser does, and finds what is not ours in it.
func examine(t *testing.T, path, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			if !slices.Contains(ours, n.Data) {
				t.Errorf("%.80s holds <%s>", path, n.Data)
			}
			examineAttributes(t, path, n)
		case html.CommentNode:
			t.Errorf("%.80s holds a comment", path)
		case html.TextNode:
			examineText(t, path, n.Data)
		}
	}
}

func examineAttributes(t *testing.T, path string, n *html.Node) {
	t.Helper()
	for _, a := range n.Attr {
		at := fmt.Sprintf("%.80s: <%s %s=%.60q>", path, n.Data, a.Key, a.Val)
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "srcdoc", a.Key == "http-equiv":
			t.Error(at)
		case a.Key == "src" || n.Data == "link" && a.Key == "href":
			if !strings.HasPrefix(a.Val, "/assets/") && !(n.Data == "link" && strings.HasPrefix(a.Val, "/feeds/")) {
				t.Error(at)
			}
		case a.Key == "action":
			if !strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//") {
				t.Error(at)
			}
		case a.Key == "href":
			foreign := strings.HasPrefix(a.Val, "https://x.example/") || strings.HasPrefix(a.Val, "https://www.echo-des-moyacs.example/")
			if !foreign && (!strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "//")) {
				t.Error(at)
			}
		}
	}
}

// examineText finds what would reorder, hide or overprint its surroundings.
func examineText(t *testing.T, path, text string) {
	t.Helper()
	marks := 0
	for _, r := range text {
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) {
			marks = 0
		}
		if marks > marksMost {
			t.Errorf("%.80s: a letter has more than %d marks", path, marksMost)
			return
		}
		if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\u200b' || r == '\ufeff' || unicode.Is(unicode.Cc, r) && r != '\n' && r != '\t' {
			t.Errorf("%.80s holds %U", path, r)
			return
		}
	}
}

func TestWordsOfStrangersStayWhole(t *testing.T) {
	for name, want := range map[string]string{
		"emoji":           "👩🏽‍👩🏽‍👧 🇨🇦 ❤️ fin",
		"french":          nasty["french"],
		"zero width":      "Caisse Valtisse fin",
		"combining marks": "e" + strings.Repeat("\u0301", marksMost) + " fin",
		"broken":          "été  ( fin",
	} {
		if got := calm(nasty[name]); strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}
