package alerting

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// urgentWithin is how long a channel may take to accept what is urgent, before its
// fallback is owed it too.
const urgentWithin = 5 * time.Minute

// pair tells each sender who stands in for it, and for whom it does.
func (p *post) pair() {
	for _, c := range p.channels {
		i := slices.IndexFunc(p.channels, func(other Channel) bool { return other.Name == c.Fallback && other.Name != c.Name })
		if i < 0 {
			continue
		}
		stands := p.channels[i]
		p.senders[c.Name].fallback = &stands
		p.senders[stands.Name].insteadOf = append(p.senders[stands.Name].insteadOf, c.Name)
	}
}

// handOver is what the fallback is owed of a letter that the channel does not take,
// with a line for the journal. The key is the one that the same transition has on
// that channel anyway: what it was told, or is owed already, it is not told again, and
// two channels that stand in for each other end there.
func (s *sender) handOver(l letter) (journal []Entry, owed []Row) {
	r := l.newest()
	if s.fallback == nil || s.rescued[r.Key] {
		return nil, nil
	}
	s.rescued[r.Key] = true
	to, ok := s.standsIn(r)
	if !ok {
		return nil, nil
	}
	tells := []Row{r}
	if l.isEdition() {
		tells = l.rows // each says something of its own
	}
	for _, r := range tells {
		owed = append(owed, newRow(Due{Incident: r.Owed, Transition: r.Transition, At: s.Now()}, to))
	}
	s.Observe.Owed(s.fallback.Name)
	s.Log.Warn("a message goes by the fallback channel", "channel", s.channel.Name, "fallback", s.fallback.Name, "incident", r.Now.ID)
	return []Entry{{At: s.Now(), Incident: r.Now.ID, What: EntryHandedOver, Reason: s.channel.Name, Letter: &Letter{Channel: s.fallback.Name}}}, owed
}

// rescueUrgent hands over what is urgent and was not taken in time, and returns when
// to look again: next, or sooner.
func (s *sender) rescueUrgent(ctx context.Context, waiting []letter, p pause, next time.Time) (time.Time, error) {
	if s.fallback == nil {
		return next, nil
	}
	for _, l := range waiting {
		for _, part := range l.each() {
			r := part.newest()
			if r.Now.Severity != Urgent || s.rescued[r.Key] {
				continue
			}
			due := lastOf(r.At, p.to).Add(urgentWithin)
			switch tried := r.Attempts > 0 || s.failures > 0; {
			case due.After(s.Now()):
				next = sooner(next, due)
			case tried:
				if err := s.rescue(ctx, part); err != nil {
					return next, err
				}
			}
		}
	}
	return next, nil
}

// each is the letters of a summary, or the letter itself.
func (l letter) each() []letter {
	if l.key != "" {
		return l.parts
	}
	return []letter{l}
}

// rescueLate hands over a letter that was just refused for now and is late already:
// its channel may have asked to be left alone for long.
func (s *sender) rescueLate(ctx context.Context, l letter) error {
	for _, part := range l.each() {
		r := part.newest()
		if s.fallback == nil || r.Now.Severity != Urgent || s.rescued[r.Key] || s.Now().Sub(r.At) < urgentWithin {
			continue
		}
		if err := s.rescue(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// rescue makes durable that the fallback is owed a letter. The channel goes on trying.
func (s *sender) rescue(ctx context.Context, l letter) error {
	journal, owed := s.handOver(l)
	if err := s.Ledger.Settle(context.WithoutCancel(ctx), Settlement{Journal: journal, Owed: owed}); err != nil {
		delete(s.rescued, l.newest().Key)
		return fmt.Errorf("hand a message to %s: %w", s.fallback.Name, err)
	}
	s.wakeAll()
	return nil
}

// sayInstead has a message say which channels did not take it, when this one stands in
// for them: whoever mends them must learn of it.
func (s *sender) sayInstead(ctx context.Context, l letter, m *Message) error {
	if l.key != "" || len(s.insteadOf) == 0 {
		return nil
	}
	r := l.newest()
	rows, err := s.Ledger.Deliveries(ctx, r.Now.ID)
	if err != nil {
		return fmt.Errorf("see what other channels took: %w", err)
	}
	var failed []string
	for _, other := range rows {
		late := other.Fate == Dead || other.Fate == Waiting && other.Attempts > 0
		if late && other.Seq == r.Seq && slices.Contains(s.insteadOf, other.Channel) {
			failed = append(failed, other.Channel)
		}
	}
	if len(failed) > 0 {
		m.Body += "\n" + sayInstead.In(m.Lang, strings.Join(failed, ", ")) + "\n"
	}
	return nil
}
