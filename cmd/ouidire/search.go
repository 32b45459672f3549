package main

import (
	"errors"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/watch/query"
)

type searchCmd struct {
	Query string `arg:"" help:"${query_arg}"`
	Limit int    `help:"${limit_flag}" default:"20"`
}

// Run implements `ouidire search`, also beside a running daemon.
func (cmd searchCmd) Run(c *call) (err error) {
	node, err := query.Parse(cmd.Query)
	if err != nil {
		return usage{"query", err}
	}
	if cmd.Limit < 1 {
		return usage{"usage", say.Errorf(say.Text{EN: "--limit is at least 1", FR: "--limit vaut au moins 1"})}
	}
	f, err := c.configured()
	if err != nil {
		return err
	}
	if err := noData(f.Data); err != nil {
		return err
	}
	s, err := app.OpenStore(c.ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	shown, err := cmd.search(c, s, node, f.Organisation.Zone())
	if err == nil && shown == 0 {
		return errNo
	}
	return err
}

func (cmd searchCmd) search(c *call, s store.Store, node query.Node, zone location) (shown int, err error) {
	for after := ""; shown < cmd.Limit; {
		found, next, err := s.Search(c.ctx, store.Question{Text: node}, min(cmd.Limit-shown, 500), after)
		if err != nil {
			return shown, err
		}
		for _, m := range found {
			if err := cmd.show(c, m, zone); err != nil {
				return shown, err
			}
			shown++
		}
		if next == "" {
			break
		}
		after = next
	}
	return shown, nil
}

func (cmd searchCmd) show(c *call, m mention.Mention, zone location) error {
	if c.out.json {
		return c.out.object(item{Mention: wire.Of(m)})
	}
	return c.out.line("%s  %s\n    %s", c.lang.Moment(m.PublishedAt.In(zone)), headline(m.Current()), oneLine(m.URL))
}
