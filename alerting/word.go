package alerting

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// The lengths that a reader in a hurry is given.
const (
	subjectLimit = 70
	titleLimit   = 160
	outletLimit  = 60
	excerptLimit = 280
)

// Reader is for whom messages are worded.
type Reader struct {
	Lang say.Lang
	Zone *time.Location // whose hours; nil is UTC
	Page string         // address of the page without its last slash, "" when it is not known
}

// Compose words what happened to an incident for a reader: a subject that carries
// the news alone, a body of at most 120 words, the link to act. happened is one
// transition, or several in order that became one message.
func Compose(i Incident, happened []Transition, r Reader) (subject, body, link string) {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if r.Page != "" {
		link = r.Page + "/situations/" + i.ID
	}
	if i.Facts.Story != nil {
		w := newsWords{Incident: i, Reader: r, story: *i.Facts.Story, happened: happened, link: link}
		return w.subject(), w.body(), link
	}
	w := matterWords{Incident: i, Reader: r, happened: happened, link: link}
	return w.subject(), w.body(), link
}

// newsWords tells a story.
type newsWords struct {
	Incident
	Reader
	story    StoryFacts
	happened []Transition
	link     string
}

func (w newsWords) subject() string {
	outlet := Plain(w.story.Outlet, outletLimit/2)
	if w.story.Outlets > 1 {
		outlet = sayOutlets.In(w.Lang, w.Lang.Number(w.story.Outlets))
	}
	frame := func(title string) string {
		return w.headline() + w.Lang.Colon() + " " + title + " (" + outlet + ")"
	}
	room := subjectLimit - utf8.RuneCountInString(frame(""))
	return frame(Plain(w.title(), room))
}

// headline is the word that says why one is told.
func (w newsWords) headline() string {
	reminded := len(w.happened) == 1 && w.happened[0] == Reminded
	switch {
	case w.story.Change == Retracted:
		return sayRetracted.In(w.Lang)
	case w.story.Change == Corrected:
		return sayCorrected.In(w.Lang)
	case reminded:
		return sayReminder.In(w.Lang)
	}
	return sayNews.In(w.Lang)
}

func (w newsWords) title() string {
	if t := Plain(w.story.Title, titleLimit); t != "" {
		return t
	}
	if t := Plain(w.story.Excerpt, titleLimit); t != "" {
		return t
	}
	return sayUntitled.In(w.Lang)
}

func (w newsWords) body() string {
	at := w.story.At.In(w.Zone)
	parts := []string{
		w.title(),
		sayWhereWhen.In(w.Lang, Plain(w.story.Outlet, outletLimit), w.Lang.Date(at), w.Lang.Clock(at), Plain(w.Watch, outletLimit)),
		w.spread(),
	}
	if c := w.changed(); c != "" {
		parts = append(parts, c)
	}
	if e := Plain(w.story.Excerpt, excerptLimit); e != "" && e != w.title() {
		parts = append(parts, w.Lang.Quote(e))
	}
	if u := address(w.story.URL); u != "" {
		parts = append(parts, sayRead.In(w.Lang, u))
	}
	return strings.Join(append(parts, toDo(sayReadThenDecide, w.Lang, w.link)), "\n\n") + "\n"
}

// spread says how many tell it and whether the reader is named.
func (w newsWords) spread() string {
	named := sayNotNamed.In(w.Lang)
	if w.story.Named {
		named = sayNamed.In(w.Lang)
	}
	if w.story.Outlets < 2 {
		return named
	}
	return sayPickedUp.In(w.Lang, w.Lang.Number(w.story.Outlets)) + " " + named
}

func (w newsWords) changed() string {
	switch w.story.Change {
	case Corrected:
		return sayIsCorrected.In(w.Lang)
	case Retracted:
		return sayIsRetracted.In(w.Lang)
	}
	return ""
}

// matterWords tells a matter that has no facts of its own yet: its rule, its
// watch, how big it is and since when.
type matterWords struct {
	Incident
	Reader
	happened []Transition
	link     string
}

func (w matterWords) subject() string {
	headline := sayBegins
	switch {
	case slices.Contains(w.happened, Ended):
		headline = sayOver
	case slices.Contains(w.happened, Opened):
	case slices.Contains(w.happened, Grown):
		headline = sayGrows
	case slices.Contains(w.happened, Reminded):
		headline = sayReminder
	}
	rule := Plain(w.Rule, outletLimit/2) + " (" + Plain(w.Watch, outletLimit/2) + ")"
	return Plain(headline.In(w.Lang)+w.Lang.Colon()+" "+rule, subjectLimit)
}

func (w matterWords) body() string {
	since := w.Since.In(w.Zone)
	parts := []string{saySince.In(w.Lang, w.Lang.Date(since), w.Lang.Clock(since))}
	if w.Size > 0 {
		parts = append(parts, saySize.In(w.Lang, w.Lang.Number(w.Size)))
	}
	if w.State == Resolved {
		parts = append(parts, sayItIsOver.In(w.Lang))
		return strings.Join(parts, "\n\n") + "\n"
	}
	return strings.Join(append(parts, toDo(sayLookThenDecide, w.Lang, w.link)), "\n\n") + "\n"
}

// toDo is the next step, with the page to do it on when there is one.
func toDo(step say.Text, l say.Lang, link string) string {
	return strings.TrimSuffix(step.In(l)+"\n"+link, "\n")
}
