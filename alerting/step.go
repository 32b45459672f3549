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
func Step(known []Incident, signals []Signal, now time.Time) (changed []Incident, owed []Due) {
	signalled := map[string]bool{}
	for _, s := range signals {
		before, found := continued(known, s)
		if signalled[incidentKey(s)] || (s.Over && (!found || !before.open())) {
			continue // twice in an answer, or over and nobody waits for that
		}
		signalled[incidentKey(s)] = true
		after := before
		if !found {
			after = opening(s, now)
		}
		after.hear(s)
		owed = append(owed, after.advance(s.Over, now)...)
		if !reflect.DeepEqual(before, after) {
			changed = append(changed, after)
		}
	}
	for _, i := range known {
		if !signalled[i.Key] && i.wakes(now) {
			owed = append(owed, i.advance(false, now)...)
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
func (i *Incident) advance(over bool, now time.Time) []Due {
	woken := i.wakes(now)
	if woken {
		i.State, i.SnoozedUntil = New, time.Time{}
	}
	t, news := i.transition(over, woken)
	if !news {
		return nil
	}
	reason := i.spared(t)
	i.told()
	switch {
	case t == Ended:
		i.State, i.EndedAt = Resolved, now
	case reason == "" && (i.State == Resolved || i.State == Snoozed):
		i.State, i.EndedAt, i.SnoozedUntil = New, time.Time{}, time.Time{} // worse than when it was put aside
	}
	return []Due{{Incident: *i, Transition: t, At: now, Suppressed: reason}}
}

// transition is the weightiest thing that happened; news is false when nothing did.
func (i *Incident) transition(over, woken bool) (t Transition, news bool) {
	switch {
	case i.Seq == 0:
		return Opened, true
	case over:
		return Ended, true
	case i.Revision != i.ToldRevision:
		return Revised, true
	case i.ToldSize > 0 && i.Size >= 2*i.ToldSize, i.Severity.rank() > i.ToldSeverity.rank():
		return Grown, true
	}
	return Reminded, woken
}

// spared says why people are not told of t, "" when they are. Who only wants to
// hear when it gets worse is told that it did.
func (i *Incident) spared(t Transition) string {
	switch {
	case i.FalseAlarm:
		return BecauseFalseAlarm
	case i.State == Snoozed && !i.SnoozedUntil.IsZero() && t != Ended:
		return BecauseSnoozed
	}
	return ""
}

// wakes says whether the time has come that a person asked to be reminded at.
func (i *Incident) wakes(now time.Time) bool {
	return i.State == Snoozed && !i.SnoozedUntil.IsZero() && !i.SnoozedUntil.After(now)
}
