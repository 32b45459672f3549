package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/store/state"
)

// left is who has left the channel courriel.
func (h *house) left(t *testing.T) string {
	t.Helper()
	all, err := h.state.Unsubscribed(t.Context(), "courriel")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ",")
}

func TestOneLeavesTheDigestsByTheirLinkAndComesBack(t *testing.T) {
	h, cookies := inhabited(t)
	link := alerting.LeavePath + h.Passes.Leave("courriel", "Equipe@caisse.example")
	for lang, want := range map[string]string{"fr-CA": "Les alertes continuent", "en": "Alerts go on"} {
		w := h.ask("GET", link, nil, "Accept-Language", lang)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) || !strings.Contains(w.Body.String(), "equipe@caisse.example") {
			t.Errorf("in %s: status %d, %s", lang, w.Code, w.Body)
		}
		if w.Header().Get("Referrer-Policy") != "no-referrer" || w.Header().Get("Cache-Control") != "private, no-store" {
			t.Errorf("its secret may leave it: %v", w.Header())
		}
	}
	if h.left(t) != "" {
		t.Fatal("to look was to leave")
	}
	if w := h.ask("POST", link, url.Values{"do": {"unsubscribe"}}); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "C’est fait") || h.left(t) != "equipe@caisse.example" {
		t.Errorf("status %d; %q have left", w.Code, h.left(t))
	}
	owners := h.ask("GET", "/messages", nil, "Cookie", cookies[state.Owner]).Body.String()
	if !strings.Contains(owners, "Sans résumé, à leur demande") || !strings.Contains(owners, "equipe@caisse.example") {
		t.Error("an owner does not see who left")
	}
	if readers := h.ask("GET", "/messages", nil, "Cookie", cookies[state.Reader]).Body.String(); strings.Contains(readers, "equipe@caisse.example") {
		t.Error("whoever reads sees who left")
	}
	if w := h.ask("POST", link, url.Values{"do": {"resubscribe"}}); w.Code != http.StatusOK || h.left(t) != "" {
		t.Errorf("back: status %d; %q have left", w.Code, h.left(t))
	}
	h.ask("POST", link, url.Values{})
	form := url.Values{"channel": {"courriel"}, "address": {"equipe@caisse.example"}}
	if w := h.ask("POST", "/messages/resubscribe", form, "Cookie", cookies[state.Owner]); w.Code != http.StatusSeeOther || h.left(t) != "" {
		t.Errorf("by an owner: status %d; %q have left", w.Code, h.left(t))
	}
}

func TestAMailProgramUnsubscribesWithOneClick(t *testing.T) {
	var parts bytes.Buffer
	body := multipart.NewWriter(&parts)
	if err := body.WriteField("List-Unsubscribe", "One-Click"); err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	for media, sent := range map[string]string{"application/x-www-form-urlencoded": "List-Unsubscribe=One-Click", body.FormDataContentType(): parts.String()} {
		h := newHouse(t, password)
		link := alerting.LeavePath + h.Passes.Leave("courriel", "équipe@caisse.example")
		w := program{h, ""}.call("POST", link, sent, "Content-Type", media, "Authorization", "") // no cookie, no origin, nothing that a browser says
		if w.Code != http.StatusOK || h.left(t) != "équipe@caisse.example" {
			t.Errorf("%s: status %d; %q have left", media, w.Code, h.left(t))
		}
	}
}

func TestALinkThatWasNotGivenUnsubscribesNobody(t *testing.T) {
	h := newHouse(t, password)
	link := h.Passes.Leave("courriel", "equipe@caisse.example")
	other := alerting.Passes{Key: []byte("une autre clé")}.Leave("courriel", "equipe@caisse.example")
	for name, pass := range map[string]string{"cut": link[:len(link)-3], "another's": other, "a pass of a situation": h.Passes.Pass("wvague", noon), "words": "courriel.equipe", "one part more": "x." + link} {
		for _, method := range []string{"GET", "POST"} {
			if w := h.ask(method, alerting.LeavePath+pass, nil); w.Code != http.StatusNotFound || h.left(t) != "" {
				t.Errorf("%s %s: status %d; %q have left", method, name, w.Code, h.left(t))
			}
		}
	}
}

func TestALinkOfAChannelThatIsGoneLeavesAllOfThem(t *testing.T) {
	h, cookies := inhabited(t)
	h.affiliate() // courriel, mail and ailleurs
	link := alerting.LeavePath + h.Passes.Leave("ancien", "equipe@caisse.example")
	has(t, h.ask("GET", link, nil).Body.String(), "equipe@caisse.example reçoit ce qui est envoyé à heures fixes")
	has(t, h.ask("POST", link, url.Values{}).Body.String(), "Plus rien n’est envoyé à equipe@caisse.example à heures fixes.")
	if h.left(t) != "equipe@caisse.example" {
		t.Errorf("%q have left", h.left(t))
	}
	has(t, h.ask("GET", alerting.LeavePath+h.Passes.Leave("mail", "equipe@caisse.example"), nil).Body.String(), "C’est fait")
	has(t, h.ask("GET", "/messages", nil, "Cookie", cookies[state.Owner]).Body.String(), "aucun résumé, depuis le")
	has(t, h.ask("GET", "/settings/members", nil, "Cookie", cookies[state.Owner]).Body.String(), "equipe@caisse.example ne reçoit plus aucun résumé.")
	if h.ask("POST", link, url.Values{"do": {"resubscribe"}}); h.left(t) != "" {
		t.Errorf("once back %q have left", h.left(t))
	}
}
