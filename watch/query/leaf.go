package query

import (
	"strings"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/text"
)

// leaf makes the node of a word or quoted text, for the field that p is in.
func (p *parser) leaf(it item, kind TermKind) (Node, error) {
	in := Anywhere
	switch p.field {
	case "":
	case titleField:
		in = Title
	case authorField:
		in = Author
		if kind == Stemmed {
			kind = Folded
		}
	default:
		return p.value(it)
	}
	terms, err := readTerms(it, kind)
	if err != nil {
		return nil, err
	}
	return Phrase{In: in, Terms: terms}, p.count(len(terms), it.column)
}

func (p *parser) value(it item) (Node, error) {
	if it.text == "" {
		return nil, fail(it.column, errEmptyPhrase)
	}
	n, err := attr(p.field, it.text, it.column)
	if err != nil {
		return nil, err
	}
	return n, p.count(1, it.column)
}

// readTerms makes a term of each token of it.
func readTerms(it item, kind TermKind) ([]Term, error) {
	s := it.text
	tokens := text.Tokens(s)
	stars := strings.Count(s, "*")
	terms := make([]Term, 0, len(tokens))
	label := 0 // where the label that we are in ends
	for i := range tokens {
		tok := &tokens[i]
		t := newTerm(kind, tok, s)
		switch {
		case kind == Stemmed && tok.Label != "":
			label = tok.LabelEnd
			t.Kind, t.Label, t.Written = Label, tok.Label, s[tok.Start:label]
		case tok.Start < label:
			t.Written = ""
		case kind != Exact && starred(tok, s):
			stars--
			t = Term{Kind: Prefix, Fold: tok.Fold, Written: t.Written}
		}
		terms = append(terms, t)
	}
	if stars > 0 {
		return nil, fail(it.column, errStar)
	}
	if len(terms) == 0 {
		return nil, fail(it.column, errEmptyPhrase)
	}
	return terms, nil
}

func newTerm(kind TermKind, tok *text.Token, s string) Term {
	t := Term{Kind: kind, Fold: tok.Fold, French: tok.French, English: tok.English, Written: s[tok.Start:tok.End]}
	if kind == Exact {
		t.Exact = tok.Exact
	}
	return t
}

// starred says whether a * cuts tok, as it may: at its end, nothing of the word
// after it, and enough before it that it finds words and not letters.
func starred(tok *text.Token, s string) bool {
	rest, ok := strings.CutPrefix(s[tok.End:], "*")
	if !ok || !text.Prefixable(tok.Fold) || utf8.RuneCountInString(tok.Fold) < 2 && tok.Class != text.Ideograph {
		return false
	}
	switch tok.Class {
	case text.Tag, text.Handle, text.Emoji:
		return false
	}
	after := text.Tokens(rest[:min(len(rest), utf8.UTFMax)])
	return len(after) == 0 || after[0].Start > 0
}
