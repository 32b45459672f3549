package rule

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
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
	Until    time.Time // when it was over, zero while it goes on or when there was none
	Next     time.Time // when to look whether it is over, zero when there is no need
}

// Swept is a rule that counts the negative comments about a watch within a window: a wave
// moves it as well.
type Swept interface {
	alerting.Rule
	// Window is over how long it counts them; zero when it counts something else.
	Window() time.Duration
	// Stands says whether it has found too many at an instant.
	Stands(ctx context.Context, ask alerting.Asker, asOf time.Time) (bool, error)
}

// Within is a rule that counts what a wave brings, beside one that tells the wave. While
// the wave goes on, and while comments of it stand in the window, what is found is found
// in the wave, of which people are told; unless it weighs more. It looks at the wave when
// it is asked, so it keeps nothing either.
type Within struct {
	alerting.Rule
	Wave   Wave // of our own
	Teller string
	Window time.Duration
}

var _ alerting.Rule = (*Within)(nil)

// Unwrap gives the rule itself.
func (w *Within) Unwrap() alerting.Rule { return w.Rule }

// Eval is the rule's own, each signal with the rule that tells the wave.
func (w *Within) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	signals, next, err = w.Rule.Eval(ctx, ask, asOf)
	if err != nil || !slices.ContainsFunc(signals, spoken) {
		return signals, next, err
	}
	m, err := w.Wave.Moved(ctx, alerting.AsRule(ask, w.Teller), asOf)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look at the wave that %s tells: %w", w.Teller, err)
	}
	if !m.On && (m.Until.IsZero() || !asOf.Before(m.Until.Add(w.Window))) {
		return signals, next, nil
	}
	for i, s := range signals {
		if spoken(s) && severe(m.Severity) >= severe(s.Severity) && (m.On || s.Since.Before(m.Until)) {
			signals[i].With, signals[i].Covered = w.Teller, true
		}
	}
	if m.On {
		return signals, sooner(next, m.Next), nil
	}
	return signals, sooner(next, m.Until.Add(w.Window)), nil
}

// spoken says whether people may be told of a signal: it goes on, or its end is described.
func spoken(s alerting.Signal) bool { return !s.Over || s.Facts != (alerting.Facts{}) }

// Sweeping is a rule that tells waves beside those that count what they bring, and says
// which of them do.
type Sweeping struct {
	alerting.Rule
	All []SweptRule
}

// SweptRule is one of them as it is configured.
type SweptRule struct {
	Swept
	Name string
}

var _ alerting.Rule = (*Sweeping)(nil)

// Unwrap gives the rule itself.
func (w *Sweeping) Unwrap() alerting.Rule { return w.Rule }

// Eval is the rule's own, a wave with the rules that stand in it.
func (w *Sweeping) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	signals, next, err = w.Rule.Eval(ctx, ask, asOf)
	if err != nil || !anyGoesOn(signals) {
		return signals, next, err
	}
	var standing []string
	for _, o := range w.All {
		stands, err := o.Stands(ctx, ask, asOf)
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("ask what rule %s finds in the wave: %w", o.Name, err)
		}
		if stands {
			standing = append(standing, o.Name)
		}
	}
	for i := range signals {
		signals[i].Also = standing
	}
	return signals, next, nil
}
