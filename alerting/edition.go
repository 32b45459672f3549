package alerting

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Edition is something that a channel is told at its own hours, whether much happened
// or nothing. It goes the way of every message: it is made durable together with how
// far it reaches, then sent until it is accepted. Every mention is in one edition: each
// begins where the one before it ended, and those that could not be sent are one
// message with the next.
type Edition struct {
	Kind EditionKind
	Cadence
	Watches  []EditionWatch // whose mentions, the weightiest first
	Sources  []string       // that are to be read
	OnlyNews bool           // none when there is nothing to report
}

// EditionKind is what an edition is.
type EditionKind string

// The kinds of edition.
const (
	Digest     EditionKind = "digest"       // what was said
	SignOfLife EditionKind = "sign_of_life" // that we are there, and what we read
)

// EditionWatch is a watch whose mentions an edition tells.
type EditionWatch struct {
	Name string
	Own  bool // one of the organisation's own names
	Rank int  // what is of a lower rank comes first
}

// name is what the ledger remembers under how far an edition of a channel reaches. No
// rule is called so: their names have no spaces.
func (e Edition) name(channel string) string { return string(e.Kind) + " of " + channel }

// watch finds a watch of the edition; ok is false when it does not listen to it.
func (e Edition) watch(name string) (w EditionWatch, ok bool) {
	for _, w := range e.Watches {
		if w.Name == name {
			return w, true
		}
	}
	return EditionWatch{}, false
}

// best is the weightiest of the edition's watches among these names.
func (e Edition) best(names []string) (best EditionWatch, ok bool) {
	for _, name := range names {
		if w, listens := e.watch(name); listens && (!ok || w.Rank < best.Rank) {
			best, ok = w, true
		}
	}
	return best, ok
}

func (e Edition) watches() (names []string, own []string) {
	for _, w := range e.Watches {
		names = append(names, w.Name)
		if w.Own {
			own = append(own, w.Name)
		}
	}
	return names, own
}

// EditionFacts is what an edition says of what was first seen in [From, To).
type EditionFacts struct {
	Kind    EditionKind   `json:"kind"`
	Channel string        `json:"channel"` // whose edition it is, also when another one stands in
	Every   Every         `json:"every"`
	From    time.Time     `json:"from"`
	To      time.Time     `json:"to"`
	Lines   []EditionLine `json:"lines,omitempty"` // the weightiest first
	More    int           `json:"more,omitempty"`  // news and conversations beside the lines
	Now     Figures       `json:"now"`
	Before  *Figures      `json:"before,omitempty"`  // of as long before; nil when that was not all read
	Read    int           `json:"read"`              // sources that could be read
	Unread  []Unread      `json:"unread,omitempty"`  // those that could not
	Partly  []string      `json:"partly,omitempty"`  // sources that could not be read for a part of the time
	Stopped *Stop         `json:"stopped,omitempty"` // when we last did not run for long, nil when we always did
	Open    int           `json:"open,omitempty"`    // situations that somebody must look after
	Opened  int           `json:"opened,omitempty"`  // situations that began meanwhile
	Sent    int           `json:"sent,omitempty"`    // messages that the channel has accepted meanwhile
}

// missed notes a source that could not be read for a part of the time.
func (f *EditionFacts) missed(source string) {
	unread := slices.ContainsFunc(f.Unread, func(u Unread) bool { return u.Source == source })
	if !unread && !slices.Contains(f.Partly, source) {
		f.Partly = append(f.Partly, source)
	}
}

// quiet says whether there is nothing to report.
func (f EditionFacts) quiet() bool {
	return len(f.Lines) == 0 && f.Open == 0 && len(f.Unread) == 0 && len(f.Partly) == 0
}

// Stop is a time during which we did not run.
type Stop struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Unread is a source that could not be read at the end.
type Unread struct {
	Source string    `json:"source"`
	Since  time.Time `json:"since,omitzero"` // zero is never
}

// Figures are how much was said, and in which tone.
type Figures struct {
	All      int `json:"all"`                // mentions
	Own      int `json:"own,omitempty"`      // of them those that concern the organisation itself
	Negative int `json:"negative,omitempty"` // of those, by the tone that was judged
	Neutral  int `json:"neutral,omitempty"`
	Positive int `json:"positive,omitempty"`
}

func (f Figures) plus(g Figures) Figures {
	return Figures{f.All + g.All, f.Own + g.Own, f.Negative + g.Negative, f.Neutral + g.Neutral, f.Positive + g.Positive}
}

// EditionLine is a story, or a conversation.
type EditionLine struct {
	ID       string        `json:"id"`
	Talk     bool          `json:"talk,omitempty"`
	Watch    string        `json:"watch"` // the weightiest that claims it
	Own      bool          `json:"own,omitempty"`
	Rank     int           `json:"rank,omitempty"`
	Title    string        `json:"title"`
	Outlet   string        `json:"outlet,omitempty"`
	Outlets  int           `json:"outlets,omitempty"`  // that tell the story so far
	New      int           `json:"new,omitempty"`      // of its mentions, first seen in this time
	Negative int           `json:"negative,omitempty"` // of a conversation's
	Change   Change        `json:"change,omitempty"`
	Tone     mention.Label `json:"tone,omitempty"` // of the mention that tells it
	Sure     bool          `json:"sure,omitempty"` // that tone is shown as certain
	Mention  string        `json:"mention,omitempty"`
	URL      string        `json:"url,omitempty"`
	At       time.Time     `json:"at"`
}

// weight orders the lines of one rank: how many tell it, or complain.
func (l EditionLine) weight() int {
	if l.Talk {
		return l.Negative
	}
	return l.Outlets
}

// linesMost is how many lines an edition keeps: more than it shows, since the next may
// have to tell them with its own.
const linesMost = 24

// merged is what several editions say that follow one another: of a story what is
// newest, and no comparison, for there is no such time before.
func merged(all []EditionFacts) EditionFacts {
	f := all[len(all)-1]
	if len(all) == 1 {
		return f
	}
	f.From, f.Before, f.Now = all[0].From, nil, Figures{}
	f.Lines, f.More, f.Opened, f.Sent, f.Partly = nil, 0, 0, 0, nil
	for _, one := range all {
		f.Now = f.Now.plus(one.Now)
		f.More, f.Opened, f.Sent = f.More+one.More, f.Opened+one.Opened, f.Sent+one.Sent
		for _, line := range one.Lines {
			f.Lines = joinLine(f.Lines, line)
		}
		for _, source := range one.Partly {
			f.missed(source)
		}
		if f.Stopped == nil {
			f.Stopped = one.Stopped
		}
	}
	f.rank()
	return f
}

func joinLine(lines []EditionLine, line EditionLine) []EditionLine {
	for i := range lines {
		if lines[i].ID == line.ID {
			line.New, line.Negative = line.New+lines[i].New, line.Negative+lines[i].Negative
			lines[i] = line
			return lines
		}
	}
	return append(lines, line)
}

// rank puts the weightiest lines in front and counts what is more than an edition keeps.
func (f *EditionFacts) rank() {
	slices.SortFunc(f.Lines, func(a, b EditionLine) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(b.weight(), a.weight()), b.At.Compare(a.At), strings.Compare(a.ID, b.ID))
	})
	if over := len(f.Lines) - linesMost; over > 0 {
		f.Lines, f.More = f.Lines[:linesMost], f.More+over
	}
}
