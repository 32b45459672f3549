package email

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
)

// tokens gives the short-lived token that stands for an account's password. A service
// may hand out a new permission with each token (Microsoft does, and lets the old one
// end after 90 days): the newest is kept, beside all else that must survive a restart.
type tokens struct {
	config Config
	client *notify.Client
	keep   alerting.Settings
	now    func() time.Time
	log    *slog.Logger

	mu    sync.Mutex
	token string
	until time.Time
}

func newTokens(c Config, d alerting.Deps) *tokens {
	t := &tokens{config: c, keep: d.Keep, now: d.Now, log: d.Log}
	if t.asked() {
		t.client = notify.NewClient(d)
	}
	return t
}

// asked says whether the account is shown by a token at all.
func (t *tokens) asked() bool { return t.config.SignIn == Microsoft || t.config.SignIn == Google }

// get is a token that holds for a while yet, "" when the account has a password;
// cached says that it was had before.
func (t *tokens) get(ctx context.Context) (token string, cached bool, err error) {
	if !t.asked() {
		return "", false, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token != "" && t.now().Before(t.until) {
		return t.token, true, nil
	}
	if err := t.renew(ctx); err != nil {
		return "", false, fmt.Errorf("ask %s for a token: %w", t.config.SignIn, err)
	}
	return t.token, false, nil
}

// forget drops a token that the server does not take.
func (t *tokens) forget(token string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.token == token {
		t.token = ""
	}
}

// granted is the answer of RFC 6749, sections 5.1 and 5.2.
type granted struct {
	Token   string `json:"access_token"`
	Lasts   int64  `json:"expires_in"` // seconds
	Refresh string `json:"refresh_token"`
	Error   string `json:"error"`
}

const (
	early    = 2 * time.Minute // before its end a token is used no more
	longest  = 24 * time.Hour  // that a token is believed to last
	shortest = time.Minute     // that it is used, whatever is said: a server in a hurry is not asked for each message
)

func (t *tokens) renew(ctx context.Context) error {
	permission, err := t.permission(ctx)
	if err != nil {
		return err
	}
	if permission == "" && t.config.Client.IsZero() {
		return alerting.Permanent(&alerting.Trouble{Reason: alerting.PermissionEnded, Err: errors.New("nobody has signed in")})
	}
	got, err := t.exchange(ctx, t.form(permission))
	if err != nil {
		return refused(got.Error, err)
	}
	t.hold(got)
	if got.Refresh != "" && got.Refresh != permission {
		t.remember(ctx, got.Refresh)
	}
	return nil
}

// exchange asks for a token; got.Error is the service's code beside an error.
func (t *tokens) exchange(ctx context.Context, form url.Values) (got granted, err error) {
	answer, err := t.client.Post(ctx, notify.Request{Address: t.address(), Type: formType, Body: []byte(form.Encode())})
	unread := json.Unmarshal(answer, &got)
	if err == nil && (unread != nil || got.Token == "" || strings.ContainsAny(got.Token, "\x01\r\n")) {
		err = &alerting.Trouble{Reason: alerting.Broken, Err: errors.New("the answer holds no token")}
	}
	return got, err
}

// formType is how OAuth is asked.
const formType = "application/x-www-form-urlencoded"

// hold takes a token for the one to show.
func (t *tokens) hold(got granted) {
	lasts := min(max(time.Duration(min(got.Lasts, 1<<20))*time.Second-early, shortest), longest)
	t.token, t.until = got.Token, t.now().Add(lasts)
}

// refused is what the codes of RFC 6749 mean for a person.
func refused(code string, err error) error {
	switch code {
	case "invalid_grant", "interaction_required", "consent_required":
		return alerting.Permanent(&alerting.Trouble{Reason: alerting.PermissionEnded, Err: errors.New(code)})
	case "invalid_client", "unauthorized_client", "invalid_scope", "access_denied":
		return alerting.Permanent(&alerting.Trouble{Reason: alerting.Unauthorised, Err: errors.New(code)})
	}
	return err
}

func (t *tokens) address() string {
	standard := "https://oauth2.googleapis.com/token"
	if t.config.SignIn == Microsoft {
		standard = "https://login.microsoftonline.com/" + url.PathEscape(t.config.Tenant) + "/oauth2/v2.0/token"
	}
	return cmp.Or(t.config.TokenURL, standard)
}

// form asks in the name of a person who gave a permission, or of the application.
func (t *tokens) form(permission string) url.Values {
	form := url.Values{"client_id": {t.config.ClientID}}
	if !t.config.Client.IsZero() {
		form.Set("client_secret", t.config.Client.Reveal())
	}
	if permission == "" {
		form.Set("grant_type", "client_credentials")
		form.Set("scope", "https://outlook.office365.com/.default")
		return form
	}
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", permission)
	if t.config.SignIn == Microsoft {
		form.Set("scope", t.scope())
	}
	return form
}

// scope is the permission that a person gives: to send by their account, also while
// they are away.
func (t *tokens) scope() string {
	if t.config.SignIn == Microsoft {
		return "https://outlook.office.com/SMTP.Send offline_access"
	}
	return "https://mail.google.com/"
}

// permission is the newest refresh token, "" when nobody gave one: the application itself
// may send then, if it has a secret.
func (t *tokens) permission(ctx context.Context) (string, error) {
	if t.keep == nil {
		return t.config.Refresh.Reveal(), nil
	}
	value, ok, err := t.keep.Get(ctx, t.key())
	if err != nil {
		return "", &alerting.Trouble{Reason: alerting.Broken, Err: fmt.Errorf("recall the newest permission: %w", err)}
	}
	if !ok {
		return t.config.Refresh.Reveal(), nil
	}
	return string(value), nil
}

func (t *tokens) remember(ctx context.Context, permission string) {
	if t.keep == nil {
		return
	}
	if err := t.keep.Set(ctx, t.key(), []byte(permission)); err != nil {
		t.log.Warn("the newest permission to send mail is not kept; the one before goes on for a while", "err", err)
	}
}

// key is another one as soon as another permission is configured: that one counts.
func (t *tokens) key() string {
	sum := sha256.Sum256([]byte(t.config.ClientID + "\x00" + t.config.Username + "\x00" + t.config.Refresh.Reveal()))
	return "alerting.email.permission." + hex.EncodeToString(sum[:8])
}
