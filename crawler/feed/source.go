package feed

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// Accept names what we read, what we like most first.
const Accept = "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, " +
	"application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, */*;q=0.1"

var _ crawler.Source = (*Source)(nil)

// Source reads one feed.
type Source struct {
	cfg    Config
	client *polite.Client
	now    func() time.Time
	log    *slog.Logger
}

// New makes a Source; it contacts nobody.
func New(cfg Config, d crawler.Deps) (*Source, error) {
	if problems := cfg.Check(); len(problems) > 0 {
		return nil, fmt.Errorf("make a feed: %w", say.Errorf(problems[0].Text, problems[0].Args...))
	}
	return &Source{cfg: cfg, client: d.Client, now: d.Now, log: d.Log}, nil
}

// Fetch asks for the feed, conditionally from the second visit on, and gives every
// item that stands in it: who calls knows which of them are new. Where the address
// is a page that announces a feed, the first visit brings that address alone and
// asks to come back at once; no later visit asks for the page again. A page where a
// feed stood before is an error, whatever it announces: the site's whole feed is
// not the one that was chosen.
func (s *Source) Fetch(ctx context.Context, cursor string) (crawler.Found, error) {
	p := s.recall(cursor)
	was := p.Feed == "" && p.Full > 0 // a feed stood at the configured address itself
	res, err := s.ask(ctx, &p)
	if err != nil {
		return crawler.Found{}, fmt.Errorf("fetch feed: %w", err)
	}
	if res.NotModified {
		p.Validators = res.Validators
		p.doubt(s.now())
		return s.found(p, res, nil, p.notice(res.Moved))
	}
	f, items, err := Parse(bytes.NewReader(res.Body), s.origin(res))
	if page := (*Page)(nil); errors.As(err, &page) && page.Best != "" && p.Feed == "" && !was {
		return s.follow(p, page)
	}
	if err != nil {
		return crawler.Found{}, fmt.Errorf("fetch feed: %w", failure{err})
	}
	overflow := p.take(res.Validators, f, items)
	p.doubt(s.now())
	return s.found(p, res, mentions(items), first(p.notice(res.Moved), overflow))
}

// ask asks at the feed's address. A feed that a page announced and that is no
// longer there is looked for on the page again.
func (s *Source) ask(ctx context.Context, p *position) (polite.Response, error) {
	res, err := s.get(ctx, first(p.Feed, s.cfg.URL), p.Validators)
	if why := polite.ReasonOf(err); p.Feed != "" && (why == polite.HTTP4xx || why == polite.Gone410) {
		p.Feed, p.Validators = "", polite.Validators{}
		return s.get(ctx, s.cfg.URL, p.Validators)
	}
	return res, err
}

func (s *Source) get(ctx context.Context, address string, v polite.Validators) (polite.Response, error) {
	return s.client.Get(ctx, polite.Request{URL: address, Accept: Accept, Validators: v, Limit: MaxBytes})
}

func (s *Source) origin(res polite.Response) Origin {
	return Origin{URL: res.URL.String(), ContentType: res.Header.Get("Content-Type"), Comments: s.cfg.Comments, Own: s.cfg.Own}
}

// follow remembers the feed that a page announces. The page's validators are not
// kept: they are of another address.
func (s *Source) follow(p position, page *Page) (crawler.Found, error) {
	p.Feed, p.Validators = page.Best, polite.Validators{}
	s.log.Info("page announces a feed: reading that")
	next, err := p.encode()
	return crawler.Found{Next: next, More: true}, err
}

func (s *Source) found(p position, res polite.Response, items []mention.Mention, notice string) (crawler.Found, error) {
	next, err := p.encode()
	return crawler.Found{Mentions: items, Next: next, NotBefore: s.notBefore(p, res), Notice: notice, Doubt: p.doubted()}, err
}

// notBefore is the latest of what the server wants, what the feed wants, and what
// is decent where every answer is a whole one. On a place of our own only the
// server is asked: every WordPress feed says "hourly" by itself, and a surge of
// comments there must not wait that long.
func (s *Source) notBefore(p position, res polite.Response) time.Time {
	at := res.NotBefore
	if s.cfg.Own {
		return at
	}
	if hint := p.Hints.After(s.now()); hint.After(at) {
		at = hint
	}
	if whole := s.now().Add(polite.Unconditional); !p.Validators.Conditional() && !s.cfg.Paced && whole.After(at) {
		at = whole
	}
	return at
}

func mentions(items []Item) []mention.Mention {
	all := make([]mention.Mention, len(items))
	for i := range items {
		all[i] = items[i].Mention
	}
	return all
}

// failure is an error of Parse with its stable word.
type failure struct{ error }

func (f failure) Unwrap() error { return f.error }

// Reason is one of polite's reasons.
func (f failure) Reason() string { return string(Reason(f.error)) }

// Reason is the stable word for an error of Parse.
func Reason(err error) polite.Reason {
	page := (*Page)(nil)
	switch {
	case errors.As(err, &page) && page.Login:
		return polite.Login
	case page != nil:
		return polite.Page
	case errors.Is(err, ErrTooBig), errors.Is(err, ErrDense):
		return polite.Oversize
	}
	return polite.Parse
}
