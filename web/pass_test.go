package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

func TestWhoeverGotAMessageMayActOnItsSituationAndOnNothingElse(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	address := "/act/" + h.Passes.Pass("wsituation", noon)
	standing := func() alerting.Incident {
		t.Helper()
		i, ok, err := h.state.Incident(t.Context(), "wsituation")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return i
	}
	before := standing()

	w := h.ask("GET", address+"?do=false_alarm", nil)
	body := w.Body.String()
	first, second := strings.Index(body, `value="false_alarm"`), strings.Index(body, `value="acknowledge"`)
	if w.Code != http.StatusOK || first < 0 || second < first || strings.Contains(body, `href="/mentions"`) {
		t.Errorf("status %d, the act of the message's button at %d, the others at %d:\n%s", w.Code, first, second, body)
	}
	if got := w.Header().Get("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("the link goes on as a referrer: %q", got)
	}
	if now := standing(); now.State != before.State {
		t.Fatalf("opening the link made it %s", now.State)
	}

	given := url.Values{"act": {"acknowledge"}, "name": {"Élodie d’Amours"}}
	for range 2 { // a button is pressed twice
		if w := h.ask("POST", address, given); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "C’est fait") {
			t.Errorf("status %d:\n%s", w.Code, w.Body)
		}
	}
	if now := standing(); now.State != alerting.Acknowledged || now.By != "Élodie d’Amours" {
		t.Errorf("it is %s, by %q", now.State, now.By)
	}
	if w := h.ask("POST", address, url.Values{"act": {"reopen"}}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "déjà en cours") {
		t.Errorf("what makes no sense: status %d\n%s", w.Code, w.Body)
	}
	if w := h.ask("GET", "/situations/wsituation", nil); w.Code != http.StatusSeeOther {
		t.Errorf("the link opens more than its situation: status %d", w.Code)
	}
}

// forgetful is a ledger that cannot be read.
type forgetful struct{ incidents }

func (forgetful) Incident(context.Context, string) (alerting.Incident, bool, error) {
	return alerting.Incident{}, false, errors.New("the disk is gone")
}

func TestALinkThatIsCutForgedOrOldDoesNothingAndIsNotLogged(t *testing.T) {
	h := newHouse(t, password)
	h.furnish(t)
	var log bytes.Buffer
	h.Log = slog.New(slog.NewTextHandler(&log, nil))
	good := h.Passes.Pass("wsituation", noon)
	for name, pass := range map[string]string{
		"old": h.Passes.Pass("wsituation", noon.Add(-8*24*time.Hour)), "cut": good[:len(good)-3], "of nothing": h.Passes.Pass("wailleurs", noon),
		"forged": alerting.Passes{Key: []byte("une autre clé")}.Pass("wsituation", noon), "no pass": "é%20'\"><script>",
	} {
		for _, method := range []string{"GET", "POST"} {
			w := h.ask(method, "/act/"+url.PathEscape(pass), url.Values{"act": {"false_alarm"}})
			if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Ce lien ne sert plus") {
				t.Errorf("%s, %s: status %d", name, method, w.Code)
			}
		}
	}
	if i, _, err := h.state.Incident(t.Context(), "wsituation"); err != nil || i.FalseAlarm {
		t.Errorf("it was called a false alarm: %v", err)
	}
	h.Incidents = forgetful{incidents{h.state}}
	if w := h.ask("GET", "/act/"+good, nil); w.Code != http.StatusServiceUnavailable && w.Code != http.StatusInternalServerError {
		t.Errorf("a ledger that cannot be read: status %d", w.Code)
	}
	if log.Len() == 0 || strings.Contains(log.String(), good) {
		t.Errorf("the log says %q", log.String())
	}
}
