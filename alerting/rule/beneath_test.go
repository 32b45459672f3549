package rule

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// scripted is a rule that signals until an hour.
type scripted struct {
	until time.Duration
	err   error
}

func (s scripted) Eval(_ context.Context, _ alerting.Asker, asOf time.Time) ([]alerting.Signal, time.Time, error) {
	over := monday.Add(s.until)
	signals := []alerting.Signal{{Key: "caisse", Over: !asOf.Before(over)}}
	if asOf.Before(over) {
		return signals, over, s.err
	}
	return signals, time.Time{}, s.err
}

func TestARuleSaysWhetherTheOrganisationAboveIsMovedAndAsksAgainWhenThatEnds(t *testing.T) {
	b := &Beneath{Rule: scripted{until: 5 * time.Hour}, Above: "mouvement", There: scripted{until: 2 * time.Hour}}
	for _, c := range []struct {
		at, next time.Duration
		under    string
	}{{time.Hour, 2 * time.Hour, "mouvement"}, {3 * time.Hour, 5 * time.Hour, ""}} {
		signals, next, err := b.Eval(t.Context(), nil, monday.Add(c.at))
		if err != nil || signals[0].Under != c.under || !next.Equal(monday.Add(c.next)) {
			t.Errorf("after %v: %+v, next %v, %v", c.at, signals, next.Sub(monday), err)
		}
	}
	failing := errors.New("the store is away")
	b.There = scripted{err: failing}
	if _, _, err := b.Eval(t.Context(), nil, monday); !errors.Is(err, failing) {
		t.Errorf("got %v", err)
	}
	if signals, _, err := b.Eval(t.Context(), nil, monday.Add(6*time.Hour)); err != nil || !signals[0].Over {
		t.Errorf("nobody looks above while all is calm here: %v, %v", signals, err)
	}
	if _, ok := alerting.As[alerting.Gauged](b); ok {
		t.Error("a rule that measures nothing has a gauge")
	}
}
