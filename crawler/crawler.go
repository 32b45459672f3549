// Package crawler visits sources on their clocks and hands what they found to a
// sink. It knows no place: the folders below hold one kind of source each, and
// what they share (etiquette, guard, conditional requests) is internal/polite.
// Read Source first, then Crawler.Run: it begins visits that are due; a visit
// reads and delivers (visit.go), and what it came to decides when the next one
// is (clock.go) and whether its silence means anything (blind.go, and package
// freshness for a place that answers and brings nothing new).
//
// 2,000 feeds an hour take 0.06 % of one core, their servers' work included
// (scale_test.go); a simulated week with three restarts keeps eighteen of eighteen
// points of etiquette (points_test.go).
package crawler

import (
	"context"
	"log/slog"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/mention"
)

// Source is one configured place to read. A Source is called by one goroutine at
// a time and starts none that outlive the call.
type Source interface {
	// Fetch returns what appeared since cursor. An empty cursor asks for what is
	// there now. A stream stays on the line up to a minute, then returns. The same
	// cursor may be given again (the batch was not kept): ids must be the same.
	// An answer that was cut gives an error and no Next.
	Fetch(ctx context.Context, cursor string) (Found, error)
}

// Found is what one visit brought.
type Found struct {
	Mentions  []mention.Mention // Source, SeenAt, Hits, Readings are not the source's to set
	Gone      []string          // ids deleted at the place
	Next      string            // cursor to save once Mentions are durable
	NotBefore time.Time         // the server's wish; zero for none
	More      bool              // another page waits: come back at once
	Notice    string            // what the owner should know though the visit worked ("address has moved"), "" for nothing
	// Doubt is why the answer, though it was read, is no proof of silence: a list
	// that used to be full is empty. What it brought is kept and the cursor moves,
	// but the source counts as not read. Nil for none.
	Doubt error
}

// A Checker tells no comments from no rights: a source that can see only when
// something is allowed (a token, a login) implements it.
type Checker interface {
	Check(ctx context.Context) error
}

// An Opener is a source whose place closes at hours that it told (skipHours). It
// answers from the cursor alone, and asks nobody.
type Opener interface {
	// Opens is the first instant, from at on, at which the place may be asked.
	Opens(cursor string, at time.Time) time.Time
}

// Looked is what a kind of source finds at an address that a person gave: a place it
// can read, or a choice of other addresses where there may be some.
type Looked struct {
	Kind     string              // the kind that found it; for whoever knows kinds
	Title    string              // what the place calls itself
	Settings map[string][]string // of an entry that reads it, by key
	Comments bool                // what it brings are comments
	Items    []mention.Mention   // what a first visit would bring
	Choices  []Choice            // instead: addresses found there
	Engine   string              // what the site is made with, when it says so: "WordPress"
}

// Choice is an address found at another one.
type Choice struct {
	URL, Title string
	Comments   bool
}

// Deps is what several kinds need, and must not make themselves.
type Deps struct {
	Client *polite.Client   // the guarded, polite client; the only way out
	Now    func() time.Time // the clock
	Log    *slog.Logger
}

// Job is one source with its clock.
type Job struct {
	Name   string        // configured, unique
	Kind   string        // its line in app/kinds.go, "feed"
	Config string        // digest of its configuration: a source that had ended is tried again when this changes
	Every  time.Duration // 0 for the default; kept within Job.Interval's bounds
	Own    bool          // a place of the organisation's own
	// Hurried visits as often as Every says, however often that is: the place is
	// part of this program and owed no etiquette.
	Hurried bool
	Source  Source
}

// Sink takes a batch and returns once it is durable. An error means that the
// cursor must not move.
type Sink interface {
	Handle(ctx context.Context, b mention.Batch) error
}

// Health is how well a source can be read.
type Health string

// The healths, as the glossary names them to readers: lue normalement, avec difficulté, en pause.
const (
	Well   Health = "well"
	Poorly Health = "poorly" // failed, will be tried again soon
	Paused Health = "paused" // will not be tried before Visit.Next for a reason the place gave, or ended (410)
)

// Visit is what is remembered of a source between visits and across restarts.
type Visit struct {
	Source      string
	Cursor      string
	Config      string    // Job.Config at the last visit
	Next        time.Time // not visited before
	NotBefore   time.Time // what the place itself wished at the last visit; zero for nothing
	Last        time.Time // the last visit's start, zero before the first
	LastSuccess time.Time
	Newest      time.Time // publication of the newest item ever read
	Failures    int       // in a row
	Health      Health
	Since       time.Time // when it began to be well or not well
	Blind       bool      // its silence says nothing: see blind.go
	BlindSince  time.Time // "not read since 9:12"; zero when not blind, or never read
	Reason      string    // stable word why it is not well, one of Reasons
	Detail      string    // one English sentence for the log and the page, without secrets
	Notice      string
	History     string // when it brings something new, as package freshness writes it
	Ended       bool   // the place said that it is gone for good (410): not visited until its configuration changes
}

// Memory keeps visits across restarts.
type Memory interface {
	Visits(ctx context.Context) ([]Visit, error)
	SaveVisit(ctx context.Context, v Visit) error
}
