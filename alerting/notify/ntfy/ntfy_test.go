package ntfy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
)

const topic = "veille-s3cret"

// phones is a server of ntfy that asks who publishes.
func phones(t *testing.T, b notifytest.Behaviour, seen func(publication)) *notifytest.Side {
	return &notifytest.Side{Behave: b, Take: func(w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
		if user, password, basic := r.BasicAuth(); r.Header.Get("Authorization") != "Bearer tk_s3cret" && (!basic || user != "veille" || password != notifytest.Secret) {
			t.Errorf("signed in with %q", r.Header.Get("Authorization"))
		}
		var p publication
		strict := json.NewDecoder(bytes.NewReader(body))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&p); err != nil || r.URL.Path != "/" || p.Topic != topic || len(p.Message) > 4096 || p.Priority < 1 || p.Priority > 5 {
			t.Errorf("%s got %s: %v", r.URL.Path, body, err)
		}
		if seen != nil {
			seen(p)
		}
		fmt.Fprint(w, `{"id":"hwQ2YpKdmg","event":"message"}`)
		return notifytest.Got{Key: r.Header.Get("Idempotency-Key"), Subject: p.Title, Body: p.Message}
	}}
}

func channel(t *testing.T, s *notifytest.Side, change func(*Config)) *Notifier {
	server := s.Serve(t)
	c := Config{URL: server.URL, Topic: config.NewSecret(topic), Token: config.NewSecret("tk_s3cret")}
	change(&c)
	n, err := New(c, alerting.Deps{HTTP: server.Client(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNtfyPassesTheBattery(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"with a token": func(*Config) {},
		"with a password": func(c *Config) {
			c.Token, c.Username, c.Password = config.Secret{}, "veille", config.NewSecret(notifytest.Secret)
		},
	} {
		t.Run(name, func(t *testing.T) {
			notifytest.Run(t, notifytest.Kind{Limit: 4096, Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
				s := phones(t, b, nil)
				return channel(t, s, change), s.Got
			}})
		})
	}
}

func TestWhatIsUrgentRingsAndWhatIsOverDoesNot(t *testing.T) {
	var got []publication
	n := channel(t, phones(t, notifytest.Accepts, func(p publication) { got = append(got, p) }), func(*Config) {})
	m := notifytest.Message()
	for _, of := range []struct {
		severity alerting.Severity
		over     bool
	}{{alerting.Urgent, false}, {alerting.Watch, false}, {alerting.Inform, false}, {alerting.Urgent, true}} {
		m.Severity, m.Over = of.severity, of.over
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	var priorities []int
	for _, p := range got {
		priorities = append(priorities, p.Priority)
		if p.Click != m.Link || len(p.Tags) != 1 {
			t.Errorf("click %q, tags %q", p.Click, p.Tags)
		}
	}
	if want := []int{5, 4, 3, 3}; !slices.Equal(priorities, want) {
		t.Errorf("priorities %v, want %v", priorities, want)
	}
}

func TestWhatPhonesCannotSubscribeToIsAProblem(t *testing.T) {
	good := Config{URL: "https://ntfy.sh", Topic: config.NewSecret("veille_2-X")}
	for name, c := range map[string]struct {
		change func(*Config)
		want   int
	}{
		"as it should be":     {func(*Config) {}, 0},
		"an accent":           {func(c *Config) { c.Topic = config.NewSecret("épargne") }, 1},
		"a path":              {func(c *Config) { c.Topic = config.NewSecret("a/../b") }, 1},
		"too long":            {func(c *Config) { c.Topic = config.NewSecret(strings.Repeat("a", 65)) }, 1},
		"no address":          {func(c *Config) { c.URL = "ntfy.sh" }, 1},
		"a user alone":        {func(c *Config) { c.Username = "veille" }, 1},
		"a token and a user":  {func(c *Config) { c.Token, c.Username, c.Password = c.Topic, "veille", c.Topic }, 1},
		"a user and password": {func(c *Config) { c.Username, c.Password = "veille", c.Topic }, 0},
	} {
		one := good
		c.change(&one)
		if got := one.Check(); len(got) != c.want {
			t.Errorf("%s: %d problems, want %d", name, len(got), c.want)
		}
	}
}
