package query

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/text"
)

type itemKind uint8

const (
	endItem itemKind = iota
	openItem
	closeItem
	andItem
	orItem
	notItem
	nearItem
	fieldItem
	exactItem
	wordItem
	quotedItem
)

// item is a piece of the query: an operator, or a value for the parser to read.
type item struct {
	kind   itemKind
	text   string // as typed; without the quotes of a quotedItem
	column int    // in characters, from 1
	field  Field  // of a fieldItem
	words  int    // of a nearItem
}

// operators is read only.
var operators = map[string]itemKind{
	"AND": andItem, "ET": andItem,
	"OR": orItem, "OU": orItem,
	"NOT": notItem, "SAUF": notItem,
	"NEAR": nearItem, "PROCHE": nearItem,
}

const maxNear = 100

// lexer cuts a query into items. column is kept beside pos so that it is counted once.
type lexer struct {
	query       string
	pos, column int
	items       []item
}

func lex(query string) ([]item, error) {
	l := lexer{query: query, column: 1}
	for {
		l.skipSpace()
		if l.pos >= len(query) {
			return append(l.items, item{kind: endItem, column: l.column}), nil
		}
		if err := l.next(); err != nil {
			return nil, err
		}
	}
}

func (l *lexer) skipSpace() {
	rest := strings.TrimLeftFunc(l.query[l.pos:], unicode.IsSpace)
	l.advance(len(l.query) - l.pos - len(rest))
}

func (l *lexer) advance(bytes int) {
	l.column += utf8.RuneCountInString(l.query[l.pos : l.pos+bytes])
	l.pos += bytes
}

// add appends an item that takes the next bytes.
func (l *lexer) add(it item, bytes int) {
	it.column = l.column
	l.items = append(l.items, it)
	l.advance(bytes)
}

// next reads what stands at pos, which is no space.
func (l *lexer) next() error {
	r, w := utf8.DecodeRuneInString(l.query[l.pos:])
	after, _ := utf8.DecodeRuneInString(l.query[l.pos+w:])
	leans := l.pos+w < len(l.query) && !unicode.IsSpace(after) // on what follows
	switch {
	case r == '(':
		l.add(item{kind: openItem, text: "("}, w)
	case r == ')':
		l.add(item{kind: closeItem, text: ")"}, w)
	case r == '-' && leans:
		l.add(item{kind: notItem, text: "-"}, w)
	case r == '=' && leans:
		l.add(item{kind: exactItem, text: "="}, w)
	case strings.ContainsRune(openers, r):
		return l.quoted(r, w)
	case strings.ContainsRune(closers, r):
		return fail(l.column, errStrayQuote)
	default:
		return l.piece()
	}
	return nil
}

const (
	openers = `"«“„`
	closers = `»”`
)

// quoted reads a phrase. « is closed by »; the others by any of theirs, because
// phones and word processors mix them.
func (l *lexer) quoted(opener rune, width int) error {
	closing := `"”“`
	if opener == '«' {
		closing = "»"
	}
	body := l.query[l.pos+width:]
	end := strings.IndexAny(body, closing)
	if end < 0 {
		return fail(l.column, errOpenQuote, closed(opener, shorten(body)))
	}
	_, w := utf8.DecodeRuneInString(body[end:])
	l.add(item{kind: quotedItem, text: strings.TrimSpace(body[:end])}, width+end+w)
	return nil
}

// closed is the phrase s between quotation marks of which the first is opener.
func closed(opener rune, s string) string {
	switch opener {
	case '«':
		return "«\u00a0" + s + "\u00a0»"
	case '"':
		return `"` + s + `"`
	}
	return string(opener) + s + "”"
}

// shorten is what an error shows of s.
func shorten(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > 30 {
		return string(r[:30]) + "…"
	}
	return s
}

// piece reads what runs up to a space, a parenthesis or a quotation mark.
func (l *lexer) piece() error {
	rest := l.query[l.pos:]
	piece := rest
	if end := strings.IndexFunc(rest, endsPiece); end >= 0 {
		piece = rest[:end]
	}
	if kind, ok := operators[piece]; ok && kind != nearItem {
		l.add(item{kind: kind, text: piece}, len(piece))
		return nil
	}
	if name, number, _ := strings.Cut(piece, "/"); operators[name] == nearItem {
		return l.near(piece, name, number)
	}
	if took, err := l.field(piece); took || err != nil {
		return err
	}
	l.word(piece)
	return nil
}

func endsPiece(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("()", r) || strings.ContainsRune(openers+closers, r)
}

func (l *lexer) near(piece, name, number string) error {
	words, err := strconv.Atoi(number)
	if err != nil || words < 0 || words > maxNear {
		return fail(l.column, errNearNumber, name, maxNear)
	}
	l.add(item{kind: nearItem, text: piece, words: words}, len(piece))
	return nil
}

// field reads "title:", also with the space that French puts before a colon. A
// name that is no field, and that nothing leans on or resembles, is a word.
func (l *lexer) field(piece string) (took bool, err error) {
	name, value, colon := strings.Cut(piece, ":")
	field, known := fieldNames[text.Fold(name)]
	if !colon {
		after := l.query[l.pos+len(piece):]
		gap := len(after) - len(strings.TrimLeftFunc(after, unicode.IsSpace))
		if !known || !strings.HasPrefix(after[gap:], ":") {
			return false, nil
		}
		l.add(item{kind: fieldItem, text: name, field: field}, len(piece)+gap+1)
		return true, nil
	}
	if known {
		l.add(item{kind: fieldItem, text: name, field: field}, len(name)+1)
		return true, nil
	}
	if name == "" || strings.HasPrefix(value, "//") || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) {
		return false, nil
	}
	after, _ := utf8.DecodeRuneInString(l.query[l.pos+len(name)+1:])
	leans := l.pos+len(name)+1 < len(l.query) && !unicode.IsSpace(after)
	best, changes := nearest(text.Fold(name))
	if !leans && changes > 2 {
		return false, nil
	}
	return false, fail(l.column, errUnknownField, name, best)
}

// word adds piece as a word, with the groups of a number that spaces part.
// Punctuation that stands alone means nothing.
func (l *lexer) word(piece string) {
	const longestNumber = 48
	rest := l.query[l.pos:min(len(l.query), l.pos+longestNumber)]
	if len(piece) < len(rest) && piece[0] >= '0' && piece[0] <= '9' {
		if first := text.Tokens(rest)[0]; first.Class == text.Number && first.End > len(piece) {
			piece = rest[:first.End]
		}
	}
	if len(text.Tokens(piece)) == 0 && !strings.Contains(piece, "*") {
		l.advance(len(piece))
		return
	}
	l.add(item{kind: wordItem, text: piece}, len(piece))
}
