package webhook

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
)

// side is a server that checks each signature.
func side(t *testing.T, b notifytest.Behaviour) *notifytest.Side {
	return &notifytest.Side{Behave: b, Take: func(w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
		signature := r.Header.Get("X-Ouidire-Signature")
		stamp, _, _ := strings.Cut(strings.TrimPrefix(signature, "t="), ",")
		at, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil || signature != Sign(notifytest.Secret, time.Unix(at, 0), body) {
			t.Errorf("signature %q", signature)
		}
		var p payload
		if err := json.Unmarshal(body, &p); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusAccepted)
		return notifytest.Got{Key: r.Header.Get("Idempotency-Key"), Subject: p.Subject, Body: p.Body}
	}}
}

func start(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
	s := side(t, b)
	server := s.Serve(t)
	n, err := New(Config{URL: server.URL + "/s3cret", Secret: config.NewSecret(notifytest.Secret)}, deps(server.Client()))
	if err != nil {
		t.Fatal(err)
	}
	return n, s.Got
}

func deps(c *http.Client) alerting.Deps {
	return alerting.Deps{HTTP: c, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
}

func TestAWebhookPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{Start: start})
}

func TestTheBodyAndItsSignatureAreTheContract(t *testing.T) {
	at := time.Unix(1764000000, 0)
	n := &Notifier{url: "http://127.0.0.1/x", secret: config.NewSecret("secret"), now: func() time.Time { return at }}
	r, err := n.request(notifytest.Message())
	if err != nil {
		t.Fatal(err)
	}
	body := r.Body
	var got map[string]any
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	m := notifytest.Message()
	want := map[string]any{
		"schema_version": 1.0, "key": m.Key, "incident": m.Incident, "seq": 1.0, "thread": m.Incident, "rule": "nouvelles", "watch": "caisse",
		"severity": "info", "lang": "fr-CA", "subject": m.Subject, "body": m.Body, "link": m.Link,
		"mentions": []any{"m1", "m2"}, "at": "2026-11-20T14:12:00Z",
		"acts": map[string]any{"acknowledge": m.Buttons[0].Link, "false_alarm": m.Buttons[1].Link},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// echo -n '1764000000.hello' | openssl dgst -sha256 -hmac secret
	const hello = "t=1764000000,v1=59711a51a3d809f4d2d94bd7028c6dcb9305b4c282d8d6262f4bf52f3cf57830"
	if got := Sign("secret", at, []byte("hello")); got != hello {
		t.Errorf("signature %s, want %s", got, hello)
	}
	if got := r.Header["X-Ouidire-Signature"]; got != Sign("secret", at, body) {
		t.Errorf("the header is %s", got)
	}
}

func TestTheThreadIsThatOfTheStoryElseOfTheSituation(t *testing.T) {
	story, alone := notifytest.Message(), notifytest.Message()
	story.Thread, alone.Incident = "9x2story", ""
	for want, m := range map[string]alerting.Message{`"thread":"9x2story"`: story, `"thread":"` + notifytest.Message().Incident + `"`: notifytest.Message(), "": alone} {
		r, err := (&Notifier{url: "http://127.0.0.1/x", now: time.Now}).request(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(r.Body); want == "" && strings.Contains(got, "thread") || !strings.Contains(got, want) {
			t.Errorf("%s is not in %s", want, got)
		}
	}
}

func TestWithoutASecretNothingIsSigned(t *testing.T) {
	n := &Notifier{url: "http://127.0.0.1/x", now: time.Now}
	r, err := n.request(notifytest.Message())
	if err != nil {
		t.Fatal(err)
	}
	if _, signed := r.Header["X-Ouidire-Signature"]; signed {
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
