package email

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// registry gives out tokens, as the services do.
type registry struct {
	mu     sync.Mutex
	asked  []url.Values
	answer func(form url.Values, n int) (status int, body any)
	last   string
}

func (g *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, r.PostForm)
	status, body := g.answer(r.PostForm, len(g.asked))
	if got, ok := body.(granted); ok {
		g.last = got.Token
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

// valid says whether a token is the last that was given out.
func (g *registry) valid(token string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return token != "" && token == g.last
}

func (g *registry) forms() []url.Values {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

func grants(_ url.Values, n int) (int, any) {
	return http.StatusOK, granted{Token: fmt.Sprint("jeton-", n), Lasts: 3600, Refresh: fmt.Sprint("permission-", n)}
}

// memory keeps settings for a test.
type memory struct {
	mu  sync.Mutex
	all map[string]string
}

func (m *memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.all[key]
	return []byte(value), ok, nil
}

func (m *memory) Set(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all[key] = string(value)
	return nil
}

// permitted is a mail server that takes tokens alone, who gives them out, and how to
// make a channel for them.
func permitted(t *testing.T, b notifytest.Behaviour, way SignIn) (s *server, g *registry, made func(now func() time.Time, keep alerting.Settings) *Notifier) {
	g = &registry{answer: grants}
	s = &server{behave: b, token: g.valid}
	c := serve(t, s, StartTLS)
	if b == notifytest.Silent {
		c = mute(t, StartTLS)
	}
	door := httptest.NewServer(g)
	t.Cleanup(door.Close)
	c.SignIn, c.Password, c.Username = way, config.Secret{}, user
	c.ClientID, c.Client, c.Refresh, c.Tenant, c.TokenURL = "ouidire", config.NewSecret("secret-du-client"), config.NewSecret(notifytest.Secret), "caisse", door.URL
	return s, g, func(now func() time.Time, keep alerting.Settings) *Notifier {
		n, err := New(c, alerting.Deps{Now: now, Log: slog.New(slog.DiscardHandler), HTTP: door.Client(), Keep: keep})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

func TestEmailByATokenPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{
		Without: []notifytest.Behaviour{notifytest.Busy, notifytest.Redirects},
		Limit:   bodyMost,
		Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
			s, _, made := permitted(t, b, Google)
			return made(time.Now, nil), func() (all []notifytest.Got) {
				for _, l := range s.got() {
					_, g := read(t, l)
					all = append(all, g)
				}
				return all
			}
		},
	})
}

func TestATokenServesUntilItEndsAndTheNewestPermissionIsKept(t *testing.T) {
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	keep := &memory{all: map[string]string{}}
	s, g, made := permitted(t, notifytest.Accepts, Microsoft)
	n := made(clock, keep)
	tell := func(n *Notifier) {
		t.Helper()
		if err := n.Notify(t.Context(), notifytest.Message()); err != nil {
			t.Fatal(err)
		}
	}
	tell(n)
	tell(n)
	if asked := len(g.forms()); asked != 1 {
		t.Errorf("asked %d times within an hour, want once", asked)
	}
	now = now.Add(59 * time.Minute)
	tell(n)
	tell(made(clock, keep)) // after a restart
	var permissions []string
	for _, form := range g.forms() {
		permissions = append(permissions, form.Get("refresh_token"))
		if form.Get("grant_type") != "refresh_token" || form.Get("client_id") != "ouidire" || form.Get("client_secret") != "secret-du-client" || !strings.Contains(form.Get("scope"), "SMTP.Send") {
			t.Errorf("asked with %v", form)
		}
	}
	if got, want := strings.Join(permissions, " "), notifytest.Secret+" permission-1 permission-2"; got != want {
		t.Errorf("permissions %s, want %s", got, want)
	}
	if len(s.got()) != 4 {
		t.Errorf("%d letters, want 4", len(s.got()))
	}
}

func TestATokenThatTheServerTakesNoMoreIsRenewedAtOnce(t *testing.T) {
	s, g, made := permitted(t, notifytest.Accepts, Google)
	n := made(time.Now, nil)
	for range 2 {
		if err := n.Notify(t.Context(), notifytest.Message()); err != nil {
			t.Fatal(err)
		}
		g.mu.Lock()
		g.last = "" // taken back
		g.mu.Unlock()
	}
	if len(s.got()) != 2 || len(g.forms()) != 2 {
		t.Errorf("%d letters with %d tokens, want 2 with 2", len(s.got()), len(g.forms()))
	}
}

func TestAnApplicationThatMaySendNeedsNoPerson(t *testing.T) {
	s, g, made := permitted(t, notifytest.Accepts, Microsoft)
	n := made(time.Now, nil)
	n.tokens.config.Refresh = config.Secret{}
	if err := n.Notify(t.Context(), notifytest.Message()); err != nil {
		t.Fatal(err)
	}
	form := g.forms()[0]
	if form.Get("grant_type") != "client_credentials" || form.Get("scope") != "https://outlook.office365.com/.default" || form.Has("refresh_token") || len(s.got()) != 1 {
		t.Errorf("asked with %v", form)
	}
}

func TestAPermissionThatEndedIsSaidInWordsAndNothingElseIs(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   any
		want   alerting.Reason
		final  bool
	}{
		"taken back":    {400, map[string]string{"error": "invalid_grant", "error_description": notifytest.Secret}, alerting.PermissionEnded, true},
		"a wrong app":   {401, map[string]string{"error": "invalid_client"}, alerting.Unauthorised, true},
		"out of order":  {503, map[string]string{"error": notifytest.Secret}, alerting.Overloaded, false},
		"no token":      {200, map[string]string{}, alerting.Broken, false},
		"a token split": {200, granted{Token: "a\x01b"}, alerting.Broken, false},
		"a page":        {200, notifytest.Secret, alerting.Broken, false},
	} {
		t.Run(name, func(t *testing.T) {
			s, g, made := permitted(t, notifytest.Accepts, Google)
			g.answer = func(url.Values, int) (int, any) { return c.status, c.body }
			err := made(time.Now, nil).Notify(t.Context(), notifytest.Message())
			trouble := (*alerting.Trouble)(nil)
			if !errors.As(err, &trouble) || trouble.Reason != c.want || alerting.IsPermanent(err) != c.final {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "s3cret") || len(s.got()) != 0 {
				t.Errorf("%d letters, and %v", len(s.got()), err)
			}
		})
	}
}

func TestAServerThatTakesNoPasswordAnyMoreTellsThePersonWhatToDo(t *testing.T) {
	s := &server{ended: true}
	err := channel(t, serve(t, s, StartTLS)).Notify(t.Context(), notifytest.Message())
	if !alerting.IsPermanent(err) || !strings.Contains(err.Error(), "550 5.7.30") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}
	for l, want := range map[say.Lang]string{
		say.English:      "takes no password any more; set sign_in to microsoft or google",
		say.FrenchCanada: "ce service de courriel n’accepte plus de mot de passe; réglez sign_in",
		say.FrenchFrance: "ce service de messagerie n’accepte plus de mot de passe\u202f; réglez sign_in",
	} {
		if got := say.Explain(err, l); !strings.Contains(got, want) {
			t.Errorf("%s: %s", l, got)
		}
	}
}

func TestWhatIsMissingToSignInIsNamed(t *testing.T) {
	base := Config{Host: "h", Security: StartTLS, From: "a@caisse.example", To: []string{"b@caisse.example"}}
	secret := config.NewSecret("s")
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"nothing": {func(c *Config) { c.SignIn = Google }, "username client_id client_secret"},
		"an application": {func(c *Config) {
			c.SignIn, c.Username, c.ClientID, c.Client, c.Tenant = Microsoft, "a", "b", secret, "t"
		}, ""},
		"a person": {func(c *Config) {
			c.SignIn, c.Username, c.ClientID, c.Refresh, c.Tenant = Microsoft, "a", "b", secret, "t"
		}, ""},
		"no directory": {func(c *Config) { c.SignIn, c.Username, c.ClientID, c.Refresh = Microsoft, "a", "b", secret }, "tenant"},
		"a password besides": {func(c *Config) {
			c.SignIn, c.Username, c.ClientID, c.Client, c.Refresh, c.Password = Google, "a", "b", secret, secret, secret
		}, "password"},
		"an address of tokens": {func(c *Config) {
			c.SignIn, c.Username, c.ClientID, c.Refresh, c.TokenURL = Microsoft, "a", "b", secret, "ici"
		}, "token_url"},
		"a person who signs in with a code": {func(c *Config) { c.SignIn, c.Username, c.ClientID, c.Tenant = Microsoft, "a", "b", "t" }, ""},
		"an address of codes": {func(c *Config) {
			c.SignIn, c.Username, c.ClientID, c.Tenant, c.DeviceURL = Microsoft, "a", "b", "t", "ici"
		}, "device_url"},
		"a password": {func(c *Config) { c.SignIn, c.Username, c.Password = ByPassword, "a", secret }, ""},
	} {
		one := base
		c.change(&one)
		var keys []string
		for _, p := range one.Check() {
			keys = append(keys, p.Key)
		}
		if got := strings.Join(keys, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
