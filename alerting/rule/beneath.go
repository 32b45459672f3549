package rule

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// Beneath is a rule that says of its signals whether the organisation above is moved
// by the same: people are told of that once, not once more for each that belongs to
// it. It looks above when it is asked, so it keeps nothing either.
type Beneath struct {
	alerting.Rule
	Above string        // the watch of the organisation above
	There alerting.Rule // the same rule about that watch, of our own
}

var _ alerting.Rule = (*Beneath)(nil)

// Eval is the rule's own, each signal with what goes on above.
func (b *Beneath) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	signals, next, err = b.Rule.Eval(ctx, ask, asOf)
	if err != nil || !anyGoesOn(signals) {
		return signals, next, err
	}
	above, calm, err := b.There.Eval(ctx, ask, asOf)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("look above, at %s: %w", b.Above, err)
	}
	if anyGoesOn(above) {
		for i := range signals {
			signals[i].Under = b.Above
		}
		if next.IsZero() || !calm.IsZero() && calm.Before(next) {
			next = calm
		}
	}
	return signals, next, nil
}

func anyGoesOn(signals []alerting.Signal) bool {
	for _, s := range signals {
		if !s.Over {
			return true
		}
	}
	return false
}

// Unwrap gives the rule itself.
func (b *Beneath) Unwrap() alerting.Rule { return b.Rule }
