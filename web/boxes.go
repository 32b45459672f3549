package web

import (
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

// boxes are a query for people who do not write operators: lists of words and
// phrases, between commas.
type boxes struct{ Exact, All, Any, None string }

func (b boxes) empty() bool { return b == boxes{} }

// query writes what the boxes ask for, with the operators of l. It may be wrong:
// that is said where it is read.
func (b boxes) query(l say.Lang) string {
	var parts []string
	for _, item := range items(b.Exact) {
		parts = append(parts, `"`+item+`"`)
	}
	for _, item := range items(b.All) {
		for word := range strings.FieldsSeq(item) {
			parts = append(parts, quotedWord(word))
		}
	}
	if choice := each(items(b.Any), quotedWord); len(choice) > 0 {
		or := " OR "
		if l.French() {
			or = " OU "
		}
		one := strings.Join(choice, or)
		if len(choice) > 1 && len(parts)+len(items(b.None)) > 0 {
			one = "(" + one + ")"
		}
		parts = append(parts, one)
	}
	for _, item := range items(b.None) {
		parts = append(parts, "-"+quotedWord(item))
	}
	return strings.Join(parts, " ")
}

// items are what stands between commas and ends of lines.
func items(box string) []string {
	var out []string
	for _, item := range strings.FieldsFunc(box, func(c rune) bool { return c == ',' || c == '\n' || c == '\r' || c == ';' }) {
		item = strings.Trim(strings.Join(strings.Fields(item), " "), `"«»“”„ `+"\u00a0")
		if item != "" && !slices.Contains(out, item) {
			out = append(out, item)
		}
	}
	return out
}

func each(list []string, f func(string) string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = f(s)
	}
	return out
}

// quotedWord is a word or phrase that stands for itself: no operator, no field.
func quotedWord(s string) string {
	s = strings.Trim(s, `"«»“”„`)
	body, star := strings.CutSuffix(s, "*")
	label := strings.TrimLeft(body, "#@")
	if plain := strings.IndexFunc(label, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) < 0; plain && label != "" && !operator(s) {
		return s
	}
	if star {
		return `"` + body + `"*`
	}
	return `"` + s + `"`
}

// operator says whether a word means something else than itself.
func operator(s string) bool {
	n, err := query.Parse(s)
	return err != nil || n.String() != s
}

// boxed puts a query into boxes; ok is false for one that says more than they can.
func boxed(text string) (b boxes, ok bool) {
	n, err := query.Parse(text)
	if err != nil {
		return boxes{}, false
	}
	nodes := []query.Node{n}
	if and, many := n.(query.And); many {
		nodes = and.Nodes
	}
	var exact, all, any, none []string
	for _, n := range nodes {
		switch n := n.(type) {
		case query.Phrase:
			if len(n.Terms) > 1 {
				exact = append(exact, unquoted(n))
			} else {
				all = append(all, unquoted(n))
			}
		case query.Or:
			for _, choice := range n.Nodes {
				any = append(any, unquoted(choice))
			}
		case query.Not:
			none = append(none, unquoted(n.Node))
		default:
			return boxes{}, false
		}
	}
	b = boxes{strings.Join(exact, ", "), strings.Join(all, ", "), strings.Join(any, ", "), strings.Join(none, ", ")}
	again, err := query.Parse(b.query(say.English))
	if err != nil || !reflect.DeepEqual(plain(again), plain(n)) {
		return boxes{}, false // they would say something else
	}
	return b, true
}

// plain is a query whatever the order of what must all be there.
func plain(n query.Node) []string {
	and, many := n.(query.And)
	if !many {
		return []string{n.String()}
	}
	var parts []string
	for _, part := range and.Nodes {
		parts = append(parts, part.String())
	}
	slices.Sort(parts)
	return parts
}

func unquoted(n query.Node) string { return strings.Trim(n.String(), `"`) }
