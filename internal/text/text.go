// Package text is the one place that decides what a word is. The watches, both
// stores and the analyzer read texts through it, so that a query answers the same
// everywhere. Language never decides tokens: every word carries its folded form
// and its French and its English stem, side by side.
//
// What becomes of what people write:
//
//   - Case, accents (composed or not), ligatures (œ, æ, ß), compatibility forms
//     (full-width, mathematical) and both apostrophes are folded; zero-width
//     characters and soft hyphens are not there.
//   - An elided article or conjunction is dropped: l’épargne is épargne, jusqu'à
//     is à. Any other apostrophe, hyphen or underscore parts words, so that
//     Anse-aux-Moyacs and aujourd'hui are the phrases of their parts.
//   - #tag and @handle answer to their words, and as a whole to Label.
//   - A number is one token however it is grouped: 1 200, 1,200 and 1200 fold to
//     1200, 3,5 and 3.5 to 3.5. Signs of money and per cent are no tokens.
//   - An address gives the words of its host and path; scheme, www, port, query
//     and escaped segments are left out.
//   - An emoji is a token; skin tones fold away. Han and kana give one token a
//     character, so that a word of theirs is a phrase.
//
// Tokens stand at consecutive positions: the position of a token is its index.
// Everything is linear in the text, whatever its bytes. One core of an AMD EPYC cuts
// 66 MB a second of French posts into tokens while their words are remembered, 4 MB
// when each is new (BenchmarkTokens, by processor time).
package text

// Version is the tokens_version of everything stored: it goes up whenever a text
// could give other tokens or other terms than before.
const Version = 1

// Class says what sort of token it is.
type Class uint8

// The classes.
const (
	Plain     Class = iota // a word
	Number                 // digits, grouped or with decimals
	Tag                    // a word of a #tag
	Handle                 // a word of an @handle
	Link                   // a word of an address
	Emoji                  // one emoji, with what is joined to it
	Ideograph              // one Han or kana character
)

// Token is one word where it stands. Word is shared between equal tokens and is
// never nil in a token that this package made; it must not be changed.
type Token struct {
	Start, End int // bytes in the original string, the sign of a tag or handle included
	Class      Class
	*Word

	// Label is the whole tag or handle that begins here, folded, with its sign:
	// "#caisse_valtisse". It ends at LabelEnd. Other tokens have none.
	Label    string
	LabelEnd int
}

// Word is the forms of one word. None is ever empty.
type Word struct {
	Exact   string // as written, composed (NFC), without invisible characters
	Fold    string // Fold(Exact); digits and a point for a number
	French  string // folded French stem
	English string // folded English stem

	elides bool               // dropped before an apostrophe
	terms  *[wordForms]string // by the Tokenizer that made the word, once AppendField met it
}

// Same says whether the word q of a query is the word w of a text: by its folded
// form or by either stem.
func (q *Word) Same(w *Word) bool {
	return q.Fold == w.Fold || q.French == w.French || q.English == w.English
}

// Tokens is the tokens of s. Who reads many texts keeps a Tokenizer.
func Tokens(s string) []Token { return new(Tokenizer).Append(nil, s) }
