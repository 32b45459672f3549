package rule

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// Together is a rule that tells stories and conversations beside others that tell the same
// people. What one of them has told is not told again by another, unless that is more
// urgent, or the first to tell it as one about the organisation itself. It asks the others
// when they had reason to, of the story as it was known, so it keeps nothing either.
type Together struct {
	alerting.Rule
	All []Storyteller // those who tell the same people, the nearest to the organisation first
	At  int           // which of them this one is
}

// Storyteller is a rule that tells stories, as it is configured.
type Storyteller struct {
	alerting.Storyteller
	Name, Kind string
}

var _ alerting.Rule = (*Together)(nil)

// Unwrap gives the rule itself.
func (t *Together) Unwrap() alerting.Rule { return t.Rule }

// Eval is the rule's own, each story with who else tells it.
func (t *Together) Eval(ctx context.Context, ask alerting.Asker, asOf time.Time) (signals []alerting.Signal, next time.Time, err error) {
	signals, next, err = t.Rule.Eval(ctx, ask, asOf)
	if err != nil {
		return nil, time.Time{}, err
	}
	for i := range signals {
		if signals[i].Story == nil {
			continue
		}
		wish, err := t.compare(ctx, ask, asOf, &signals[i])
		if err != nil {
			return nil, time.Time{}, fmt.Errorf("ask who else tells %s: %w", signals[i].Story.ID, err)
		}
		next = sooner(next, wish)
	}
	return signals, next, nil
}

// compare finds who told a story before, and who leaves it to this rule; wish is when
// another of them will have reason to tell it.
func (t *Together) compare(ctx context.Context, ask alerting.Asker, asOf time.Time, s *alerting.Signal) (wish time.Time, err error) {
	all := make([]alerting.Telling, len(t.All))
	for n, o := range t.All {
		if all[n], err = o.Tells(ctx, ask, *s.Story, asOf); err != nil {
			return wish, fmt.Errorf("rule %s: %w", o.Name, err)
		}
		if all[n].At.After(asOf) {
			wish = sooner(wish, all[n].At)
		}
	}
	mine := alerting.Telling{At: s.Due, Severity: s.Severity, Named: s.Named}
	for n, o := range t.All {
		switch its := all[n]; {
		case its.At.IsZero() || its.At.After(asOf):
		case !s.Due.IsZero() && covers(its, mine, n < t.At):
			s.With, s.Covered = o.Name, s.Covered || its.Grows
		case n != t.At && !t.shares(o):
			s.Also = append(s.Also, o.Name)
		}
	}
	if s.With != "" {
		s.Also = nil // that one names them
	}
	return wish, nil
}

// shares says whether the rule itself tells a story for the other as well.
func (t *Together) shares(o Storyteller) bool {
	_, joint := t.Rule.(alerting.Joint)
	return joint && o.Kind == t.All[t.At].Kind
}

// covers says whether people who were told by one need not be told by the other: it came
// first, it weighs as much, and it told them that they are named if the other does. Of two
// at once the weightier comes first, then the one that names them, then the nearer.
func covers(one, other alerting.Telling, nearer bool) bool {
	weighs, named := severe(one.Severity)-severe(other.Severity), one.Named || !other.Named
	switch {
	case weighs < 0 || !named || one.At.After(other.At):
		return false
	case one.At.Before(other.At):
		return true
	}
	return weighs > 0 || one.Named && !other.Named || nearer
}

// severe orders severities.
func severe(s alerting.Severity) int {
	return slices.Index([]alerting.Severity{alerting.Inform, alerting.Watch, alerting.Urgent}, s)
}
