package alerting

import (
	"strings"
	"unicode/utf8"
)

// newsWords tells a story.
type newsWords struct {
	telling
	story StoryFacts
}

func (w newsWords) headlines() []string { return []string{w.headline()} }

func (w newsWords) headline() string {
	why := w.reasons()
	switch {
	case why != nil:
		return why[len(why)-1]
	case w.story.Joined != nil && w.did(Revised) && !w.did(Opened):
		return sayTakenUp.In(w.Lang)
	case w.story.Change == Retracted:
		return sayRetracted.In(w.Lang)
	case w.story.Change == Corrected:
		return sayCorrected.In(w.Lang)
	case w.story.Change == Names:
		return sayNamesYou.In(w.Lang)
	case w.onlyReminded():
		return sayReminder.In(w.Lang)
	}
	return sayNews.In(w.Lang)
}

// titles keep how many tell it; the name of one outlet gives way to the title.
func (w newsWords) titles() []string {
	outlet, room := " ("+Plain(w.story.Outlet, outletLimit/2)+")", subjectLimit-utf8.RuneCountInString(w.headline()+w.Lang.Colon()+" ")
	if w.story.Outlets > 1 {
		outlet = " (" + sayOutlets.In(w.Lang, w.Lang.Number(w.story.Outlets)) + ")"
		return []string{shorten(w.title(), room-utf8.RuneCountInString(outlet)) + outlet}
	}
	return []string{w.title() + outlet, shorten(w.title(), room)}
}

func (w newsWords) alone() []string { return w.titles() }

func (w newsWords) title() string {
	if t := Quoted(w.story.Title, titleLimit); t != "" {
		return t
	}
	if t := Quoted(w.story.Excerpt, titleLimit); t != "" {
		return t
	}
	return sayUntitled.In(w.Lang)
}

func (w newsWords) account() Account {
	a := Account{Title: w.title(), Next: sayReadThenDecide.In(w.Lang), also: w.also()}
	switch {
	case w.elsewhere():
		a.Next = sayFollowThat.In(w.Lang)
	case w.State == Resolved:
		a.Next = sayReopenIfNot.In(w.Lang)
	}
	at := w.story.At.In(w.Zone)
	where := sayWhereWhen.In(w.Lang, Plain(w.story.Outlet, outletLimit), w.Lang.Date(at), w.Lang.Clock(at), w.watches())
	a.Facts = sentences(where, w.joined(), w.spread(), w.changed(), w.who(), a.also.full)
	if e := Quoted(w.story.Excerpt, excerptLimit); e != "" && e != w.title() {
		a.Examples = []Example{{Text: e}}
	}
	return a
}

func (w newsWords) lead() string { return brief(w.title(), titleLimit, 30) }

func (w newsWords) read() string { return address(w.story.URL) }

// watchesMost is how many watches a message names; a story that concerns more is the
// whole network's.
const watchesMost = 4

// watches names those that the story concerns.
func (w newsWords) watches() string {
	if len(w.story.Watches) < 2 {
		return sayWatch.In(w.Lang, w.Reader.title(w.Watch))
	}
	var names []string
	for _, watch := range w.story.Watches {
		names = append(names, w.Reader.title(watch))
	}
	some := strings.Join(names[:min(len(names), watchesMost)], ", ")
	if more := len(names) - watchesMost; more > 0 {
		some = sayAndMore.In(w.Lang, some, w.Lang.Number(more))
	}
	return sayWatches.In(w.Lang, some)
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

// joined says which large outlet has taken it up.
func (w newsWords) joined() string {
	if w.story.Joined == nil {
		return ""
	}
	name := Plain(w.story.Joined.Name, outletLimit)
	if n := w.story.Joined.Audience; n > 0 {
		return sayAccountJoined.In(w.Lang, sayFollowers.In(w.Lang, name, w.Lang.Number(n)))
	}
	return sayOutletJoined.In(w.Lang, name)
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

// matterWords tells a matter that has no facts of its own: its rule, its watch, how
// big it is and since when.
type matterWords struct{ telling }

func (w matterWords) headlines() []string {
	if why := w.reasons(); why != nil {
		return why
	}
	headline := sayBegins
	switch {
	case w.did(Ended):
		headline = sayOver
	case w.did(Opened):
	case w.did(Resumed):
		headline = sayResumes
	case w.did(Grown):
		headline = sayGrows
	case w.did(Reminded):
		headline = sayReminder
	}
	return []string{headline.In(w.Lang)}
}

func (w matterWords) titles() []string {
	return []string{Plain(w.Rule, outletLimit/2) + " (" + w.whom(w.Watch) + ")"}
}

func (w matterWords) alone() []string { return w.titles() }

func (w matterWords) account() Account {
	since := w.Since.In(w.Zone)
	a := Account{Title: w.titles()[0], Next: sayLookThenDecide.In(w.Lang), also: w.also()}
	a.Facts = []string{saySince.In(w.Lang, w.Lang.Date(since), w.Lang.Clock(since))}
	if w.Size > 0 {
		a.Facts = append(a.Facts, saySize.In(w.Lang, w.Lang.Number(w.Size)))
	}
	if w.State == Resolved {
		a.Next = sayItIsOver.In(w.Lang)
	}
	a.Facts = append(a.Facts, sentences(w.who(), a.also.full)...)
	return a
}

func (matterWords) lead() string { return "" }

func (matterWords) read() string { return "" }
