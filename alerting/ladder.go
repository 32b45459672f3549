package alerting

import (
	"slices"
	"time"
)

// Ladder is who hears of a situation that nobody takes in charge, and when. The zero
// value is nobody. It is made of the configuration alone, so that a backtest climbs it
// at the instants at which the engine did.
type Ladder struct {
	First []Hearer // whom the rule tells at once
	Then  []Rung
}

// Hearer is a channel, with the hours in which it takes what is urgent alone.
type Hearer struct {
	Channel string
	Quiet   Quiet
	Zone    *time.Location // of those hours; nil is UTC
}

// Rung is a channel that hears of what nobody has taken in charge for so long.
type Rung struct {
	Hearer
	After time.Duration // zero: as the severity says
}

// How long people may take before others hear of it, where the configuration does not
// say. What is for information asks nothing of anybody, and waits for nobody.
const (
	urgentWaits = 15 * time.Minute
	watchWaits  = 2 * time.Hour
)

// wait is how long a matter of this severity may wait before the rung, zero for ever.
func (r Rung) wait(s Severity) time.Duration {
	switch {
	case s.rank() == Inform.rank():
		return 0
	case r.After > 0:
		return r.After
	case s == Urgent:
		return urgentWaits
	}
	return watchWaits
}

// Channels are those that a situation is passed on to, in the order of the file.
func (l Ladder) Channels() (names []string) {
	for _, r := range l.Then {
		names = append(names, r.Channel)
	}
	return names
}

// heard is when the first of those who are told at once hear of what was told at an
// instant: what is not urgent waits for the end of quiet hours, and nobody can take what
// they have not heard of.
func (l Ladder) heard(at time.Time, s Severity) time.Time {
	if s == Urgent {
		return at
	}
	first := time.Time{}
	for _, h := range l.First {
		first = sooner(first, h.opens(at))
	}
	return lastOf(at, first)
}

// opens is at, or the end of the quiet hours that it lies in.
func (h Hearer) opens(at time.Time) time.Time { return lastOf(at, h.Quiet.until(at, h.Zone)) }

// due is when a rung hears of i, zero for never.
func (l Ladder) due(i Incident, r Rung) time.Time {
	wait := r.wait(i.Severity)
	if wait == 0 || !i.Waiting() || slices.Contains(i.Further, r.Channel) {
		return time.Time{}
	}
	at := l.heard(i.Waits, i.Severity).Add(wait)
	if i.Severity == Urgent {
		return at
	}
	return r.opens(at)
}

// next is when somebody else hears of i, zero for never.
func (l Ladder) next(i Incident) (at time.Time) {
	for _, r := range l.Then {
		at = sooner(at, l.due(i, r))
	}
	return at
}

// Waiting says whether people were told of the incident, and nobody has acted since.
func (i *Incident) Waiting() bool { return i.State == New && !i.Waits.IsZero() }

// await notes since when people who were told have left it: when they hear of it, and
// when what somebody had settled or put aside is theirs again.
func (i *Incident) await(was State, t Transition, now time.Time) {
	if i.State == New && (was != New || t == Opened || t == Resumed) {
		i.Waits = now
	}
}

// escalate tells those whose turn has come.
func (i *Incident) escalate(l Ladder, now time.Time) []Due {
	var to []string
	for _, r := range l.Then {
		if at := l.due(*i, r); !at.IsZero() && !at.After(now) {
			to = append(to, r.Channel)
		}
	}
	if len(to) == 0 {
		return nil
	}
	i.Seq, i.MovedAt = i.Seq+1, now
	i.First, i.Further = nil, append(slices.Clone(i.Further), to...)
	for _, h := range l.First {
		i.First = append(i.First, h.Channel)
	}
	return []Due{{Incident: *i, Transition: Escalated, At: now, To: to}}
}

// hearers are the channels that a Due is for, of those that its rule tells at once; none
// is every channel. Who was told that nobody takes it hears how it goes on.
func (d Due) hearers(first []string) []string {
	switch {
	case d.Transition == Escalated:
		return d.To
	case len(first) == 0:
		return nil
	}
	return append(slices.Clone(first), d.Incident.Further...)
}
