package main

import (
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/watch"
	"github.com/ouidire/ouidire/watch/query"
)

type matchCmd struct {
	Query string   `arg:"" help:"${query_arg}"`
	Files []string `arg:"" optional:"" name:"file" help:"${files_arg}"`
	Count bool     `help:"${match_count}"`
	Stats bool     `help:"${stats_flag}"`
}

// Run implements `ouidire match`.
func (cmd matchCmd) Run(c *call) error {
	node, err := query.Parse(cmd.Query)
	if err != nil {
		return usage{"query", err}
	}
	var s stats
	found := 0
	err = c.lines(cmd.Files, &s, func(in given) error {
		m := in.Mention.Mention()
		words, ok := matchMention(node, &m)
		if !ok || m.Kind == kindFeed {
			return nil
		}
		found++
		return cmd.show(c, in, words)
	})
	if err == nil && cmd.Count {
		err = showCount(c, found)
	}
	if err != nil {
		return err
	}
	return s.end(c, cmd.Stats, found > 0)
}

func (cmd matchCmd) show(c *call, in given, words []string) error {
	switch {
	case cmd.Count:
		return nil
	case !c.out.json:
		return c.out.line("%s", in.raw)
	}
	answer := matched{ID: in.ID, Words: append([]string{}, words...)}
	if answer.ID == nil {
		answer.Line = in.number
	}
	if len(cmd.Files) > 1 {
		answer.Input = in.input
	}
	return c.out.object(answer)
}

func showCount(c *call, n int) error {
	if c.out.json {
		return c.out.object(counted{n})
	}
	return c.out.line("%d", n)
}

// matchMention says whether a query matches a mention, and by which words, as written.
func matchMention(node query.Node, m *mention.Mention) ([]string, bool) {
	doc := query.NewDocument(watch.Fields(m))
	spans, ok := query.Match(doc, node)
	if !ok {
		return nil, false
	}
	return doc.Words(spans), true
}
