package main

import (
	"strings"
	"time"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
)

type tryCmd struct {
	Feed   tryFeedCmd   `cmd:"" help:"${try_feed}"`
	Page   tryPageCmd   `cmd:"" help:"${try_page}"`
	Source trySourceCmd `cmd:"" default:"withargs" help:"${try_source}"`
}

type trySourceCmd struct {
	Name string `arg:"" help:"${try_source}"`
}

// Run implements `ouidire try SOURCE`: one visit, nothing kept.
func (cmd trySourceCmd) Run(c *call) error {
	f, err := c.configured()
	if err != nil {
		return err
	}
	found, err := app.Try(c.ctx, f, cmd.Name, c.options(c.log(f.Log)))
	if err != nil {
		if c.ctx.Err() != nil {
			return err
		}
		return answerNo(c.failed(wire.Failure{Input: cmd.Name}, err))
	}
	for _, m := range found.Mentions {
		if err := c.found("", wire.Of(m), m.Current()); err != nil {
			return err
		}
	}
	if len(found.Mentions) == 0 && !c.out.json {
		return c.out.line("%s", say.Text{EN: "Read, and there is nothing in it now.", FR: "Lue; il n’y a rien pour le moment."}.In(c.lang))
	}
	return nil
}

// answerNo is the end of a command that has said why the answer is no.
func answerNo(err error) error {
	if err != nil {
		return err
	}
	return errNo
}

// found shows one item that a try brought from in.
func (c *call) found(in string, w wire.Mention, v mention.Version) error {
	if c.out.json {
		return c.out.object(item{Input: in, Mention: w})
	}
	day := strings.Repeat(" ", len(time.DateOnly))
	if !w.PublishedAt.IsZero() {
		day = c.lang.ShortDate(w.PublishedAt)
	}
	return c.out.line("%s  %s\n            %s", day, headline(v), oneLine(w.URL))
}

type tryPageCmd struct {
	Inputs []string `arg:"" name:"input" help:"${try_page}"`
}

// Run implements `ouidire try page`, which comes with the page source: until then
// each input is an error.
func (cmd tryPageCmd) Run(c *call) error {
	for _, in := range cmd.Inputs {
		err := bad{"unsupported", say.Errorf(say.Text{
			EN:     "web pages cannot be read yet; give the address of the site’s feed to ouidire try feed",
			FR:     "les pages web ne se lisent pas encore; donnez l’adresse du fil RSS du site à ouidire try feed",
			France: "les pages web ne se lisent pas encore; donnez l’adresse du flux RSS du site à ouidire try feed",
		})}
		if err := c.failed(wire.Failure{Input: in}, err); err != nil {
			return err
		}
	}
	return errNo
}
