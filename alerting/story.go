package alerting

import (
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Gather adds a member to the last of all, or to a new story when that is
// another's: members come story by story.
func Gather(all []Story, j Joined) []Story {
	if len(all) == 0 || all[len(all)-1].ID != j.Story {
		all = append(all, Story{ID: j.Story})
	}
	all[len(all)-1].add(j.Member)
	return all
}

// Conversation is what was found in one, in order of sight, as Storytellers are asked of it.
// What is said under our own post names nobody, so that a member has the watches alone that
// its words name.
func Conversation(id string, found []mention.Mention) Story {
	s := Story{ID: id, Talk: true}
	for i := range found {
		s.add(seenAt(&found[i], found[i].SeenAt))
	}
	return s
}

func (s *Story) add(m Member) {
	s.Members = append(s.Members, m)
	for _, w := range m.Watches {
		if at, known := slices.BinarySearch(s.Watches, w); !known {
			s.Watches = slices.Insert(s.Watches, at, w)
		}
	}
}

// at is the story as it was known at an instant.
func (s Story) at(t time.Time) Story {
	then := Story{ID: s.ID}
	for _, m := range s.Members {
		if !m.SeenAt.After(t) {
			then.add(m)
		}
	}
	return then
}

// SortStories puts the story that was seen first in front.
func SortStories(all []Story) {
	slices.SortFunc(all, func(a, b Story) int {
		if c := a.Members[0].SeenAt.Compare(b.Members[0].SeenAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// Outlets is how many outlets tell the story.
func (s Story) Outlets() int {
	told := map[string]bool{}
	for _, m := range s.Members {
		told[m.Outlet] = true
	}
	return len(told)
}

// LastSeen is when its newest member was seen.
func (s Story) LastSeen() time.Time { return s.Members[len(s.Members)-1].SeenAt }
