package web

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

//go:embed templates
var templates embed.FS

const langCookie = "ouidire_lang"

// views are the pages in one language.
type views struct {
	lang  say.Lang
	pages map[string]*template.Template
}

// pageNames are the templates, each completed by layout.html, parts.html and setup.html.
var pageNames = []string{"home", "mentions", "mention", "story", "tone", "situations", "situation", "sources", "messages", "demo", "login", "sorry",
	"add", "entry", "remove", "unreadable", "watches", "watch", "settings", "unset", "start", "begun", "welcome", "behind", "members", "tokens", "invitation", "pass", "unsubscribe", "keeping", "advisories", "advisory", "advise", "receipt"}

// guestPages are shown to whoever has not come in.
var guestPages = []string{"login", "behind", "invitation", "pass", "unsubscribe", "receipt"}

// frame is what layout.html shows around a page.
type frame struct {
	Lang      say.Lang
	Page      string
	Path      string // of this page, to come back to after a change of language
	Status    Status
	Silent    bool // no message has ever reached anybody
	Guest     bool // outside: no navigation
	Start     bool // a first configuration can be written here
	Asking    bool // it is being written: nobody is reminded of anything else
	Who       person
	Now       time.Time
	Scene     *Scene    // of the demonstration, on all its pages but the stage itself; nil elsewhere
	Installed time.Time // what was published earlier was never news; zero when that is not known
	Body      any
}

func parse(l say.Lang) (*views, error) {
	v := &views{lang: l, pages: map[string]*template.Template{}}
	for _, name := range pageNames {
		t, err := template.New("layout.html").Funcs(functions(l)).ParseFS(templates, "templates/layout.html", "templates/parts.html", "templates/setup.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("page %s: %w", name, err)
		}
		v.pages[name] = t
	}
	return v, nil
}

// lang is the language for a request: chosen, else asked for by the browser, else
// the organisation's.
func (s *Server) lang(r *http.Request) say.Lang {
	if cookie, err := r.Cookie(langCookie); err == nil {
		if l, ok := say.Parse(cookie.Value); ok {
			return l
		}
	}
	home := s.Status(r.Context()).Lang
	for tag := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ = strings.Cut(tag, ";")
		if l, ok := say.Parse(tag); ok {
			if l.French() && home.French() {
				return home
			}
			return l
		}
	}
	return home
}

// render writes a page, whole or not at all.
func (s *Server) render(w http.ResponseWriter, r *http.Request, code int, name string, body any) {
	status := s.Status(r.Context())
	var err error
	f := frame{Lang: s.lang(r), Page: name, Path: r.URL.RequestURI(), Status: status, Guest: slices.Contains(guestPages, name), Start: s.First != nil, Asking: name == "start" || name == "begun" || name == "welcome",
		Who: who(r), Now: s.Now(), Body: body, Silent: len(status.Channels) > 0}
	if r.Method != http.MethodGet {
		f.Path = "/"
	}
	if s.Demo != nil && name != "demo" {
		scene := s.Demo.Scene()
		f.Scene = &scene
	}
	if f.Installed, err = s.Uptime.Installed(r.Context()); err != nil {
		s.Log.Warn("page shown without the time of installation", "page", name, "err", err)
	}
	for _, c := range status.Channels {
		f.Silent = f.Silent && c.Confirmed.IsZero()
	}
	var out bytes.Buffer
	if err = s.views[f.Lang].pages[name].Execute(&out, f); err != nil {
		s.Log.Error("page not shown", "page", name, "err", err)
		http.Error(w, "this page could not be shown; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(f.Lang))
	w.Header().Add("Vary", "Accept-Language, Cookie")
	w.WriteHeader(code)
	_, _ = out.WriteTo(w) // a reader that went away gets no more
}

// sorryPage says why there is no page; Why is that of a server, nil for none.
type sorryPage struct {
	Title, Text string
	Why         error
}

func (s *Server) notFound(w http.ResponseWriter, r *http.Request) {
	s.render(w, r, http.StatusNotFound, "sorry", sorryPage{Title: "sorry.none", Text: "sorry.none.text"})
}

// broken tells the reader what to do and the log what went wrong.
func (s *Server) broken(w http.ResponseWriter, r *http.Request, err error) {
	switch trouble := s.away(err); {
	case errors.Is(err, store.ErrNoPage):
		s.notFound(w, r)
	case trouble != nil && who(r).known(): // it names the server, which is no stranger's business
		s.Log.Warn("page failed while the store is away", "path", logged(r), "err", err)
		r = r.WithContext(context.WithoutCancel(r.Context()))
		s.render(w, r, http.StatusServiceUnavailable, "sorry", sorryPage{"sorry.away", "sorry.away.text", trouble})
	case errors.Is(err, context.DeadlineExceeded), errors.Is(r.Context().Err(), context.DeadlineExceeded):
		s.Log.Warn("page took too long", "path", logged(r), "err", err)
		r = r.WithContext(context.WithoutCancel(r.Context())) // what is left to do is quick
		s.render(w, r, http.StatusServiceUnavailable, "sorry", sorryPage{Title: "sorry.slow", Text: "sorry.slow.text"})
	case r.Context().Err() != nil: // nobody waits for an answer
	default:
		s.Log.Error("page failed", "path", logged(r), "err", err)
		s.render(w, r, http.StatusInternalServerError, "sorry", sorryPage{Title: "sorry.broken", Text: "sorry.broken.text"})
	}
}

// shut is the answer while we cannot tell who may come in: no page, which would
// show a stranger what stands around it.
func (s *Server) shut(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Error("session not looked up", "path", logged(r), "err", err)
	http.Error(w, "this cannot be answered now; the log says why", http.StatusServiceUnavailable)
}

// localPath lets a redirect stay on this page only.
func localPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) {
		return "/"
	}
	return s
}

func escape(s string) string { return url.QueryEscape(s) }
