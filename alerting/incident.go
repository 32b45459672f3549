package alerting

import (
	"slices"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// State is where an incident stands.
type State string

// The states, as the glossary names them to readers: nouvelle, prise en charge,
// en attente, réglée.
const (
	New          State = "new"
	Acknowledged State = "acknowledged"
	Snoozed      State = "snoozed"
	Resolved     State = "resolved"
)

// Transition is what happened to an incident and is told, once.
type Transition string

// The transitions.
const (
	Opened    Transition = "opened"
	Grown     Transition = "grown"    // twice as big as last told, or more severe
	Revised   Transition = "revised"  // a correction, a retraction, a large outlet
	Reminded  Transition = "reminded" // a person asked to be told again
	Ended     Transition = "ended"
	Resumed   Transition = "resumed"   // it had ended, and goes on
	Issued    Transition = "issued"    // an edition or an advisory, which are no incidents
	Assigned  Transition = "assigned"  // somebody is asked to take it, and is told alone
	Escalated Transition = "escalated" // nobody took it, and others hear of it
	// Withdrawn is said of an advisory that holds no more.
	Withdrawn Transition = "withdrawn"
)

// Incident is one matter that a rule found, from its opening to its end; readers
// call it a situation. It survives JSON.
type Incident struct {
	ID       string // of its matter and its beginning: a replay gives the same
	Key      string // rule and Signal.Key
	Rule     string
	Kind     string
	Watch    string
	Severity Severity
	State    State
	Since    time.Time // when the matter began, after a rest when it began again
	OpenedAt time.Time
	EndedAt  time.Time // zero while it is not resolved
	MovedAt  time.Time // when something last happened to it, told or not
	Seq      int       // transitions so far
	Over     bool      // the matter has ended by itself, whatever people did
	Size     int
	Revision string
	Mentions []string
	Facts    Facts

	ToldSize     int      // what people know: the size, severity and revision last told
	ToldSeverity Severity // "" while nobody was told
	ToldRevision string

	By           string    // who took it in charge or resolved it, "" for the rule itself; as they were called then
	ByMember     string    `json:",omitempty"` // their id, "" for who is no member
	For          string    `json:",omitempty"` // to whom it was assigned, until somebody acts
	ForMember    string    `json:",omitempty"` // their id
	Said         string    `json:",omitempty"` // what they were told with it
	SnoozedUntil time.Time // zero: until worse
	FalseAlarm   bool
	Called       []Call `json:",omitempty"` // each time that somebody called it a false alarm, oldest first

	CoolUntil time.Time // when it goes on again before then, people are told only if it is worse
	Untold    bool      // it goes on, and people do not know: they believe that it ended, or it is Hushed
	Under     string    // the watch above, while it is moved as well
	Hushed    bool      // people were told of what moves above, or by another rule, instead of this
	With      string    `json:",omitempty"` // the rule by which people are told of the same
	Covered   bool      `json:",omitempty"` // and of its growth, too
	Story     string    `json:",omitempty"` // the id of the story that it is about
	Also      []string  `json:",omitempty"` // the rules that found the same and left it to this one, in the order in which they did

	Waits   time.Time `json:",omitzero"`  // since when it waits for somebody, zero while people were not told; while it is New nobody has acted since
	First   []string  `json:",omitempty"` // the channels that had been told when others were
	Further []string  `json:",omitempty"` // the channels that were told since nobody had taken it
}

// Call is that a person called an incident a false alarm: what it was made of was as
// usual. Rules learn from it, so it stays when it is taken back.
type Call struct {
	From, To  time.Time // since when the matter was, and up to when they judged it
	Said      time.Time
	TakenBack time.Time `json:",omitzero"` // when the incident was opened again
}

// holdsAt says whether it had been said at an instant, and not taken back.
func (c Call) holdsAt(at time.Time) bool {
	return !c.Said.After(at) && (c.TakenBack.IsZero() || c.TakenBack.After(at))
}

// Due is one thing that people are owed, or were spared with a reason.
type Due struct {
	Incident   Incident // as it stood
	Transition Transition
	At         time.Time
	Suppressed string   // reason; "" when it is to be told
	To         []string // of Escalated: the channels that are told
}

// The reasons why a Due is not told.
const (
	BecauseSnoozed    = "snoozed"
	BecauseFalseAlarm = "false_alarm"
	BecauseNoChannel  = "no_channel"
	BecauseCooling    = "cooling"    // it ended a moment ago, and is no worse than it was
	BecauseUnder      = "under"      // the same moves the organisation above, of which people are told
	BecauseJoined     = "joined"     // another rule tells people of the same
	BecauseNoAddress  = "no_address" // of an Assign: the person has no e-mail address, or no channel writes to one
	BecauseStale      = "stale"      // nothing happened to it for so long that it closed itself
)

const (
	// CoolDown is how long after its end a matter that begins again is the same
	// situation. Comments come in fits: without a rest people would be told of an end
	// and a start every half hour of one bad evening.
	CoolDown = 2 * time.Hour
	// staleAfter is when a notice for information that nobody touched closes itself.
	// Most stories need nothing of anybody, and a list of all of them would hide
	// what does.
	staleAfter = 14 * 24 * time.Hour
)

// open says whether the incident is still to be looked after.
func (i *Incident) open() bool { return i.State != Resolved }

// sameMatter says whether a signal of the incident's key continues it: an open
// incident always, a closed one when the matter began before it was closed or
// within its rest. A false alarm covers what was seen when it was called one: what
// begins later is judged anew.
func (i *Incident) sameMatter(s Signal) bool {
	rest := CoolDown
	if i.FalseAlarm {
		rest = 0
	}
	return i.open() || !s.Since.After(i.EndedAt.Add(rest))
}

// goesOnAgain says whether the matter of a closed incident goes on after it had
// ended. One that a person settled while it went on has not ended: they know.
func (i *Incident) goesOnAgain(s Signal) bool {
	return !i.open() && !i.FalseAlarm && !s.Over && (i.Over || s.Since.After(i.EndedAt))
}

// opening is the incident that a signal opens.
func opening(s Signal, now time.Time) Incident {
	key := incidentKey(s)
	about := ""
	if s.Story != nil {
		about = s.Story.ID
	}
	return Incident{
		Story:    about,
		ID:       mention.NewID("incident", key+"\x00"+s.Since.UTC().Format(time.RFC3339Nano)),
		Key:      key,
		Rule:     s.Rule,
		Kind:     s.Kind,
		Watch:    s.Watch,
		State:    New,
		Since:    s.Since,
		OpenedAt: now,
	}
}

func incidentKey(s Signal) string { return s.Rule + "\x00" + s.Key }

// hear takes over what the signal says now. That a matter is over is heard once:
// rules go on saying so, and what was known of it at its end stays to be read.
func (i *Incident) hear(s Signal) {
	heard := s.Over && (i.Over || !i.open())
	i.Over, i.Under, i.With, i.Covered = s.Over, s.Under, s.With, s.Covered
	for _, rule := range s.Also {
		if !slices.Contains(i.Also, rule) {
			i.Also = append(slices.Clone(i.Also), rule)
		}
	}
	if heard {
		return
	}
	i.Severity, i.Size, i.Revision = s.Severity, s.Size, s.Revision
	if !s.Since.IsZero() {
		i.Since = s.Since
	}
	if s.Facts != (Facts{}) || !s.Over {
		i.Mentions, i.Facts = s.Mentions, s.Facts
	}
}

// joined says whether people are told of t by another rule: not that it has grown, unless
// that rule says so too.
func (i *Incident) joined(t Transition) bool {
	return i.With != "" && t != Reminded && (i.Covered || i.Seq == 0 || t == Ended || !i.worse())
}

// told records that people now know the incident as it stands, or do not want to.
func (i *Incident) told() {
	i.Untold, i.Hushed = false, false
	i.ToldSize, i.ToldSeverity, i.ToldRevision = i.Size, i.Severity, i.Revision
}

// rank orders severities.
func (s Severity) rank() int {
	switch s {
	case Urgent:
		return 2
	case Watch:
		return 1
	}
	return 0
}
