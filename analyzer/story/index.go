package story

import (
	"net/url"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Window is how long a story can still be joined after a member like the new one
// was seen.
const Window = 30 * 24 * time.Hour

// Item is a mention as an Index knows it.
type Item struct {
	Mention   string // id
	Outlet    string // "" when unknown
	SeenAt    time.Time
	Signature mention.Signature // without words for what joins no story: see ItemOf
	Topic     Topic
}

// ItemOf is the newest version of a signed mention. What people say to each other,
// in comments and reviews, tells no story with others, however alike the words; a
// short post does with the very same words only.
func ItemOf(m *mention.Mention, at time.Time) Item {
	v := m.Current()
	i := Item{Mention: m.ID, Outlet: Outlet(m), SeenAt: at, Signature: m.Signature, Topic: TopicOf(v)}
	switch m.Kind {
	case mention.Comment, mention.Review:
		i.Signature, i.Topic = mention.Signature{}, nil
	case mention.Post:
		i.Signature = signPost(m.Signature, v)
	}
	return i
}

// Outlet is who tells: the host of the address, without what all hosts share, or
// the source when there is no address.
func Outlet(m *mention.Mention) string {
	u, err := url.Parse(m.URL)
	if err != nil || u.Hostname() == "" {
		return m.Source
	}
	return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
}

// Told is what an Index says of an item.
type Told struct {
	Story   string // the id of its first mention: the item's own when nobody told it before
	Why     Kind   // how the item stands to the member it was joined to, "" for the first
	Related string // another story that speaks of the same event, "" for none
}

// Index joins items into stories in order of sight. It is a function of what was
// told and kept before: an Index to which the items of another were given by Keep,
// in order, says what that one says. It is for one goroutine at a time.
type Index struct {
	kept    []kept // in order of sight
	live    int    // the first that is still in the window
	recent  int    // the first that something new can be related to
	posts   postings
	topics  topics
	asked   []uint32 // by member: the last question that it was compared for
	current uint32   // the question
	keys    []uint64 // room
}

type kept struct {
	story, related string
	item           Item
}

// NewIndex is an Index that knows nothing.
func NewIndex() *Index { return &Index{topics: newTopics(0)} }

// Tell says to which story an item belongs, and keeps it. Items come in order of
// sight; one that was seen earlier than the newest is taken to be seen with it.
func (x *Index) Tell(i Item) Told {
	if n := len(x.kept); n > 0 && i.SeenAt.Before(x.kept[n-1].item.SeenAt) {
		i.SeenAt = x.kept[n-1].item.SeenAt
	}
	x.expire(i.SeenAt.Add(-Window))
	x.forgetTopics(i.SeenAt)
	told := Told{Story: i.Mention}
	if at, why := x.like(&i); at >= 0 {
		told.Story, told.Why = x.kept[at].story, why
	}
	told.Related = x.related(&i, told.Story)
	x.Keep(i, told)
	return told
}

// Keep takes an item of which it is known what was told.
func (x *Index) Keep(i Item, told Told) {
	at := len(x.kept)
	x.keys = appendBands(x.keys[:0], i.Signature)
	for _, key := range x.keys {
		x.posts.add(key, at)
	}
	x.kept = append(x.kept, kept{told.Story, told.Related, i})
	x.learn(at)
	x.asked = append(x.asked, 0)
}

// like is the member seen first among those that tell the same, -1 for none.
func (x *Index) like(i *Item) (at int, why Kind) {
	at = -1
	x.current++
	x.keys = appendBands(x.keys[:0], i.Signature)
	for _, key := range x.keys {
		for p := x.posts.first(key); p != none; p = x.posts.all[p].next {
			other := int(x.posts.all[p].member)
			if at >= 0 && other >= at {
				break // a chain is in order of sight
			}
			if other < x.live || x.posts.all[p].key != uint32(key) || x.asked[other] == x.current {
				continue
			}
			x.asked[other] = x.current
			if r := tells(&x.kept[other].item, i); r.Kind != Different {
				at, why = other, r.Kind
				break
			}
		}
	}
	return at, why
}

// What one outlet says in the words of another day is what it says every day, a
// weather report or a list of jobs, unless it is almost word for word the same; what
// it says on one day under two headlines shares what stands on all its pages.
const (
	sameDay   = 18 * time.Hour
	sameWords = 0.70
	halfWords = 0.50
)

// tells is Compare in the light of who told when.
func tells(old, i *Item) Relation {
	r := Compare(old.Signature, i.Signature)
	if r.Kind != Different && apart(old, i, r) {
		r.Kind = Different
	}
	return r
}

// apart tells a recurring piece from a story.
func apart(old, i *Item, r Relation) bool {
	later := i.SeenAt.Sub(old.SeenAt) > sameDay
	switch {
	case r.Headline:
		return later
	case old.Outlet == "" || old.Outlet != i.Outlet:
		return false
	case r.Resemblance >= sameWords:
		return later && otherFigures(old.Signature.Figures, i.Signature.Figures)
	}
	a, b := headline(old.Signature), headline(i.Signature)
	if a == 0 || b == 0 {
		return later || r.Resemblance < halfWords
	}
	return later || a != b
}

// otherFigures says whether most figures of two texts differ, of which each has some.
func otherFigures(a, b []string) bool {
	shared := 0
	for _, f := range a {
		for _, g := range b {
			if f == g {
				shared++
			}
		}
	}
	return min(len(a), len(b)) >= 2 && 2*shared <= min(len(a), len(b))
}

// expire lets go of what was kept before an instant; Forget gives the room back.
func (x *Index) expire(before time.Time) {
	for x.live < len(x.kept) && x.kept[x.live].item.SeenAt.Before(before) {
		x.live++
	}
}

// Recent is the position of the first item that something new can be related to:
// positions count from the oldest that was not forgotten.
func (x *Index) Recent() int {
	if n := len(x.kept); n > 0 {
		x.forgetTopics(x.kept[n-1].item.SeenAt)
	}
	return x.recent
}

// Learn gives the item at a position, kept without, its topic.
func (x *Index) Learn(at int, t Topic) {
	x.kept[at].item.Topic = t
	x.learn(at)
}

// Expired is how many items, the oldest, fell out of the window.
func (x *Index) Expired() int { return x.live }

// Forget drops the expired items; the others move down by as many.
func (x *Index) Forget() {
	old := x.kept[x.live:]
	*x = *NewIndex()
	for _, k := range old {
		x.Keep(k.item, Told{Story: k.story, Related: k.related})
	}
}

// postings are the members under each key: a table of chains, each in order of sight.
type postings struct {
	heads, tails []uint32 // by the low bits of the key
	all          []posting
}

type posting struct{ key, member, next uint32 }

// none ends a chain.
const none = ^uint32(0)

func (p *postings) first(key uint64) uint32 {
	if len(p.heads) == 0 {
		return none
	}
	return p.heads[uint32(key)&uint32(len(p.heads)-1)]
}

func (p *postings) add(key uint64, member int) {
	p.all = append(p.all, posting{uint32(key), uint32(member), none})
	if len(p.all) > len(p.heads) {
		p.grow()
		return
	}
	p.link(uint32(len(p.all) - 1))
}

func (p *postings) link(at uint32) {
	slot := p.all[at].key & uint32(len(p.heads)-1)
	if last := p.tails[slot]; last != none {
		p.all[last].next = at
	} else {
		p.heads[slot] = at
	}
	p.tails[slot] = at
}

func (p *postings) grow() {
	n := max(1024, 2*len(p.heads))
	p.heads, p.tails = make([]uint32, n), make([]uint32, n)
	for i := range n {
		p.heads[i], p.tails[i] = none, none
	}
	for at := range p.all {
		p.all[at].next = none
		p.link(uint32(at))
	}
}
