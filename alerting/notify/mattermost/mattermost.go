// Package mattermost posts messages into Mattermost through an incoming webhook.
//
// A post is Markdown. Whatever a stranger wrote is spelled so that it shows as it was
// written: marks are escaped, and an invisible character after @ keeps @channel and
// @all from calling everybody. A post is at most 16,383 characters long. Its key
// travels as Idempotency-Key and in the post's properties.
package mattermost

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/config"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	URL          config.Secret `yaml:"url" required:"true" doc:"The address of an incoming webhook; whoever knows it can post." fr:"L’adresse d’un webhook entrant; qui la connaît peut publier." example:"${OUIDIRE_MATTERMOST_URL}"`
	Conversation string        `yaml:"conversation" doc:"Where it is posted; the place that the webhook was made for when left out. As Mattermost names it in its address, or @ and a user." fr:"Où publier; là où mène le webhook, par défaut. Le nom qui figure dans l’adresse de Mattermost, ou @ et un compte." example:"relations-publiques"`
}

// Default is a channel without an address.
func Default() Config { return Config{} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	return notify.CheckAddress("url", c.URL.Reveal(), "${OUIDIRE_MATTERMOST_URL}")
}

// Notifier posts through one webhook.
type Notifier struct {
	config Config
	client *notify.Client
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	return &Notifier{config: c, client: notify.NewClient(d)}, nil
}

// Recipients is whoever reads what is posted there.
func (n *Notifier) Recipients() string {
	return notify.Recipients(n.config.URL.Reveal(), n.config.Conversation)
}

// post is the body of a webhook.
type post struct {
	Text     string            `json:"text"`
	Channel  string            `json:"channel,omitempty"`
	Username string            `json:"username"` // where the server lets webhooks choose
	Props    map[string]string `json:"props"`
	Priority *priority         `json:"priority,omitempty"`
}

type priority struct {
	Priority string `json:"priority"`
}

const bodyMost = 15_000 // characters, beside a subject and a link within 16,383

// Notify posts the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	p := post{Text: write(m), Channel: n.config.Conversation, Username: "ouidire", Props: map[string]string{"ouidire_key": notify.Visible(m.Key)}}
	if m.Severity == alerting.Urgent && !m.Over {
		p.Priority = &priority{"urgent"}
	}
	body, err := notify.JSON(p)
	if err != nil {
		return alerting.Permanent(err)
	}
	_, err = n.client.Post(ctx, notify.Request{Address: n.config.URL.Reveal(), Body: body, Header: map[string]string{"Idempotency-Key": m.Key}})
	return err
}

// write is the post: the subject in bold, the body, and a link to the page.
func write(m alerting.Message) string {
	parts := []string{"**" + marked(notify.Subject(m)) + "**", marked(notify.Text(m, bodyMost, func(s string) int { return utf8.RuneCountInString(escaped(s)) }))}
	if m.Link != "" {
		links := []string{"[" + notify.Open(m.Lang) + "](" + m.Link + ")"}
		for _, b := range m.Buttons {
			links = append(links, "["+notify.Button(b.Act, m.Lang)+"]("+b.Link+")")
		}
		parts = append(parts, strings.Join(links, " · "))
	}
	return strings.Join(parts, "\n\n")
}

// marked is text in Markdown, in which addresses can be opened and nothing else acts.
func marked(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		var out strings.Builder
		for _, p := range notify.Links(line) {
			if p.Address != "" {
				out.WriteString("<" + p.Address + ">")
			} else {
				out.WriteString(escaped(p.Text))
			}
		}
		lines[i] = out.String()
	}
	return strings.Join(lines, "\n")
}

// silencer keeps @ from calling anybody: it is a word joiner, which nobody sees.
const silencer = "\u2060"

// escaped puts a backslash before every mark: Markdown then shows the mark.
func escaped(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r < utf8.RuneSelf && strings.ContainsRune("\\`*_{}[]()#+-.!|~<>&:$\"'=/^", r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
		if r == '@' {
			out.WriteString(silencer)
		}
	}
	return out.String()
}
