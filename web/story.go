package web

import (
	"net/http"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/store"
)

// storyPage is a story: who told it, in order of sight, and what changed on the way.
type storyPage struct {
	Title   string
	Outlets int
	First   time.Time
	Change  alerting.Change
	Members []storyMember
	More    int // members that are not listed
	Kept    bool
}

// storyMember is one step of a story.
type storyMember struct {
	alerting.Member
	Row  row
	Kept bool // Row is known: its mention is still kept
}

// storyMost is how many members a page lists.
const storyMost = 200

// story shows one story.
func (s *Server) story(w http.ResponseWriter, r *http.Request) {
	story, ok, err := s.Stories.Story(r.Context(), r.PathValue("id"))
	if err != nil {
		s.broken(w, r, err)
		return
	}
	if !ok {
		s.notFound(w, r)
		return
	}
	page := storyPage{Outlets: story.Outlets(), First: story.Members[0].SeenAt, Change: changeOf(story)}
	members := story.Members
	if len(members) > storyMost {
		members, page.More = members[:storyMost], len(members)-storyMost
	}
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.Mention
	}
	found, _, err := s.Mentions.Search(r.Context(), store.Question{IDs: ids, Gone: true}, len(ids), "")
	if err != nil {
		s.broken(w, r, err)
		return
	}
	rows := map[string]row{}
	for _, m := range found {
		rows[m.ID] = newRow(m)
	}
	for _, m := range members {
		one, kept := rows[m.Mention]
		page.Members = append(page.Members, storyMember{m, one, kept})
		if kept && page.Title == "" {
			page.Title, page.Kept = one.Headline(400), true
		}
	}
	s.render(w, r, http.StatusOK, "story", page)
}
