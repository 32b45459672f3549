package feed

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	gjson "github.com/mmcdole/gofeed/json"
	"golang.org/x/net/html"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

// Origin is what is known of a feed beside its bytes.
type Origin struct {
	URL         string // where it was read in the end: relative links start here
	ContentType string // the header it came with
	Comments    bool   // its items are comments
	Own         bool   // it is the organisation's own
}

// Feed is what a feed says of itself.
type Feed struct {
	Title       string    `json:"title,omitempty"`
	Link        string    `json:"link,omitempty"`
	Description string    `json:"description,omitempty"`
	Lang        string    `json:"lang,omitempty"` // as declared, often wrong: WordPress says en-US on French text
	UpdatedAt   time.Time `json:"updated_at,omitzero"`
	Author      string    `json:"author,omitempty"`
	Hints       Hints     `json:"hints,omitzero"`
}

// Item is one item of a feed.
type Item struct {
	mention.Mention
	Native string // the identifier its feed gives it, else its link, else ""
}

// Limits of what is parsed. Markup is bounded apart from bytes, because three bytes
// of it ("{}," or "<a/>") cost a hundred times as much memory.
const (
	MaxBytes   = 10 << 20
	maxItems   = 20_000
	maxTags    = 400_000
	maxObjects = 100_000 // of JSON; each may be an item
)

// Errors of Parse beside *Page, each a sentence for people. Anything else it
// answers wraps ErrBroken: cut, ill-formed, or no feed at all.
var (
	ErrTooBig = say.Errorf(say.Text{
		EN: "this feed is larger than 10 MB", FR: "ce fil RSS dépasse 10\u00a0Mo", France: "ce flux RSS dépasse 10\u00a0Mo",
	})
	ErrDense = say.Errorf(say.Text{
		EN:     "this feed holds more elements than any feed needs",
		FR:     "ce fil RSS contient plus d’éléments qu’aucun fil RSS n’en demande",
		France: "ce flux RSS contient plus d’éléments qu’aucun flux RSS n’en demande",
	})
	ErrEmpty  = say.Errorf(say.Text{EN: "the answer is empty", FR: "la réponse est vide"})
	ErrBroken = say.Errorf(say.Text{
		EN:     "this is no feed, or it was cut on the way",
		FR:     "ce n’est pas un fil RSS, ou il a été coupé en chemin",
		France: "ce n’est pas un flux RSS, ou il a été coupé en chemin",
	})
)

// Parse reads an RSS, Atom or JSON feed, its items in document order. It contacts
// nobody and needs no clock. An item that stands twice (same identifier, same
// title) is given once. Whatever is cut or ill-formed is an error and gives nothing.
func Parse(body io.Reader, from Origin) (Feed, []Item, error) {
	raw, err := io.ReadAll(io.LimitReader(body, MaxBytes+1))
	if err != nil {
		return Feed{}, nil, fmt.Errorf("read feed: %w", err)
	}
	if len(raw) > MaxBytes {
		return Feed{}, nil, ErrTooBig
	}
	text := prepare(toUTF8(raw, from.ContentType))
	if err := check(text, from); err != nil {
		return Feed{}, nil, err
	}
	found, err := parse(text)
	switch {
	case err != nil && strings.HasPrefix(strings.ToLower(from.ContentType), "text/html"):
		return Feed{}, nil, readPage(text, from)
	case err != nil:
		return Feed{}, nil, fmt.Errorf("%w: %w", ErrBroken, err)
	}
	nameByAbout(found, text)
	base, _ := url.Parse(from.URL)
	r := reader{from: from, base: base}
	f := r.feed(found)
	return f, r.items(found, f), nil
}

// parse calls gofeed. A panic of its (it had one on a null among JSON items) is one
// broken feed, not a dead daemon.
func parse(text []byte) (f *gofeed.Feed, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("gofeed: %v", r)
		}
	}()
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	p.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true}
	p.JSONTranslator = withoutNulls{}
	return p.Parse(bytes.NewReader(text))
}

// withoutNulls drops the nulls from a JSON feed's lists, which gofeed trips over.
type withoutNulls struct{ gofeed.DefaultJSONTranslator }

func (t withoutNulls) Translate(feed any) (*gofeed.Feed, error) {
	f, ok := feed.(*gjson.Feed)
	if !ok {
		return nil, fmt.Errorf("%T is no JSON feed", feed)
	}
	f.Items = slices.DeleteFunc(f.Items, func(i *gjson.Item) bool { return i == nil })
	f.Authors = slices.DeleteFunc(f.Authors, func(a *gjson.Author) bool { return a == nil })
	for _, i := range f.Items {
		i.Authors = slices.DeleteFunc(i.Authors, func(a *gjson.Author) bool { return a == nil })
	}
	return t.DefaultJSONTranslator.Translate(f)
}

var aboutItem = regexp.MustCompile(`<(?:[\w.-]+:)?item\s[^>]*?\babout\s*=\s*["']([^"'<>]*)["']`)

// nameByAbout gives the items of RSS 1.0 their identifier, which gofeed does not
// read: the rdf:about of each, when every one has it.
func nameByAbout(f *gofeed.Feed, text []byte) {
	if f.FeedType != "rss" || f.FeedVersion != "1.0" {
		return
	}
	abouts := aboutItem.FindAllSubmatch(text, len(f.Items)+1)
	if len(abouts) != len(f.Items) {
		return
	}
	for i, it := range f.Items {
		if it.GUID == "" {
			it.GUID = html.UnescapeString(string(abouts[i][1]))
		}
	}
}

func check(text []byte, from Origin) error {
	switch {
	case len(text) == 0:
		return ErrEmpty
	case dense(text):
		return ErrDense
	case page(text):
		return readPage(text, from)
	}
	return nil
}

var itemTag = regexp.MustCompile(`(?i)<(?:[^\s<>/:]+:)?(?:item|entry)[\s/>]`)

func dense(text []byte) bool {
	if text[0] == '{' {
		return bytes.Count(text, []byte("{")) > maxObjects
	}
	tags := bytes.Count(text, []byte("<"))
	return tags > maxTags || tags > maxItems && len(itemTag.FindAllIndex(text, maxItems+1)) > maxItems
}

// prepare cuts what stands before the root element: the declared encoding, which
// is no longer true; a DOCTYPE, of which we want no entity; and anything long
// enough to hide the root from gofeed, which looks at 4,096 bytes. A page keeps its own.
func prepare(text []byte) []byte {
	text = bytes.TrimSpace(text)
	if page(text) {
		return text
	}
	rest, more := text, true
	for more {
		rest, more = afterMisc(bytes.TrimLeft(rest, " \t\r\n"))
	}
	return rest
}

// afterMisc is text after the declaration, comment or DOCTYPE it begins with.
func afterMisc(text []byte) (rest []byte, found bool) {
	for _, m := range [...]struct{ start, end string }{{"<?", "?>"}, {"<!--", "-->"}, {"<!DOCTYPE", ">"}} {
		if !bytes.HasPrefix(text, []byte(m.start)) {
			continue
		}
		end := bytes.Index(text, []byte(m.end))
		if m.start == "<!DOCTYPE" && end > 0 && bytes.IndexByte(text[:end], '[') >= 0 {
			m.end = "]>"
			end = bytes.Index(text, []byte(m.end))
		}
		if end < 0 {
			return text, false
		}
		return text[end+len(m.end):], true
	}
	return text, false
}

// page knows HTML by its first words.
func page(text []byte) bool {
	head := strings.ToLower(string(text[:min(len(text), 200)]))
	for _, start := range []string{"<!doctype html", "<html", "<head", "<body"} {
		if strings.HasPrefix(head, start) {
			return true
		}
	}
	return false
}
