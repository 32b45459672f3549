package text

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// Form names one of the forms by which stores index a token. Terms of different
// forms are never equal.
type Form byte

// The forms, and the letter each term begins with.
const (
	FoldForm    Form = 'f'
	FrenchForm  Form = 'r'
	EnglishForm Form = 'e'
	ExactForm   Form = 'x'
	LabelForm   Form = 'l' // a whole #tag or @handle
)

// MaxTerm is the length in bytes that no term exceeds.
const MaxTerm = 200

// room is what a term keeps of a long word before the digest of the whole.
const room = MaxTerm - 2 - 32

// Encode makes the term by which a store indexes value: ASCII letters and digits
// in lower case, at most MaxTerm bytes, so that no tokenizer cuts, folds or drops
// any of it. Different values give different terms, and the term of a beginning
// is the beginning of the term while Prefixable says so.
//
// Every character is written by itself: a to y and digits as they are, z as "zz",
// any other as z, a letter for the count of digits, and its code in hexadecimal.
// A word that is too long keeps its beginning, then "zh" and a digest.
func Encode(form Form, value string) string { return string(appendTerm(nil, form, value)) }

func appendTerm(b []byte, form Form, value string) []byte {
	if len(value) < room && plain(value) { // as most are
		return append(append(b, byte(form)), value...)
	}
	start := len(b)
	cut := start // where the beginning that a long word keeps ends
	b = append(b, byte(form))
	for _, r := range value {
		b = appendRune(b, r)
		if len(b)-start <= room {
			cut = len(b)
		}
		if len(b)-start > MaxTerm {
			sum := sha256.Sum256([]byte(value))
			return hex.AppendEncode(append(b[:cut], "zh"...), sum[:16])
		}
	}
	return b
}

// plain says whether every character of value is written as it is.
func plain(value string) bool {
	for i := range len(value) {
		if c := value[i]; (c < 'a' || c > 'y') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func appendRune(b []byte, r rune) []byte {
	switch {
	case r >= 'a' && r <= 'y', r >= '0' && r <= '9':
		return append(b, byte(r))
	case r == 'z':
		return append(b, "zz"...)
	}
	count := len(b) + 1
	b = strconv.AppendInt(append(b, "z?"...), int64(r), 16)
	b[count] = 'a' + byte(len(b)-count-2)
	return b
}

// Prefixable says whether the terms of all folded words that begin with prefix
// begin with Encode(FoldForm, prefix).
func Prefixable(prefix string) bool { return len(Encode(FoldForm, prefix)) <= room }

// Value is the form of t that Encode takes; empty for the label of a token that
// begins none.
func (t *Token) Value(form Form) string {
	switch form {
	case FoldForm:
		return t.Fold
	case FrenchForm:
		return t.French
	case EnglishForm:
		return t.English
	case ExactForm:
		return t.Exact
	}
	return t.Label
}

// wordForms is how many forms a word has; a label is of its token.
const wordForms = 4

// AppendField appends to b the terms of tokens that t made, in one form, parted by spaces:
// what a store hands to a tokenizer that splits at spaces. In all forms but LabelForm the
// term at position i is that of token i; labels come without the gaps between them.
func (t *Tokenizer) AppendField(b []byte, form Form, tokens []Token) []byte {
	start := len(b)
	for i := range tokens {
		label := tokens[i].Label
		if form == LabelForm && label == "" {
			continue
		}
		if len(b) > start {
			b = append(b, ' ')
		}
		if form == LabelForm {
			b = appendTerm(b, form, label)
		} else {
			b = append(b, tokens[i].term(form)...)
		}
	}
	return b
}

// term remembers the terms of a word, which is met as often as its terms are asked for.
func (w *Word) term(form Form) string {
	if w.terms == nil {
		w.terms = &[wordForms]string{Encode(FoldForm, w.Fold), Encode(FrenchForm, w.French), Encode(EnglishForm, w.English), Encode(ExactForm, w.Exact)}
	}
	switch form {
	case FrenchForm:
		return w.terms[1]
	case EnglishForm:
		return w.terms[2]
	case ExactForm:
		return w.terms[3]
	}
	return w.terms[0]
}
