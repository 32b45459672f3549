package alerting

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// How many of each a message names. The page has room for all.
const (
	voicesMost = 2
	newWords   = 4
	blindMost  = 2
)

// surgeWords tells a surge of negative comments.
type surgeWords struct {
	telling
	surge SurgeFacts
}

func (w surgeWords) headlines() []string {
	if w.Over {
		return []string{saySurgeOver.In(w.Lang), saySurgeOverShort.In(w.Lang)}
	}
	if why := w.reasons(); why != nil {
		return why
	}
	return []string{w.headline()}
}

func (w surgeWords) headline() string {
	switch {
	case w.onlyReminded():
		return sayReminder.In(w.Lang)
	case w.did(Resumed):
		return saySurgeResumes.In(w.Lang)
	case w.did(Grown) && !w.did(Opened) && w.surge.Rising:
		return saySurgeRises.In(w.Lang)
	case w.did(Grown) && !w.did(Opened):
		return saySurgeGrew.In(w.Lang)
	}
	return w.urgency()
}

// titles are how many in how long, how many as a rule, and whom.
func (w surgeWords) titles() []string {
	l, whom := w.Lang, w.whom(w.Watch)
	if w.Over {
		n, people, lasted := l.Number(w.total()), l.Number(w.surge.People), lasting(l, w.lasted())
		return []string{
			saySurgeWas.In(l, n, people, lasted, whom),
			saySurgeWasShort.In(l, n, lasted, shorten(whom, 12)),
		}
	}
	full, short := saySurge, saySurgeShort
	if one := l.Plural(w.surge.Count, "one", "many") == "one"; one {
		full, short = saySurgeOne, saySurgeOneShort
	}
	n, span, usual := l.Number(w.surge.Count), lasting(l, w.surge.Upto.Sub(w.Since)), w.usual()
	return []string{full.In(l, n, span, usual, whom), short.In(l, n, span, usual, whom), short.In(l, n, span, usual, shorten(whom, 12))}
}

func (w surgeWords) alone() []string { return w.titles() }

// usual is how many there are as a rule.
func (w surgeWords) usual() string {
	usual := int(math.Round(min(max(w.surge.Usual, 0), 1e6)))
	return sayUsually.In(w.Lang, w.Lang.Number(usual))
}

// lasted is from beginning to end.
func (w surgeWords) lasted() time.Duration {
	if w.surge.Lasted == 0 && !w.EndedAt.IsZero() {
		return w.EndedAt.Sub(w.Since)
	}
	return w.surge.Lasted
}

// total is how many there were from beginning to end.
func (w surgeWords) total() int { return max(w.surge.Total, w.surge.Count) }

func (w surgeWords) account() Account {
	a := Account{Title: w.titles()[0], Caveats: w.caveats(), Next: w.next(), also: w.also()}
	a.Facts = sentences(w.course(), w.who(), w.voices(), w.words(), a.also.full, w.copies())
	for _, q := range w.surge.Examples {
		if text := Quoted(q.Text, exampleLimit); text != "" {
			a.Examples = append(a.Examples, Example{Text: text, Place: brief(q.Place, whomLimit, 2), At: q.At.In(w.Zone)})
		}
	}
	return a
}

func (surgeWords) lead() string { return "" }

func (surgeWords) read() string { return "" }

// course says since when, whether it still rises, how many people, and where.
func (w surgeWords) course() string {
	people := sayPeople.In(w.Lang, w.Lang.Number(w.surge.People))
	if w.surge.People == 1 {
		people = sayOnePerson.In(w.Lang)
	}
	where := w.where()
	if w.Over {
		return w.fromTo(w.Since.In(w.Zone), w.Since.Add(w.lasted()).In(w.Zone), people+where)
	}
	trend := saySurgeStill
	if !w.surge.Rising {
		trend = saySurgeSteady
	}
	return trend.In(w.Lang, w.moment(w.Since, w.surge.Upto), people+where)
}

func (w surgeWords) fromTo(from, to time.Time, who string) string {
	if sameDay(from, to) {
		return saySurgeFromTo.In(w.Lang, w.Lang.Clock(from), w.Lang.Clock(to), who)
	}
	return saySurgeFromToDays.In(w.Lang, w.Lang.When(from), w.Lang.When(to), who)
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// where is the place of most of them.
func (w surgeWords) where() string {
	if len(w.surge.Places) == 0 {
		return ""
	}
	first := w.surge.Places[0]
	title := brief(first.Title, 60, 8)
	if title == "" {
		return ""
	}
	where := sayMostlyAt
	switch {
	case first.Share < 0.3:
		return sayEverywhere.In(w.Lang)
	case first.Own:
		where = sayMostlyUnder
	}
	return where.In(w.Lang, w.Lang.Quote(title), w.Lang.Percent(min(first.Share, 1)))
}

func (w surgeWords) voices() string {
	var all []string
	for _, v := range w.surge.Amplifiers[:min(len(w.surge.Amplifiers), voicesMost)] {
		name := brief(v.Name, 40, 4)
		if name == "" || v.Audience <= 0 {
			continue
		}
		if len(all) == 0 {
			all = append(all, sayFollowers.In(w.Lang, name, w.Lang.Number(v.Audience)))
		} else {
			all = append(all, name+" ("+w.Lang.Number(v.Audience)+")")
		}
	}
	if len(all) == 0 {
		return ""
	}
	return sayAmplified.In(w.Lang, strings.Join(all, ", "))
}

func (w surgeWords) words() string {
	var all []string
	for _, word := range w.surge.Words[:min(len(w.surge.Words), newWords)] {
		if word = brief(word, 30, 2); word != "" {
			all = append(all, word)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return sayNewWords.In(w.Lang, strings.Join(all, ", "))
}

func (w surgeWords) copies() string {
	if w.surge.Copies < 2 {
		return ""
	}
	return sayCopies.In(w.Lang, w.Lang.Number(w.surge.Copies))
}

// caveats say what could not be read and what may be wrong.
func (w surgeWords) caveats() []string {
	warm := ""
	if w.surge.WarmUp {
		warm = sayWarmUp.In(w.Lang)
	}
	return sentences(w.under(), w.unread(Blind{w.surge.Blind, w.surge.BlindSince}, w.surge.Upto), warm, sayToneMayBeWrong.In(w.Lang))
}

// next is the one thing to do.
func (w surgeWords) next() string {
	switch {
	case w.Over:
		return sayAnswerWhatIsLeft.In(w.Lang)
	case w.State == Resolved:
		return sayReopenIfNot.In(w.Lang)
	case w.State == Acknowledged && w.By != "":
		return sayAskWhoHasIt.In(w.Lang, w.By)
	case w.State == Acknowledged:
		return sayKeepAnswering.In(w.Lang)
	}
	return sayReadDeleteNothing.In(w.Lang)
}

// lasting is how long something took, as one says it: 15 min, 6 h 40.
func lasting(l say.Lang, d time.Duration) string {
	d = max(d, time.Minute)
	if hours, minutes := int(d.Hours()), int(d.Minutes())%60; l.French() && hours > 0 && hours < 48 && minutes > 0 {
		return fmt.Sprintf("%d\u00a0h\u00a0%02d", hours, minutes)
	}
	return l.Span(d)
}
