package alerting

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// What messages say around the words of an advisory.
var (
	sayAdvisory          = say.Text{EN: "Advisory", FR: "Consignes"}
	sayAdvisoryUrgent    = say.Text{EN: "Urgent advisory", FR: "Consignes urgentes"}
	sayAdvisoryWithdrawn = say.Text{EN: "Advisory withdrawn", FR: "Consignes retirées"}
	sayWithdrawn         = say.Text{EN: "Withdrawn", FR: "Retirées"}

	sayWithdrawnAt   = say.Text{EN: "This advisory was withdrawn (%s): do not follow it any more. It said:", FR: "Ces consignes ont été retirées (%s)\u00a0: n’en tenez plus compte. Elles disaient\u00a0:"}
	sayWithdrawnBy   = say.Text{EN: "%s withdrew this advisory (%s): do not follow it any more. It said:", FR: "%s a retiré ces consignes (%s)\u00a0: n’en tenez plus compte. Elles disaient\u00a0:"}
	sayAdvisoryPast  = say.Text{EN: "This advisory reaches you late, and holds no more. It said:", FR: "Ces consignes vous arrivent tard et ne valent plus. Elles disaient\u00a0:"}
	sayAdviceAnswer  = say.Text{EN: "An answer that you may use:", FR: "Une réponse que vous pouvez utiliser\u00a0:"}
	sayAdviceFrom    = say.Text{EN: "From: %s", FR: "De\u00a0: %s"}
	sayAdviceTo      = say.Text{EN: "To: %s", FR: "Pour\u00a0: %s"}
	sayAdviceThrough = say.Text{EN: "Holds through %s.", FR: "Valables jusqu’au %s inclusivement.", France: "Valables jusqu’au %s inclus."}
	sayFollowAdvice  = say.Text{EN: "Next: keep to it before you answer anybody, then say that you have read it.", FR: "À faire\u00a0: tenez-en compte avant de répondre à qui que ce soit, puis dites que vous les avez lues."}
	sayKeepAdvice    = say.Text{EN: "Next: keep to it before you answer anybody.", FR: "À faire\u00a0: tenez-en compte avant de répondre à qui que ce soit."}
	sayCarryOn       = say.Text{EN: "Next: nothing, or ask whoever sent it what holds now.", FR: "À faire\u00a0: rien, ou demandez à qui les a envoyées ce qui vaut maintenant."}
)

// composeAdvisory words an advisory for a reader as it stands at now: its author's words
// as they are, and the frame in the reader's language.
func composeAdvisory(i Incident, r Reader, now time.Time) (subject, body, link string) {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if r.Page != "" {
		link = r.Page + "/advisories/" + i.ID
	}
	w := advisoryWords{r, *r.Today(i).Facts.Advisory, i.Severity == Urgent, now}
	return w.subject(), strings.Join(append(w.parts(), toDo(w.next(), r.Lang, link)), "\n\n") + "\n", link
}

type advisoryWords struct {
	Reader
	Advisory
	urgent bool
	now    time.Time
}

// subject says whose advice it is, as far as there is room, and what about.
func (w advisoryWords) subject() string {
	titles := []say.Text{sayAdvisory}
	switch {
	case !w.WithdrawnAt.IsZero():
		titles = []say.Text{sayAdvisoryWithdrawn, sayWithdrawn}
	case w.urgent:
		titles = []say.Text{sayAdvisoryUrgent, sayUrgent}
	}
	var all []string
	for _, title := range titles {
		all = append(all, title.In(w.Lang)+" ("+w.whom(w.From)+")", title.In(w.Lang))
	}
	subject := ""
	for _, headline := range all {
		if subject = headline + w.Lang.Colon() + " " + w.Subject; utf8.RuneCountInString(subject) <= subjectLimit {
			break
		}
	}
	return shorten(subject, subjectLimit)
}

func (w advisoryWords) parts() []string {
	answer := ""
	if w.Answer != "" && w.Holds(w.now) { // nobody in a hurry uses what was withdrawn
		answer = sayAdviceAnswer.In(w.Lang) + "\n" + w.Answer
	}
	return sentences(w.late(), w.Advice, answer, strings.Join(sentences(w.from(), w.to(), w.through()), "\n"))
}

// late says why it is not to be followed, "" when it is.
func (w advisoryWords) late() string {
	at := telling{Reader: w.Reader}.moment(w.WithdrawnAt, w.now)
	switch {
	case w.Holds(w.now):
		return ""
	case w.WithdrawnAt.IsZero():
		return sayAdvisoryPast.In(w.Lang)
	case w.WithdrawnBy == "":
		return sayWithdrawnAt.In(w.Lang, at)
	}
	return sayWithdrawnBy.In(w.Lang, w.WithdrawnBy, at)
}

func (w advisoryWords) from() string {
	from := w.title(w.Advisory.From)
	if w.By != "" {
		from += " (" + w.By + ")"
	}
	return sayAdviceFrom.In(w.Lang, from)
}

// addressed is how many of those it is for are named.
const addressed = 4

func (w advisoryWords) to() string {
	var names []string
	for _, watch := range w.Advisory.To {
		names = append(names, w.title(watch))
	}
	if more := len(names) - addressed; more > 1 {
		return sayAdviceTo.In(w.Lang, sayAndMore.In(w.Lang, strings.Join(names[:addressed], ", "), w.Lang.Number(more)))
	}
	return sayAdviceTo.In(w.Lang, strings.Join(names, ", "))
}

// through is the last day on which it holds, "" when it holds no more.
func (w advisoryWords) through() string {
	if !w.Holds(w.now) {
		return ""
	}
	return sayAdviceThrough.In(w.Lang, LastDay(w.Until, w.Lang, w.Zone))
}

func (w advisoryWords) next() say.Text {
	switch {
	case !w.Holds(w.now):
		return sayCarryOn
	case w.Page == "": // no link leads anywhere
		return sayKeepAdvice
	}
	return sayFollowAdvice
}

// LastDay is the last day that is not over at an instant, as one says it after through:
// dimanche 22 novembre 2026.
func LastDay(until time.Time, l say.Lang, zone *time.Location) string {
	return strings.TrimPrefix(l.Date(until.Add(-time.Nanosecond).In(zone)), "le ")
}

// advisoryMessage is an advisory for the people of a channel, with the link by which they
// say that they have read it.
func (s *sender) advisoryMessage(r Row) Message {
	a, reader := r.Now.Facts.Advisory, s.channel.Reader
	m := Message{Key: r.Key, Incident: r.Now.ID, Seq: r.Seq, Watch: r.Now.Watch, Severity: r.Now.Severity, Lang: reader.Lang, At: r.At,
		Until: a.Until, Over: !a.Holds(s.Now())}
	m.Subject, m.Body, m.Link = composeAdvisory(r.Now, reader, s.Now())
	if reader.Page != "" && len(reader.Passes.Key) > 0 && !m.Over {
		m.Buttons = []Button{{Read, reader.Page + ReceiptPath + reader.Passes.Receipt(r.Now, s.channel.Name)}}
	}
	return m
}
