package feed

import (
	"strings"

	"github.com/mmcdole/gofeed"
	"golang.org/x/net/html"

	"github.com/ouidire/ouidire/mention"
)

// comment makes m a comment. The thread is its article; the parent is the article
// too, or the comment it answers where the feed tells: Atom by thr:in-reply-to,
// WordPress's RSS by a sentence at the head of the text. Only what the feed's own
// words name is believed to be the parent.
//
// A comment is never the organisation's own, even in its own feed. Its title
// ("Comment on <article> by …") is another's text and would match for it: dropped.
func (r reader) comment(m *mention.Mention, from *gofeed.Item, about Feed) {
	m.Kind, m.Own = mention.Comment, false
	v := &m.Versions[0]
	if v.Text != "" {
		v.Title = ""
	}
	under := r.under(m.URL, about)
	m.Thread = ID("", under)
	m.Parent = m.Thread
	if link, quoted := leadingAnchor(first(from.Content, from.Description)); commentLink(link) {
		if link = r.resolve(link); address(article(link)) == address(under) {
			m.Parent = ID("", link)
			v.Text = withoutReplyLine(v.Text, quoted)
		}
	}
	if ref, href := replyTo(from); ref != "" || href != "" {
		r.answers(m, ref, r.resolve(href))
	}
	if m.ID == m.Thread || m.ID == m.Parent { // its only name was its article's address
		m.ID = r.anonymous(m)
	}
}

// under is the address of the article of the comment at link: the comment's own
// without its anchor, else, in a feed about one article, what the feed is about.
func (r reader) under(link string, about Feed) string {
	under := article(link)
	if under == "" || under == link && !home(about.Link, "") {
		return about.Link
	}
	return under
}

// answers sets the parent that thr:in-reply-to names. When it is no comment it is
// the article, by the very identifier it has in its own feed.
func (r reader) answers(m *mention.Mention, ref, href string) {
	m.Parent = ID(ref, href)
	if !commentLink(href) && !commentLink(ref) {
		m.Thread = m.Parent
	}
}

func replyTo(from *gofeed.Item) (ref, href string) {
	for _, e := range from.Extensions["thr"]["in-reply-to"] {
		return strings.TrimSpace(e.Attrs["ref"]), strings.TrimSpace(e.Attrs["href"])
	}
	return "", ""
}

func commentLink(link string) bool {
	_, fragment, _ := strings.Cut(link, "#")
	return commentAnchor.MatchString(fragment)
}

// leadHTML is how far into a comment the link to what it answers is looked for.
const leadHTML = 1000

// leadingAnchor is the first link of a text and its words, when it stands in the
// text's first line.
func leadingAnchor(markup string) (link, words string) {
	z := html.NewTokenizer(strings.NewReader(cut(markup, leadHTML)))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return "", ""
		case html.StartTagToken:
			t := z.Token()
			if t.Data != "a" {
				continue
			}
			for _, a := range t.Attr {
				if a.Key == "href" {
					link = a.Val
				}
			}
			if z.Next() == html.TextToken {
				words = string(z.Text())
			}
			return link, title(words)
		}
	}
}

// withoutReplyLine drops the line "In reply to Éloïse." that WordPress writes
// before what the person wrote. It is told by its form in any language: a short
// first paragraph that ends with the name answered and a full stop.
func withoutReplyLine(text, name string) string {
	head, rest, found := strings.Cut(text, "\n\n")
	if found && name != "" && len(head) <= len(name)+60 && strings.HasSuffix(head, name+".") {
		return rest
	}
	return text
}
