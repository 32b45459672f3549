package alerting

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/mention"
)

// storyWindow is how long a story can still be joined after a member was seen.
const storyWindow = 30 * 24 * time.Hour

// joiner joins mentions into stories in order of sight. It is a cache: what it
// says is kept by the ledger, and a joiner that recalls the ledger's members says
// the same of the next mention as the one that joined them. A member takes about
// 8 KB while it is in the window.
type joiner struct {
	texts   textsFunc
	from    time.Time // everything seen up to here was joined before
	saved   time.Time // how far the ledger knows that we have read
	members []Joined  // in order of sight; those that fell out of the window lose their story
	live    int       // the first that has not
	newest  map[string]int
	story   map[string][]int
	buckets map[uint64][]int
}

// textsFunc gives mentions with their texts; those that were erased are left out.
type textsFunc func(ctx context.Context, ids []string) ([]mention.Mention, error)

func newJoiner(from time.Time, texts textsFunc) *joiner {
	return &joiner{texts: texts, from: from, saved: from, newest: map[string]int{}, story: map[string][]int{}, buckets: map[uint64][]int{}}
}

// recall takes a member as the ledger has it.
func (j *joiner) recall(m Joined) {
	at := len(j.members)
	j.members = append(j.members, m)
	j.newest[m.Mention] = at
	j.story[m.Story] = append(j.story[m.Story], at)
	for _, b := range story.Bands(m.Signature) {
		j.buckets[b] = append(j.buckets[b], at)
	}
}

// knows says whether a mention is a member of a story.
func (j *joiner) knows(id string) bool { _, known := j.newest[id]; return known }

// add gives what a mention, or its newest version, brings to the stories: nothing
// when it is known and says nothing else, and when it was claimed only for its
// place, for what is said at home is no news.
func (j *joiner) add(ctx context.Context, m *mention.Mention) ([]Joined, error) {
	last, known := j.newest[m.ID]
	switch {
	case atHome(m.Current()):
		return nil, nil
	case known:
		return j.revise(ctx, m, j.members[last])
	}
	joined := Joined{Story: m.ID, Member: member(m), Signature: m.Signature}
	j.forget(joined.SeenAt.Add(-storyWindow))
	if like, found := j.like(m.Signature); found {
		change, err := j.change(ctx, like.Story, m)
		if err != nil {
			return nil, err
		}
		joined.Story, joined.Change = like.Story, change
	}
	j.recall(joined)
	return []Joined{joined}, nil
}

// revise is a known mention seen again: a member once more when its new version
// changes the story, or when another watch claims it now.
func (j *joiner) revise(ctx context.Context, m *mention.Mention, before Joined) ([]Joined, error) {
	after := seenAt(m, m.Current().At)
	if !after.SeenAt.After(before.SeenAt) {
		return nil, nil
	}
	change, err := j.change(ctx, before.Story, m)
	if err != nil {
		return nil, err
	}
	after.Change = change
	claimed := slices.ContainsFunc(after.Watches, func(w string) bool { return !slices.Contains(before.Watches, w) })
	if after.Change == Unchanged && !claimed {
		return nil, nil
	}
	joined := Joined{Story: before.Story, Member: after, Signature: m.Signature}
	j.recall(joined)
	return []Joined{joined}, nil
}

// like is the member seen first among those that tell the same.
func (j *joiner) like(s mention.Signature) (Joined, bool) {
	first := -1
	for _, b := range story.Bands(s) {
		for _, at := range j.buckets[b] {
			if at < j.live || (first >= 0 && at >= first) {
				continue
			}
			if story.Compare(j.members[at].Signature, s).Kind != story.Different {
				first = at
				break // a bucket is in order of sight
			}
		}
	}
	if first < 0 {
		return Joined{}, false
	}
	return j.members[first], true
}

// comparedMost bounds how many members of a story a new text is compared with.
const comparedMost = 20

// change is what a text brings to a story: nothing when it says the same as any
// member before it, so that a correction which seventeen outlets take over is one,
// and an outlet that lags behind brings none. What is taken back is told once.
func (j *joiner) change(ctx context.Context, id string, m *mention.Mention) (Change, error) {
	told := j.told(id)
	before, err := j.versions(ctx, told)
	if err != nil {
		return Unchanged, fmt.Errorf("compare %s with its story: %w", m.ID, err)
	}
	retracts := len(before) > 0
	for _, v := range before {
		c := story.Material(v, m.Current())
		if !c.Told() {
			return Unchanged, nil
		}
		retracts = retracts && c.Nature == story.Retraction
	}
	switch {
	case len(before) == 0:
		return Unchanged, nil
	case !retracts:
		return Corrected, nil
	case slices.ContainsFunc(told, func(t Joined) bool { return t.Change == Retracted }):
		return Unchanged, nil
	}
	return Retracted, nil
}

// told is what was said of a story so far: its first members, for what it is, and
// its newest, for what it has become.
func (j *joiner) told(id string) []Joined {
	var all []Joined
	of := j.story[id]
	for n, at := range of {
		if n < comparedMost/2 || n >= len(of)-comparedMost/2 || j.members[at].Change != Unchanged {
			all = append(all, j.members[at])
		}
	}
	return all[max(0, len(all)-2*comparedMost):]
}

// versions is the texts of members as they were when they came into sight.
func (j *joiner) versions(ctx context.Context, told []Joined) ([]mention.Version, error) {
	var ids []string
	for _, t := range told {
		ids = append(ids, t.Mention)
	}
	slices.Sort(ids)
	found, err := j.texts(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	byID := map[string]*mention.Mention{}
	for i := range found {
		byID[found[i].ID] = &found[i]
	}
	var all []mention.Version
	for _, t := range told {
		if m := byID[t.Mention]; m != nil {
			all = append(all, m.VersionAt(t.SeenAt))
		}
	}
	return all, nil
}

// forget lets go of the members seen before the window, the older half of the
// index at once: rarely, and all of it.
func (j *joiner) forget(before time.Time) {
	for j.live < len(j.members) && j.members[j.live].SeenAt.Before(before) {
		j.live++
	}
	if j.live < 1000 || j.live < len(j.members)/2 {
		return
	}
	fresh := newJoiner(j.from, j.texts)
	for _, m := range j.members[j.live:] {
		fresh.recall(m)
	}
	fresh.saved = j.saved
	*j = *fresh
}

// lateClaim is how long after its first sight a mention that a watch claims can
// still be news: a watch that is added today makes none of last month.
const lateClaim = 24 * time.Hour

// member is a mention as it came into sight: when a version first named what a
// watch listens for.
func member(m *mention.Mention) Member {
	first := slices.IndexFunc(m.Versions, func(v mention.Version) bool { return !atHome(v) })
	return seenAt(m, m.Versions[first].At)
}

func seenAt(m *mention.Mention, at time.Time) Member {
	return Member{Mention: m.ID, Source: m.Source, Outlet: outlet(m), Watches: m.Watches(), SeenAt: at,
		History: m.History || at.Sub(m.SeenAt) > lateClaim}
}

// outlet is who tells: the host of the address, without what all hosts share.
func outlet(m *mention.Mention) string {
	u, err := url.Parse(m.URL)
	if err != nil || u.Hostname() == "" {
		return m.Source
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// atHome says whether a version was claimed only for its place, or by nobody.
func atHome(v mention.Version) bool {
	return !slices.ContainsFunc(v.Hits, func(h mention.Hit) bool { return len(h.Words) > 0 })
}
