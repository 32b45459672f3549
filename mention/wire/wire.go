// Package wire is how mentions read in JSON: on the command line, in exports and
// in the web API (answers.go). Field names are a contract; what is absent is left out, never
// null. Lines reads them back, or plain text; Schema describes any of our answers
// for other programs.
package wire

import (
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Version is the schema_version on the first object of a stream.
const Version = 1

// Mention is one mention as JSON.
type Mention struct {
	ID          string     `json:"id,omitempty"`
	Source      string     `json:"source,omitempty"`
	Place       string     `json:"place,omitempty"`
	Kind        string     `json:"kind,omitempty" enum:"article,post,comment,review"`
	URL         string     `json:"url,omitempty"`
	Title       string     `json:"title,omitempty"`
	Text        string     `json:"text,omitempty"`
	Author      *Author    `json:"author,omitempty"`
	Own         bool       `json:"own,omitempty"`
	Parent      string     `json:"parent,omitempty"`
	Thread      string     `json:"thread,omitempty"`
	PublishedAt time.Time  `json:"published_at,omitzero"`
	DateFrom    string     `json:"date_from,omitempty"`
	SeenAt      time.Time  `json:"seen_at,omitzero"`
	EditedAt    time.Time  `json:"edited_at,omitzero"`
	GoneAt      time.Time  `json:"gone_at,omitzero"`
	Lang        string     `json:"lang,omitempty" enum:"fr,en,other"`
	Watches     []Watch    `json:"watches,omitempty"`
	Sentiment   *Sentiment `json:"sentiment,omitempty"`
	Target      string     `json:"target,omitempty" enum:"brand,third,none"`
	Intent      string     `json:"intent,omitempty" enum:"question,complaint,suggestion,praise,information,provocation,other"`
	Story       string     `json:"story,omitempty" doc:"The id of the first mention of the story that it tells; absent where stories are not known."`
	Repaired    bool       `json:"repaired,omitempty"`
}

// Author is who wrote.
type Author struct {
	ID       string `json:"id,omitempty"`
	Name     string `json:"name,omitempty"`
	Audience int    `json:"audience,omitempty"`
}

// Watch is a watch that claims the mention, with the words that matched, as written.
type Watch struct {
	Watch string   `json:"watch"`
	Words []string `json:"words"`
}

// Sentiment is the reading that holds. The label is "" when it abstains.
type Sentiment struct {
	Label    string    `json:"label" enum:"negative,neutral,positive," doc:"Empty when it abstains."`
	Negative float64   `json:"negative"`
	Neutral  float64   `json:"neutral"`
	Positive float64   `json:"positive"`
	Sure     bool      `json:"sure"`
	Why      []string  `json:"why"`
	By       string    `json:"by"`
	At       time.Time `json:"at,omitzero"`
}

// Of is the JSON form of m: its newest version and the reading that holds.
func Of(m mention.Mention) Mention {
	current := m.Current()
	w := Mention{ID: m.ID, Source: m.Source, Place: m.Place, Kind: string(m.Kind), URL: m.URL, Own: m.Own,
		Title: current.Title, Text: current.Text, Parent: m.Parent, Thread: m.Thread,
		PublishedAt: m.PublishedAt.UTC(), DateFrom: m.DateFrom, SeenAt: m.SeenAt.UTC(), GoneAt: m.GoneAt.UTC(),
		Lang: m.Lang, Repaired: m.Repaired}
	if len(m.Versions) > 1 {
		w.EditedAt = current.At.UTC()
	}
	if m.Author != (mention.Author{}) {
		w.Author = &Author{ID: m.Author.ID, Name: m.Author.Name, Audience: m.Author.Audience}
	}
	for _, hit := range current.Hits {
		w.Watches = append(w.Watches, Watch{Watch: hit.Watch, Words: append([]string{}, hit.Words...)})
	}
	if r, ok := m.Reading(); ok {
		s := SentimentOf(r)
		w.Sentiment, w.Target, w.Intent = &s, string(r.Target), string(r.Intent)
	}
	return w
}

// SentimentOf is the JSON form of a reading.
func SentimentOf(r mention.Reading) Sentiment {
	return Sentiment{Label: string(r.Label), Negative: r.Negative, Neutral: r.Neutral, Positive: r.Positive,
		Sure: r.Sure, Why: append([]string{}, r.Why...), By: r.By, At: r.At.UTC()}
}

// Mention is what w says, as a mention of one version. Its readings and hits are
// left to the line.
func (w Mention) Mention() mention.Mention {
	m := mention.Mention{ID: w.ID, Source: w.Source, Place: w.Place, Kind: mention.Kind(w.Kind), Own: w.Own, URL: w.URL,
		Versions: []mention.Version{{Title: w.Title, Text: w.Text}}, Parent: w.Parent, Thread: w.Thread,
		PublishedAt: w.PublishedAt, DateFrom: w.DateFrom, SeenAt: w.SeenAt, GoneAt: w.GoneAt, Lang: w.Lang, Repaired: w.Repaired}
	if w.Author != nil {
		m.Author = mention.Author{ID: w.Author.ID, Name: w.Author.Name, Audience: w.Author.Audience}
	}
	return m
}
