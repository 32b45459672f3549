package email

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/mail"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// timeout is how long one delivery may take, from the call to the server's yes.
const timeout = 20 * time.Second

var errNoStartTLS = errors.New("the server offers no STARTTLS: nothing was sent")

// session is a conversation with the server, signed in and ready.
type session struct {
	*smtp.Client
	conn net.Conn
	stop func() bool // stops watching the context
}

// dial opens the conversation, with a fresh token when the one that we had is taken
// no more.
func (n *Notifier) dial(ctx context.Context) (*session, error) {
	token, cached, err := n.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	s, err := n.open(ctx, token)
	if answer := (*textproto.Error)(nil); cached && errors.As(err, &answer) && answer.Code == 535 {
		n.tokens.forget(token)
		if token, _, err = n.tokens.get(ctx); err != nil {
			return nil, err
		}
		return n.open(ctx, token)
	}
	return s, err
}

// open opens the conversation. Every wait in it ends with ctx, or with the timeout.
func (n *Notifier) open(ctx context.Context, token string) (s *session, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	address := net.JoinHostPort(n.config.Host, strconv.Itoa(n.config.port()))
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	// A connection whose deadline has passed fails all that waits on it.
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
	s = &session{conn: conn, stop: func() bool { defer cancel(); return stop() }}
	if err := s.begin(n, token); err != nil {
		s.close()
		return nil, errors.Join(err, ctx.Err())
	}
	return s, nil
}

func (s *session) begin(n *Notifier, token string) (err error) {
	if n.config.Security == TLS {
		s.conn = tls.Client(s.conn, n.tls)
	}
	if s.Client, err = smtp.NewClient(s.conn, n.config.Host); err != nil {
		return fmt.Errorf("greeting: %w", err)
	}
	if err := s.Hello(helo()); err != nil {
		return fmt.Errorf("hello: %w", err)
	}
	if n.config.Security == StartTLS {
		if offered, _ := s.Extension("STARTTLS"); !offered {
			return errNoStartTLS
		}
		if err := s.StartTLS(n.tls); err != nil {
			return fmt.Errorf("STARTTLS: %w", err)
		}
	}
	if n.config.Username == "" {
		return nil
	}
	if err := s.Auth(n.auth(s, token)); err != nil {
		return fmt.Errorf("sign in as %s: %w", n.config.Username, err)
	}
	return nil
}

// auth takes PLAIN unless the server only knows LOGIN. Both refuse to speak over
// an unprotected connection. A token is shown by XOAUTH2, whatever else is offered.
func (n *Notifier) auth(s *session, token string) smtp.Auth {
	if token != "" {
		return smtp.XOAuth2Auth(n.config.Username, token)
	}
	_, known := s.Extension("AUTH")
	mechanisms := strings.Fields(strings.ToUpper(known))
	login := false
	for _, m := range mechanisms {
		if m == "PLAIN" {
			return smtp.PlainAuth("", n.config.Username, n.config.Password.Reveal(), n.config.Host, false)
		}
		login = login || m == "LOGIN"
	}
	if login {
		return smtp.LoginAuth(n.config.Username, n.config.Password.Reveal(), n.config.Host, false)
	}
	return smtp.PlainAuth("", n.config.Username, n.config.Password.Reveal(), n.config.Host, false)
}

// helo is how we introduce ourselves: some servers refuse a name without a dot.
func helo() string {
	if name, err := os.Hostname(); err == nil && strings.Contains(name, ".") {
		return name
	}
	return "localhost.localdomain"
}

// deliver offers one letter for several people, and says what the server answered
// about each: nil when it took the letter for them. err is about the letter itself.
func (s *session) deliver(from string, to []string, letter io.WriterTo) (fates map[string]error, err error) {
	if err := s.Mail(envelope(from)); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	fates = map[string]error{}
	taken := 0
	for _, person := range to {
		err := s.Rcpt(envelope(person))
		if err == nil {
			taken++
		} else {
			err = fmt.Errorf("recipient: %w", err)
		}
		fates[person] = err
	}
	if taken == 0 {
		return fates, nil
	}
	if err := s.data(letter); err != nil {
		return nil, fmt.Errorf("letter: %w", err)
	}
	return fates, nil
}

// envelope is an address as the commands of SMTP want it: between < and >, which strict
// servers insist on and the package that we speak SMTP by leaves to us.
func envelope(address string) string { return (&mail.Address{Address: address}).String() }

func (s *session) data(letter io.WriterTo) error {
	w, err := s.Data()
	if err != nil {
		return err
	}
	if _, err := letter.WriteTo(w); err != nil {
		return err
	}
	return w.Close()
}

// close says goodbye as far as the connection still carries it.
func (s *session) close() {
	if s.Client != nil {
		_ = s.conn.SetDeadline(time.Now().Add(time.Second)) // the letter is delivered or not: nothing hangs on this
		_ = s.Quit()
	}
	s.stop()
	_ = s.conn.Close()
}
