package webhook

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
)

// side is the server that is posted to.
type side struct {
	mu       sync.Mutex
	got      []notifytest.Got
	behave   notifytest.Behaviour
	unsigned bool
	quit     chan struct{}
	followed func()
}

func (s *side) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == "/ailleurs" {
		s.followed()
	}
	switch s.behave {
	case notifytest.Refuses:
		http.Error(w, "non\x1b[31m\u202E", http.StatusGone)
		return
	case notifytest.Fails:
		http.Error(w, "plus tard", http.StatusBadGateway)
		return
	case notifytest.Busy:
		w.Header().Set("Retry-After", strconv.Itoa(int(notifytest.Hint.Seconds())))
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case notifytest.BusyNoHint:
		w.Header().Set("Retry-After", "bientôt")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	case notifytest.Slow:
		<-time.After(300 * time.Millisecond)
	case notifytest.Silent:
		<-s.quit
		return
	case notifytest.Cuts:
		panic(http.ErrAbortHandler)
	case notifytest.Redirects:
		http.Redirect(w, r, "/ailleurs", http.StatusTemporaryRedirect)
		return
	case notifytest.WrongCredentials:
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.keep(w, r, body)
}

func (s *side) keep(w http.ResponseWriter, r *http.Request, body []byte) {
	signature := r.Header.Get("X-Ouidire-Signature")
	t, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
	at, err := strconv.ParseInt(t, 10, 64)
	if !s.unsigned && (err != nil || signature != Sign(notifytest.Secret, time.Unix(at, 0), body)) {
		http.Error(w, "bad signature", http.StatusForbidden)
		return
	}
	var p payload
	if err := json.Unmarshal(body, &p); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, notifytest.Got{Key: r.Header.Get("Idempotency-Key"), Subject: p.Subject, Body: p.Body, Headers: slices.Collect(keys(r.Header))})
	w.WriteHeader(http.StatusAccepted)
}

func keys(h http.Header) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range h {
			if !yield(k) {
				return
			}
		}
	}
}

func start(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
	s := &side{behave: b, quit: make(chan struct{}), followed: func() { t.Error("the redirect was followed") }}
	server := httptest.NewServer(s)
	t.Cleanup(func() { close(s.quit); server.Close() })
	n, err := New(Config{URL: server.URL, Secret: config.NewSecret(notifytest.Secret)}, deps(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	return n, func() []notifytest.Got {
		s.mu.Lock()
		defer s.mu.Unlock()
		return slices.Clone(s.got)
	}
}

func deps(c *http.Client) alerting.Deps {
	return alerting.Deps{HTTP: c, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func TestAWebhookPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{Start: start})
}

func TestAnAnswerTellsWhetherToTryAgain(t *testing.T) {
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	n := &Notifier{now: func() time.Time { return now }}
	for status, want := range map[int]string{
		200: "", 201: "", 204: "", 299: "",
		301: "final", 302: "final", 308: "final", 400: "final", 401: "final", 403: "final", 404: "final", 410: "final", 413: "final", 422: "final",
		408: "again", 425: "again", 500: "again", 502: "again", 504: "again",
		429: "busy", 503: "busy",
	} {
		err := n.judge(&http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"Fri, 20 Nov 2026 14:00:07 GMT"}}}, nil)
		got := ""
		if b, ok := err.(*alerting.Busy); ok && b.RetryAfter == 7*time.Second {
			got = "busy"
		} else if alerting.IsPermanent(err) {
			got = "final"
		} else if err != nil {
			got = "again"
		}
		if got != want {
			t.Errorf("%d: %q (%v), want %q", status, got, err, want)
		}
	}
}

func TestAHintIsReadAsSecondsOrADateWithinReason(t *testing.T) {
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	for hint, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, " 7 ": 7 * time.Second, "-3": 0, "999999999": 24 * time.Hour, "bientôt": 0,
		"Fri, 20 Nov 2026 14:01:00 GMT": time.Minute, "Fri, 20 Nov 2020 14:01:00 GMT": 0,
	} {
		if got := retryAfter(hint, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", hint, got, want)
		}
	}
}

func TestTheBodyAndItsSignatureAreTheContract(t *testing.T) {
	at := time.Unix(1764000000, 0)
	n := &Notifier{url: "http://127.0.0.1/x", secret: config.NewSecret("secret"), now: func() time.Time { return at }}
	r, err := n.request(t.Context(), notifytest.Message())
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	m := notifytest.Message()
	want := map[string]any{
		"schema_version": 1.0, "key": m.Key, "incident": m.Incident, "seq": 1.0, "rule": "nouvelles", "watch": "caisse",
		"severity": "info", "lang": "fr-CA", "subject": m.Subject, "body": m.Body, "link": m.Link,
		"mentions": []any{"m1", "m2"}, "at": "2026-11-20T14:12:00Z",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// echo -n '1764000000.hello' | openssl dgst -sha256 -hmac secret
	const hello = "t=1764000000,v1=59711a51a3d809f4d2d94bd7028c6dcb9305b4c282d8d6262f4bf52f3cf57830"
	if got := Sign("secret", at, []byte("hello")); got != hello {
		t.Errorf("signature %s, want %s", got, hello)
	}
	if got := r.Header.Get("X-Ouidire-Signature"); got != Sign("secret", at, body) {
		t.Errorf("the header is %s", got)
	}
}

func TestWithoutASecretNothingIsSigned(t *testing.T) {
	s := &side{behave: notifytest.Accepts, unsigned: true}
	server := httptest.NewServer(s)
	defer server.Close()
	n, err := New(Config{URL: server.URL}, deps(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Notify(t.Context(), notifytest.Message()); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(s.got[0].Headers, "X-Ouidire-Signature") {
		t.Error("a signature without a secret")
	}
}

func TestAnAddressThatCannotBePostedToIsAProblem(t *testing.T) {
	for _, bad := range []string{"courriel.example", "ftp://caisse.example", "http://", "https//caisse.example", "::"} {
		if c := (&Config{URL: bad}); len(c.Check()) != 1 {
			t.Errorf("%q: %d problems, want 1", bad, len(c.Check()))
		}
	}
	if c := (&Config{URL: "http://192.0.2.7:8080/x"}); len(c.Check()) != 0 {
		t.Error("an address on the operator's own network is theirs to choose")
	}
}

func TestAnErrorNamesTheHostAndNotTheAddress(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, address := range map[string]string{
		"nobody answers": closed.URL + "/services/jeton-huard?cle=moyac",
		"no address":     "http://127.0.0.1/%zz-jeton-huard",
	} {
		n, err := New(Config{URL: address}, alerting.Deps{HTTP: &http.Client{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		err = n.Notify(t.Context(), alerting.Message{Key: "k"})
		if err == nil || strings.Contains(err.Error(), "huard") || strings.Contains(err.Error(), "moyac") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
