package query

import (
	"strings"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// What a query may be at most.
const (
	MaxLength = 16_384 // characters
	MaxTerms  = 2_000
	MaxDepth  = 50
)

// Parse reads a query. Any error is an *Error. It takes any bytes, and time linear
// in them but for the limits above.
func Parse(query string) (Node, error) {
	query = strings.ToValidUTF8(query, string(utf8.RuneError))
	if utf8.RuneCountInString(query) > MaxLength {
		return nil, fail(MaxLength+1, errTooLong, MaxLength)
	}
	items, err := lex(query)
	if err != nil {
		return nil, err
	}
	p := parser{items: items}
	if p.peek().kind == endItem {
		return nil, fail(1, errEmpty)
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if it := p.peek(); it.kind == closeItem {
		return nil, fail(it.column, errStrayGroup)
	}
	if !anchored(n) {
		return nil, fail(items[0].column, errOnlyNot, shorten(query))
	}
	return n, nil
}

// anchored says whether n looks for something, rather than only leaving out.
func anchored(n Node) bool {
	switch n := n.(type) {
	case Not:
		return false
	case And:
		for _, m := range n.Nodes {
			if anchored(m) {
				return true
			}
		}
		return false
	}
	return true // an Or too: its alternatives were checked when it was made
}

type parser struct {
	items []item
	at    int
	depth int
	terms int
	field Field // what words belong to here; "" is title and text
}

func (p *parser) peek() item { return p.items[p.at] }

func (p *parser) take() item {
	it := p.items[p.at]
	if it.kind != endItem {
		p.at++
	}
	return it
}

// enter guards a recursion; leave undoes it.
func (p *parser) enter(column int) error {
	if p.depth++; p.depth > MaxDepth {
		return fail(column, errTooDeep, MaxDepth)
	}
	return nil
}

func (p *parser) leave() { p.depth-- }

// count guards the size of the tree.
func (p *parser) count(terms, column int) error {
	if p.terms += terms; p.terms > MaxTerms {
		return fail(column, errTooMany, MaxTerms)
	}
	return nil
}

func (p *parser) or() (Node, error) {
	var nodes []Node
	for {
		column := p.peek().column
		n, err := p.and()
		if err != nil {
			return nil, err
		}
		alone := len(nodes) == 0 && p.peek().kind != orItem
		if alone {
			return n, nil
		}
		if !anchored(n) {
			return nil, fail(column, errNotInOr, shorten(n.String()))
		}
		if inner, ok := n.(Or); ok {
			nodes = append(nodes, inner.Nodes...)
		} else {
			nodes = append(nodes, n)
		}
		if p.peek().kind != orItem {
			return Or{nodes}, nil
		}
		if err := p.operandAfter(p.take()); err != nil {
			return nil, err
		}
	}
}

// and reads what stands side by side, with or without the operator.
func (p *parser) and() (Node, error) {
	var nodes []Node
	for {
		n, err := p.not()
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, n)
		switch p.peek().kind {
		case andItem:
			if err := p.operandAfter(p.take()); err != nil {
				return nil, err
			}
		case orItem, closeItem, endItem:
			return conjunction(nodes), nil
		}
	}
}

// conjunction is the And of nodes, flat.
func conjunction(nodes []Node) Node {
	if len(nodes) == 1 {
		return nodes[0]
	}
	var flat []Node
	for _, n := range nodes {
		if inner, ok := n.(And); ok {
			flat = append(flat, inner.Nodes...)
		} else {
			flat = append(flat, n)
		}
	}
	return And{flat}
}

func (p *parser) not() (Node, error) {
	it := p.peek()
	if it.kind != notItem {
		return p.near()
	}
	if err := p.enter(it.column); err != nil {
		return nil, err
	}
	defer p.leave()
	if err := p.operandAfter(p.take()); err != nil {
		return nil, err
	}
	n, err := p.not()
	if err != nil {
		return nil, err
	}
	if inner, ok := n.(Not); ok {
		return inner.Node, nil
	}
	if !anchored(n) {
		return nil, fail(it.column, errOnlyNot, shorten(n.String()))
	}
	return Not{n}, nil
}

// near reads a NEAR/3 b NEAR/3 c as a NEAR/3 b AND b NEAR/3 c.
func (p *parser) near() (Node, error) {
	left, err := p.primary()
	if err != nil || p.peek().kind != nearItem {
		return left, err
	}
	var pairs []Node
	for p.peek().kind == nearItem {
		op := p.take()
		if err := p.operandAfter(op); err != nil {
			return nil, err
		}
		if p.peek().kind == notItem {
			return nil, fail(op.column, errNearWhat, op.text)
		}
		right, err := p.primary()
		if err != nil {
			return nil, err
		}
		pair, err := p.pair(op, left, right)
		if err != nil {
			return nil, err
		}
		pairs, left = append(pairs, pair), right
	}
	return conjunction(pairs), nil
}

// pair distributes NEAR over the alternatives of either side, so that the stores
// meet phrases only.
func (p *parser) pair(op item, left, right Node) (Node, error) {
	lefts, rights := phrases(left), phrases(right)
	if lefts == nil || rights == nil {
		return nil, fail(op.column, errNearWhat, op.text)
	}
	if err := p.count(len(lefts)*len(rights), op.column); err != nil {
		return nil, err
	}
	var nodes []Node
	for _, l := range lefts {
		for _, r := range rights {
			if l.In != r.In {
				return nil, fail(op.column, errNearScope, op.text)
			}
			nodes = append(nodes, Near{In: l.In, Left: l.Terms, Right: r.Terms, Words: op.words})
		}
	}
	if len(nodes) == 1 {
		return nodes[0], nil
	}
	return Or{nodes}, nil
}

// phrases is the alternatives of n, nil when it has others than phrases.
func phrases(n Node) []Phrase {
	switch n := n.(type) {
	case Phrase:
		return []Phrase{n}
	case Or:
		var all []Phrase
		for _, m := range n.Nodes {
			ph, ok := m.(Phrase)
			if !ok {
				return nil
			}
			all = append(all, ph)
		}
		return all
	}
	return nil
}

// operandAfter refuses an operator with nothing to work on.
func (p *parser) operandAfter(op item) error {
	switch p.peek().kind {
	case endItem, closeItem, andItem, orItem, nearItem:
		return fail(op.column, errNoRight, op.text)
	}
	return nil
}

func (p *parser) primary() (Node, error) {
	it := p.take()
	switch it.kind {
	case openItem:
		return p.group(it)
	case fieldItem:
		return p.inField(it)
	case exactItem:
		return p.exact(it)
	case closeItem:
		return nil, fail(it.column, errStrayGroup)
	case andItem, orItem, nearItem:
		return nil, fail(it.column, errNoLeft, it.text)
	case notItem, endItem: // callers let neither come here but after a field or an =
		return nil, fail(it.column, errNoRight, it.text)
	}
	return p.leaf(it, Stemmed)
}

func (p *parser) group(open item) (Node, error) {
	if err := p.enter(open.column); err != nil {
		return nil, err
	}
	defer p.leave()
	switch p.peek().kind {
	case closeItem:
		return nil, fail(open.column, errEmptyGroup)
	case endItem:
		return nil, fail(open.column, errOpenGroup)
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.take().kind != closeItem {
		return nil, fail(open.column, errOpenGroup)
	}
	return n, nil
}

// inField reads the word, phrase or group to which a field applies. A field
// inside the group of another counts for itself.
func (p *parser) inField(it item) (Node, error) {
	if err := p.enter(it.column); err != nil {
		return nil, err
	}
	defer p.leave()
	switch p.peek().kind {
	case openItem, fieldItem, exactItem, wordItem, quotedItem:
	default:
		return nil, fail(it.column, errNoValue, it.text, example(it.field))
	}
	outer := p.field
	p.field = it.field
	n, err := p.primary()
	p.field = outer
	return n, err
}

// example is a field with a value that works.
func example(f Field) say.Text {
	switch f {
	case Lang:
		return say.Text{EN: "lang:fr", FR: "langue:fr"}
	case Kind:
		return say.Text{EN: "kind:comment", FR: "genre:commentaire"}
	}
	return fieldExamples[f]
}

func (p *parser) exact(it item) (Node, error) {
	next := p.take()
	if next.kind != wordItem && next.kind != quotedItem {
		return nil, fail(it.column, errNoRight, it.text)
	}
	return p.leaf(next, Exact)
}
