package query

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/ouidire/ouidire/internal/say"
)

func (n And) String() string    { return Format(n, say.English) }
func (n Or) String() string     { return Format(n, say.English) }
func (n Not) String() string    { return Format(n, say.English) }
func (n Phrase) String() string { return Format(n, say.English) }
func (n Near) String() string   { return Format(n, say.English) }
func (n Attr) String() string   { return Format(n, say.English) }

// Format writes n with the operators and fields of l. Parse reads either.
func Format(n Node, l say.Lang) string {
	switch n := n.(type) {
	case And:
		return join(n.Nodes, opAnd.In(l), l)
	case Or:
		return join(n.Nodes, opOr.In(l), l)
	case Not:
		return opNot.In(l) + " " + group(n.Node, l)
	case Phrase:
		return scopeName(n.In, l) + phrase(n.Terms)
	case Near:
		s := phrase(n.Left) + " " + opNear.In(l, n.Words) + " " + phrase(n.Right)
		if n.In != Anywhere {
			return scopeName(n.In, l) + "(" + s + ")"
		}
		return s
	case Attr:
		return fieldTexts[n.Field].In(l) + ":" + quoteValue(n.Value)
	}
	panic(fmt.Sprintf("query: no such node: %T", n))
}

var (
	opAnd  = say.Text{EN: "AND", FR: "ET"}
	opOr   = say.Text{EN: "OR", FR: "OU"}
	opNot  = say.Text{EN: "NOT", FR: "SAUF"}
	opNear = say.Text{EN: "NEAR/%d", FR: "PROCHE/%d"}
)

// join writes the operator between nodes, but not before NOT: caisse SAUF hockey.
func join(nodes []Node, operator string, l say.Lang) string {
	var b strings.Builder
	for i, n := range nodes {
		if _, not := n.(Not); i > 0 && !not {
			b.WriteString(" " + operator)
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(group(n, l))
	}
	return b.String()
}

func group(n Node, l say.Lang) string {
	switch n.(type) {
	case And, Or:
		return "(" + Format(n, l) + ")"
	}
	return Format(n, l)
}

func scopeName(s Scope, l say.Lang) string {
	switch s {
	case Title:
		return fieldTexts[titleField].In(l) + ":"
	case Author:
		return fieldTexts[authorField].In(l) + ":"
	}
	return ""
}

func phrase(terms []Term) string {
	var b strings.Builder
	bare := true
	last := ' '
	for _, t := range terms {
		if t.Written == "" {
			continue
		}
		if b.Len() > 0 {
			bare = false
			b.WriteByte(separator(last, t.Written))
		}
		bare = bare && isBare(t)
		b.WriteString(t.Written)
		last = rune(t.Written[len(t.Written)-1])
		switch t.Kind {
		case Prefix:
			b.WriteByte('*')
		case Label: // no number, whatever it ends in
			last = ' '
		}
	}
	s := b.String()
	if !bare {
		s = `"` + s + `"`
	}
	if terms[0].Kind == Exact {
		s = "=" + s
	}
	return s
}

// separator keeps two numbers from reading as one.
func separator(last rune, next string) byte {
	if last >= '0' && last <= '9' && next[0] >= '0' && next[0] <= '9' {
		return '-'
	}
	return ' '
}

// isBare says whether t needs no quotes.
func isBare(t Term) bool {
	if t.Kind == Label {
		return true
	}
	for _, r := range t.Written {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	_, operator := operators[t.Written]
	return !operator
}

func quoteValue(v string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._-/", r)
	}
	_, operator := operators[v]
	switch {
	case !operator && v[0] != '-' && strings.IndexFunc(v, func(r rune) bool { return !plain(r) }) < 0:
		return v
	case strings.ContainsAny(v, `"“”„`):
		return "«" + v + "»"
	}
	return `"` + v + `"`
}
