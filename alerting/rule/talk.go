package rule

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// Heard gives what a watch ("" for any) claims in a conversation, as news, since that last
// rested before an instant; in order of sight, as far as it was known at asOf. It looks back
// from the instant for no longer than back.
//
// It asks when each came to the rules, not what its text says now: an edit, and what another
// process brings late, change nothing of what was heard before.
func Heard(ctx context.Context, ask alerting.Asker, t Talk, back time.Duration, asOf time.Time) ([]alerting.Member, error) {
	heard, err := ask.Talk(ctx, t.ID, t.At.Add(-back), asOf.Add(Instant))
	if err != nil {
		return nil, fmt.Errorf("ask what was heard in conversation %s: %w", t.ID, err)
	}
	heard = slices.DeleteFunc(heard, func(m alerting.Member) bool {
		return m.History || t.Watch != "" && !slices.Contains(m.Watches, t.Watch)
	})
	return sinceRest(heard, func(m alerting.Member) time.Time { return m.SeenAt }, t.At), nil
}

// Talk is a conversation as a watch hears it, at an instant.
type Talk struct {
	Watch, ID string
	At        time.Time
}

// sinceRest leaves out what was found before the last rest that was over before an instant.
func sinceRest[T any](found []T, seen func(T) time.Time, before time.Time) []T {
	begins := 0
	for i, m := range found {
		next := before
		if i+1 < len(found) && seen(found[i+1]).Before(before) {
			next = seen(found[i+1])
		}
		if next.Sub(seen(m)) > alerting.CoolDown {
			begins = i + 1
		}
	}
	return found[begins:]
}
