package web

import (
	"context"
	"errors"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

const (
	// rehearsedBack is how far back a rule is rehearsed, and rehearsedFor how long a
	// person waits for it.
	rehearsedBack = 30 * 24 * time.Hour
	rehearsedFor  = 20 * time.Second
	// rehearsedShown is how many messages are listed; the rest is counted.
	rehearsedShown = 20
)

// Rehearsal is what a rule would have told.
type Rehearsal struct {
	Since time.Time // later than was asked for when nobody listened yet
	Told  []Told    // the newest first
	More  int       // that are not listed
}

// Told is a message that a rule would have owed.
type Told struct {
	At      time.Time
	Subject string
}

var textLong = say.Text{
	EN: "In %d seconds we could not go through all that a month brought. Save it if you like: it can be changed at any time.",
	FR: "En %d secondes, nous n’avons pu parcourir tout ce qu’un mois a apporté. Enregistrez-la si vous voulez\u00a0: elle se modifie à tout moment.",
}

// rehearse asks a changed rule about the last month, in the turn of readers' searches.
func (s *Server) rehearse(ctx context.Context, e config.Edit) (*Rehearsal, error) {
	limited, cancel := context.WithTimeout(ctx, rehearsedFor)
	defer cancel()
	done, err := s.turn(limited)
	if err == nil {
		defer done()
		var told Rehearsal
		if told, err = s.Setup.Rehearse(limited, e, s.Now().Add(-rehearsedBack)); err == nil {
			told.More = max(len(told.Told)-rehearsedShown, 0)
			told.Told = told.Told[:len(told.Told)-told.More]
			return &told, nil
		}
	}
	if errors.Is(limited.Err(), context.DeadlineExceeded) {
		err = say.Errorf(textLong, int(rehearsedFor/time.Second))
	}
	return nil, err
}

// offerWatches lets a person choose a watch by its name.
func offerWatches(fields []setting, all []Watch) {
	for i := range fields {
		if fields[i].Key == "watch" {
			fields[i].Choices = nil
			for _, w := range all {
				fields[i].Choices = append(fields[i].Choices, w.Name)
			}
		}
	}
}
