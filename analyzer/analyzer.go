// Package analyzer reads one mention: its language, its tone and what in the text
// says so, whom it is about and what its author wants, and the signature that
// stories are joined by. Everything is computed from the mention alone: no network,
// no store, no clock but the one passed in.
//
// Read is the whole of it. What a reading is made of can be replaced behind the
// Tone interface; nothing else knows how a tone is found. A reply that only says
// that another has spoken for it ("Même chose ici", lean.go) takes the tone of what
// it answers, which the caller hands over. A comment takes about
// 40 µs on a busy core, 24,000 a second (BenchmarkRead).
package analyzer

import (
	"strings"
	"time"

	"github.com/ouidire/ouidire/analyzer/language"
	"github.com/ouidire/ouidire/analyzer/sentiment"
	"github.com/ouidire/ouidire/analyzer/story"
	"github.com/ouidire/ouidire/mention"
)

// Tone reads the tone of a text, undated. It is called from many goroutines at once.
type Tone interface {
	Read(sentiment.Text) mention.Reading
}

// Analyzer reads mentions. It is safe for concurrent use as long as each mention
// is in one hand.
type Analyzer struct {
	tone    Tone
	leaning leaning
}

// New makes an Analyzer that reads tones with the embedded lexicons.
func New() *Analyzer { return With(sentiment.New()) }

// With makes an Analyzer that reads tones with tone.
func With(tone Tone) *Analyzer { return &Analyzer{tone: tone, leaning: newLeaning()} }

// Read sets the language and the signature of m from its current version and
// appends one reading, dated at. A language that m has already, declared by its
// place or found in an earlier version, is taken as a hint.
//
// Each version gets one reading of ours: reading the same version again adds
// nothing, an edited mention gets a new reading beside the old. The organisation's
// own publications are signed and get no reading: their tone is its own business.
// A text that cannot be scored (empty, or one that breaks the reader) is kept
// without a reading; Read never panics.
//
// parent gives what m answers, nil when it is not known; it is called only when the
// tone of m hangs on it, and may itself be nil.
func (a *Analyzer) Read(m *mention.Mention, parent func() *mention.Mention, at time.Time) {
	if len(m.Versions) == 0 {
		return
	}
	v := m.Current()
	m.Lang = languageOf(m, v)
	m.Signature = signatureOf(v)
	if m.Own || blank(v) || hasRead(m, v) {
		return
	}
	if r, ok := a.score(m, v); ok {
		r = a.lean(r, v, parent)
		r.At = at.UTC()
		m.Readings = append(m.Readings, r)
	}
}

// Text is a text that is no mention.
type Text struct {
	Title, Body string
	Lang        string // declared; "" for none
	Answered    string // the text that it answers; "" for none
}

// Score is what Read appends, for a text that is no mention: the answer of
// `ouidire analyze`. ok is false when the text cannot be scored. The declared
// language is a hint.
func (a *Analyzer) Score(t Text) (r mention.Reading, lang string, ok bool) {
	v := mention.Version{Title: t.Title, Text: t.Body}
	m := mention.Mention{Lang: t.Lang, Versions: []mention.Version{v}}
	m.Lang = languageOf(&m, v)
	if r, ok = a.score(&m, v); ok {
		r = a.lean(r, v, func() *mention.Mention {
			return &mention.Mention{Versions: []mention.Version{{Text: t.Answered}}}
		})
	}
	return r, m.Lang, ok
}

// hasRead says whether the newest reading of ours was made since we know this version.
func hasRead(m *mention.Mention, v mention.Version) bool {
	for i := len(m.Readings) - 1; i >= 0; i-- {
		if r := m.Readings[i]; r.By != mention.Person {
			return !r.At.Before(v.At)
		}
	}
	return false
}

// score is one reading, undated. Whatever a text does to the reader, the mention
// must walk on: a lost tone is better than a lost mention.
func (a *Analyzer) score(m *mention.Mention, v mention.Version) (r mention.Reading, ok bool) {
	defer func() {
		if recover() != nil {
			r, ok = mention.Reading{}, false
		}
	}()
	r = a.tone.Read(sentiment.Text{Title: v.Title, Body: v.Text, Lang: m.Lang, Ours: onOurPlace(v)})
	return r, r.By != ""
}

func languageOf(m *mention.Mention, v mention.Version) (lang string) {
	hint := language.Parse(m.Lang)
	defer func() {
		if recover() != nil {
			lang = string(hint)
		}
	}()
	return string(language.DetectWithHint(v.Title+"\n"+v.Text, hint))
}

func signatureOf(v mention.Version) (s mention.Signature) {
	defer func() {
		if recover() != nil {
			s = mention.Signature{}
		}
	}()
	return story.Sign(v.Title, v.Text)
}

func blank(v mention.Version) bool { return strings.TrimSpace(v.Title+v.Text) == "" }

// onOurPlace says that a watch claims the version for where it stands: a hit without words.
func onOurPlace(v mention.Version) bool {
	for _, h := range v.Hits {
		if len(h.Words) == 0 {
			return true
		}
	}
	return false
}
