package shoutrrr

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"html"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
)

// outside is a service of the internet that stands on this machine: at the end of a
// proxy, which the other process is told of as a firm's is, under a certificate of its own.
func outside(t *testing.T, host string, side *notifytest.Side) (proxy, authority string) {
	t.Helper()
	certificate, authority := vouched(t, host)
	service := side.ServeTLS(t, certificate)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	way := &tunnel{t: t, host: host, to: service.Listener.Addr().String()}
	way.open.Go(func() { way.serve(l) })
	t.Cleanup(func() { _ = l.Close(); way.open.Wait() })
	return "http://" + l.Addr().String(), authority
}

// vouched is a certificate of host, and the file by which it is trusted.
func vouched(t *testing.T, host string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, DNSNames: []string{host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
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

// tunnel is the proxy: it leads whoever asks for its host to the service.
type tunnel struct {
	t        *testing.T
	host, to string
	open     sync.WaitGroup
}

func (p *tunnel) serve(l net.Listener) {
	for {
		near, err := l.Accept()
		if err != nil {
			return // the test is over
		}
		p.open.Go(func() {
			defer near.Close()
			p.lead(near)
		})
	}
}

func (p *tunnel) lead(near net.Conn) {
	asked := bufio.NewReader(near)
	r, err := http.ReadRequest(asked)
	if err != nil {
		return // it was given up
	}
	if r.Method != http.MethodConnect || r.Host != p.host+":443" {
		p.t.Errorf("the proxy is asked to %s %s", r.Method, r.Host)
		return
	}
	far, err := net.Dial("tcp", p.to)
	if err != nil {
		_, _ = io.WriteString(near, "HTTP/1.1 502 Bad Gateway\r\n\r\n") // the service is gone
		return
	}
	defer far.Close()
	_, _ = io.WriteString(near, "HTTP/1.1 200 Connection established\r\n\r\n")
	p.open.Go(func() {
		_, _ = io.Copy(far, asked)
		_ = far.Close()
	})
	_, _ = io.Copy(near, far)
}

// remote are services at addresses of their own, as they publish what they take.
var remote = map[string]struct {
	host, address string
	limit         int
	take          func(t *testing.T, w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got
}{
	"telegram": {"api.telegram.org", "telegram://12345:s3cretdelepargne@telegram?chats=67890", 3900, takeTelegram},
	"discord":  {"discord.com", "discord://s3cretdelepargne@12345", usual.most, takeDiscord},
	"zulip":    {"equipe.zulipchat.example", "zulip://veille%40zulipchat.example:s3cretdelepargne@equipe.zulipchat.example?stream=veille&topic=caisse", usual.most, takeZulip},
	"pushover": {"api.pushover.net", "pushover://shoutrrr:s3cretdelepargne@equipe", 900, takePushover},
}

// takeTelegram takes a message of at most 4,096 characters once its marks are read, which
// are HTML (https://core.telegram.org/bots/api#sendmessage).
func takeTelegram(t *testing.T, w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
	var m struct {
		Chat string `json:"chat_id"`
		Text string
		Mode string `json:"parse_mode"`
	}
	if err := json.Unmarshal(body, &m); err != nil || r.URL.Path != "/bot12345:s3cretdelepargne/sendMessage" || m.Chat != "67890" || m.Mode != "HTML" {
		t.Errorf("%s: %v: %s", r.URL.Path, err, body)
	}
	title, text, ok := strings.Cut(strings.TrimPrefix(m.Text, "<b>"), "</b>\n")
	if !ok || !strings.HasPrefix(m.Text, "<b>") || strings.ContainsAny(title+text, "<>") {
		t.Errorf("its marks are not those of a title: %s", m.Text)
	}
	title, text = html.UnescapeString(title), html.UnescapeString(text)
	if n := len(utf16.Encode([]rune(title + "\n" + text))); n > 4096 {
		t.Errorf("%d characters", n)
	}
	fmt.Fprint(w, `{"ok":true,"result":{"message_id":1,"date":1764000000,"chat":{"id":67890,"type":"private"}}}`)
	return notifytest.Got{Subject: loud(title), Body: loud(text), Raw: title + text}
}

// takeDiscord takes an embed with a title of at most 256 characters and a description of
// at most 4,096 (https://discord.com/developers/docs/resources/message#embed-object).
func takeDiscord(t *testing.T, w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
	var m struct {
		Content string
		Embeds  []struct{ Title, Description string }
	}
	if err := json.Unmarshal(body, &m); err != nil || r.URL.Path != "/api/webhooks/12345/s3cretdelepargne" || m.Content != "" || len(m.Embeds) != 1 {
		t.Errorf("%s: %v: %s", r.URL.Path, err, body)
		return notifytest.Got{}
	}
	e := m.Embeds[0]
	if utf8.RuneCountInString(e.Title) > 256 || utf8.RuneCountInString(e.Description) > 4096 {
		t.Errorf("it is longer than Discord takes: %s", body)
	}
	w.WriteHeader(http.StatusNoContent)
	return notifytest.Got{Subject: loud(e.Title), Body: loud(e.Description), Raw: e.Title + e.Description}
}

// takePushover takes a form with at most 1,024 characters, and 250 of title
// (https://pushover.net/api#limits).
func takePushover(t *testing.T, w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
	form, err := url.ParseQuery(string(body))
	title, text := form.Get("title"), form.Get("message")
	if err != nil || r.URL.Path != "/1/messages.json" || form.Get("token") != "s3cretdelepargne" || form.Get("user") != "equipe" ||
		utf8.RuneCountInString(text) > 1024 || utf8.RuneCountInString(title) > 250 {
		t.Errorf("%s: %v: %s", r.URL.Path, err, body)
	}
	fmt.Fprint(w, `{"status":1,"request":"647d2300-702c-4b38-8b2f-d56326ae460b"}`)
	return notifytest.Got{Subject: loud(title), Body: loud(text), Raw: title + text}
}

// takeZulip takes a form with at most 10,000 characters from whoever shows a key
// (https://zulip.com/api/send-message).
func takeZulip(t *testing.T, w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
	form, err := url.ParseQuery(string(body))
	text := form.Get("content")
	who, key, _ := r.BasicAuth()
	if err != nil || r.URL.Path != "/api/v1/messages" || who != "veille@zulipchat.example" || key != "s3cretdelepargne" || form.Get("type") != "stream" ||
		form.Get("to") != "veille" || form.Get("topic") != "caisse" || utf8.RuneCountInString(text) > 10_000 {
		t.Errorf("%s: %v: %s", r.URL.Path, err, body)
	}
	fmt.Fprint(w, `{"result":"success","msg":"","id":42}`)
	title, said, _ := strings.Cut(loud(text), "\n\n")
	return notifytest.Got{Subject: title, Body: said, Raw: text}
}

// through is the channel to an address, whose process has a proxy and trusts an authority.
func through(t *testing.T, address, proxy, authority string) *Notifier {
	t.Helper()
	n := channel(t, address)
	script := fmt.Sprintf("#!/bin/sh\nHTTPS_PROXY='%s' NO_PROXY=127.0.0.1 SSL_CERT_FILE='%s' exec '%s' \"$@\"\n", proxy, authority, n.program)
	n.program = programOf(t, script)
	return n
}

func TestServicesOfTheInternetPassTheBattery(t *testing.T) {
	for name, service := range remote {
		t.Run(name, func(t *testing.T) {
			start := func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
				s := &notifytest.Side{Behave: b, Take: func(w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
					return service.take(t, w, r, body)
				}}
				proxy, authority := outside(t, service.host, s)
				return through(t, service.address, proxy, authority), s.Got
			}
			notifytest.Run(t, notifytest.Kind{Limit: service.limit, Keyless: true, Start: start, Never: []string{"@channel", "@everyone", "@all", "<!", "<@", "](http"}})
		})
	}
}
