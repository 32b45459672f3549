// Package notify is what the channels that speak HTTP share: one way to post
// (Client), one reading of the answer, and one way to make words fit (Text, Links).
//
// A 2xx is acceptance. 429 and 503 are tried again when Retry-After says, 408, 425
// and other 5xx after a while; every other answer is final. Redirects are not
// followed: what is meant for one address goes to no other. No error holds an
// address, which is often a password, nor a word of the answer. A message is made to
// fit in 0.1 ms (BenchmarkText).
package notify

import (
	"bytes"
	"context"
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

const (
	timeout   = 10 * time.Second
	answerMax = 64 << 10 // of an answer; the rest is left where it is
)

// Client posts to addresses that the operator wrote. It is safe for concurrent use.
type Client struct {
	http *http.Client
	now  func() time.Time
}

// NewClient makes the client of a channel.
func NewClient(d alerting.Deps) *Client {
	own := *d.HTTP // a copy: its redirects are ours to refuse
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	own.Timeout = timeout
	own.Jar = nil
	return &Client{http: &own, now: d.Now}
}

// Request is one message on its way.
type Request struct {
	Address string
	Body    []byte
	Type    string            // of the body; JSON when left out
	Header  map[string]string // what else travels beside the body
}

// JSON is the body that spells v.
func JSON(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write the message: %w", err)
	}
	return body, nil
}

// Post asks once. answer is what came back, also beside an error, for kinds that
// look for a code in it: never let it into an error.
func (c *Client) Post(ctx context.Context, r Request) (answer []byte, err error) {
	request, err := r.http(ctx)
	if err != nil {
		return nil, alerting.Permanent(&alerting.Trouble{Reason: alerting.Refused, Err: err})
	}
	got, err := c.http.Do(request)
	if err != nil {
		return nil, &alerting.Trouble{Reason: alerting.Unmet(err), Err: fmt.Errorf("post to %s: %w", request.URL.Host, discreet(err))}
	}
	defer got.Body.Close()
	answer, _ = io.ReadAll(io.LimitReader(got.Body, answerMax)) // a cut answer has its status all the same
	return answer, Judge(got.StatusCode, got.Header.Get("Retry-After"), request.URL.Host, c.now())
}

func (r Request) http(ctx context.Context) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.Address, bytes.NewReader(r.Body))
	if err != nil {
		return nil, fmt.Errorf("read the address: %w", discreet(err))
	}
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	if r.Type != "" {
		request.Header.Set("Content-Type", r.Type)
	}
	request.Header.Set("User-Agent", "ouidire")
	for name, value := range r.Header {
		request.Header.Set(name, Visible(value))
	}
	return request, nil
}

// discreet is an error without the address that net/http puts before it: whoever
// knows the path of a webhook may often post to it, and errors are logged and shown.
func discreet(err error) error {
	if spelled := (*url.Error)(nil); errors.As(err, &spelled) {
		return spelled.Err
	}
	return err
}

// Visible keeps what may stand in a header.
func Visible(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
}

// Judge reads a status as acceptance, a wish to be asked later, or a refusal. hint is
// the Retry-After that came with it, "" for none.
func Judge(status int, hint, host string, now time.Time) error {
	if status >= 200 && status < 300 {
		return nil
	}
	err := &alerting.Trouble{Reason: reason(status), Err: fmt.Errorf("%s answered %d", host, status)}
	switch {
	case err.Reason == alerting.Overloaded:
		return &alerting.Busy{RetryAfter: RetryAfter(hint, now), Err: err}
	case err.Reason == alerting.Broken:
		return err
	}
	return alerting.Permanent(err)
}

func reason(status int) alerting.Reason {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return alerting.Unauthorised
	case http.StatusNotFound, http.StatusGone:
		return alerting.Gone
	case http.StatusRequestEntityTooLarge:
		return alerting.TooLong
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		return alerting.Overloaded
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return alerting.Broken
	}
	switch {
	case status >= 500:
		return alerting.Broken
	case status >= 300 && status < 400:
		return alerting.Moved
	}
	return alerting.Refused
}

// RetryAfter reads seconds or a date; zero when there is no sensible hint.
func RetryAfter(hint string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(strings.TrimSpace(hint)); err == nil {
		return time.Duration(min(max(seconds, 0), 24*60*60)) * time.Second
	}
	if at, err := http.ParseTime(hint); err == nil {
		return min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return 0
}

// Recipients tells an address from another and shows nothing of it but its host: the
// rest is often all that one needs to post there.
func Recipients(address string, more ...string) string {
	host := ""
	if u, err := url.Parse(address); err == nil {
		host = u.Host
	}
	sum := sha256.Sum256([]byte(strings.Join(append([]string{address}, more...), "\x00")))
	return "https://" + host + "/#" + hex.EncodeToString(sum[:6])
}

// CheckAddress says what is wrong with the setting of that key when it is no address
// that can be posted to; one that is empty is left to the reader.
func CheckAddress(key, address, example string) []config.Problem {
	if address == "" {
		return nil
	}
	u, err := url.Parse(address)
	if err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") {
		return nil
	}
	return []config.Problem{{Key: key, Example: example,
		Text: say.Text{EN: "this is not an http or https address", FR: "ce n’est pas une adresse http ou https"}}}
}
