package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store/state"
)

func TestWhoeverIsRenamedKeepsWhatIsTheirs(t *testing.T) {
	h, cookies := inhabited(t)
	h.affiliate()
	owner, handler := cookies[state.Owner], cookies[state.Handler]
	eloise, _, err := h.state.MemberCalled(t.Context(), "Éloïse d’Amours")
	if err != nil {
		t.Fatal(err)
	}
	id := h.advise(t, "", "Cookie", handler)
	h.ask("POST", "/advisories/"+id+"/read", url.Values{}, "Cookie", handler)
	h.ask("POST", "/advisories/"+id+"/withdraw", url.Values{}, "Cookie", handler)
	for _, act := range []url.Values{{"act": {"acknowledge"}}, {"act": {"assign"}, "to": {eloise.ID}}} {
		cookie := map[string]string{"acknowledge": handler, "assign": owner}[act.Get("act")]
		if w := h.ask("POST", "/situations/wvague", act, "Cookie", cookie); w.Code != http.StatusSeeOther {
			t.Fatalf("%s: status %d", act.Get("act"), w.Code)
		}
	}
	w := h.ask("POST", "/settings/members/"+eloise.ID, url.Values{"do": {"name"}, "called": {" Élo L’Heureux "}, "name": {"Éloïse d’Amours"}}, "Cookie", owner)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("renaming: status %d\n%s", w.Code, w.Body)
	}
	for path, want := range map[string][]string{
		"/situations/wvague":   {"confiée à Élo L’Heureux", "Prise en charge par Élo L’Heureux.", "Confiée à Élo L’Heureux par Odette Malenfroy."},
		"/situations":          {"confiée à Élo L’Heureux"},
		"/":                    {"confiée à Élo L’Heureux"},
		"/advisories/" + id:    {"<span>Élo L’Heureux</span>", "<li>Élo L’Heureux"},
		"/settings/members":    {"Éloïse d’Amours s’appelle maintenant Élo L’Heureux par Odette Malenfroy."},
		"/settings?whose=hers": {"Élo L’Heureux"},
	} {
		cookie := owner
		if strings.HasSuffix(path, "hers") { // her session goes on
			cookie = handler
		}
		body := h.ask("GET", path, nil, "Cookie", cookie).Body.String()
		has(t, body, want...)
		if path != "/settings/members" && strings.Contains(body, "Éloïse d’Amours") {
			t.Errorf("%s still says her name of before", path)
		}
	}
	p := h.gives(t, "Tableau", state.ScopeAPI)
	whole := gets[wire.WholeSituation](t, p, "/api/v1/situations/wvague", "situation")
	if whole.AssignedTo != "Élo L’Heureux" || whole.Journal[len(whole.Journal)-1].To != "Élo L’Heureux" {
		t.Errorf("a program reads %q and %+v", whole.AssignedTo, whole.Journal)
	}
	sent := gets[wire.WholeAdvisory](t, p, "/api/v1/advisories/"+id, "advisory")
	if sent.By != "Élo L’Heureux" || sent.WithdrawnBy != "Élo L’Heureux" || len(sent.Read) != 1 || sent.Read[0].Name != "Élo L’Heureux" {
		t.Errorf("a program reads %+v", sent)
	}
}

func TestOneIsRenamedByAnOwnerOrByOneselfAndByNobodyElse(t *testing.T) {
	h, cookies := inhabited(t)
	zoe, _, err := h.state.MemberCalled(t.Context(), "Zoé L’Heureux")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		role        state.Role
		path, typed string
		code        int
		called      string
	}{
		{state.Handler, "/settings/members/" + zoe.ID, "Zoé Huard", http.StatusForbidden, "Zoé L’Heureux"},
		{state.Owner, "/settings/members/" + zoe.ID, "odette malenfroy", http.StatusUnprocessableEntity, "Zoé L’Heureux"},
		{state.Owner, "/settings/members/" + zoe.ID, hostile, http.StatusUnprocessableEntity, "Zoé L’Heureux"},
		{state.Owner, "/settings/members/inconnu", "Zoé Huard", http.StatusNotFound, "Zoé L’Heureux"},
		{state.Owner, "/settings/members/" + zoe.ID, "Zoé Huard", http.StatusSeeOther, "Zoé Huard"},
		{state.Reader, "/settings/own-name", "Éloïse d’Amours", http.StatusUnprocessableEntity, "Zoé Huard"},
		{state.Reader, "/settings/own-name", "", http.StatusUnprocessableEntity, "Zoé Huard"},
		{state.Reader, "/settings/own-name", "Zoe\u0301 de l’Anse", http.StatusSeeOther, "Zoé de l’Anse"},
	} {
		w := h.ask("POST", c.path, url.Values{"do": {"name"}, "called": {c.typed}, "name": {c.typed}}, "Cookie", cookies[c.role])
		if w.Code != c.code || h.state.MemberName(zoe.ID) != c.called {
			t.Errorf("%s to %q: status %d, and she is called %q", c.role, c.typed, w.Code, h.state.MemberName(zoe.ID))
		}
		if w.Code == http.StatusUnprocessableEntity && !strings.Contains(w.Body.String(), `role="alert"`) {
			t.Errorf("%s to %q: it is not said what is wrong", c.role, c.typed)
		}
		if c.typed == "odette malenfroy" && !strings.Contains(w.Body.String(), `value="odette malenfroy"`) {
			t.Error("what was typed is lost")
		}
	}
	has(t, h.ask("GET", "/settings/members", nil, "Cookie", cookies[state.Owner]).Body.String(),
		"Zoé Huard s’appelle maintenant Zoé de l’Anse.", "Zoé L’Heureux s’appelle maintenant Zoé de l’Anse par Odette Malenfroy.", "Zoé de l’Anse : première visite")
}
