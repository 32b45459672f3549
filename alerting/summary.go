package alerting

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// What a summary says.
var (
	sayToCatchUp   = say.Text{EN: "%s to catch up on", FR: "%s à rattraper"}
	sayStories     = say.Text{EN: "%s stories", FR: "%s nouvelles", France: "%s actualités"}
	sayStory       = say.Text{EN: "%s story", FR: "%s nouvelle", France: "%s actualité"}
	saySituations  = say.Text{EN: "%s situations", FR: "%s situations"}
	saySituation   = say.Text{EN: "%s situation", FR: "%s situation"}
	sayAnd         = say.Text{EN: "%s and %s", FR: "%s et %s"}
	sayNaming      = say.Text{EN: ", %s naming you", FR: ", dont %s où vous êtes nommés"}
	sayDidNotRun   = say.Text{EN: "ouidire did not run from %s to %s; it has caught up.", FR: "ouidire était arrêté de %s à %s; le rattrapage est fait."}
	sayStoppedLong = say.Text{EN: "ouidire stopped on %s at %s and started again on %s at %s; it has caught up.", FR: "ouidire s’est arrêté %s à %s et a repris %s à %s; le rattrapage est fait."}
	sayUnreached   = say.Text{EN: "Since %s, %s, this channel did not take our messages; here is how things stand now.", FR: "Depuis %s, %s, ce moyen d’envoi n’acceptait plus nos messages; voici où en sont les choses."}
	sayKeptQuiet   = say.Text{EN: "Kept for the end of your quiet hours, since %s, %s; here is how things stand now.", FR: "Gardé pour la fin de vos heures de tranquillité, depuis %s, %s; voici où en sont les choses."}
	sayMore        = say.Text{EN: "… and %s more.", FR: "… et %s de plus."}
	sayGoThrough   = say.Text{EN: "Next: go through the list, and open what calls for an answer from you.", FR: "À faire\u00a0: parcourez la liste et ouvrez ce qui demande une réponse de votre part."}
)

// listed is how many incidents a summary lists; the rest are counted.
const listed = 12

// composeSummary words what waited while nobody could be told: why, how much, the
// weightiest of it, and the page where all of it stands.
func composeSummary(l letter, p pause, r Reader) (subject, body, link string) {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if r.Page != "" {
		link = r.Page + "/situations"
	}
	w := summaryWords{Reader: r, letter: l, pause: p}
	return w.subject(), strings.Join([]string{w.reason(), w.list(), toDo(sayGoThrough, r.Lang, link)}, "\n\n") + "\n", link
}

type summaryWords struct {
	Reader
	letter
	pause
}

func (w summaryWords) subject() string {
	stories, situations, naming := 0, 0, 0
	for _, part := range w.parts {
		now := part.newest().Now
		if now.Facts.Story != nil {
			stories++
		} else {
			situations++
		}
		if now.named() {
			naming++
		}
	}
	what := w.number(stories, sayStory, sayStories)
	switch {
	case stories == 0:
		what = w.number(situations, saySituation, saySituations)
	case situations > 0:
		what = sayAnd.In(w.Lang, what, w.number(situations, saySituation, saySituations))
	}
	subject := sayToCatchUp.In(w.Lang, what)
	if naming > 0 {
		if longer := subject + sayNaming.In(w.Lang, w.Lang.Number(naming)); utf8.RuneCountInString(longer) <= subjectLimit {
			return longer
		}
	}
	return subject
}

func (w summaryWords) number(n int, one, many say.Text) string {
	if w.Lang.Plural(n, "1", "n") == "1" {
		return one.In(w.Lang, w.Lang.Number(n))
	}
	return many.In(w.Lang, w.Lang.Number(n))
}

// reason is why one is told late: we did not run, or the channel did not answer.
func (w summaryWords) reason() string {
	if !slices.ContainsFunc(w.parts, w.missed) {
		since := w.rows[0].At
		for _, r := range w.rows {
			since = sooner(since, r.At)
		}
		since = since.In(w.Zone)
		if w.untried() {
			return sayKeptQuiet.In(w.Lang, w.Lang.Date(since), w.Lang.Clock(since))
		}
		return sayUnreached.In(w.Lang, w.Lang.Date(since), w.Lang.Clock(since))
	}
	return stopped(w.Lang, w.from.In(w.Zone), w.to.In(w.Zone))
}

// stopped says that we did not run.
func stopped(l say.Lang, from, to time.Time) string {
	if to.Sub(from) < 24*time.Hour {
		return sayDidNotRun.In(l, l.Clock(from), l.Clock(to))
	}
	return sayStoppedLong.In(l, l.Date(from), l.Clock(from), l.Date(to), l.Clock(to))
}

// list is a line for each of the weightiest: what its own message would be called,
// and where to read it.
func (w summaryWords) list() string {
	var lines []string
	for _, part := range w.parts[:min(len(w.parts), listed)] {
		now := part.newest().Now
		subject, _, _ := Compose(now, part.happened(), w.Reader)
		lines = append(lines, "- "+subject)
		if now.Facts.Story != nil {
			if u := address(now.Facts.Story.URL); u != "" {
				lines = append(lines, "  "+u)
			}
		}
	}
	if more := len(w.parts) - listed; more > 0 {
		lines = append(lines, sayMore.In(w.Lang, w.Lang.Number(more)))
	}
	return strings.Join(lines, "\n")
}

// toDo is the next step, with the page to do it on when there is one.
func toDo(step say.Text, l say.Lang, link string) string {
	return strings.TrimSuffix(step.In(l)+"\n"+link, "\n")
}
