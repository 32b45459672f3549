package watch

import (
	"slices"

	"github.com/ouidire/ouidire/watch/query"
)

// Watches is the watches of s, in the order of New.
func (s *Set) Watches() []Watch { return slices.Clone(s.watches) }

// Watch is the watch with that name.
func (s *Set) Watch(name string) (w Watch, ok bool) {
	i, ok := s.byName[name]
	if !ok {
		return Watch{}, false
	}
	return s.watches[i], true
}

// Query is what the watch with that name asks, for a caller that shows where it
// matched (query.Match). ok is false for a watch without a query.
func (s *Set) Query(name string) (n query.Node, ok bool) {
	i, ok := s.byName[name]
	if !ok || s.nodes[i] == nil {
		return nil, false
	}
	return s.nodes[i], true
}

// Above is the watches of the organisations above, nearest first: that of the
// caisse's federation, then that of the movement. It ends where it would repeat.
func (s *Set) Above(name string) []string {
	var above []string
	for {
		w, ok := s.Watch(name)
		if !ok || w.Parent == "" {
			return above
		}
		if _, known := s.byName[w.Parent]; !known || slices.Contains(above, w.Parent) {
			return above
		}
		above = append(above, w.Parent)
		name = w.Parent
	}
}

// Below is the watches whose parent, or parent's parent, is name, in the order of New.
func (s *Set) Below(name string) []string {
	var below []string
	for _, w := range s.watches {
		if slices.Contains(s.Above(w.Name), name) {
			below = append(below, w.Name)
		}
	}
	return below
}
