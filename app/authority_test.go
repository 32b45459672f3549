package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"log/slog"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
)

// authority vouches for servers on this machine.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	a := &authority{certificate: &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 1, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}}
	a.key = newKey(t)
	a.certificate.Raw = a.sign(t, a.certificate, &a.key.PublicKey)
	return a
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *authority) sign(t *testing.T, c *x509.Certificate, key *ecdsa.PublicKey) (der []byte) {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, c, a.certificate, key, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// PEM is what stands in the file that names it.
func (a *authority) PEM() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}))
}

// certified speaks TLS with a certificate that may be signed anew at any time.
type certified struct {
	now    atomic.Pointer[tls.Certificate]
	greets atomic.Int64 // how often somebody began to speak with it
}

func (c *certified) signedBy(t *testing.T, a *authority) {
	t.Helper()
	key := newKey(t)
	server := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "serveur"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 1, 0), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	c.now.Store(&tls.Certificate{Certificate: [][]byte{a.sign(t, server, &key.PublicKey)}, PrivateKey: key})
}

func (c *certified) config() *tls.Config {
	return &tls.Config{GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		c.greets.Add(1)
		return &tls.Config{Certificates: []tls.Certificate{*c.now.Load()}}, nil
	}}
}

// serve has a handler behind it, and gives its address. Each question shakes hands anew.
func (c *certified) serve(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = c.config()
	s.Config.SetKeepAlivesEnabled(false)
	s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0) // who does not trust it hangs up
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}

// trusting is a daemon of which one part reaches its server by an authority that ca names.
type trusting struct {
	*testing.T
	server  certified
	press   *press
	words   *mathrand.Rand
	folder  string
	path    string // of the configuration, which names ./ca.pem
	app     started
	told    func() int                       // how many messages arrived
	trouble func(*trusting, say.Lang) string // what a person reads when the server is not trusted
	fr, en  string                           // of which this is a part
}

func TestAnAuthorityThatWasReplacedIsTrustedFromTheReloadOn(t *testing.T) {
	t.Parallel()
	for name, lay := range map[string]func(*trusting){"of sources": trustingSources, "of the store": trustingTheStore, "of a channel": trustingAChannel} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &trusting{T: t, press: newPress(t), words: mathrand.New(mathrand.NewPCG(31, 7)), folder: t.TempDir()}
			old, next := newAuthority(t, "ancienne"), newAuthority(t, "nouvelle")
			w.vouches(old.PEM())
			w.server.signedBy(t, old)
			lay(w)
			w.app = start(t, w.path, 200*time.Millisecond)
			w.app.readAll(t)
			w.publish(1)
			w.hears(1)
			w.aBrokenFileChangesNothing(next)
			w.hears(2)
			w.anotherAuthorityIsTakenByReload(next)
			w.hears(3)
			checkKept(t, w.app.everything(t), 3)
		})
	}
}

// aBrokenFileChangesNothing and is said, though the server itself did not change.
func (w *trusting) aBrokenFileChangesNothing(next *authority) {
	w.Helper()
	w.vouches(strings.Replace(next.PEM(), "M", "~", 1))
	w.reload()
	refused := w.app.refused.Load()
	if refused == nil {
		w.Fatal("a file that holds no certificate was taken")
	}
	for l, want := range map[say.Lang]string{say.FrenchCanada: "le fichier ./ca.pem ne contient aucun certificat au format PEM", say.English: "the file ./ca.pem holds no certificate in PEM form"} {
		if said := say.Explain(*refused, l); !strings.Contains(said, want) {
			w.Errorf("of a broken file it says %s, want %q", said, want)
		}
	}
	w.publish(2)
}

// anotherAuthorityIsTakenByReload and not before; until then it is said what is wrong.
func (w *trusting) anotherAuthorityIsTakenByReload(next *authority) {
	w.Helper()
	w.server.signedBy(w.T, next)
	w.publish(3)
	for l, want := range map[say.Lang]string{say.FrenchCanada: w.fr, say.English: w.en} {
		eventually(w, fmt.Sprintf("%s: %q", l, want), func() bool { return strings.Contains(strings.ReplaceAll(w.trouble(w, l), "\u00a0", " "), want) })
	}
	w.vouches(next.PEM())
	before := w.server.greets.Load()
	eventually(w, "another try before the reload", func() bool { return w.server.greets.Load() > before })
	if n := w.told(); n != 2 {
		w.Errorf("%d messages before the reload, want 2", n)
	}
	w.reload()
	if refused := w.app.refused.Load(); refused != nil {
		w.Errorf("the other authority is refused: %v", *refused)
	}
}

func (w *trusting) vouches(content string) {
	w.Helper()
	if err := os.WriteFile(filepath.Join(w.folder, "ca.pem"), []byte(content), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w *trusting) reload() {
	w.app.Reload(w.Context(), func() (*config.File, error) { return config.Load(w.path, Kinds()) })
}

func (w *trusting) publish(n int) {
	w.press.publish(fmt.Sprintf("L’épargne de Valtisse, %d", n), tale(w.words))
}

func (w *trusting) hears(n int) {
	w.Helper()
	eventually(w, fmt.Sprintf("%d messages", n), func() bool { return w.told() >= n })
	if got := w.told(); got != n {
		w.Errorf("%d messages, want %d", got, n)
	}
}

func (w *trusting) hook() (address string) {
	r := newReceiver(w.T, 0)
	w.told = func() int { return len(r.messages()) }
	return r.server.URL
}

func trustingSources(w *trusting) {
	w.path = settings{folder: w.folder, hook: w.hook(), feeds: []string{w.server.serve(w.T, w.press)}}.write(w.T)
	replace(w.T, w.path, "crawler: {", "crawler: {ca: ./ca.pem, ")
	w.trouble = func(w *trusting, l say.Lang) string { return getIn(w, string(l), w.app.Address()+"/sources") }
	w.fr, w.en = "indiquez dans crawler.ca le fichier de votre propre autorité", "give the file of your own certificate authority in crawler.ca"
}

func trustingTheStore(w *trusting) {
	server := needs.Elasticsearch(w.T)
	there, err := url.Parse(server)
	if err != nil {
		w.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(there)
	through.ErrorLog = log.New(w.Output(), "", 0)
	lines := strings.Replace(sharedStore(w, server), server, w.server.serve(w.T, through), 1)
	w.path = settings{folder: w.folder, hook: w.hook(), feeds: []string{w.press.server.URL}, extra: strings.Replace(lines, "{", "{ca: ./ca.pem, ", 1)}.write(w.T)
	w.trouble = func(w *trusting, l say.Lang) string { return getIn(w, string(l), w.app.Address()+"/") }
	w.fr, w.en = "ne répond du certificat de https://127.0.0.1", "vouches for the certificate of https://127.0.0.1"
}

func trustingAChannel(w *trusting) {
	plain, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	post := openPostOffice(w.T, tls.NewListener(plain, w.server.config()))
	w.told = func() int {
		post.mu.Lock()
		defer post.mu.Unlock()
		return len(post.letters)
	}
	w.path = settings{folder: w.folder, hook: newReceiver(w.T, 0).server.URL, feeds: []string{w.press.server.URL},
		more: fmt.Sprintf("  - {name: courriel, kind: email, host: 127.0.0.1, port: %d, security: tls, ca: ./ca.pem, from: veille@caisse.example, to: [equipe@caisse.example]}\n", plain.Addr().(*net.TCPAddr).Port)}.write(w.T)
	w.trouble = func(w *trusting, l say.Lang) string {
		return say.Explain(w.app.SendTest(w.Context(), "courriel", l), l)
	}
	w.fr, w.en = "cette machine ne se fie pas au certificat du service", "this machine does not trust the certificate of the service"
}
