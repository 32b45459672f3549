// Package teams posts messages into Microsoft Teams through the webhook of a workflow
// (Power Automate), as an adaptive card.
//
// A card is made of text runs, in which Teams looks for no markup: **bold** keeps its
// stars and <at> calls nobody. A card of more than 28 kB is refused, so a long message
// is cut. The key of a message is the id of its first block. A workflow answers 202
// before it has posted: that it is broken afterwards, only a test message shows.
package teams

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/config"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	URL config.Secret `yaml:"url" required:"true" doc:"The address of the workflow; whoever knows it can post." fr:"L’adresse du flux de travail; qui la connaît peut publier." example:"${OUIDIRE_TEAMS_URL}"`
}

// Default is a channel without an address.
func Default() Config { return Config{} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	return notify.CheckAddress("url", c.URL.Reveal(), "${OUIDIRE_TEAMS_URL}")
}

// Notifier posts to one workflow.
type Notifier struct {
	url    config.Secret
	client *notify.Client
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	return &Notifier{url: c.URL, client: notify.NewClient(d)}, nil
}

// Recipients is whoever reads what the workflow posts.
func (n *Notifier) Recipients() string { return notify.Recipients(n.url.Reveal()) }

// Notify posts the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	body, err := notify.JSON(write(m))
	if err != nil {
		return alerting.Permanent(err)
	}
	_, err = n.client.Post(ctx, notify.Request{Address: n.url.Reveal(), Body: body, Header: map[string]string{"Idempotency-Key": m.Key}})
	return err
}

// envelope is what a workflow takes.
type envelope struct {
	Type        string       `json:"type"`
	Summary     string       `json:"summary"` // what a lock screen shows
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string  `json:"contentType"`
	ContentURL  *string `json:"contentUrl"`
	Content     card    `json:"content"`
}

type card struct {
	Schema   string   `json:"$schema"`
	Type     string   `json:"type"`
	Version  string   `json:"version"`
	Fallback string   `json:"fallbackText"`
	Body     []block  `json:"body"`
	Actions  []action `json:"actions,omitempty"`
	Teams    width    `json:"msteams"`
}

type width struct {
	Width string `json:"width"`
}

type block struct {
	Type    string `json:"type"`
	ID      string `json:"id,omitempty"`
	Spacing string `json:"spacing,omitempty"`
	Inlines []run  `json:"inlines"`
}

type run struct {
	Type   string  `json:"type"`
	Text   string  `json:"text"`
	Size   string  `json:"size,omitempty"`
	Weight string  `json:"weight,omitempty"`
	Color  string  `json:"color,omitempty"`
	Open   *action `json:"selectAction,omitempty"`
}

type action struct {
	Type  string `json:"type"`
	Title string `json:"title,omitempty"`
	URL   string `json:"url"`
}

const (
	cardMost = 28 << 10 // what Teams takes, all told
	bodyMost = 20_000   // of it, for the lines of a message
	lineCost = 90       // of what stands around a line
	idMost   = 255
)

// weight is how many bytes a piece of text takes in a card.
func weight(piece string) int {
	spelled, err := json.Marshal(piece)
	if err != nil {
		return len(piece) * 6
	}
	return len(spelled) - len(`""`) + strings.Count(piece, "\n")*lineCost
}

func write(m alerting.Message) envelope {
	subject := cmp.Or(notify.Subject(m), "ouidire")
	id := notify.Visible(m.Key)
	body := []block{{Type: "RichTextBlock", ID: id[:min(len(id), idMost)],
		Inlines: []run{{Type: "TextRun", Text: subject, Size: "Large", Weight: "Bolder", Color: color(m)}}}}
	for i, line := range strings.Split(notify.Text(m, bodyMost, weight), "\n") {
		spacing := "None"
		if i == 0 || line == "" {
			spacing = "Medium"
		}
		body = append(body, block{Type: "RichTextBlock", Spacing: spacing, Inlines: runs(line)})
	}
	c := card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", Fallback: subject, Body: body, Teams: width{"Full"}}
	if m.Link != "" {
		c.Actions = []action{{Type: "Action.OpenUrl", Title: notify.Open(m.Lang), URL: m.Link}}
	}
	for _, b := range m.Buttons {
		c.Actions = append(c.Actions, action{Type: "Action.OpenUrl", Title: notify.Button(b.Act, m.Lang), URL: b.Link})
	}
	return envelope{Type: "message", Summary: subject, Attachments: []attachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: c}}}
}

func color(m alerting.Message) string {
	switch {
	case m.Over:
		return "Good"
	case m.Severity == alerting.Urgent:
		return "Attention"
	case m.Severity == alerting.Watch:
		return "Warning"
	}
	return "Default"
}

// runs are the words of a line; an address among them can be opened.
func runs(line string) []run {
	all := []run{}
	for _, p := range notify.Links(line) {
		r := run{Type: "TextRun", Text: p.Text}
		if p.Address != "" {
			r.Open = &action{Type: "Action.OpenUrl", URL: p.Address}
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		all = append(all, run{Type: "TextRun", Text: " "}) // a block without a run is none
	}
	return all
}
