package alertmanager

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
)

func channel(t *testing.T, c Config, client *http.Client) *Notifier {
	t.Helper()
	n, err := New(c, alerting.Deps{HTTP: client, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAlertmanagerPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{Limit: bodyMost, Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
		s := &notifytest.Side{Behave: b, Take: func(_ http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
			if user, password, _ := r.BasicAuth(); user != "ouidire" || password != notifytest.Secret || r.URL.Path != "/am/api/v2/alerts" {
				t.Errorf("%s, signed in as %q", r.URL.Path, user)
			}
			var all []alert
			strict := json.NewDecoder(bytes.NewReader(body))
			strict.DisallowUnknownFields()
			if err := strict.Decode(&all); err != nil || len(all) != 3 {
				t.Fatalf("%d alerts, %v", len(all), err)
			}
			told := all[0].Annotations
			return notifytest.Got{Key: told["key"], Subject: told["summary"], Body: told["description"]}
		}}
		server := s.Serve(t)
		return channel(t, Config{URL: server.URL + "/am/", Username: "ouidire", Password: config.NewSecret(notifytest.Secret)}, server.Client()), s.Got
	}})
}

func TestASummaryEndsByItself(t *testing.T) {
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	n := &Notifier{now: func() time.Time { return now }}
	m := notifytest.Message()
	m.Incident, m.Rule = "", ""
	got := n.alerts(m)
	if len(got) != 1 || !got[0].EndsAt.Equal(now.Add(5*time.Minute)) || got[0].Labels["alertname"] != "OuidireMessage" {
		t.Errorf("got %+v", got)
	}
	if _, there := got[0].Labels["rule"]; there {
		t.Error("an empty label")
	}
}

func TestWhatSaysUntilWhenItHoldsEndsThen(t *testing.T) {
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	n := &Notifier{now: func() time.Time { return now }}
	m := notifytest.Message()
	m.Until = now.Add(48 * time.Hour)
	if got := n.alerts(m); !got[0].EndsAt.Equal(m.Until) {
		t.Errorf("it ends at %v, want %v", got[0].EndsAt, m.Until)
	}
	if m.Over = true; !n.alerts(m)[0].EndsAt.Equal(now) {
		t.Error("what was withdrawn goes on")
	}
}

// told is what an Alertmanager says to a webhook of its own.
type told struct {
	Alerts []struct {
		Status      string            `json:"status"`
		Labels      map[string]string `json:"labels"`
		Annotations map[string]string `json:"annotations"`
	} `json:"alerts"`
}

func TestARealAlertmanagerTellsTheBeginningAndTheEndOnce(t *testing.T) {
	program := needs.Server(t, "OUIDIRE_TEST_ALERTMANAGER")
	heard := make(chan string, 100)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var all told
		if err := json.NewDecoder(r.Body).Decode(&all); err != nil {
			t.Error(err)
		}
		for _, a := range all.Alerts {
			heard <- a.Status + " " + a.Labels["severity"] + " " + a.Annotations["summary"]
		}
	}))
	defer hook.Close()
	n := channel(t, Config{URL: run(t, program, hook.URL)}, http.DefaultClient)
	m := notifytest.Message()
	push := func(s alerting.Severity, subject string, over bool) {
		t.Helper()
		m.Severity, m.Subject, m.Over = s, subject, over
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(all ...string) {
		t.Helper()
		left := map[string]bool{}
		for _, one := range all {
			left[one] = true
		}
		for len(left) > 0 {
			select {
			case got := <-heard:
				if !left[got] {
					t.Errorf("heard %q, want %v", got, left)
				}
				delete(left, got)
			case <-t.Context().Done():
				t.Fatalf("never heard %v", left)
			case <-time.After(time.Minute):
				t.Fatalf("never heard %v", left)
			}
		}
	}
	push(alerting.Watch, "À surveiller : l’épargne 😀", false)
	expect("firing warning À surveiller : l’épargne 😀")
	push(alerting.Urgent, "Urgent", false)
	expect("firing critical Urgent", "resolved warning Urgent")
	push(alerting.Urgent, "C’est fini", true)
	expect("resolved critical C’est fini")
}

// run starts an Alertmanager that tells hook, each alert by itself.
func run(t *testing.T, program, hook string) (address string) {
	t.Helper()
	folder := t.TempDir()
	settings := fmt.Sprintf(`
route: {receiver: hook, group_by: ['...'], group_wait: 50ms, group_interval: 200ms, repeat_interval: 1h}
receivers: [{name: hook, webhook_configs: [{url: %q}]}]
`, hook)
	file := filepath.Join(folder, "alertmanager.yml")
	if err := os.WriteFile(file, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close()
	var log bytes.Buffer
	server := exec.CommandContext(t.Context(), program, "--config.file="+file, "--storage.path="+folder, "--web.listen-address="+at, "--cluster.listen-address=")
	server.Stderr = &log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Process.Kill(); _ = server.Wait() })
	for range 600 {
		if answer, err := http.Get("http://" + at + "/-/ready"); err == nil {
			_ = answer.Body.Close()
			return "http://" + at
		}
		<-time.After(100 * time.Millisecond)
	}
	t.Fatalf("it did not start:\n%s", &log)
	return ""
}
