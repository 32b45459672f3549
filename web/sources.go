package web

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
)

type sourcesPage struct {
	Sources []readSource
	Unread  int // sources whose silence says nothing now
	Poorly  int // sources that are read with difficulty
	Editing bool
	Saved   string // what was just changed here
	Removed string
	Visited string // what was just asked for
	Wrong   error  // why it is not read now
}

// readSource is a source and whether it is read now.
type readSource struct {
	Source
	Unread bool
	Since  time.Time // it was not read; zero for never
}

// readOf is a source, and whether it is among those that cannot be read.
func readOf(source Source, blind []alerting.Blindness) readSource {
	read := readSource{Source: source}
	for _, b := range blind {
		if b.Source == source.Name && !source.Paused {
			read.Unread, read.Since = true, b.Since
		}
	}
	return read
}

// State is how well it is read, in the word that programs read.
func (r readSource) State() string {
	switch {
	case r.Paused:
		return "paused"
	case r.Unread:
		return "unread"
	case r.Visit.Health != crawler.Well:
		return "poorly"
	}
	return "well"
}

// sources shows what is read, how well, and when next.
func (s *Server) sources(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.showSources(w, r, http.StatusOK, sourcesPage{Saved: q.Get("saved"), Removed: q.Get("removed"), Visited: q.Get("visited")})
}

// readNow has a source read, unless its place wants to be left alone, or another
// machine reads it: then the page says so.
func (s *Server) readNow(w http.ResponseWriter, r *http.Request) {
	if !s.parsed(w, r) {
		return
	}
	name := r.PostForm.Get("name")
	if err := s.Visit(name); err != nil {
		s.showSources(w, r, http.StatusConflict, sourcesPage{Wrong: err})
		return
	}
	http.Redirect(w, r, "/sources?visited="+escape(name), http.StatusSeeOther)
}

func (s *Server) showSources(w http.ResponseWriter, r *http.Request, code int, page sourcesPage) {
	blind, err := s.Blind(r.Context(), "", s.Now())
	if err != nil {
		s.broken(w, r, err)
		return
	}
	page.Editing = s.edits(r)
	for _, source := range s.Status(r.Context()).Sources {
		read := readOf(source, blind)
		switch read.State() {
		case "unread":
			page.Unread++
		case "poorly":
			page.Poorly++
		}
		page.Sources = append(page.Sources, read)
	}
	s.render(w, r, code, "sources", page)
}

// addPage is where a source is added: an address, then what stands there.
type addPage struct {
	Address string
	Kinds   []string
	Found   *crawler.Looked
	Name    string // proposed
	Title   string // as the place calls itself
	Wrong   []string
}

// addForm asks for an address.
func (s *Server) addForm(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusOK, "add", addPage{Kinds: s.Setup.Kinds("sources")})
}

// lookThere shows what stands at an address; nothing is kept of it.
func (s *Server) lookThere(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	if !s.parsed(w, r) {
		return
	}
	page, code := s.looked(r), http.StatusOK
	page.Kinds = s.Setup.Kinds("sources")
	if page.Wrong != nil {
		code = http.StatusUnprocessableEntity
	}
	s.render(w, r, code, "add", page)
}

// looked asks what stands at the address that a form brought, or at the one that
// was chosen among those found there, in its turn.
func (s *Server) looked(r *http.Request) addPage {
	address := cmp.Or(r.PostFormValue("choose"), r.PostFormValue("address"))
	page := addPage{Address: address}
	select {
	case s.looks <- struct{}{}:
		defer func() { <-s.looks }()
	case <-r.Context().Done():
		page.Wrong = refill(nil, nil, r.Context().Err(), s.lang(r))
		return page
	}
	found, err := s.Look(r.Context(), address)
	if err != nil {
		page.Wrong = refill(nil, nil, err, s.lang(r))
		return page
	}
	page.Found = &found
	page.Title = found.Title
	page.Name = proposed(page.Title, found)
	return page
}

// proposed is a name for what was found.
func proposed(title string, found crawler.Looked) string {
	if len(found.Settings["url"]) > 0 && (title == "" || len([]rune(title)) > 40) {
		if u, err := url.Parse(found.Settings["url"][0]); err == nil {
			title = host(u.String())
		}
	}
	return config.Slug(title)
}

// pause stops or resumes visits to a source.
func (s *Server) pause(w http.ResponseWriter, r *http.Request) {
	if s.Setup == nil {
		s.notFound(w, r)
		return
	}
	name := r.PostFormValue("name")
	e, ok, err := s.Setup.Find("sources", name)
	if err != nil {
		s.unreadable(w, r, err)
		return
	}
	if !ok {
		s.notFound(w, r)
		return
	}
	given := asItIs(s.Setup.Form(e))
	given["paused"] = []string{r.PostFormValue("paused")}
	if err := s.Setup.Change(r.Context(), config.Edit{Section: "sources", Name: name, Seen: e.Seen, Given: given}); err != nil {
		s.unreadable(w, r, err)
		return
	}
	http.Redirect(w, r, "/sources?saved="+escape(name), http.StatusSeeOther)
}
