package alerting

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// Settings keeps small facts across restarts.
type Settings interface {
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	// Set keeps value; nil drops it.
	Set(ctx context.Context, key string, value []byte) error
}

const (
	codeDigits = 6
	codeLasts  = 24 * time.Hour
	codeTries  = 10 // wrong ones: then another test message is needed
)

// Confirmations knows which channels have been seen to reach somebody: a channel
// that accepts messages proves nothing, a person who types the code of a test
// message does. It is safe for concurrent use.
type Confirmations struct {
	Settings Settings
	Now      func() time.Time
	Random   io.Reader // where codes come from; crypto/rand when nil

	mu sync.Mutex
}

// confirmation is what is kept of one channel.
type confirmation struct {
	Recipients string    `json:"recipients"` // whom the code was sent to: other people must confirm again
	Code       string    `json:"code,omitempty"`
	SentAt     time.Time `json:"sent_at,omitzero"`
	Wrong      int       `json:"wrong,omitempty"`
	At         time.Time `json:"at,omitzero"` // when somebody confirmed; zero until then
}

const confirmationsKey = "alerting.confirmations"

// SendTest sends a channel a test message with a fresh code, and returns once the
// channel has accepted it. A code sent before works no more.
func (c *Confirmations) SendTest(ctx context.Context, ch Channel) error {
	code, err := c.code()
	if err != nil {
		return fmt.Errorf("make a code: %w", err)
	}
	err = c.update(ctx, func(all map[string]confirmation) error {
		kept := all[ch.Name]
		if kept.Recipients != ch.Recipients {
			kept = confirmation{Recipients: ch.Recipients}
		}
		kept.Code, kept.SentAt, kept.Wrong = code, c.Now(), 0
		all[ch.Name] = kept
		return nil
	})
	if err != nil {
		return err
	}
	m := TestMessage(ch.Reader, code)
	m.At = c.Now()
	m.Key = idempotencyKey(Due{Incident: Incident{ID: "test " + code + m.At.Format(time.RFC3339Nano)}}, ch)
	if err := ch.Notifier.Notify(ctx, m); err != nil {
		return fmt.Errorf("send a test message to %s: %w", ch.Name, err)
	}
	return nil
}

func (c *Confirmations) code() (string, error) {
	random := c.Random
	if random == nil {
		random = rand.Reader
	}
	n, err := rand.Int(random, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%0*d", codeDigits, n), nil
}

var errCode = say.Errorf(say.Text{
	EN: "this code is not right, or is too old; send another test message",
	FR: "ce code n’est pas le bon ou n’est plus valable; envoyez un autre message d’essai",
})

// Confirm takes the code that a person read in a test message, and returns the
// channel that brought it. A wrong code counts against every code that waits: ten
// end them. Its errors can be read by that person.
func (c *Confirmations) Confirm(ctx context.Context, code string) (channel string, err error) {
	code = strings.Map(digit, code[:min(len(code), 64)])
	err = c.update(ctx, func(all map[string]confirmation) error {
		for _, name := range sorted(all) {
			kept := all[name]
			if !kept.waits(c.Now()) {
				continue
			}
			if subtle.ConstantTimeCompare([]byte(kept.Code), []byte(code)) == 1 {
				kept.Code, kept.At, channel = "", c.Now(), name
			} else {
				kept.Wrong++
			}
			all[name] = kept
		}
		return nil
	})
	if err == nil && channel == "" {
		err = errCode
	}
	return channel, err
}

func (c confirmation) waits(now time.Time) bool {
	return c.Code != "" && c.Wrong < codeTries && now.Sub(c.SentAt) < codeLasts
}

// digit keeps digits: people type spaces and dashes between them.
func digit(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

func sorted(all map[string]confirmation) []string {
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Confirmed is when somebody confirmed that a channel reaches them; ok is false
// while nobody has, and again when it reaches other people than it did then.
func (c *Confirmations) Confirmed(ctx context.Context, ch Channel) (at time.Time, ok bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, err := c.load(ctx)
	if err != nil {
		return time.Time{}, false, err
	}
	kept := all[ch.Name]
	if kept.Recipients != ch.Recipients || kept.At.IsZero() {
		return time.Time{}, false, nil
	}
	return kept.At, true, nil
}

func (c *Confirmations) load(ctx context.Context) (map[string]confirmation, error) {
	all := map[string]confirmation{}
	value, ok, err := c.Settings.Get(ctx, confirmationsKey)
	if err == nil && ok {
		err = json.Unmarshal(value, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("recall which channels were confirmed: %w", err)
	}
	return all, nil
}

func (c *Confirmations) update(ctx context.Context, do func(map[string]confirmation) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, err := c.load(ctx)
	if err != nil {
		return err
	}
	if err := do(all); err != nil {
		return err
	}
	value, err := json.Marshal(all)
	if err == nil {
		err = c.Settings.Set(ctx, confirmationsKey, value)
	}
	if err != nil {
		return fmt.Errorf("keep which channels are confirmed: %w", err)
	}
	return nil
}

// Tests is Confirmations for a page, which knows channels by their names.
type Tests struct {
	*Confirmations
	Channels func() []Channel
}

// SendTest sends the channel of that name a test message in l.
func (t Tests) SendTest(ctx context.Context, channel string, l say.Lang) error {
	for _, ch := range t.Channels() {
		if ch.Name == channel {
			ch.Reader.Lang = l
			return t.Confirmations.SendTest(ctx, ch)
		}
	}
	return say.Errorf(say.Text{EN: "there is no channel called %s; look under channels: in ouidire.yml", FR: "aucun moyen d’envoi ne s’appelle %s; regardez sous channels: dans ouidire.yml"}, Plain(channel, outletLimit))
}

// TestMessage is what a channel is sent to see whether it reaches anybody.
func TestMessage(r Reader, code string) Message {
	m := Message{Lang: r.Lang, Severity: Inform, Test: true}
	spaced := code[:len(code)/2] + "\u00a0" + code[len(code)/2:]
	m.Subject = sayTestSubject.In(r.Lang, spaced)
	parts := []string{sayTestBody.In(r.Lang), sayTestCode.In(r.Lang, spaced)}
	if r.Page != "" {
		m.Link = r.Page + "/messages?code=" + code
		parts = append(parts, sayTestLink.In(r.Lang, m.Link))
	}
	m.Body = strings.Join(append(parts, sayTestExpires.In(r.Lang)), "\n\n") + "\n"
	return m
}
