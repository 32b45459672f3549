package email

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
)

// grantor is an authorization server as RFC 8628 describes it: it gives a code, and says
// of each question what its script says, the last word again and again.
type grantor struct {
	script []string // "" grants, "away" does not answer, anything else is an error code
	code   any      // what it says when asked for a code; nil for a proper one

	began   time.Time
	asked   []time.Duration // since it gave the code
	devices []url.Values
	forms   []url.Values
}

func (g *grantor) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Path == "/token" && g.word() == "away" {
		g.asked, g.forms = append(g.asked, time.Since(g.began)), append(g.forms, nil)
		return nil, errors.New("connection refused")
	}
	w := httptest.NewRecorder()
	g.ServeHTTP(w, r)
	return w.Result(), nil
}

func (g *grantor) word() string { return g.script[min(len(g.asked), len(g.script)-1)] }

func (g *grantor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	form, _ := url.ParseQuery(string(body))
	if r.URL.Path == "/device" {
		g.devices, g.began = append(g.devices, form), time.Now()
		if g.code == nil {
			g.code = map[string]any{"device_code": "secret-de-l’appareil", "user_code": "WDJB-MJHT", "verification_uri": "https://service.example/appareil", "expires_in": 900}
		}
		_ = json.NewEncoder(w).Encode(g.code)
		return
	}
	word := g.word()
	g.asked, g.forms = append(g.asked, time.Since(g.began)), append(g.forms, form)
	if word == "" && form.Get("device_code") == "secret-de-l’appareil" && form.Get("grant_type") == "urn:ietf:params:oauth:grant-type:device_code" {
		_ = json.NewEncoder(w).Encode(granted{Token: "jeton", Lasts: 3600, Refresh: "permission de Zoé"})
		return
	}
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": word, "error_description": notifytest.Secret})
}

// signing is a channel that g lets in, and what its permission is kept in.
func signing(t *testing.T, g http.RoundTripper, change func(*Config)) (*Notifier, *memory) {
	t.Helper()
	c := Config{Host: "courriel.example", Security: StartTLS, SignIn: Microsoft, Username: user, From: user, To: []string{"equipe@caisse.example"},
		Tenant: "caisse", ClientID: "ouidire", TokenURL: "http://service.example/token", DeviceURL: "http://service.example/device"}
	if change != nil {
		change(&c)
	}
	keep := &memory{all: map[string]string{}}
	n, err := New(c, alerting.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler), HTTP: &http.Client{Transport: g}, Keep: keep})
	if err != nil {
		t.Fatal(err)
	}
	return n, keep
}

// challenge is what RFC 7636 makes of a proof.
func challenge(proof string) string {
	sum := sha256.Sum256([]byte(proof))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// shows keeps what a person is shown.
func shows(to *alerting.Prompt) alerting.Signing {
	return alerting.Signing{Show: func(p alerting.Prompt) error { *to = p; return nil }}
}

func TestAPersonSignsInWithACodeAsLongAsItIsGood(t *testing.T) {
	s := time.Second
	for name, c := range map[string]struct {
		script []string
		asked  []time.Duration
		want   error
	}{
		"at once":                        {[]string{""}, []time.Duration{5 * s}, nil},
		"after a while":                  {[]string{"authorization_pending", "authorization_pending", ""}, []time.Duration{5 * s, 10 * s, 15 * s}, nil},
		"less often when it is too much": {[]string{"slow_down", "authorization_pending", "slow_down", ""}, []time.Duration{5 * s, 15 * s, 25 * s, 40 * s}, nil},
		"less often when nobody answers": {[]string{"away", "away", "authorization_pending", ""}, []time.Duration{5 * s, 15 * s, 35 * s, 55 * s}, nil},
		"they say no":                    {[]string{"authorization_pending", "access_denied"}, []time.Duration{5 * s, 10 * s}, errDenied},
		"they say no, at Microsoft":      {[]string{"authorization_declined"}, []time.Duration{5 * s}, errDenied},
		"the code has ended":             {[]string{"authorization_pending", "expired_token"}, []time.Duration{5 * s, 10 * s}, errTooLate},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &grantor{script: c.script}
				n, keep := signing(t, g, nil)
				var shown alerting.Prompt
				err := n.SignIn(t.Context(), shows(&shown))
				if !errors.Is(err, c.want) {
					t.Errorf("it ends with %v, want %v", err, c.want)
				}
				want := alerting.Prompt{Address: "https://service.example/appareil", Code: "WDJB-MJHT", Account: user, Until: g.began.Add(15 * time.Minute)}
				if shown != want {
					t.Errorf("shown %+v, want %+v", shown, want)
				}
				if len(g.asked) != len(c.asked) {
					t.Fatalf("asked at %v, want %v", g.asked, c.asked)
				}
				for i := range c.asked {
					if g.asked[i] != c.asked[i] {
						t.Errorf("asked at %v, want %v", g.asked, c.asked)
						break
					}
				}
				if d := g.devices[0]; d.Get("client_id") != "ouidire" || d.Get("scope") != "https://outlook.office.com/SMTP.Send offline_access" || d.Has("client_secret") {
					t.Errorf("asked for a code with %v", d)
				}
				if kept := keep.all[n.tokens.key()]; (kept == "permission de Zoé") != (c.want == nil) {
					t.Errorf("%q is kept", kept)
				}
			})
		})
	}
}

func TestACodeThatNobodyUsesEndsWithItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &grantor{script: []string{"authorization_pending"}}
		n, keep := signing(t, g, nil)
		began := time.Now()
		if err := n.SignIn(t.Context(), shows(new(alerting.Prompt))); !errors.Is(err, errTooLate) || time.Since(began) != 15*time.Minute || len(keep.all) != 0 {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if len(g.asked) < 179 || len(g.asked) > 180 { // the last one falls on its end
			t.Errorf("asked %d times", len(g.asked))
		}
	})
}

func TestWhoeverStopsWaitingIsObeyed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _ := signing(t, &grantor{script: []string{"authorization_pending"}}, nil)
		ctx, stop := context.WithTimeout(t.Context(), 7*time.Second)
		defer stop()
		began := time.Now()
		if err := n.SignIn(ctx, shows(new(alerting.Prompt))); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 7*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

func TestWhatCannotBeShownIsNotAndSecretsNeverAre(t *testing.T) {
	good := func(change func(map[string]any)) map[string]any {
		m := map[string]any{"device_code": "secret", "user_code": "WDJB", "verification_uri": "https://service.example/", "expires_in": 900, "interval": 1}
		change(m)
		return m
	}
	for name, c := range map[string]struct {
		code   any
		script string
	}{
		"no code":              {good(func(m map[string]any) { delete(m, "user_code") }), ""},
		"a code that commands": {good(func(m map[string]any) { m["user_code"] = "\x1b[2Jtapez ceci" }), ""},
		"a code in disguise":   {good(func(m map[string]any) { m["user_code"] = "ABC\u202eCBA" }), ""},
		"a long code":          {good(func(m map[string]any) { m["user_code"] = strings.Repeat("A", 5000) }), ""},
		"a script":             {good(func(m map[string]any) { m["verification_uri"] = "javascript:alert(1)" }), ""},
		"no address":           {good(func(m map[string]any) { delete(m, "verification_uri") }), ""},
		"no device":            {good(func(m map[string]any) { delete(m, "device_code") }), ""},
		"a page":               {notifytest.Secret, ""},
		"a wrong application":  {good(func(m map[string]any) { m["device_code"] = "secret-de-l’appareil" }), "invalid_client"},
		"another error":        {good(func(m map[string]any) { m["device_code"] = "secret-de-l’appareil" }), notifytest.Secret},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var shown alerting.Prompt
				n, keep := signing(t, &grantor{code: c.code, script: []string{c.script}}, nil)
				err := n.SignIn(t.Context(), shows(&shown))
				if err == nil || len(keep.all) != 0 || c.script == "" && shown != (alerting.Prompt{}) {
					t.Errorf("shown %+v, and it ends with %v", shown, err)
				}
				for _, l := range []say.Lang{say.English, say.FrenchCanada} {
					if said := say.Explain(err, l); strings.Contains(said, "s3cret") || strings.Contains(said, "appareil") {
						t.Errorf("it says %s", said)
					}
				}
			})
		})
	}
}

func TestAPermissionThatDoesNotLastIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		short := roundTrip(func(r *http.Request) *http.Response {
			w := httptest.NewRecorder()
			if r.URL.Path == "/device" {
				_, _ = io.WriteString(w, `{"device_code":"d","user_code":"WDJB","verification_url":"https://service.example/","expires_in":900}`)
			} else {
				_, _ = io.WriteString(w, `{"access_token":"jeton","expires_in":3600}`)
			}
			return w.Result()
		})
		n, keep := signing(t, short, nil)
		if err := n.SignIn(t.Context(), shows(new(alerting.Prompt))); !errors.Is(err, errNotLasting) || len(keep.all) != 0 {
			t.Errorf("%v", err)
		}
	})
}

// roundTrip answers a request.
type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// TestAfterAServerHasEndedPasswordsAPersonSignsInAndMailGoesOn is the story that Microsoft
// 365 tells: 550 5.7.30, then a code, then tokens.
func TestAfterAServerHasEndedPasswordsAPersonSignsInAndMailGoesOn(t *testing.T) {
	ended := &server{ended: true}
	err := channel(t, serve(t, ended, StartTLS)).Notify(t.Context(), notifytest.Message())
	if trouble := (*alerting.Trouble)(nil); !errors.As(err, &trouble) || trouble.Reason != alerting.PasswordEnded {
		t.Fatalf("a password: %v", err)
	}
	s := &server{token: func(token string) bool { return token == "jeton" }}
	reached := serve(t, s, StartTLS)
	g := &grantor{script: []string{"authorization_pending", ""}}
	change := func(c *Config) {
		c.Host, c.Port, c.Security, c.CA = reached.Host, reached.Port, reached.Security, reached.CA
	}
	n, keep := signing(t, g, change)
	err = n.Notify(t.Context(), notifytest.Message())
	if trouble := (*alerting.Trouble)(nil); !alerting.IsPermanent(err) || !errors.As(err, &trouble) || trouble.Reason != alerting.PermissionEnded || !strings.Contains(say.Explain(err, say.FrenchCanada), "ouidire notify signin") {
		t.Errorf("before anybody signed in: %v", err)
	}
	synctest.Test(t, func(t *testing.T) {
		another, kept := signing(t, g, change)
		if err := another.SignIn(t.Context(), shows(new(alerting.Prompt))); err != nil {
			t.Fatal(err)
		}
		keep.all = kept.all // one state.db, two processes
	})
	renews := roundTrip(func(r *http.Request) *http.Response {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		w := httptest.NewRecorder()
		if form.Get("grant_type") != "refresh_token" || form.Get("refresh_token") != "permission de Zoé" || form.Has("client_secret") {
			t.Errorf("it asks with %v", form)
			w.WriteHeader(http.StatusBadRequest)
		}
		_ = json.NewEncoder(w).Encode(granted{Token: "jeton", Lasts: 3600})
		return w.Result()
	})
	daemon, err := New(n.config, alerting.Deps{Now: time.Now, Log: slog.New(slog.DiscardHandler), HTTP: &http.Client{Transport: renews}, Keep: keep})
	if err != nil {
		t.Fatal(err)
	}
	if err := daemon.Notify(t.Context(), notifytest.Message()); err != nil {
		t.Fatal(err)
	}
	if got := s.got(); len(got) != 1 || got[0].user != user {
		t.Errorf("%d letters", len(got))
	}
}

func TestAtGoogleAPersonBringsBackWhereTheirBrowserEnded(t *testing.T) {
	google := func(c *Config) {
		c.SignIn, c.Client, c.DeviceURL = Google, config.NewSecret("secret-du-client"), ""
	}
	var form url.Values
	gives := roundTrip(func(r *http.Request) *http.Response {
		body, _ := io.ReadAll(r.Body)
		form, _ = url.ParseQuery(string(body))
		w := httptest.NewRecorder()
		_ = json.NewEncoder(w).Encode(granted{Token: "jeton", Lasts: 3600, Refresh: "permission d’Odette"})
		return w.Result()
	})
	for name, c := range map[string]struct {
		ended func(state string) string
		want  error
	}{
		"as it should":        {func(state string) string { return " http://127.0.0.1/?state=" + state + "&code=4%2F0Aé&scope=x\n" }, nil},
		"of another sign-in":  {func(string) string { return "http://127.0.0.1/?state=autre&code=4" }, errNotLanded},
		"the code alone":      {func(string) string { return "4/0A" }, errNotLanded},
		"they said no":        {func(state string) string { return "http://127.0.0.1/?state=" + state + "&error=access_denied" }, errDenied},
		"nothing":             {func(string) string { return "" }, errNotLanded},
		"without what counts": {func(state string) string { return "http://127.0.0.1/?state=" + state }, errNotLanded},
	} {
		t.Run(name, func(t *testing.T) {
			n, keep := signing(t, gives, google)
			var asked url.Values
			err := n.SignIn(t.Context(), alerting.Signing{
				Show: func(p alerting.Prompt) error {
					u, err := url.Parse(p.Address)
					if err != nil || u.Host != "accounts.google.com" || p.Code != "" || p.Account != user {
						t.Errorf("shown %+v, %v", p, err)
					}
					asked = u.Query()
					return nil
				},
				Paste: func(context.Context) (string, error) { return c.ended(asked.Get("state")), nil },
			})
			if !errors.Is(err, c.want) || (len(keep.all) == 1) != (c.want == nil) {
				t.Fatalf("it ends with %v, and keeps %d", err, len(keep.all))
			}
			if asked.Get("scope") != "https://mail.google.com/" || asked.Get("access_type") != "offline" || asked.Get("code_challenge_method") != "S256" || len(asked.Get("state")) < 20 {
				t.Errorf("asked with %v", asked)
			}
			if c.want == nil && (form.Get("code") != "4/0Aé" || form.Get("grant_type") != "authorization_code" || challenge(form.Get("code_verifier")) != asked.Get("code_challenge") || form.Get("redirect_uri") != asked.Get("redirect_uri")) {
				t.Errorf("exchanged with %v", form)
			}
		})
	}
}

func TestAChannelThatNobodyCanSignInToSaysWhy(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"a password":    {func(c *Config) { c.SignIn = ByPassword }, "ce moyen d’envoi a un mot de passe"},
		"an app secret": {func(c *Config) { c.Client = config.NewSecret("s") }, "Retirez client_secret"},
	} {
		n, _ := signing(t, &grantor{script: []string{""}}, c.change)
		if err := n.SignIn(t.Context(), alerting.Signing{}); err == nil || !strings.Contains(say.Explain(err, say.FrenchCanada), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzWhereABrowserEnded(f *testing.F) {
	for _, s := range []string{"http://127.0.0.1/?state=abc&code=4", "http://127.0.0.1/?code=4&state=abc#x", "?state=abc&code=é", "%zz", "", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		if code, err := landed(pasted, "abc"); err == nil && (code == "" || !strings.Contains(pasted, "abc") && !strings.Contains(pasted, "%")) {
			t.Errorf("%q gives %q", pasted, code)
		}
	})
}
