package alerting

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// noticeWords tells what a kind of rule has worded itself.
type noticeWords struct {
	telling
	notice Notice
}

func (w noticeWords) headlines() []string {
	why := w.reasons()
	switch {
	case w.did(Ended), w.Over:
		return []string{sayOver.In(w.Lang), sayOverShort.In(w.Lang)}
	case why != nil:
		return why
	case w.onlyReminded():
		return []string{sayReminder.In(w.Lang)}
	case w.did(Opened):
	case w.did(Resumed):
		return []string{sayResumes.In(w.Lang)}
	case w.did(Grown):
		return []string{sayGrows.In(w.Lang), sayGrowsShort.In(w.Lang)}
	}
	return []string{w.urgency()}
}

// titles end with the whom of the reader: a long one is cut before the news is.
func (w noticeWords) titles() []string {
	short := w.Reader
	short.Watches = map[string]Named{}
	for name := range w.Reader.Watches {
		short.Watches[name] = Named{Whom: shorten(w.whom(name), 12)}
	}
	var all []string
	for _, t := range w.notice.Titles {
		all = append(all, t.in(w.Reader))
	}
	return append(all, w.notice.Titles[len(w.notice.Titles)-1].in(short))
}

// alone begin as a sentence does.
func (w noticeWords) alone() []string {
	all := w.titles()
	for i := range all {
		all[i] = capital(all[i])
	}
	return all
}

func (w noticeWords) account() Account {
	a := Account{Title: w.alone()[0], Next: w.next(), Caveats: w.caveats(), also: w.also()}
	for _, f := range w.notice.Facts {
		a.Facts = append(a.Facts, sentences(f.in(w.Reader))...)
	}
	if who := w.who(); who != "" {
		a.Facts = slices.Insert(a.Facts, min(1, len(a.Facts)), who)
	}
	a.Facts = append(a.Facts, sentences(a.also.full)...)
	for _, q := range w.notice.Quotes {
		if text := Quoted(q.Text, exampleLimit); text != "" {
			a.Examples = append(a.Examples, Example{Text: text, Place: brief(q.Place, whomLimit, 2), At: q.At.In(w.Zone)})
		}
	}
	return a
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func (noticeWords) lead() string { return "" }

func (w noticeWords) read() string { return address(w.notice.URL) }

func (w noticeWords) next() string {
	switch {
	case w.elsewhere():
		return sayFollowThat.In(w.Lang)
	case w.Over:
		return sayItIsOver.In(w.Lang)
	case w.State == Resolved:
		return sayReopenIfNot.In(w.Lang)
	case w.State == Acknowledged && w.By != "":
		return sayAskWhoHasIt.In(w.Lang, w.By)
	}
	return w.notice.Next.in(w.Reader)
}

func (w noticeWords) caveats() []string {
	warm, tone := "", ""
	if w.notice.WarmUp {
		warm = sayWarmUp.In(w.Lang)
	}
	if w.notice.Tone {
		tone = sayToneMayBeWrong.In(w.Lang)
	}
	all := sentences(w.under(), w.unread(w.notice.Blind, w.notice.Upto), warm, tone)
	for _, c := range w.notice.Caveats {
		all = append(all, sentences(c.in(w.Reader))...)
	}
	return all
}

// urgency is how soon a person must know, in a word.
func (t telling) urgency() string {
	switch t.Severity {
	case Urgent:
		return sayUrgent.In(t.Lang)
	case Watch:
		return sayWatchClosely.In(t.Lang)
	}
	return sayForInformation.In(t.Lang)
}

// under says that it moves above as well, "" when it does not.
func (t telling) under() string {
	if t.Under == "" {
		return ""
	}
	return sayUnder.In(t.Lang, t.whom(t.Under))
}

// unread says what could not be read, "" when nothing.
func (t telling) unread(b Blind, upto time.Time) string {
	var names []string
	for _, source := range b.Sources {
		if name := brief(source, whomLimit, 2); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	some := strings.Join(names[:min(len(names), blindMost)], ", ")
	if more := len(names) - blindMost; more > 0 {
		some = sayAndMore.In(t.Lang, some, t.Lang.Number(more))
	}
	since := ""
	if !b.Since.IsZero() {
		since = saySinceHour.In(t.Lang, t.moment(b.Since, upto))
	}
	return blindText(len(names)).In(t.Lang, some, since)
}

func blindText(sources int) say.Text {
	if sources == 1 {
		return sayBlindOne
	}
	return sayBlindMany
}

// moment is the hour, with its day when what is told last is of another.
func (t telling) moment(at, upto time.Time) string {
	if at = at.In(t.Zone); sameDay(at, upto.In(t.Zone)) {
		return t.Lang.Clock(at)
	}
	return t.Lang.Since(at)
}
