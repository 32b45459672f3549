package config

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ouidire/ouidire/internal/say"
)

// Problem is one thing that a kind finds wrong with its own Config and that a
// type cannot say. Parse adds where it stands in the file.
type Problem struct {
	Key     string   // path below the entry, "url" or "smtp.host" or "terms[2]"; "" for the entry itself
	Text    say.Text // what is wrong, without a full stop: {EN: "the address has no host", FR: "l’adresse n’a pas d’hôte"}
	Args    []any    // for the verbs of Text; never a secret
	Example string   // a value that would work, as one types it after the key; "" when none can be given
}

// Checker is a kind's Config that checks itself, after it was read. What is
// missing, of a wrong type or out of its bounds was said already.
type Checker interface{ Check() []Problem }

// Mistake is one thing to change in a file, and what would work instead.
type Mistake struct {
	File         string // where it stands when that is not Problems.File: what was set on the page
	Line, Column int    // from 1, columns in characters; 0 when the whole file is meant
	Code         string // stable word for machines: "unknown_key", "wrong_type" ...
	Setting      string // the setting that is meant, "sources[2].url"; "" for none
	sentence     func(say.Lang) string
}

// In is the mistake for a person who reads l, without its place.
func (m Mistake) In(l say.Lang) string { return m.sentence(l) }

// Problems is everything that is wrong with one file and what lies over it, by line. It is an error;
// In words it in the reader's language, a line for each.
type Problems struct {
	File string // as it was named to Load or Parse
	List []Mistake
}

func (p *Problems) Error() string { return p.In(say.English) }

// In writes file:line:column: what is wrong; a value that would work.
func (p *Problems) In(l say.Lang) string {
	lines := make([]string, len(p.List))
	for i, m := range p.List {
		place := cmp.Or(m.File, p.File)
		if m.Line > 0 {
			place = fmt.Sprintf("%s:%d:%d", place, m.Line, m.Column)
		}
		lines[i] = place + ": " + m.In(l)
	}
	return strings.Join(lines, "\n")
}

// spoken is how a mistake stands in JSON, as every error of the command line does.
type spoken struct {
	Code   string `json:"code"`
	Error  string `json:"error"`
	Input  string `json:"input"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// NDJSON is one object a line: code, error (English), input, line, column.
func (p *Problems) NDJSON() []byte {
	var out []byte
	for _, m := range p.List {
		line, err := json.Marshal(spoken{m.Code, m.In(say.English), cmp.Or(m.File, p.File), m.Line, m.Column})
		if err != nil { // strings and numbers: cannot be
			continue
		}
		out = append(append(out, line...), '\n')
	}
	return out
}

// inOrder sorts by place, and drops what would be said twice.
func inOrder(list []Mistake) []Mistake {
	slices.SortStableFunc(list, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return slices.CompactFunc(list, func(a, b Mistake) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.In(say.English) == b.In(say.English)
	})
}

// phrase is a sentence and what fills it.
type phrase struct {
	text say.Text
	args []any
}

func says(t say.Text, args ...any) phrase { return phrase{t, args} }

// in words the phrase; phrases, texts, errors and quoted words among its
// arguments are worded too.
func (p phrase) in(l say.Lang) string {
	args := make([]any, len(p.args))
	for i, a := range p.args {
		switch a := a.(type) {
		case phrase:
			args[i] = a.in(l)
		case say.Text:
			args[i] = a.In(l)
		case quoted:
			args[i] = l.Quote(clip(string(a), 60))
		case given:
			args[i] = clip(string(a), 300)
		case choice:
			args[i] = a.in(l)
		case length:
			args[i] = a.in(l)
		case error:
			args[i] = say.Explain(a, l)
		default:
			args[i] = a
		}
	}
	return p.text.In(l, args...)
}

func (p phrase) empty() bool { return p.text == say.Text{} }

// quoted is a word of the file, put between the reader's quotation marks.
type quoted string

// given is a word of the file that stands without marks.
type given string

// choice is a list of words, of which one must be taken.
type choice []string

func (c choice) in(l say.Lang) string {
	or := " or "
	if l.French() {
		or = " ou "
	}
	switch {
	case len(c) < 2:
		return strings.Join(c, "")
	case len(c) > 12:
		return strings.Join(c[:12], ", ") + "…"
	}
	return strings.Join(c[:len(c)-1], ", ") + or + c[len(c)-1]
}

// clip shortens what was typed: a message is no place for a page of text.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
