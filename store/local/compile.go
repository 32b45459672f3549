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

// compiler translates queries. It asks for the terms that all mentions have: what
// was learnt since, or what an older version did not write, it does without.
type compiler struct {
	current  bool // that all terms were made by this version of the program
	frequent *frequent
	edition  int64 // of frequent, that all mentions have
}

func (s *Store) compiler() compiler {
	settled := s.settled.Load()
	if settled>>editionBits != tokensVersion {
		return compiler{}
	}
	return compiler{current: true, frequent: s.frequent.Load(), edition: settled & (1<<editionBits - 1)}
}

// compile translates a query. Expressions hold nothing but our own terms, operators
// and parentheses, so nothing in a query can become syntax.
func (c compiler) compile(n query.Node) found {
	switch n := n.(type) {
	case query.And:
		return c.and(n)
	case query.Or:
		f := found{exact: true}
		var alternatives []string
		for _, node := range n.Nodes {
			one := c.compile(node)
			alternatives, f.exact = append(alternatives, one.expression), f.exact && one.exact
		}
		f.expression = anyOf(alternatives)
		return f
	case query.Phrase:
		return c.phrase(n)
	case query.Near:
		return found{expression: allOf(append(c.sequence(n.In, n.Left), c.sequence(n.In, n.Right)...))}
	case query.Attr:
		return found{expression: attr(n), exact: true}
	}
	return found{}
}

// and leaves out a negation that is not exact: what it finds too much would
// take away what is asked for.
func (c compiler) and(n query.And) found {
	f := found{exact: true}
	var wanted, unwanted []string
	for _, node := range n.Nodes {
		not, negated := node.(query.Not)
		if negated {
			node = not.Node
		}
		one := c.compile(node)
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

// phrase is exact for one word, and for two of which all pairs are indexed.
func (c compiler) phrase(n query.Phrase) found {
	terms := n.Terms
	if isLabel(terms) {
		terms = terms[:1]
	}
	exact := false
	switch len(terms) {
	case 1:
		exact = terms[0].Kind != query.Prefix || text.Prefixable(terms[0].Fold)
	case 2:
		exact = n.In == query.Anywhere && terms[0].Kind == query.Stemmed && terms[1].Kind == query.Stemmed && c.pair(&terms[0], &terms[1]) != ""
	}
	return found{expression: allOf(c.sequence(n.In, terms)), exact: exact}
}

// sequence is what a text has in which terms follow one another: their pairs, and
// those words that no pair answers for.
func (c compiler) sequence(in query.Scope, terms []query.Term) (all []string) {
	paired := false // with the term before
	for i := range terms {
		pair := ""
		if in != query.Author && i+1 < len(terms) {
			pair = c.pair(&terms[i], &terms[i+1])
		}
		answered := (paired || pair != "") && in == query.Anywhere && terms[i].Kind == query.Stemmed
		if !answered {
			all = append(all, anyOf(c.alternatives(in, &terms[i])))
		}
		if pair != "" {
			all = append(all, pair)
		}
		paired = pair != ""
	}
	return all
}

// pair is the terms of which a text has one where l and r stand side by side; none
// when that is not known of all texts.
func (c compiler) pair(l, r *query.Term) string {
	var b []byte
	rights := c.sides(r)
	for _, left := range c.sides(l) {
		for _, right := range rights {
			if len(b) > 0 {
				b = append(b, " OR "...)
			}
			b = appendPair(b, left, right)
		}
	}
	if len(b) == 0 {
		return ""
	}
	return "(" + string(b) + ")"
}

// sides is what the words that t matches may bring to a pair. A plain word matches by
// either stem: it has none unless both are frequent. By its letters or as a label it
// matches words that have the same stems, and one of them is enough. As editions
// pass, a value that both stems of a word share may be frequent as one of them first.
func (c compiler) sides(t *query.Term) (sides []side) {
	if t.Kind != query.Stemmed && t.Kind != query.Exact && t.Kind != query.Label {
		return nil
	}
	byFrench, byEnglish := c.has(text.FrenchForm, t.French), c.has(text.EnglishForm, t.English)
	if t.Kind == query.Stemmed && !(byFrench && byEnglish) {
		return nil
	}
	if byFrench {
		sides = append(sides, newSide(french, t.French), newSide(pairForms, t.French))
	}
	if byEnglish && (t.Kind == query.Stemmed || !byFrench) {
		sides = append(sides, newSide(english, t.English))
		if !byFrench || t.English != t.French {
			sides = append(sides, newSide(pairForms, t.English))
		}
	}
	return sides
}

// has says whether all mentions have the pairs of a stem.
func (c compiler) has(form text.Form, value string) bool {
	if c.frequent == nil {
		return false
	}
	since, ok := c.frequent.since[stem{form, value}]
	return ok && since <= c.edition
}

// isLabel says whether the terms are those of one #tag or @handle: a whole label
// that is equal has equal parts.
func isLabel(terms []query.Term) bool {
	if terms[0].Kind != query.Label {
		return false
	}
	for i := range terms[1:] {
		if part := &terms[1+i]; part.Kind != query.Stemmed || part.Written != "" {
			return false
		}
	}
	return true
}

// alternatives are the terms of which a text that has the word has one.
func (c compiler) alternatives(in query.Scope, t *query.Term) []string {
	var words []string
	switch {
	case in == query.Author && t.Kind == query.Prefix:
		words = []string{text.Encode(authorTerm, prefixable(t.Fold)) + "*"}
	case in == query.Author:
		return []string{text.Encode(authorTerm, t.Fold)}
	case t.Kind == query.Label:
		words = []string{text.Encode(labelTerm, t.Label)}
	case t.Kind == query.Prefix && c.current && in == query.Anywhere && hasTerm(t.Fold):
		words = []string{text.Encode(beginTerm, t.Fold)}
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

// hasTerm says whether a beginning has a term of its own.
func hasTerm(begin string) bool {
	n := utf8.RuneCountInString(begin)
	return n >= beginLeast && n <= beginMost
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
