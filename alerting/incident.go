package alerting

import (
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
	Opened   Transition = "opened"
	Grown    Transition = "grown"    // twice as big as last told, or more severe
	Revised  Transition = "revised"  // a correction, a retraction
	Reminded Transition = "reminded" // a person asked to be told again
	Ended    Transition = "ended"
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
	Since    time.Time // when the matter began
	OpenedAt time.Time
	EndedAt  time.Time // zero while it is not resolved
	Seq      int       // transitions so far
	Size     int
	Revision string
	Mentions []string
	Facts    Facts

	ToldSize     int      // what people know: the size, severity and revision last told
	ToldSeverity Severity // "" while nobody was told
	ToldRevision string

	By           string    // who took it in charge or resolved it, "" for the rule itself
	SnoozedUntil time.Time // zero: until worse
	FalseAlarm   bool
}

// Due is one thing that people are owed, or were spared with a reason.
type Due struct {
	Incident   Incident // as it stood
	Transition Transition
	At         time.Time
	Suppressed string // reason; "" when it is to be told
}

// The reasons why a Due is not told.
const (
	BecauseSnoozed    = "snoozed"
	BecauseFalseAlarm = "false_alarm"
	BecauseNoChannel  = "no_channel"
)

// open says whether the incident is still to be looked after.
func (i *Incident) open() bool { return i.State != Resolved }

// sameMatter says whether a signal of the incident's key continues it: an open
// incident always, a closed one when the matter began before it was closed.
func (i *Incident) sameMatter(s Signal) bool {
	return i.open() || !s.Since.After(i.EndedAt)
}

// opening is the incident that a signal opens.
func opening(s Signal, now time.Time) Incident {
	key := incidentKey(s)
	return Incident{
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

// hear takes over what the signal says now.
func (i *Incident) hear(s Signal) {
	i.Severity, i.Size, i.Revision = s.Severity, s.Size, s.Revision
	i.Mentions, i.Facts = s.Mentions, s.Facts
}

// told records that people now know the incident as it stands.
func (i *Incident) told() {
	i.Seq++
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
