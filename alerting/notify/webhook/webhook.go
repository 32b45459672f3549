// Package webhook posts each message as JSON to an address of your choice, signed,
// so that a script, a chat or another program can take it from there.
//
// The body is one object:
//
//	schema_version  1
//	key             the same for the same message, also when it is sent twice: keep it and drop doubles
//	incident, seq   one situation; seq orders its messages
//	thread          what belongs together, of whatever rule: the story or the conversation, else the situation; left out when it stands alone
//	rule, watch     why it is told, "" in a digest, a summary of many and a test
//	severity        urgent, watch or info
//	lang            of subject and body: fr-CA, fr-FR or en
//	subject, body   plain text, written for people
//	link            the page where to act; left out when its address is not known
//	acts            what can be done at once, by name (acknowledge, false_alarm, read), each an address
//	mentions        ids of examples
//	at              since when it is owed, RFC 3339 in UTC
//	test            true for a test message, else left out
//
// The headers are Idempotency-Key, equal to key, and, with a secret,
//
//	X-Ouidire-Signature: t=1764000000,v1=5257a8...
//
// where v1 is the HMAC-SHA256 in hexadecimal, under the secret, of t, a full stop
// and the body as it was sent. Check it before you read the body, compare in
// constant time, and refuse a t more than five minutes away from your clock.
//
// Any 2xx is acceptance. 429 and 503 are tried again when Retry-After says, 408,
// 425 and other 5xx after a while; every other answer is final. Redirects are not
// followed: what is signed for one address is sent to no other.
package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// Config is one channel of this kind as it is written in ouidire.yml.
type Config struct {
	URL    string        `yaml:"url" required:"true" doc:"The address that is posted to." fr:"L’adresse à laquelle chaque message est envoyé." example:"https://messages.caisse.example/ouidire"`
	Secret config.Secret `yaml:"secret" doc:"What the signature is made with; unsigned when left out." fr:"Ce qui sert à signer; rien n’est signé, par défaut." example:"${OUIDIRE_WEBHOOK_SECRET}"`
}

// Default is a channel without an address.
func Default() Config { return Config{} }

// Check says what the types cannot.
func (c *Config) Check() []config.Problem {
	return notify.CheckAddress("url", c.URL, "https://messages.caisse.example/ouidire")
}

// Notifier posts messages to one address.
type Notifier struct {
	url    string
	secret config.Secret
	client *notify.Client
	now    func() time.Time
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	return &Notifier{url: c.URL, secret: c.Secret, client: notify.NewClient(d), now: d.Now}, nil
}

// Recipients is the address: a message to another one is another message.
func (n *Notifier) Recipients() string { return n.url }

// payload is the body.
type payload struct {
	SchemaVersion int               `json:"schema_version"`
	Key           string            `json:"key"`
	Incident      string            `json:"incident"`
	Seq           int               `json:"seq"`
	Thread        string            `json:"thread,omitempty"`
	Rule          string            `json:"rule"`
	Watch         string            `json:"watch"`
	Severity      alerting.Severity `json:"severity"`
	Lang          say.Lang          `json:"lang"`
	Subject       string            `json:"subject"`
	Body          string            `json:"body"`
	Link          string            `json:"link,omitempty"`
	Acts          map[string]string `json:"acts,omitempty"` // what can be done at once, and the page that asks for it
	Mentions      []string          `json:"mentions"`
	At            time.Time         `json:"at"`
	Test          bool              `json:"test,omitempty"`
}

// Notify posts the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	request, err := n.request(m)
	if err != nil {
		return alerting.Permanent(err)
	}
	_, err = n.client.Post(ctx, request)
	return err
}

func (n *Notifier) request(m alerting.Message) (notify.Request, error) {
	acts := map[string]string{}
	for _, b := range m.Buttons {
		acts[string(b.Act)] = b.Link
	}
	body, err := notify.JSON(payload{
		SchemaVersion: 1, Key: m.Key, Incident: m.Incident, Seq: m.Seq, Thread: m.Topic(), Rule: m.Rule, Watch: m.Watch,
		Severity: m.Severity, Lang: m.Lang, Subject: m.Subject, Body: m.Body, Link: m.Link, Acts: acts,
		Mentions: append([]string{}, m.Mentions...), At: m.At.UTC(), Test: m.Test,
	})
	if err != nil {
		return notify.Request{}, err
	}
	header := map[string]string{"Idempotency-Key": m.Key}
	if !n.secret.IsZero() {
		header["X-Ouidire-Signature"] = Sign(n.secret.Reveal(), n.now(), body)
	}
	return notify.Request{Address: n.url, Body: body, Header: header}, nil
}

// Sign is the value of X-Ouidire-Signature for a body that is sent at an instant.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
