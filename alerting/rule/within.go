package rule

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Wave is a rule that tells waves of negative comments about a watch.
type Wave interface {
	alerting.Rule
	// Moved is the newest wave, as it was known at an instant.
	Moved(ctx context.Context, ask alerting.Asker, asOf time.Time) (Movement, error)
}

// Movement is a wave.
type Movement struct {
	Severity alerting.Severity
	On       bool
	Since    time.Time // publication of its first comment
	Until    time.Time // when it was over, zero while it goes on or when there was none
	Next     time.Time // when to look whether it is over, zero when there is no need
}

// Swept is a rule that finds, among other things, what a wave of negative comments brings:
// a wave moves it as well. Its signals say of which watch (alerting.Signal.Of).
type Swept interface {
	alerting.Rule
	// Swept are the watches of which a wave moves it, none for a rule that looks for something
	// else; and how long what a wave brought still counts.
	Swept() (watches []string, counts time.Duration)
}

// Standing is such a rule whose finding tells more of a wave than that it is one: readers of
// the wave are told of it. That its comments are new says nothing to them.
type Standing interface {
	Swept
	// Stands says whether it finds, at an instant, what the wave of such a watch that goes on
	// since another has brought.
	Stands(ctx context.Context, ask alerting.Asker, watch string, since, asOf time.Time) (bool, error)
}

// Within is a rule that finds what waves bring, beside those that tell them. While a wave
// goes on, and while what it brought counts, what is found is found in the wave, of which
// people are told; unless it weighs more. What was found in a conversation must be found in
// one that comments of the wave stand in, and while people are told of one above instead of
// that wave (Beneath) it is told itself. It looks at the wave when it is asked, so it keeps
// nothing either.
type Within struct {
	alerting.Rule
	Waves  map[string]ToldWave // by watch
	Counts time.Duration
}

// ToldWave is a rule that tells waves, of our own, and how the one is called that tells people.
type ToldWave struct {
	Wave
	Above  Wave // of the organisation above, which keeps it quiet; nil for none
	Teller string
}

// moved is the newest wave.
func (w ToldWave) moved(ctx context.Context, ask alerting.Asker, asOf time.Time) (m movement, err error) {
	ask = alerting.AsRule(ask, w.Teller)
	if m.Movement, err = w.Moved(ctx, ask, asOf); err != nil || !m.On || w.Above == nil {
		return m, err
	}
	above, err := w.Above.Moved(ctx, ask, asOf)
	m.under = above.On
	return m, err
}

// movement is a wave as people are told of it.
type movement struct {
	Movement
	under bool // while one above goes on, of which they may be told instead
}

var _ alerting.Rule = (*Within)(nil)

// Unwrap gives the rule itself.
func (w *Within) Unwrap() alerting.Rule { return w.Rule }

// Eval is the rule's own, each signal with the rule that tells the wave.
func (w *Within) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	signals, next, err = w.Rule.Eval(ctx, ask, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	moved := map[string]movement{}
	for i, s := range signals {
		wave, told := w.Waves[s.Of]
		if !told || !spoken(s) {
			continue
		}
		m, looked := moved[s.Of]
		if !looked {
			if m, err = wave.moved(ctx, ask, asOf); err != nil {
				return nil, time.Time{}, fmt.Errorf("look at the wave that %s tells: %w", wave.Teller, err)
			}
			moved[s.Of] = m
		}
		brought, wish, err := m.brought(ctx, ask, s, w.Counts, asOf)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("look into the wave that %s tells: %w", wave.Teller, err)
		}
		if brought {
			signals[i].With, signals[i].Covered = wave.Teller, true
		}
		next = sooner(next, wish)
	}
	return signals, next, nil
}

// brought says whether a signal is found in the wave, and when that may change by itself.
func (m movement) brought(ctx context.Context, ask alerting.Asker, s alerting.Signal, counts time.Duration, asOf time.Time) (brought bool, wish time.Time, err error) {
	switch wish = m.Until.Add(counts); {
	case m.On:
		wish = m.Next
	case m.Until.IsZero() || !asOf.Before(wish):
		return false, time.Time{}, nil
	}
	if severe(m.Severity) < severe(s.Severity) || !m.On && !s.Since.Before(m.Until) {
		return false, wish, nil
	}
	if s.Story == nil || m.under {
		return s.Story == nil, wish, nil
	}
	brought, err = Stands(ctx, ask, s.Of, s.Story.ID, m.Since, asOf)
	return brought, wish, err
}

// Stands says whether comments that a wave of a watch counts stand in a conversation: negative
// ones, since it began.
func Stands(ctx context.Context, ask alerting.Asker, watch, conversation string, since, asOf time.Time) (stands bool, err error) {
	q := store.Question{Watches: []string{watch}, Kinds: Spoken(), News: true, From: since, SeenTo: asOf.Add(Instant), Gone: true}
	for _, q := range within(conversation, q) {
		if stands {
			break
		}
		if _, err := read(ctx, ask, q, pageSize, func(m *mention.Mention) { stands = stands || Negative(m) }); err != nil {
			return false, err
		}
	}
	return stands, nil
}

// spoken says whether people may be told of a signal: it goes on, or its end is described.
func spoken(s alerting.Signal) bool { return !s.Over || s.Facts != (alerting.Facts{}) }

// Sweeping is a rule that tells waves beside those that find something more in them, and
// says which of them do.
type Sweeping struct {
	alerting.Rule
	All []StandingRule
}

// StandingRule is one of them as it is configured.
type StandingRule struct {
	Standing
	Name string
}

var _ alerting.Rule = (*Sweeping)(nil)

// Unwrap gives the rule itself.
func (w *Sweeping) Unwrap() alerting.Rule { return w.Rule }

// Eval is the rule's own, each wave with the rules that stand in it.
func (w *Sweeping) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	signals, next, err = w.Rule.Eval(ctx, ask, asOf)
	for i, s := range signals {
		if s.Over {
			continue
		}
		for _, o := range w.All {
			stands, err := o.Stands(ctx, ask, s.Watch, s.Since, asOf)
			if err != nil {
				return nil, time.Time{}, fmt.Errorf("ask what rule %s finds in the wave: %w", o.Name, err)
			}
			if stands {
				signals[i].Also = append(signals[i].Also, o.Name)
			}
		}
	}
	return signals, next, err
}
