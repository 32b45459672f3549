// Package email sends messages by SMTP, as plain text that any program shows. A digest
// is a page as well (html.go), after its text; each person gets their own, with a link by
// which they alone leave it (leave.go).
//
// One situation is one conversation in the reader's mail program: its messages
// refer to one root. A message that is sent twice has the same Message-ID both
// times, so that servers and programs can drop the second. A server's 4xx is tried
// again, a 5xx is final. When some of several people cannot be reached the others
// are told all the same, once.
//
// Microsoft 365 and Google end passwords for programs: there the account is shown by a
// short-lived token (XOAUTH2, tokens.go), asked for anew before it ends.
package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
)

var errAddress = errors.New("not an e-mail address")

// Notifier sends messages through one server.
type Notifier struct {
	config Config
	from   *netmail.Address
	to     []*netmail.Address
	tls    *tls.Config
	tokens *tokens
	passes alerting.Passes
	left   alerting.Unsubscribed // nil: nobody can leave
	now    func() time.Time
	log    *slog.Logger

	mu       sync.Mutex
	accepted map[string]map[string]bool // who got a message that others are still owed, by key
}

var (
	_ alerting.Notifier = (*Notifier)(nil)
	_ alerting.Personal = (*Notifier)(nil)
)

// New makes the channel of a Config that has been checked. It contacts nobody.
func New(c Config, d alerting.Deps) (*Notifier, error) {
	n := &Notifier{config: c, passes: d.Passes, left: d.Unsubscribed, now: d.Now, log: d.Log, accepted: map[string]map[string]bool{}, tokens: newTokens(c, d)}
	var err error
	if n.from, err = parse(c.From); err != nil {
		return nil, fmt.Errorf("from %q: %w", c.From, err)
	}
	for _, to := range c.To {
		a, err := parse(to)
		if err != nil {
			return nil, fmt.Errorf("to %q: %w", to, err)
		}
		n.to = append(n.to, a)
	}
	n.tls = &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12, RootCAs: c.CA.Besides()}
	return n, nil
}

// To is the same server and account, for one person.
func (n *Notifier) To(address string) (alerting.Notifier, error) {
	to, err := parse(address)
	if err != nil {
		return nil, alerting.Permanent(&alerting.Trouble{Reason: alerting.NoSuchPerson, Err: err})
	}
	return &Notifier{config: n.config, from: n.from, to: []*netmail.Address{to}, tls: n.tls, tokens: n.tokens, now: n.now, log: n.log,
		accepted: map[string]map[string]bool{}}, nil
}

// Recipients is who gets the messages.
func (n *Notifier) Recipients() string {
	var all []string
	for _, a := range n.to {
		all = append(all, a.Address)
	}
	return strings.Join(all, ",")
}

// Notify sends the message to everybody who has not got it yet.
func (n *Notifier) Notify(ctx context.Context, m alerting.Message) error {
	if m.Layout != nil {
		return n.notifyEach(ctx, m)
	}
	letter, err := n.letter(m, n.to)
	if err != nil {
		return alerting.Permanent(fmt.Errorf("write the e-mail: %w", err))
	}
	s, err := n.dial(ctx)
	if err != nil {
		return fmt.Errorf("reach mail server %s: %w", n.config.Host, judge(err))
	}
	defer s.close()
	var to []string
	for _, a := range n.owed(m.Key) {
		to = append(to, a.Address)
	}
	fates, err := s.deliver(n.from.Address, to, letter)
	if err != nil {
		return fmt.Errorf("hand the e-mail to %s: %w", n.config.Host, judge(err))
	}
	return n.sum(m.Key, fates)
}

// owed is who has not got the message of this key.
func (n *Notifier) owed(key string) (all []*netmail.Address) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, a := range n.to {
		if !n.accepted[key][a.Address] {
			all = append(all, a)
		}
	}
	return all
}

// rememberedMost bounds the messages that some have got and others have not.
const rememberedMost = 1000

// sum makes one answer of what the server said of each person: one to try again
// tries again, all refused is refused; otherwise those who can be reached know.
func (n *Notifier) sum(key string, fates map[string]error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	got := n.accepted[key]
	if got == nil {
		got = map[string]bool{}
	}
	var refused, waiting []error
	for to, err := range fates {
		switch err = judge(err); {
		case err == nil:
			got[to] = true
		case alerting.IsPermanent(err):
			refused = append(refused, err)
		default:
			waiting = append(waiting, err)
		}
	}
	if len(waiting) > 0 && len(n.accepted) < rememberedMost {
		n.accepted[key] = got
		return errors.Join(waiting...)
	}
	delete(n.accepted, key)
	switch {
	case len(got) == 0 && len(waiting) > 0:
		return errors.Join(waiting...)
	case len(got) == 0 && len(refused) > 0:
		return alerting.Permanent(errors.Join(refused...))
	case len(refused) > 0:
		n.log.Warn("some people cannot be reached by e-mail", "refused", len(refused), "reached", len(got))
	}
	return nil
}

// bodyMost is how long a body may be: more is read by nobody.
const bodyMost = 30_000

// idLength is how much of a key stands in a Message-ID: 128 bits, and short enough
// for one line, which some servers insist on.
const idLength = 32

// letter writes the e-mail for these people.
func (n *Notifier) letter(m alerting.Message, to []*netmail.Address) (*mail.Msg, error) {
	msg := mail.NewMsg(mail.WithCharset(mail.CharsetUTF8), mail.WithEncoding(mail.EncodingQP), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(n.from)
	msg.ToMailAddress(to...)
	msg.Subject(alerting.Plain(m.Subject, 200))
	msg.SetMessageIDWithValue(token(m.Key)[:min(len(token(m.Key)), idLength)] + "@" + n.domain())
	if m.Topic() != "" {
		root := "<" + token(m.Topic()) + ".situation@" + n.domain() + ">"
		msg.SetGenHeader(mail.HeaderInReplyTo, root)
		msg.SetGenHeader(mail.HeaderReferences, root)
	}
	msg.SetDateWithValue(n.now())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	msg.SetGenHeader(mail.HeaderContentLang, token(string(m.Lang)))
	if m.Severity == alerting.Urgent {
		msg.SetImportance(mail.ImportanceHigh)
	}
	text := notify.Text(m, bodyMost, notify.Characters)
	for i, b := range m.Buttons {
		if i == 0 {
			text += "\n"
		}
		text += "\n" + notify.Button(b.Act, m.Lang) + m.Lang.Colon() + " " + b.Link
	}
	var out way
	if m.Layout != nil {
		out = n.wayOut(m, to[0])
		text += out.line
	}
	msg.SetBodyString(mail.TypeTextPlain, strings.ReplaceAll(text, "\n", "\r\n")+"\r\n")
	if m.Layout != nil {
		whole, err := page(m, out)
		if err != nil {
			return nil, err
		}
		msg.AddAlternativeString(mail.TypeTextHTML, whole)
		msg.SetMessageIDWithValue(token(out.id)[:idLength] + "@" + n.domain())
		out.headers(msg)
	}
	return msg, msg.EnvelopeFrom(n.from.Address)
}

func (n *Notifier) domain() string {
	_, domain, _ := strings.Cut(n.from.Address, "@")
	return domain
}

// token keeps what may stand in a Message-ID.
func token(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, s[:min(len(s), 128)])
}
