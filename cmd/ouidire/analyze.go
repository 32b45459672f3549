package main

import (
	"strings"

	"github.com/ouidire/ouidire/analyzer"
	"github.com/ouidire/ouidire/mention"
)

type analyzeCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"${files_arg}"`
	Stats bool     `help:"${stats_flag}"`
}

// Run implements `ouidire analyze`: one answer a line, in order.
func (cmd analyzeCmd) Run(c *call) error {
	a := analyzer.New()
	var s stats
	err := c.lines(cmd.Files, &s, func(in given) error {
		r, lang, ok := a.Score(in.Title, in.Text, in.Lang)
		if !ok {
			r = mention.Reading{Neutral: 1, Intent: mention.Other}
		}
		return cmd.show(c, in, lang, r)
	})
	if err != nil {
		return err
	}
	return s.end(c, cmd.Stats, true)
}

func (cmd analyzeCmd) show(c *call, in given, lang string, r mention.Reading) error {
	if !c.out.json {
		return cmd.tell(c, in, lang, r)
	}
	answer := analysed{ID: in.ID, Lang: lang, Target: string(r.Target), Intent: string(r.Intent),
		Sentiment: tone{Label: string(r.Label), Negative: r.Negative, Neutral: r.Neutral, Positive: r.Positive,
			Sure: r.Sure, Why: append([]string{}, r.Why...), Model: r.By}}
	if answer.ID == nil {
		answer.Line = in.number
	}
	if len(cmd.Files) > 1 {
		answer.Input = in.input
	}
	return c.out.object(answer)
}

// tell writes four columns for people: the tone, the language, the words that
// counted, the text.
func (cmd analyzeCmd) tell(c *call, in given, lang string, r mention.Reading) error {
	if lang == "" {
		lang = "–"
	}
	var why []string
	for _, word := range r.Why {
		why = append(why, oneLine(word))
	}
	text := strings.TrimSpace(in.Title + " " + in.Text)
	return c.out.line("%s\t%s\t%s\t%s", toneIn(c.lang, r.Label), lang, strings.Join(why, ", "), oneLine(text))
}
