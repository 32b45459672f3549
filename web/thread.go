package web

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// said is one text of a conversation.
type said struct {
	row
	Depth int  // 0 for the root
	Here  bool // it is the one whose page this is
}

const (
	// threadMost is how many texts of a conversation are shown.
	threadMost = 60
	// depthMost is how far answers to answers move to the side.
	depthMost = 4
)

// conversation is what was said around m, as answers below what they answer, oldest
// first; nil when m stands alone. Of a long one the newest are given, and more says
// that there is more of it. (Asked in the order of sight, a store has to walk all it
// keeps to find a thread.)
func (s *Server) conversation(ctx context.Context, m mention.Mention) (talk []said, more bool, err error) {
	root := cmp.Or(m.Thread, m.Parent, m.ID)
	all := map[string]mention.Mention{m.ID: m}
	for _, own := range []bool{false, true} {
		q := store.Question{Threads: []string{root}, Own: own, Gone: true}
		found, next, err := s.Mentions.Search(ctx, q, threadMost, "")
		if err != nil {
			return nil, false, err
		}
		for _, one := range found {
			all[one.ID] = one
		}
		more = more || next != ""
	}
	for _, id := range []string{root, m.Parent} {
		if _, known := all[id]; known || id == "" {
			continue
		}
		switch above, err := s.Mentions.Get(ctx, id); {
		case err == nil:
			all[id] = above
		case !errors.Is(err, store.ErrNotFound):
			return nil, false, err
		}
	}
	if len(all) == 1 {
		return nil, false, nil
	}
	return arrange(all, m.ID), more, nil
}

// arrange puts each text below the one it answers. What answers something that is
// not kept stands at the side of the root; a ring of answers, which only a broken
// place can make, is broken where it is met.
func arrange(all map[string]mention.Mention, here string) (talk []said) {
	answers := map[string][]mention.Mention{}
	for _, m := range all {
		above := m.Parent
		if _, known := all[above]; !known || above == m.ID {
			above = ""
		}
		answers[above] = append(answers[above], m)
	}
	for _, some := range answers {
		slices.SortFunc(some, func(a, b mention.Mention) int {
			return cmp.Or(a.PublishedAt.Compare(b.PublishedAt), cmp.Compare(a.ID, b.ID))
		})
	}
	placed := map[string]bool{}
	var place func(above string, depth int)
	place = func(above string, depth int) {
		for _, m := range answers[above] {
			if placed[m.ID] {
				continue
			}
			placed[m.ID] = true
			talk = append(talk, said{row: newRow(m), Depth: min(depth, depthMost), Here: m.ID == here})
			place(m.ID, depth+1)
		}
	}
	place("", 0)
	if !placed[here] {
		talk = append(talk, said{row: newRow(all[here]), Here: true})
	}
	return talk
}
