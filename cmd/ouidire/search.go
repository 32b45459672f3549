package main

import (
	"errors"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
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
	if err := atLeastOne(cmd.Limit); err != nil {
		return err
	}
	f, err := c.kept()
	if err != nil {
		return err
	}
	s, err := app.OpenStore(c.ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := c.renewal(f, s); err != nil {
		return err
	}
	told, err := app.OpenStories(c.ctx, f, c.options(c.log(f.Log)))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, told.Close()) }()
	shown, err := cmd.search(c, collection{s, told}, node, f.Organisation.Zone())
	if err == nil && shown == 0 {
		return errNo
	}
	return err
}

func atLeastOne(limit int) error {
	if limit < 1 {
		return usage{"usage", say.Errorf(say.Text{EN: "--limit is at least 1", FR: "--limit vaut au moins 1"})}
	}
	return nil
}

// renewal says beside the answer what it may lack: what is kept is being brought up to
// date with this version.
func (c *call) renewal(f *config.File, s store.Store) error {
	r, err := app.AskRenewal(c.ctx, f, s, c.options(c.log(f.Log)))
	if err != nil {
		return err
	}
	if r.Outdated > 0 {
		c.warn(say.Text{
			EN: "%s kept mentions are still indexed as an older version did: this search may miss some. ouidire rebuild renews them, and so does ouidire run in the background.",
			FR: "%s mentions conservées sont encore indexées comme le faisait une version plus ancienne\u00a0: cette recherche peut en manquer. ouidire rebuild les renouvelle, et ouidire run aussi, en arrière-plan.",
		}, c.lang.Number(r.Outdated))
	}
	if r.Rereading {
		c.warn(say.Text{
			EN: "ouidire rebuild is reading again what is kept: until it is done, tones may change.",
			FR: "ouidire rebuild relit ce qui est conservé\u00a0: d’ici la fin, des tonalités peuvent changer.",
		})
	}
	return nil
}

// collection is where mentions are asked for, and the stories that they tell.
type collection struct {
	store.Store
	*app.Stories
}

func (cmd searchCmd) search(c *call, s collection, node query.Node, zone location) (shown int, err error) {
	for after := ""; shown < cmd.Limit; {
		found, next, err := s.Search(c.ctx, store.Question{Text: node}, min(cmd.Limit-shown, 500), after)
		if err != nil {
			return shown, err
		}
		stories, err := s.Of(c.ctx, found)
		if err != nil {
			return shown, err
		}
		for _, m := range found {
			if err := cmd.show(c, m, stories[m.ID], zone); err != nil {
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

func (cmd searchCmd) show(c *call, m mention.Mention, story string, zone location) error {
	if c.out.json {
		one := item{Mention: wire.Of(m)}
		one.Story = story
		return c.out.object(one)
	}
	return c.out.line("%s  %s\n    %s", c.lang.Moment(m.PublishedAt.In(zone)), headline(m.Current()), oneLine(m.URL))
}
