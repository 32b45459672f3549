package main

import (
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

type location = *time.Location

// maxHeadline is how many characters of a mention stand on one line.
const maxHeadline = 100

// headline is a mention on one line of a terminal.
func headline(v mention.Version) string {
	s := oneLine(v.Title)
	if s == "" {
		s = oneLine(v.Text)
	}
	if utf8.RuneCountInString(s) > maxHeadline {
		s = string([]rune(s)[:maxHeadline-1]) + "…"
	}
	return s
}

// toneIn is the word for a tone; the empty one abstains.
func toneIn(l say.Lang, label mention.Label) string {
	switch label {
	case mention.Negative:
		return say.Text{EN: "negative", FR: "négative"}.In(l)
	case mention.Neutral:
		return say.Text{EN: "neutral", FR: "neutre"}.In(l)
	case mention.Positive:
		return say.Text{EN: "positive", FR: "positive"}.In(l)
	}
	return say.Text{EN: "not judged", FR: "incertaine"}.In(l)
}
