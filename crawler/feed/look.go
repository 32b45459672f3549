package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
)

// maxChoices is how many feeds of a page a person is offered.
const maxChoices = 12

// Look asks once what stands at an address that a person gave: a feed, or a page
// whose feeds they may choose from. Its error says why nothing there can be read.
func Look(ctx context.Context, address string, d crawler.Deps) (crawler.Looked, error) {
	if t := addressProblem(address); t.EN != "" {
		return crawler.Looked{}, say.Errorf(t)
	}
	res, err := d.Client.Get(ctx, polite.Request{URL: address, Accept: Accept, Limit: MaxBytes})
	if err != nil {
		return crawler.Looked{}, fmt.Errorf("look: %w", err)
	}
	from := Origin{URL: res.URL.String(), ContentType: res.Header.Get("Content-Type"), Comments: ofComments(address)}
	f, items, err := Parse(bytes.NewReader(res.Body), from)
	if page := (*Page)(nil); errors.As(err, &page) {
		return choices(page, res.URL, err)
	}
	if err != nil {
		return crawler.Looked{}, fmt.Errorf("look: %w", failure{err})
	}
	settings := map[string][]string{"url": {address}}
	if from.Comments {
		settings["comments"] = []string{"true"}
	}
	return crawler.Looked{Title: f.Title, Settings: settings, Comments: from.Comments, Items: mentions(items)}, nil
}

// choices are the feeds of a page. WordPress has its own even where its theme
// announces none.
func choices(page *Page, at *url.URL, err error) (crawler.Looked, error) {
	var l crawler.Looked
	seen := map[string]bool{}
	add := func(c Link) {
		if !seen[c.URL] && len(l.Choices) < maxChoices {
			l.Choices = append(l.Choices, crawler.Choice(c))
		}
		seen[c.URL] = true
	}
	for _, link := range page.Feeds {
		add(link)
	}
	if page.WordPress {
		l.Engine = "WordPress"
		if len(l.Choices) == 0 {
			add(Link{URL: at.ResolveReference(&url.URL{Path: "/feed/"}).String()})
			add(Link{URL: at.ResolveReference(&url.URL{Path: "/comments/feed/"}).String(), Comments: true})
		}
	}
	if len(l.Choices) == 0 {
		return l, fmt.Errorf("look: %w", failure{err})
	}
	return l, nil
}

// ofComments guesses from its address whether a feed holds comments.
func ofComments(address string) bool {
	u, err := url.Parse(address)
	return err == nil && strings.Contains(strings.ToLower(u.Path+"?"+u.RawQuery), "comment")
}
