package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/store/state"
)

func TestAnInvitationIsSentToWhomItIsForWhenAnOwnerWants(t *testing.T) {
	h, cookies := inhabited(t)
	h.Address, h.post.cart = "https://veille.caisse.example", true
	invite := func(name, email, send string) string {
		t.Helper()
		form := url.Values{"name": {name}, "email": {email}, "role": {"reader"}, "send": {send}}
		w := h.ask("POST", "/settings/members", form, "Cookie", cookies[state.Owner])
		if w.Code != http.StatusOK {
			t.Fatalf("%s: status %d", name, w.Code)
		}
		return w.Body.String()
	}
	page := invite("Éloi D’Amours", "eloi@caisse.example", "1")
	link := once.FindStringSubmatch(page)
	if link == nil || len(h.post.to) != 1 || h.post.to[0] != "eloi@caisse.example" || !strings.Contains(page, "Le lien a été envoyé à eloi@caisse.example") {
		t.Fatalf("sent to %v\n%s", h.post.to, page)
	}
	letter := h.post.letters[0]
	if !strings.Contains(letter.Body, "\n"+link[1]+"\n") || !strings.HasPrefix(link[1], "https://veille.caisse.example/invitation/") || !strings.HasPrefix(letter.Body, "Bonjour Éloi D’Amours,") || !strings.Contains(letter.Subject, "Caisse Valtisse") {
		t.Errorf("the letter says %+v", letter)
	}
	invite("Zélie", "zelie@caisse.example", "")
	invite("Sans adresse", "", "1")
	if len(h.post.to) != 1 {
		t.Errorf("sent to %v", h.post.to)
	}
	all, err := h.state.Members(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Name == "Zélie" {
			h.ask("POST", "/settings/members/"+m.ID, url.Values{"do": {"send"}}, "Cookie", cookies[state.Owner])
		}
	}
	if len(h.post.to) != 2 || h.post.to[1] != "zelie@caisse.example" {
		t.Errorf("a new link: sent to %v", h.post.to)
	}
	h.post.strike = true
	if page := invite("Odile", "odile@caisse.example", "1"); once.FindStringSubmatch(page) == nil || !strings.Contains(page, "Le lien n’a pas été envoyé\u00a0: personne ne répond à cette adresse.") {
		t.Errorf("it does not say that it was not sent, or does not show the link:\n%s", page)
	}
}

func TestNothingIsOfferedToBeSentWhereNothingCanBe(t *testing.T) {
	h, cookies := inhabited(t)
	for name, c := range map[string]struct {
		address string
		cart    bool
	}{"no channel of e-mail": {"https://veille.caisse.example", false}, "no address of the page": {"", true}} {
		h.Address, h.post.cart = c.address, c.cart
		page := h.ask("GET", "/settings/members", nil, "Cookie", cookies[state.Owner]).Body.String()
		h.ask("POST", "/settings/members", url.Values{"name": {name}, "email": {strings.ReplaceAll(name, " ", "") + "@caisse.example"}, "role": {"reader"}, "send": {"1"}}, "Cookie", cookies[state.Owner])
		if strings.Contains(page, "Envoyer le lien") || !strings.Contains(page, "rien n’y est envoyé") || len(h.post.to) != 0 {
			t.Errorf("%s: it is offered, or was sent to %v", name, h.post.to)
		}
	}
}
