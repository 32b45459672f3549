// Package demo is the invented world of the demonstration: a press of twelve
// places and the people who comment under a blog, served over HTTP on loopback
// under names of their own, where items appear, change and cannot be read as time
// goes by. The line that reads them is the real one.
//
// The texts are in script/, written by hand; script.go says how they are marked.
// The chapters are what a person is told while ten weeks go by on the screen.
package demo

import (
	"context"
	"encoding/xml"
	"fmt"
	"html"
	"math"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Outlet is one place of the invented press.
type Outlet struct {
	Name, Title string
	Host        string // a name that exists nowhere else
	Lang        string
	Own         bool // the organisation's own
	Comments    bool
}

// Outlets are the places, in order.
func Outlets() []Outlet {
	return []Outlet{
		{Name: "echo", Title: "L’Écho des Moyacs", Host: "echo-des-moyacs.example", Lang: "fr-CA"},
		{Name: "radio", Title: "Radio Moyac", Host: "radio-moyac.example", Lang: "fr-CA"},
		{Name: "agence", Title: "Agence Brumelin", Host: "agence-brumelin.example", Lang: "fr-CA"},
		{Name: "gazette", Title: "The Moyac Gazette", Host: "moyac-gazette.example", Lang: "en-CA"},
		{Name: "mouvement", Title: "Mouvement Valtisse, salle de presse et consignes", Host: "mouvement-valtisse.example", Lang: "fr-CA"},
		{Name: "brulis", Title: "Caisse Valtisse du Brûlis-d’en-Haut", Host: "caisse-brulis.example", Lang: "fr-CA"},
		{Name: "nordelune", Title: "Banque Nordelune, nouvelles", Host: "banque-nordelune.example", Lang: "fr-CA"},
		{Name: "fil", Title: "Le Fil côtier, revue de la presse régionale", Host: "fil-cotier.example", Lang: "fr-CA"},
		{Name: "ville", Title: "Ville de l’Anse-aux-Moyacs", Host: "ville-anse-moyacs.example", Lang: "fr-CA"},
		{Name: "harfangs", Title: "Les Harfangs de l’Anse, hockey", Host: "harfangs-anse.example", Lang: "fr-CA"},
		{Name: "blogue", Title: "Le blogue de la Caisse", Host: "caisse-valtisse.example", Lang: "fr-CA", Own: true},
		{Name: "commentaires", Title: "Les commentaires du blogue", Host: "caisse-valtisse.example", Lang: "fr-CA", Own: true, Comments: true},
	}
}

// Feed is the address of the outlet's feed.
func (o Outlet) Feed() string { return "http://" + o.Host + "/" + o.Name + "/feed" }

func outlet(name string) (Outlet, bool) {
	i := slices.IndexFunc(Outlets(), func(o Outlet) bool { return o.Name == name })
	if i < 0 {
		return Outlet{}, false
	}
	return Outlets()[i], true
}

// Press serves the outlets. Items whose time has not come are not there yet.
type Press struct {
	script *Script
	now    func() time.Time
}

// NewPress serves a script at the pace of a clock.
func NewPress(s *Script, now func() time.Time) *Press { return &Press{script: s, now: now} }

// ServeHTTP serves /OUTLET/feed and the page of each item.
func (p *Press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	now := p.now()
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	name, page, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	o, ok := outlet(name)
	switch {
	case !ok:
		http.NotFound(w, r)
	case p.script.isDown(o.Name, now):
		http.Error(w, "en panne", http.StatusBadGateway)
	case page == "feed":
		p.serveFeed(w, r, o, now)
	default:
		p.servePage(w, r, o, now)
	}
}

// feedLength is how many items a feed shows, as most do.
const feedLength = 60

// visible are an outlet's items that have appeared, newest first, as they read now.
func (p *Press) visible(o Outlet, now time.Time) (found []item) {
	for _, it := range slices.Backward(p.script.items) {
		if it.outlet == o.Name && !it.at.After(now) && len(found) < feedLength {
			found = append(found, it)
		}
	}
	return found
}

type rss struct {
	XMLName xml.Name  `xml:"rss"`
	Version string    `xml:"version,attr"`
	Title   string    `xml:"channel>title"`
	Link    string    `xml:"channel>link"`
	Lang    string    `xml:"channel>language"`
	Items   []rssItem `xml:"channel>item"`
}

type rssItem struct {
	Title   string `xml:"title"`
	Link    string `xml:"link"`
	GUID    string `xml:"guid"`
	Author  string `xml:"http://purl.org/dc/elements/1.1/ creator,omitempty"`
	Date    string `xml:"pubDate"`
	Content string `xml:"description"`
}

func (p *Press) serveFeed(w http.ResponseWriter, r *http.Request, o Outlet, now time.Time) {
	next := p.script.next(o.Name, now)
	etag := fmt.Sprintf(`"%s-%d"`, o.Name, p.script.changes(o.Name, now))
	w.Header().Set("ETag", etag)
	w.Header().Set("Cache-Control", fmt.Sprintf("max-age=%.0f", math.Ceil(next.Sub(now).Seconds())))
	if r.Header.Get("If-None-Match") == etag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	feed := rss{Version: "2.0", Title: o.Title, Link: "http://" + o.Host, Lang: o.Lang}
	for _, it := range p.visible(o, now) {
		feed.Items = append(feed.Items, p.entry(o, it, now))
	}
	w.Header().Set("Content-Type", "application/rss+xml; charset=utf-8")
	_ = xml.NewEncoder(w).Encode(feed) // a reader that went away gets no more
}

// entry is an item of a feed, a comment as WordPress writes it: one that answers
// another begins with a link to it.
func (p *Press) entry(o Outlet, it item, now time.Time) rssItem {
	v := it.version(now)
	e := rssItem{Title: v.title, Link: it.link, GUID: it.link, Author: it.author, Date: it.dated.Format(time.RFC1123Z)}
	if o.Comments {
		e.Title = "Commentaire de " + it.author
		if it.answers != "" {
			e.Content = fmt.Sprintf(`<p>En réponse à <a href="%s">%s</a>.</p>`, it.answers, html.EscapeString(it.answered))
		}
	}
	e.Content += "<p>" + html.EscapeString(v.text) + "</p>"
	return e
}

func (p *Press) servePage(w http.ResponseWriter, r *http.Request, o Outlet, now time.Time) {
	for _, it := range p.visible(o, now) {
		if strings.HasSuffix(it.link, r.URL.Path) {
			v := it.version(now)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprintf(w, "<!doctype html><html lang=%s><title>%s</title><h1>%[2]s</h1><p>%s</p><p><small>%s</small></p>",
				o.Lang, html.EscapeString(v.title), html.EscapeString(v.text), html.EscapeString(o.Title))
			return
		}
	}
	http.NotFound(w, r)
}

// Net is the names of the press and the way to it, for a client that must reach
// nothing else: a resolver that knows no other name, and a dialer that leads to
// the press's listener.
type Net struct{ Listener net.Addr }

// LookupNetIP knows names that exist nowhere.
func (n Net) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	if strings.HasSuffix(strings.TrimSuffix(host, "."), ".example") {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
}

// Dial leads to the press, whatever the address.
func (n Net) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, n.Listener.Network(), n.Listener.String())
}
