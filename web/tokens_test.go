package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/store/state"
)

func TestAProgramReadsWithItsTokenWhatItIsFor(t *testing.T) {
	h, cookies := inhabited(t)
	made := func(name, scope string) string {
		w := h.ask("POST", "/settings/tokens", url.Values{"name": {name}, "scope": {scope}}, "Cookie", cookies[state.Owner])
		found := once.FindStringSubmatch(w.Body.String())
		if found == nil {
			t.Fatalf("%s: status %d", name, w.Code)
		}
		return found[1]
	}
	metrics, api := made("Prometheus", "metrics"), made("Liseuse", "api")
	for _, c := range []struct {
		path, authorization string
		code                int
	}{
		{"/metrics", "Bearer " + metrics, http.StatusOK},
		{"/metrics", "bearer  " + metrics, http.StatusOK},
		{"/metrics", "Bearer " + api, http.StatusForbidden},
		{"/feeds/stories.atom", "Bearer " + api, http.StatusOK},
		{"/feeds/watch/caisse.atom", "Bearer " + api, http.StatusOK},
		{"/feeds/stories.atom", "Bearer " + metrics, http.StatusForbidden},
		{"/metrics", "Bearer ouidire_JAMAISFAIT", http.StatusUnauthorized},
		{"/metrics", "Bearer", http.StatusUnauthorized},
		{"/metrics", "", http.StatusUnauthorized},
		{"/mentions", "Bearer " + api, http.StatusSeeOther},
		{"/settings/members", "Bearer " + api, http.StatusSeeOther},
	} {
		if w := h.ask("GET", c.path, nil, "Authorization", c.authorization); w.Code != c.code {
			t.Errorf("%s with %.24q: status %d, want %d", c.path, c.authorization, w.Code, c.code)
		}
	}
	page := h.ask("GET", "/settings/tokens", nil, "Cookie", cookies[state.Owner]).Body.String()
	if strings.Contains(page, metrics) || strings.Contains(page, api) || !strings.Contains(page, "dernière utilisation") {
		t.Error("the page shows a token twice, or not that it was used")
	}
	all, err := h.state.Tokens(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("there are %d tokens, %v", len(all), err)
	}
	for _, one := range all {
		if w := h.ask("POST", "/settings/tokens/"+one.ID+"/revoke", nil, "Cookie", cookies[state.Owner]); w.Code != http.StatusSeeOther {
			t.Errorf("revoking: status %d", w.Code)
		}
	}
	if w := h.ask("GET", "/metrics", nil, "Authorization", "Bearer "+metrics); w.Code != http.StatusUnauthorized {
		t.Errorf("a revoked token: status %d", w.Code)
	}
	for _, bad := range []url.Values{{"name": {""}, "scope": {"api"}}, {"name": {"Liseuse"}, "scope": {"tout"}}} {
		if w := h.ask("POST", "/settings/tokens", bad, "Cookie", cookies[state.Owner]); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%v: status %d", bad, w.Code)
		}
	}
}

func TestAFeedReaderOfAMemberSignsInAsTheyDo(t *testing.T) {
	h, _ := inhabited(t)
	for _, c := range []struct {
		name, password string
		code           int
	}{
		{"zoé l'heureux", password, http.StatusOK},
		{"prometheus", "l’Anse-aux-Huards", http.StatusOK},
		{"zoé l'heureux", "l’Anse-aux-Huards", http.StatusUnauthorized},
	} {
		r, err := http.NewRequest("GET", "/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth(c.name, c.password)
		if w := h.ask("GET", "/feeds/stories.atom", nil, "Authorization", r.Header.Get("Authorization")); w.Code != c.code {
			t.Errorf("%s: status %d, want %d", c.name, w.Code, c.code)
		}
	}
}
