package query

import "github.com/ouidire/ouidire/internal/text"

// Fields is what a query can look at, as the mention has it.
type Fields struct {
	Title, Text, Author string
	URL, Source         string
	Lang, Kind          string
}

// Document is a mention cut into tokens, for Match.
type Document struct {
	Fields
	Host                                  string // of URL, see Host
	TitleTokens, TextTokens, AuthorTokens []text.Token
}

// NewDocument reads f.
func NewDocument(f Fields) *Document {
	d := new(Document)
	d.Read(new(text.Tokenizer), f)
	return d
}

// Read makes d the document of f. What d held before is overwritten, and its room
// used again.
func (d *Document) Read(t *text.Tokenizer, f Fields) {
	d.Fields = f
	d.Host = Host(f.URL)
	d.TitleTokens = t.Append(d.TitleTokens[:0], f.Title)
	d.TextTokens = t.Append(d.TextTokens[:0], f.Text)
	d.AuthorTokens = t.Append(d.AuthorTokens[:0], f.Author)
}

// Part is one of the texts of a document. No phrase runs from one into another.
type Part uint8

// The parts, in the order in which spans are given.
const (
	TitlePart Part = iota
	TextPart
	AuthorPart
)

func (d *Document) part(p Part) (s string, tokens []text.Token) {
	switch p {
	case TitlePart:
		return d.Title, d.TitleTokens
	case TextPart:
		return d.Text, d.TextTokens
	}
	return d.Author, d.AuthorTokens
}

// parts is the texts that a scope looks into: from first up to last.
func (s Scope) parts() (first, last Part) {
	switch s {
	case Title:
		return TitlePart, TitlePart
	case Author:
		return AuthorPart, AuthorPart
	}
	return TitlePart, TextPart
}

// attr says whether the document has the value of a.
func (d *Document) attr(a Attr) bool {
	switch a.Field {
	case Site:
		return OnSite(d.Host, a.Value)
	case Source:
		return d.Source == a.Value
	case Lang:
		return d.Lang == a.Value
	}
	return d.Kind == a.Value
}
