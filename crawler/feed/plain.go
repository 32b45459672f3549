package feed

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/text/encoding/charmap"
)

const (
	maxText  = 100_000 // bytes of one text: a long article has 30,000
	maxTitle = 1_000
	maxHTML  = 1 << 20 // bytes of markup that are looked at for one text
)

// structure keeps what tells paragraphs apart and drops everything else: scripts
// and styles with what they hold, other tags without. Safe for concurrent use.
var structure = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	for tag := range gaps {
		p.AllowElements(tag.String())
	}
	p.AllowAttrs("alt", "class").OnElements("img")
	return p
}()

// A gap is what stands between two pieces of text.
type gap int

const (
	nothing gap = iota
	space
	line
	paragraph
)

var gaps = map[atom.Atom]gap{
	atom.Br: line, atom.Li: line, atom.Tr: line, atom.Dt: line, atom.Dd: line, atom.Td: space, atom.Th: space,
	atom.P: paragraph, atom.Div: paragraph, atom.Section: paragraph, atom.Article: paragraph, atom.Blockquote: paragraph,
	atom.H1: paragraph, atom.H2: paragraph, atom.H3: paragraph, atom.H4: paragraph, atom.H5: paragraph, atom.H6: paragraph,
	atom.Ul: paragraph, atom.Ol: paragraph, atom.Dl: paragraph, atom.Table: paragraph, atom.Pre: paragraph, atom.Hr: paragraph,
	atom.Figure: paragraph, atom.Figcaption: paragraph, atom.Header: paragraph, atom.Footer: paragraph, atom.Aside: paragraph,
}

// plain is the text of a piece of HTML: entities decoded, paragraphs apart by a
// blank line, lines of a list each on its own, nothing that a browser would hide.
// It reads tags as they come and builds no tree, so depth costs nothing.
func plain(markup string) string {
	if len(markup) > maxHTML {
		markup = cut(markup, maxHTML)
	}
	if !strings.ContainsAny(markup, "<&") {
		return lines(markup)
	}
	var w writer
	z := html.NewTokenizer(strings.NewReader(structure.Sanitize(markup)))
	for w.Len() < maxText {
		switch z.Next() {
		case html.ErrorToken:
			return w.text(maxText)
		case html.TextToken:
			w.paragraphs(string(z.Text()))
		default:
			w.tag(z.Token())
		}
	}
	return w.text(maxText)
}

// lines is the text of something that is no HTML.
func lines(s string) string {
	var w writer
	w.paragraphs(cut(s, maxHTML))
	return w.text(maxText)
}

// title is the text of a title: one line. Titles hold stray angle brackets more
// often than tags ("frais < 10 $"), so they are read as HTML only when a known
// tag stands in them.
func title(s string) string {
	s = cut(s, maxHTML)
	if tagged(s) {
		s = plain(s)
	} else {
		s = unescape(s)
	}
	return cut(strings.Join(strings.FieldsFunc(clean(s), breaking), " "), maxTitle)
}

// unescape decodes entities. A second round undoes the double escape that many
// programs write into titles, "l&amp;#8217;été".
func unescape(s string) string {
	if once := html.UnescapeString(s); once != s {
		return html.UnescapeString(once)
	}
	return s
}

func tagged(s string) bool {
	if !strings.Contains(s, "<") {
		return false
	}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return false
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) != 0 {
				return true
			}
		}
	}
}

// A writer joins pieces of text with the widest gap asked for between them.
type writer struct {
	strings.Builder
	gap gap
}

func (w *writer) tag(t html.Token) {
	if t.DataAtom == atom.Img {
		w.emoji(t)
		return
	}
	g := gaps[t.DataAtom]
	if t.DataAtom == atom.Br && w.gap == line {
		g = paragraph
	}
	w.gap = max(w.gap, g)
}

// emoji writes the character that WordPress and others draw as a picture: often
// it is all the tone that a comment has.
func (w *writer) emoji(t html.Token) {
	var alt, class string
	for _, a := range t.Attr {
		switch a.Key {
		case "alt":
			alt = a.Val
		case "class":
			class = a.Val
		}
	}
	if strings.Contains(class, "emoji") || strings.Contains(class, "smiley") {
		w.words(alt)
	}
}

// paragraphs writes running text, in which a blank line divides paragraphs as it
// does in texts that never saw HTML.
func (w *writer) paragraphs(s string) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for len(s) > 0 {
		head, rest, found := strings.Cut(s, "\n")
		w.words(head)
		if !found {
			return
		}
		w.gap = max(w.gap, space)
		if next, _, more := strings.Cut(rest, "\n"); more && strings.TrimSpace(next) == "" {
			w.gap = paragraph
		}
		s = rest
	}
}

// words writes the words of s, runs of breaking white space made one space.
func (w *writer) words(s string) {
	s = clean(s)
	for i, word := range strings.FieldsFunc(s, breaking) {
		if i > 0 || breaking(firstRune(s)) {
			w.gap = max(w.gap, space)
		}
		w.join()
		w.WriteString(word)
	}
	if s != "" && breaking(lastRune(s)) {
		w.gap = max(w.gap, space)
	}
}

func (w *writer) join() {
	if w.Len() > 0 {
		w.WriteString([...]string{nothing: "", space: " ", line: "\n", paragraph: "\n\n"}[w.gap])
	}
	w.gap = nothing
}

func (w *writer) text(limit int) string { return cut(w.String(), limit) }

// breaking leaves no-break spaces where the author put them: "12 $".
func breaking(r rune) bool {
	return unicode.IsSpace(r) && r != '\u00a0' && r != '\u202f' && r != '\u2007'
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }

// clean maps the characters 128 to 159, which mean nothing in Unicode, to what
// their author saw in windows-1252, and drops other controls.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0x80 && r <= 0x9f:
			return charmap.Windows1252.DecodeByte(byte(r))
		case control(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// cut shortens s to at most limit bytes without dividing a character.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && !utf8.RuneStart(s[limit]) {
		limit--
	}
	return s[:limit]
}
