package alerting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/mention"
)

// joiner joins mentions into stories in order of sight. It is a cache: what it
// says is kept by the ledger, and a joiner that recalls the ledger's members says
// the same of the next mention as the one that joined them. What tells the same is
// the business of story.Index; the joiner knows versions, watches and changes.
type joiner struct {
	texts   textsFunc
	from    time.Time // everything seen up to here was joined before
	saved   time.Time // how far the ledger knows that we have read
	index   *story.Index
	members []Joined // without signatures, in order of sight, as the index has them
	newest  map[string]int
	story   map[string][]int
}

// textsFunc gives mentions with their texts; those that were erased are left out.
type textsFunc func(ctx context.Context, ids []string) ([]mention.Mention, error)

func newJoiner(from time.Time, texts textsFunc) *joiner {
	return &joiner{texts: texts, from: from, saved: from, index: story.NewIndex(), newest: map[string]int{}, story: map[string][]int{}}
}

// recall takes a member as the ledger has it.
func (j *joiner) recall(m Joined) {
	j.index.Keep(story.Item{Mention: m.Mention, Outlet: m.Outlet, SeenAt: m.SeenAt, Signature: m.Signature}, story.Told{Story: m.Story, Related: m.Related})
	j.note(m)
}

// note remembers a member that the index has.
func (j *joiner) note(m Joined) {
	m.Signature = mention.Signature{} // the index has it
	at := len(j.members)
	j.members = append(j.members, m)
	j.newest[m.Mention] = at
	j.story[m.Story] = append(j.story[m.Story], at)
}

// recallTopics reads again what the newest members are about: the ledger keeps no words.
func (j *joiner) recallTopics(ctx context.Context) error {
	recent := j.index.Recent()
	for chunk := range slices.Chunk(j.members[recent:], pageSize) {
		versions, err := j.versions(ctx, chunk)
		if err != nil {
			return fmt.Errorf("recall what stories are about: %w", err)
		}
		for i := range chunk {
			j.index.Learn(recent+i, story.TopicOf(versions[i]))
		}
		recent += len(chunk)
	}
	return nil
}

// knows says whether a mention is a member of a story.
func (j *joiner) knows(id string) bool { _, known := j.newest[id]; return known }

// concerned is the watches that are asked about a mention as it came into sight: those
// that claim it, and those of its story until then.
func (j *joiner) concerned(m *mention.Mention) []string {
	all := slices.Clone(m.Watches())
	if at, known := j.newest[m.ID]; known {
		all = append(all, j.claims(j.members[at].Story, m.SeenAt)...)
	}
	return all
}

// claims are the watches that claimed members of a story up to an instant, as far back as
// stories go.
func (j *joiner) claims(story string, upto time.Time) (all []string) {
	for _, at := range j.story[story] {
		all = append(all, j.members[at].claims(upto)...)
	}
	return all
}

// claims are the watches of a member that a story still had at an instant.
func (m Member) claims(upto time.Time) []string {
	if m.SeenAt.After(upto) || m.SeenAt.Before(upto.Add(-story.Window)) {
		return nil
	}
	return m.Watches
}

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
	joined := Joined{Member: member(m)}
	item := story.ItemOf(m, joined.SeenAt)
	told := j.index.Tell(item)
	joined.Story, joined.Related, joined.Signature = told.Story, told.Related, item.Signature
	if told.Story != m.ID {
		change, err := j.change(ctx, told.Story, m)
		if err != nil {
			return nil, err
		}
		joined.Change = change
	}
	j.note(joined)
	j.forget()
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
	if n := len(m.Versions); change == Unchanged && n > 1 && story.Emptied(m.Versions[n-2], m.Current()) {
		change = Retracted
	}
	after.Change = change
	claimed := slices.ContainsFunc(after.Watches, func(w string) bool { return !slices.Contains(before.Watches, w) })
	if after.Change == Unchanged && !claimed {
		return nil, nil
	}
	item := story.ItemOf(m, after.SeenAt)
	joined := Joined{Story: before.Story, Member: after, Signature: item.Signature}
	j.index.Keep(item, story.Told{Story: joined.Story})
	j.note(joined)
	return []Joined{joined}, nil
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
	before = slices.DeleteFunc(before, func(v mention.Version) bool { return v.At.IsZero() })
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

// versions is the texts of members as they were when they came into sight; one
// that was erased since is empty.
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
	all := make([]mention.Version, len(told))
	for i, t := range told {
		if m := byID[t.Mention]; m != nil {
			all[i] = m.VersionAt(t.SeenAt)
		}
	}
	return all, nil
}

// forget lets go of the members that fell out of the window, the older half of the
// index at once: rarely, and all of it.
func (j *joiner) forget() {
	expired := j.index.Expired()
	if expired < 1000 || expired < len(j.members)/2 {
		return
	}
	j.index.Forget()
	left := j.members[expired:]
	j.members, j.newest, j.story = nil, map[string]int{}, map[string][]int{}
	for _, m := range left {
		j.note(m)
	}
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
	return Member{Mention: m.ID, Source: m.Source, Outlet: story.Outlet(m), Watches: claimants(m.Current()), SeenAt: at,
		History: m.History || at.Sub(m.SeenAt) > lateClaim, Conversation: standsIn(m)}
}

// standsIn is the conversation of m, "" for an article.
func standsIn(m *mention.Mention) string {
	if m.Kind == mention.Article {
		return ""
	}
	return cmp.Or(m.Thread, m.ID)
}

// claimants are the watches that claim a version for what it says. A comment under our own
// post concerns us and names nobody: it makes no news of ours of what it speaks of.
func claimants(v mention.Version) (watches []string) {
	for _, h := range v.Hits {
		if len(h.Words) > 0 {
			watches = append(watches, h.Watch)
		}
	}
	return watches
}

// atHome says whether a version was claimed only for its place, or by nobody.
func atHome(v mention.Version) bool {
	return !slices.ContainsFunc(v.Hits, func(h mention.Hit) bool { return len(h.Words) > 0 })
}
