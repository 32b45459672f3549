package alerting

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Advise sends an advisory: it is durable, with what the channels of its watches are
// owed, when this returns. A draft of a form that was sent already is that advisory. Its
// errors can be read by its author.
func (e *Engine) Advise(ctx context.Context, d Draft) (Incident, error) {
	made, err := Advise(d)
	if err != nil {
		return made, err
	}
	e.thinking.Lock()
	defer e.thinking.Unlock()
	if before, known, err := e.Ledger.Incident(ctx, made.ID); err != nil || known {
		return before, err
	}
	a := made.Facts.Advisory
	sent := Entry{At: d.At, Incident: made.ID, What: EntryAdvised, Person: a.By, Member: a.Member}
	s := Settlement{Incidents: []Incident{made}}
	for _, c := range e.post.among(nil) {
		if slices.ContainsFunc(a.To, func(watch string) bool { return slices.Contains(c.Watches, watch) }) {
			s.Owed = append(s.Owed, newRow(Due{Incident: made, Transition: Issued, At: d.At}, c))
		}
	}
	if len(s.Owed) == 0 {
		sent.Reason = BecauseNoChannel
	}
	s.Journal = []Entry{sent}
	if a.About != "" {
		s.Journal = append(s.Journal, Entry{At: d.At, Incident: a.About, What: EntryAdvised, Person: a.By, Member: a.Member, Note: a.Subject})
	}
	return made, e.settleAdvisory(ctx, s)
}

// TakeBack withdraws an advisory, and tells the channels that were owed it. Its errors can
// be read by whoever does it.
func (e *Engine) TakeBack(ctx context.Context, id string, by Person, at time.Time) (Incident, error) {
	e.thinking.Lock()
	defer e.thinking.Unlock()
	before, err := e.advisory(ctx, id)
	if err != nil {
		return before, err
	}
	after, err := TakeBack(before, by, at)
	if err != nil || after.Seq == before.Seq {
		return after, err
	}
	rows, err := e.Ledger.Deliveries(ctx, id)
	if err != nil {
		return before, fmt.Errorf("see who was told: %w", err)
	}
	s := Settlement{Incidents: []Incident{after}, Journal: []Entry{{At: at, Incident: id, What: EntryWithdrawn, Person: after.Facts.Advisory.WithdrawnBy, Member: by.Member}}}
	for _, c := range e.post.among(nil) {
		if slices.ContainsFunc(rows, func(r Row) bool { return r.Channel == c.Name && r.Fate != Dead }) {
			s.Owed = append(s.Owed, newRow(Due{Incident: after, Transition: Withdrawn, At: at}, c))
		}
	}
	return after, e.settleAdvisory(ctx, s)
}

// Receive notes that somebody has read an advisory. Its errors can be read by them.
func (e *Engine) Receive(ctx context.Context, id string, r Receipt) (Incident, error) {
	e.thinking.Lock()
	defer e.thinking.Unlock()
	before, err := e.advisory(ctx, id)
	if err != nil {
		return before, err
	}
	after, err := Receive(before, r)
	if err != nil || len(after.Facts.Advisory.Read) == len(before.Facts.Advisory.Read) {
		return after, err
	}
	said := Entry{At: r.At, Incident: id, What: EntryRead, Person: Plain(r.Name, nameLimit), Member: r.Member, Reason: r.Channel}
	return after, e.settleAdvisory(ctx, Settlement{Incidents: []Incident{after}, Journal: []Entry{said}})
}

// advisory is the one of this id, or errNoAdvisory.
func (e *Engine) advisory(ctx context.Context, id string) (Incident, error) {
	i, ok, err := e.Ledger.Incident(ctx, id)
	switch {
	case err != nil:
		return i, fmt.Errorf("recall advisory %s: %w", id, err)
	case !ok || !i.IsAdvisory():
		return i, errNoAdvisory
	}
	return i, nil
}

func (e *Engine) settleAdvisory(ctx context.Context, s Settlement) error {
	if err := e.Ledger.Settle(ctx, s); err != nil {
		return fmt.Errorf("keep an advisory: %w", err)
	}
	for _, row := range s.Owed {
		e.Observe.Owed(row.Channel)
	}
	if len(s.Owed) > 0 {
		e.post.poke()
	}
	return nil
}
