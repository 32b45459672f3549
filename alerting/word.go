package alerting

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
)

// The lengths that a reader in a hurry is given, in characters but for wordsMost.
const (
	subjectLimit = 70
	titleLimit   = 160
	outletLimit  = 60
	excerptLimit = 280
	exampleLimit = 140
	whomLimit    = 30
	wordsMost    = 120 // of a body before its link
)

// Reader is for whom messages are worded.
type Reader struct {
	Lang    say.Lang
	Zone    *time.Location         // whose hours; nil is UTC
	Page    string                 // address of the page without its last slash, "" when it is not known
	Watches map[string]Named       // how people call a watch; its own name when there is no entry
	Member  func(id string) string // how a member is called today, "" for one who is not known; nil: as they signed
	Passes  Passes                 // signs what leads from a message to an act; without a key nothing does
}

// Named is how people call a watch.
type Named struct {
	Title string // "Notre caisse"
	Whom  string // in a sentence about what is said of it, "la Caisse"
}

// title is how the reader calls a watch.
func (r Reader) title(watch string) string {
	if n := r.Watches[watch]; n.Title != "" {
		return Plain(n.Title, outletLimit)
	}
	return Plain(watch, outletLimit)
}

// whom is whom the watch is about, in a few letters.
func (r Reader) whom(watch string) string {
	if n := r.Watches[watch]; n.Whom != "" {
		return Plain(n.Whom, whomLimit)
	}
	return Plain(r.title(watch), whomLimit)
}

// Account is what one says of an incident as it stands, in sentences that are whole
// each. The page shows all of it, a message what is read in a minute.
type Account struct {
	Title    string   // what, how big, and whom
	Facts    []string // since when, who, where, the weightiest first
	Examples []Example
	Next     string // the one thing to do
	Caveats  []string

	also also // one of the facts
}

// also is a fact that is never left out of a message: which rules found the same.
type also struct{ full, short string }

// Example is what somebody said, fit to be shown: see Quoted.
type Example struct {
	Text  string
	Place string    // "" when it stands in the facts
	At    time.Time // zero as well
}

// teller words one kind of incident.
type teller interface {
	// headlines are the ways to say why one is told, the fullest first.
	headlines() []string
	// titles are the ways to say what and how big, the fullest first.
	titles() []string
	// alone is the titles as they stand without a headline.
	alone() []string
	account() Account
	// why is said before all else to those who were not told first, "" to the others.
	why() string
	// lead is what a message says before all facts, since its subject may be cut.
	lead() string
	// read is where else to read, "" for the page alone.
	read() string
}

// tellerOf is who can word i. happened is what led to a message, nil for a page.
func tellerOf(i Incident, happened []Transition, r Reader) teller {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	i = r.Today(i)
	t := telling{Incident: i, Reader: r, happened: happened}
	switch {
	case i.Facts.Story != nil:
		return newsWords{t, *i.Facts.Story}
	case i.Facts.Surge != nil:
		return surgeWords{t, *i.Facts.Surge}
	case i.Facts.Notice != nil:
		return noticeWords{t, *i.Facts.Notice}
	}
	return matterWords{t}
}

// telling is what every kind of words knows.
type telling struct {
	Incident
	Reader
	happened []Transition
}

func (t telling) did(what Transition) bool { return slices.Contains(t.happened, what) }

// onlyReminded says whether nothing but a wish to be reminded led to the message.
func (t telling) onlyReminded() bool {
	return len(t.happened) > 0 && !slices.ContainsFunc(t.happened, func(h Transition) bool { return h != Reminded })
}

// passedOn says whether one is told because nobody has taken it.
func (t telling) passedOn() bool { return t.did(Escalated) && t.Waiting() }

// handed says whether one is told because somebody assigned it to one.
func (t telling) handed() bool { return t.did(Assigned) && t.For != "" }

// why says who was told first, and that nobody has taken it since; or who asks one to take
// it, in their own words.
func (t telling) why() string {
	switch {
	case t.passedOn():
		return t.untaken()
	case !t.handed():
		return ""
	}
	asks := sayTakeIt.In(t.Lang)
	if t.By != "" {
		asks = sayAsksYou.In(t.Lang, t.By)
	}
	if t.Said != "" {
		asks += " " + t.Lang.Quote(firstWords(t.Said, saidWords))
	}
	return asks
}

// saidWords is how much a message repeats of what somebody wrote when they assigned it;
// the page has all of it.
const saidWords = 40

func (t telling) untaken() string {
	return sayNobodyTook.In(t.Lang, t.moment(t.Waits, t.MovedAt), inOneLine(t.First))
}

// inOneLine is channels as they are called.
func inOneLine(channels []string) string {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = Plain(c, outletLimit)
	}
	return strings.Join(names, ", ")
}

// reasons say in a subject why one is told who was not told first, the fullest first; nil
// to the others.
func (t telling) reasons() []string {
	switch {
	case t.handed():
		return []string{sayAssignedToYou.In(t.Lang), sayForYou.In(t.Lang)}
	case t.passedOn():
		return []string{sayNobodyHasIt.In(t.Lang), sayEscalated.In(t.Lang)}
	}
	return nil
}

// who says who looks after it or has settled it, or that nobody does and others were
// told; "" when nobody signed.
func (t telling) who() string {
	switch {
	case t.elsewhere():
		return sayToldBy.In(t.Lang, t.rule(t.With))
	case t.Waiting() && len(t.Further) > 0:
		if t.passedOn() {
			return "" // it was said first
		}
		return t.untaken() + " " + sayToldFurther.In(t.Lang, inOneLine(t.Further))
	case t.handed():
		return "" // it was said first
	case t.For != "" && t.open():
		return sayAssignedTo.In(t.Lang, t.For)
	case t.By == "":
		return ""
	case t.FalseAlarm:
		return sayCalledFalse.In(t.Lang, t.By)
	case t.State == Acknowledged:
		return sayTakenBy.In(t.Lang, t.By)
	case t.State == Resolved && !t.Over:
		return saySettledBy.In(t.Lang, t.By)
	}
	return ""
}

// also says which rules found the same and left it to this one, nothing for none; a rule
// over several watches with the watch, unless it is the reader's.
func (t telling) also() also {
	var names []string
	for _, rule := range t.Also {
		if name := t.rule(rule); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return also{}
	}
	short := sayAlsoOne.In(t.Lang)
	if t.Lang.Plural(len(names), "one", "many") != "one" {
		short = sayAlsoMany.In(t.Lang, t.Lang.Number(len(names)))
	}
	some := strings.Join(names[:min(len(names), alsoMost)], ", ")
	if more := len(names) - alsoMost; more > 0 {
		some = sayAndMore.In(t.Lang, some, t.Lang.Number(more))
	}
	return also{sayAlso.In(t.Lang, some), short}
}

// alsoMost is how many rules are named.
const alsoMost = 6

// rule is how a rule is called: one that looks at several watches has the one it speaks of.
func (t telling) rule(name string) string {
	name, watch, several := strings.Cut(name, "/")
	if !several || watch == t.Watch {
		return name
	}
	return name + " (" + t.Reader.title(watch) + ")"
}

// elsewhere says whether people are told of it by another rule alone.
func (t telling) elsewhere() bool { return t.Hushed && t.With != "" }

// Describe says what there is to say of an incident as it stands.
func Describe(i Incident, r Reader) Account {
	if i.IsEdition() {
		subject, _, _ := ComposeEdition(*i.Facts.Edition, r)
		return Account{Title: subject}
	}
	if i.IsAdvisory() {
		subject, _, _ := composeAdvisory(i, r, i.MovedAt)
		return Account{Title: subject}
	}
	return tellerOf(i, nil, r).account()
}

// Compose words what happened to an incident for a reader: a subject that carries
// the news alone, a body of at most 120 words, the link to act. happened is one
// transition, or several in order that became one message.
func Compose(i Incident, happened []Transition, r Reader) (subject, body, link string) {
	if i.IsEdition() {
		subject, body, layout := ComposeEdition(*i.Facts.Edition, r)
		return subject, body, layout.Link
	}
	if i.IsAdvisory() { // a sender knows what time it is
		return composeAdvisory(i, r, i.MovedAt)
	}
	if r.Page != "" {
		link = r.Page + "/situations/" + i.ID
	}
	t := tellerOf(i, happened, r)
	return fitSubject(t, r, ""), fitBody(t, r, link), link
}

// fitSubject is the fullest title that fits beside a headline, else the fullest
// that fits alone, else the shortest cut; each after the same beginning.
func fitSubject(t teller, r Reader, begins string) string {
	var all []string
	for _, title := range t.titles() {
		for _, headline := range t.headlines() {
			all = append(all, begins+headline+r.Lang.Colon()+" "+title)
		}
	}
	shortest := all[len(all)-1]
	for _, title := range t.alone() {
		all = append(all, begins+title)
	}
	for _, subject := range all {
		if utf8.RuneCountInString(subject) <= subjectLimit {
			return subject
		}
	}
	return shorten(shortest, subjectLimit)
}

// fitBody is the account within its words: examples are cut first, then the facts
// that weigh least are left out, then examples. The first fact, the next step and
// what may be wrong always stay, and how many rules found the same.
func fitBody(t teller, r Reader, link string) string {
	a := t.account()
	least := min(1, len(a.Facts))
	for examples := len(a.Examples); ; examples-- {
		for facts := len(a.Facts); facts >= least; facts-- {
			for _, words := range []int{30, 24, 20, 17, 15, 13, 11, 9} {
				if words < 13 && facts > 2 {
					break // an example that says something is worth more than the lesser facts
				}
				body := a.body(t, r, shape{examples, facts, words})
				if len(strings.Fields(body)) <= wordsMost || (examples <= 0 && facts == least) {
					return strings.TrimRight(body+"\n"+link, "\n") + "\n"
				}
			}
		}
	}
}

// shape is how much of an account a body carries.
type shape struct{ examples, facts, words int }

func (a Account) body(t teller, r Reader, s shape) string {
	parts := append(sentences(t.why(), t.lead()), a.Facts[:s.facts]...)
	if !slices.Contains(a.Facts[:s.facts], a.also.full) {
		parts = append(parts, sentences(a.also.short)...)
	}
	var said []string
	for _, e := range a.Examples[:max(s.examples, 0)] {
		said = append(said, e.line(r, s.words))
	}
	if len(said) > 0 {
		parts = append(parts, strings.Join(said, "\n"))
	}
	if read := t.read(); read != "" {
		parts = append(parts, sayRead.In(r.Lang, read))
	}
	if len(a.Caveats) > 0 {
		parts = append(parts, strings.Join(a.Caveats, "\n"))
	}
	return strings.Join(append(parts, a.Next), "\n\n")
}

// line is an example in one line of a message.
func (e Example) line(r Reader, words int) string {
	line := r.Lang.Quote(firstWords(e.Text, words))
	if e.At.IsZero() {
		return line
	}
	return line + " (" + e.Place + ", " + r.Lang.Clock(e.At) + ")"
}

// sentences leaves out what is not said.
func sentences(all ...string) []string {
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}
