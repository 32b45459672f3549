package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

type mentionPage struct {
	row
	Earlier []mention.Version // before an edit, newest first
	Parent  *row              // what it answers, when we have it
	Titles  map[string]string // of watches, by name
	Labels  []mention.Label
}

// mention is one mention: why it is here and why it is judged so.
func (s *Server) mention(w http.ResponseWriter, r *http.Request) {
	m, err := s.Mentions.Get(r.Context(), r.PathValue("id"))
	if errors.Is(err, store.ErrNotFound) {
		s.notFound(w, r)
		return
	}
	if err != nil {
		s.broken(w, r, err)
		return
	}
	page := mentionPage{row: newRow(m), Titles: map[string]string{}, Labels: []mention.Label{mention.Negative, mention.Neutral, mention.Positive}}
	for _, watch := range s.Status(r.Context()).Watches {
		page.Titles[watch.Name] = watch.Title
	}
	if len(m.Versions) > 1 {
		page.Earlier = slices.Clone(m.Versions[:len(m.Versions)-1])
		slices.Reverse(page.Earlier)
	}
	if m.Parent != "" {
		if parent, err := s.Mentions.Get(r.Context(), m.Parent); err == nil {
			above := newRow(parent)
			page.Parent = &above
		}
	}
	s.render(w, r, http.StatusOK, "mention", page)
}

// correct takes a person's word for the tone of a mention.
func (s *Server) correct(w http.ResponseWriter, r *http.Request) {
	reading := mention.Reading{At: s.Now().UTC(), Label: mention.Label(r.PostFormValue("tone")), Sure: true, By: mention.Person, Intent: mention.Other}
	switch reading.Label {
	case mention.Negative:
		reading.Negative = 1
	case mention.Neutral:
		reading.Neutral = 1
	case mention.Positive:
		reading.Positive = 1
	default:
		http.Error(w, "tone is negative, neutral or positive", http.StatusBadRequest)
		return
	}
	id := r.PathValue("id")
	switch err := s.Mentions.AddReading(r.Context(), id, reading); {
	case errors.Is(err, store.ErrNotFound):
		s.notFound(w, r)
	case err != nil:
		s.broken(w, r, err)
	default:
		http.Redirect(w, r, "/mentions/"+id, http.StatusSeeOther)
	}
}
