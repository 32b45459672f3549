// Package watch knows what an organisation listens for. A Set is all its watches;
// Set.Match says which of them claim a mention, and by which words.
//
// Each watch is looked up by one set of words of which its query needs one, so
// that a post costs what its own words cost, however many watches there are; then
// the query itself is asked (watch/query says what it means).
//
// BenchmarkMatch, one core of an AMD EPYC (go test -bench Match, GOMAXPROCS=1), French
// posts of 600 bytes, in posts per second of processor time:
//
//	watches                             50     1,000     5,000
//	from tokens                    230,000   280,000   210,000
//	from text, words remembered     65,000    79,000    63,000
//	from text, no word known                   7,000
//	from tokens, 3 common words each          70,000
//	from tokens, wildcards only    380,000             350,000
//	from tokens, fields only       720,000             290,000
//	a regular expression each                     60
//
// A post that nobody claims allocates nothing once it is cut into tokens.
package watch

import (
	"slices"
	"sync"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

// Watch is one thing that is listened for: an organisation or a theme.
type Watch struct {
	Name         string   // names it in hits, unique
	Query        string   // see watch/query; empty when OwnSources say it all
	Organisation string   // whom it is about, as people read it
	Relation     Relation // to the organisation that listens; empty is Self
	Parent       string   // the watch of the organisation above, empty at the top

	// OwnSources are the sources that read a place of the organisation (own: true).
	// Comments and reviews there belong to this watch without naming it.
	OwnSources []string
}

// Relation is what a watch's organisation is to the one that listens.
type Relation string

// The relations.
const (
	Self       Relation = "self"
	Parent     Relation = "parent"
	Sister     Relation = "sister"
	Competitor Relation = "competitor"
	Theme      Relation = "theme"
)

// Options is what a Set cannot see in a mention. Both functions are called from
// Match, so they answer at once and are safe for concurrent use. Either may be nil.
type Options struct {
	// OwnPost says which source read the post with this id, if the organisation
	// itself wrote it. It finds comments on our posts in threads met elsewhere.
	OwnPost func(id string) (source string, ok bool)
	// Language is asked for a mention whose language is not known yet, when all
	// else that a query with lang: needs is there.
	Language func(text string) string
}

// Set is watches ready to match. It is safe for concurrent use and never changes.
type Set struct {
	options Options
	watches []Watch
	nodes   []query.Node // nil for a watch without a query
	byName  map[string]int32
	own     map[string][]int32 // the watches of an own source
	index   *index
	asks    []bool // by watch: its query asks for the language

	mu   sync.Mutex
	idle []*worker
}

// worker is the room that one call of Match works in.
type worker struct {
	tokenizer text.Tokenizer
	doc       query.Document
	found     candidates
}

// New makes a set. Its error names every watch that cannot be used and what to
// write instead (say.Explain gives the reader's language).
func New(watches []Watch, o Options) (*Set, error) {
	s := &Set{
		options: o,
		watches: slices.Clone(watches),
		nodes:   make([]query.Node, len(watches)),
		asks:    make([]bool, len(watches)),
		byName:  make(map[string]int32),
		own:     make(map[string][]int32),
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	for i, w := range s.watches {
		for _, source := range w.OwnSources {
			s.own[source] = append(s.own[source], int32(i))
		}
		s.asks[i] = asksLanguage(s.nodes[i])
	}
	s.index = newIndex(s.nodes)
	return s, nil
}

// Match gives the watches that claim the current version of m, in the order of
// New. Each hit has the words that matched, as written, or the conditions when
// the query has no words; a hit without any is for the place: a comment or review
// on one of ours. What the organisation itself wrote is never a mention of it.
func (s *Set) Match(m *mention.Mention) []mention.Hit {
	if m.Own {
		return nil
	}
	w := s.worker()
	defer s.release(w)
	w.doc.Read(&w.tokenizer, Fields(m))
	return s.match(m, &w.doc, &w.found)
}

// MatchDocument is Match for a caller that has read Fields(m) already.
func (s *Set) MatchDocument(m *mention.Mention, d *query.Document) []mention.Hit {
	if m.Own {
		return nil
	}
	w := s.worker()
	defer s.release(w)
	return s.match(m, d, &w.found)
}

// Fields is what queries look at in m.
func Fields(m *mention.Mention) query.Fields {
	v := m.Current()
	return query.Fields{Title: v.Title, Text: v.Text, Author: m.Author.Name,
		URL: m.URL, Source: m.Source, Lang: m.Lang, Kind: string(m.Kind)}
}

func (s *Set) match(m *mention.Mention, d *query.Document, found *candidates) []mention.Hit {
	d = s.candidates(d, found)
	places := s.places(m)
	for _, i := range places {
		if !slices.Contains(found.watches, i) {
			found.watches = append(found.watches, i)
		}
	}
	slices.Sort(found.watches)
	var hits []mention.Hit
	for _, i := range found.watches {
		words, ok := s.words(d, s.nodes[i])
		if ok || slices.Contains(places, i) {
			hits = append(hits, mention.Hit{Watch: s.watches[i].Name, Words: words})
		}
	}
	return hits
}

// candidates leaves in found the watches that could claim d, and gives d as their
// queries shall see it: with its language, if one of them asks.
func (s *Set) candidates(d *query.Document, found *candidates) *query.Document {
	unknown := d.Lang == "" && s.options.Language != nil
	s.index.candidates(d, found, unknown)
	if !unknown || !slices.ContainsFunc(found.watches, func(w int32) bool { return s.asks[w] }) {
		return d
	}
	known := *d // the caller's stays as it is
	known.Lang = s.options.Language(d.Title + "\n" + d.Text)
	return &known
}

// MaxWords is how many words a hit has at most.
const MaxWords = 32

func (s *Set) words(d *query.Document, n query.Node) (words []string, ok bool) {
	if n == nil || !query.Holds(d, n) {
		return nil, false
	}
	spans, _ := query.Match(d, n)
	words = d.Words(spans)
	if len(words) == 0 {
		for _, a := range query.Attrs(d, n) {
			words = append(words, a.String())
		}
	}
	return words[:min(len(words), MaxWords)], true
}

// places is the watches on whose place m is: it was read at an own source, or
// answers a post that an own source read.
func (s *Set) places(m *mention.Mention) []int32 {
	if len(s.own) == 0 || m.Kind != mention.Comment && m.Kind != mention.Review {
		return nil
	}
	if watches, ok := s.own[m.Source]; ok || s.options.OwnPost == nil {
		return watches
	}
	for _, id := range [...]string{m.Parent, m.Thread} {
		if id == "" {
			continue
		}
		if source, ok := s.options.OwnPost(id); ok {
			return s.own[source]
		}
	}
	return nil
}

// worker takes an idle worker, whose words stay remembered, or a new one.
func (s *Set) worker() *worker {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.idle); n > 0 {
		w := s.idle[n-1]
		s.idle = s.idle[:n-1]
		return w
	}
	return new(worker)
}

func (s *Set) release(w *worker) {
	const roomKept = 1 << 16 // tokens
	if cap(w.doc.TextTokens) > roomKept || cap(w.doc.TitleTokens) > roomKept || cap(w.doc.AuthorTokens) > roomKept {
		w.doc = query.Document{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, w)
}

// asksLanguage says whether n has lang: somewhere.
func asksLanguage(n query.Node) bool {
	switch n := n.(type) {
	case query.And:
		return slices.ContainsFunc(n.Nodes, asksLanguage)
	case query.Or:
		return slices.ContainsFunc(n.Nodes, asksLanguage)
	case query.Not:
		return asksLanguage(n.Node)
	case query.Attr:
		return n.Field == query.Lang
	}
	return false
}
