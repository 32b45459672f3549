package rule

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

// Slack is how long a matter that is told once is signalled again, for nothing: what is
// judged a moment later, after a restart, finds it still.
const Slack = 10 * time.Minute

// Tale is what is told of together: a story, else a conversation, else one mention.
type Tale struct {
	Key     string
	Since   time.Time         // when its first was seen
	Outlets int               // of a story
	Story   bool              // it is one; else people wrote it
	Told    alerting.Story    // of a story, all who tell it
	First   mention.Mention   // the first of those that were found
	Found   []mention.Mention // in order of sight
}

// Tales puts what was found together, in order of sight. Of a story, outlets are those
// of all its members.
func Tales(ctx context.Context, ask alerting.Asker, watch string, found []mention.Mention, asOf time.Time) ([]Tale, error) {
	if len(found) == 0 {
		return nil, nil
	}
	stories, err := ask.Stories(ctx, watch, found[0].SeenAt.Add(-Slack), asOf.Add(Instant))
	if err != nil {
		return nil, fmt.Errorf("ask for stories: %w", err)
	}
	story := map[string]alerting.Story{}
	for _, s := range stories {
		for _, m := range s.Members {
			story[m.Mention] = s
		}
	}
	var tales []Tale
	for _, m := range found {
		t := Tale{Key: cmp.Or(m.Thread, m.ID), Since: m.SeenAt, Outlets: 1, First: m}
		if s, told := story[m.ID]; told && m.Kind == mention.Article {
			t.Key, t.Outlets, t.Story, t.Told = s.ID, s.Outlets(), true, s
		}
		if at := slices.IndexFunc(tales, func(o Tale) bool { return o.Key == t.Key }); at >= 0 {
			tales[at].Found = append(tales[at].Found, m)
		} else {
			t.Found = []mention.Mention{m}
			tales = append(tales, t)
		}
	}
	return tales, nil
}

// within are a question asked of a conversation: of what it began with, and of what answers it.
func within(conversation string, q store.Question) []store.Question {
	root, answers := q, q
	root.IDs, answers.Threads = []string{conversation}, []string{conversation}
	return []store.Question{root, answers}
}

// Going gives what a question finds in a conversation since that last rested, in order of
// sight, as of when the first of its members was found: a conversation that has rested for
// as long as a situation does (alerting.CoolDown) begins anew. It goes back for a day.
func Going(ctx context.Context, ask alerting.Asker, q store.Question, talk alerting.Story, asOf time.Time) (found []mention.Mention, err error) {
	first := talk.Members[0].SeenAt
	q.News, q.Order, q.Gone, q.SeenFrom, q.SeenTo = true, store.OldestSeen, true, first.Add(-Edited), asOf.Add(Instant)
	for _, q := range within(talk.ID, q) {
		part, err := saying(ctx, ask, q, pageSize)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	slices.SortStableFunc(found, func(a, b mention.Mention) int { return a.SeenAt.Compare(b.SeenAt) })
	return sinceRest(found, func(m mention.Mention) time.Time { return m.SeenAt }, first), nil
}

// TextsOf are the mentions of members, by id, as far as they are kept.
func TextsOf(ctx context.Context, ask alerting.Asker, members []alerting.Member) (map[string]mention.Mention, error) {
	var ids []string
	for _, m := range members {
		ids = append(ids, m.Mention)
	}
	slices.Sort(ids)
	all := map[string]mention.Mention{}
	err := Each(ctx, ask, store.Question{IDs: slices.Compact(ids), Gone: true}, func(m *mention.Mention) { all[m.ID] = *m })
	return all, err
}

// Pressing is when it became something that cannot wait for a digest of the watch, as
// Pressing says of a story; a conversation only when it names the organisation.
func (t Tale) Pressing(own func(watch string) bool) (at time.Time, ok bool) {
	if t.Story {
		return Pressing(t.Told, t.Since, PressingOutlets, own)
	}
	for _, m := range t.Found {
		names := func(h mention.Hit) bool { return len(h.Words) > 0 && own(h.Watch) } // for what it says, not for where
		if slices.ContainsFunc(m.Current().Hits, names) {
			return m.SeenAt, true
		}
	}
	return time.Time{}, false
}

// Quotes are what it says, around the words that were looked for.
func (t Tale) Quotes() (ids []string, quotes []alerting.SurgeQuote) {
	for _, m := range t.Found[:min(len(t.Found), quotesMost)] {
		ids = append(ids, m.ID)
		quotes = append(quotes, alerting.SurgeQuote{Text: Short(Excerpt(m.Current()), quoted), Place: m.Source, At: m.PublishedAt})
	}
	return ids, quotes
}

// In counts who tells it: outlets, else comments or other mentions.
func (t Tale) In() alerting.Word {
	if t.Story {
		return alerting.Counted(t.Outlets, sayOutlet, sayOutlets)
	}
	if t.First.Kind == mention.Comment {
		return alerting.Counted(len(t.Found), sayComment, sayComments)
	}
	return alerting.Counted(len(t.Found), sayMention, sayMentions)
}

var (
	sayOutlet   = say.Text{EN: "%s outlet", FR: "%s média"}
	sayOutlets  = say.Text{EN: "%s outlets", FR: "%s médias"}
	sayComment  = say.Text{EN: "%s comment", FR: "%s commentaire"}
	sayComments = say.Text{EN: "%s comments", FR: "%s commentaires"}
	sayMention  = say.Text{EN: "%s mention", FR: "%s mention"}
	sayMentions = say.Text{EN: "%s mentions", FR: "%s mentions"}
)

// Fresh gives what a question finds among what became known lately and is news, in
// order of sight: what was seen, and what was edited since.
func Fresh(ctx context.Context, ask alerting.Asker, q store.Question, from, asOf time.Time) (found []mention.Mention, err error) {
	q.News, q.Order, q.Gone = true, store.OldestSeen, true
	seen, changed := q, q
	seen.SeenFrom, seen.SeenTo = from, asOf.Add(Instant)
	changed.ChangedFrom, changed.ChangedTo, changed.SeenFrom, changed.SeenTo = from, asOf.Add(Instant), from.Add(-Edited), from
	for _, q := range []store.Question{changed, seen} {
		part, err := saying(ctx, ask, q, math.MaxInt)
		if err != nil {
			return nil, err
		}
		found = append(found, part...)
	}
	return found, nil
}

// saying gives what a question finds, at most so many. Among the few mentions that most
// questions of rules are about, words are looked for here: to look dozens of them up in all
// that is kept takes the store fifty times as long.
func saying(ctx context.Context, ask alerting.Asker, q store.Question, most int) (found []mention.Mention, err error) {
	all, words := q, q.Text
	all.Text = nil
	whole, err := read(ctx, ask, all, min(pageSize, most), func(m *mention.Mention) {
		if words == nil || Said(m, m.Current(), words) != nil {
			found = append(found, *m)
		}
	})
	if err != nil || whole {
		return found, err
	}
	found = nil
	_, err = read(ctx, ask, q, most, func(m *mention.Mention) { found = append(found, *m) })
	return found, err
}

// Said is the words of a version of m that were looked for, as they are written; nil when
// it is not what is looked for.
func Said(m *mention.Mention, v mention.Version, n query.Node) []string {
	d := query.NewDocument(query.Fields{Title: v.Title, Text: v.Text, Author: m.Author.Name, URL: m.URL, Source: m.Source, Lang: m.Lang, Kind: string(m.Kind)})
	spans, ok := query.Match(d, n)
	if !ok {
		return nil
	}
	return append([]string{}, d.Words(spans)...)
}

// Edited is for how long after it was seen an edit of a mention is looked at.
const Edited = 24 * time.Hour
