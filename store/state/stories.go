package state

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// Questions about stories. Each gives whole stories, all their members in order of
// sight. Those of twenty mentions
// are given in 5 ms among a million (BenchmarkStories).

// storiesSQL gives all members of the stories that a watch claims (or any) and that got a
// member in a span of time. A story's first member comes first.
const storiesSQL = `SELECT ` + memberColumns + ` FROM story_member WHERE story IN (
		SELECT c.story FROM (SELECT DISTINCT story FROM story_member WHERE seen >= ?1 AND seen < ?2) c WHERE ?3 = '' OR EXISTS (
			SELECT 1 FROM story_member m, json_each(m.watches) w WHERE m.story = c.story AND w.value = ?3))
	ORDER BY story, seen, mention`

// Stories answers alerting.Asker.Stories, with all members.
func (d *DB) Stories(ctx context.Context, watch string, from, to time.Time) ([]alerting.Story, error) {
	return d.stories(ctx, storiesSQL, micros(from), micros(to), watch)
}

// Talk returns the members of stories that stand in a conversation, or that it began with,
// seen in [from, to), in order of sight, then by mention.
func (d *DB) Talk(ctx context.Context, conversation string, from, to time.Time) (all []alerting.Member, err error) {
	if conversation == "" {
		return nil, nil
	}
	rows, err := d.db.Read().QueryContext(ctx, talkSQL, conversation, micros(from), micros(to))
	if err != nil {
		return nil, fmt.Errorf("read a conversation: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		j, err := scanMember(rows)
		if err != nil {
			return nil, fmt.Errorf("read a member of a conversation: %w", err)
		}
		all = append(all, j.Member)
	}
	return all, rows.Err()
}

const talkSQL = "SELECT " + memberColumns + ` FROM story_member INDEXED BY story_member_conversation
		WHERE conversation = ?1 AND conversation <> '' AND seen >= ?2 AND seen < ?3
	UNION ALL SELECT ` + memberColumns + ` FROM story_member WHERE mention = ?1 AND conversation <> ?1 AND seen >= ?2 AND seen < ?3
	ORDER BY seen, mention`

// StoriesOf returns the stories that these mentions are members of, by mention.
// Those that are in no story (comments at home, and what nobody claimed) are left out.
func (d *DB) StoriesOf(ctx context.Context, mentionIDs []string) (map[string]alerting.Story, error) {
	list, err := json.Marshal(mentionIDs)
	if err != nil {
		return nil, err
	}
	stories, err := d.stories(ctx, `SELECT `+memberColumns+` FROM story_member
		WHERE story IN (SELECT m.story FROM json_each(?) asked CROSS JOIN story_member m ON m.mention = asked.value)
		ORDER BY story, seen, mention`, string(list))
	if err != nil {
		return nil, err
	}
	asked := map[string]bool{}
	for _, id := range mentionIDs {
		asked[id] = true
	}
	of := map[string]alerting.Story{}
	for _, s := range stories {
		for _, m := range s.Members {
			if asked[m.Mention] {
				of[m.Mention] = s
			}
		}
	}
	return of, nil
}

// Story returns one story by its id, which is that of its first mention; ok is
// false when there is none.
func (d *DB) Story(ctx context.Context, id string) (s alerting.Story, ok bool, err error) {
	found, err := d.stories(ctx, "SELECT "+memberColumns+" FROM story_member WHERE story = ? ORDER BY seen, mention", id)
	if err != nil || len(found) == 0 {
		return alerting.Story{}, false, err
	}
	return found[0], true, nil
}

// NewestStories returns the stories that got a member from since on, those whose
// newest member was seen last in front, at most limit.
func (d *DB) NewestStories(ctx context.Context, since time.Time, limit int) ([]alerting.Story, error) {
	stories, err := d.stories(ctx, "SELECT "+memberColumns+` FROM story_member WHERE story IN (
			SELECT story FROM story_member INDEXED BY story_member_seen WHERE seen >= ? GROUP BY story ORDER BY max(seen) DESC, story LIMIT ?)
		ORDER BY story, seen, mention`, micros(since), limit)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(stories, func(a, b alerting.Story) int { return b.LastSeen().Compare(a.LastSeen()) })
	return stories, nil
}

// stories gathers what a query over members gives, story by story.
func (d *DB) stories(ctx context.Context, query string, args ...any) ([]alerting.Story, error) {
	rows, err := d.db.Read().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read stories: %w", err)
	}
	defer rows.Close()
	var all []alerting.Story
	for rows.Next() {
		j, err := scanMember(rows)
		if err != nil {
			return nil, fmt.Errorf("read a member of a story: %w", err)
		}
		all = alerting.Gather(all, j)
	}
	alerting.SortStories(all)
	return all, rows.Err()
}
