package alerting

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Story is one piece of news and all who told it, joined by signature; or, between rules
// alone, a conversation (Conversation), which nobody keeps as one.
type Story struct {
	ID      string   // the id of its first mention, or of what the conversation began with
	Watches []string // watches that claim one of its mentions
	Members []Member // in order of sight; of a conversation, what a rule has lately found in it
	Talk    bool     // it is a conversation
}

// Member is one mention of a story. A mention that was edited in a way that
// changed the story is a member again, seen when the edit was.
type Member struct {
	Mention string // id
	Source  string
	Outlet  string // host of its address, or its source when it has none
	Watches []string
	SeenAt  time.Time
	History bool
	Change  Change // what this member brought to the story besides another outlet
	Related string // another story that seems to speak of the same event, "" for none
	// Conversation is what it stands in, when people wrote it: its thread, else itself. It is
	// "" for an article, and for what was joined before this was kept.
	Conversation string
}

// Change is what a later member or version of a story brought.
type Change string

// The changes. Cosmetic ones are not kept.
const (
	Unchanged Change = ""
	Corrected Change = "corrected" // other figures
	Retracted Change = "retracted"
	Names     Change = "names" // of what is told of a story alone: it came to name the organisation
)

// Storyteller is a rule that tells stories or conversations, among other matters or none.
// Several rules may have reason to tell the same people of one: they ask each other, so that
// each knows alone whether people know of it already, and none looks at another's situations.
type Storyteller interface {
	Rule
	// Tells is what the rule makes of a story as it was known at an instant. Once its At has
	// come it stays, whatever the story gets, of a conversation until that has rested; and a
	// rule that is asked then signals it.
	Tells(ctx context.Context, ask Asker, s Story, asOf time.Time) (Telling, error)
}

// Telling is that a rule has reason to tell a story.
type Telling struct {
	At       time.Time // since when; it may lie ahead; zero for never so far
	Severity Severity
	Named    bool // it tells it as one about the organisation itself
	Grows    bool // and again when more outlets carry it
}

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
