package elastic

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
)

// certificate is a server's, made by an authority of its own for 127.0.0.1.
func certificate(t *testing.T, until time.Time, names ...string) (server tls.Certificate, authority string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "essai"}, NotBefore: until.AddDate(-1, 0, 0), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, DNSNames: names, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature}
	if len(names) == 0 {
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	authority = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, authority
}

// stage is a server that plays one, with what it is told to answer to the first
// path that fits.
type stage map[string]func(http.ResponseWriter)

func (s stage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	for path, answer := range s {
		method, path, _ := strings.Cut(path, " ")
		if method == r.Method && (path == r.URL.Path || path != "/" && strings.HasPrefix(r.URL.Path, path)) {
			answer(w)
			return
		}
	}
	says(w, http.StatusOK, object{})
}

func version(number string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		says(w, http.StatusOK, object{"version": object{"number": number}, "tagline": "You Know, for Search"})
	}
}

func refusal(status int, kind, reason string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		says(w, status, object{"error": object{"type": kind, "reason": reason}, "status": status})
	}
}

func page(status int, kind, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestWhatIsWrongAtTheFirstStartIsOneSentenceThatNamesTheSetting(t *testing.T) {
	right := version("8.16.6")
	for _, c := range []struct {
		name, en, fr, setting string
		play                  stage
	}{
		{"no credentials", "wants to know who asks", "exige de savoir qui l’interroge", "api_key",
			stage{"GET /": refusal(401, "security_exception", "missing authentication credentials")}},
		{"a page with status 200", "is not Elasticsearch (answer 200, text/html)", "n’est pas Elasticsearch (réponse 200, text/html)", "addresses",
			stage{"GET /": page(200, "text/html", "<html><title>Bienvenue</title></html>")}},
		{"a proxy that wants a password", "wants to know who asks", "exige de savoir qui l’interroge", "password",
			stage{"GET /": page(401, "text/html", "<html>401</html>")}},
		{"OpenSearch", "OpenSearch 2.19.1 answers", "OpenSearch 2.19.1 répond", "addresses",
			stage{"GET /": page(200, "application/json", `{"version":{"number":"2.19.1","distribution":"opensearch"}}`)}},
		{"a server from before the mark", "Elasticsearch 7.10.2 answers", "Elasticsearch 7.10.2 répond", "addresses",
			stage{"GET /": page(200, "application/json", `{"version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`)}},
		{"an older server", "Elasticsearch 8.15.3 answers", "Elasticsearch 8.15.3 répond", "8.16", stage{"GET /": version("8.15.3")}},
		{"no permission for templates", "may not write index templates", "le droit d’écrire des modèles d’index", "manage_index_templates",
			stage{"GET /": right, "PUT /_index_template": refusal(403, "security_exception", "action [indices:admin/index_template/put] is unauthorized")}},
		{"no permission to write", "does not let this user do", "ne permet pas à cet utilisateur", "api_key",
			stage{"GET /": right, "PUT /essai-mentions-old": refusal(403, "security_exception", "action [indices:admin/create] is unauthorized")}},
		{"an index with a foreign mapping", "the index essai-mentions-notes is not one of ouidire’s", "quelqu’un d’autre l’a créé, avec d’autres champs", "index_prefix",
			stage{"GET /": right, "GET /essai-mentions": func(w http.ResponseWriter) {
				says(w, 200, object{"essai-mentions-notes": object{"mappings": object{"properties": object{"text": object{"type": "text"}}}}})
			}}},
		{"an index where an alias must be", "the index essai-mentions is not one of ouidire’s", "il porte le nom que doit porter un de ses alias", "index_prefix",
			stage{"GET /": right, "GET /essai-mentions": func(w http.ResponseWriter) {
				says(w, 200, object{"essai-mentions": object{"mappings": mappings()}})
			}}},
		{"an index that cannot be brought up to date", "is not one of ouidire’s", "n’appartient pas", "index_prefix",
			stage{"GET /": right, "GET /essai-mentions": func(w http.ResponseWriter) {
				says(w, 200, object{"essai-mentions-2026-03": object{"mappings": mappings()}})
			}, "PUT /essai-mentions-2026-03/_mapping": refusal(400, "illegal_argument_exception", "mapper [source] cannot be changed from type [long] to [keyword]")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := httptest.NewServer(c.play)
			defer server.Close()
			expect(t, essai(server.URL), c.en, c.fr, c.setting)
		})
	}
}

func TestWrongCredentialsAreRefusedInASentenceThatNamesThem(t *testing.T) {
	server := httptest.NewServer(stage{"GET /": refusal(401, "security_exception", "unable to authenticate user [ouidire]")})
	defer server.Close()
	key, password := essai(server.URL), essai(server.URL)
	key.APIKey = config.NewSecret("une-clé")
	password.Username, password.Password = "ouidire", config.NewSecret("mot-de-passe-périmé")
	expect(t, key, "does not accept these credentials", "refuse ces identifiants", "api_key")
	expect(t, password, "does not accept these credentials", "refuse ces identifiants", "password")
}

func essai(address string) Config {
	c := Default()
	c.Addresses, c.Prefix = []string{address}, "essai"
	return c
}

// expect opens a store for the first time and wants it refused in these words.
func expect(t *testing.T, c Config, en, fr, setting string) {
	t.Helper()
	s, err := Open(t.Context(), t.TempDir(), c, Options{})
	if err == nil {
		t.Fatalf("opened, its trouble %v", troubleOf(s))
	}
	english, french := say.Explain(err, say.English), say.Explain(err, say.FrenchCanada)
	if !strings.Contains(english, en) || !strings.Contains(french, fr) || !strings.Contains(english, setting) || !strings.Contains(french, setting) {
		t.Errorf("said:\n%s\n%s\nwant %q, %q and %s", english, french, en, fr, setting)
	}
}

func troubleOf(s *Store) error {
	defer s.Close()
	return s.State().Trouble
}

func TestCertificatesThatCannotBeTrustedAreExplained(t *testing.T) {
	open := func(t *testing.T, server tls.Certificate) string {
		s := httptest.NewUnstartedServer(stage{})
		s.TLS = &tls.Config{Certificates: []tls.Certificate{server}}
		s.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.URL
	}
	good, authority := certificate(t, time.Now().AddDate(0, 1, 0))
	expired, itsAuthority := certificate(t, time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	elsewhere, thirdAuthority := certificate(t, time.Now().AddDate(0, 1, 0), "recherche.caisse.example")
	for _, c := range []struct {
		name, ca, en, fr, setting string
		server                    tls.Certificate
	}{
		{"an authority that nobody knows", "", "nobody whom this machine trusts", "rien sur cette machine ne répond", "ca", good},
		{"another authority", itsAuthority, "nobody whom this machine trusts", "rien sur cette machine ne répond", "ca", good},
		{"an expired one", itsAuthority, "was valid until 2026-11-01", "était valide jusqu’au 2026-11-01", "ca", expired},
		{"one for another name", thirdAuthority, "was made for another name", "porte un autre nom", "addresses", elsewhere},
	} {
		t.Run(c.name, func(t *testing.T) {
			settings := essai(open(t, c.server))
			settings.CA = trusting(t, c.ca)
			expect(t, settings, c.en, c.fr, c.setting)
		})
	}
	settings := essai(open(t, good))
	settings.CA = trusting(t, authority)
	client, err := newClient(settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.do(t.Context(), esapi.InfoRequest{}, nil); err != nil {
		t.Errorf("with its authority: %v", err)
	}
	plain := httptest.NewServer(stage{})
	defer plain.Close()
	expect(t, essai(strings.Replace(plain.URL, "http:", "https:", 1)), "does not encrypt", "ne chiffre pas", "http://")
}

// trusting reads the file of an authority; none of it when there is no file.
func trusting(t *testing.T, file string) config.Authorities {
	t.Helper()
	if file == "" {
		return config.Authorities{}
	}
	a, err := config.ReadAuthorities(file)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAServerThatIsAwayIsWaitedForAndNamed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	listener.Close()
	var log strings.Builder
	s, err := Open(t.Context(), t.TempDir(), essai(address), Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatalf("not opened: %v", err)
	}
	defer s.Close()
	for _, l := range []say.Lang{say.English, say.FrenchCanada} {
		if said := say.Explain(s.State().Trouble, l); !strings.Contains(said, address) || !strings.Contains(said, "addresses") {
			t.Errorf("%s: %s", l, said)
		}
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 {
		t.Errorf("%d lines in the log, want one:\n%s", n, log.String())
	}
	if at, err := s.NewestSeen(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("newest seen %v, %v", at, err)
	}
}

// What was right once is waited for: crawling must not end because a certificate did.
func TestAServerThatWasReachedBeforeIsWaitedForWhateverItAnswers(t *testing.T) {
	server := httptest.NewServer(stage{"GET /": page(200, "text/html", "<html>Maintenance</html>")})
	defer server.Close()
	folder := t.TempDir()
	if err := os.MkdirAll(filepath.Join(folder, "elastic"), 0o700); err != nil {
		t.Fatal(err)
	}
	p, err := openSpool(t.Context(), filepath.Join(folder, "elastic", "spool.db"), 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = p.db.Write(t.Context(), func(tx *sqlite.Tx) error { return p.remember(t.Context(), tx, "met", 1) })
	if err != nil || p.close() != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), folder, essai(server.URL), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.State().Trouble == nil {
		t.Error("it is not said that the server answers with a page")
	}
}

func TestAServerThatNeverAnswersHoldsNobodyUp(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second) // else Open has more patience
	defer cancel()
	s, err := Open(ctx, t.TempDir(), essai(server.URL), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, _, err := s.Put(t.Context(), []mention.Mention{sample()}); err != nil {
		t.Error(err)
	}
	if said := say.Explain(s.State().Trouble, say.FrenchCanada); !strings.Contains(said, "trop de temps") {
		t.Errorf("said: %s", said)
	}
}

func TestSettingsThatCannotWorkAreRefusedBeforeAnybodyIsAsked(t *testing.T) {
	for _, c := range []struct {
		key    string
		change func(*Config)
	}{
		{"addresses", func(c *Config) { c.Addresses = nil }},
		{"addresses", func(c *Config) { c.Addresses = []string{"recherche.caisse.example:9200"} }},
		{"addresses", func(c *Config) { c.Addresses = []string{"https://ouidire:secret@recherche.caisse.example:9200"} }},
		{"api_key", func(c *Config) {
			c.APIKey, c.Username, c.Password = config.NewSecret("a"), "ouidire", config.NewSecret("b")
		}},
		{"username", func(c *Config) { c.Username = "ouidire" }},
		{"index_prefix", func(c *Config) { c.Prefix = "Ouidire" }},
		{"index_prefix", func(c *Config) { c.Prefix = "-" }},
		{"index_prefix", func(c *Config) { c.Prefix = "épargne" }},
		{"index_prefix", func(c *Config) { c.Prefix = "a*" }},
	} {
		settings := essai("https://recherche.caisse.example:9200")
		if problems := settings.Check(); len(problems) > 0 {
			t.Fatalf("right settings: %+v", problems)
		}
		c.change(&settings)
		problems := settings.Check()
		if len(problems) != 1 || problems[0].Key != c.key || problems[0].Text.EN == "" || problems[0].Text.FR == "" {
			t.Errorf("%+v: %+v, want one of %s", settings, problems, c.key)
		}
	}
}
