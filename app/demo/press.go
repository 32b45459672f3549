// Package demo is the invented press that the demonstration listens to: four
// outlets and the comments of a blog, served over HTTP on loopback under names of
// their own, where items appear as time goes by. The line that reads them is real.
package demo

import (
	"context"
	_ "embed"
	"encoding/xml"
	"fmt"
	"html"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed stories.yml
var stories []byte

// story is one item of the invented press.
type story struct {
	Outlet   string `yaml:"outlet"`
	At       offset `yaml:"at"`
	Title    string `yaml:"title"`
	Text     string `yaml:"text"`
	On       string `yaml:"on"`       // of a comment: the title of what it answers
	Author   string `yaml:"author"`   // of a comment
	Replaces string `yaml:"replaces"` // the title that this one corrects
}

// offset is a duration that also counts days: "-9d", "20s".
type offset time.Duration

// UnmarshalYAML implements yaml.BytesUnmarshaler.
func (o *offset) UnmarshalYAML(text []byte) error {
	s := string(text)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		if _, err := fmt.Sscan(days, &n); err != nil {
			return err
		}
		*o = offset(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(s)
	*o = offset(d)
	return err
}

// Outlet is one place of the invented press.
type Outlet struct {
	Name, Title string
	Host        string // a name that exists nowhere else
	Own         bool   // the organisation's own
	Comments    bool
}

// Outlets are the places, in order.
func Outlets() []Outlet {
	return []Outlet{
		{Name: "echo", Title: "L’Écho des Moyacs", Host: "echo-des-moyacs.example"},
		{Name: "radio", Title: "Radio Moyac", Host: "radio-moyac.example"},
		{Name: "agence", Title: "Agence Brumelin", Host: "agence-brumelin.example"},
		{Name: "blogue", Title: "Le blogue de la Caisse", Host: "caisse-valtisse.example", Own: true},
		{Name: "commentaires", Title: "Les commentaires du blogue", Host: "caisse-valtisse.example", Own: true, Comments: true},
	}
}

// Feed is the address of the outlet's feed.
func (o Outlet) Feed() string { return "http://" + o.Host + "/" + o.Name + "/feed" }

// Press serves the outlets. Items whose time has not come are not there yet.
type Press struct {
	start   time.Time
	now     func() time.Time
	stories []story
}

// New reads the stories, which begin at start.
func New(start time.Time, now func() time.Time) (*Press, error) {
	p := &Press{start: start, now: now}
	if err := yaml.UnmarshalWithOptions(stories, &p.stories, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the stories of the demonstration: %w", err)
	}
	return p, nil
}

// ServeHTTP serves /OUTLET/feed and the page of each item.
func (p *Press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, page, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	o, ok := outlet(name)
	switch {
	case !ok:
		http.NotFound(w, r)
	case page == "feed":
		p.serveFeed(w, r, o)
	default:
		p.servePage(w, r, o, page)
	}
}

func outlet(name string) (Outlet, bool) {
	for _, o := range Outlets() {
		if o.Name == name {
			return o, true
		}
	}
	return Outlet{}, false
}

// Net is the names of the outlets and the way to their press, for a client that
// must reach nothing else: a resolver that knows no other name, and a dialer that
// leads to the press's listener.
type Net struct{ Listener net.Addr }

// LookupNetIP knows the outlets and nobody else.
func (n Net) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	for _, o := range Outlets() {
		if o.Host == strings.TrimSuffix(host, ".") {
			return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
		}
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// Dial leads to the press, whatever the address.
func (n Net) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, n.Listener.Network(), n.Listener.String())
}

// visible are an outlet's items that have appeared, newest first, the corrected replaced.
func (p *Press) visible(outlet string) []story {
	var found []story
	for _, s := range p.stories {
		if s.Outlet != outlet || p.start.Add(time.Duration(s.At)).After(p.now()) {
			continue
		}
		if s.Replaces != "" {
			for i := range found {
				if found[i].Title == s.Replaces {
					s.At = found[i].At
					found = append(found[:i], found[i+1:]...)
					break
				}
			}
		}
		found = append([]story{s}, found...)
	}
	return found
}

// path is the address of a story below its outlet: that of what it corrects.
func (p *Press) path(s story) string {
	for i, known := range p.stories {
		if known.Outlet == s.Outlet && (s.Replaces != "" && known.Title == s.Replaces || s.Replaces == "" && known == s) {
			o, _ := outlet(s.Outlet)
			return fmt.Sprintf("http://%s/%s/%d", o.Host, s.Outlet, i+1)
		}
	}
	return ""
}

// parent is the address of what a comment answers.
func (p *Press) parent(s story) string {
	for _, known := range p.stories {
		if known.Outlet == "blogue" && known.Title == s.On {
			return p.path(known)
		}
	}
	return ""
}

type rss struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Title   string   `xml:"channel>title"`
	Link    string   `xml:"channel>link"`
	Lang    string   `xml:"channel>language"`
	Items   []item   `xml:"channel>item"`
}

type item struct {
	Title   string `xml:"title"`
	Link    string `xml:"link"`
	GUID    string `xml:"guid"`
	Author  string `xml:"http://purl.org/dc/elements/1.1/ creator,omitempty"`
	Date    string `xml:"pubDate"`
	Content string `xml:"description"`
}

func (p *Press) serveFeed(w http.ResponseWriter, r *http.Request, o Outlet) {
	feed := rss{Version: "2.0", Title: o.Title, Link: "http://" + o.Host, Lang: "fr-CA"}
	for _, s := range p.visible(o.Name) {
		link, title := p.path(s), s.Title
		if o.Comments {
			link, title = fmt.Sprintf("%s#comment-%s", p.parent(s), link[strings.LastIndexByte(link, '/')+1:]), "Commentaire de "+s.Author
		}
		feed.Items = append(feed.Items, item{Title: title, Link: link, GUID: link, Author: s.Author,
			Date: p.start.Add(time.Duration(s.At)).Format(time.RFC1123Z), Content: "<p>" + html.EscapeString(s.Text) + "</p>"})
	}
	etag := fmt.Sprintf(`"%s-%d-%d"`, o.Name, p.start.Unix(), p.appeared(o.Name))
	w.Header().Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	_ = xml.NewEncoder(w).Encode(feed) // a reader that went away gets no more
}

// appeared counts an outlet's items that have appeared, the corrected too.
func (p *Press) appeared(outlet string) (n int) {
	for _, s := range p.stories {
		if s.Outlet == outlet && !p.start.Add(time.Duration(s.At)).After(p.now()) {
			n++
		}
	}
	return n
}

func (p *Press) servePage(w http.ResponseWriter, r *http.Request, o Outlet, page string) {
	for _, s := range p.visible(o.Name) {
		if strings.HasSuffix(p.path(s), "/"+o.Name+"/"+page) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<!doctype html><html lang=fr><title>%s</title><h1>%s</h1><p>%s</p><p><small>%s</small></p>",
				html.EscapeString(s.Title), html.EscapeString(s.Title), html.EscapeString(s.Text), html.EscapeString(o.Title))
			return
		}
	}
	http.NotFound(w, r)
}
