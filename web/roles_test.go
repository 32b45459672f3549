package web

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/state"
)

// hashed is the hash of the password of whoever joins, made once: to make one takes time.
var hashed = sync.OnceValue(func() config.Secret { return config.NewSecret(hashOf(composed(password)).phc()) })

// joins makes a member with a password, and is the cookie of their session.
func (h *house) joins(t *testing.T, name string, role state.Role) (m state.Member, cookie string) {
	t.Helper()
	_, link, err := h.state.Invite(t.Context(), "", state.Member{Name: name, Role: role})
	if err == nil {
		m, err = h.state.Accept(t.Context(), link, hashed())
	}
	if err != nil {
		t.Fatal(err)
	}
	return m, h.session(t, personOf(m))
}

// session is the cookie of a person who has come in.
func (h *house) session(t *testing.T, p person) string {
	t.Helper()
	c, err := h.door.letIn(t.Context(), p, false)
	if err != nil {
		t.Fatal(err)
	}
	return c.Name + "=" + c.Value
}

// inhabited is a house with a member of every role, whose sessions it gives.
func inhabited(t *testing.T) (*house, map[state.Role]string) {
	t.Helper()
	h := newHouse(t, "l’Anse-aux-Huards")
	h.furnish(t)
	h.surge(t)
	h.set(t)
	cookies := map[state.Role]string{}
	for role, name := range map[state.Role]string{state.Reader: "Zoé L’Heureux", state.Handler: "Éloïse d’Amours", state.Owner: "Odette Malenfroy"} {
		_, cookies[role] = h.joins(t, name, role)
	}
	return h, cookies
}

// filled is a pattern of the table as an address that one can ask for.
func filled(pattern string) (method, path string) {
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.NewReplacer("{$}", "", "{section}", "sources", "{file}", "caisse.atom", "{token}", "JAMAISDONNE", "{pass}", "JAMAIS.DONNE", "{name}", "page.css", "{id}", "inconnu").Replace(path)
	return method, path
}

func TestEveryAddressIsForThoseOfItsRoleAndForNobodyBelow(t *testing.T) {
	h, cookies := inhabited(t)
	people := 0
	for _, a := range h.table() {
		method, path := filled(a.pattern)
		if strings.Contains(path, "{") {
			t.Fatalf("%s: this test cannot ask for it", a.pattern)
		}
		if method != http.MethodGet && method != http.MethodPost {
			t.Errorf("%s says no method: whoever may read it may change it", a.pattern)
		}
		switch a.access {
		case anyone, scrapers, programs, callers, actors:
			continue
		case readers, handlers, owners:
			people++
		default:
			t.Errorf("%s: nobody has said who may use it", a.pattern)
		}
		if w := h.ask(method, path, nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login" {
			t.Errorf("%s: a stranger gets status %d", a.pattern, w.Code)
		}
		for _, role := range state.Roles() {
			if path == "/logout" {
				continue // it would end the session that this test comes with
			}
			w := h.ask(method, path, nil, "Cookie", cookies[role])
			if refused := w.Code == http.StatusForbidden; refused == role.Covers(state.Role(a.access)) {
				t.Errorf("%s is for %s; a %s gets status %d", a.pattern, a.access, role, w.Code)
			}
		}
	}
	if people < 30 {
		t.Errorf("the table has %d addresses for people: the test is broken", people)
	}
}

func TestWhatChangesSomethingIsForNobodyWhoOnlyReads(t *testing.T) {
	h, _ := inhabited(t)
	own := []string{"POST /logout", "POST /settings/own-password", "POST /settings/own-name", "POST /settings/own-email", "POST /advisories/{id}/read"} // of themselves alone
	for _, a := range h.table() {
		if strings.HasPrefix(a.pattern, "POST ") && a.access == readers && !slices.Contains(own, a.pattern) {
			t.Errorf("%s: one who only reads may do it", a.pattern)
		}
	}
}

func TestAnAddressThatNobodyGaveAnAccessIsRefusedToEverybody(t *testing.T) {
	h, cookies := inhabited(t)
	did := false
	forgotten := route{pattern: "POST /forgotten", serve: func(http.ResponseWriter, *http.Request) { did = true }}
	h.handler = h.served(append(h.table(), forgotten))
	for role, cookie := range cookies {
		if w := h.ask("POST", "/forgotten", nil, "Cookie", cookie); w.Code != http.StatusForbidden || did {
			t.Errorf("a %s gets status %d", role, w.Code)
		}
	}
}

// pressed finds what one could press: where forms that change something lead.
var pressed = regexp.MustCompile(`<form[^>]*method="post"[^>]*action="([^"]+)"`)

func TestNobodyIsShownAButtonThatTheyMayNotPress(t *testing.T) {
	h, cookies := inhabited(t)
	h.refuse()
	h.affiliate()
	pages := []string{"/advisories", "/advisories/" + h.advise(t, "wvague", "Cookie", cookies[state.Owner]), "/situations/wvague", "/", "/keeping", "/mentions?q=valtisse", "/mentions/" + mention.NewID("web", "1"), "/situations", "/situations/wvague",
		"/sources", "/watches", "/settings", "/messages", "/tone", "/settings/members", "/settings/tokens", "/set/sources?name=echo", "/watches/one?name=caisse"}
	for _, role := range state.Roles() {
		forms := 0
		for _, page := range pages {
			body := h.ask("GET", page, nil, "Cookie", cookies[role]).Body.String()
			for _, form := range pressed.FindAllStringSubmatch(body, -1) {
				if forms++; !h.mayPost(t, form[1], role) {
					t.Errorf("on %s a %s is shown a form to %s", page, role, form[1])
				}
			}
			for _, link := range regexp.MustCompile(`href="(/(?:set/|sources/add|watches/one|settings/members|settings/tokens)[^"]*)"`).FindAllStringSubmatch(body, -1) {
				if w := h.ask("GET", strings.ReplaceAll(link[1], "&amp;", "&"), nil, "Cookie", cookies[role]); w.Code == http.StatusForbidden {
					t.Errorf("on %s a %s is led to %s", page, role, link[1])
				}
			}
		}
		if forms == 0 {
			t.Errorf("a %s is shown no form at all, not even that of the language: the test is broken", role)
		}
	}
}

// mayPost says whether the table lets a role post there.
func (h *house) mayPost(t *testing.T, path string, role state.Role) bool {
	t.Helper()
	mux := http.NewServeMux()
	access := map[string]access{}
	for _, a := range h.table() {
		mux.HandleFunc(a.pattern, func(http.ResponseWriter, *http.Request) {})
		access[a.pattern] = a.access
	}
	r, err := http.NewRequest(http.MethodPost, path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	_, pattern := mux.Handler(r)
	if access[pattern] == "" {
		t.Errorf("a form leads to %s, which is nowhere", path)
	}
	return access[pattern] == anyone || role.Covers(state.Role(access[pattern]))
}

func TestAFormFromAnotherSiteIsRefusedEverywhere(t *testing.T) {
	h, cookies := inhabited(t)
	for _, a := range h.table() {
		method, path := filled(a.pattern)
		if method != http.MethodPost {
			continue
		}
		for name, headers := range map[string][]string{
			"its browser says so":   {"Sec-Fetch-Site", "cross-site", "Origin", "null"},
			"its browser is old":    {"Sec-Fetch-Site", "", "Origin", "https://ailleurs.example"},
			"from beside this name": {"Sec-Fetch-Site", "same-site", "Origin", "https://autre.caisse.example"},
		} {
			if w := h.ask(method, path, url.Values{}, append(headers, "Cookie", cookies[state.Owner])...); w.Code != http.StatusForbidden {
				t.Errorf("%s, %s: status %d", a.pattern, name, w.Code)
			} else if body, _ := io.ReadAll(w.Body); strings.Contains(string(body), "<html") {
				t.Errorf("%s, %s: it got as far as a page", a.pattern, name)
			}
		}
	}
}
