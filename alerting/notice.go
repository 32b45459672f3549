package alerting

import (
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// Notice is what a kind of rule says of a matter, in words of its own: alerting knows
// how to tell it, not what it means, so that another kind of rule is one folder. What
// strangers wrote stands in words or in quotes, never in a text.
type Notice struct {
	Titles  []Phrase     `json:"titles"`           // what, how many, how many as a rule and whom, without a full stop: the fullest first, at least one
	Facts   []Phrase     `json:"facts,omitempty"`  // whole sentences, the weightiest first
	Quotes  []SurgeQuote `json:"quotes,omitempty"` // three that differ
	Next    Phrase       `json:"next"`             // the one thing to do
	URL     string       `json:"url,omitempty"`    // where to read it: untrusted
	Upto    time.Time    `json:"upto,omitzero"`    // publication of what made the rule speak
	Caveats []Phrase     `json:"caveats,omitempty"`
	Tone    bool         `json:"tone,omitempty"`    // it rests on tone, which is judged automatically
	WarmUp  bool         `json:"warm_up,omitempty"` // less than two weeks are known: it may be wrong
	Blind
}

// Blind is what could not be read meanwhile.
type Blind struct {
	Sources []string  `json:"blind,omitempty"`
	Since   time.Time `json:"blind_since,omitzero"` // the longest; zero is never
}

// Phrase is a sentence in both languages with what fills its verbs, each of them %s.
// It is worded when somebody reads it, in their language and their hours, and
// survives JSON.
type Phrase struct {
	Text say.Text `json:"text"`
	With []Word   `json:"with,omitempty"`
}

// Say makes a phrase.
func Say(t say.Text, with ...Word) Phrase { return Phrase{t, with} }

// Word is one thing that fills a phrase. The functions below make them.
type Word struct {
	Form  string    `json:"form"`
	N     int       `json:"n,omitempty"`
	Share float64   `json:"share,omitempty"`
	S     string    `json:"s,omitempty"`
	At    time.Time `json:"at,omitzero"`
	Seen  time.Time `json:"seen,omitzero"`
	One   *say.Text `json:"one,omitempty"`
	Many  *say.Text `json:"many,omitempty"`
}

// The forms of a word.
const (
	formNumber  = "number"
	formCounted = "counted"
	formShare   = "share"
	formSpan    = "span"
	formWhen    = "when"
	formBetween = "between"
	formName    = "name"
	formOutlet  = "outlet"
	formQuote   = "quote"
	formWhom    = "whom"
)

// Number is how many.
func Number(n int) Word { return Word{Form: formNumber, N: n} }

// Counted is how many of something: one is said of one, many of more, each with a %s
// for the number.
func Counted(n int, one, many say.Text) Word {
	return Word{Form: formCounted, N: n, One: &one, Many: &many}
}

// Share is a share of one, as per cents.
func Share(s float64) Word { return Word{Form: formShare, Share: s} }

// Span is how long something takes.
func Span(d time.Duration) Word { return Word{Form: formSpan, N: int(d / time.Second)} }

// When is an hour, with its day when that is not the day of seen.
func When(at, seen time.Time) Word { return Word{Form: formWhen, At: at, Seen: seen} }

// Between is from when to when, at the beginning of a sentence.
func Between(from, to time.Time) Word { return Word{Form: formBetween, At: from, Seen: to} }

// Name is what somebody or a source is called: untrusted.
func Name(s string) Word { return Word{Form: formName, S: s} }

// Outlet is the host that an outlet is called by: untrusted.
func Outlet(s string) Word { return Word{Form: formOutlet, S: s} }

// Quote is a stranger's title or word, between quotation marks: untrusted.
func Quote(s string) Word { return Word{Form: formQuote, S: s} }

// Whom is whom a watch is about.
func Whom(watch string) Word { return Word{Form: formWhom, S: watch} }

var (
	sayFromTo     = say.Text{EN: "From %s to %s", FR: "De %s à %s"}
	sayFromToDays = say.Text{EN: "From %s to %s", FR: "Du %s au %s"}
)

// in is the phrase as r reads it.
func (p Phrase) in(r Reader) string {
	if len(p.With) == 0 {
		return p.Text.In(r.Lang)
	}
	with := make([]any, len(p.With))
	for i, w := range p.With {
		with[i] = w.in(r)
	}
	return p.Text.In(r.Lang, with...)
}

// The most of a stranger's name or title that stands in a sentence, in characters and
// in words.
const (
	nameMost, nameWords     = 40, 5
	quotedMost, quotedWords = 60, 8
)

func (w Word) in(r Reader) string {
	l := r.Lang
	switch w.Form {
	case formNumber:
		return l.Number(w.N)
	case formCounted:
		if l.Plural(w.N, "one", "many") == "one" {
			return w.One.In(l, l.Number(w.N))
		}
		return w.Many.In(l, l.Number(w.N))
	case formShare:
		return l.Percent(min(max(w.Share, 0), 1))
	case formSpan:
		return lasting(l, time.Duration(w.N)*time.Second)
	case formWhen:
		return telling{Reader: r}.moment(w.At, w.Seen)
	case formBetween:
		from, to := w.At.In(r.Zone), w.Seen.In(r.Zone)
		if sameDay(from, to) {
			return sayFromTo.In(l, l.Clock(from), l.Clock(to))
		}
		return sayFromToDays.In(l, l.When(from), l.When(to))
	case formName:
		return brief(w.S, nameMost, nameWords)
	case formOutlet:
		return Plain(w.S, outletLimit/2)
	case formQuote:
		return l.Quote(brief(w.S, quotedMost, quotedWords))
	case formWhom:
		return r.whom(w.S)
	}
	return ""
}
