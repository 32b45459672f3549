package main

import (
	"bytes"
	"context"
	"io"
	"net/netip"
	"strings"

	"github.com/ouidire/ouidire/crawler/feed"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
)

type tryFeedCmd struct {
	Inputs       []string       `arg:"" name:"input" help:"${try_feed}"`
	URL          string         `name:"url" help:"${try_url}"`
	ContentType  string         `help:"${try_type}"`
	AllowPrivate []netip.Prefix `help:"${try_open}" placeholder:"CIDR"`
	Comments     bool           `hidden:""`
	Stats        bool           `help:"${stats_flag}"`
}

// kindFeed marks the object that tells of the feed itself: it is no mention.
const kindFeed mention.Kind = "feed"

// Run implements `ouidire try feed`. One bad input gives one error and does not
// stop the others.
func (cmd tryFeedCmd) Run(c *call) error {
	if len(cmd.Inputs) > 1 && (cmd.URL != "" || cmd.ContentType != "") {
		return usage{"usage", say.Errorf(say.Text{EN: "--url and --content-type go with one input", FR: "--url et --content-type vont avec une seule entrée"})}
	}
	var s stats
	for _, in := range cmd.Inputs {
		s.inputs++
		about, items, err := cmd.read(c, in)
		if err == nil {
			if err = cmd.show(c, in, about, items); err != nil {
				return err
			}
			continue
		}
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		s.failures++
		if err := c.failed(wire.Failure{Input: in}, err); err != nil {
			return err
		}
	}
	return s.end(c, cmd.Stats, true)
}

func (cmd tryFeedCmd) show(c *call, in string, f feed.Feed, items []feed.Item) error {
	if err := cmd.showFeed(c, in, f); err != nil {
		return err
	}
	for _, i := range items {
		w := wire.Of(i.Mention)
		w.ID = i.Native
		if err := c.found(in, w, i.Current()); err != nil {
			return err
		}
	}
	return nil
}

func (cmd tryFeedCmd) showFeed(c *call, in string, f feed.Feed) error {
	if c.out.json {
		return c.out.object(feedObject{Kind: string(kindFeed), Input: in, Title: f.Title, Link: f.Link, Description: f.Description,
			Lang: f.Lang, UpdatedAt: f.UpdatedAt, Author: f.Author})
	}
	name := f.Title
	if name == "" {
		name = in
	}
	return c.out.line("%s\n", oneLine(name))
}

// read gets an input (stdin, an address or a file) and understands it. What it came
// from and with can be said by flags.
func (cmd tryFeedCmd) read(c *call, in string) (feed.Feed, []feed.Item, error) {
	body, from, err := cmd.get(c, in)
	if err != nil {
		return feed.Feed{}, nil, err
	}
	about, items, err := feed.Parse(bytes.NewReader(body), from)
	if err != nil {
		return feed.Feed{}, nil, unparsed(err)
	}
	return about, items, nil
}

func (cmd tryFeedCmd) get(c *call, in string) (body []byte, from feed.Origin, err error) {
	from = feed.Origin{URL: cmd.URL, ContentType: cmd.ContentType, Comments: cmd.Comments}
	if isAddress(in) {
		res, err := cmd.fetch(c.ctx, in)
		if err != nil {
			return nil, from, err
		}
		if from.URL == "" {
			from.URL = res.URL.String()
		}
		if from.ContentType == "" {
			from.ContentType = res.Header.Get("Content-Type")
		}
		return res.Body, from, nil
	}
	file, err := c.open(in)
	if err != nil {
		return nil, from, err
	}
	defer file.Close() // only read: nothing is lost
	if body, err = io.ReadAll(io.LimitReader(file, feed.MaxBytes+1)); err != nil {
		return nil, from, unreadable(err)
	}
	return body, from, nil
}

func isAddress(in string) bool {
	scheme, _, ok := strings.Cut(in, "://")
	return ok && (strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https"))
}

func (cmd tryFeedCmd) fetch(ctx context.Context, address string) (polite.Response, error) {
	client, err := polite.New(polite.Config{Version: release, AllowPrivate: cmd.AllowPrivate, Origins: []string{address}})
	if err != nil {
		return polite.Response{}, err
	}
	defer client.Close()
	return client.Get(ctx, polite.Request{URL: address, Accept: feed.Accept, Limit: feed.MaxBytes})
}
