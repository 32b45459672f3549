package query

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ouidire/ouidire/internal/text"
)

// MaxSpans is how many places Match gives at most.
const MaxSpans = 1000

// Span is a place where a word or phrase of a query stands: bytes of the part as
// it was written.
type Span struct {
	Part       Part
	Start, End int
}

// Holds says whether n holds for d. It is what a query means; it allocates nothing.
func Holds(d *Document, n Node) bool {
	switch n := n.(type) {
	case And:
		for _, m := range n.Nodes {
			if !Holds(d, m) {
				return false
			}
		}
		return true
	case Or:
		for _, m := range n.Nodes {
			if Holds(d, m) {
				return true
			}
		}
		return false
	case Not:
		return !Holds(d, n.Node)
	case Phrase:
		for p, last := n.In.parts(); p <= last; p++ {
			if _, tokens := d.part(p); find(tokens, n.Terms, 0) >= 0 {
				return true
			}
		}
		return false
	case Near:
		for p, last := n.In.parts(); p <= last; p++ {
			if _, tokens := d.part(p); n.holds(tokens) {
				return true
			}
		}
		return false
	case Attr:
		return d.attr(n)
	}
	panic(fmt.Sprintf("query: no such node: %T", n))
}

// find is the first position from on at which terms follow one another; -1 when
// there is none.
func find(tokens []text.Token, terms []Term, from int) int {
	for i := from; i+len(terms) <= len(tokens); i++ {
		if at(tokens, terms, i) {
			return i
		}
	}
	return -1
}

// at says whether terms stand at position i, where there is room for them.
func at(tokens []text.Token, terms []Term, i int) bool {
	for j := range terms {
		if !terms[j].Matches(&tokens[i+j]) {
			return false
		}
	}
	return true
}

func (n *Near) holds(tokens []text.Token) (ok bool) {
	n.pairs(tokens, func(int, int) bool {
		ok = true
		return false
	})
	return ok
}

// pairs gives the positions of each Left with each Right that is near it and does
// not overlap it, until yield says false. Both only ever move forward, so that a
// long text is read once.
func (n *Near) pairs(tokens []text.Token, yield func(l, r int) bool) {
	first := find(tokens, n.Right, 0) // that no Left has left behind
	for l := find(tokens, n.Left, 0); l >= 0; l = find(tokens, n.Left, l+1) {
		for first >= 0 && first < l-n.Words-len(n.Right) {
			first = find(tokens, n.Right, first+1)
		}
		if first < 0 {
			return
		}
		window := tokens[:min(len(tokens), l+len(n.Left)+n.Words+len(n.Right))]
		if first >= len(window) {
			continue
		}
		for r := find(window, n.Right, first); r >= 0; r = find(window, n.Right, r+1) {
			apart := r+len(n.Right) <= l || r >= l+len(n.Left)
			if apart && !yield(l, r) {
				return
			}
		}
	}
}

// Match says whether n holds for d, and where its words stand: every place of
// every word and phrase that is looked for (not of those left out), in the order
// of the document, up to MaxSpans. Both sides of a Near count where they are near.
func Match(d *Document, n Node) (spans []Span, ok bool) {
	if !Holds(d, n) {
		return nil, false
	}
	c := collector{d: d}
	c.collect(n)
	slices.SortFunc(c.spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	spans = slices.Compact(c.spans)
	return spans[:min(len(spans), MaxSpans)], true
}

type collector struct {
	d     *Document
	spans []Span
}

// collect adds the spans of n, which holds.
func (c *collector) collect(n Node) {
	switch n := n.(type) {
	case And:
		c.all(n.Nodes)
	case Or:
		c.all(n.Nodes)
	case Phrase:
		for p, last := n.In.parts(); p <= last; p++ {
			c.phrase(p, n.Terms)
		}
	case Near:
		for p, last := n.In.parts(); p <= last; p++ {
			c.near(p, &n)
		}
	}
}

func (c *collector) all(nodes []Node) {
	for _, m := range nodes {
		if _, out := m.(Not); !out && Holds(c.d, m) {
			c.collect(m)
		}
	}
}

func (c *collector) phrase(p Part, terms []Term) {
	_, tokens := c.d.part(p)
	for n, i := 0, find(tokens, terms, 0); i >= 0 && n < MaxSpans; n, i = n+1, find(tokens, terms, i+1) {
		c.add(p, tokens, terms, i)
	}
}

func (c *collector) near(p Part, n *Near) {
	_, tokens := c.d.part(p)
	limit := len(c.spans) + 2*MaxSpans
	left := -1
	rights := make(map[int]bool) // several Lefts can share one
	n.pairs(tokens, func(l, r int) bool {
		if l != left {
			left = l
			c.add(p, tokens, n.Left, l)
		}
		if !rights[r] {
			rights[r] = true
			c.add(p, tokens, n.Right, r)
		}
		return len(c.spans) < limit
	})
}

// add appends the span of terms at position i.
func (c *collector) add(p Part, tokens []text.Token, terms []Term, i int) {
	end := tokens[i+len(terms)-1].End
	if terms[len(terms)-1].Kind == Label {
		end = tokens[i+len(terms)-1].LabelEnd
	}
	c.spans = append(c.spans, Span{Part: p, Start: tokens[i].Start, End: end})
}

// Words is what stands at spans, as written, each once.
func (d *Document) Words(spans []Span) []string {
	var words []string
	for _, s := range spans {
		whole, _ := d.part(s.Part)
		if w := whole[s.Start:s.End]; !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	return words
}

// Attrs is the conditions of n that hold for d and are no words: what to show for
// a query that has no others.
func Attrs(d *Document, n Node) []Attr {
	switch n := n.(type) {
	case And:
		return attrs(d, n.Nodes)
	case Or:
		return attrs(d, n.Nodes)
	case Attr:
		if d.attr(n) {
			return []Attr{n}
		}
	}
	return nil
}

func attrs(d *Document, nodes []Node) []Attr {
	var all []Attr
	for _, m := range nodes {
		all = append(all, Attrs(d, m)...)
	}
	return all
}
