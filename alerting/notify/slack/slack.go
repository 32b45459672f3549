// Package slack writes messages into a Slack channel, in one of two ways.
//
// An incoming webhook takes one message after the other. With the token of an app
// (chat:write) one situation is one thread: its first message stands in the channel,
// what follows answers it, an urgent one is shown in the channel again, and the
// title of the first says how things stand (chat.postMessage, chat.update).
//
// Words are sent as rich text and plain text, in which Slack looks for no command:
// <!channel> is nine characters, *bold* is not bold. The message is at most 3,000
// characters long. Its key is the id of its first block.
package slack

import (
	"cmp"
	"context"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	URL          config.Secret `yaml:"url" doc:"The address of an incoming webhook; or give a token and a conversation." fr:"L’adresse d’un webhook entrant; ou donnez un jeton et une conversation." example:"${OUIDIRE_SLACK_URL}"`
	Token        config.Secret `yaml:"token" doc:"The token of an app, for one thread for each situation; it begins with xoxb-." fr:"Le jeton d’une application, pour une conversation par situation; il commence par xoxb-." example:"${OUIDIRE_SLACK_TOKEN}"`
	Conversation string        `yaml:"conversation" doc:"Where the app writes; the ID at the end of the details of the Slack channel." fr:"Où l’application écrit; l’identifiant au bas des détails du canal, dans Slack." example:"C0123456789"`
}

// Default is a channel without an address.
func Default() Config { return Config{} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	all := notify.CheckAddress("url", c.URL.Reveal(), "${OUIDIRE_SLACK_URL}")
	if c.URL.IsZero() == c.Token.IsZero() {
		all = append(all, config.Problem{Key: "url", Example: "${OUIDIRE_SLACK_URL}",
			Text: say.Text{EN: "give the address of a webhook, or a token with a conversation, not both", FR: "donnez l’adresse d’un webhook, ou un jeton avec une conversation, pas les deux"}})
	}
	if c.Token.IsZero() != (c.Conversation == "") {
		all = append(all, config.Problem{Key: "conversation", Example: "C0123456789",
			Text: say.Text{EN: "token and conversation go together", FR: "token et conversation vont ensemble"}})
	}
	return all
}

// Notifier writes to one Slack channel.
type Notifier struct {
	config  Config
	api     string // the Web API
	client  *notify.Client
	threads *threads
	deps    alerting.Deps
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked. It contacts nobody.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	return &Notifier{config: c, api: "https://slack.com/api", client: notify.NewClient(d), deps: d,
		threads: &threads{keep: d.Keep, key: threadsKey + c.Conversation}}, nil
}

// Recipients is the Slack channel.
func (n *Notifier) Recipients() string {
	if n.config.URL.IsZero() {
		return n.config.Conversation
	}
	return notify.Recipients(n.config.URL.Reveal())
}

// Notify writes the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	if n.config.URL.IsZero() {
		return n.inThread(ctx, m)
	}
	body, err := notify.JSON(write(m))
	if err != nil {
		return alerting.Permanent(err)
	}
	_, err = n.client.Post(ctx, notify.Request{Address: n.config.URL.Reveal(), Body: body})
	return err
}

// message is what Slack calls a message payload.
type message struct {
	Text        string  `json:"text"` // what a lock screen shows
	Blocks      []block `json:"blocks"`
	UnfurlLinks bool    `json:"unfurl_links"`
	UnfurlMedia bool    `json:"unfurl_media"`

	// Of the Web API alone.
	Channel   string `json:"channel,omitempty"`
	Thread    string `json:"thread_ts,omitempty"`
	Broadcast bool   `json:"reply_broadcast,omitempty"` // a reply that the channel shows too
	At        string `json:"ts,omitempty"`              // the message to change
}

// block is a part of a message: header, rich_text, or actions.
type block struct {
	Type     string    `json:"type"`
	ID       string    `json:"block_id,omitempty"`
	Text     *text     `json:"text,omitempty"`
	Elements []element `json:"elements,omitempty"`
}

type text struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// element is a section of rich text, a piece of it, or a button.
type element struct {
	Type     string    `json:"type"`
	Elements []element `json:"elements,omitempty"`
	Text     any       `json:"text,omitempty"` // a string in rich text, a text on a button
	URL      string    `json:"url,omitempty"`
}

const (
	bodyMost   = 3000
	buttonMost = 3000 // of an address
	idMost     = 255
)

func write(m alerting.Message) message {
	subject := notify.Subject(m)
	all := []block{
		{Type: "header", ID: id(m.Key), Text: &text{"plain_text", cmp.Or(subject, "ouidire")}},
		{Type: "rich_text", Elements: []element{{Type: "rich_text_section", Elements: pieces(notify.Text(m, bodyMost, notify.Characters))}}},
	}
	if buttons := buttonsOf(m); len(buttons) > 0 {
		all = append(all, block{Type: "actions", Elements: buttons})
	}
	return message{Text: escaped(subject), Blocks: all}
}

// buttonsOf are the links of a message, but for those that Slack would refuse.
func buttonsOf(m alerting.Message) (all []element) {
	add := func(label, link string) {
		if link != "" && len(link) <= buttonMost {
			all = append(all, element{Type: "button", Text: text{"plain_text", label}, URL: link})
		}
	}
	add(notify.Open(m.Lang), m.Link)
	for _, b := range m.Buttons {
		add(notify.Button(b.Act, m.Lang), b.Link)
	}
	return all
}

func pieces(body string) []element {
	var all []element
	for _, p := range notify.Links(body) {
		if p.Address != "" {
			all = append(all, element{Type: "link", Text: p.Text, URL: p.Address})
		} else {
			all = append(all, element{Type: "text", Text: p.Text})
		}
	}
	if len(all) == 0 {
		all = []element{{Type: "text", Text: " "}} // an empty section is refused
	}
	return all
}

// id keeps what may stand in the id of a block.
func id(key string) string {
	key = notify.Visible(key)
	return key[:min(len(key), idMost)]
}

// escaped is text that Slack reads for commands, without any.
func escaped(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
