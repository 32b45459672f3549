package alerting

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// Act does what a person asked for, durably, and returns the incident as it then
// stands. Its errors can be read by that person.
func (e *Engine) Act(ctx context.Context, a Action) (Incident, error) {
	e.thinking.Lock()
	defer e.thinking.Unlock()
	before, ok, err := e.Ledger.Incident(ctx, a.Incident)
	if err != nil {
		return Incident{}, fmt.Errorf("recall situation %s: %w", a.Incident, err)
	}
	if !ok || !before.IsSituation() {
		return Incident{}, errNoIncident
	}
	pressed := a.At
	a.At = e.afterJudged(pressed)
	after, err := Apply(before, a)
	if err != nil {
		return before, err
	}
	s := Settlement{Incidents: []Incident{after}, Journal: []Entry{EntryOf(a, after)}}
	e.oweAssigned(&s, before, after, a)
	if err := e.Ledger.Settle(ctx, s); err != nil {
		return before, fmt.Errorf("keep what %s did: %w", a.Act, err)
	}
	if len(s.Owed) > 0 {
		e.post.poke()
	}
	e.remind(after)
	e.reconsider(a)
	e.observeAct(ctx, before, a.Act, pressed)
	return after, nil
}

// afterJudged is an instant at which a person acts, after all that any rule was asked
// about: none could know of the act, and asked again it must not.
func (e *Engine) afterJudged(at time.Time) time.Time {
	for _, r := range e.rules {
		if !at.After(r.Asked) {
			at = r.Asked.Add(time.Microsecond)
		}
	}
	return at
}

// observeAct counts what a person did, and how long the first who took the matter
// in charge had known of it.
func (e *Engine) observeAct(ctx context.Context, before Incident, act Act, at time.Time) {
	e.Observe.Acted(before.Kind, act)
	if act != Acknowledge || before.State != New {
		return
	}
	rows, err := e.Ledger.Deliveries(ctx, before.ID)
	if err != nil {
		e.Log.Warn("how long a situation waited is not counted", "incident", before.ID, "err", err)
		return
	}
	var known time.Time
	for _, r := range rows {
		if r.Fate == Sent {
			known = sooner(known, r.EndedAt)
		}
	}
	if !known.IsZero() {
		e.Observe.Acknowledged(before.Severity, at.Sub(known))
	}
}

var errNoIncident = say.Errorf(say.Text{EN: "this situation is not known; find it in the list of situations", FR: "cette situation est inconnue; cherchez-la dans la liste des situations"})

// IsUnknown tells whether Act was asked about an incident that is not kept.
func IsUnknown(err error) bool { return errors.Is(err, errNoIncident) }

// reconsider has every rule judged once a person said that something was a false alarm, or
// took that back: also those that left something to the rule that told it.
func (e *Engine) reconsider(a Action) {
	at := a.reconsidered()
	for _, r := range e.rules {
		r.Next = sooner(r.Next, at)
	}
	if !at.IsZero() {
		e.wake()
	}
}

// remind has the incident's rule judged when its person wants to be told again.
func (e *Engine) remind(i Incident) {
	for _, r := range e.rules {
		if r.Name == i.Rule {
			r.Next = sooner(r.Next, reminder(i, r.Ladder, r.Asked))
			e.wake()
		}
	}
}
