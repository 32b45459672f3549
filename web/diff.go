package web

import "strings"

// piece is a stretch of words that two versions share, or that one of them has.
type piece struct {
	Text           string
	Added, Removed bool
}

// diffMost is how many words of each version are compared: the time it takes is
// their product.
const diffMost = 600

// difference is what an edit changed, word by word; nil when the texts are too long
// to compare, or when nothing differs but spaces.
func difference(before, after string) (pieces []piece) {
	a, b := strings.Fields(before), strings.Fields(after)
	// What they begin and end with alike costs nothing.
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	midA, midB := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(midA) > diffMost || len(midB) > diffMost || len(midA)+len(midB) == 0 {
		return nil
	}
	pieces = appendPiece(pieces, a[:head], false, false)
	pieces = compare(pieces, midA, midB)
	return appendPiece(pieces, a[len(a)-tail:], false, false)
}

// compare walks the longest common subsequence of a and b.
func compare(pieces []piece, a, b []string) []piece {
	longest := make([][]uint16, len(a)+1) // from i of a and j of b on
	for i := range longest {
		longest[i] = make([]uint16, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			pieces = appendPiece(pieces, a[i:i+1], false, false)
			i, j = i+1, j+1
		case i < len(a) && (j == len(b) || longest[i+1][j] >= longest[i][j+1]):
			pieces = appendPiece(pieces, a[i:i+1], false, true)
			i++
		default:
			pieces = appendPiece(pieces, b[j:j+1], true, false)
			j++
		}
	}
	return pieces
}

func appendPiece(pieces []piece, words []string, added, removed bool) []piece {
	if len(words) == 0 {
		return pieces
	}
	text := strings.Join(words, " ")
	if n := len(pieces); n > 0 && pieces[n-1].Added == added && pieces[n-1].Removed == removed {
		pieces[n-1].Text += " " + text
		return pieces
	}
	return append(pieces, piece{text, added, removed})
}
