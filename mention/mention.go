// Package mention holds the one value that walks the line: something said
// somewhere, by somebody, at some time. Every stage adds to it; none owns it.
// It imports nothing of ours.
package mention

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
	"time"
)

// Kind is what sort of text a mention is.
type Kind string

// The kinds of mention.
const (
	Article Kind = "article" // a press article, a page, a blog entry
	Post    Kind = "post"    // a publication on a network
	Comment Kind = "comment" // an answer to one of the above
	Review  Kind = "review"  // a rating with or without words
)

// Mention is one text at one place. The fields up to GoneAt are the source's,
// SeenAt the pipeline's, Hits the watch's, and those from Lang on the analyzer's.
type Mention struct {
	ID     string // stable across runs: NewID of the place and its own identifier
	Source string // configured name of the source, "page-facebook"
	Place  string // kind of place, "facebook", "web"
	Kind   Kind
	Own    bool // by the organisation itself: never a mention of it, but a parent of comments

	URL            string
	Versions       []Version // newest last, never empty; nothing is rewritten, an edit appends
	Author         Author
	Parent, Thread string    // ids of what it answers and of the root of the conversation
	PublishedAt    time.Time // what the place says, never after SeenAt; UTC
	DateFrom       string    // where PublishedAt came from: "feed", "jsonld", "htmldate"; "seen" when the place gave none
	SeenAt         time.Time // when we first had it; UTC
	GoneAt         time.Time // when we learnt that the place deleted it; zero while it stands
	History        bool      // published before we could have told anyone: kept and searched, never news

	Lang      string    // "fr", "en", "other", "" unknown
	Readings  []Reading // newest last; analyzer and people append
	Signature Signature
	Repaired  bool // the text was mojibake; Versions[0] is the repaired text
}

// Version is a text as it stood from At on.
type Version struct {
	At          time.Time
	Title, Text string
	Hits        []Hit
}

// Hit says that a watch claims a version, and by which words, as written.
// No words means that it was claimed for its place: a comment on our own.
type Hit struct {
	Watch string
	Words []string
}

// Author is who wrote, as far as the place tells.
type Author struct {
	ID       string
	Name     string
	Audience int // followers or readers, 0 when unknown
}

// Label is a tone. The empty label abstains.
type Label string

// The tones.
const (
	Negative Label = "negative"
	Neutral  Label = "neutral"
	Positive Label = "positive"
)

// Target is whom a text is about, seen from the organisation.
type Target string

// The targets.
const (
	Brand Target = "brand"
	Third Target = "third"
	None  Target = "none"
)

// Intent is what the author wants.
type Intent string

// The intents.
const (
	Question    Intent = "question"
	Complaint   Intent = "complaint"
	Suggestion  Intent = "suggestion"
	Praise      Intent = "praise"
	Information Intent = "information"
	Provocation Intent = "provocation"
	Other       Intent = "other"
)

// Person is Reading.By of a reading made by a person: it wins over the analyzer's.
const Person = "person"

// Reading is one judgement of a mention.
type Reading struct {
	At                          time.Time
	Negative, Neutral, Positive float64 // probabilities, sum 1
	Label                       Label   // "" when it abstains
	Target                      Target  // "" unknown
	Intent                      Intent
	Sure                        bool     // shown to a person as certain: measured precision ≥ 85 %
	Why                         []string // words or phrases that counted, as written
	By                          string   // model and version, or Person
}

// Signature is what stories are joined by: two mentions tell the same story
// when their signatures resemble or one contains the other's lead.
type Signature struct {
	MinHash []uint32 // 128 minima over the shingles of the whole text; empty for a text too short to sign
	Lead    []uint32 // hashed shingles of the lead, sorted
	Figures []string // numbers in title and lead, sorted: a changed one makes a correction worth telling
}

// NewID names what a place calls native. Equal arguments give equal ids for ever;
// the answer is 26 lower-case letters and digits, safe in addresses and file names.
func NewID(place, native string) string {
	sum := sha256.Sum256([]byte(place + "\x00" + native))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// Current is the newest version, and the zero Version of a mention that has none.
func (m *Mention) Current() Version { return m.VersionAt(time.Time{}) }

// VersionAt is the version that was known at asOf; the zero time means now.
// Before the first version it answers the zero Version.
func (m *Mention) VersionAt(asOf time.Time) Version {
	for i := len(m.Versions) - 1; i >= 0; i-- {
		if asOf.IsZero() || !m.Versions[i].At.After(asOf) {
			return m.Versions[i]
		}
	}
	return Version{}
}

// Reading is the judgement that holds: the newest made by a person, else the newest.
// ok is false while there is none.
func (m *Mention) Reading() (r Reading, ok bool) { return m.ReadingAt(time.Time{}) }

// ReadingAt is the judgement that held at asOf; the zero time means now.
func (m *Mention) ReadingAt(asOf time.Time) (r Reading, ok bool) {
	for i := len(m.Readings) - 1; i >= 0; i-- {
		next := m.Readings[i]
		if !asOf.IsZero() && next.At.After(asOf) {
			continue
		}
		if next.By == Person {
			return next, true
		}
		if !ok {
			r, ok = next, true
		}
	}
	return r, ok
}

// Watches names the watches that claim the current version, in order, each once.
func (m *Mention) Watches() []string {
	var names []string
	for _, h := range m.Current().Hits {
		names = append(names, h.Watch)
	}
	return names
}
