package config

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// inside is where the n-th character (from 1) of a value stands in the file. A
// value that was changed on the way (the environment, folded lines) is pointed
// at as a whole.
func inside(s spot, value string, n int) (line, column int) {
	p, ok := written(s.node)
	if !ok || n < 1 || p.raw != value {
		return s.line, s.column
	}
	if lit, ok := s.node.(*ast.LiteralNode); ok {
		return inBlock(s, lit, n)
	}
	t := s.node.GetToken()
	source := []rune(strings.TrimLeft(t.Origin, " \n"))
	want := []rune(value)
	switch t.Type {
	case token.SingleQuoteType:
		return walk(s, source, want, n, `''`)
	case token.DoubleQuoteType:
		return walk(s, source, want, n, `\"`)
	}
	if strings.HasPrefix(string(source), value) && n <= len(want)+1 {
		return s.line, s.column + n - 1
	}
	return s.line, s.column
}

// walk counts through a quoted value written on one line, where twice stands for
// the one character it ends with. Anything else written in disguise ends the walk.
func walk(s spot, source, want []rune, n int, twice string) (line, column int) {
	at := 1 // behind the opening mark
	for i := range want {
		if i == n-1 {
			break
		}
		pair := []rune(twice)
		switch {
		case at+1 < len(source) && source[at] == pair[0] && source[at+1] == pair[1] && want[i] == pair[1]:
			at += 2
		case at < len(source) && source[at] == want[i]:
			at++
		default:
			return s.line, s.column
		}
	}
	return s.line, s.column + at
}

// inBlock counts through a text under |, whose lines stand as they are. What
// stands under > was joined, and is pointed at as a whole.
func inBlock(s spot, lit *ast.LiteralNode, n int) (line, column int) {
	if !strings.HasPrefix(lit.Start.Value, "|") {
		return s.line, s.column
	}
	before := string([]rune(lit.Value.Value)[:min(n-1, len([]rune(lit.Value.Value)))])
	down := strings.Count(before, "\n")
	source := strings.Split(lit.Value.GetToken().Origin, "\n")
	if down >= len(source) {
		return s.line, s.column
	}
	indent := len(source[down]) - len(strings.TrimLeft(source[down], " "))
	last := before[strings.LastIndex(before, "\n")+1:]
	return s.line + 1 + down, indent + len([]rune(last)) + 1
}
