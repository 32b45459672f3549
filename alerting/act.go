package alerting

import (
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// Act is something a person does with an incident.
type Act string

// The acts, as buttons name them: Je m'en occupe, Me le rappeler plus tard,
// Situation réglée, Fausse alerte, Rouvrir.
const (
	Acknowledge Act = "acknowledge"
	Snooze      Act = "snooze"
	Resolve     Act = "resolve"
	FalseAlarm  Act = "false_alarm"
	Reopen      Act = "reopen"
)

// Action is an act with its person and its time. Actions are journalled.
type Action struct {
	Incident string
	Act      Act
	By       string    // who, as the page names them
	At       time.Time // when
	Until    time.Time // of a Snooze; zero is until worse
}

// Apply gives the incident as it stands after a person acted on it. It is pure,
// owes nothing (who acts knows), and refuses what makes no sense with an error
// that a person can read.
func Apply(i Incident, a Action) (Incident, error) {
	switch {
	case a.Act == Reopen && i.open():
		return i, say.Errorf(say.Text{EN: "this situation is already open; there is nothing to reopen", FR: "cette situation est déjà en cours; il n’y a rien à rouvrir"})
	case a.Act != Reopen && a.Act != FalseAlarm && !i.open():
		return i, say.Errorf(say.Text{EN: "this situation is over; reopen it first", FR: "cette situation est réglée; rouvrez-la d’abord"})
	case a.Act == Snooze && !a.Until.IsZero() && !a.Until.After(a.At):
		return i, say.Errorf(say.Text{EN: "that time has passed; choose a later one", FR: "cette heure est déjà passée; choisissez-en une qui vient"})
	}
	i.By, i.SnoozedUntil = a.By, time.Time{}
	switch a.Act {
	case Acknowledge:
		i.State = Acknowledged
	case Snooze:
		i.State, i.SnoozedUntil = Snoozed, a.Until
	case Resolve, FalseAlarm:
		i.State, i.EndedAt, i.FalseAlarm = Resolved, a.At, a.Act == FalseAlarm
	case Reopen:
		i.State, i.EndedAt, i.FalseAlarm = New, time.Time{}, false
	default:
		return i, say.Errorf(say.Text{EN: "“%s” is not something one can do with a situation; use a button of its page", FR: "«\u00a0%s\u00a0» n’est pas une action possible sur une situation; utilisez un bouton de sa page"}, string(a.Act))
	}
	return i, nil
}
