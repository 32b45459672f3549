package web

import (
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// snoozes is until when one may put a situation aside.
type snoozes struct {
	Soon  []choice // buttons
	Days  []choice // and any half hour of these
	Hours []choice
}

// choice is one value of a form and its words.
type choice struct{ Value, Label string }

// The hours of the organisation that the short words mean.
const (
	afternoonAt = 14
	morningAt   = 9
	snoozeDays  = 15
)

// newSnoozes is what can be chosen at now. The afternoon is offered while it comes.
func newSnoozes(l say.Lang, now time.Time, zone *time.Location) (s snoozes) {
	for _, c := range []struct{ value, key string }{{"hour", "snooze.hour"}, {"afternoon", "snooze.afternoon"}, {"tomorrow", "snooze.tomorrow"}} {
		if at, err := wakeAt(c.value, "", now, zone); err == nil && at.After(now) {
			s.Soon = append(s.Soon, choice{string(alerting.Snooze) + ":" + c.value, words[c.key].In(l, l.Clock(at.In(zone)))})
		}
	}
	today := now.In(zone)
	for n := range snoozeDays {
		day := time.Date(today.Year(), today.Month(), today.Day()+n, 12, 0, 0, 0, zone)
		s.Days = append(s.Days, choice{day.Format(time.DateOnly), dayName(l, day, now, zone)})
	}
	for half := range 48 {
		at := time.Date(2000, 1, 1, half/2, half%2*30, 0, 0, time.UTC)
		s.Hours = append(s.Hours, choice{at.Format("15:04"), l.Clock(at)})
	}
	return s
}

// wakeAt is the instant that a choice means, zero for until worse. given is a day
// and an hour of the organisation, "2026-11-20 14:30", for the choice "at".
func wakeAt(until, given string, now time.Time, zone *time.Location) (time.Time, error) {
	today := now.In(zone)
	at := func(days, hour int) time.Time {
		return time.Date(today.Year(), today.Month(), today.Day()+days, hour, 0, 0, 0, zone).UTC()
	}
	switch until {
	case "worse":
		return time.Time{}, nil
	case "hour":
		return now.Add(time.Hour).UTC(), nil
	case "afternoon":
		return at(0, afternoonAt), nil
	case "tomorrow":
		return at(1, morningAt), nil
	case "at":
		if t, err := time.ParseInLocation(time.DateOnly+" 15:04", given, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, say.Errorf(say.Text{EN: "choose a day and an hour", FR: "choisissez un jour et une heure"})
}
