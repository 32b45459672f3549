package alerting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// gatherer reads what an edition says of the time [from, to).
type gatherer struct {
	mentions Mentions
	stories  StoryLedger
	blind    BlindFunc
	edition  Edition
	from, to time.Time
}

// facts is all of it but for what concerns situations.
func (g gatherer) facts(ctx context.Context) (f EditionFacts, err error) {
	f = EditionFacts{Kind: g.edition.Kind, Every: g.edition.Every, From: g.from, To: g.to}
	if f.Now, err = g.figures(ctx, g.from, g.to); err != nil {
		return f, fmt.Errorf("count: %w", err)
	}
	if err := g.read(ctx, &f); err != nil {
		return f, fmt.Errorf("ask what could be read: %w", err)
	}
	if g.edition.Kind != Digest {
		return f, nil
	}
	before, err := g.figures(ctx, g.from.Add(-g.to.Sub(g.from)), g.from)
	if err != nil {
		return f, fmt.Errorf("count what was before: %w", err)
	}
	if before.All > 0 {
		f.Before = &before
	}
	if err := g.news(ctx, &f); err != nil {
		return f, fmt.Errorf("gather stories: %w", err)
	}
	if err := g.talks(ctx, &f); err != nil {
		return f, fmt.Errorf("gather conversations: %w", err)
	}
	f.rank()
	return f, nil
}

// figures count what was first seen in [from, to) and is no history.
func (g gatherer) figures(ctx context.Context, from, to time.Time) (f Figures, err error) {
	all, own := g.edition.watches()
	q := store.Question{Watches: all, SeenFrom: from, SeenTo: to, News: true, Gone: true, AsOf: g.asOf()}
	if f.All, err = g.mentions.Count(ctx, q); err != nil || len(own) == 0 {
		return f, err
	}
	q.Watches = own
	if f.Own, err = g.mentions.Count(ctx, q); err != nil {
		return f, err
	}
	for label, n := range map[mention.Label]*int{mention.Negative: &f.Negative, mention.Neutral: &f.Neutral, mention.Positive: &f.Positive} {
		q.Labels = []mention.Label{label}
		if *n, err = g.mentions.Count(ctx, q); err != nil {
			return f, err
		}
	}
	return f, nil
}

// asOf is the last instant of the time that is told.
func (g gatherer) asOf() time.Time { return g.to.Add(-time.Microsecond) }

// read says how many sources could be read at the end, which could not, and which could
// not always.
func (g gatherer) read(ctx context.Context, f *EditionFacts) error {
	blind, err := g.blind(ctx, "", g.asOf())
	if err != nil {
		return err
	}
	for _, b := range blind {
		if slices.Contains(g.edition.Sources, b.Source) {
			f.Unread = append(f.Unread, Unread{b.Source, b.Since})
		}
	}
	f.Read = len(g.edition.Sources) - len(f.Unread)
	for at := g.from.Add(lookEvery); at.Before(g.to); at = at.Add(lookEvery) {
		blind, err := g.blind(ctx, "", at)
		if err != nil {
			return err
		}
		for _, b := range blind {
			if !b.Away && slices.Contains(g.edition.Sources, b.Source) {
				f.missed(b.Source)
			}
		}
	}
	return nil
}

// lookEvery is how often one looks whether a source could be read meanwhile: what was
// unread for less is no gap that a reader should know of.
const lookEvery = 6 * time.Hour

// newsFound is a story that got something new, and the member to tell it by.
type newsFound struct {
	EditionLine
	teller Member
}

// storiesMost bounds how many stories are looked at one by one.
const storiesMost = 5000

// news adds a line for each story that the press or a post brought something new to.
func (g gatherer) news(ctx context.Context, f *EditionFacts) error {
	stories, err := g.stories.Stories(ctx, "", g.from, g.to)
	if err != nil {
		return err
	}
	var all []newsFound
	for _, s := range stories {
		if t, is := g.toldIn(s.at(g.asOf())); is {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b newsFound) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(b.Outlets, a.Outlets), b.At.Compare(a.At), strings.Compare(a.ID, b.ID))
	})
	if len(all) > storiesMost {
		f.More += len(all) - storiesMost
		all = all[:storiesMost]
	}
	for chunk := range slices.Chunk(all, pageSize) {
		if err := g.word(ctx, f, chunk); err != nil {
			return err
		}
	}
	return nil
}

// toldIn is what a story brought in this time: mentions that the watches had not claimed
// before, and what changed it.
func (g gatherer) toldIn(s Story) (t newsFound, is bool) {
	known, news := map[string]bool{}, false
	for _, m := range s.Members {
		w, claims := g.edition.best(m.Watches)
		if !claims {
			continue
		}
		fresh := !known[m.Mention] && !m.History
		known[m.Mention], news = true, news || fresh
		if m.SeenAt.Before(g.from) || !fresh && (m.Change == Unchanged || !news) {
			continue
		}
		if fresh {
			t.New++
		}
		if !is || m.Change != Unchanged {
			t.teller, t.At = m, m.SeenAt
		}
		if !is || w.Rank < t.Rank {
			t.Watch, t.Own, t.Rank = w.Name, w.Own, w.Rank
		}
		t.Change, is = cmp.Or(m.Change, t.Change), true
	}
	t.ID, t.Outlets = s.ID, s.Outlets()
	return t, is
}

// word reads the tellers of stories. What people wrote is left to the conversations.
func (g gatherer) word(ctx context.Context, f *EditionFacts, all []newsFound) error {
	ids := make([]string, len(all))
	for i, t := range all {
		ids[i] = t.teller.Mention
	}
	found, err := g.byID(ctx, store.Question{IDs: ids, Gone: true})
	if err != nil {
		return err
	}
	for _, t := range all {
		m, kept := found[t.teller.Mention]
		if !kept || !m.GoneAt.IsZero() && t.New < 2 || conversation(m.Kind) {
			continue // erased since, taken down, or told as a conversation
		}
		v := m.VersionAt(t.teller.SeenAt)
		t.Title, t.Outlet, t.Mention, t.URL = v.Title, t.teller.Outlet, m.ID, m.URL
		if strings.TrimSpace(t.Title) == "" {
			t.Title = shorten(v.Text, titleLimit)
		}
		if reading, read := m.ReadingAt(g.asOf()); read {
			t.Tone, t.Sure = reading.Label, reading.Sure
		}
		f.Lines = append(f.Lines, t.EditionLine)
	}
	f.rank()
	return nil
}

func conversation(k mention.Kind) bool { return k == mention.Comment || k == mention.Review }

func (g gatherer) byID(ctx context.Context, q store.Question) (map[string]mention.Mention, error) {
	found, _, err := g.mentions.Search(ctx, q, len(q.IDs), "")
	of := make(map[string]mention.Mention, len(found))
	for _, m := range found {
		of[m.ID] = m
	}
	return of, err
}

// commentsMost bounds how many comments are read to tell where people complain.
const commentsMost = 5000

// talks adds a line for each conversation in which people complain. The others are
// counted: somebody who looks after her own page has read them there.
func (g gatherer) talks(ctx context.Context, f *EditionFacts) error {
	watches, _ := g.edition.watches()
	q := store.Question{Watches: watches, Kinds: []mention.Kind{mention.Comment, mention.Review}, SeenFrom: g.from, SeenTo: g.to,
		News: true, AsOf: g.asOf(), Order: store.OldestSeen}
	lines := map[string]*EditionLine{}
	for after, read := "", 0; read < commentsMost; read += pageSize {
		page, next, err := g.mentions.Search(ctx, q, pageSize, after)
		if err != nil {
			return err
		}
		for i := range page {
			g.hear(lines, &page[i])
		}
		if after = next; after == "" {
			break
		}
	}
	var complained []EditionLine
	for _, line := range lines {
		if line.Negative > 0 {
			complained = append(complained, *line)
		}
	}
	return g.entitle(ctx, f, complained)
}

// hear adds a comment to its conversation.
func (g gatherer) hear(lines map[string]*EditionLine, m *mention.Mention) {
	w, claims := g.edition.best(m.Watches())
	if !claims {
		return
	}
	id := cmp.Or(m.Thread, m.ID)
	line := lines[id]
	if line == nil {
		line = &EditionLine{ID: id, Talk: true, Watch: w.Name, Own: w.Own, Rank: w.Rank, Outlet: m.Source, Mention: m.ID, URL: m.URL}
		lines[id] = line
	}
	if w.Rank < line.Rank {
		line.Watch, line.Own, line.Rank = w.Name, w.Own, w.Rank
	}
	line.New++
	line.At = lastOf(line.At, m.SeenAt)
	if reading, read := m.ReadingAt(g.asOf()); read && reading.Label == mention.Negative {
		line.Negative++
	}
}

// entitle gives each conversation the title of what it began with, as far as that is
// kept: our own posts, what others say, and what no watch claims.
func (g gatherer) entitle(ctx context.Context, f *EditionFacts, lines []EditionLine) error {
	talks := EditionFacts{Lines: lines}
	talks.rank()
	var ids []string
	for _, line := range talks.Lines {
		ids = append(ids, line.ID)
	}
	for _, q := range []store.Question{{Own: true}, {}, {Unclaimed: true}} {
		if len(ids) == 0 {
			break
		}
		q.IDs, q.Gone = ids, true
		roots, err := g.byID(ctx, q)
		if err != nil {
			return err
		}
		for i := range talks.Lines {
			if root, kept := roots[talks.Lines[i].ID]; kept {
				v := root.Current()
				talks.Lines[i].Title, talks.Lines[i].URL = shorten(cmp.Or(strings.TrimSpace(v.Title), strings.TrimSpace(v.Text)), titleLimit), root.URL
			}
		}
	}
	f.Lines, f.More = append(f.Lines, talks.Lines...), f.More+talks.More
	return nil
}
