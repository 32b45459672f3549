package app

import (
	"context"
	"path/filepath"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/state"
)

// Stories knows which story each kept mention tells, also beside a running daemon.
type Stories struct{ db *state.DB }

// OpenStories opens what the daemon remembers of stories; where none has run, no mention
// tells any.
func OpenStories(ctx context.Context, f *config.File, o Options) (*Stories, error) {
	if !remembers(f) {
		return &Stories{}, nil
	}
	db, err := state.Open(ctx, filepath.Join(f.Data, "state.db"), state.Options{Now: o.Now, Beat: o.Beat})
	if err != nil {
		return nil, err
	}
	return &Stories{db}, nil
}

// Of is the ids of the stories that mentions tell, by mention.
func (s *Stories) Of(ctx context.Context, mentions []mention.Mention) (map[string]string, error) {
	if s.db == nil {
		return nil, nil
	}
	ids := make([]string, len(mentions))
	for i, m := range mentions {
		ids[i] = m.ID
	}
	stories, err := s.db.StoriesOf(ctx, ids)
	of := map[string]string{}
	for id, story := range stories {
		of[id] = story.ID
	}
	return of, err
}

// Close closes it.
func (s *Stories) Close() error {
	if s.db == nil {
		return nil
	}
	return s.db.Close()
}
