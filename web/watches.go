package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

type watchesPage struct {
	Watches        []Watch
	Editing        bool
	Saved, Removed string
}

// watches lists what is listened for.
func (s *Server) watches(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusOK, "watches", watchesPage{Watches: s.Status(r.Context()).Watches, Editing: s.edits(r),
		Saved: r.URL.Query().Get("saved"), Removed: r.URL.Query().Get("removed")})
}

// relations are what a watch may be to the organisation, nearest first.
var relations = []string{config.Self, config.Parent, config.Sister, config.Competitor, config.Theme}

// watchPage is the form of a watch, and what it would have brought.
type watchPage struct {
	Watch
	Guide     guide
	Operators string // the query, when the boxes are not what was filled in
	Seen      string
	Others    []Watch
	Relations []string
	Preview   *preview
	QueryBad  *query.Error
	Before    string // of the query, up to what is wrong
	After     string
	Wrong     []string
}

// watchForm shows the form of a watch, or an empty one.
func (s *Server) watchForm(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	page := watchPage{Watch: Watch{Relation: config.Self}}
	if name := r.URL.Query().Get("name"); name != "" {
		e, ok, err := s.Setup.Find("watches", name)
		if err != nil {
			s.unreadable(w, r, err)
			return
		}
		known, there := s.watchNamed(r, name)
		if !ok || !there {
			s.notFound(w, r)
			return
		}
		page.Watch, page.Seen = known, e.Seen
		if page.Guide = s.boxed(r, known.Query); page.Guide.Beyond {
			page.Operators = known.Query
		}
	}
	s.showWatch(w, r, http.StatusOK, page)
}

// boxed puts a query into boxes; Beyond is set for one that they cannot hold, or
// would make another of.
func (s *Server) boxed(r *http.Request, text string) guide {
	node, err := query.Parse(text)
	if err != nil {
		return guide{Beyond: true}
	}
	g := guideOf(node, filter{}, s.lang(r))
	again, err := query.Parse(g.write(s.lang(r)))
	if err != nil || !slices.Equal(conditions(again), conditions(node)) {
		return guide{Beyond: true}
	}
	return g
}

// conditions are what must all hold, whatever their order.
func conditions(n query.Node) []string {
	and, many := n.(query.And)
	if !many {
		return []string{n.String()}
	}
	var parts []string
	for _, part := range and.Nodes {
		parts = append(parts, part.String())
	}
	slices.Sort(parts)
	return parts
}

// watchNamed is a watch in force.
func (s *Server) watchNamed(r *http.Request, name string) (Watch, bool) {
	for _, w := range s.Status(r.Context()).Watches {
		if w.Name == name {
			return w, true
		}
	}
	return Watch{}, false
}

func (s *Server) showWatch(w http.ResponseWriter, r *http.Request, code int, page watchPage) {
	page.Relations = relations
	for _, other := range s.Status(r.Context()).Watches {
		if other.Name != page.Name {
			page.Others = append(page.Others, other)
		}
	}
	s.render(w, r, code, "watch", page)
}

// saveWatch shows what a watch would have brought, or keeps it.
func (s *Server) saveWatch(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	page := s.typedWatch(r)
	if _, err := query.Parse(page.Query); err != nil {
		page.misread(err, s.lang(r))
		s.showWatch(w, r, http.StatusUnprocessableEntity, page)
		return
	}
	if r.PostFormValue("do") == "save" {
		s.keepWatch(w, r, page)
		return
	}
	known, _ := s.watchNamed(r, page.Name)
	tried := page.Watch
	if tried.Name == "" {
		tried.Name = "\x00" // no name that another has
	}
	seen, err := s.previewOf(r.Context(), tried, known.Query, s.Status(r.Context()).Watches)
	if err != nil {
		s.broken(w, r, err)
		return
	}
	page.Preview = seen
	s.showWatch(w, r, http.StatusOK, page)
}

// typedWatch reads the form: the line of operators counts when it is filled in.
func (s *Server) typedWatch(r *http.Request) watchPage {
	f := r.PostForm
	page := watchPage{
		Watch: Watch{Name: f.Get("name"), Title: strings.TrimSpace(f.Get("title")), Relation: f.Get("relation"), Parent: f.Get("parent")},
		Guide: guide{Exact: f.Get("exact"), All: f.Get("all"), Any: f.Get("any"), None: f.Get("none")},
		Seen:  f.Get("seen"), Operators: strings.TrimSpace(f.Get("query")),
	}
	page.Query = page.Operators
	if page.Query == "" {
		page.Query = page.Guide.write(s.lang(r))
	}
	return page
}

// misread cuts the query where it is wrong, so that one sees the place.
func (p *watchPage) misread(err error, l say.Lang) {
	if !errors.As(err, &p.QueryBad) {
		p.Wrong = []string{say.Explain(err, l)}
		return
	}
	all := []rune(p.Query)
	at := min(max(p.QueryBad.Column-1, 0), len(all))
	p.Before, p.After = string(all[:at]), string(all[at:])
}

func (s *Server) keepWatch(w http.ResponseWriter, r *http.Request, page watchPage) {
	given := config.Answered{"title": {page.Title}, "query": {page.Query}, "relation": {page.Relation}, "parent": {page.Parent}}
	if page.Title == "" {
		page.Wrong = []string{say.Text{EN: "Give it a title: it is what people read in messages.", FR: "Donnez-lui un titre\u00a0: c’est ce que les gens lisent dans les messages."}.In(s.lang(r))}
		s.showWatch(w, r, http.StatusUnprocessableEntity, page)
		return
	}
	e := config.Edit{Section: "watches", Name: page.Name, Seen: page.Seen, Given: given}
	err := s.Setup.Change(r.Context(), e)
	if err == nil {
		e.Name = page.Title
		s.leave(w, r, e)
		return
	}
	page.Wrong = refill(nil, nil, err, s.lang(r))
	if conflict := (*config.Conflict)(nil); errors.As(err, &conflict) {
		if now, ok, bad := s.Setup.Find("watches", page.Name); bad == nil && ok {
			page.Seen = now.Seen
		}
	}
	s.showWatch(w, r, http.StatusUnprocessableEntity, page)
}
