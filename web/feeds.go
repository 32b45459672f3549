package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// Feeds (Atom, RFC 4287): what a watch found, and all stories, a story once, for
// whoever prefers to read in a feed reader. A reader has no session: it gives the
// page's password by HTTP Basic, and slowly when it is wrong, as at the door.
// An entry is news again only when its story was corrected or taken back; how many
// outlets tell it changes its text alone.

const (
	feedEntries = 50
	feedSearch  = 200 // mentions that the entries of a watch are made of
	feedSpan    = 30 * 24 * time.Hour
	feedExcerpt = 400 // characters of a text
)

var (
	feedOutlets = say.Text{EN: "Picked up by %d outlets: %s.", FR: "Reprise par %d médias\u00a0: %s."}
	feedRelated = say.Text{EN: "Related story: %s", FR: "Nouvelle liée\u00a0: %s", France: "Actualité liée\u00a0: %s"}
	feedChanges = map[alerting.Change]say.Text{
		alerting.Corrected: {EN: "Corrected: %s", FR: "Corrigée\u00a0: %s"},
		alerting.Retracted: {EN: "Taken back: %s", FR: "Retirée\u00a0: %s"},
	}
)

// Feed is the address of a watch's feed.
func (w Watch) Feed() string { return "/feeds/watch/" + url.PathEscape(w.Name) + ".atom" }

// feedEntry is a story, or a mention that is in none, as a feed tells it.
type feedEntry struct {
	alerting.Story // no members for a mention alone
	mention.Mention
	change  alerting.Change
	updated time.Time // when it last changed for a reader
	touched time.Time // when anything of it last changed
}

// watchFeed is what a watch found, the newest first.
func (s *Server) watchFeed(w http.ResponseWriter, r *http.Request) {
	name, atom := strings.CutSuffix(r.PathValue("file"), ".atom")
	status := s.Status(r.Context())
	at := slices.IndexFunc(status.Watches, func(w Watch) bool { return w.Name == name })
	if !atom || at < 0 {
		http.Error(w, "there is no such feed", http.StatusNotFound)
		return
	}
	watch := status.Watches[at]
	entries, err := s.entriesOfWatch(r.Context(), name)
	if err != nil {
		s.noFeed(w, r, err)
		return
	}
	s.serveFeed(w, r, feedOf{Title: cmp.Or(watch.Title, watch.Name), Path: watch.Feed(), Page: "/?watch=" + escape(name), Entries: entries})
}

// storiesFeed is the stories of all watches, those that got a member last in front.
func (s *Server) storiesFeed(w http.ResponseWriter, r *http.Request) {
	stories, err := s.Stories.NewestStories(r.Context(), s.Now().Add(-feedSpan), feedEntries)
	var entries []feedEntry
	if err == nil {
		entries, err = s.entriesOf(r.Context(), "", stories)
	}
	if err != nil {
		s.noFeed(w, r, err)
		return
	}
	s.serveFeed(w, r, feedOf{Title: words["feed.stories"].In(s.Status(r.Context()).Lang), Path: "/feeds/stories.atom", Page: "/", Entries: entries})
}

func (s *Server) noFeed(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() == nil {
		s.Log.Error("feed failed", "path", logged(r), "err", err)
	}
	said := "this cannot be answered now; the log says why"
	if trouble := s.away(err); trouble != nil {
		said = say.Explain(trouble, s.lang(r))
	}
	http.Error(w, said, http.StatusServiceUnavailable)
}

// entriesOfWatch are the stories of what the watch found last, and the mentions
// among it that are in none: what people say at home.
func (s *Server) entriesOfWatch(ctx context.Context, watch string) ([]feedEntry, error) {
	found, _, err := s.Mentions.Search(ctx, store.Question{Watches: []string{watch}, News: true}, feedSearch, "")
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(found))
	for i, m := range found {
		ids[i] = m.ID
	}
	of, err := s.Stories.StoriesOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	var stories []alerting.Story
	var alone []feedEntry
	for _, m := range found {
		switch story, joined := of[m.ID]; {
		case !joined:
			alone = append(alone, feedEntry{Mention: m, updated: m.SeenAt, touched: m.Current().At})
		case !slices.ContainsFunc(stories, func(known alerting.Story) bool { return known.ID == story.ID }):
			stories = append(stories, story)
		}
	}
	entries, err := s.entriesOf(ctx, watch, stories)
	if err != nil {
		return nil, err
	}
	return newestEntries(append(entries, alone...)), nil
}

func newestEntries(entries []feedEntry) []feedEntry {
	slices.SortStableFunc(entries, func(a, b feedEntry) int { return b.updated.Compare(a.updated) })
	return entries[:min(len(entries), feedEntries)]
}

// tellersMost is how many members of a story are tried to tell it: the first may
// have been deleted at its place.
const tellersMost = 3

// entriesOf are stories in the words of the member that changed them last, or else
// of the first that is news to a watch ("" for any). A story that is history, or
// of which no teller is left, is no entry.
func (s *Server) entriesOf(ctx context.Context, watch string, stories []alerting.Story) ([]feedEntry, error) {
	var ids []string
	tellers := make([][]alerting.Member, len(stories))
	for i, story := range stories {
		tellers[i] = tellersOf(story, watch)
		for _, m := range tellers[i] {
			ids = append(ids, m.Mention)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, _, err := s.Mentions.Search(ctx, store.Question{IDs: ids}, len(ids), "")
	if err != nil {
		return nil, err
	}
	byID := map[string]mention.Mention{}
	for _, m := range found {
		byID[m.ID] = m
	}
	var entries []feedEntry
	for i, story := range stories {
		for _, teller := range tellers[i] {
			if m, kept := byID[teller.Mention]; kept {
				entries = append(entries, feedEntry{Story: story, Mention: m, change: teller.Change, updated: teller.SeenAt, touched: story.LastSeen()})
				break
			}
		}
	}
	return newestEntries(entries), nil
}

// tellersOf are the members that may tell a story, the best first.
func tellersOf(story alerting.Story, watch string) []alerting.Member {
	var tellers []alerting.Member
	for _, m := range story.Members {
		if !m.History && (watch == "" || slices.Contains(m.Watches, watch)) && len(tellers) < tellersMost {
			tellers = append(tellers, m)
		}
	}
	if len(tellers) == 0 {
		return nil
	}
	for _, m := range slices.Backward(story.Members) {
		if m.Change != alerting.Unchanged {
			return append([]alerting.Member{m}, tellers...)
		}
	}
	return tellers
}

// feedOf is a feed before it is written.
type feedOf struct {
	Title, Path, Page string
	Entries           []feedEntry
}

// The elements of Atom that we write.
type (
	atomFeed struct {
		XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
		Lang    string      `xml:"xml:lang,attr"`
		ID      string      `xml:"id"`
		Title   string      `xml:"title"`
		Updated string      `xml:"updated"`
		Author  atomName    `xml:"author"`
		Links   []atomLink  `xml:"link"`
		Maker   string      `xml:"generator"`
		Entries []atomEntry `xml:"entry"`
	}
	atomEntry struct {
		ID         string         `xml:"id"`
		Title      string         `xml:"title"`
		Updated    string         `xml:"updated"`
		Published  string         `xml:"published,omitempty"`
		Author     atomName       `xml:"author"`
		Links      []atomLink     `xml:"link"`
		Categories []atomCategory `xml:"category"`
		Summary    atomText       `xml:"summary"`
	}
	atomName struct {
		Name string `xml:"name"`
	}
	atomLink struct {
		Rel  string `xml:"rel,attr"`
		Type string `xml:"type,attr,omitempty"`
		Href string `xml:"href,attr"`
	}
	atomCategory struct {
		Term  string `xml:"term,attr"`
		Label string `xml:"label,attr,omitempty"`
	}
	atomText struct {
		Lang string `xml:"xml:lang,attr,omitempty"`
		Text string `xml:",chardata"`
	}
)

const (
	atomType = "application/atom+xml"
	htmlType = "text/html"
)

// serveFeed writes a feed, or says that nothing of it changed.
func (s *Server) serveFeed(w http.ResponseWriter, r *http.Request, f feedOf) {
	status := s.Status(r.Context())
	base := s.base(r)
	out := atomFeed{Lang: string(status.Lang), ID: s.tag("feed", f.Path), Title: f.Title, Author: atomName{"ouidire"}, Maker: "ouidire",
		Links: []atomLink{{"self", atomType, base + f.Path}, {"alternate", htmlType, base + f.Page}}}
	if status.Organisation != "" {
		out.Title = status.Organisation + " · " + f.Title
	}
	updated, touched := time.Unix(0, 0), time.Unix(0, 0) // of a feed that has nothing to say yet
	for _, e := range f.Entries {
		out.Entries = append(out.Entries, s.atomEntry(e, status, base))
		updated, touched = latest(updated, e.updated), latest(touched, e.touched)
	}
	out.Updated = atomTime(updated)
	body, err := xml.Marshal(out)
	if err != nil {
		s.noFeed(w, r, fmt.Errorf("write a feed: %w", err))
		return
	}
	body = append([]byte(xml.Header), body...)
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("Content-Type", atomType+"; charset=utf-8")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", latest(touched, updated), bytes.NewReader(body))
}

// atomEntry is one entry. What the web wrote stays text: Atom's text is never markup.
func (s *Server) atomEntry(e feedEntry, status Status, base string) atomEntry {
	v := e.Current()
	out := atomEntry{ID: s.tag("mention", e.Mention.ID), Title: cmp.Or(alerting.Masked(v.Title, feedExcerpt), alerting.Masked(v.Text, 100), e.URL, e.Mention.ID),
		Updated: atomTime(latest(e.updated, e.PublishedAt)), Author: atomName{cmp.Or(alerting.Plain(e.Author.Name, 100), e.Source)},
		Links:   []atomLink{{"alternate", htmlType, base + "/mentions/" + url.PathEscape(e.Mention.ID)}},
		Summary: atomText{e.Lang, alerting.Masked(v.Text, feedExcerpt)}}
	if !e.PublishedAt.IsZero() {
		out.Published = atomTime(e.PublishedAt)
	}
	if e.Lang == "other" {
		out.Summary.Lang = ""
	}
	if u, err := url.Parse(e.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
		out.Links = append(out.Links, atomLink{"via", "", u.String()})
	}
	for _, w := range status.Watches {
		if slices.Contains(e.Story.Watches, w.Name) || slices.Contains(e.Mention.Watches(), w.Name) {
			out.Categories = append(out.Categories, atomCategory{w.Name, w.Title})
		}
	}
	if len(e.Members) > 0 {
		s.tellStory(&out, e, status.Lang, base)
	}
	return out
}

// tellStory says of an entry who told the story, and what became of it.
func (s *Server) tellStory(out *atomEntry, e feedEntry, l say.Lang, base string) {
	out.ID = s.tag("story", e.Story.ID)
	out.Links[0].Href = base + "/stories/" + url.PathEscape(e.Story.ID)
	if text, changed := feedChanges[e.change]; changed {
		out.Title = text.In(l, out.Title)
	}
	said := []string{out.Summary.Text}
	if n := e.Outlets(); n > 1 {
		said = append(said, feedOutlets.In(l, n, strings.Join(outletsOf(e.Story), ", ")))
	}
	for _, m := range e.Members {
		if m.Related != "" {
			said = append(said, feedRelated.In(l, base+"/stories/"+url.PathEscape(m.Related)))
			break
		}
	}
	out.Summary.Text = strings.TrimSpace(strings.Join(said, "\n\n"))
}

// outletsNamed is how many outlets an entry names.
const outletsNamed = 12

func outletsOf(story alerting.Story) []string {
	var outlets []string
	for _, m := range story.Members {
		switch {
		case slices.Contains(outlets, m.Outlet):
		case len(outlets) == outletsNamed:
			return append(outlets, "…")
		default:
			outlets = append(outlets, m.Outlet)
		}
	}
	return outlets
}

// base is the page's address as the reader reached it, or as configured.
func (s *Server) base(r *http.Request) string {
	switch {
	case s.Address != "":
		return strings.TrimSuffix(s.Address, "/")
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// tag is a name for ever (RFC 4151): by the configured host, however the page was reached.
func (s *Server) tag(kind, name string) string {
	host := "localhost"
	if u, err := url.Parse(s.Address); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	return "tag:" + host + ",2026:" + kind + "/" + url.PathEscape(strings.TrimPrefix(name, "/"))
}

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
