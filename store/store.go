// Package store says how mentions are kept and asked for. The folders below are
// the kinds: local (SQLite, the default) and, for those who outgrow one machine,
// elastic. storetest holds the one suite that each of them passes; state is
// apart: what the daemon itself must remember, whatever the store.
package store

import (
	"context"
	"errors"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch/query"
)

// ErrNotFound is the answer of Get to an id that is not kept.
var ErrNotFound = errors.New("no such mention")

// ErrNoPage is the answer of Search to a page that it never named.
var ErrNoPage = errors.New("no such page")

// Store keeps mentions and answers questions about them. It is safe for
// concurrent use. Equal questions over equal contents give equal answers in every
// kind; what is asked for is what Question.Asks says of the mention.
type Store interface {
	// Put keeps a batch, all of it or none, and returns when it is durable. A new
	// mention is kept as given, its times in UTC to the microsecond. Of a known one
	// the given newest version is appended when its title, text or hits differ from
	// the newest kept, with those of its readings that are not kept yet and its
	// signature; GoneAt is cleared, and all else stays as it was first kept. A
	// mention that nobody claims (its newest version has no hits, it is not Own) is
	// kept apart, see Question.Unclaimed, and moves over when it is put again with hits.
	// It returns the ids kept for the first time and, of the others, those that got
	// another version, as far as is known by then. What is durable can be found once
	// it no longer waits, see Waiting.
	Put(ctx context.Context, batch []mention.Mention) (fresh, edited []string, err error)
	// AddReading appends a judgement. ErrNotFound when the mention is not kept.
	AddReading(ctx context.Context, id string, r mention.Reading) error
	// AddReadings appends judgements to many mentions, of which nobody waits for one:
	// what is durable can be found once it no longer waits. Unknown ids are ignored.
	AddReadings(ctx context.Context, all []Judgement) error
	// MarkGone records that the place deleted these; unknown ids are ignored, and
	// what is gone already keeps its time.
	MarkGone(ctx context.Context, ids []string, at time.Time) error

	// Waiting is the earliest instant at which something that is kept and cannot be
	// found yet became known: was seen, edited, judged or gone. It is zero when
	// nothing waits, always so in a store that finds what it keeps.
	Waiting() time.Time
	// OnFound has ring called whenever something that waited can be found. There is
	// one listener, the newest.
	OnFound(ring func())

	// Get returns one mention, claimed or not, with its whole history.
	Get(ctx context.Context, id string) (mention.Mention, error)
	// Search returns mentions in order, at most limit, from the page that after
	// names ("" for the first). next is "" on the last page. Pages neither repeat
	// nor lose a mention while others are put; ErrNoPage for one that was never
	// named. A question with AsOf gives mentions as
	// they were known then, see Known.
	Search(ctx context.Context, q Question, limit int, after string) (found []mention.Mention, next string, err error)
	// Count is the exact number of mentions that Search would return over all pages.
	// When ctx ends first it is, beside the error, a number that they are not below:
	// what was counted until then, 0 when nothing is sure.
	Count(ctx context.Context, q Question) (int, error)
	// CountUpTo is Count, for somebody to whom most is as good as more: the answer is
	// at most that, and comes sooner.
	CountUpTo(ctx context.Context, q Question, most int) (int, error)
	// Histogram counts by publication time. Buckets are whole, in order, without gaps
	// from the first to the last that q spans (of an open q: that holds a mention).
	// ErrTooManyBuckets when they are more than MaxBuckets.
	Histogram(ctx context.Context, q Question, by Buckets) ([]Bucket, error)
	// Terms counts the values of a field (see Field.Values), most frequent first,
	// then by name; at most limit, all when that is below 1.
	Terms(ctx context.Context, q Question, f Field, limit int) ([]Term, error)

	// NewestSeen is the latest instant that a kept mention was seen at, zero when
	// none is kept.
	NewestSeen(ctx context.Context) (time.Time, error)
	// Retokenise brings up to date, in small steps, what an older version of the
	// program cut into tokens, or what is indexed otherwise among many, and returns
	// how many that were. Until it has ended questions are answered all the same, more
	// slowly. It is called every hour, and returns soon when there is nothing to do.
	Retokenise(ctx context.Context) (int, error)
	// Outdated is how many mentions are still found as an older version of the program
	// cut their words: what it cut otherwise may be missed in them. It is zero once
	// Retokenise has ended.
	Outdated(ctx context.Context) (int, error)
	// Forget erases mentions published before claimed, and unclaimed ones seen
	// before unclaimed, in small steps; it returns how many it erased.
	Forget(ctx context.Context, claimed, unclaimed time.Time) (int, error)
	Close() error
}

// Judgement is a reading of one mention.
type Judgement struct {
	ID      string
	Reading mention.Reading
}

// Question is which mentions one asks for; the zero Question asks for all that
// are claimed. Conditions add up; a list means any of its values. Asks says what
// that means of one mention.
type Question struct {
	Text     query.Node // nil for any
	Watches  []string
	Sources  []string
	Places   []string
	Kinds    []mention.Kind
	Langs    []string
	Labels   []mention.Label // by the reading that holds; "" asks for abstentions and the unread
	Targets  []mention.Target
	IDs      []string
	Threads  []string
	From, To time.Time // published in [From, To); zero is open
	SeenFrom time.Time // seen in [SeenFrom, SeenTo); zero is open
	SeenTo   time.Time
	// ChangedFrom and ChangedTo ask for what changed in [ChangedFrom, ChangedTo), as
	// Changed says; zero is open, and both zero ask for what never changed too.
	ChangedFrom, ChangedTo time.Time
	// AsOf asks what was known then: versions, readings and deletions that came
	// later do not count, and mentions seen later do not exist. Zero is now.
	AsOf      time.Time
	News      bool // leave out History
	Own       bool // ask for the organisation's own posts instead of what others say
	Unclaimed bool // ask among what no watch claimed (30 days) instead
	Gone      bool // also what was deleted at its place
	Order     Order
}

// Order is how Search sorts; equal times go by id.
type Order int

// The orders.
const (
	NewestPublished Order = iota // as people read
	OldestSeen                   // as rules read
)

// Field is what Terms counts.
type Field string

// The fields.
const (
	ByWatch  Field = "watch"
	BySource Field = "source"
	ByPlace  Field = "place"
	ByKind   Field = "kind"
	ByLang   Field = "lang"
	ByLabel  Field = "label"
	ByAuthor Field = "author"
)

// Buckets is how Histogram cuts time.
type Buckets struct {
	Every Every
	Zone  *time.Location // whose hours, days, weeks and months; nil is UTC
	Split Field          // counts within a bucket by this field; "" for none
}

// Every is a calendar step. A day has 23 or 25 hours when clocks change.
type Every string

// The steps. Weeks begin on Monday.
const (
	Hour  Every = "hour"
	Day   Every = "day"
	Week  Every = "week"
	Month Every = "month"
)

// Bucket is one step of a Histogram.
type Bucket struct {
	Start time.Time // in the zone asked for
	Count int
	By    map[string]int // by Buckets.Split; nil without
}

// Term is one value of a field and how many mentions have it.
type Term struct {
	Value string
	Count int
}
