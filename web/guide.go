package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

// guide is a search in four boxes, for people who do not learn operators.
type guide struct {
	All, Any, None, Exact string
	Beyond                bool   // the search says more than the boxes can
	Rest                  filter // what else the filter says: the boxes keep it
}

// Open says whether the boxes say what one field does not say as simply.
func (g guide) Open() bool { return g.Any != "" || g.None != "" || g.Exact != "" }

// guided writes the search that the boxes say, and shows it.
func (s *Server) guided(w http.ResponseWriter, r *http.Request) {
	v := r.URL.Query()
	f := readFilter(v)
	f.Query = guide{All: v.Get("all"), Any: v.Get("any"), None: v.Get("none"), Exact: v.Get("exact")}.write(s.lang(r))
	http.Redirect(w, r, f.Address("/mentions"), http.StatusSeeOther)
}

// write is the boxes as one search, with the operators of l.
func (g guide) write(l say.Lang) string {
	or, not := " OR ", "-"
	if l.French() {
		or = " OU "
	}
	all := pieces(g.All)
	if exact := strings.Join(strings.Fields(unquoted(g.Exact)), " "); exact != "" {
		all = append(all, `"`+exact+`"`)
	}
	switch some := pieces(g.Any); {
	case len(some) == 1:
		all = append(all, some[0])
	case len(some) > 1 && len(all) == 0 && len(pieces(g.None)) == 0:
		all = append(all, strings.Join(some, or))
	case len(some) > 1:
		all = append(all, "("+strings.Join(some, or)+")")
	}
	for _, word := range pieces(g.None) {
		all = append(all, not+word)
	}
	return strings.Join(all, " ")
}

// pieces cuts a box into words and quoted phrases. A word that the language of
// searches would take for something else is quoted, so that it is only a word.
func pieces(box string) (all []string) {
	for i, part := range strings.Split(straight.Replace(box), `"`) {
		if i%2 == 1 {
			if phrase := strings.Join(strings.Fields(part), " "); phrase != "" {
				all = append(all, `"`+phrase+`"`)
			}
			continue
		}
		for _, word := range strings.Fields(part) {
			all = append(all, plainWord(word))
		}
	}
	return all
}

// straight writes every quotation mark as the plain one.
var straight = strings.NewReplacer("«", `"`, "»", `"`, "“", `"`, "”", `"`)

func unquoted(s string) string { return strings.ReplaceAll(straight.Replace(s), `"`, " ") }

// plainWord is a word as it stands when a search reads it as a word or a beginning,
// quoted when it does not.
func plainWord(word string) string {
	if node, err := query.Parse(word); err == nil && plain(node) {
		return word
	}
	return `"` + word + `"`
}

// plain says whether a node is a word or a phrase looked for anywhere, in whatever form.
func plain(n query.Node) bool {
	p, ok := n.(query.Phrase)
	return ok && p.In == query.Anywhere
}

// guideOf reads a search back into the boxes. node is nil for one that could not be
// read, or for none.
func guideOf(node query.Node, f filter, l say.Lang) guide {
	g := guide{Rest: f}
	if node == nil {
		return g
	}
	parts := []query.Node{node}
	if and, ok := node.(query.And); ok {
		parts = and.Nodes
	}
	for _, part := range parts {
		if !g.take(part, l) {
			return guide{Rest: f, Beyond: true}
		}
	}
	return g
}

// take puts one part of a search into its box; false when there is none for it.
func (g *guide) take(part query.Node, l say.Lang) bool {
	switch n := part.(type) {
	case query.Phrase:
		switch {
		case !plain(n):
			return false
		case len(n.Terms) > 1 && g.Exact == "" && bare(n):
			g.Exact = strings.Trim(query.Format(n, l), `"«»`+"\u00a0 ")
		default:
			add(&g.All, n, l)
		}
		return true
	case query.Or:
		if g.Any != "" || slices.ContainsFunc(n.Nodes, func(one query.Node) bool { return !plain(one) }) {
			return false
		}
		for _, one := range n.Nodes {
			add(&g.Any, one, l)
		}
		return true
	case query.Not:
		if !plain(n.Node) {
			return false
		}
		add(&g.None, n.Node, l)
		return true
	}
	return false
}

// bare says whether a phrase is quoted words and nothing else.
func bare(p query.Phrase) bool {
	return !slices.ContainsFunc(p.Terms, func(t query.Term) bool { return t.Kind != query.Stemmed })
}

func add(box *string, n query.Node, l say.Lang) {
	*box = strings.TrimSpace(*box + " " + query.Format(n, l))
}
