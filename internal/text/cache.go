package text

import "strings"

const (
	cachedWords   = 1 << 14 // in each of two generations
	longestCached = 64      // bytes: what is longer hardly comes back
)

// cache remembers the forms of words by how they were written. It keeps two
// generations: when the young one is full it becomes the old one, and what the
// old one knew and nobody asked for is forgotten.
type cache struct{ young, old map[string]*Word }

func (c *cache) get(s string, m *stemmer) *Word {
	if w, ok := c.young[s]; ok {
		return w
	}
	if len(s) > longestCached {
		return m.forms(s)
	}
	w, ok := c.old[s]
	s = strings.Clone(s) // lets go of the text that the word was cut from
	if !ok {
		w = m.forms(s)
	}
	c.put(s, w)
	return w
}

func (c *cache) put(s string, w *Word) {
	if len(c.young) >= cachedWords {
		c.old, c.young = c.young, nil
	}
	if c.young == nil {
		c.young = make(map[string]*Word)
	}
	c.young[s] = w
}
