package alerting

import (
	"reflect"
	"slices"
	"time"
)

// Step is the whole life of incidents, and pure: what is known and what a rule
// signals at an instant give the incidents that changed and what people are owed.
// known holds the rule's open incidents and the newest of each signalled key.
// The engine and a backtest both walk it, so they owe the same.
//
// An opening is told; then a size that has doubled since it was last told, a
// higher severity, another revision, and the end: one transition an instant at
// most, the weightiest. Equal arguments give equal answers, and a repeated signal
// gives nothing.
//
// A matter that begins again within two hours of its end is the same situation, and
// quiet: people are told when it is worse than they know, else only if it still goes
// on when the two hours are over, so that nobody believes for long that it ended. Two
// messages in two hours are the most that a matter which comes and goes can cost.
//
// What begins while the organisation above is moved by the same is not told: people
// hear of that. It is once it has doubled, or goes on when all is calm above.
//
// What another rule tells people of as well, joins it: it is told only when it is not as it
// was, when it has grown and the other does not say so, or when it outlasts the other. Until
// then it is closed, since nobody need look after it beside the other.
//
// What a person put aside is told when it gets worse: also when they had settled it,
// which opens it again. Until an hour that they chose only a higher severity is told.
// The end is told to all but those who called it a false alarm, so that nobody goes
// on watching what is over.
//
// What people were told and nobody acts on is told to the next on the ladder, beside
// whatever else happens at that instant: each once, until somebody acts.
func Step(known []Incident, signals []Signal, l Ladder, now time.Time) (changed []Incident, owed []Due) {
	signalled := map[string]bool{}
	for _, s := range signals {
		before, found := continued(known, s)
		if signalled[incidentKey(s)] || (s.Over && !found) {
			continue // twice in an answer, or over before anybody heard of it
		}
		signalled[incidentKey(s)] = true
		after := before
		if !found {
			after = opening(s, now)
		}
		after.hear(s)
		owed = append(owed, after.advance(before, before.goesOnAgain(s), now)...)
		owed = append(owed, after.escalate(l, now)...)
		if !reflect.DeepEqual(before, after) {
			changed = append(changed, after)
		}
	}
	for _, i := range known {
		if signalled[i.Key] {
			continue
		}
		if due := append(i.rest(now), i.escalate(l, now)...); len(due) > 0 {
			owed = append(owed, due...)
			changed = append(changed, i)
		}
	}
	return changed, owed
}

// continued finds the incident whose matter the signal speaks of.
func continued(known []Incident, s Signal) (Incident, bool) {
	i := slices.IndexFunc(known, func(i Incident) bool {
		return i.Key == incidentKey(s) && i.sameMatter(s)
	})
	if i < 0 {
		return Incident{}, false
	}
	return known[i], true
}

// advance moves the incident on after it has heard the news, and says what is owed.
func (i *Incident) advance(before Incident, again bool, now time.Time) []Due {
	woken := i.wakes(now)
	if woken {
		i.State, i.SnoozedUntil = New, time.Time{}
	}
	t, news := i.transition(before, again, now)
	if !news && !woken {
		return nil
	}
	reason := i.spared(t, now)
	i.Seq, i.MovedAt = i.Seq+1, now
	switch reason {
	case BecauseCooling:
		i.Untold = t == Resumed
	case BecauseUnder:
		i.told()
		i.Untold, i.Hushed = t == Opened, t == Opened
	case BecauseJoined:
		hushed := i.Hushed || t == Opened || t == Resumed
		i.told()
		i.Untold, i.Hushed = hushed, hushed
	default:
		i.told()
	}
	i.settle(t, reason, now)
	if reason == "" {
		i.await(before.State, t, now)
	}
	return []Due{{Incident: *i, Transition: t, At: now, Suppressed: reason}}
}

// transition is the weightiest thing that happened, Reminded when nothing did.
func (i *Incident) transition(before Incident, again bool, now time.Time) (t Transition, news bool) {
	switch {
	case i.Seq == 0:
		return Opened, true
	case i.Over && !before.Over && before.open():
		return Ended, true
	case i.Over:
		return Reminded, false
	case i.Hushed && i.worse() && i.joined(Grown):
		return Grown, true
	case i.Hushed && (i.overdue(now) || i.worse()):
		return Opened, true
	case again, i.overdue(now):
		return Resumed, true
	case i.Revision != i.ToldRevision:
		return Revised, true
	case i.worse():
		return Grown, true
	}
	return Reminded, false
}

// worse says whether the incident is more than people know: twice as big, or more severe.
func (i *Incident) worse() bool {
	return i.ToldSize > 0 && i.Size >= 2*i.ToldSize || i.severer()
}

func (i *Incident) severer() bool { return i.Severity.rank() > i.ToldSeverity.rank() }

// spared says why people are not told of t, "" when they are.
func (i *Incident) spared(t Transition, now time.Time) string {
	snoozed := i.State == Snoozed && !i.SnoozedUntil.IsZero()
	switch {
	case i.FalseAlarm:
		return BecauseFalseAlarm
	case i.joined(t):
		return BecauseJoined
	case i.Seq == 0 && i.Under != "", t == Ended && i.Hushed:
		return BecauseUnder
	case t == Ended && i.Untold, t == Resumed && now.Before(i.CoolUntil) && !i.worse() && i.Revision == i.ToldRevision:
		return BecauseCooling
	case snoozed && t != Ended && !i.severer():
		return BecauseSnoozed
	}
	return ""
}

// settle is where the incident stands after t.
func (i *Incident) settle(t Transition, reason string, now time.Time) {
	switch {
	case i.Hushed && reason == BecauseJoined: // nobody need look after it: it is part of another
		i.State, i.EndedAt, i.SnoozedUntil = Resolved, now, time.Time{}
	case t == Ended:
		i.State, i.EndedAt, i.SnoozedUntil = Resolved, now, time.Time{}
		if reason == "" {
			i.CoolUntil = now.Add(CoolDown)
		}
	case t == Resumed && i.State == Resolved, // told or not, it is there
		reason == "" && (i.State == Resolved || i.State == Snoozed): // worse than when it was put aside
		i.State, i.EndedAt, i.SnoozedUntil = New, time.Time{}, time.Time{}
	}
}

// rest is what time alone brings: the hour a person asked to be reminded at, the end
// of a cool-down while the matter goes on, and the end of a notice that nobody touched.
func (i *Incident) rest(now time.Time) []Due {
	switch {
	case i.wakes(now), i.overdue(now):
		return i.advance(*i, false, now)
	case i.State == New && i.Severity.rank() == 0 && now.Sub(i.MovedAt) >= staleAfter:
		i.State, i.EndedAt, i.MovedAt, i.Seq = Resolved, now, now, i.Seq+1
		return []Due{{Incident: *i, Transition: Ended, At: now, Suppressed: BecauseStale}}
	}
	return nil
}

// overdue says whether people must be told that it goes on after all.
func (i *Incident) overdue(now time.Time) bool {
	return i.Untold && !i.Over && !now.Before(i.CoolUntil) && (!i.Hushed || i.Under == "" && i.With == "")
}

// wakes says whether the time has come that a person asked to be reminded at.
func (i *Incident) wakes(now time.Time) bool {
	return i.State == Snoozed && !i.SnoozedUntil.IsZero() && !i.SnoozedUntil.After(now)
}
