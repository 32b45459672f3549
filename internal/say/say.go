// Package say holds how the program speaks to people: sentences in English and
// French side by side, and numbers, dates and times as each of them writes them.
// A sentence is a value beside the code that says it, so neither language can be
// forgotten. What machines read (logs, JSON, metrics) stays English.
package say

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Lang is a language a reader reads.
type Lang string

// The languages.
const (
	English      Lang = "en"
	FrenchCanada Lang = "fr-CA"
	FrenchFrance Lang = "fr-FR"
)

// Parse reads a language tag or a locale ("fr", "fr_CA.UTF-8", "en-GB"). Plain
// French is that of Canada. ok is false for a language we do not speak.
func Parse(tag string) (l Lang, ok bool) {
	tag, _, _ = strings.Cut(tag, ".")
	base, country, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(tag)), "_", "-"), "-")
	switch {
	case base == "fr" && (country == "" || country == "ca"):
		return FrenchCanada, true
	case base == "fr":
		return FrenchFrance, true
	case base == "en":
		return English, true
	}
	return English, false
}

// French says whether l is one of the two Frenches.
func (l Lang) French() bool { return l == FrenchCanada || l == FrenchFrance }

// Text is one sentence in both languages, with fmt verbs. Indexed verbs (%[2]s)
// let the two order their words differently. France is left empty when the
// Canadian words serve both (glossary: "="); the space that France puts before
// ; ! and ? is added to either.
type Text struct {
	EN, FR string
	France string
}

// high finds the high punctuation that ends a word of a sentence.
var high = regexp.MustCompile(`([\pL\pN»)%:…])([;!?]+(?:\s|$))`)

// In is the sentence in l, its verbs filled with args.
func (t Text) In(l Lang, args ...any) string {
	format := t.EN
	switch {
	case l == FrenchFrance:
		format = high.ReplaceAllString(cmp.Or(t.France, t.FR), "${1}"+narrowNoBreak+"${2}")
	case l.French():
		format = t.FR
	}
	if len(args) == 0 && !strings.Contains(format, "%") {
		return format
	}
	return fmt.Sprintf(format, args...)
}

// Error is an error that a person will read. Its Error method is English;
// Explain gives the reader's language.
type Error struct {
	Text Text
	Args []any // an error among them is explained too
	Err  error // the cause for errors.Is and As, nil if there is none; not printed
}

// Errorf makes an Error. A cause among args is kept for errors.Is and errors.As.
func Errorf(t Text, args ...any) *Error {
	e := &Error{Text: t, Args: args}
	for _, a := range args {
		if err, ok := a.(error); ok {
			e.Err = err
		}
	}
	return e
}

func (e *Error) Error() string { return e.In(English) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// In is the sentence in l.
func (e *Error) In(l Lang) string {
	args := make([]any, len(e.Args))
	for i, a := range e.Args {
		args[i] = a
		switch a := a.(type) {
		case error:
			args[i] = Explain(a, l)
		case Text:
			args[i] = a.In(l)
		}
	}
	return e.Text.In(l, args...)
}

// Explain is err for a person who reads l: the outermost sentence we wrote in
// both languages, else the plain error.
func Explain(err error, l Lang) string {
	var spoken interface{ In(Lang) string }
	if errors.As(err, &spoken) {
		return spoken.In(l)
	}
	return err.Error()
}
