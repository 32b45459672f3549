package web

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// journalLine is what happened at an instant, in plain words.
type journalLine struct {
	At   time.Time
	Text string
	Act  bool // a person did it
	Note string
}

// letterShown is a message as it was sent, and the channels that took it.
type letterShown struct {
	At       time.Time
	Channels []string
	Subject  string
	Body     string
	Lang     string
}

// history is what happened to an incident, oldest first, and the messages that were
// sent about it.
func (s *Server) history(ctx context.Context, i alerting.Incident, r alerting.Reader) (lines []journalLine, letters []letterShown, err error) {
	entries, err := s.Incidents.IncidentJournal(ctx, i.ID, i.OpenedAt)
	if err != nil {
		return nil, nil, err
	}
	owed, err := s.Incidents.Deliveries(ctx, i.ID)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		e = r.TodayIn(e)
		if text := journalText(r, i, e); text != "" {
			lines = append(lines, journalLine{e.At, text, isAct(e), e.Note})
		}
		if e.What == alerting.EntryTold && e.Letter != nil {
			letters = addLetter(letters, e)
		}
	}
	for _, row := range owed {
		if row.Fate == alerting.Waiting {
			lines = append(lines, journalLine{At: row.At, Text: waitingText(r.Lang, row)})
		}
	}
	slices.SortStableFunc(lines, func(a, b journalLine) int { return a.At.Compare(b.At) })
	return lines, letters, nil
}

// addLetter puts what several channels were told in the same words once.
func addLetter(letters []letterShown, e alerting.Entry) []letterShown {
	for n, l := range letters {
		if l.Subject == e.Letter.Subject && l.Body == e.Letter.Body {
			letters[n].Channels = append(letters[n].Channels, e.Letter.Channel)
			return letters
		}
	}
	return append(letters, letterShown{At: e.At, Channels: []string{e.Letter.Channel}, Subject: e.Letter.Subject, Body: e.Letter.Body, Lang: e.Letter.Lang})
}

func isAct(e alerting.Entry) bool { _, act := words["journal.act."+e.What]; return act }

// journalText is a line of the journal as one would tell it, "" for a word that we
// do not know.
func journalText(r alerting.Reader, i alerting.Incident, e alerting.Entry) string {
	l := r.Lang
	switch {
	case e.Letter != nil:
		return letterText(l, e)
	case e.What == string(alerting.Snooze):
		return snoozeText(r, e)
	case e.What == string(alerting.Assign):
		text := signedText(l, words["journal.act.assign"].In(l, e.To), e.Person)
		if e.Reason == alerting.BecauseNoAddress {
			text += " " + words["journal.unreached"].In(l) + "."
		}
		return text
	case e.What == string(alerting.Escalated) && e.Reason == "":
		return words["journal.escalated"].In(l, e.To) + "."
	case isAct(e):
		return signedText(l, words["journal.act."+e.What].In(l), e.Person)
	case e.Reason == alerting.BecauseStale:
		return words["journal.stale"].In(l)
	}
	t, known := words["journal."+e.What]
	if !known {
		return ""
	}
	text := t.In(l)
	switch {
	case e.Size > 0 && i.Facts.Surge != nil:
		text += l.Colon() + " " + words[l.Plural(e.Size, "journal.comments.one", "journal.comments.many")].In(l, l.Number(e.Size))
	case e.Size > 0:
		text += " (" + words["journal.size"].In(l, l.Number(e.Size)) + ")"
	}
	if why, known := words["journal.because."+e.Reason]; known {
		text += "; " + why.In(l)
	}
	return text + "."
}

func signedText(l say.Lang, text, name string) string {
	if name != "" {
		text += " " + words["journal.by"].In(l, name)
	}
	return text + "."
}

func snoozeText(r alerting.Reader, e alerting.Entry) string {
	text := words["journal.act.snooze"].In(r.Lang)
	if !e.Until.IsZero() {
		text = words["journal.until"].In(r.Lang, until(r.Lang, e.Until, e.At, r.Zone))
	}
	return signedText(r.Lang, text, e.Person)
}

func letterText(l say.Lang, e alerting.Entry) string {
	to := e.Letter.Channel
	if e.Letter.Recipients != "" {
		to += " (" + strings.ReplaceAll(e.Letter.Recipients, ",", ", ") + ")"
	}
	switch e.What {
	case alerting.EntryHandedOver:
		return words["journal.handed_over"].In(l, e.Reason, to)
	case alerting.EntryMoot:
		return words["journal.moot"].In(l, to)
	case alerting.EntryGivenUp:
		return words["journal.given_up"].In(l, to)
	}
	return words["journal.told"].In(l, to)
}

func waitingText(l say.Lang, row alerting.Row) string {
	if row.Attempts == 0 {
		return words["journal.waiting"].In(l, row.Channel)
	}
	return words["journal.trying"].In(l, row.Channel, l.Number(row.Attempts))
}
