package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/store/state"
)

// once finds what a page shows once.
var once = regexp.MustCompile(`class="once"[^>]*value="([^"]+)"`)

// invites has somebody invite a person, and is the path of the link they get.
func (h *house) invites(t *testing.T, cookie, name string, role state.Role) string {
	t.Helper()
	w := h.ask("POST", "/settings/members", url.Values{"name": {name}, "role": {string(role)}}, "Cookie", cookie)
	found := once.FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusOK || found == nil {
		t.Fatalf("inviting %s: status %d\n%s", name, w.Code, w.Body)
	}
	at, err := url.Parse(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return at.Path
}

// cookieOf is the session that an answer opened.
func cookieOf(t *testing.T, h http.Header) string {
	t.Helper()
	for _, c := range (&http.Response{Header: h}).Cookies() {
		if c.Name == sessionCookie && c.HttpOnly && c.SameSite == http.SameSiteLaxMode {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatalf("no session was opened: %v", h)
	return ""
}

const ownPassword = "trois mots sans rapport"

func TestAPersonWhoIsInvitedChoosesAPasswordAndIsIn(t *testing.T) {
	h, cookies := inhabited(t)
	link := h.invites(t, cookies[state.Owner], "Hélène Côté", state.Handler)
	for range 2 { // a mail scanner opens links before the person does
		w := h.ask("GET", link, nil)
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, "Hélène Côté, choisissez un mot de passe") || !strings.Contains(body, "membre") {
			t.Fatalf("the link: status %d\n%s", w.Code, body)
		}
		if w.Header().Get("Referrer-Policy") != "no-referrer" || !strings.Contains(w.Header().Get("Cache-Control"), "no-store") {
			t.Errorf("the page of the link may be told to others: %v", w.Header())
		}
	}
	for _, c := range []struct{ password, again, want string }{
		{"neuf car.", "neuf car.", "au moins dix caractères"},
		{ownPassword, "trois mots", "pas pareils"},
		{"", "", "au moins dix caractères"},
	} {
		if w := h.ask("POST", link, url.Values{"password": {c.password}, "again": {c.again}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%q: status %d", c.password, w.Code)
		}
	}
	w := h.ask("POST", link, url.Values{"password": {ownPassword}, "again": {ownPassword}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Fatalf("accepting: status %d\n%s", w.Code, w.Body)
	}
	if body := h.ask("GET", "/", nil, "Cookie", cookieOf(t, w.Header())).Body.String(); !strings.Contains(body, "Hélène Côté") {
		t.Error("the page does not say who is in")
	}
	for _, method := range []string{"GET", "POST"} {
		if w := h.ask(method, link, url.Values{"password": {ownPassword}, "again": {ownPassword}}); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "ne sert plus") {
			t.Errorf("%s of a used link: status %d", method, w.Code)
		}
	}
	for _, typed := range []string{"Hélène Côté", "helene cote", "HE\u0301LE\u0300NE CÔTÉ"} {
		if w := h.ask("POST", "/login", url.Values{"name": {typed}, "password": {ownPassword}}); w.Code != http.StatusSeeOther {
			t.Errorf("signing in as %q: status %d", typed, w.Code)
		}
	}
}

func TestAPasswordIsTheSameFromEveryKeyboard(t *testing.T) {
	h, cookies := inhabited(t)
	link := h.invites(t, cookies[state.Owner], "Noël", state.Reader)
	if w := h.ask("POST", link, url.Values{"password": {"été à la baie"}, "again": {"été à la baie"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	if w := h.ask("POST", "/login", url.Values{"name": {"Noël"}, "password": {"e\u0301te\u0301 a\u0300 la baie"}}); w.Code != http.StatusSeeOther {
		t.Errorf("typed in parts: status %d", w.Code)
	}
}

func TestTheDoorSaysTheSameForAnUnknownNameAndAWrongPassword(t *testing.T) {
	h, _ := inhabited(t)
	out, cookie := h.joins(t, "Parti", state.Handler)
	if err := h.state.Disable(t.Context(), state.Deed{Member: out.ID}); err != nil {
		t.Fatal(err)
	}
	if w := h.ask("GET", "/", nil, "Cookie", cookie); w.Code != http.StatusSeeOther {
		t.Errorf("one who is out gets in with an old session: status %d", w.Code)
	}
	var bodies []string
	for i, c := range []struct{ name, password string }{
		{"Odette Malenfroy", "hockey hockey"},     // wrong
		{"Odette Malenfroy", "l’Anse-aux-Huards"}, // the page's
		{"Personne", "hockey hockey"},
		{"Parti", password},
		{strings.Repeat("é", 5000), "hockey hockey"},
	} {
		from := "203.0.113." + string(rune('1'+i))
		w := h.ask("POST", "/login", url.Values{"name": {c.name}, "password": {c.password}}, "X-Forwarded-For", from)
		if w.Code != http.StatusForbidden {
			t.Errorf("%.20s: status %d", c.name, w.Code)
		}
		bodies = append(bodies, strings.ReplaceAll(w.Body.String(), c.name, ""))
	}
	for _, b := range bodies[1:] {
		if b != bodies[0] {
			t.Errorf("two refusals differ:\n%s\n%s", b, bodies[0])
		}
	}
}

func TestAnUnknownNameCostsAsMuchAsAKnownOne(t *testing.T) {
	h, _ := inhabited(t)
	odette, _, err := h.state.MemberCalled(t.Context(), "Odette Malenfroy")
	if err != nil {
		t.Fatal(err)
	}
	kept, err := parseArgon(odette.Password.Reveal())
	if none := h.door.none; err != nil || none.memory != kept.memory || none.passes != kept.passes || none.threads != kept.threads || len(none.key) != len(kept.key) {
		t.Errorf("what an unknown name is compared with costs other than what a member is: %v", err)
	}
	compares := func(name string) (does bool) {
		h.door.none = argon{} // to compare with it is a panic
		defer func() { does = recover() != nil }()
		_, err := h.door.identify(t.Context(), name, "hockey hockey")
		if err != nil {
			t.Error(err)
		}
		return false
	}
	if !compares("Personne") || compares("Odette Malenfroy") || compares("") {
		t.Error("an unknown name is not compared, or a known one is compared with nobody")
	}
}

func TestThePasswordAloneIsTheOwnersAlsoWhenThereAreMembers(t *testing.T) {
	h, _ := inhabited(t)
	for _, name := range []string{"", "administration"} {
		w := h.ask("POST", "/login", url.Values{"name": {name}, "password": {"l’Anse-aux-Huards"}})
		if w.Code != http.StatusSeeOther {
			t.Fatalf("as %q: status %d", name, w.Code)
		}
		if w := h.ask("GET", "/settings/members", nil, "Cookie", cookieOf(t, w.Header())); w.Code != http.StatusOK {
			t.Errorf("as %q, the members: status %d", name, w.Code)
		}
	}
	changed, err := newDoor(Options{Password: "Anse-aux-Sternes", Sessions: h.state, People: h.state, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	_, member := h.joins(t, "Noël", state.Reader)
	h.door = changed
	if w := h.ask("GET", "/", nil, "Cookie", member); w.Code != http.StatusOK {
		t.Errorf("another password of the page closed a member's session: status %d", w.Code)
	}
}

func TestGuessesAreSlowWhicheverWayTheyCome(t *testing.T) {
	for name, guess := range map[string]func(h *house) int{
		"by name": func(h *house) int {
			return h.ask("POST", "/login", url.Values{"name": {"Odette Malenfroy"}, "password": {"hockey"}}).Code
		},
		"by link": func(h *house) int { return h.ask("GET", "/invitation/DEVINE", nil).Code },
		"by token": func(h *house) int {
			return h.ask("GET", "/metrics", nil, "Authorization", "Bearer ouidire_DEVINE").Code
		},
		"by feed": func(h *house) int {
			return h.ask("GET", "/feeds/stories.atom", nil, "Authorization", "Basic eDp5").Code
		},
		"by posting": func(h *house) int {
			return h.ask("POST", "/invitation/DEVINE", url.Values{"password": {ownPassword}, "again": {ownPassword}}).Code
		},
	} {
		h := newHouse(t, password)
		h.joins(t, "Odette Malenfroy", state.Owner)
		for range 5 {
			guess(h)
		}
		if code := guess(h); code != http.StatusTooManyRequests {
			t.Errorf("%s: the sixth guess got status %d", name, code)
		}
	}
}

func TestTheFirstMemberOfAnOpenPageIsAnOwnerAndClosesTheDoor(t *testing.T) {
	h := newHouse(t, "")
	h.set(t)
	if body := h.ask("GET", "/settings/members", nil).Body.String(); !strings.Contains(body, "Commencez par vous") || strings.Contains(body, `value="reader"`) {
		t.Error("the page does not say that the first is an owner")
	}
	if w := h.ask("POST", "/settings/members", url.Values{"name": {"Zoé"}, "role": {"reader"}}); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "premier membre") {
		t.Errorf("a reader first: status %d", w.Code)
	}
	link := h.invites(t, "", "Odette", state.Owner)
	if w := h.ask("GET", "/sources", nil); w.Code != http.StatusOK {
		t.Errorf("before anybody has accepted the door is closed: status %d", w.Code)
	}
	w := h.ask("POST", link, url.Values{"password": {ownPassword}, "again": {ownPassword}})
	cookie := cookieOf(t, w.Header())
	if w := h.ask("GET", "/sources", nil); w.Code != http.StatusSeeOther {
		t.Errorf("a stranger gets status %d", w.Code)
	}
	if body := h.ask("GET", "/login", nil).Body.String(); !strings.Contains(body, `name="name"`) || strings.Contains(body, "mot de passe de la page") {
		t.Errorf("the door asks for something else than a name:\n%s", body)
	}
	members := h.ask("GET", "/settings/members", nil, "Cookie", cookie).Body.String()
	id := regexp.MustCompile(`/settings/members/([A-Z0-9]+)"`).FindStringSubmatch(members)[1]
	for _, do := range []url.Values{{"do": {"disable"}}, {"do": {"role"}, "role": {"reader"}}} {
		if w := h.ask("POST", "/settings/members/"+id, do, "Cookie", cookie); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "dernière personne responsable") {
			t.Errorf("%v of the last owner: status %d", do, w.Code)
		}
	}
}

func TestAnOwnerChangesWhatMembersMayDo(t *testing.T) {
	h, cookies := inhabited(t)
	owner := cookies[state.Owner]
	m, cookie := h.joins(t, "Noël", state.Handler)
	at := "/settings/members/" + m.ID
	press := func(form url.Values, code int) string {
		t.Helper()
		w := h.ask("POST", at, form, "Cookie", owner)
		if w.Code != code {
			t.Fatalf("%v: status %d\n%s", form, w.Code, w.Body)
		}
		return w.Body.String()
	}
	press(url.Values{"do": {"role"}, "role": {"reader"}}, http.StatusSeeOther)
	if w := h.ask("POST", "/situations/wsituation", url.Values{"act": {"resolve"}}, "Cookie", cookie); w.Code != http.StatusForbidden {
		t.Errorf("from now on a reader, and settles a situation: status %d", w.Code)
	}
	link := once.FindStringSubmatch(press(url.Values{"do": {"link"}}, http.StatusOK))
	if link == nil || !strings.HasPrefix(link[1], "http://127.0.0.1:8080/invitation/") {
		t.Errorf("the new link is %v", link)
	}
	press(url.Values{"do": {"disable"}}, http.StatusSeeOther)
	if w := h.ask("GET", "/", nil, "Cookie", cookie); w.Code != http.StatusSeeOther {
		t.Errorf("kept out, and in: status %d", w.Code)
	}
	if body := h.ask("GET", "/settings/members", nil, "Cookie", owner).Body.String(); !strings.Contains(body, "sans accès") {
		t.Error("the page does not say who may not come in")
	}
	press(url.Values{"do": {"enable"}}, http.StatusSeeOther)
	press(url.Values{"do": {"role"}, "role": {"chef"}}, http.StatusUnprocessableEntity)
	press(url.Values{"do": {"exécuter"}}, http.StatusNotFound)
	at = "/settings/members/INCONNU"
	press(url.Values{"do": {"disable"}}, http.StatusNotFound)
}

func TestOneChangesOnesOwnPasswordAndOthersWhoHadItAreOut(t *testing.T) {
	h, cookies := inhabited(t)
	mine := cookies[state.Reader]
	zoe, _, err := h.state.MemberCalled(t.Context(), "Zoé L’Heureux")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := h.session(t, personOf(zoe))
	change := func(current string) *http.Response {
		return h.ask("POST", "/settings/own-password", url.Values{"current": {current}, "password": {ownPassword}, "again": {ownPassword}}, "Cookie", mine).Result()
	}
	if w := change("hockey hockey"); w.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("with another's password: status %d", w.StatusCode)
	}
	if w := change("l’Anse-aux-Huards"); w.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("with that of the page: status %d", w.StatusCode)
	}
	w := change(password)
	if w.StatusCode != http.StatusSeeOther {
		t.Fatalf("status %d", w.StatusCode)
	}
	if got := h.ask("GET", "/", nil, "Cookie", cookieOf(t, w.Header)).Code; got != http.StatusOK {
		t.Errorf("who changed it is out: status %d", got)
	}
	for _, old := range []string{mine, elsewhere} {
		if got := h.ask("GET", "/", nil, "Cookie", old).Code; got != http.StatusSeeOther {
			t.Errorf("an old session: status %d", got)
		}
	}
	owner := h.session(t, person{Role: state.Owner}) // of the page's password
	if w := h.ask("POST", "/settings/own-password", url.Values{"current": {"x"}, "password": {ownPassword}, "again": {ownPassword}}, "Cookie", owner); w.Code != http.StatusNotFound {
		t.Errorf("one without a name: status %d", w.Code)
	}
}

// overheard hears what the page asks for.
type overheard struct {
	incidents
	acts []alerting.Action
}

func (o *overheard) Act(ctx context.Context, a alerting.Action) (alerting.Incident, error) {
	o.acts = append(o.acts, a)
	return o.incidents.Act(ctx, a)
}

func TestWhoHasAnEmailIsToldThereWhatIsAssignedToThemAndOthersAreNamedAsUnreached(t *testing.T) {
	h, cookies := inhabited(t)
	heard := &overheard{incidents: incidents{h.state}}
	h.Incidents = heard
	odette, _, err := h.state.MemberCalled(t.Context(), "Odette Malenfroy")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.state.SetEmail(t.Context(), state.Deed{Member: odette.ID}, "odette@caisse.example"); err != nil {
		t.Fatal(err)
	}
	if form := h.ask("GET", "/situations/wvague", nil, "Cookie", cookies[state.Handler]).Body.String(); !strings.Contains(form, ">Odette Malenfroy</option>") || strings.Contains(form, "odette@") {
		t.Error("the form says that she cannot be told, or shows her address")
	}
	if w := h.ask("POST", "/situations/wvague", url.Values{"act": {"assign"}, "to": {odette.ID}}, "Cookie", cookies[state.Handler]); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	program := h.gives(t, "Aiguillage", state.ScopeAct)
	if w := program.call("POST", "/api/v1/situations/wvague", `{"act":"assign","to":"odette malenfroy"}`); w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	if len(heard.acts) != 2 {
		t.Fatalf("asked for %+v", heard.acts)
	}
	for _, a := range heard.acts {
		if a.Address != "odette@caisse.example" || a.To != "Odette Malenfroy" {
			t.Errorf("%s asked for %+v", a.By, a)
		}
	}
	err = h.state.Settle(t.Context(), alerting.Settlement{Journal: []alerting.Entry{{At: noon, Incident: "wvague", What: string(alerting.Assign), To: "Maude", Person: "Éloïse", Reason: alerting.BecauseNoAddress}}})
	if err != nil {
		t.Fatal(err)
	}
	if body := h.ask("GET", "/situations/wvague", nil, "Cookie", cookies[state.Handler]).Body.String(); !strings.Contains(body, "Confiée à Maude par Éloïse. Cette personne n’a pas pu être prévenue par courriel.") {
		t.Error("the journal does not say who was not told")
	}
}

func TestOneGivesOnesOwnEmailAndAnOwnerThatOfAnybody(t *testing.T) {
	h, cookies := inhabited(t)
	email := func(name string) string {
		t.Helper()
		m, _, err := h.state.MemberCalled(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		return m.Email
	}
	if w := h.ask("POST", "/settings/own-email", url.Values{"email": {" Zoe@Caisse.example "}}, "Cookie", cookies[state.Reader]); w.Code != http.StatusSeeOther || email("Zoé L’Heureux") != "zoe@caisse.example" {
		t.Errorf("status %d, and hers is %q", w.Code, email("Zoé L’Heureux"))
	}
	if w := h.ask("GET", "/settings", nil, "Cookie", cookies[state.Reader]); !strings.Contains(w.Body.String(), `value="zoe@caisse.example"`) {
		t.Error("her settings do not show it")
	}
	eloise, _, err := h.state.MemberCalled(t.Context(), "Éloïse d’Amours")
	if err != nil {
		t.Fatal(err)
	}
	of := func(typed, cookie string) int {
		return h.ask("POST", "/settings/members/"+eloise.ID, url.Values{"do": {"email"}, "email": {typed}}, "Cookie", cookie).Code
	}
	for _, c := range []struct {
		typed, cookie string
		code          int
		want          string
	}{
		{"eloise@caisse.example", cookies[state.Handler], http.StatusForbidden, ""},
		{"eloise@caisse.example", cookies[state.Owner], http.StatusSeeOther, "eloise@caisse.example"},
		{"Zoe@caisse.example", cookies[state.Owner], http.StatusUnprocessableEntity, "eloise@caisse.example"},
		{"<eloise>\r\nBcc: volee@moyac.example", cookies[state.Owner], http.StatusUnprocessableEntity, "eloise@caisse.example"},
		{"", cookies[state.Owner], http.StatusSeeOther, ""},
	} {
		if got := of(c.typed, c.cookie); got != c.code || email("Éloïse d’Amours") != c.want {
			t.Errorf("%q: status %d, and hers is %q; want %d and %q", c.typed, got, email("Éloïse d’Amours"), c.code, c.want)
		}
	}
	for _, typed := range []string{"eloise", "zoe@caisse.example"} {
		w := h.ask("POST", "/settings/own-email", url.Values{"email": {typed}}, "Cookie", cookies[state.Handler])
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `value="`+typed+`"`) || email("Éloïse d’Amours") != "" {
			t.Errorf("%q: status %d, and hers is %q", typed, w.Code, email("Éloïse d’Amours"))
		}
	}
}

func TestWhatAMemberDoesIsSignedWithTheirNameAndWhomItIsAssignedToIsShown(t *testing.T) {
	h, cookies := inhabited(t)
	at, handler := "/situations/wvague", cookies[state.Handler]
	form := h.ask("GET", at, nil, "Cookie", handler).Body.String()
	if strings.Contains(form, `name="name"`) || strings.Contains(form, "Zoé L’Heureux") || strings.Contains(form, ">Éloïse d’Amours (") || !strings.Contains(form, ">Odette Malenfroy (sans courriel\u00a0: à prévenir vous-même)</option>") {
		t.Error("a member signs by hand, or may assign it to whoever cannot handle it, or to themselves")
	}
	press := func(form url.Values, code int) {
		t.Helper()
		if w := h.ask("POST", at, form, "Cookie", handler); w.Code != code {
			t.Errorf("%v: status %d", form, w.Code)
		}
	}
	press(url.Values{"act": {"acknowledge"}, "name": {"Quelqu’un d’autre"}}, http.StatusSeeOther)
	odette, _, err := h.state.MemberCalled(t.Context(), "Odette Malenfroy")
	if err != nil {
		t.Fatal(err)
	}
	zoe, _, _ := h.state.MemberCalled(t.Context(), "Zoé L’Heureux")
	for _, to := range []string{"", "Odette Malenfroy", zoe.ID} {
		press(url.Values{"act": {"assign"}, "to": {to}}, http.StatusConflict)
	}
	press(url.Values{"act": {"assign"}, "to": {odette.ID}, "note": {"Elle connaît\nla <b>succursale</b>." + strings.Repeat(" é", 600)}}, http.StatusSeeOther)
	for path, want := range map[string][]string{
		at:            {"Prise en charge par Éloïse d’Amours.", "Confiée à Odette Malenfroy par Éloïse d’Amours.", "Elle connaît la &lt;b&gt;succursale&lt;/b&gt;.", "<strong>confiée à Odette Malenfroy</strong>", "Confiée à Odette Malenfroy."},
		"/situations": {"confiée à Odette Malenfroy"},
		"/":           {"confiée à Odette Malenfroy"},
	} {
		body := h.ask("GET", path, nil, "Cookie", handler).Body.String()
		for _, w := range want {
			if !strings.Contains(body, w) {
				t.Errorf("%s does not say %q", path, w)
			}
		}
		if strings.Contains(body, "Quelqu’un d’autre") {
			t.Errorf("%s says a name that was made up", path)
		}
	}
	for _, c := range []struct{ cookie, name, by string }{{handler, "Quelqu’un d’autre", "Éloïse d’Amours"}, {"", "Noël", "Noël"}} { // by the link of a message
		if w := h.ask("POST", "/act/"+h.Passes.Pass("wvague", noon), url.Values{"act": {"acknowledge"}, "name": {c.name}}, "Cookie", c.cookie); w.Code != http.StatusOK {
			t.Errorf("by the link of a message: status %d", w.Code)
		}
		if i, _, err := h.state.Incident(t.Context(), "wvague"); err != nil || i.By != c.by {
			t.Errorf("by the link of a message it is taken by %q, want %q: %v", i.By, c.by, err)
		}
	}
	if w := h.ask("POST", at, url.Values{"act": {"acknowledge"}}, "Cookie", cookies[state.Owner]); w.Code != http.StatusSeeOther {
		t.Fatalf("taken: status %d", w.Code)
	}
	i, _, err := h.state.Incident(t.Context(), "wvague")
	if err != nil || i.For != "" || i.By != "Odette Malenfroy" || i.State != alerting.Acknowledged {
		t.Errorf("once taken it is %s by %q for %q, %v", i.State, i.By, i.For, err)
	}
	acts, err := h.state.Acts(t.Context(), time.Time{}, time.Time{})
	assigned := slices.IndexFunc(acts, func(a alerting.Action) bool { return a.Act == alerting.Assign })
	if err != nil || assigned < 0 || acts[assigned].To != "Odette Malenfroy" || !strings.HasPrefix(acts[assigned].Note, "Elle connaît la") {
		t.Errorf("the journal says %+v, %v", acts, err)
	}
}
