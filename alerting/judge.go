package alerting

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// NamedRule is a rule as it is configured.
type NamedRule struct {
	Name     string
	Kind     string
	Watch    string   // asked when one of this watch's mentions was kept; "" for any watch
	Channels []string // whom it tells at once; empty is every channel
	Ladder   Ladder   // and then, while nobody takes it in charge
	Rule     Rule
}

// Book is where judging finds the incidents of a rule: the ledger, or a
// backtest's own pages.
type Book interface {
	Known(ctx context.Context, rule string, keys []string) ([]Incident, error)
	// Called returns the incidents of a rule that a person has ever called a false
	// alarm, also when it was taken back.
	Called(ctx context.Context, rule string) ([]Incident, error)
}

// askedBy is what a rule asks while it is judged: a book knows what people said of it.
type askedBy struct {
	Asker
	rule string
	book Book
	at   time.Time
}

// AsRule is what a rule asks when it is asked on behalf of another, which it looks at.
func AsRule(ask Asker, rule string) Asker {
	if a, is := ask.(askedBy); is {
		a.rule = rule
		return a
	}
	return ask
}

// FalseAlarms implements Asker.
func (a askedBy) FalseAlarms(ctx context.Context) (all []FalseAlarmed, err error) {
	called, err := a.book.Called(ctx, a.rule)
	if err != nil {
		return nil, fmt.Errorf("recall the false alarms of rule %s: %w", a.rule, err)
	}
	for _, i := range called {
		for _, c := range i.Called {
			if c.holdsAt(a.at) {
				all = append(all, FalseAlarmed{Key: strings.TrimPrefix(i.Key, a.rule+"\x00"), From: c.From, To: c.To, Said: c.Said})
			}
		}
	}
	slices.SortFunc(all, func(x, y FalseAlarmed) int {
		return cmp.Or(x.Said.Compare(y.Said), x.From.Compare(y.From), strings.Compare(x.Key, y.Key))
	})
	return all, nil
}

// Verdict is what asking a rule about an instant gave.
type Verdict struct {
	At      time.Time
	Next    time.Time // when to ask again whatever happens, zero for never
	Changed []Incident
	Owed    []Due
}

// Judge asks a rule about an instant and steps its incidents. It writes nothing
// and tells nobody: the engine settles what it says, a backtest prints it.
func Judge(ctx context.Context, r NamedRule, ask Asker, book Book, at time.Time) (Verdict, error) {
	signals, next, err := eval(ctx, r, askedBy{ask, r.Name, book, at}, at)
	if err != nil {
		return Verdict{}, fmt.Errorf("ask rule %s about %s: %w", r.Name, at.Format(time.RFC3339), err)
	}
	keys := make([]string, len(signals))
	for i := range signals {
		signals[i].Rule, signals[i].Kind = r.Name, r.Kind
		keys[i] = incidentKey(signals[i])
	}
	known, err := book.Known(ctx, r.Name, keys)
	if err != nil {
		return Verdict{}, fmt.Errorf("recall the situations of rule %s: %w", r.Name, err)
	}
	v := Verdict{At: at, Next: later(next, at)}
	v.Changed, v.Owed = Step(known, signals, r.Ladder, at)
	for _, i := range latest(known, v.Changed) {
		v.Next = sooner(v.Next, reminder(i, r.Ladder, at))
	}
	return v, nil
}

// eval keeps a rule that panics from taking the others with it.
func eval(ctx context.Context, r NamedRule, ask Asker, at time.Time) (signals []Signal, next time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	signals, next, err = r.Rule.Eval(ctx, ask, at)
	slices.SortStableFunc(signals, func(a, b Signal) int { return strings.Compare(a.Key, b.Key) })
	return signals, next, err
}

// latest is the incidents as they stand after the change.
func latest(known, changed []Incident) []Incident {
	all := slices.Clone(changed)
	for _, k := range known {
		if !slices.ContainsFunc(changed, func(c Incident) bool { return c.ID == k.ID }) {
			all = append(all, k)
		}
	}
	return all
}

// reminder is when time alone makes something of i: when somebody wants to be told
// again, when they must be since it goes on after all, or when others must hear of what
// nobody takes. Zero is never.
func reminder(i Incident, l Ladder, after time.Time) (at time.Time) {
	at = later(l.next(i), after)
	if i.State == Snoozed {
		at = sooner(at, later(i.SnoozedUntil, after))
	}
	if i.Untold {
		at = sooner(at, later(i.CoolUntil, after))
	}
	return at
}

// later is t when it comes after at, else no time.
func later(t, at time.Time) time.Time {
	if t.After(at) {
		return t
	}
	return time.Time{}
}

// sooner is the earlier of two times, of which zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}

// Schedule is the instants at which a rule is to be asked: when something it
// counts was kept, and when it wished to be.
type Schedule struct {
	Asked time.Time // everything up to here was judged
	Next  time.Time // the rule's wish
	Kept  []time.Time
}

// Add notes that something was kept at an instant. One that has been judged
// already is not judged again.
func (s *Schedule) Add(at time.Time) {
	if !at.After(s.Asked) {
		return
	}
	if i, found := slices.BinarySearchFunc(s.Kept, at, time.Time.Compare); !found {
		s.Kept = slices.Insert(s.Kept, i, at)
	}
}

// Due is the next instant to be judged; ok is false when there is none up to upto.
func (s *Schedule) Due(upto time.Time) (at time.Time, ok bool) {
	at = s.Next
	if len(s.Kept) > 0 {
		at = sooner(at, s.Kept[0])
	}
	return at, !at.IsZero() && !at.After(upto)
}

// Judged moves on after an instant was judged.
func (s *Schedule) Judged(at, next time.Time) {
	s.Asked, s.Next = at, next
	for len(s.Kept) > 0 && !s.Kept[0].After(at) {
		s.Kept = s.Kept[1:]
	}
}
