package watch

import (
	"slices"
	"strings"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/watch/query"
)

// space is what a key is compared with.
type space uint8

const (
	stems space = iota // French and English stems together: a few watches too many are asked, none too few
	prefixes
	authors
	authorPrefixes
	sources
	sites
	langs
	kinds
	spaces // how many there are
)

type key struct {
	space space
	value string
}

// index finds the watches that could claim a document. For each watch it knows
// needs: groups of keys, of each of which a document must have one for the query
// to hold. The watch is found by the group that the fewest documents have, and is
// a candidate when they have the others too.
type index struct {
	entries  [spaces]map[string]*entry
	prefixes [spaces]heads // of prefixes and authorPrefixes
	needs    [][][]int32   // by watch: groups of entry ids
	keys     int           // how many entries there are
}

// entry is one key.
type entry struct {
	id      int32
	watches []int32 // that are found by it
}

func newIndex(nodes []query.Node) *index {
	x := index{needs: make([][][]int32, len(nodes))}
	for sp := range x.entries {
		x.entries[sp] = make(map[string]*entry)
		x.prefixes[sp] = make(heads)
	}
	used := usage(nodes)
	for i, n := range nodes {
		if n != nil {
			x.put(int32(i), used.groups(n))
		}
	}
	return &x
}

func (x *index) put(watch int32, groups []group) {
	found := rarest(groups)
	for i, g := range groups {
		var ids []int32
		for _, k := range g.keys {
			e := x.entry(k)
			ids = append(ids, e.id)
			if n := len(e.watches); i == found && (n == 0 || e.watches[n-1] != watch) {
				e.watches = append(e.watches, watch)
			}
		}
		x.needs[watch] = append(x.needs[watch], ids)
	}
}

func (x *index) entry(k key) *entry {
	e, ok := x.entries[k.space][k.value]
	if !ok {
		e = &entry{id: int32(x.keys)}
		x.entries[k.space][k.value] = e
		x.keys++
		if k.space == prefixes || k.space == authorPrefixes {
			x.prefixes[k.space].add(k.value)
		}
	}
	return e
}

// candidates leaves in found the watches of which every need was met. With
// anyLang it could be in any language.
func (x *index) candidates(d *query.Document, found *candidates, anyLang bool) {
	found.reset(len(x.needs), x.keys)
	x.lookup(d, found)
	if anyLang {
		for _, e := range x.entries[langs] {
			found.add(e)
		}
	}
	found.watches = slices.DeleteFunc(found.watches, func(w int32) bool {
		return slices.ContainsFunc(x.needs[w], func(group []int32) bool { return !found.any(group) })
	})
}

// lookup finds every key of d. It allocates only where found grows.
func (x *index) lookup(d *query.Document, found *candidates) {
	for _, tokens := range [...][]text.Token{d.TitleTokens, d.TextTokens} {
		for i := range tokens {
			w := tokens[i].Word
			found.add(x.entries[stems][w.English])
			if w.French != w.English {
				found.add(x.entries[stems][w.French])
			}
			x.beginnings(prefixes, w.Fold, found)
		}
	}
	if len(x.entries[authors])+len(x.entries[authorPrefixes]) > 0 {
		for i := range d.AuthorTokens {
			fold := d.AuthorTokens[i].Fold
			found.add(x.entries[authors][fold])
			x.beginnings(authorPrefixes, fold, found)
		}
	}
	found.add(x.entries[sources][d.Source])
	found.add(x.entries[langs][d.Lang])
	found.add(x.entries[kinds][d.Kind])
	x.onSites(d.Host, found)
}

// onSites looks a host and the domains above it up.
func (x *index) onSites(host string, found *candidates) {
	for host != "" && len(x.entries[sites]) > 0 {
		found.add(x.entries[sites][host])
		_, host, _ = strings.Cut(host, ".")
	}
}

// beginnings looks the indexed prefixes of word up.
func (x *index) beginnings(sp space, word string, found *candidates) {
	if len(x.prefixes[sp]) == 0 || len(word) < headLength {
		return
	}
	for _, n := range x.prefixes[sp][head(word)] {
		if n <= len(word) {
			found.add(x.entries[sp][word[:n]])
		}
	}
}

// heads is the lengths of the prefixes that begin with two bytes; the parser
// takes no shorter prefix.
type heads map[[headLength]byte][]int

const headLength = 2

func head(s string) [headLength]byte { return [headLength]byte{s[0], s[1]} }

func (h heads) add(prefix string) {
	for _, n := range h[head(prefix)] {
		if n == len(prefix) {
			return
		}
	}
	h[head(prefix)] = append(h[head(prefix)], len(prefix))
}

// candidates is what was found for one document: the watches, each once, and the
// keys. A mark of an earlier round counts for nothing.
type candidates struct {
	watches   []int32
	watchSeen []uint32
	keySeen   []uint32
	round     uint32
}

func (c *candidates) reset(watches, keys int) {
	c.watches = c.watches[:0]
	c.round++
	if len(c.watchSeen) != watches || c.round == 0 {
		c.watchSeen, c.keySeen, c.round = make([]uint32, watches), make([]uint32, keys), 1
	}
}

// add is for a key that the document has; nil when no query has it.
func (c *candidates) add(e *entry) {
	if e == nil || c.keySeen[e.id] == c.round {
		return
	}
	c.keySeen[e.id] = c.round
	for _, w := range e.watches {
		if c.watchSeen[w] != c.round {
			c.watchSeen[w] = c.round
			c.watches = append(c.watches, w)
		}
	}
}

func (c *candidates) any(keys []int32) bool {
	for _, k := range keys {
		if c.keySeen[k] == c.round {
			return true
		}
	}
	return false
}
