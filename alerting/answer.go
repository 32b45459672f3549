package alerting

import (
	"slices"
	"time"

	"github.com/ouidire/ouidire/mention/wire"
)

// Answer is an incident as programs read it, its subject worded for r.
func Answer(i Incident, r Reader) wire.Situation {
	i = r.Today(i)
	subject, _, _ := Compose(i, nil, r)
	answer := wire.Situation{
		ID: i.ID, State: string(i.State), Severity: string(i.Severity), Subject: subject,
		Rule: i.Rule, Kind: i.Kind, Watch: i.Watch, Size: i.Size,
		Since: i.Since.UTC(), OpenedAt: i.OpenedAt.UTC(), MovedAt: i.MovedAt.UTC(), EndedAt: i.EndedAt.UTC(),
		Over: i.Over, FalseAlarm: i.FalseAlarm, By: i.By, AssignedTo: i.For, SnoozedUntil: i.SnoozedUntil.UTC(),
		EscalatedTo: slices.Clone(i.Further), Mentions: slices.Clone(i.Mentions),
	}
	if i.Waiting() {
		answer.UntakenSince = i.Waits.UTC()
	}
	if i.Facts.Story != nil {
		answer.Watches = slices.Clone(i.Facts.Story.Watches)
	}
	return answer
}

// AnswerWhole is Answer with all there is to say, and what happened.
func AnswerWhole(i Incident, journal []Entry, r Reader) wire.WholeSituation {
	told := Describe(i, r)
	w := wire.WholeSituation{Situation: Answer(i, r), Facts: told.Facts, NextStep: told.Next, Caveats: told.Caveats}
	for _, a := range acts {
		if refused(i, Action{Incident: i.ID, Act: a, To: "somebody", At: i.MovedAt}) == nil {
			w.Acts = append(w.Acts, string(a))
		}
	}
	for _, e := range journal {
		w.Journal = append(w.Journal, happened(r.TodayIn(e)))
	}
	return w
}

// AnswerAdvisory is an advisory as programs read it at an instant.
func AnswerAdvisory(i Incident, now time.Time, r Reader) wire.Advisory {
	a := r.Today(i).Facts.Advisory
	answer := wire.Advisory{ID: i.ID, State: "over", Urgent: i.Severity == Urgent, From: a.From, To: slices.Clone(a.To),
		Subject: a.Subject, Advice: a.Advice, Answer: a.Answer, By: a.By, SentAt: i.OpenedAt.UTC(), Until: a.Until.UTC(), About: a.About, Story: a.Story,
		WithdrawnAt: a.WithdrawnAt.UTC(), WithdrawnBy: a.WithdrawnBy, Readers: len(a.Read)}
	switch {
	case !a.WithdrawnAt.IsZero():
		answer.State = "withdrawn"
	case a.Holds(now):
		answer.State = "in_force"
	}
	return answer
}

// AnswerWholeAdvisory is AnswerAdvisory with who read it, and what happened; how far it
// has come is for whoever knows the channels and the team.
func AnswerWholeAdvisory(i Incident, journal []Entry, now time.Time, r Reader) wire.WholeAdvisory {
	w := wire.WholeAdvisory{Advisory: AnswerAdvisory(i, now, r)}
	for _, read := range r.Today(i).Facts.Advisory.Read {
		w.Read = append(w.Read, wire.Receipt{At: read.At.UTC(), Name: read.Name, Channel: read.Channel})
	}
	for _, e := range journal {
		w.Journal = append(w.Journal, happened(r.TodayIn(e)))
	}
	return w
}

func happened(e Entry) wire.Happened {
	h := wire.Happened{At: e.At.UTC(), What: e.What, Person: e.Person, To: e.To, Until: e.Until.UTC(), Note: e.Note, Reason: e.Reason, Size: e.Size}
	if e.Letter != nil {
		h.Channel, h.Subject = e.Letter.Channel, e.Letter.Subject
	}
	return h
}
