package email

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
)

const user = "veille@caisse.example"

// server is a real SMTP server in this process, with an account.
type server struct {
	behave notifytest.Behaviour
	login  bool              // offers LOGIN alone
	token  func(string) bool // offers XOAUTH2 alone, to who shows such a token
	ended  bool              // takes no password any more

	mu      sync.Mutex
	letters []letter
}

// letter is what arrived, and how.
type letter struct {
	raw       []byte
	to        []string
	encrypted bool
	user      string
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &conversation{server: s, conn: c}, nil
}

type conversation struct {
	*server
	conn *smtp.Conn
	user string
	to   []string
}

func (c *conversation) Reset()        { c.to = nil }
func (c *conversation) Logout() error { return nil }

func (c *conversation) AuthMechanisms() []string {
	if c.token != nil {
		return []string{"XOAUTH2"}
	}
	if c.login {
		return []string{sasl.Login}
	}
	return []string{sasl.Plain, sasl.Login}
}

func (c *conversation) Auth(mech string) (sasl.Server, error) {
	if mech == "XOAUTH2" {
		return &bearer{conversation: c}, nil
	}
	check := func(name, password string) error {
		if c.ended {
			return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 30}, Message: "Basic authentication is not supported for Client Submission. " + password}
		}
		if name != user || password != notifytest.Secret || c.behave == notifytest.WrongCredentials {
			return smtp.ErrAuthFailed // 535
		}
		c.user = name
		return nil
	}
	if mech == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, name, password string) error { return check(name, password) }), nil
}

// bearer is the exchange XOAUTH2 as Google and Microsoft publish it: who is refused
// is told why in JSON, must answer with nothing, and is then refused.
type bearer struct {
	*conversation
	refused bool
}

func (b *bearer) Next(said []byte) (challenge []byte, done bool, err error) {
	if b.refused {
		return nil, true, smtp.ErrAuthFailed
	}
	shown, ok := strings.CutPrefix(string(said), "user="+user+"\x01auth=Bearer ")
	if token, whole := strings.CutSuffix(shown, "\x01\x01"); ok && whole && b.token(token) && b.behave != notifytest.WrongCredentials {
		b.user = user
		return nil, true, nil
	}
	b.refused = true
	return []byte(`{"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"}`), false, nil
}

// loginServer is the old LOGIN exchange, which go-sasl has for clients only.
type loginServer struct {
	name  string
	step  int
	check func(name, password string) error
}

func (l *loginServer) Next(said []byte) (challenge []byte, done bool, err error) {
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.name = string(said)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.name, string(said))
}

func (c *conversation) Mail(string, *smtp.MailOptions) error { return nil }

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case c.behave == notifytest.Refuses || strings.HasPrefix(to, "inconnu"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	case c.behave == notifytest.Fails || strings.HasPrefix(to, "plustard"):
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "try later"}
	case c.behave == notifytest.BusyNoHint:
		return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "too busy"}
	}
	c.to = append(c.to, to)
	return nil
}

func (c *conversation) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	switch c.behave {
	case notifytest.Slow:
		<-time.After(300 * time.Millisecond)
	case notifytest.Cuts:
		_ = c.conn.Conn().Close()
		return errors.New("cut")
	}
	_, encrypted := c.conn.TLSConnectionState()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.letters = append(c.letters, letter{raw: raw, to: slices.Clone(c.to), encrypted: encrypted, user: c.user})
	return nil
}

func (s *server) got() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.letters)
}

// authority is a certificate for 127.0.0.1 and the file that vouches for it.
func authority(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "essai"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

// serve starts s and returns a Config that reaches it.
func serve(t *testing.T, s *server, security Security) Config {
	t.Helper()
	cert, ca := authority(t)
	real := smtp.NewServer(s)
	real.Domain = "moyac.example"
	real.ErrorLog = quiet{}
	real.MaxMessageBytes = 1 << 20
	if security != None {
		real.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if security == TLS {
		l = tls.NewListener(l, real.TLSConfig)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = real.Serve(l) }()
	t.Cleanup(func() { _ = l.Close(); _ = real.Close(); <-done }) // Serve may not have begun: its listener is ours to close
	c := Config{Host: "127.0.0.1", Port: port, Security: security, CA: trusting(t, ca), From: "ouidire <veille@caisse.example>", To: []string{"équipe de l'épargne <equipe@caisse.example>"}}
	if security != None {
		c.Username, c.Password = user, config.NewSecret(notifytest.Secret)
	}
	return c
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func channel(t *testing.T, c Config) *Notifier {
	t.Helper()
	n, err := New(c, alerting.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// read takes a letter apart as a mail program does.
func read(t *testing.T, l letter) (*netmail.Message, notifytest.Got) {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(l.raw))
	if err != nil {
		t.Fatalf("not a letter: %v\n%s", err, l.raw)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	said, _, _ := strings.Cut(string(body), "\r\n\r\n"+notify.Button(alerting.Acknowledge, say.FrenchCanada)) // its buttons are ours
	var names []string
	for name := range m.Header {
		names = append(names, name)
	}
	return m, notifytest.Got{Key: m.Header.Get("Message-Id"), Subject: subject, Body: strings.ReplaceAll(said, "\r\n", "\n"), Headers: names}
}

func TestEmailPassesTheBattery(t *testing.T) {
	for _, security := range []Security{StartTLS, TLS} {
		t.Run(string(security), func(t *testing.T) {
			notifytest.Run(t, notifytest.Kind{
				Without: []notifytest.Behaviour{notifytest.Busy, notifytest.Redirects}, // SMTP has no such words
				Limit:   bodyMost,
				Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
					if b == notifytest.Silent {
						return channel(t, mute(t, security)), func() []notifytest.Got { return nil }
					}
					s := &server{behave: b}
					return channel(t, serve(t, s, security)), func() (all []notifytest.Got) {
						for _, l := range s.got() {
							if !l.encrypted || l.user != user {
								t.Errorf("encrypted %v, signed in as %q", l.encrypted, l.user)
							}
							_, g := read(t, l)
							all = append(all, g)
						}
						return all
					}
				},
			})
		})
	}
}

// mute is a server that takes the connection and says nothing.
func mute(t *testing.T, security Security) Config {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return Config{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, Security: security, From: "veille@caisse.example", To: []string{"equipe@caisse.example"}}
}

func TestALetterIsWrittenForMailPrograms(t *testing.T) {
	s := &server{}
	n := channel(t, serve(t, s, StartTLS))
	first, second := notifytest.Message(), notifytest.Message()
	second.Key, second.Seq = strings.Repeat("ff00", 16), 2
	for _, m := range []alerting.Message{first, second} {
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	a, _ := read(t, s.got()[0])
	b, _ := read(t, s.got()[1])
	for header, want := range map[string]string{
		"Message-Id":                "<" + first.Key[:32] + "@caisse.example>",
		"In-Reply-To":               "<7q3k9incident.situation@caisse.example>",
		"References":                "<7q3k9incident.situation@caisse.example>",
		"Auto-Submitted":            "auto-generated",
		"Content-Language":          "fr-CA",
		"Content-Type":              "text/plain; charset=UTF-8",
		"Content-Transfer-Encoding": "quoted-printable",
		"From":                      `"ouidire" <veille@caisse.example>`,
		"To":                        "=?utf-8?b?w6lxdWlwZSBkZSBsJ8OpcGFyZ25l?= <equipe@caisse.example>",
	} {
		if got := a.Header.Get(header); !strings.EqualFold(got, want) {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	if _, err := a.Header.Date(); err != nil {
		t.Errorf("date: %v", err)
	}
	if a.Header.Get("References") != b.Header.Get("References") || a.Header.Get("Message-Id") == b.Header.Get("Message-Id") {
		t.Error("two messages of one situation are not one conversation of two letters")
	}
	for line := range strings.Lines(string(s.got()[0].raw)) {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > '~' }) {
			t.Errorf("a line that old servers break: %q", line)
		}
	}
}

func TestAServerThatOnlyKnowsLoginIsSignedInTo(t *testing.T) {
	s := &server{login: true}
	if err := channel(t, serve(t, s, TLS)).Notify(t.Context(), notifytest.Message()); err != nil {
		t.Fatal(err)
	}
	if got := s.got(); len(got) != 1 || got[0].user != user {
		t.Errorf("got %+v", got)
	}
}

func TestNothingIsSentUnprotectedUnlessAsked(t *testing.T) {
	s := &server{}
	c := serve(t, s, None)
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); err != nil {
		t.Fatalf("none was asked for: %v", err)
	}
	if got := s.got(); len(got) != 1 || got[0].encrypted {
		t.Fatalf("got %+v", got)
	}
	c.Security = StartTLS
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); err == nil || alerting.IsPermanent(err) {
		t.Errorf("a server without STARTTLS: %v, want an error that another try can mend", err)
	}
	if got := s.got(); len(got) != 1 {
		t.Error("the letter was sent unprotected")
	}
}

func TestACertificateNobodyVouchesForIsRefused(t *testing.T) {
	for _, security := range []Security{StartTLS, TLS} {
		s := &server{}
		c := serve(t, s, security)
		_, another := authority(t)
		c.CA = trusting(t, another)
		err := channel(t, c).Notify(t.Context(), notifytest.Message())
		if unknown := (x509.UnknownAuthorityError{}); !errors.As(err, &unknown) {
			t.Errorf("%s: got %v, want an unknown authority", security, err)
		}
		if trouble := (*alerting.Trouble)(nil); !errors.As(err, &trouble) || trouble.Reason != alerting.Untrusted || alerting.IsPermanent(err) {
			t.Errorf("%s: %v, want that the certificate is not trusted, and that another try can mend it", security, err)
		}
		if len(s.got()) != 0 {
			t.Error("the letter was sent all the same")
		}
	}
}

func TestOneDeadAddressKeepsNobodyElseInTheDark(t *testing.T) {
	s := &server{}
	c := serve(t, s, StartTLS)
	c.To = []string{"inconnu@caisse.example", "equipe@caisse.example"}
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); err != nil {
		t.Errorf("somebody was told, and we say %v", err)
	}
	if got := s.got(); len(got) != 1 || !slices.Equal(got[0].to, []string{"equipe@caisse.example"}) {
		t.Errorf("got %+v", got)
	}
}

func TestWhoGotTheLetterDoesNotGetItAgainBecauseAnotherWaits(t *testing.T) {
	s := &server{}
	c := serve(t, s, StartTLS)
	c.To = []string{"plustard@caisse.example", "equipe@caisse.example", "inconnu@caisse.example"}
	n := channel(t, c)
	for range 3 {
		if err := n.Notify(t.Context(), notifytest.Message()); err == nil || alerting.IsPermanent(err) {
			t.Errorf("got %v, want an error that another try can mend", err)
		}
	}
	if got := s.got(); len(got) != 1 {
		t.Errorf("%d letters to the one who took the first, want 1", len(got))
	}
}

func TestAnExternalServerTakesTheLetter(t *testing.T) {
	target := needs.Server(t, "OUIDIRE_TEST_SMTP")
	c := external(t, target)
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); err != nil {
		t.Errorf("accepted: %v", err)
	}
	if log, err := os.ReadFile(os.Getenv("OUIDIRE_TEST_SMTP_LOG")); err != nil || !strings.Contains(string(log), notifytest.Message().Key[:32]) {
		t.Errorf("the server's log does not show the letter (%v): %s", err, log)
	}
	c.To = []string{"inconnu@caisse.example"}
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); !alerting.IsPermanent(err) {
		t.Errorf("an unknown person: %v, want a refusal for ever", err)
	}
	c.To = []string{"plustard@caisse.example"}
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); err == nil || alerting.IsPermanent(err) {
		t.Errorf("a person for later: %v, want an error that another try can mend", err)
	}
	c.Password = config.NewSecret("faux")
	if err := channel(t, c).Notify(t.Context(), notifytest.Message()); !alerting.IsPermanent(err) || !strings.Contains(err.Error(), "535") {
		t.Errorf("a wrong password: %v, want 535, for ever", err)
	}
}

func TestARealMailServerDeliversTheLetterAndSaysWhatItRefuses(t *testing.T) {
	c := external(t, needs.Server(t, "OUIDIRE_TEST_EXIM"))
	m := notifytest.Message()
	if err := channel(t, c).Notify(t.Context(), m); err != nil {
		t.Fatalf("accepted: %v", err)
	}
	got, err := netmail.ReadMessage(bytes.NewReader(delivered(t, os.Getenv("OUIDIRE_TEST_EXIM_MAIL"), m.Key[:32])))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != notify.Subject(m) || !strings.Contains(got.Header.Get("Received"), "esmtpsa") {
		t.Errorf("it delivered %q, %v, received %q", subject, err, got.Header.Get("Received"))
	}
	for to, final := range map[string]bool{"inconnu@caisse.example": true, "plustard@caisse.example": false} {
		c.To = []string{to}
		if err := channel(t, c).Notify(t.Context(), m); err == nil || alerting.IsPermanent(err) != final {
			t.Errorf("%s: %v", to, err)
		}
	}
	c.Password = config.NewSecret("faux")
	if err := channel(t, c).Notify(t.Context(), m); !alerting.IsPermanent(err) || !strings.Contains(err.Error(), "535") {
		t.Errorf("a wrong password: %v, want 535, for ever", err)
	}
}

// delivered waits for a letter that holds something to lie in a Maildir.
func delivered(t *testing.T, folder, holds string) []byte {
	t.Helper()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for range 1200 { // a minute: this machine may be busy
		files, err := filepath.Glob(filepath.Join(folder, "new", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if letter, err := os.ReadFile(file); err == nil && strings.Contains(string(letter), holds) {
				return letter
			}
		}
		<-look.C
	}
	t.Fatalf("no letter with %s lies in %s", holds, folder)
	return nil
}

func TestALetterToOnePersonGoesToThatPersonAloneThroughTheSameAccount(t *testing.T) {
	s := &server{}
	n := channel(t, serve(t, s, StartTLS))
	to, err := n.To("zoe@moyac.example")
	if err != nil {
		t.Fatal(err)
	}
	m := alerting.Message{Key: "clé", Incident: "7q3k9", Lang: say.FrenchCanada, Subject: "On vous confie\u00a0: l’épargne", Body: "Éloïse vous confie cette situation.\n"}
	if err := to.Notify(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if err := n.Notify(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := s.got()
	if len(got) != 2 || !slices.Equal(got[0].to, []string{"zoe@moyac.example"}) || !slices.Equal(got[1].to, []string{"equipe@caisse.example"}) || got[0].user != user {
		t.Fatalf("letters to %+v", got)
	}
	letter, _ := read(t, got[0])
	if strings.Contains(letter.Header.Get("To"), "equipe") || !strings.Contains(letter.Header.Get("References"), ".situation@") {
		t.Errorf("it is written to %q, in the conversation %q", letter.Header.Get("To"), letter.Header.Get("References"))
	}
	for _, bad := range []string{"", "zoe", "zoe@moyac.example\r\nBcc: volee@moyac.example", "a@b.example, c@d.example"} {
		if _, err := n.To(bad); err == nil {
			t.Errorf("%q is taken for an address", bad)
		}
	}
}

func TestALetterThatSpeaksOfNoSituationGoesToOnePersonToo(t *testing.T) {
	s := &server{}
	n := channel(t, serve(t, s, StartTLS))
	note := alerting.Message{Key: "une invitation", Lang: say.FrenchCanada, Subject: "On vous invite\r\nBcc: tous@caisse.example", Body: "Bonjour Éloïse,\n\nl’équipe vous invite.\n"}
	write := func(address string) error {
		to, err := n.To(address)
		if err != nil {
			return err
		}
		return to.Notify(t.Context(), note)
	}
	if err := write("eloise@caisse.example"); err != nil {
		t.Fatal(err)
	}
	got := s.got()
	if len(got) != 1 || !slices.Equal(got[0].to, []string{"eloise@caisse.example"}) || !got[0].encrypted {
		t.Fatalf("letters %+v", got)
	}
	m, said := read(t, got[0])
	if m.Header.Get("Bcc") != "" || !strings.Contains(said.Body, "l’équipe vous invite.") || m.Header.Get("List-Unsubscribe") != "" || m.Header.Get("In-Reply-To") != "" {
		t.Errorf("it reads %+v", said)
	}
	for _, address := range []string{"inconnu@caisse.example", "a@caisse.example\r\nRCPT TO:<b@caisse.example>", ""} {
		if err := write(address); !alerting.IsPermanent(err) {
			t.Errorf("%q: %v", address, err)
		}
	}
}
