package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

type mentionPage struct {
	row
	Edits    []edit // newest first
	Talk     []said // the conversation, empty when it stands alone
	TalkMore bool
	Story    *told             // nil for what nobody else tells
	Titles   map[string]string // of watches, by name
	Judged   []mention.Reading // newest first, when there are several
	Labels   []mention.Label
}

// edit is a version before the newest, and what the next one made of it.
type edit struct {
	mention.Version           // as it stood
	Until           time.Time // when it was seen changed
	Title, Text     []piece   // what changed, nil for nothing or too much
}

// mention is one mention: why it is here, why it is judged so, and what stands around it.
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
	page := mentionPage{row: newRow(m), Edits: edits(m), Titles: map[string]string{}, Labels: []mention.Label{mention.Negative, mention.Neutral, mention.Positive}}
	for _, watch := range s.Status(r.Context()).Watches {
		page.Titles[watch.Name] = watch.Title
	}
	if len(m.Readings) > 1 {
		page.Judged = slices.Clone(m.Readings)
		slices.Reverse(page.Judged)
	}
	if page.Talk, page.TalkMore, err = s.conversation(r.Context(), m); err != nil {
		s.broken(w, r, err)
		return
	}
	if page.Story, err = s.storyOf(r.Context(), m.ID); err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "mention", page)
}

// edits is what became of a mention's text, newest first.
func edits(m mention.Mention) (all []edit) {
	for i := len(m.Versions) - 2; i >= 0; i-- {
		before, after := m.Versions[i], m.Versions[i+1]
		all = append(all, edit{Version: before, Until: after.At, Title: difference(before.Title, after.Title), Text: difference(before.Text, after.Text)})
	}
	return all
}

// storyOf is the story that a mention tells with others, nil when nobody else does.
func (s *Server) storyOf(ctx context.Context, id string) (*told, error) {
	stories, err := s.Stories.StoriesOf(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	story, ok := stories[id]
	if !ok || len(storyMentions(story)) < 2 {
		return nil, nil
	}
	rows, err := s.members(ctx, store.Question{Gone: true}, stories)
	if err != nil {
		return nil, err
	}
	others := slices.DeleteFunc(rows[story.ID], func(r row) bool { return r.ID == id })
	return tell(story, others), nil
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
