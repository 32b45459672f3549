package sentiment

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/ouidire/ouidire/internal/text"
)

//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// role is what an entry does besides having a tone.
type role uint32

const (
	negates    role = 1 << iota // pas, jamais, not
	boosts                      // très, vraiment, so
	swears                      // sacres: strengthen what they stand by
	damps                       // un peu, kind of
	turns                       // mais, but: what follows wins
	event                       // panne, frais: thanks beside it are ironic
	thanks                      // merci, great job
	mocks                       // ah ben oui, oh sure: the praise is not meant
	repairs                     // réglé, rapide: the thanks are meant
	insults                     // voleurs, idiots
	suggests                    // devriez, should
	asks                        // comment, how
	us                          // vous, votre caisse
	third                       // proprio, gouvernement
	speaker                     // je, my: somebody speaks, nobody reports
	verb                        // a negation may follow it: j'aime pas
	ambivalent                  // malade, sick: its company decides
)

var roleNames = map[string]role{
	"neg": negates, "boost": boosts, "swear": swears, "damp": damps, "but": turns, "event": event,
	"thanks": thanks, "mock": mocks, "fixed": repairs, "insult": insults, "suggest": suggests, "ask": asks,
	"us": us, "third": third, "me": speaker,
}

// entry is a word or an expression: its words folded, the tone it has, what it does.
type entry struct {
	words  []pattern
	tone   float64
	isTone bool // a tone of zero is one: it covers the words it is made of
	roles  role
}

// pattern is one word of an entry: a whole word or, written with a star, a beginning.
type pattern struct {
	word  string
	start bool
}

func (p pattern) matches(word string) bool {
	return p.word == word || p.start && strings.HasPrefix(word, p.word)
}

// lexicon finds the entries that begin with a word. Immutable once parsed.
//
// Its file has one group a line: what the entries weigh (-3 to 3, "v" for verbs,
// "~" for words whose company decides) or do (neg, boost, thanks ...), a space,
// and the entries, parted by semicolons. Words are written as people write them
// and folded as texts are; a star stands for any ending.
type lexicon struct {
	whole  map[string][]*entry
	starts map[string][]*entry
	least  int // bytes of the shortest and longest beginning
	most   int
	count  int
}

func loadLexicon(lang string) (*lexicon, error) {
	return loadFrom(lexiconFiles, "lexicon/"+lang+".txt")
}

func loadFrom(files fs.FS, name string) (*lexicon, error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, fmt.Errorf("read lexicon: %w", err)
	}
	p := parser{known: map[string]*entry{}}
	number := 0
	for line := range strings.Lines(string(raw)) {
		number++
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		if err := p.line(line); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path.Base(name), number, err)
		}
	}
	return index(p.known), nil
}

// parser gathers the entries of one file.
type parser struct {
	known     map[string]*entry
	tokenizer text.Tokenizer
	tokens    []text.Token
}

// line adds one group. An entry may be in one group with a tone and in any number
// of groups that do something.
func (p *parser) line(line string) error {
	name, list, _ := strings.Cut(line, " ")
	group, err := parseKey(name)
	if err != nil {
		return err
	}
	for phrase := range strings.SplitSeq(list, ";") {
		words := p.phrase(phrase)
		if len(words) == 0 {
			return fmt.Errorf("%q has no word", phrase)
		}
		key := keyOf(words)
		e := p.known[key]
		if e == nil {
			e = &entry{words: words}
			p.known[key] = e
		}
		if group.isTone && e.isTone || !group.isTone && e.roles&group.roles == group.roles {
			return fmt.Errorf("%q is there twice", strings.TrimSpace(phrase))
		}
		if group.isTone {
			e.tone, e.isTone = group.tone, true
		}
		e.roles |= group.roles
	}
	return nil
}

func parseKey(key string) (entry, error) {
	if r, ok := roleNames[key]; ok {
		return entry{roles: r}, nil
	}
	var roles role
	bare := strings.TrimRight(key, "v~")
	for _, tag := range key[len(bare):] {
		roles |= map[rune]role{'v': verb, '~': ambivalent}[tag]
	}
	tone, err := strconv.ParseFloat(bare, 64)
	if err != nil || tone < -3 || tone > 3 {
		return entry{}, fmt.Errorf("%q is neither a tone from -3 to 3 nor something an entry does", key)
	}
	return entry{tone: tone, isTone: true, roles: roles}, nil
}

// phrase cuts an entry into words with the tokens of every text, so that the
// two cannot disagree.
func (p *parser) phrase(phrase string) []pattern {
	p.tokens = p.tokenizer.Append(p.tokens[:0], phrase)
	words := make([]pattern, 0, len(p.tokens))
	for _, t := range p.tokens {
		star := t.End < len(phrase) && phrase[t.End] == '*'
		words = append(words, pattern{word: t.Fold, start: star})
	}
	return words
}

func keyOf(words []pattern) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(w.word)
		if w.start {
			b.WriteByte('*')
		}
		b.WriteByte(' ')
	}
	return b.String()
}

func index(known map[string]*entry) *lexicon {
	l := &lexicon{whole: map[string][]*entry{}, starts: map[string][]*entry{}, least: 64, count: len(known)}
	for _, e := range known {
		first := e.words[0]
		if !first.start {
			l.whole[first.word] = append(l.whole[first.word], e)
			continue
		}
		l.starts[first.word] = append(l.starts[first.word], e)
		l.least, l.most = min(l.least, len(first.word)), max(l.most, len(first.word))
	}
	return l
}

// find is what the words from the first on are: the longest entry with a tone
// (nil if none, a whole word before a beginning), and in visit every entry that
// does something.
func (l *lexicon) find(words []string, visit func(*entry)) (best *entry) {
	try := func(list []*entry) {
		for _, e := range list {
			if !e.matches(words) {
				continue
			}
			if e.isTone && (best == nil || e.longer(best)) {
				best = e
			}
			if e.roles != 0 {
				visit(e)
			}
		}
	}
	first := words[0]
	try(l.whole[first])
	for n := l.least; n <= min(l.most, len(first)); n++ {
		try(l.starts[first[:n]])
	}
	return best
}

func (e *entry) matches(words []string) bool {
	if len(e.words) > len(words) {
		return false
	}
	for i, p := range e.words {
		if !p.matches(words[i]) {
			return false
		}
	}
	return true
}

// longer prefers more words, then whole words, then longer beginnings: an order
// without ties, whatever the order of the map it came from.
func (e *entry) longer(than *entry) bool {
	if len(e.words) != len(than.words) {
		return len(e.words) > len(than.words)
	}
	for i, p := range e.words {
		q := than.words[i]
		if p.start != q.start {
			return !p.start
		}
		if len(p.word) != len(q.word) {
			return len(p.word) > len(q.word)
		}
	}
	return false
}
