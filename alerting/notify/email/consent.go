package email

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
)

// Google signs in programs on one's own machine by its page alone (RFC 8252, with the
// proof of RFC 7636). The browser ends at an address of its own machine, where nothing
// listens: ouidire may run elsewhere, so the person copies that address.

const (
	googlePage = "https://accounts.google.com/o/oauth2/v2/auth"
	landing    = "http://127.0.0.1/"
	pastedMost = 8 << 10
)

var errNotLanded = say.Errorf(say.Text{
	EN:     "this is not the address at which this sign-in ended: copy all of it from the browser, beginning with " + landing,
	FR:     "ce n’est pas l’adresse à laquelle cette ouverture de session a mené\u00a0: copiez-la en entier du navigateur, à partir de " + landing,
	France: "ce n’est pas l’adresse à laquelle cette connexion a mené\u00a0: copiez-la en entier du navigateur, à partir de " + landing,
})

// byConsent leads a person to the page of the service, and takes what they bring back.
func (t *tokens) byConsent(ctx context.Context, s alerting.Signing) (granted, error) {
	state, proof := rand.Text(), rand.Text()+rand.Text()
	challenge := sha256.Sum256([]byte(proof))
	ask := url.Values{"client_id": {t.config.ClientID}, "redirect_uri": {landing}, "response_type": {"code"}, "scope": {t.scope()},
		"access_type": {"offline"}, "prompt": {"consent"}, "login_hint": {t.config.Username}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"}}
	if err := s.Show(alerting.Prompt{Address: googlePage + "?" + ask.Encode(), Account: t.config.Username}); err != nil {
		return granted{}, err
	}
	pasted, err := s.Paste(ctx)
	if err != nil {
		return granted{}, err
	}
	code, err := landed(pasted, state)
	if err != nil {
		return granted{}, err
	}
	got, err := t.exchange(ctx, url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {landing}, "code_verifier": {proof},
		"client_id": {t.config.ClientID}, "client_secret": {t.config.Client.Reveal()}})
	if err != nil {
		return got, fmt.Errorf("ask %s for a token: %w", t.config.SignIn, refused(got.Error, err))
	}
	return got, nil
}

// landed is the code in the address at which a browser ended, if it is of this sign-in.
func landed(pasted, state string) (code string, err error) {
	pasted = strings.TrimSpace(pasted)
	address, err := url.Parse(pasted)
	if err != nil || len(pasted) > pastedMost {
		return "", errNotLanded
	}
	given, err := url.ParseQuery(address.RawQuery)
	switch {
	case err != nil || given.Get("state") != state:
		return "", errNotLanded
	case given.Get("error") != "":
		return "", errDenied
	case given.Get("code") == "":
		return "", errNotLanded
	}
	return given.Get("code"), nil
}
