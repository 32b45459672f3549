package elastic

import (
	"slices"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/watch/query"
)

// found is what Elasticsearch finds for a query. When it is not exact it finds more,
// and query.Holds is asked of each mention found.
type found struct {
	query object
	exact bool
}

// positionsMost is for how many words of a query positions are asked. Each takes some
// ten clauses, of which a server with little memory takes 4,096 in all
// (indices.query.bool.max_clause_count follows the heap).
const positionsMost = 250

// translate is compile, for a query of any length: of one that asks too much of
// positions, one word of each phrase is looked for.
func translate(n query.Node) found {
	if positions(n) <= positionsMost {
		return compile(n)
	}
	return found{query: compile(roughly(n)).query}
}

// positions is how many words of n stand in phrases and beside NEAR.
func positions(n query.Node) (words int) {
	switch n := n.(type) {
	case query.And:
		for _, node := range n.Nodes {
			words += positions(node)
		}
	case query.Or:
		for _, node := range n.Nodes {
			words += positions(node)
		}
	case query.Not:
		return positions(n.Node)
	case query.Phrase:
		if lookups(n) == nil {
			return len(n.Terms)
		}
	case query.Near:
		return len(n.Left) + len(n.Right)
	}
	return words
}

// roughly is a query that holds wherever n holds, and asks for no positions.
func roughly(n query.Node) query.Node {
	switch n := n.(type) {
	case query.And:
		var wanted query.And
		for _, node := range n.Nodes {
			if _, negated := node.(query.Not); !negated {
				wanted.Nodes = append(wanted.Nodes, roughly(node))
			}
		}
		return wanted
	case query.Or:
		var either query.Or
		for _, node := range n.Nodes {
			either.Nodes = append(either.Nodes, roughly(node))
		}
		return either
	case query.Phrase:
		return query.Phrase{In: n.In, Terms: n.Terms[:1]}
	case query.Near:
		return query.Phrase{In: n.In, Terms: n.Left[:1]}
	}
	return n
}

// compile translates a query. Words become single terms; phrases and NEAR become
// intervals over the fields of the forms, whose positions are equal. Two things are
// not asked of positions: a beginning within a phrase, which might be that of more
// words than Elasticsearch looks at, and a label beside other words, since labels
// have none.
func compile(n query.Node) found {
	if l := lookups(n); l != nil {
		return found{query: oneOfTerms(l), exact: true}
	}
	switch n := n.(type) {
	case query.And:
		return compileAnd(n)
	case query.Or:
		return compileOr(n)
	case query.Phrase:
		return compilePhrase(n)
	case query.Near:
		return compileNear(n)
	}
	return found{}
}

// compileAnd leaves out a negation that is not exact: what it finds too much would
// take away what is asked for.
func compileAnd(n query.And) found {
	f := found{exact: true}
	var wanted, unwanted []object
	for _, node := range n.Nodes {
		not, negated := node.(query.Not)
		if negated {
			node = not.Node
		}
		one := compile(node)
		f.exact = f.exact && one.exact
		switch {
		case !negated:
			wanted = append(wanted, one.query)
		case one.exact:
			unwanted = append(unwanted, one.query)
		}
	}
	f.query = object{"bool": object{"filter": wanted, "must_not": unwanted}}
	return f
}

// compileOr asks for all alternatives that are single terms at once: a watch may
// have more names than a query of Elasticsearch may have clauses.
func compileOr(n query.Or) found {
	f := found{exact: true}
	var terms []lookup
	var alternatives []object
	for _, node := range n.Nodes {
		if l := lookups(node); l != nil {
			terms = append(terms, l...)
			continue
		}
		one := compile(node)
		alternatives, f.exact = append(alternatives, one.query), f.exact && one.exact
	}
	if len(terms) > 0 {
		alternatives = append(alternatives, oneOfTerms(terms))
	}
	f.query = anyOf(alternatives)
	return f
}

func compilePhrase(n query.Phrase) found {
	switch {
	case len(n.Terms) == 1:
		return single(n.In, &n.Terms[0])
	case !positioned(n.In, n.Terms):
		return found{query: allWords(n.In, n.Terms)}
	}
	return found{exact: true, query: inEach(n.In, func(field string) object { return follow(field, n.Terms) })}
}

// single is one word that is no lookup: a beginning, or an author's name to the letter.
func single(in query.Scope, t *query.Term) found {
	if t.Kind != query.Prefix {
		return found{query: word(in, t)}
	}
	prefix := t.Fold
	for !text.Prefixable(prefix) {
		_, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
	}
	term := text.Encode(text.FoldForm, prefix)
	q := inFields(in, func(field string) object {
		return object{"prefix": object{formField(field, text.FoldForm): term}}
	})
	return found{query: q, exact: prefix == t.Fold}
}

func compileNear(n query.Near) found {
	if !positioned(n.In, n.Left) || !positioned(n.In, n.Right) {
		return found{query: allWords(n.In, append(slices.Clip(n.Left), n.Right...))}
	}
	return found{exact: true, query: inEach(n.In, func(field string) object {
		left, right := follow(field, n.Left), follow(field, n.Right)
		return anyInterval([]object{inOrder(n.Words, left, right), inOrder(n.Words, right, left)})
	})}
}

// positioned says whether positions alone tell where each of terms stands.
func positioned(in query.Scope, terms []query.Term) bool {
	return !slices.ContainsFunc(terms, func(t query.Term) bool {
		return t.Kind == query.Prefix || t.Kind == query.Label || in == query.Author && t.Kind != query.Folded
	})
}

// follow is the intervals at which terms follow one another.
func follow(field string, terms []query.Term) object {
	places := make([]object, len(terms))
	for i := range terms {
		places[i] = eitherForm(field, &terms[i])
	}
	if len(places) == 1 {
		return places[0]
	}
	return inOrder(0, places...)
}

// eitherForm is the intervals of one word, whichever of its forms is equal.
func eitherForm(field string, t *query.Term) object {
	var forms []object
	for _, term := range t.Terms() {
		forms = append(forms, object{"match": object{"query": term, "use_field": formField(field, text.Form(term[0]))}})
	}
	return anyInterval(forms)
}

func inOrder(gaps int, intervals ...object) object {
	return object{"all_of": object{"ordered": true, "max_gaps": gaps, "intervals": intervals}}
}

func anyInterval(intervals []object) object {
	if len(intervals) == 1 {
		return intervals[0]
	}
	return object{"any_of": object{"intervals": intervals}}
}

// inEach asks for intervals in each text of a scope: none runs from one into another.
func inEach(in query.Scope, intervals func(field string) object) object {
	return inFields(in, func(field string) object {
		return object{"intervals": object{formField(field, text.EnglishForm): intervals(field)}}
	})
}

func inFields(in query.Scope, q func(field string) object) object {
	var all []object
	for _, field := range scopeFields(in) {
		all = append(all, q(field))
	}
	return anyOf(all)
}

func scopeFields(in query.Scope) []string {
	switch in {
	case query.Title:
		return []string{titleTokens}
	case query.Author:
		return []string{authorTokens}
	}
	return []string{titleTokens, textTokens}
}

// The fields of tokens.
const (
	titleTokens  = "tokens.title"
	textTokens   = "tokens.text"
	authorTokens = "tokens.author"
)

// formField is where a form of a text stands. Of an author there is one form.
func formField(field string, f text.Form) string {
	if field == authorTokens {
		return field
	}
	return field + "." + formNames[f]
}

var formNames = map[text.Form]string{
	text.FoldForm: "fold", text.FrenchForm: "french", text.EnglishForm: "english", text.ExactForm: "exact", text.LabelForm: "label",
}

// lookup is a term in a field.
type lookup struct{ field, term string }

// lookups is the terms of which a mention must have one for n to hold, nil when that
// does not decide it.
func lookups(n query.Node) []lookup {
	switch n := n.(type) {
	case query.Attr:
		return []lookup{{string(n.Field), keyword(n.Value)}}
	case query.Phrase:
		t := &n.Terms[0]
		if len(n.Terms) > 1 && !n.IsLabel() || t.Kind == query.Prefix || n.In == query.Author && t.Kind != query.Folded {
			return nil
		}
		return wordLookups(n.In, t)
	}
	return nil
}

// wordLookups is the terms of which a text that has the word has one. Of an author's
// name the folded word is known.
func wordLookups(in query.Scope, t *query.Term) (all []lookup) {
	terms := t.Terms()
	if in == query.Author {
		terms = []string{text.Encode(text.FoldForm, t.Fold)}
	}
	for _, field := range scopeFields(in) {
		for _, term := range terms {
			all = append(all, lookup{formField(field, text.Form(term[0])), term})
		}
	}
	return all
}

// allWords finds, and finds more than, texts in which terms stand in some way.
func allWords(in query.Scope, terms []query.Term) object {
	words := make([]object, len(terms))
	for i := range terms {
		words[i] = word(in, &terms[i])
	}
	return object{"bool": object{"filter": words}}
}

func word(in query.Scope, t *query.Term) object {
	if t.Kind == query.Prefix {
		return single(in, t).query
	}
	return oneOfTerms(wordLookups(in, t))
}

// oneOfTerms asks for any of many terms, with one clause for each field.
func oneOfTerms(all []lookup) object {
	values := map[string][]string{}
	var fields []string
	for _, l := range all {
		if values[l.field] == nil {
			fields = append(fields, l.field)
		}
		values[l.field] = append(values[l.field], l.term)
	}
	clauses := make([]object, len(fields))
	for i, field := range fields {
		clauses[i] = oneOf(field, values[field])
	}
	return anyOf(clauses)
}

// termsMost is how many values Elasticsearch takes in one clause.
const termsMost = 1 << 16

// oneOf asks for a field with any of values.
func oneOf(field string, values []string) object {
	if len(values) == 1 {
		return object{"term": object{field: values[0]}}
	}
	var clauses []object
	for some := range slices.Chunk(values, termsMost) {
		clauses = append(clauses, object{"terms": object{field: some}})
	}
	return anyOf(clauses)
}

func anyOf(alternatives []object) object {
	if len(alternatives) == 1 {
		return alternatives[0]
	}
	return object{"bool": object{"should": alternatives}}
}
