package alerting

import (
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

const (
	editionLines = 12 // that a person reads of an edition, its footer apart
	editionTitle = 90 // characters of a title in a line
	titleWords   = 16
	unreadNamed  = 3 // sources that are named
)

// Layout is a message in its parts, as its body has them in lines.
type Layout struct {
	Lead  string
	Lines []LayoutLine
	Rest  []string // whole sentences
	Next  string   // the one thing to do
	Link  string   // the page to do it on, "" when its address is not known
	Foot  string   // why one gets it, and how to stop it
	Stop  string   // the page to stop it on, "" when its address is not known
	Leave Leaving  // how one of several readers stops it for themselves
}

// Leaving is whose edition a message is, and where its readers say that they want no more
// of it: the page's address, "" when it is not known.
type Leaving struct{ Channel, Page string }

// LayoutLine is one line of a list.
type LayoutLine struct{ Text, Link string }

// text is the layout in lines.
func (l Layout) text() string {
	var list []string
	for _, line := range l.Lines {
		list = append(list, "- "+line.Text)
		if line.Link != "" {
			list = append(list, "  "+line.Link)
		}
	}
	parts := sentences(l.Lead, strings.Join(list, "\n"), strings.Join(l.Rest, "\n"), strings.TrimSuffix(l.Next+"\n"+l.Link, "\n"), l.Foot)
	return strings.Join(parts, "\n\n") + "\n"
}

// editionWords words what an edition says for a reader.
type editionWords struct {
	Reader
	EditionFacts
}

// ComposeEdition words an edition for a reader: its subject says all there is on a quiet day, and its
// body is at most twelve lines, what is left being counted.
func ComposeEdition(f EditionFacts, r Reader) (subject, body string, layout *Layout) {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	w := editionWords{r, f}
	layout = &Layout{Lead: w.lead(), Rest: w.rest()}
	layout.Next, layout.Link = w.next()
	layout.Foot, layout.Stop = w.foot()
	layout.Leave = Leaving{w.Channel, w.Page}
	w.list(layout)
	return w.subject(), layout.text(), layout
}

// list fills the lines that are left.
func (w editionWords) list(to *Layout) {
	room := editionLines - 2 - len(to.Rest) // the lead and the next step
	shown := w.Lines
	more := w.More
	if len(shown) > room || more > 0 {
		shown = shown[:min(len(shown), room-1)]
		more += len(w.Lines) - len(shown)
	}
	for _, line := range shown {
		to.Lines = append(to.Lines, LayoutLine{w.line(line), address(line.URL)})
	}
	if more > 0 {
		to.Rest = slices.Insert(to.Rest, 0, sayMore.In(w.Lang, w.Lang.Number(more)))
	}
}

// counted picks the words for none, one and many.
func counted(l say.Lang, n int, none, one, many say.Text) string {
	switch {
	case n == 0 && none != (say.Text{}):
		return none.In(l)
	case l.Plural(n, "one", "many") == "one":
		return one.In(l, l.Number(n))
	}
	return many.In(l, l.Number(n))
}

func (w editionWords) sourcesRead() string {
	return counted(w.Lang, w.Read, sayNoSource, saySourceRead, saySourcesRead)
}

func (w editionWords) mentions() string {
	return counted(w.Lang, w.Now.All, sayNoMention, sayOneMention, sayManyMentions)
}

// subject is the fullest that fits.
func (w editionWords) subject() string {
	head, parts := w.heading(), []string{w.sourcesRead(), w.mentions()}
	stories, talks, naming := 0, 0, 0
	for _, line := range w.Lines {
		switch {
		case line.Talk:
			talks++
		default:
			stories++
			if line.Own {
				naming++
			}
		}
	}
	stories += w.More
	if len(w.Lines) > 0 {
		parts = nil
		if stories > 0 {
			parts = append(parts, counted(w.Lang, stories, say.Text{}, sayStory, sayStories))
		}
		switch {
		case naming == stories && naming > 0:
			parts[0] = sayNamingAll.In(w.Lang, parts[0])
		case naming > 0:
			parts[0] += sayNaming.In(w.Lang, w.Lang.Number(naming))
		}
		if talks > 0 {
			parts = append(parts, counted(w.Lang, talks, say.Text{}, sayTalk, sayTalks))
		}
	}
	if len(w.Unread) > 0 {
		parts = append(parts, counted(w.Lang, len(w.Unread), say.Text{}, saySourceUnread, saySourcesUnread))
	}
	if w.Open > 0 && len(w.Lines) == 0 {
		parts = slices.Insert(parts, 0, counted(w.Lang, w.Open, say.Text{}, sayOpenOne, sayOpenMany))
	}
	for ; ; parts = parts[:len(parts)-1] {
		subject := head + w.Lang.Colon() + " " + strings.Join(parts, ", ")
		if utf8.RuneCountInString(subject) <= subjectLimit || len(parts) == 1 {
			return shorten(subject, subjectLimit)
		}
	}
}

// heading is what the edition is, or that there is nothing to read in it.
func (w editionWords) heading() string {
	switch {
	case w.Kind == SignOfLife:
		return sayListening.In(w.Lang)
	case w.quiet():
		return sayNothingNew.In(w.Lang)
	case len(w.Lines) == 0:
		return sayNothingElse.In(w.Lang)
	case w.Every == Weekly:
		return sayOfTheWeek.In(w.Lang)
	case w.To.In(w.Zone).Hour() < 12:
		return sayMorning.In(w.Lang)
	}
	return sayOfTheDay.In(w.Lang)
}

func (w editionWords) lead() string {
	text, mentions := sayLead, w.mentions()
	if w.Kind == SignOfLife {
		text = sayThisIsRead
	}
	if w.Before != nil {
		before := sayDayBefore
		if w.Every == Weekly {
			before = sayWeekBefore
		}
		mentions = before.In(w.Lang, mentions, w.Lang.Number(w.Before.All))
	}
	from := w.From.In(w.Zone).Round(time.Second) // the first one begins at a watermark, which may lie just before midnight
	return text.In(w.Lang, w.Lang.Date(from), w.Lang.Clock(from), w.sourcesRead(), mentions)
}

// rest is what stands below the list.
func (w editionWords) rest() (all []string) {
	if w.Kind == SignOfLife {
		all = append(all, sayWhatCame.In(w.Lang, counted(w.Lang, w.Opened, sayBeganNone, sayBeganOne, sayBeganMany), counted(w.Lang, w.Sent, saySentNone, saySentOne, saySentMany)))
	} else if w.Now.Own > 0 {
		all = append(all, w.voice())
	}
	if len(w.Unread) > 0 {
		all = append(all, w.unread())
	}
	if len(w.Partly) > 0 {
		all = append(all, w.partly())
	}
	if s := w.Stopped; s != nil {
		all = append(all, stopped(w.Lang, s.From.In(w.Zone), s.To.In(w.Zone)))
	}
	if w.Kind == SignOfLife {
		all = append(all, sayIfItStops.In(w.Lang))
	}
	return all
}

// voice is the share of voice and the tone, and what they were.
func (w editionWords) voice() string {
	l, was := w.Lang, ""
	of := strings.Join([]string{
		counted(l, w.Now.Negative, say.Text{}, sayToneNeg, sayToneNegs),
		counted(l, w.Now.Neutral, say.Text{}, sayToneNeut, sayToneNeuts),
		counted(l, w.Now.Positive, say.Text{}, sayTonePos, sayTonePoss),
	}, ", ")
	if b := w.Before; b != nil {
		was = sayVoiceWas.In(l, l.Percent(share(b.Own, b.All)))
		of = sayTonesWere.In(l, of, l.Number(b.Negative), l.Number(b.Neutral), l.Number(b.Positive))
	}
	return sayVoice.In(l, l.Percent(share(w.Now.Own, w.Now.All)), was, of)
}

func share(part, all int) float64 {
	if all == 0 {
		return 0
	}
	return float64(part) / float64(all)
}

func (w editionWords) unread() string {
	var names []string
	for _, u := range w.Unread[:min(len(w.Unread), unreadNamed)] {
		name := Plain(u.Source, outletLimit/2)
		if u.Since.IsZero() {
			names = append(names, sayNeverRead.In(w.Lang, name))
		} else {
			names = append(names, sayReadUpto.In(w.Lang, name, w.Lang.Since(u.Since.In(w.Zone))))
		}
	}
	all := w.andMore(names, len(w.Unread))
	if len(w.Unread) > 1 {
		return sayNotReadAny.In(w.Lang, all)
	}
	return sayNotRead.In(w.Lang, all)
}

func (w editionWords) partly() string {
	var names []string
	for _, source := range w.Partly[:min(len(w.Partly), unreadNamed)] {
		names = append(names, Plain(source, outletLimit/2))
	}
	return sayNotAlways.In(w.Lang, w.andMore(names, len(w.Partly)))
}

// andMore joins the names that are said, and counts the others.
func (w editionWords) andMore(names []string, all int) string {
	if more := all - len(names); more > 0 {
		return sayMoreNamed.In(w.Lang, strings.Join(names, ", "), w.Lang.Number(more))
	}
	return strings.Join(names, ", ")
}

// next is the one thing to do, and where.
func (w editionWords) next() (step, link string) {
	step, path := sayNothingToDo.In(w.Lang), "/"
	switch {
	case w.Open > 0:
		step, path = counted(w.Lang, w.Open, say.Text{}, sayOneIsOpen, sayManyAreOpen), "/situations"
	case len(w.Lines) > 0:
		step, path = sayOpenWhatAsks.In(w.Lang), "/mentions"
	case len(w.Unread)+len(w.Partly) > 0:
		step, path = sayMendSources.In(w.Lang), "/sources"
	}
	if w.Page == "" {
		return step, ""
	}
	return step, w.Page + path
}

// foot says why one gets it, and how to stop it.
func (w editionWords) foot() (text, stop string) {
	here, ask := sayStopDigest, sayStopDigestAsk
	if w.Kind == SignOfLife {
		here, ask = sayWhereToSign, sayWhereToSignAsk
	}
	channel := w.Lang.Quote(Plain(w.Channel, outletLimit))
	if w.Page == "" {
		return ask.In(w.Lang, channel), ""
	}
	stop = w.Page + "/set/channels?name=" + url.QueryEscape(w.Channel)
	return here.In(w.Lang, channel, stop), stop
}

// line is a story or a conversation in one line.
func (w editionWords) line(l EditionLine) string {
	whom, title := w.title(l.Watch)+w.Lang.Colon()+" ", brief(l.Title, editionTitle, titleWords)
	if l.Talk {
		return whom + w.talk(l, title)
	}
	if title == "" {
		title = sayUntitled.In(w.Lang)
	}
	line := whom + title
	switch {
	case l.Outlets > 1:
		line += sayOutletsTell.In(w.Lang, w.Lang.Number(l.Outlets))
	case l.Outlet != "":
		line += sayOutletTells.In(w.Lang, Plain(l.Outlet, outletLimit/2))
	}
	switch l.Change {
	case Corrected:
		line += sayCorrectedIn.In(w.Lang)
	case Retracted:
		line += sayTakenBack.In(w.Lang)
	}
	if words, known := tones[string(l.Tone)]; known {
		if l.Sure {
			return line + words[0].In(w.Lang)
		}
		return line + words[1].In(w.Lang)
	}
	return line
}

// talk is a conversation in which people complain.
func (w editionWords) talk(l EditionLine, title string) string {
	where := sayWhereTalked.In(w.Lang, Plain(l.Outlet, outletLimit/2))
	if title != "" {
		where = w.Lang.Quote(title)
	}
	if l.New == l.Negative {
		return where + ", " + counted(w.Lang, l.New, say.Text{}, sayAllNegative, sayAllNegatives)
	}
	comments := counted(w.Lang, l.New, say.Text{}, sayCommentOne, sayCommentMany)
	return where + ", " + sayComplained.In(w.Lang, comments, counted(w.Lang, l.Negative, say.Text{}, sayNegativeOne, sayNegatives))
}
