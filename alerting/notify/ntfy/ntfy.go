// Package ntfy sends messages to phones and desktops through a server of ntfy, the
// public one or one's own.
//
// A message is JSON, posted to the root of the server: title, message, tags, priority
// 5 when it is urgent, 4 to be watched, 3 for information, and click, the page where
// to act. Words are plain text, at most 4,096 bytes: a server makes a file of more.
// ntfy knows no double; our key travels as Idempotency-Key.
package ntfy

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	URL      string        `yaml:"url" required:"true" doc:"The server." fr:"Le serveur." example:"https://ntfy.caisse.example"`
	Topic    config.Secret `yaml:"topic" required:"true" doc:"The topic that phones subscribe to; whoever knows it reads along." fr:"Le sujet auquel les téléphones s’abonnent; qui le connaît lit les messages." example:"${OUIDIRE_NTFY_TOPIC}"`
	Token    config.Secret `yaml:"token" doc:"An access token; or a user and a password, or neither." fr:"Un jeton d’accès; ou un compte et un mot de passe, ou rien." example:"${OUIDIRE_NTFY_TOKEN}"`
	Username string        `yaml:"username" doc:"The user, when there is no token." fr:"Le compte, sans jeton." example:"veille"`
	Password config.Secret `yaml:"password" doc:"Its password." fr:"Son mot de passe." example:"${OUIDIRE_NTFY_PASSWORD}"`
}

// Default is the public server.
func Default() Config { return Config{URL: "https://ntfy.sh"} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	all := notify.CheckAddress("url", c.URL, "https://ntfy.sh")
	if topic := c.Topic.Reveal(); topic != "" && !isTopic(topic) {
		all = append(all, config.Problem{Key: "topic", Example: "${OUIDIRE_NTFY_TOPIC}",
			Text: say.Text{EN: "a topic is up to 64 letters without accents, digits, dashes and underscores", FR: "un sujet compte au plus 64 lettres sans accent, chiffres, tirets et traits de soulignement"}})
	}
	if (c.Username == "") != c.Password.IsZero() || !c.Token.IsZero() && c.Username != "" {
		all = append(all, config.Problem{Key: "token", Example: "${OUIDIRE_NTFY_TOKEN}",
			Text: say.Text{EN: "give a token, or username and password together", FR: "donnez un jeton, ou username et password ensemble"}})
	}
	return all
}

func isTopic(s string) bool {
	return len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// Notifier publishes to one topic.
type Notifier struct {
	config Config
	client *notify.Client
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	return &Notifier{config: c, client: notify.NewClient(d)}, nil
}

// Recipients is whoever reads the topic.
func (n *Notifier) Recipients() string {
	return notify.Recipients(n.config.URL, n.config.Topic.Reveal())
}

// publication is what ntfy calls publishing as JSON.
type publication struct {
	Topic    string   `json:"topic"`
	Title    string   `json:"title"`
	Message  string   `json:"message"`
	Tags     []string `json:"tags"`
	Priority int      `json:"priority"`
	Click    string   `json:"click,omitempty"`
	Actions  []action `json:"actions,omitempty"`
}

// action is a button, of which ntfy shows three.
type action struct {
	Action string `json:"action"`
	Label  string `json:"label"`
	URL    string `json:"url"`
}

const bodyMost = 4096 // bytes

// Notify publishes the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	p := publication{
		Topic: n.config.Topic.Reveal(), Title: notify.Subject(m), Message: notify.Text(m, bodyMost, notify.Bytes), Click: m.Link,
		Priority: priority[m.Severity], Tags: []string{tags[m.Severity]},
	}
	for _, b := range m.Buttons {
		p.Actions = append(p.Actions, action{"view", notify.Button(b.Act, m.Lang), b.Link})
	}
	if m.Over {
		p.Priority, p.Tags = priority[alerting.Inform], []string{"white_check_mark"}
	}
	body, err := notify.JSON(p)
	if err != nil {
		return alerting.Permanent(err)
	}
	_, err = n.client.Post(ctx, notify.Request{Address: strings.TrimSuffix(n.config.URL, "/") + "/", Body: body, Header: n.header(m)})
	return err
}

var (
	priority = map[alerting.Severity]int{alerting.Urgent: 5, alerting.Watch: 4, alerting.Inform: 3}
	tags     = map[alerting.Severity]string{alerting.Urgent: "rotating_light", alerting.Watch: "eyes", alerting.Inform: "newspaper"}
)

func (n *Notifier) header(m alerting.Message) map[string]string {
	header := map[string]string{"Idempotency-Key": m.Key}
	switch {
	case !n.config.Token.IsZero():
		header["Authorization"] = "Bearer " + n.config.Token.Reveal()
	case n.config.Username != "":
		pair := n.config.Username + ":" + n.config.Password.Reveal()
		header["Authorization"] = "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
	}
	return header
}
