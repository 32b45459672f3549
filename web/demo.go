package web

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// Demo is the stage of a demonstration, on which time can be held, hurried and
// turned back. It is safe for concurrent use.
type Demo interface {
	Scene() Scene
	Hold(paused bool)
	Pace(speed float64)
	// Back returns to the beginning of a chapter that has been seen.
	Back(chapter int)
	// Try asks everything that was read about another name, newest first.
	Try(ctx context.Context, name string) ([]mention.Mention, error)
}

// Scene is where a demonstration stands.
type Scene struct {
	Now      time.Time
	Chapter  int
	Chapters []Chapter
	Letters  []Letter // the messages that have been received, oldest first
	Paused   bool
	Over     bool
	Speed    float64
}

// Chapter is a stretch of the invented time.
type Chapter struct {
	From        time.Time
	Title, Text say.Text
}

// Letter is a message that was received.
type Letter struct {
	At            time.Time
	Subject, Body string
	Severity      string
	Incident      string
}

type demoPage struct {
	Scene
	Newest []Letter // newest first
	Name   string   // the reader's own, as typed
	Rows   []row
	Wrong  error // why it cannot be looked for
	Total  int   // mentions of it, of which Rows are the newest
}

const (
	lettersShown = 5
	nameLimit    = 80
)

// Current is the chapter that is going by.
func (s Scene) Current() Chapter { return s.Chapters[s.Chapter] }

// Before is the chapter in front of it, the first when that is going by.
func (s Scene) Before() int { return max(s.Chapter-1, 0) }

// demo shows the strip of chapters, what is going by, and what was told.
func (s *Server) demo(w http.ResponseWriter, r *http.Request) {
	page := demoPage{Scene: s.Demo.Scene(), Name: strings.Join(strings.Fields(excerpt(r.URL.Query().Get("name"), nameLimit)), " ")}
	for i := len(page.Letters) - 1; i >= 0 && len(page.Newest) < lettersShown; i-- {
		page.Newest = append(page.Newest, page.Letters[i])
	}
	if !page.Paused && !page.Over && page.Name == "" {
		w.Header().Set("Refresh", "2") // it works without script, and pausing ends it
	}
	if page.Name != "" {
		found, err := s.Demo.Try(r.Context(), page.Name)
		if readable := (interface{ In(say.Lang) string })(nil); errors.As(err, &readable) {
			page.Wrong = err
		} else if err != nil {
			s.broken(w, r, err)
			return
		}
		for _, m := range found[:min(len(found), perPage)] {
			page.Rows = append(page.Rows, newRow(m))
		}
		page.Total = len(found)
	}
	s.render(w, r, http.StatusOK, "demo", page)
}

// now is where the demonstration stands, in one line: what the strip of every page
// asks for while the time goes by.
func (s *Server) now(w http.ResponseWriter, r *http.Request) {
	scene, lang := s.Demo.Scene(), s.lang(r)
	f := frame{Lang: lang, Status: s.Status(r.Context()), Scene: &scene}
	var out bytes.Buffer
	if err := s.views[lang].pages["demo"].ExecuteTemplate(&out, "now", f); err != nil {
		s.broken(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = out.WriteTo(w) // a reader that went away gets no more
}

// direct does what a reader wants of the time, and leads back to where they were: to
// the stage when the time was turned back, since the page may show what has not
// happened yet.
func (s *Server) direct(w http.ResponseWriter, r *http.Request) {
	to := cmp.Or(r.PostFormValue("from"), "/demo")
	switch r.PostFormValue("act") {
	case "pause":
		s.Demo.Hold(true)
	case "go":
		s.Demo.Hold(false)
	case "faster":
		s.Demo.Pace(2 * s.Demo.Scene().Speed)
	case "slower":
		s.Demo.Pace(s.Demo.Scene().Speed / 2)
	case "back":
		to = "/demo"
		if chapter, err := strconv.Atoi(r.PostFormValue("chapter")); err == nil {
			s.Demo.Back(chapter)
		}
	}
	http.Redirect(w, r, localPath(to), http.StatusSeeOther)
}
