package alerting

import (
	"errors"
	"fmt"
	"slices"
)

// Personal is a channel that can write to one person alone, by e-mail.
type Personal interface {
	// To is the way to the person at this address, as safe for concurrent use as the
	// channel itself. An address that is none is a permanent error.
	To(address string) (Notifier, error)
}

// personal is the channel that writes to one person about a rule's situations: of those
// that the rule tells, else of all. ok is false when none can.
func (p *post) personal(rule []string) (c Channel, ok bool) {
	can := func(c Channel) bool { _, personal := c.Notifier.(Personal); return personal }
	for _, channels := range [][]Channel{p.among(rule), p.among(nil)} {
		if i := slices.IndexFunc(channels, can); i >= 0 {
			return channels[i], true
		}
	}
	return c, false
}

// oweAssigned owes the person to whom a situation was assigned a message of their own, or
// has the journal say that they were not told. Who has it already is not told twice.
func (e *Engine) oweAssigned(s *Settlement, before, after Incident, a Action) {
	if a.Act != Assign || after.Seq == before.Seq {
		return
	}
	var told []string
	for _, r := range e.rules {
		if r.Name == after.Rule {
			told = r.Channels
		}
	}
	c, ok := e.post.personal(told)
	if a.Address == "" || !ok {
		s.Journal[0].Reason = BecauseNoAddress
		return
	}
	c.Recipients = a.Address
	s.Owed = append(s.Owed, newRow(Due{Incident: after, Transition: Assigned, At: a.At}, c))
	e.Observe.Owed(c.Name)
}

// isPersonal says whether the letter is for one person, and not for all whom its channel
// reaches.
func (l letter) isPersonal() bool { return l.key == "" && l.newest().Transition == Assigned }

// way is how a letter goes: to all whom the channel reaches, or to one person.
func (s *sender) way(l letter) (Notifier, error) {
	if !l.isPersonal() {
		return s.channel.Notifier, nil
	}
	p, ok := s.channel.Notifier.(Personal)
	if !ok {
		return nil, Permanent(errors.New("the channel cannot write to one person"))
	}
	to, err := p.To(l.newest().Recipients)
	if err != nil {
		return nil, fmt.Errorf("write to one person: %w", err)
	}
	return to, nil
}

// standsIn is the fallback as it takes this row; ok is false when what is for one person
// would be told to all whom it reaches.
func (s *sender) standsIn(r Row) (c Channel, ok bool) {
	c = *s.fallback
	if r.Transition != Assigned {
		return c, true
	}
	c.Recipients = r.Recipients
	_, ok = c.Notifier.(Personal)
	return c, ok
}
