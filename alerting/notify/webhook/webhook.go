// Package webhook posts each message as JSON to an address of your choice, signed,
// so that a script, a chat or another program can take it from there.
//
// The body is one object:
//
//	schema_version  1
//	key             the same for the same message, also when it is sent twice: keep it and drop doubles
//	incident, seq   one situation is one thread; seq orders its messages
//	rule, watch     why it is told, "" in a test
//	severity        urgent, watch or info
//	lang            of subject and body: fr-CA, fr-FR or en
//	subject, body   plain text, written for people
//	link            the page where to act; left out when its address is not known
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
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ouidire/ouidire/alerting"
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
	u, err := url.Parse(c.URL)
	if c.URL == "" || err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	return []config.Problem{{Key: "url", Example: "https://messages.caisse.example/ouidire",
		Text: say.Text{EN: "this is not an http or https address", FR: "ce n’est pas une adresse http ou https"}}}
}

const (
	timeout   = 10 * time.Second
	answerMax = 64 << 10 // of an answer, read and thrown away so that the connection can be used again
	quoteMax  = 200      // of an answer, kept to say why
)

// Notifier posts messages to one address.
type Notifier struct {
	url    string
	secret config.Secret
	client *http.Client
	now    func() time.Time
}

var _ alerting.Notifier = (*Notifier)(nil)

// New makes the channel of a Config that has been checked.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	client := *d.HTTP // a copy: its redirects are ours to refuse
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Timeout = timeout
	client.Jar = nil
	return &Notifier{url: c.URL, secret: c.Secret, client: &client, now: d.Now}, nil
}

// Recipients is the address: a message to another one is another message.
func (n *Notifier) Recipients() string { return n.url }

// payload is the body.
type payload struct {
	SchemaVersion int               `json:"schema_version"`
	Key           string            `json:"key"`
	Incident      string            `json:"incident"`
	Seq           int               `json:"seq"`
	Rule          string            `json:"rule"`
	Watch         string            `json:"watch"`
	Severity      alerting.Severity `json:"severity"`
	Lang          say.Lang          `json:"lang"`
	Subject       string            `json:"subject"`
	Body          string            `json:"body"`
	Link          string            `json:"link,omitempty"`
	Mentions      []string          `json:"mentions"`
	At            time.Time         `json:"at"`
	Test          bool              `json:"test,omitempty"`
}

// Notify posts the message once.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	request, err := n.request(ctx, m)
	if err != nil {
		return alerting.Permanent(err)
	}
	answer, err := n.client.Do(request)
	if err != nil {
		return fmt.Errorf("post to %s: %w", request.URL.Host, discreet(err))
	}
	defer answer.Body.Close()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, answerMax)) // a cut answer has its status all the same
	if err := n.judge(answer, said); err != nil {
		return fmt.Errorf("post to %s: %w", request.URL.Host, err)
	}
	return nil
}

func (n *Notifier) request(ctx context.Context, m alerting.Message) (*http.Request, error) {
	body, err := json.Marshal(payload{
		SchemaVersion: 1, Key: m.Key, Incident: m.Incident, Seq: m.Seq, Rule: m.Rule, Watch: m.Watch,
		Severity: m.Severity, Lang: m.Lang, Subject: m.Subject, Body: m.Body, Link: m.Link,
		Mentions: append([]string{}, m.Mentions...), At: m.At.UTC(), Test: m.Test,
	})
	if err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, n.url, bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("read the address: %w", discreet(err))
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	r.Header.Set("User-Agent", "ouidire")
	r.Header.Set("Idempotency-Key", visible(m.Key))
	if !n.secret.IsZero() {
		r.Header.Set("X-Ouidire-Signature", Sign(n.secret.Reveal(), n.now(), body))
	}
	return r, nil
}

// discreet is an error without the address that net/http puts before it: whoever
// knows the path of a webhook may often post to it, and errors are logged and shown.
func discreet(err error) error {
	if spelled := (*url.Error)(nil); errors.As(err, &spelled) {
		return spelled.Err
	}
	return err
}

// visible keeps what may stand in a header.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// Sign is the value of X-Ouidire-Signature for a body that is sent at an instant.
func Sign(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// judge reads an answer as acceptance, a wish to be asked later, or a refusal.
func (n *Notifier) judge(answer *http.Response, said []byte) error {
	status := answer.StatusCode
	if status >= 200 && status < 300 {
		return nil
	}
	var err error = &alerting.Answered{Status: status, Said: alerting.Plain(string(said), quoteMax)}
	switch {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable:
		return &alerting.Busy{RetryAfter: retryAfter(answer.Header.Get("Retry-After"), n.now()), Err: err}
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		return err
	}
	return alerting.Permanent(err)
}

// retryAfter reads seconds or a date; zero when there is no sensible hint.
func retryAfter(hint string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(hint)); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(hint); err == nil {
		return min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return 0
}
