package story

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/text"
	"github.com/ouidire/ouidire/mention"
)

// Topic is what a text is about, as far as single words tell: hashes of the names,
// the figures and the long words of its title and first words, sorted.
type Topic []uint32

// The two low bits of a hash say what it is of.
const (
	ofWord   = 0
	ofName   = 1
	ofFigure = 2
	ofKind   = 3 // the mask
)

const (
	topicWords = 150 // of the text, that a Topic covers
	topicMost  = 96
	longWord   = 7 // letters
)

// TopicOf reads the topic of a version, without the words by which watches claim
// it: all that we read has those. Safe for concurrent use.
func TopicOf(v mention.Version) Topic {
	t := tokenizers.Get().(*text.Tokenizer)
	defer tokenizers.Put(t)
	title, body := bounded(v.Title), bounded(v.Text)
	head, all := t.Append(nil, title), t.Append(nil, body)
	all = all[:min(len(all), topicWords)]
	topic := topicOf(nil, title, head)
	topic = topicOf(topic, body, all)
	for _, f := range figures(title, body, head, all) {
		if len(f) > 1 && !isYear(f) { // small ones are in every text
			topic = append(topic, mark(f, ofFigure))
		}
	}
	claimed := map[uint32]bool{}
	for _, hit := range v.Hits {
		for _, w := range t.Append(nil, strings.Join(hit.Words, " ")) {
			claimed[mark(w.Fold, ofName)], claimed[mark(w.French, ofWord)] = true, true
		}
	}
	topic = slices.DeleteFunc(topic, func(h uint32) bool { return claimed[h] })
	slices.Sort(topic)
	topic = slices.Compact(topic)
	return topic[:min(len(topic), topicMost)]
}

// topicOf adds the names and the long words of s. Where most words have a capital,
// as in some headlines, none is a name for it.
func topicOf(topic Topic, s string, tokens []text.Token) Topic {
	capitals := 0
	for _, t := range tokens {
		if capital(s[t.Start:]) {
			capitals++
		}
	}
	named := 2*capitals < len(tokens)
	for _, t := range tokens {
		switch {
		case t.Class != text.Plain:
		case named && capital(s[t.Start:]) && !beginsSentence(s, t.Start) && !weekdays[t.Fold] && months[t.Fold] == 0:
			topic = append(topic, mark(t.Fold, ofName))
		case utf8.RuneCountInString(t.Fold) >= longWord:
			topic = append(topic, mark(t.French, ofWord))
		}
	}
	return topic
}

func mark(word string, kind uint32) uint32 { return fold32(scramble(hashOf(word)))&^ofKind | kind }

func capital(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsUpper(r)
}

// beginsSentence says whether a capital at i may be only that of a sentence.
func beginsSentence(s string, i int) bool {
	before := strings.TrimRight(s[:i], " \t\u00a0\u202f«“\"'’(—–-")
	return before == "" || strings.ContainsRune(".!?:…\n", lastRune(before))
}

func lastRune(s string) rune { r, _ := utf8.DecodeLastRuneInString(s); return r }

func isYear(f string) bool {
	return len(f) == 4 && (strings.HasPrefix(f, "19") || strings.HasPrefix(f, "20"))
}

// weekdays are words that English writes with a capital and that name nothing.
var weekdays = map[string]bool{"monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true}

// relatedWithin is how far apart two newsrooms tell one event.
const relatedWithin = 3 * 24 * time.Hour

// topics knows which of the members seen lately share a rare word.
type topics struct {
	from   int                 // the first member it knows
	under  map[uint32][]uint32 // members by hash, in order of sight
	counts map[uint32]counted  // in how many events a hash stands
	events map[string]string   // of related stories, the first of them
}

type counted struct {
	last string // the event that was counted last
	n    int
}

func newTopics(from int) topics {
	return topics{from: from, under: map[uint32][]uint32{}, counts: map[uint32]counted{}, events: map[string]string{}}
}

// learn counts the words of the member at a position, once for an event told in a
// row: the names in what ten newsrooms tell of one event stay as rare as the event.
func (x *Index) learn(at int) {
	t, k := &x.topics, &x.kept[at]
	if k.related != "" && t.events[k.story] == "" {
		t.events[k.story] = t.event(k.related)
	}
	event := t.event(k.story)
	for _, h := range k.item.Topic {
		if c := t.counts[h]; c.last != event {
			t.counts[h] = counted{event, c.n + 1}
		}
		if u := t.under[h]; len(u) == 0 || x.kept[u[len(u)-1]].story != k.story {
			t.under[h] = append(u, uint32(at))
		}
	}
}

func (t *topics) event(story string) string { return cmp.Or(t.events[story], story) }

// forgetTopics lets go of what was seen too early to be related to anything new,
// the older half at once: rarely, and all of it.
func (x *Index) forgetTopics(now time.Time) {
	for x.recent < len(x.kept) && now.Sub(x.kept[x.recent].item.SeenAt) > relatedWithin {
		x.kept[x.recent].item.Topic = nil
		x.recent++
	}
	if old := x.recent - x.topics.from; old < 500 || 2*old < len(x.kept)-x.topics.from {
		return
	}
	x.topics = newTopics(x.recent)
	for at := x.recent; at < len(x.kept); at++ {
		x.learn(at)
	}
}

// rare says whether so few stories have a hash that two which share it may have
// more in common. A word that a watch listens for is in all of them.
func (t *topics) rare(x *Index, h uint32) bool {
	return t.counts[h].n <= 2+(len(x.kept)-t.from)/100
}

// What is wanted of two texts that speak of one event: see score.
const (
	relatedScore = 8.0
	relatedShare = 0.25 // of the rare words of the poorer one
)

// related is the story, other than mine, that shares most rare words with i, if
// they are enough to speak of one event; "" for none.
func (x *Index) related(i *Item, mine string) string {
	shared := map[string]*common{}
	rare := 0
	for _, h := range i.Topic {
		if !x.topics.rare(x, h) {
			continue
		}
		rare++
		for _, member := range x.topics.under[h] {
			k := &x.kept[member]
			if int(member) < x.recent || k.story == mine {
				continue
			}
			c := shared[k.story]
			if c == nil {
				c = &common{all: len(k.item.Topic)}
				shared[k.story] = c
			}
			c.add(h)
		}
	}
	best, top := "", 0.0
	for story, c := range shared {
		s := c.score()
		if s < relatedScore || float64(c.n) < relatedShare*float64(min(rare, c.all)) {
			continue
		}
		if s > top || s == top && story < best { // maps come in any order
			best, top = story, s
		}
	}
	return best
}

// common is what two texts share.
type common struct {
	all                      int // hashes of the other text
	n, words, names, figures int
	last                     uint32
}

func (c *common) add(h uint32) {
	if c.last == h { // by another member
		return
	}
	c.last = h
	c.n++
	switch h & ofKind {
	case ofName:
		c.names++
	case ofFigure:
		c.figures++
	default:
		c.words++
	}
}

// score weighs what is shared: a name or a figure says more than a word, but
// without two names, or with nothing beside them, nothing does.
func (c *common) score() float64 {
	if c.names < 2 || c.words+c.figures == 0 {
		return 0
	}
	return float64(c.names) + 1.5*float64(c.figures) + 0.5*float64(c.words)
}
