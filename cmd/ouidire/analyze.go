package main

import (
	"strings"

	"github.com/ouidire/ouidire/analyzer"
	"github.com/ouidire/ouidire/analyzer/sentiment"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

type analyzeCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"${files_arg}"`
	Model string   `help:"${model_flag}"`
	Stats bool     `help:"${stats_flag}"`
}

// Run implements `ouidire analyze`: one answer a line, in order.
func (cmd analyzeCmd) Run(c *call) error {
	a, err := withModel(cmd.Model)
	if err != nil {
		return err
	}
	var s stats
	err = c.lines(cmd.Files, &s, func(in given) error {
		r, lang, ok := a.Score(analyzer.Text{Title: in.Title, Body: in.Text, Lang: in.Lang, Answered: in.ParentText})
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

// withModel makes the analyzer that reads tones with a model: the name of one that
// is shipped, or the path of a file; "" is what the daemon uses. No format of files
// is read yet.
func withModel(name string) (*analyzer.Analyzer, error) {
	if name == "" || name == sentiment.Model {
		return analyzer.New(), nil
	}
	return nil, usage{"model", say.Errorf(say.Text{
		EN: "“%s” is no model that this version can read; leave --model out or write --model %s, the only one there is. Models of your own will come with ouidire train",
		FR: "cette version ne sait lire aucun modèle «\u00a0%s\u00a0»; enlevez --model ou écrivez --model %s, le seul qui existe. Vos propres modèles viendront avec ouidire train",
	}, name, sentiment.Model)}
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
