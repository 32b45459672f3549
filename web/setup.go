package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/say"
)

// Setup is where the page changes what is configured.
type Setup interface {
	// Find is an entry of a section, or a group; ok is false when there is none.
	Find(section, name string) (e config.Written, ok bool, err error)
	// Form is the fields of an entry, or of a new one of its kind.
	Form(e config.Written) []config.Field
	// Kinds are the kinds that an entry of a section may be of.
	Kinds(section string) []string
	// Ways are the kinds of channel that reach somebody, the most usual first.
	Ways() []string
	// Change is in force when it returns. Its error is for a person.
	Change(ctx context.Context, e config.Edit) error
	// Rehearse says what a rule would have told since an instant, if it had been as it
	// is after an edit, which is not made. Its error is that of Change, or of ctx.
	Rehearse(ctx context.Context, e config.Edit, since time.Time) (Rehearsal, error)
}

// Look says what stands at an address that a person gave, or why nothing there can
// be read. It goes nowhere that a source may not.
type Look func(ctx context.Context, address string) (crawler.Looked, error)

// setting is a field in a form, with what was wrong with the answer.
type setting struct {
	config.Field
	Wrong string
}

// entryPage is the form of one entry or group.
type entryPage struct {
	Section, Name, Kind string
	Kinds               []string // to choose from, when none is chosen yet
	Fields              []setting
	Seen                string
	Wrong               []string // what is said of no field
	Below               bool     // it is in ouidire.yml too
	Watches             []Watch
	Rehearsal           *Rehearsal
}

// Usual are the settings that everybody is asked for.
func (p entryPage) Usual() (usual []setting) {
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f setting) bool { return f.Rare })
}

// Rare are the settings that few need; see Used.
func (p entryPage) Rare() (rare []setting) {
	return slices.DeleteFunc(slices.Clone(p.Fields), func(f setting) bool { return !f.Rare })
}

// Used says that one of those that few need is set, or must be corrected.
func (p entryPage) Used() bool {
	return slices.ContainsFunc(p.Rare(), func(f setting) bool { return f.Value != "" || f.Given || f.Wrong != "" })
}

// sections are what the generic form may change; watches have a form of their own.
var sections = []string{"sources", "channels", "organisation", "retention", "rules", "watches"}

// askedFor is the section of a request; ok is false for one that is not for people.
func (s *Server) askedFor(w http.ResponseWriter, r *http.Request) (section string, ok bool) {
	section = r.PathValue("section")
	if s.Setup == nil || !slices.Contains(sections, section) {
		s.notFound(w, r)
		return "", false
	}
	return section, true
}

// entryForm shows an entry's form: that of a kind, or of what is configured.
func (s *Server) entryForm(w http.ResponseWriter, r *http.Request) {
	section, ok := s.askedFor(w, r)
	if !ok {
		return
	}
	page := entryPage{Section: section, Name: r.URL.Query().Get("name"), Kind: r.URL.Query().Get("kind"), Kinds: s.kindsOf(section)}
	e := config.Written{Section: section, Kind: page.Kind}
	if page.Name != "" || len(page.Kinds) == 0 {
		var err error
		if e, ok, err = s.Setup.Find(section, page.Name); err != nil {
			s.unreadable(w, r, err)
			return
		}
		if !ok {
			s.notFound(w, r)
			return
		}
	} else if page.Kind != "" && !slices.Contains(page.Kinds, page.Kind) {
		s.notFound(w, r)
		return
	}
	page.Seen, page.Kind, page.Below = e.Seen, e.Kind, e.Below
	if page.Kind != "" || len(page.Kinds) == 0 {
		page.Kinds = nil
		page.Fields = settingsOf(s.lang(r), s.Setup.Form(e), page.Name)
		if page.Kind != "" && page.Name == "" {
			propose(page.Fields, config.Slug(called(s.lang(r), strings.TrimSuffix(section, "s")+".", page.Kind)))
		}
	}
	s.showEntry(w, r, http.StatusOK, page)
}

// kindsOf are the kinds that an entry of a section may be of, as a person is offered them.
func (s *Server) kindsOf(section string) []string {
	kinds := s.Setup.Kinds(section)
	if section != "channels" {
		return kinds
	}
	ways := s.Setup.Ways()
	return append(ways, slices.DeleteFunc(kinds, func(kind string) bool { return slices.Contains(ways, kind) })...)
}

func (s *Server) showEntry(w http.ResponseWriter, r *http.Request, code int, page entryPage) {
	page.Watches = s.Status(r.Context()).Watches
	if page.Section == "rules" {
		offerWatches(page.Fields, page.Watches)
	}
	s.render(w, r, code, "entry", page)
}

// settingsOf drops what a form does not ask again: the kind, and a name that is given.
func settingsOf(l say.Lang, all []config.Field, name string) []setting {
	var out []setting
	for _, f := range all {
		if f.Key != "kind" && (f.Key != "name" || name == "") {
			out = append(out, setting{Field: f.In(l)})
		}
	}
	return out
}

// propose fills in the name of a new entry.
func propose(fields []setting, name string) {
	for i := range fields {
		if f := &fields[i]; f.Key == "name" {
			f.Value, f.Example = name, ""
		}
	}
}

// answerPrefix begins the names of a form's own fields.
const answerPrefix = "f."

// answered is what a form brought.
func answered(form url.Values) config.Answered {
	given := config.Answered{}
	for key, values := range form {
		if name, ok := strings.CutPrefix(key, answerPrefix); ok {
			given[name] = values
		}
	}
	return given
}

// asItIs answers a form with what is there already.
func asItIs(fields []config.Field) config.Answered {
	given := config.Answered{}
	for _, f := range fields {
		if f.Shape != config.Hidden {
			given[f.Key] = []string{f.Value}
		}
	}
	return given
}

// saveEntry changes or adds an entry.
func (s *Server) saveEntry(w http.ResponseWriter, r *http.Request) {
	section, ok := s.askedFor(w, r)
	if !ok || !s.parsed(w, r) {
		return
	}
	e := config.Edit{Section: section, Name: r.PostFormValue("name"), Kind: r.PostFormValue("kind"), Seen: r.PostFormValue("seen"), Given: answered(r.PostForm)}
	var rehearsal *Rehearsal
	var err error
	if section == "rules" && r.PostFormValue("do") == "rehearse" {
		rehearsal, err = s.rehearse(r.Context(), e)
	} else if err = s.Setup.Change(r.Context(), e); err == nil {
		s.leave(w, r, e)
		return
	}
	now := config.Written{Section: section, Kind: e.Kind, Seen: e.Seen}
	if e.Name != "" || e.Kind == "" {
		if found, ok, bad := s.Setup.Find(section, e.Name); bad == nil && ok {
			now = found
		}
	}
	page := entryPage{Section: section, Name: e.Name, Kind: now.Kind, Seen: now.Seen, Below: now.Below, Rehearsal: rehearsal}
	page.Fields = settingsOf(s.lang(r), s.Setup.Form(now), e.Name)
	page.Wrong = refill(page.Fields, e.Given, err, s.lang(r))
	code := http.StatusUnprocessableEntity
	if err == nil {
		code = http.StatusOK
	}
	s.showEntry(w, r, code, page)
}

// refill puts what was typed back, and says what was wrong with it; what is wrong
// with no field is returned.
func refill(fields []setting, given config.Answered, err error, l say.Lang) (rest []string) {
	var wrong *config.Problems
	told := map[string]bool{}
	many := errors.As(err, &wrong)
	for i := range fields {
		f := &fields[i]
		if f.Shape != config.Hidden {
			f.Value = strings.Join(given[f.Key], "\n")
		}
		if !many {
			continue
		}
		if m, ok := wrong.Problem(&f.Field); ok {
			f.Wrong = m.In(l)
			told[f.Wrong] = true
		}
	}
	if err == nil {
		return nil
	}
	if !many {
		return []string{say.Explain(err, l)}
	}
	for _, m := range wrong.List {
		if !told[m.In(l)] {
			one := config.Problems{File: wrong.File, List: []config.Mistake{m}}
			rest = append(rest, one.In(l))
		}
	}
	return rest
}

// leave goes to where one sees what was saved.
func (s *Server) leave(w http.ResponseWriter, r *http.Request, e config.Edit) {
	to := map[string]string{"sources": "/sources", "channels": "/messages", "watches": "/watches"}[e.Section]
	if to == "" {
		to = "/settings"
	}
	done := "saved"
	if e.Given == nil {
		done = "removed"
	}
	name := e.Name
	if name == "" {
		name = strings.Join(e.Given["name"], "")
	}
	http.Redirect(w, r, to+"?"+done+"="+escape(name), http.StatusSeeOther)
}

type removePage struct {
	config.Written
	Wrong []string
}

// removeForm asks whether an entry shall go.
func (s *Server) removeForm(w http.ResponseWriter, r *http.Request) {
	section, ok := s.askedFor(w, r)
	if !ok {
		return
	}
	e, ok, err := s.Setup.Find(section, r.URL.Query().Get("name"))
	switch {
	case err != nil:
		s.unreadable(w, r, err)
	case !ok || e.Name == "":
		s.notFound(w, r)
	default:
		s.render(w, r, http.StatusOK, "remove", removePage{Written: e})
	}
}

// remove takes an entry out. What it brought stays.
func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	section, ok := s.askedFor(w, r)
	if !ok || !s.parsed(w, r) {
		return
	}
	e := config.Edit{Section: section, Name: r.PostFormValue("name"), Seen: r.PostFormValue("seen")}
	if e.Name == "" {
		s.notFound(w, r)
		return
	}
	err := s.Setup.Change(r.Context(), e)
	if err == nil {
		s.leave(w, r, e)
		return
	}
	now, ok, bad := s.Setup.Find(section, e.Name)
	if bad != nil || !ok {
		s.notFound(w, r)
		return
	}
	s.render(w, r, http.StatusUnprocessableEntity, "remove", removePage{Written: now, Wrong: refill(nil, nil, err, s.lang(r))})
}

// parsed reads a form, which may be too large.
func (s *Server) parsed(w http.ResponseWriter, r *http.Request) bool {
	if err := r.ParseForm(); err != nil {
		s.render(w, r, http.StatusRequestEntityTooLarge, "sorry", sorryPage{Title: "sorry.large", Text: "sorry.large.text"})
		return false
	}
	return true
}

// unreadable is for a configuration that cannot be changed on the page because what
// was written by hand is wrong.
func (s *Server) unreadable(w http.ResponseWriter, r *http.Request, err error) {
	s.render(w, r, http.StatusConflict, "unreadable", err)
}
