package fresh

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/rule"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// joined is the member by which a large outlet took up a story that had been told.
type joined struct {
	alerting.Member
	alerting.StoryVoice
}

// revision differs from that of the story as it was told first.
func (j joined) revision() string { return "\x00large " + j.Mention }

// lookedAtMost bounds of how many members one looks who wrote them, the first: a story
// that so many carry is large already.
const lookedAtMost = 200

// joined is the first large outlet that took a story up after it was told; nil while
// there is none, and when one was there from the beginning.
func (r *Rule) joined(ctx context.Context, q question, s alerting.Story, told time.Time) (*joined, error) {
	if !s.LastSeen().After(told) {
		return nil, nil
	}
	audience, err := audiences(ctx, q, s)
	if err != nil {
		return nil, err
	}
	for _, m := range s.Members {
		author := audience[m.Mention]
		switch {
		case m.History:
			continue
		case author.Audience >= r.config.Audience && author.Name != "":
			return after(told, joined{m, alerting.StoryVoice{Name: author.Name, Audience: author.Audience}}), nil
		case r.isLarge(m):
			return after(told, joined{m, alerting.StoryVoice{Name: m.Outlet}}), nil
		}
	}
	return nil, nil
}

func after(told time.Time, j joined) *joined {
	if !j.SeenAt.After(told) {
		return nil
	}
	return &j
}

// isLarge says whether an outlet was named as a large one.
func (r *Rule) isLarge(m alerting.Member) bool {
	return slices.ContainsFunc(r.config.Large, func(large string) bool {
		large = strings.TrimPrefix(strings.ToLower(large), "www.")
		return large == m.Outlet || large == strings.ToLower(m.Source)
	})
}

// audiences is who wrote the first members of a story, by mention.
func audiences(ctx context.Context, q question, s alerting.Story) (map[string]mention.Author, error) {
	var ids []string
	for _, m := range s.Members[:min(len(s.Members), lookedAtMost)] {
		ids = append(ids, m.Mention)
	}
	authors := map[string]mention.Author{}
	err := rule.Each(ctx, q, store.Question{IDs: ids, Gone: true}, func(m *mention.Mention) { authors[m.ID] = m.Author })
	return authors, err
}
