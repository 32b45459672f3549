package local

import (
	"strings"
	"sync"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

// A mention is found by terms: sets of ASCII words without positions, each word
// beginning with a letter that says what it is. They answer exactly which texts
// hold a word; whether words stand side by side is asked of the text itself.
//
// Most words are equal to their stems. One term stands for all the forms that
// share a value, and its letter, b to p, says which: that halves the index. The
// short beginnings of words, which very many words share, have terms of their own,
// and so do pairs of frequent words, see frequent.go: these begin with a digit.

// tokensVersion is kept with each mention: it changes when its terms would.
const tokensVersion = text.Version<<8 | layout

// layout goes up when this file makes other terms of the same tokens.
const layout = 2

// The first letters of terms that are not forms of a word.
const (
	beginTerm  = text.Form('a') // the first two or three characters of a folded word
	labelTerm  = text.Form('q') // a whole #tag or @handle
	authorTerm = text.Form('r') // a folded word of the author's name
	sourceTerm = text.Form('s')
	titleTerm  = byte('t') // stands before a term of the title
	placeTerm  = text.Form('u')
	kindTerm   = text.Form('v')
	watchTerm  = text.Form('w')
	langTerm   = text.Form('x')
	threadTerm = text.Form('y')
	siteTerm   = text.Form('z') // the host of the address, and what it is part of
)

// forms is a set of forms of a word.
type forms byte

const (
	folded forms = 1 << iota
	french
	english
	exact
	allForms = folded | french | english | exact
	stems    = folded | french | english // by which a plain word of a query matches
)

// letter begins the terms of words whose forms in f, and no others, have the value.
func (f forms) letter() text.Form { return text.Form('a' + byte(f)) }

var formsInOrder = [...]text.Form{text.FoldForm, text.FrenchForm, text.EnglishForm, text.ExactForm}

// valued is a value and the forms that have it.
type valued struct {
	value string
	forms forms
}

// group joins the forms of a word that share a value, among those wanted.
func group(t *text.Token, wanted forms) (groups []valued) {
next:
	for i, form := range formsInOrder {
		f := forms(1) << i
		if wanted&f == 0 {
			continue
		}
		value := t.Value(form)
		for j := range groups {
			if groups[j].value == value {
				groups[j].forms |= f
				continue next
			}
		}
		groups = append(groups, valued{value, f})
	}
	return groups
}

// The beginnings that have terms, in characters.
const (
	beginLeast = 2
	beginMost  = 3
)

// beginnings are the beginnings of a folded word that have terms.
func beginnings(fold string) (begins []string) {
	n := 0
	for i := range fold {
		if n >= beginLeast {
			begins = append(begins, fold[:i])
		}
		if n++; n > beginMost {
			return begins
		}
	}
	if n >= beginLeast {
		begins = append(begins, fold)
	}
	return begins
}

// indexer makes terms. It is for one goroutine at a time.
type indexer struct {
	frequent  *frequent // whose pairs it writes
	tokenizer text.Tokenizer
	tokens    []text.Token
	words     map[*text.Word]*indexed // words met before
	known     map[string]*term        // terms met before
	turn      uint64                  // goes up with each mention, and with each text of it
	mention   uint64                  // the turn at which the mention at hand began
	terms     []byte
	pairing   []byte // the term of a pair, while it is made
}

// term is a term, and the turn that last wrote it.
type term struct {
	text string
	turn uint64
}

// indexed is the terms of a word, those it has in a title, those of its beginnings
// wherever it stands, what it brings to pairs, and the turn that last met it.
type indexed struct {
	terms, inTitle, begins []*term
	sides                  []side
	turn                   uint64
}

// Bounds to what an indexer remembers.
const (
	wordsMost = 1 << 15
	termsMost = 1 << 17
)

func newIndexer() *indexer {
	return &indexer{frequent: new(frequent), words: map[*text.Word]*indexed{}, known: map[string]*term{}}
}

// pool keeps what remembers words from one use to the next: a few, for good. What
// sync.Pool keeps is gone after two collections, and with it all words.
type pool[T any] struct {
	make func() *T
	mu   sync.Mutex
	kept []*T
}

// pooled is how many a pool keeps: as many as are at work most of the time.
const pooled = 4

func (p *pool[T]) get() *T {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.kept) - 1
	if last < 0 {
		return p.make()
	}
	x := p.kept[last]
	p.kept = p.kept[:last]
	return x
}

func (p *pool[T]) put(x *T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.kept) < pooled {
		p.kept = append(p.kept, x)
	}
}

// index is the terms of the current version of m, each once, parted by spaces, with
// the pairs of f.
func (x *indexer) index(m *mention.Mention, f *frequent) string {
	x.forget(f)
	x.terms = x.terms[:0]
	x.turn++
	x.mention = x.turn
	v := m.Current()
	x.text(v.Title, true)
	x.text(v.Text, false)
	x.author(m.Author.Name)
	x.site(query.Host(m.URL))
	x.add(false, sourceTerm, m.Source)
	x.add(false, placeTerm, m.Place)
	x.add(false, kindTerm, string(m.Kind))
	x.add(false, langTerm, m.Lang)
	x.add(false, threadTerm, m.Thread)
	for _, h := range v.Hits {
		x.add(false, watchTerm, h.Watch)
	}
	return string(x.terms)
}

// forget starts over when too much is remembered, or other words are frequent: never
// while a mention is at hand.
func (x *indexer) forget(f *frequent) {
	if len(x.words) > wordsMost || len(x.known) > termsMost || f != x.frequent {
		clear(x.words)
		clear(x.known)
	}
	x.frequent = f
}

func (x *indexer) text(s string, title bool) {
	x.turn++
	x.tokens = x.tokenizer.Append(x.tokens[:0], s)
	before := new(indexed)
	for i := range x.tokens {
		t := &x.tokens[i]
		if t.Label != "" {
			x.add(title, labelTerm, t.Label)
		}
		w := x.word(t)
		x.pair(before, w)
		before = w
		if w.turn == x.turn {
			continue
		}
		w.turn = x.turn
		for _, t := range w.terms {
			x.once(t)
		}
		for _, t := range w.begins {
			x.once(t)
		}
		if title {
			x.entitle(w)
		}
	}
}

// entitle writes the terms of a word of the title.
func (x *indexer) entitle(w *indexed) {
	if w.inTitle == nil {
		for _, t := range w.terms {
			w.inTitle = append(w.inTitle, x.term(string(titleTerm)+t.text))
		}
	}
	for _, t := range w.inTitle {
		x.once(t)
	}
}

// word is the terms of one word.
func (x *indexer) word(t *text.Token) *indexed {
	if w, ok := x.words[t.Word]; ok {
		return w
	}
	w := new(indexed)
	for _, v := range group(t, allForms) {
		w.terms = append(w.terms, x.term(text.Encode(v.forms.letter(), v.value)))
	}
	for _, begin := range beginnings(t.Fold) {
		w.begins = append(w.begins, x.term(text.Encode(beginTerm, begin)))
	}
	w.sides = x.frequent.sides(t)
	x.words[t.Word] = w
	return w
}

// pair writes the terms of two words that stand side by side.
func (x *indexer) pair(left, right *indexed) {
	for _, l := range left.sides {
		for _, r := range right.sides {
			x.pairing = appendPair(x.pairing[:0], l, r)
			t, ok := x.known[string(x.pairing)]
			if !ok {
				t = x.term(string(x.pairing))
			}
			x.once(t)
		}
	}
}

// term is the one that has this text: words that share it must not write it twice.
func (x *indexer) term(text string) *term {
	t, ok := x.known[text]
	if !ok {
		t = &term{text: text}
		x.known[text] = t
	}
	return t
}

func (x *indexer) author(name string) {
	x.tokens = x.tokenizer.Append(x.tokens[:0], name)
	for i := range x.tokens {
		x.add(false, authorTerm, x.tokens[i].Fold)
	}
}

// site adds news.valtisse.example, valtisse.example and example.
func (x *indexer) site(host string) {
	for ok := host != ""; ok; _, host, ok = strings.Cut(host, ".") {
		x.add(false, siteTerm, host)
	}
}

func (x *indexer) add(title bool, form text.Form, value string) {
	encoded := text.Encode(form, value)
	x.once(x.term(encoded))
	if title {
		x.once(x.term(string(titleTerm) + encoded))
	}
}

// once writes a term that the mention at hand does not have yet.
func (x *indexer) once(t *term) {
	if t.turn >= x.mention {
		return
	}
	t.turn = x.turn
	x.terms = append(append(x.terms, t.text...), ' ')
}
