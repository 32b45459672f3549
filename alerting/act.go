package alerting

import (
	"cmp"
	"slices"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// Act is something a person does with an incident.
type Act string

// The acts, as buttons name them: Je m'en occupe, Confier à…, Me le rappeler plus
// tard, Situation réglée, Fausse alerte, Rouvrir.
const (
	Acknowledge Act = "acknowledge"
	Assign      Act = "assign"
	Snooze      Act = "snooze"
	Resolve     Act = "resolve"
	FalseAlarm  Act = "false_alarm"
	Reopen      Act = "reopen"
)

// acts are all of them.
var acts = []Act{Acknowledge, Assign, Snooze, Resolve, FalseAlarm, Reopen}

// Read is what one does with an advisory, J'ai lu. No situation knows it.
const Read Act = "read"

// Known says whether a is one of these.
func (a Act) Known() bool { return slices.Contains(acts, a) }

// Action is an act with its person and its time. Actions are journalled.
type Action struct {
	Incident string
	Act      Act
	By       string    // who, as the page names them
	Member   string    // their id, "" for who is no member
	At       time.Time // when
	Until    time.Time // of a Snooze; zero is until worse
	To       string    // of an Assign: to whom, as the page names them
	ToMember string    // of an Assign: their id
	Address  string    // of an Assign: that person's e-mail, "" for none; the journal does not keep it
	Note     string    // what they say of it, "" for nothing; the journal keeps it
}

// reconsidered is when rules look again at what they found, zero when the act changes
// nothing of that.
func (a Action) reconsidered() (at time.Time) {
	if a.Act == FalseAlarm || a.Act == Reopen {
		at = a.At.Add(time.Microsecond)
	}
	return at
}

const (
	nameLimit = 40
	noteLimit = 500
	// snoozeMost is how long a person may put a situation aside.
	snoozeMost = 31 * 24 * time.Hour
)

// Apply gives the incident as it stands after a person acted on it. It is pure,
// owes nothing (who acts knows; to whom it is assigned is told by the engine), and refuses what makes no sense with an error
// that a person can read. What somebody else did meanwhile is no error unless it
// leaves nothing to do: whoever takes a situation in charge last has it.
func Apply(i Incident, a Action) (Incident, error) {
	if err := refused(i, a); err != nil {
		return i, err
	}
	was := i
	i.By, i.ByMember = Plain(a.By, nameLimit), a.Member
	i.SnoozedUntil, i.Untold, i.Waits = time.Time{}, false, time.Time{}
	if a.Act != Snooze {
		i.For, i.ForMember, i.Said = "", "", "" // who acts has it, or nobody needs to
	}
	switch a.Act {
	case Assign: // nobody handles it until that person says so
		i.State, i.For, i.ForMember, i.Said = New, Plain(a.To, nameLimit), a.ToMember, Plain(a.Note, noteLimit)
		if was.State != New || was.assignee() != i.assignee() { // a button that is pressed twice is one assignment
			i.Seq++
		}
	case Acknowledge:
		i.State = Acknowledged
	case Snooze:
		i.State, i.SnoozedUntil = Snoozed, a.Until
	case Resolve, FalseAlarm:
		i.FalseAlarm = a.Act == FalseAlarm
		if i.open() {
			i.State, i.EndedAt, i.CoolUntil = Resolved, a.At, a.At.Add(CoolDown)
		}
		if i.FalseAlarm {
			i.Called = append(slices.Clone(i.Called), Call{From: i.Since, To: i.EndedAt, Said: a.At})
		}
	case Reopen:
		i.Called = slices.Clone(i.Called)
		for c := range i.Called {
			i.Called[c].TakenBack = cmp.Or(i.Called[c].TakenBack, a.At)
		}
		i.State, i.EndedAt, i.FalseAlarm = New, time.Time{}, false
	}
	i.MovedAt = a.At
	return i, nil
}

// EntryOf is what the journal says of an act that led to after.
func EntryOf(a Action, after Incident) Entry {
	e := Entry{At: a.At, Incident: a.Incident, What: string(a.Act), Person: after.By, Member: after.ByMember, Until: a.Until, Note: Plain(a.Note, noteLimit)}
	if a.Act == Assign {
		e.To, e.ToMember = after.For, after.ForMember
	}
	return e
}

// refused says what makes no sense, in words that lead on.
func refused(i Incident, a Action) error {
	switch {
	case !a.Act.Known():
		return say.Errorf(say.Text{EN: "“%s” is not something one can do with a situation; use a button of its page", FR: "«\u00a0%s\u00a0» n’est pas une action possible sur une situation; utilisez un bouton de sa page"}, Plain(string(a.Act), nameLimit))
	case a.Act == Reopen && i.open():
		return say.Errorf(say.Text{EN: "this situation is already open; there is nothing to reopen", FR: "cette situation est déjà en cours; il n’y a rien à rouvrir"})
	case a.Act == FalseAlarm && i.FalseAlarm:
		return say.Errorf(say.Text{EN: "this situation is already marked as a false alarm; reopen it if that was wrong", FR: "cette situation est déjà marquée comme fausse alerte; rouvrez-la si c’était une erreur"})
	case a.Act != Reopen && a.Act != FalseAlarm && !i.open():
		return say.Errorf(say.Text{EN: "this situation is over; reopen it first", FR: "cette situation est réglée; rouvrez-la d’abord"})
	case a.Act == Assign && Plain(a.To, nameLimit) == "":
		return say.Errorf(say.Text{EN: "choose whom to assign it to", FR: "choisissez à qui la confier"})
	case a.Act != Snooze || a.Until.IsZero():
		return nil
	case !a.Until.After(a.At):
		return say.Errorf(say.Text{EN: "that time has passed; choose a later one", FR: "cette heure est déjà passée; choisissez-en une qui vient"})
	case a.Until.Sub(a.At) > snoozeMost:
		return say.Errorf(say.Text{EN: "that is too far away; choose a day within a month", FR: "c’est trop loin; choisissez un jour d’ici un mois"})
	}
	return nil
}
