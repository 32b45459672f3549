package web

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// entry is what a list shows: a mention, or a story for all who tell it.
type entry struct {
	row
	Story  *told   // nil for what nobody else tells
	Answer *quoted // what a comment answers, nil when it is not kept
}

// told is a story as a list shows it.
type told struct {
	ID      string
	Outlets int
	First   time.Time // when it was first seen
	Change  alerting.Change
	Others  []row // the newest of its other mentions that are asked for
	More    int   // how many of them are not listed
}

// quoted is what a comment answers.
type quoted struct {
	ID, Words string
	Own       bool // the organisation's own
}

// row is one mention in a list.
type row struct {
	mention.Mention
	Version mention.Version
	Reading mention.Reading
	Read    bool
	Words   []string // that matched, each once
}

func newRow(m mention.Mention) row {
	r := row{Mention: m, Version: m.Current()}
	r.Reading, r.Read = m.Reading()
	for _, hit := range r.Version.Hits {
		for _, word := range hit.Words {
			if !slices.Contains(r.Words, word) {
				r.Words = append(r.Words, word)
			}
		}
	}
	return r
}

// Headline is the title, or the beginning of the text when there is none, at most
// so many characters long, as a list shows it.
func (r row) Headline(length int) string {
	if title := glimpse(r.Version.Title, length); title != "" {
		return title
	}
	return glimpse(r.Version.Text, length)
}

const (
	// perPage is how many entries a page shows.
	perPage = 20
	// roundsMost is how often the store is asked to fill it: most mentions of a
	// story that everybody tells are no entries of their own.
	roundsMost = 5
	// membersMost is how many mentions of one story are looked at; the oldest go.
	membersMost = 100
	// othersMost is how many of them a list shows.
	othersMost = 8
)

// list is a page of entries from the page that after names. A story stands where its
// newest mention that is asked for stands, and nowhere else.
func (s *Server) list(ctx context.Context, q store.Question, after string) (list []entry, next string, err error) {
	next = after
	for range roundsMost {
		var found []mention.Mention
		if found, next, err = s.Mentions.Search(ctx, q, perPage-len(list), next); err != nil {
			return nil, "", err
		}
		more, err := s.entries(ctx, q, found)
		if err != nil {
			return nil, "", err
		}
		if list = append(list, more...); len(list) == perPage || next == "" {
			break
		}
	}
	return list, next, nil
}

// entries makes entries of what was found, one for each story.
func (s *Server) entries(ctx context.Context, q store.Question, found []mention.Mention) ([]entry, error) {
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	stories, err := s.Stories.StoriesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	members, err := s.members(ctx, q, stories)
	if err != nil {
		return nil, err
	}
	var list []entry
	for _, m := range found {
		one := entry{row: newRow(m)}
		if told := members[stories[m.ID].ID]; len(told) > 1 {
			if told[0].ID != m.ID {
				continue
			}
			one.Story = tell(stories[m.ID], told[1:])
		}
		one.Answer = s.answered(ctx, m)
		list = append(list, one)
	}
	return list, nil
}

// members is the mentions of each story that q asks for, newest first. The text is
// judged here: a store would look for a common word in everything it keeps.
func (s *Server) members(ctx context.Context, q store.Question, stories map[string]alerting.Story) (map[string][]row, error) {
	of := map[string]string{} // story by mention
	for _, story := range stories {
		if ids := storyMentions(story); len(ids) > 1 {
			for _, id := range ids {
				of[id] = story.ID
			}
		}
	}
	if len(of) == 0 { // each tells its own
		return nil, nil
	}
	ids := slices.Collect(maps.Keys(of))
	found, _, err := s.Mentions.Search(ctx, store.Question{IDs: ids, Gone: q.Gone}, len(ids), "")
	if err != nil {
		return nil, err
	}
	rows := map[string][]row{}
	for _, m := range found {
		if q.Asks(&m) {
			rows[of[m.ID]] = append(rows[of[m.ID]], newRow(m))
		}
	}
	return rows, nil
}

// storyMentions is the ids of a story's newest mentions, each once.
func storyMentions(story alerting.Story) (ids []string) {
	for _, m := range slices.Backward(story.Members) {
		if !slices.Contains(ids, m.Mention) && len(ids) < membersMost {
			ids = append(ids, m.Mention)
		}
	}
	return ids
}

func tell(story alerting.Story, others []row) *told {
	t := &told{ID: story.ID, Outlets: story.Outlets(), First: story.Members[0].SeenAt, Others: others, Change: changeOf(story)}
	if len(others) > othersMost {
		t.Others, t.More = others[:othersMost], len(others)-othersMost
	}
	return t
}

// changeOf is the gravest change of a story: a retraction is not undone by a correction.
func changeOf(story alerting.Story) (gravest alerting.Change) {
	for _, m := range story.Members {
		if m.Change != alerting.Unchanged && gravest != alerting.Retracted {
			gravest = m.Change
		}
	}
	return gravest
}

// answered is what a comment answers. What is not kept is not shown: the page of the
// mention says where to read it.
func (s *Server) answered(ctx context.Context, m mention.Mention) *quoted {
	if m.Parent == "" {
		return nil
	}
	parent, err := s.Mentions.Get(ctx, m.Parent)
	if err != nil {
		return nil
	}
	return &quoted{ID: parent.ID, Words: newRow(parent).Headline(100), Own: parent.Own}
}

// dayOf is the entries published on one day.
type dayOf struct {
	Name    string
	Entries []entry
}

// byDay parts a list into days of zone, in the order in which it stands.
func byDay(list []entry, l say.Lang, now time.Time, zone *time.Location) (days []dayOf) {
	for _, e := range list {
		name := dayName(l, e.PublishedAt, now, zone)
		if len(days) == 0 || days[len(days)-1].Name != name {
			days = append(days, dayOf{Name: name})
		}
		days[len(days)-1].Entries = append(days[len(days)-1].Entries, e)
	}
	return days
}
