package alerting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// issue makes the editions whose hour has come, and returns when the next is due. The
// failure of one is its own: it is made once it can be.
func (e *Engine) issue(ctx context.Context, upto time.Time) (next time.Time, err error) {
	channels := e.post.among(nil)
	if err := e.recallEditions(ctx, channels); err != nil {
		return next, err
	}
	var p pause
	if e.Paused != nil && len(e.issued) > 0 {
		if p.from, p.to, err = e.Paused(ctx, e.Now(), longPause); err != nil {
			return next, fmt.Errorf("ask when we last did not run: %w", err)
		}
	}
	for _, c := range channels {
		for _, edition := range c.Editions {
			due, err := e.issueOne(ctx, c, edition, p, upto)
			if err != nil && ctx.Err() == nil {
				e.Log.Warn("an edition could not be made", "channel", c.Name, "edition", edition.Kind, "err", err)
				due = e.Now().Add(time.Minute)
			}
			next = sooner(next, due)
		}
	}
	return next, nil
}

// recallEditions reads once how far each edition reaches, and forgets those that nobody
// gets any more: one that is wanted again begins then.
func (e *Engine) recallEditions(ctx context.Context, channels []Channel) error {
	if e.issued == nil {
		progress, err := e.Ledger.Progress(ctx)
		if err != nil {
			return fmt.Errorf("recall how far editions reach: %w", err)
		}
		issued := map[string]time.Time{}
		for name, p := range progress {
			if strings.Contains(name, " ") && !p.Asked.IsZero() {
				issued[name] = p.Asked
			}
		}
		e.issued = issued
	}
	wanted := map[string]bool{}
	for _, c := range channels {
		for _, edition := range c.Editions {
			wanted[edition.name(c.Name)] = true
		}
	}
	for name := range e.issued {
		if !wanted[name] && len(channels) > 0 {
			if err := e.Ledger.Settle(ctx, Settlement{Rule: name}); err != nil {
				return fmt.Errorf("forget how far %s reaches: %w", name, err)
			}
			delete(e.issued, name)
		}
	}
	return nil
}

// issueOne makes an edition if its hour has come and all that was seen before can be
// found, and returns when the next is due. One that was never made begins now: what was
// kept before it was wanted is no news.
func (e *Engine) issueOne(ctx context.Context, c Channel, edition Edition, p pause, upto time.Time) (next time.Time, err error) {
	name := edition.name(c.Name)
	last, known := e.issued[name]
	if !known {
		err := e.Ledger.Settle(ctx, Settlement{Rule: name, Progress: Progress{Asked: upto, Next: edition.next(upto)}})
		if err != nil {
			return next, fmt.Errorf("begin: %w", err)
		}
		e.issued[name] = upto
		return edition.next(upto), nil
	}
	due, err := e.dueNow(ctx, c, edition, last, p)
	if err != nil || due.After(upto) {
		return due, err
	}
	if err := e.settleEdition(ctx, c, edition, last, due, p); err != nil {
		return next, err
	}
	e.issued[name] = due
	return edition.due(due, e.Now(), p), nil
}

// dueNow is when the next edition is due. While one of a week waits to be sent there is
// another every day: the two are one message then, and nobody reads last week's.
func (e *Engine) dueNow(ctx context.Context, c Channel, edition Edition, last time.Time, p pause) (due time.Time, err error) {
	due = edition.due(last, e.Now(), p)
	if edition.Every != Weekly || !due.After(e.Now()) {
		return due, nil
	}
	daily := edition.Cadence
	daily.Every = Daily
	soon := daily.due(last, e.Now(), p)
	rows, err := e.Ledger.Pending(ctx, c.Name, atOnce)
	if err != nil {
		return due, fmt.Errorf("see what waits: %w", err)
	}
	if slices.ContainsFunc(rows, func(r Row) bool { return r.Now.Key == edition.name(c.Name) && soon.Sub(r.At) >= staleEdition }) {
		return soon, nil
	}
	return due, nil
}

// staleEdition is from when on an edition that was not accepted is not sent as it was
// made. It is less than a day, for one day of the year has 23 hours.
const staleEdition = 20 * time.Hour

// settleEdition makes an edition durable with how far it reaches.
func (e *Engine) settleEdition(ctx context.Context, c Channel, edition Edition, from, to time.Time, p pause) error {
	g := gatherer{mentions: e.Mentions, stories: e.Ledger, blind: e.Blind, edition: edition, from: from, to: to}
	limited, cancel := context.WithTimeout(ctx, evalLimit)
	defer cancel()
	facts, err := g.facts(limited)
	facts.Channel = c.Name
	if p.to.After(from) && !p.to.After(to) {
		facts.Stopped = &Stop{p.from, p.to}
	}
	if err == nil {
		err = e.situations(limited, c, &facts)
	}
	if err != nil {
		return err
	}
	s := Settlement{Rule: edition.name(c.Name), Progress: Progress{Asked: to, Next: edition.next(to)}}
	if !edition.OnlyNews || !facts.quiet() {
		i := published(c, edition, facts)
		s.Incidents = []Incident{i}
		s.Owed = []Row{newRow(Due{Incident: i, Transition: Issued, At: to}, c)}
	}
	if err := e.Ledger.Settle(ctx, s); err != nil {
		return fmt.Errorf("settle an edition: %w", err)
	}
	for range s.Owed {
		e.Observe.Owed(c.Name)
	}
	e.post.poke()
	return nil
}

// situations counts those that somebody must look after, those that began in this time,
// and what the channel was told in it.
func (e *Engine) situations(ctx context.Context, c Channel, f *EditionFacts) (err error) {
	for _, r := range e.rules {
		known, err := e.Ledger.Known(ctx, r.Name, nil)
		if err != nil {
			return fmt.Errorf("recall the situations of rule %s: %w", r.Name, err)
		}
		for _, i := range known {
			if i.open() && i.Severity.rank() > 0 {
				f.Open++
			}
		}
	}
	if f.Opened, err = e.Ledger.Opened(ctx, f.From, f.To); err != nil {
		return fmt.Errorf("count situations: %w", err)
	}
	if f.Sent, err = e.Ledger.Accepted(ctx, c.Name, f.From, f.To); err != nil {
		return fmt.Errorf("count messages: %w", err)
	}
	return nil
}

// published is an edition as the ledger keeps it: like an incident that is over and of no
// rule, so that it goes the way of every message and is forgotten as they are.
func published(c Channel, edition Edition, f EditionFacts) Incident {
	key := edition.name(c.Name)
	return Incident{
		ID:  mention.NewID("edition", key+"\x00"+f.From.UTC().Format(time.RFC3339Nano)+"\x00"+f.To.UTC().Format(time.RFC3339Nano)),
		Key: key, Kind: string(edition.Kind), Severity: Inform, State: Resolved, Over: true,
		Since: f.From, OpenedAt: f.To, EndedAt: f.To, MovedAt: f.To, Seq: 1, Facts: Facts{Edition: &f},
	}
}

// IsEdition says whether the ledger keeps an edition here, and no situation.
func (i Incident) IsEdition() bool { return i.Facts.Edition != nil }

// matter tells which rows are one message: those of one incident, those of editions
// that follow one another, and those by which one person was assigned one incident.
func (r Row) matter() string {
	switch {
	case r.Now.IsEdition():
		return r.Now.Key
	case r.Transition == Assigned:
		return r.Now.ID + "\x00" + r.Recipients
	}
	return r.Now.ID
}

// editions is what a letter of editions says, in order; nil for another letter.
func (l letter) editions() (all []EditionFacts) {
	for _, r := range l.rows {
		if l.key == "" && r.Owed.IsEdition() {
			all = append(all, *r.Owed.Facts.Edition)
		}
	}
	slices.SortFunc(all, func(a, b EditionFacts) int { return a.From.Compare(b.From) })
	return all
}

// isEdition says whether the letter is of editions.
func (l letter) isEdition() bool { return l.key == "" && l.newest().Owed.IsEdition() }
