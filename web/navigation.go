package web

import "slices"

// place is one entry of the navigation: a word, its address, and the pages that
// belong to it.
type place struct {
	Word, Path string
	Pages      []string
}

// navigation is the rooms of the house, in the order in which they are shown.
var navigation = []place{
	{"nav.home", "/", []string{"home"}},
	{"nav.mentions", "/mentions", []string{"mentions", "mention", "story", "tone"}},
	{"nav.situations", "/situations", []string{"situations", "situation", "advisories", "advisory", "advise"}},
	{"nav.sources", "/sources", []string{"sources", "add"}},
	{"nav.watches", "/watches", []string{"watches", "watch"}},
	{"nav.settings", "/settings", []string{"settings", "unset", "messages", "members", "tokens", "keeping"}},
}

// Holds says whether a page belongs to p.
func (p place) Holds(page string) bool { return slices.Contains(p.Pages, page) }
