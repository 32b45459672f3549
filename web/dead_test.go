package web

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

// lose gives up one message about a story of that title, so long ago.
func (h *house) lose(t *testing.T, key, title string, ago time.Duration, why string) {
	t.Helper()
	at := noon.Add(-ago)
	i := alerting.Incident{ID: key, Key: key, Rule: "nouvelles", Kind: "fresh", Watch: "caisse", Severity: alerting.Inform, State: alerting.New,
		Since: at, OpenedAt: at, Seq: 1, Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: title, Outlet: "echo.example", Outlets: 1, At: at}}}
	row := alerting.Row{Key: key, Channel: "courriel", Transition: alerting.Opened, Seq: 1, At: at, Owed: i, Now: i, Fate: alerting.Waiting}
	err := errors.Join(h.state.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{i}, Owed: []alerting.Row{row}, Journal: []alerting.Entry{
		{At: at, Incident: key, What: alerting.EntryHandedOver, Reason: "courriel", Letter: &alerting.Letter{Channel: "secours"}}}}),
		h.state.Finish(t.Context(), []alerting.Ending{{Keys: []string{key}, As: alerting.Dead, Why: why}}, at))
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatDidNotArriveIsShownWithTheReasonAndWhatToDo(t *testing.T) {
	h := newHouse(t, "")
	h.status.Channels[0].Fallback = "secours"
	if page := h.ask("GET", "/messages", url.Values{}).Body.String(); strings.Contains(page, "pas arrivés") {
		t.Error("messages that did not arrive, and there are none")
	}
	h.lose(t, "wun", "L’épargne <b>d'ici</b>", time.Hour, "refused: password-ended: hand the e-mail: the server answered 550 5.7.30")
	h.lose(t, "wdeux", "Une autre", 2*time.Hour, "expired: unreachable: post")
	h.lose(t, "wvieux", "Il y a longtemps", 31*24*time.Hour, "refused: gone: post")
	page := strings.ReplaceAll(h.ask("GET", "/messages", url.Values{}).Body.String(), "\u00a0", " ")
	for _, want := range []string{"Messages qui ne sont pas arrivés", "envoi de secours : secours", "L’épargne &lt;b&gt;d&#39;ici", `href="/situations/wun"`,
		"courriel n’accepte plus de mot de passe", "essayé en vain pendant une journée : personne ne répond"} {
		if !strings.Contains(page, want) {
			t.Errorf("missing: %s", want)
		}
	}
	if strings.Contains(page, "longtemps") || strings.Contains(page, "5.7.30") {
		t.Error("what is a month old, or what only the log should say, is shown")
	}
	situation := strings.ReplaceAll(h.ask("GET", "/situations/wun", url.Values{}).Body.String(), "\u00a0", " ")
	if want := "courriel n’a pas accepté un message : envoi de secours par secours."; !strings.Contains(situation, want) {
		t.Errorf("the situation does not say %q", want)
	}
}

func TestADigestThatDidNotArriveIsShownAndIsNoSituation(t *testing.T) {
	h := newHouse(t, "")
	i := alerting.Incident{ID: "resume", Key: "digest of courriel", Kind: "digest", State: alerting.Resolved, OpenedAt: noon, Seq: 1,
		Facts: alerting.Facts{Edition: &alerting.EditionFacts{Kind: alerting.Digest, Channel: "courriel", Every: alerting.Daily, From: noon.Add(-24 * time.Hour), To: noon, Read: 12}}}
	row := alerting.Row{Key: "resume", Channel: "courriel", Transition: alerting.Issued, Seq: 1, At: noon, Owed: i, Now: i, Fate: alerting.Waiting}
	err := errors.Join(h.state.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{i}, Owed: []alerting.Row{row}}),
		h.state.Finish(t.Context(), []alerting.Ending{{Keys: []string{"resume"}, As: alerting.Dead, Why: "refused: gone: post"}}, noon))
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(h.ask("GET", "/messages", url.Values{}).Body.String(), "\u00a0", " ")
	if !strings.Contains(page, "Rien à signaler : 12 sources lues") || strings.Contains(page, "/situations/resume") {
		t.Error("it is not shown, or leads nowhere")
	}
	if code := h.ask("GET", "/situations/resume", url.Values{}).Code; code != 404 {
		t.Errorf("as a situation it answers %d", code)
	}
}
