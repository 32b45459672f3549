// Package query is the language in which people say what a watch listens for and
// what a search looks for, and the tree it is read into. Parse makes the tree,
// String and Format write it again, Match is what it means: the stores translate
// the same tree and are right when they agree with Match.
//
//	caisse valtisse           both words, anywhere in title or text
//	"caisse valtisse"         one after the other; « » and “ ” serve as well
//	fraude OR vol, OU         one of them; AND and ET bind tighter
//	-hockey, NOT, SAUF        without
//	frais NEAR/5 caisse       at most five words between, either first; PROCHE/5
//	épargn*                   any word that begins so
//	=Valtisse ="la Caisse"    with these very letters: case, accents, ending
//	#fraude @valtisse         the tag, the handle; the word fraude finds #fraude too
//	title: author: site: source: lang: kind:    and titre: auteur: langue: genre:
//
// Operators are upper case; et, ou and sauf are words. NOT binds tightest, then
// NEAR, then AND and words side by side, then OR. A hyphenated word is the phrase
// of its parts. A phrase never runs from the title into the text. What is left
// out must stand beside something that is looked for: NOT alone, or as an
// alternative of OR, is refused.
package query

import "github.com/ouidire/ouidire/internal/text"

// Node is one of And, Or, Not, Phrase, Near and Attr. Nodes are not changed once
// made and are safe for concurrent use.
type Node interface {
	// String is the node in canonical form, with English operators. Parsing it
	// gives an equal node.
	String() string
	node()
}

// And holds when all of Nodes do. There are two or more, none is an And, and at
// least one is no Not.
type And struct{ Nodes []Node }

// Or holds when one of Nodes does. There are two or more, none an Or or a Not.
type Or struct{ Nodes []Node }

// Not holds when Node does not. It stands only in an And, and never around a Not.
type Not struct{ Node Node }

// Phrase holds where Terms follow one another, at consecutive positions of one
// text. A plain word is a Phrase of one.
type Phrase struct {
	In    Scope
	Terms []Term
}

// IsLabel says whether the phrase is one #tag or @handle and nothing else: where its
// first term is the token, the others are those that follow.
func (p Phrase) IsLabel() bool {
	if p.Terms[0].Kind != Label {
		return false
	}
	for i := range p.Terms[1:] {
		if part := &p.Terms[1+i]; part.Kind != Stemmed || part.Written != "" {
			return false
		}
	}
	return true
}

// Near holds when Left and Right, each a phrase, stand in one text without
// overlapping and with at most Words words between, in either order.
type Near struct {
	In          Scope
	Left, Right []Term
	Words       int
}

// Attr holds when the document's Field is Value.
type Attr struct {
	Field Field
	Value string
}

func (And) node()    {}
func (Or) node()     {}
func (Not) node()    {}
func (Phrase) node() {}
func (Near) node()   {}
func (Attr) node()   {}

// Scope is the texts a Phrase or Near looks into.
type Scope uint8

// The scopes.
const (
	Anywhere Scope = iota // the title or the text
	Title
	Author // the author's name; its terms are Folded
)

// Field is what an Attr compares.
type Field string

// The fields.
const (
	Site   Field = "site"   // Value is a host: itself and its subdomains, see OnSite
	Source Field = "source" // Value is the configured name, letter for letter
	Lang   Field = "lang"   // "fr", "en", "other"
	Kind   Field = "kind"   // "article", "post", "comment", "review"
)

// TermKind says by which form of a token a Term is compared.
type TermKind uint8

// The kinds of term.
const (
	Stemmed TermKind = iota // Fold, French or English equal
	Folded                  // Fold equal
	Exact                   // Exact equal
	Prefix                  // the token's Fold begins with Fold
	Label                   // Label equal: a whole #tag or @handle
)

// Term is what one token is compared with, by the form that Kind names. Fold,
// French and English are set whatever the kind (Fold alone in a Prefix), because a
// token that matches by Exact or Label has the same ones: an index of stems can
// narrow every search.
//
// A label of several parts (#caisse_valtisse) is followed in its Phrase by its
// other parts as Stemmed terms, so that term i always stands at position i.
type Term struct {
	Kind                  TermKind
	Fold, French, English string
	Exact, Label          string
	Written               string // as typed; empty for the parts of a label after its first
}

// Matches says whether the term is the token.
func (t *Term) Matches(tok *text.Token) bool {
	switch t.Kind {
	case Stemmed:
		return t.Fold == tok.Fold || t.French == tok.French || t.English == tok.English
	case Folded:
		return t.Fold == tok.Fold
	case Exact:
		return t.Exact == tok.Exact
	case Prefix:
		return len(tok.Fold) >= len(t.Fold) && tok.Fold[:len(t.Fold)] == t.Fold
	}
	return t.Label == tok.Label
}

// Terms is the index terms (see text.Encode) of which a token must have one; of a
// Prefix, the one with which a token's folded term must begin. A Stemmed term has
// no folded one: tokens of equal folds have equal English stems.
func (t *Term) Terms() []string {
	switch t.Kind {
	case Stemmed:
		return []string{text.Encode(text.EnglishForm, t.English), text.Encode(text.FrenchForm, t.French)}
	case Exact:
		return []string{text.Encode(text.ExactForm, t.Exact)}
	case Label:
		return []string{text.Encode(text.LabelForm, t.Label)}
	}
	return []string{text.Encode(text.FoldForm, t.Fold)}
}
