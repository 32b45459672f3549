package local

import (
	"strings"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/watch/query"
)

// found is what FTS5 finds for a query. When it is not exact it finds more: whether
// words stand side by side, in order or near is asked of each text it found.
type found struct {
	expression string
	exact      bool
}

// compile translates a query. Expressions hold nothing but our own terms, operators
// and parentheses, so nothing in a query can become syntax.
func compile(n query.Node) found {
	switch n := n.(type) {
	case query.And:
		return compileAnd(n)
	case query.Or:
		f := found{exact: true}
		var alternatives []string
		for _, node := range n.Nodes {
			one := compile(node)
			alternatives, f.exact = append(alternatives, one.expression), f.exact && one.exact
		}
		f.expression = anyOf(alternatives)
		return f
	case query.Phrase:
		return compilePhrase(n)
	case query.Near:
		terms := append(append([]query.Term(nil), n.Left...), n.Right...)
		return found{expression: allOf(compileTerms(n.In, terms))}
	case query.Attr:
		return found{expression: attr(n), exact: true}
	}
	return found{}
}

// compileAnd leaves out a negation that is not exact: what it finds too much would
// take away what is asked for.
func compileAnd(n query.And) found {
	f := found{exact: true}
	var wanted, unwanted []string
	for _, node := range n.Nodes {
		not, negated := node.(query.Not)
		if negated {
			node = not.Node
		}
		one := compile(node)
		f.exact = f.exact && one.exact
		switch {
		case !negated:
			wanted = append(wanted, one.expression)
		case one.exact:
			unwanted = append(unwanted, one.expression)
		}
	}
	f.expression = allOf(wanted)
	if len(unwanted) > 0 {
		f.expression = "(" + f.expression + " NOT " + anyOf(unwanted) + ")"
	}
	return f
}

func compilePhrase(n query.Phrase) found {
	terms := n.Terms
	if n.IsLabel() {
		terms = terms[:1]
	}
	exact := len(terms) == 1 && (n.In != query.Author || terms[0].Kind != query.Exact) && (terms[0].Kind != query.Prefix || text.Prefixable(terms[0].Fold))
	return found{expression: allOf(compileTerms(n.In, terms)), exact: exact}
}

func compileTerms(in query.Scope, terms []query.Term) []string {
	expressions := make([]string, len(terms))
	for i := range terms {
		expressions[i] = anyOf(alternatives(in, &terms[i]))
	}
	return expressions
}

// alternatives are the terms of which a text that has the word has one.
func alternatives(in query.Scope, t *query.Term) []string {
	var words []string
	switch {
	case in == query.Author && t.Kind == query.Prefix:
		words = []string{text.Encode(authorTerm, prefixable(t.Fold)) + "*"}
	case in == query.Author:
		return []string{text.Encode(authorTerm, t.Fold)}
	case t.Kind == query.Label:
		words = []string{text.Encode(labelTerm, t.Label)}
	case t.Kind == query.Prefix:
		words = withForms(folded, prefixable(t.Fold), "*")
	case t.Kind == query.Exact:
		words = withForms(exact, t.Exact, "")
	case t.Kind == query.Folded:
		words = withForms(folded, t.Fold, "")
	default:
		word := text.Token{Word: &text.Word{Fold: t.Fold, French: t.French, English: t.English}}
		for _, v := range group(&word, stems) {
			words = append(words, withForms(v.forms, v.value, "")...)
		}
	}
	if in == query.Title {
		for i := range words {
			words[i] = string(titleTerm) + words[i]
		}
	}
	return words
}

// withForms are the terms of all words one of whose forms in f is value.
func withForms(f forms, value, suffix string) (terms []string) {
	for set := forms(1); set <= allForms; set++ {
		if set&f != 0 {
			terms = append(terms, text.Encode(set.letter(), value)+suffix)
		}
	}
	return terms
}

// prefixable is as much of a beginning as its terms can be looked up by.
func prefixable(prefix string) string {
	for !text.Prefixable(prefix) {
		_, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
	}
	return prefix
}

func attr(n query.Attr) string {
	switch n.Field {
	case query.Site:
		return text.Encode(siteTerm, n.Value)
	case query.Source:
		return text.Encode(sourceTerm, n.Value)
	case query.Lang:
		return text.Encode(langTerm, n.Value)
	}
	return text.Encode(kindTerm, n.Value)
}

func anyOf(expressions []string) string { return join(expressions, " OR ") }
func allOf(expressions []string) string { return join(expressions, " AND ") }

func join(expressions []string, operator string) string {
	if len(expressions) == 1 {
		return expressions[0]
	}
	return "(" + strings.Join(expressions, operator) + ")"
}
