package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/store/state"
)

func TestNoLinkAndNoTokenReachesTheLog(t *testing.T) {
	h, cookies := inhabited(t)
	var log bytes.Buffer
	h.Server.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.door.log = h.Server.Log
	link := h.invites(t, cookies[state.Owner], "Hélène", state.Reader)
	secret := strings.TrimPrefix(link, invitationPath)
	h.Server.People = nil // every question panics
	h.ask("GET", link, nil)
	h.Server.People = h.state
	if err := h.state.Close(); err != nil {
		t.Fatal(err)
	}
	h.ask("GET", link, nil)
	h.ask("POST", link, url.Values{"password": {ownPassword}, "again": {ownPassword}})
	h.ask("GET", "/metrics", nil, "Authorization", "Bearer ouidire_SECRETSECRET")
	if said := log.String(); strings.Contains(said, secret) || strings.Contains(said, "SECRETSECRET") || strings.Contains(said, ownPassword) {
		t.Errorf("the log says it:\n%s", said)
	}
	if !strings.Contains(log.String(), "page panicked") || !strings.Contains(log.String(), invitationPath+"…") {
		t.Errorf("nothing went wrong: the test is broken\n%s", log.String())
	}
}

func TestALinkIsAcceptedFromAPageThatSaysNotWhereItIs(t *testing.T) {
	h, cookies := inhabited(t)
	link := h.invites(t, cookies[state.Owner], "Hélène", state.Reader)
	form := url.Values{"password": {ownPassword}, "again": {ownPassword}}
	// Without HTTPS a browser says nothing of sites, and a page without referrer has no origin.
	if w := h.ask("POST", link, form, "Sec-Fetch-Site", "", "Origin", "null"); w.Code != http.StatusSeeOther {
		t.Errorf("status %d", w.Code)
	}
	pass := "/act/" + h.Passes.Pass("wvague", noon)
	if w := h.ask("POST", pass, url.Values{"act": {"acknowledge"}}, "Sec-Fetch-Site", "", "Origin", "null"); w.Code != http.StatusOK {
		t.Errorf("the link of a message: status %d", w.Code)
	}
	if w := h.ask("POST", "/login", form, "Sec-Fetch-Site", "", "Origin", "null"); w.Code != http.StatusForbidden {
		t.Errorf("elsewhere: status %d", w.Code)
	}
}
