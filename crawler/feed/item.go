package feed

import (
	"net/url"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
	gatom "github.com/mmcdole/gofeed/atom"
	gjson "github.com/mmcdole/gofeed/json"
	"github.com/mmcdole/gofeed/rss"

	"github.com/ouidire/ouidire/mention"
)

// A reader makes our values of gofeed's.
type reader struct {
	from Origin
	base *url.URL
}

func (r reader) feed(f *gofeed.Feed) Feed {
	return Feed{
		Title:       title(f.Title),
		Link:        r.resolve(f.Link),
		Description: plain(aboutFeed(f)),
		Lang:        strings.ReplaceAll(strings.TrimSpace(f.Language), "_", "-"),
		UpdatedAt:   date(f.UpdatedParsed, spelt(f.Updated), f.PublishedParsed, spelt(f.Published), modified(f.Extensions)),
		Author:      names(feedAuthors(f)),
		Hints:       hints(f),
	}
}

// items keeps the order of the document. Two that share a name are one when they
// share a title (a text, where there is none); else the feed names badly, and the
// later ones are told apart by it: better twice than never.
func (r reader) items(f *gofeed.Feed, about Feed) []Item {
	extras := extras(f)
	items := make([]Item, 0, len(f.Items))
	seen := map[string]string{}
	for i, from := range f.Items {
		it := r.item(from, extras[i], about)
		told := first(it.Current().Title, it.Current().Text)
		if before, ok := seen[it.ID]; ok {
			if before == told {
				continue
			}
			it.ID = mention.NewID(Place, it.ID+"\x00"+told)
			if _, again := seen[it.ID]; again {
				continue
			}
		}
		seen[it.ID] = told
		items = append(items, it)
	}
	return items
}

func (r reader) item(from *gofeed.Item, x extra, about Feed) Item {
	link := r.link(from, x)
	m := mention.Mention{
		Place:       Place,
		Kind:        mention.Article,
		Own:         r.from.Own,
		URL:         link,
		Author:      mention.Author{ID: x.authorID, Name: names(x.authors)},
		PublishedAt: published(from),
		Versions:    []mention.Version{{Title: title(first(from.Title, media(from, "title"))), Text: text(from, x)}},
	}
	if !m.PublishedAt.IsZero() {
		m.DateFrom = "feed"
	}
	guid := strings.TrimSpace(from.GUID)
	m.ID = r.id(guid, about, &m)
	if r.from.Comments {
		r.comment(&m, from, about)
	}
	return Item{Mention: m, Native: first(guid, link)}
}

func (r reader) id(guid string, about Feed, m *mention.Mention) string {
	switch {
	case guid == "" && (m.URL == "" || home(m.URL, about.Link)):
		return r.anonymous(m)
	case m.URL == "" && !web(guid):
		return ID(guid, r.from.URL)
	}
	return ID(guid, m.URL)
}

// anonymous names an item that has neither identifier nor link of its own: by its
// title and date, and by its text where one of them is missing.
func (r reader) anonymous(m *mention.Mention) string {
	v := m.Versions[0]
	words := v.Title
	if words == "" || m.PublishedAt.IsZero() {
		words += "\x00" + v.Text
	}
	return mention.NewID(Place, host(r.from.URL)+"\x00\x00"+words+"\x00"+m.PublishedAt.Format(time.RFC3339))
}

// link is where an item leads: its link, else an identifier that is said to be an
// address, else what is attached to it.
func (r reader) link(from *gofeed.Item, x extra) string {
	candidates := append([]string{from.Link}, from.Links...)
	if x.permalink {
		candidates = append(candidates, from.GUID)
	}
	for _, e := range from.Enclosures {
		candidates = append(candidates, e.URL)
	}
	for _, c := range candidates {
		if u := r.resolve(c); u != "" {
			return u
		}
	}
	return ""
}

// resolve makes a link absolute, from where the feed was read. What is no web
// address in the end ("javascript:…", a bare word without a feed address) is "".
func (r reader) resolve(link string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || link == "" {
		return ""
	}
	if r.base != nil {
		u = r.base.ResolveReference(u)
	}
	if u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}

// text is the longer text that an item gives.
func text(from *gofeed.Item, x extra) string {
	if x.plain != "" {
		return lines(x.plain)
	}
	if full := plain(from.Content); full != "" {
		return full
	}
	if summary := plain(from.Description); summary != "" {
		return summary
	}
	if about := media(from, "description"); about != "" {
		return lines(about)
	}
	if cast := from.ITunesExt; cast != nil { // a broadcast
		return plain(first(cast.Summary, cast.Subtitle))
	}
	return ""
}

// media is what an item says of its picture or video, alone or in a group.
func media(from *gofeed.Item, name string) string {
	if alone := extension(from.Extensions, "media", name); alone != "" {
		return alone
	}
	for _, group := range from.Extensions["media"]["group"] {
		for _, found := range group.Children[name] {
			return strings.TrimSpace(found.Value)
		}
	}
	return ""
}

// aboutFeed is how a feed describes itself.
func aboutFeed(f *gofeed.Feed) string {
	if f.Description == "" && f.ITunesExt != nil {
		return first(f.ITunesExt.Summary, f.ITunesExt.Subtitle)
	}
	return f.Description
}

// extra is what gofeed's common item leaves out of its format's own.
type extra struct {
	authors   []string
	authorID  string
	permalink bool   // the identifier is an address
	plain     string // a text that is no HTML
}

func extras(f *gofeed.Feed) []extra {
	all := make([]extra, len(f.Items))
	for i, it := range f.Items {
		all[i] = extra{authors: people(it.Authors), permalink: web(it.GUID)}
	}
	switch original := f.OriginalFeed().(type) {
	case *rss.Feed:
		for i, it := range original.Items {
			all[i].ofRSS(it)
		}
	case *gatom.Feed:
		for i, e := range original.Entries {
			all[i].ofAtom(e, original)
		}
	case *gjson.Feed:
		for i, it := range original.Items {
			all[i].ofJSON(it, f)
		}
	}
	return all
}

func (x *extra) ofRSS(it *rss.Item) {
	if it.GUID != nil {
		said := strings.ToLower(strings.TrimSpace(it.GUID.IsPermalink))
		x.permalink = said == "true" || said == "" && web(it.GUID.Value)
	}
	if dc := it.DublinCoreExt; dc != nil && it.Author == "" && len(dc.Creator) > 0 {
		x.authors = dc.Creator
	}
}

// ofAtom gives an entry without author the one of its feed, as the format says.
func (x *extra) ofAtom(e *gatom.Entry, f *gatom.Feed) {
	authors := e.Authors
	if len(authors) == 0 && e.Source != nil {
		authors = e.Source.Authors
	}
	if len(authors) == 0 {
		authors = f.Authors
	}
	x.authors = x.authors[:0]
	for _, a := range authors {
		x.authors = append(x.authors, first(a.Name, a.Email))
	}
	if len(authors) == 1 {
		x.authorID = strings.TrimSpace(authors[0].URI)
	}
}

func (x *extra) ofJSON(it *gjson.Item, f *gofeed.Feed) {
	if it.ContentHTML == "" {
		x.plain = it.ContentText
	}
	if len(x.authors) == 0 {
		x.authors = feedAuthors(f)
	}
}

func feedAuthors(f *gofeed.Feed) []string { return people(f.Authors) }

func people(authors []*gofeed.Person) []string {
	var all []string
	for _, a := range authors {
		if a != nil {
			all = append(all, first(a.Name, a.Email))
		}
	}
	return all
}

// names joins several authors, each once and without an address beside the name.
func names(authors []string) string {
	var all []string
	seen := map[string]bool{}
	for _, a := range authors {
		if n := personName(a); n != "" && !seen[n] {
			seen[n] = true
			all = append(all, n)
		}
	}
	return cut(strings.Join(all, "; "), maxTitle)
}

// personName reads "Name <mail>", "Name (mail)", "mail (Name)": the name, or the
// mail address when there is nothing else.
func personName(s string) string {
	s = title(s)
	open := strings.IndexAny(s, "(<")
	if open < 0 || !strings.Contains(s, "@") {
		return s
	}
	outside := strings.TrimSpace(s[:open])
	inside := strings.Trim(s[open:], "()<> ")
	if outside == "" || strings.Contains(outside, "@") && inside != "" {
		return inside
	}
	return outside
}

func first(candidates ...string) string {
	for _, c := range candidates {
		if c = strings.TrimSpace(c); c != "" {
			return c
		}
	}
	return ""
}
