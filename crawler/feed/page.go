package feed

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"github.com/ouidire/ouidire/internal/say"
)

// A Page is the error of an answer that is a page. It knows the feeds that the
// page announces, so that nobody has to look for them.
type Page struct {
	Feeds     []Link // every feed announced, in the page's order
	Best      string // the first that holds what was asked for (articles, or comments), "" when none does
	Login     bool   // it asks for a password, and announces no feed: many a front page does the one beside the other
	WordPress bool   // the page says that WordPress made it: it has feeds even if it announces none
}

// Link is a feed that a page announces.
type Link struct {
	URL, Title string
	Comments   bool // by its name
}

var (
	textAnnounced = say.Text{
		EN:     "this address is a page, not a feed; the page announces this feed: %s",
		FR:     "cette adresse est une page, pas un fil RSS; la page annonce ce fil RSS\u00a0: %s",
		France: "cette adresse est une page, pas un flux RSS; la page annonce ce flux RSS\u00a0: %s",
	}
	textLogin = say.Text{
		EN:     "this address asks for a password instead of giving a feed; use an address that everybody can read",
		FR:     "cette adresse demande un mot de passe au lieu de donner un fil RSS; indiquez une adresse que tout le monde peut lire",
		France: "cette adresse demande un mot de passe au lieu de donner un flux RSS; indiquez une adresse que tout le monde peut lire",
	}
	textPage = say.Text{
		EN:     "this address is a page, not a feed, and the page announces no feed; use the feed’s own address, or ask the people who run the site for it",
		FR:     "cette adresse est une page, pas un fil RSS, et la page n’annonce aucun fil RSS; indiquez l’adresse du fil RSS lui-même, ou demandez-la aux responsables du site",
		France: "cette adresse est une page, pas un flux RSS, et la page n’annonce aucun flux RSS; indiquez l’adresse du flux RSS lui-même, ou demandez-la aux responsables du site",
	}
)

// maxTold is how many feeds of a page are named to a person.
const maxTold = 5

// In is the sentence in l.
func (p *Page) In(l say.Lang) string {
	switch {
	case len(p.Feeds) > 0:
		return textAnnounced.In(l, strings.Join(p.told(), ", "))
	case p.Login:
		return textLogin.In(l)
	}
	return textPage.In(l)
}

func (p *Page) told() []string {
	var some []string
	for _, f := range p.Feeds[:min(len(p.Feeds), maxTold)] {
		some = append(some, f.URL)
	}
	return some
}

func (p *Page) Error() string { return p.In(say.English) }

// maxHead is how far into a page its announcements are looked for.
const maxHead = 512 << 10

// door knows the address of a page where one signs in.
var door = regexp.MustCompile(`(?i)(^|[/._-])(log-?in|sign-?in|connexion|authentification|auth|sso|ouvrir-une-session)([/._-]|$)`)

// readPage finds what a page announces. from.Comments tells which feed is best.
func readPage(markup []byte, from Origin) *Page {
	p := &Page{}
	defer func() { p.Login = p.Login && len(p.Feeds) == 0 }()
	base, err := url.Parse(from.URL)
	if err != nil {
		base = &url.URL{}
	}
	p.Login = door.MatchString(base.Path)
	z := html.NewTokenizer(bytes.NewReader(markup[:min(len(markup), maxHead)]))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return p
		case html.StartTagToken, html.SelfClosingTagToken:
			base = p.tag(z, base, from)
		}
	}
}

func (p *Page) tag(z *html.Tokenizer, base *url.URL, from Origin) *url.URL {
	name, more := z.TagName()
	tag := string(name)
	if tag != "link" && tag != "input" && tag != "base" && tag != "meta" {
		return base
	}
	attrs := map[string]string{}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		attrs[string(key)] = string(value)
	}
	switch {
	case tag == "input" && strings.EqualFold(attrs["type"], "password"):
		p.Login = true
	case tag == "base":
		if u, err := base.Parse(attrs["href"]); err == nil {
			return u
		}
	case tag == "link" && attrs["rel"] == "https://api.w.org/", tag == "meta" && strings.EqualFold(attrs["name"], "generator") && strings.HasPrefix(attrs["content"], "WordPress"):
		p.WordPress = true
	case tag == "link" && announces(attrs):
		p.announce(attrs, base, from)
	}
	return base
}

func (p *Page) announce(attrs map[string]string, base *url.URL, from Origin) {
	found := reader{base: base}.resolve(attrs["href"])
	if found == "" || found == from.URL {
		return
	}
	comments := strings.Contains(strings.ToLower(attrs["href"]+" "+attrs["title"]), "comment")
	p.Feeds = append(p.Feeds, Link{URL: found, Title: strings.TrimSpace(attrs["title"]), Comments: comments})
	if p.Best == "" && comments == from.Comments {
		p.Best = found
	}
}

// announces knows a feed by its type. Plain application/json is left out: it is
// what WordPress announces its programming interface by.
func announces(attrs map[string]string) bool {
	alternate := false
	for rel := range strings.FieldsSeq(strings.ToLower(attrs["rel"])) {
		alternate = alternate || rel == "alternate" || rel == "feed"
	}
	kind, _, _ := strings.Cut(strings.ToLower(attrs["type"]), ";")
	switch strings.TrimSpace(kind) {
	case "application/rss+xml", "application/atom+xml", "application/feed+json":
		return alternate
	}
	return false
}
