package email

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notify"
	"github.com/ouidire/ouidire/internal/say"
)

var _ alerting.Signer = (*Notifier)(nil)

// SignIn implements alerting.Signer. Microsoft gives a code that a person types on any
// device (RFC 8628). Google gives no permission to send mail that way; there the person
// brings back where their browser ended up (consent.go).
func (n *Notifier) SignIn(ctx context.Context, s alerting.Signing) error {
	t := n.tokens
	var got granted
	var err error
	switch {
	case !t.asked():
		return say.Errorf(say.Text{EN: "this channel signs in with a password; set sign_in to microsoft or google", FR: "ce moyen d’envoi a un mot de passe; réglez sign_in à microsoft ou à google"})
	case t.config.SignIn == Google && t.config.DeviceURL == "":
		got, err = t.byConsent(ctx, s)
	case !t.config.Client.IsZero() && t.config.SignIn == Microsoft:
		return say.Errorf(say.Text{EN: "Microsoft gives no code to an application that has a secret: that one sends by itself. Take client_secret out to sign in as a person", FR: "Microsoft ne donne pas de code à une application qui a un secret\u00a0: celle-là envoie d’elle-même. Retirez client_secret pour ouvrir une session au nom d’une personne", France: "Microsoft ne donne pas de code à une application qui a un secret\u00a0: celle-là envoie d’elle-même. Retirez client_secret pour se connecter au nom d’une personne"})
	default:
		got, err = t.byCode(ctx, s)
	}
	if err != nil {
		return err
	}
	return t.gain(ctx, got)
}

var (
	errNotLasting = say.Errorf(say.Text{EN: "the service gave a permission that does not last; look whether the application may ask for offline access", FR: "le service a donné une autorisation qui ne dure pas; vérifiez que l’application peut demander un accès hors connexion"})
	errDenied     = say.Errorf(say.Text{EN: "whoever signed in did not give the permission; start again when they want to", FR: "la personne n’a pas donné l’autorisation; recommencez quand elle le voudra"})
	errTooLate    = say.Errorf(say.Text{EN: "nobody used the code in time; start again for a new one", FR: "personne n’a utilisé le code à temps; recommencez pour en avoir un nouveau"})
	errNoKeeping  = say.Errorf(say.Text{EN: "there is nowhere to keep the permission", FR: "l’autorisation ne peut être gardée nulle part"})
)

// gain keeps what a person gave.
func (t *tokens) gain(ctx context.Context, got granted) error {
	switch {
	case got.Refresh == "" || len(got.Refresh) > permissionMost:
		return errNotLasting
	case t.keep == nil:
		return errNoKeeping
	}
	if err := t.keep.Set(ctx, t.key(), []byte(got.Refresh)); err != nil {
		return fmt.Errorf("keep the permission: %w", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hold(got)
	return nil
}

const (
	permissionMost = 16 << 10 // bytes of one
	codeMost       = 64       // characters that a person types
	addressMost    = 500
	// waitUsual is how long one waits between two questions when nobody says, and what a
	// server that is asked too often adds (RFC 8628, 3.2 and 3.5).
	waitUsual = 5 * time.Second
	waitMost  = 5 * time.Minute
	codeLasts = 30 * time.Minute // at most, whatever the server says
)

// device is the answer of RFC 8628, section 3.2. Google spells the address otherwise.
type device struct {
	Device   string `json:"device_code"`
	Code     string `json:"user_code"`
	Address  string `json:"verification_uri"`
	Address2 string `json:"verification_url"`
	Lasts    int64  `json:"expires_in"` // seconds
	Wait     int64  `json:"interval"`   // seconds
	Error    string `json:"error"`
}

// byCode asks for a code, shows it, and asks until it was used.
func (t *tokens) byCode(ctx context.Context, s alerting.Signing) (granted, error) {
	d, err := t.askCode(ctx)
	if err != nil {
		return granted{}, fmt.Errorf("ask %s for a code: %w", t.config.SignIn, err)
	}
	lasts := min(time.Duration(min(max(d.Lasts, 1), 1<<20))*time.Second, codeLasts)
	shown := alerting.Prompt{Address: cmp.Or(d.Address, d.Address2), Code: d.Code, Account: t.config.Username, Until: t.now().Add(lasts)}
	if err := s.Show(shown); err != nil {
		return granted{}, err
	}
	within, cancel := context.WithTimeoutCause(ctx, lasts, errTooLate)
	defer cancel()
	got, err := t.await(within, d)
	if err != nil && within.Err() != nil {
		return got, cmp.Or(ctx.Err(), context.Cause(within))
	}
	return got, err
}

func (t *tokens) askCode(ctx context.Context) (d device, err error) {
	standard := "https://oauth2.googleapis.com/device/code"
	if t.config.SignIn == Microsoft {
		standard = "https://login.microsoftonline.com/" + url.PathEscape(t.config.Tenant) + "/oauth2/v2.0/devicecode"
	}
	form := url.Values{"client_id": {t.config.ClientID}, "scope": {t.scope()}}
	answer, err := t.client.Post(ctx, notify.Request{Address: cmp.Or(t.config.DeviceURL, standard), Type: formType, Body: []byte(form.Encode())})
	unread := json.Unmarshal(answer, &d)
	if err != nil {
		return d, refused(d.Error, err)
	}
	if address, wrong := url.Parse(cmp.Or(d.Address, d.Address2)); unread != nil || wrong != nil || d.Device == "" || !fit(d.Code, codeMost) || !fit(address.String(), addressMost) ||
		address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
		return d, &alerting.Trouble{Reason: alerting.Broken, Err: errors.New("the answer holds no code that one can type")}
	}
	return d, nil
}

// fit says whether a person can be shown s as it is.
func fit(s string, most int) bool { return s != "" && len(s) <= most && alerting.Plain(s, most) == s }

// await asks for the token until the person has used the code, at the pace that the server
// wants.
func (t *tokens) await(ctx context.Context, d device) (granted, error) {
	form := url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:device_code"}, "device_code": {d.Device}, "client_id": {t.config.ClientID}}
	if !t.config.Client.IsZero() {
		form.Set("client_secret", t.config.Client.Reveal())
	}
	wait := min(max(time.Duration(min(d.Wait, 1<<20))*time.Second, 0), waitMost)
	if d.Wait <= 0 {
		wait = waitUsual
	}
	for {
		if err := pause(ctx, wait); err != nil {
			return granted{}, err
		}
		got, err := t.exchange(ctx, form)
		switch {
		case err == nil:
			return got, nil
		case got.Error == "authorization_pending":
		case got.Error == "slow_down":
			wait = min(wait+waitUsual, waitMost)
		case got.Error == "access_denied", got.Error == "authorization_declined":
			return got, errDenied
		case got.Error == "expired_token", got.Error == "code_expired":
			return got, errTooLate
		case alerting.IsPermanent(err):
			return got, refused(got.Error, err)
		default: // nobody answered: less often from now on, as RFC 8628 wants
			wait = min(2*wait, waitMost)
		}
	}
}

func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
