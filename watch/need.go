package watch

import (
	"math"
	"unicode/utf8"

	"github.com/ouidire/ouidire/watch/query"
)

// group is keys of which a document must have one for a query to hold; often
// guesses how often documents have.
type group struct {
	keys  []key
	often float64
}

// rarest is the index of the group that the fewest documents have.
func rarest(groups []group) int {
	best := 0
	for i, g := range groups {
		if g.often < groups[best].often {
			best = i
		}
	}
	return best
}

// uses counts the terms of all queries by key: a word of many queries is a word
// of many texts.
type uses map[key]int

func usage(nodes []query.Node) uses {
	u := make(uses)
	for _, n := range nodes {
		if n != nil {
			u.count(n)
		}
	}
	return u
}

func (u uses) count(n query.Node) {
	switch n := n.(type) {
	case query.And:
		for _, m := range n.Nodes {
			u.count(m)
		}
	case query.Or:
		for _, m := range n.Nodes {
			u.count(m)
		}
	case query.Phrase:
		u.terms(n.In, n.Terms)
	case query.Near:
		u.terms(n.In, n.Left)
		u.terms(n.In, n.Right)
	}
}

func (u uses) terms(in query.Scope, terms []query.Term) {
	for i := range terms {
		for _, k := range termKeys(in, &terms[i]) {
			u[k]++
		}
	}
}

// groups is what n needs. A Not needs nothing; alternatives together need one of
// what each needs most rarely.
func (u uses) groups(n query.Node) (all []group) {
	switch n := n.(type) {
	case query.And:
		for _, m := range n.Nodes {
			all = append(all, u.groups(m)...)
		}
	case query.Or:
		var either group
		for _, m := range n.Nodes {
			needs := u.groups(m)
			g := needs[rarest(needs)] // an alternative is never a Not alone
			either.keys, either.often = append(either.keys, g.keys...), either.often+g.often
		}
		all = append(all, either)
	case query.Phrase:
		all = u.phrase(n.In, n.Terms)
	case query.Near:
		all = append(u.phrase(n.In, n.Left), u.phrase(n.In, n.Right)...)
	case query.Attr:
		all = append(all, group{[]key{{attrSpaces[n.Field], n.Value}}, attrOften[n.Field]})
	}
	return all
}

func (u uses) phrase(in query.Scope, terms []query.Term) (all []group) {
	for i := range terms {
		keys := termKeys(in, &terms[i])
		all = append(all, group{keys, u.often(keys[0])})
	}
	return all
}

// termKeys is the keys of which a token must have one to match t.
func termKeys(in query.Scope, t *query.Term) []key {
	word, prefix := stems, prefixes
	if in == query.Author {
		word, prefix = authors, authorPrefixes
	}
	switch {
	case t.Kind == query.Prefix:
		return []key{{prefix, t.Fold}}
	case in == query.Author:
		return []key{{word, t.Fold}}
	case t.Kind == query.Stemmed && t.French != t.English:
		return []key{{word, t.English}, {word, t.French}}
	}
	return []key{{word, t.English}} // equal folds have equal English stems
}

// often guesses by length, because short words are common, and by use.
func (u uses) often(k key) float64 {
	n := float64(utf8.RuneCountInString(k.value))
	shared := 1 + math.Log2(float64(max(u[k], 1)))
	switch k.space {
	case prefixes:
		n -= 2
	case authors, authorPrefixes:
		n += 3
	}
	return math.Pow(0.65, min(n, 9)-1) * shared
}

// attrSpaces and attrOften are read only.
var (
	attrSpaces = map[query.Field]space{query.Source: sources, query.Site: sites, query.Lang: langs, query.Kind: kinds}
	attrOften  = map[query.Field]float64{query.Source: 0.05, query.Site: 0.02, query.Lang: 0.7, query.Kind: 0.5}
)
