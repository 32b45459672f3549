package web

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store/state"
)

// Advise implements Advisories, without an engine.
func (i incidents) Advise(ctx context.Context, d alerting.Draft) (alerting.Incident, error) {
	made, err := alerting.Advise(d)
	if err != nil {
		return made, err
	}
	if before, known, err := i.Incident(ctx, made.ID); err != nil || known {
		return before, err
	}
	return made, i.Settle(ctx, alerting.Settlement{Incidents: []alerting.Incident{made}})
}

// TakeBack implements Advisories.
func (i incidents) TakeBack(ctx context.Context, id string, by alerting.Person, at time.Time) (alerting.Incident, error) {
	return i.change(ctx, id, func(before alerting.Incident) (alerting.Incident, error) { return alerting.TakeBack(before, by, at) })
}

// Receive implements Advisories.
func (i incidents) Receive(ctx context.Context, id string, r alerting.Receipt) (alerting.Incident, error) {
	return i.change(ctx, id, func(before alerting.Incident) (alerting.Incident, error) { return alerting.Receive(before, r) })
}

func (i incidents) change(ctx context.Context, id string, do func(alerting.Incident) (alerting.Incident, error)) (alerting.Incident, error) {
	before, _, err := i.Incident(ctx, id)
	if err != nil {
		return before, err
	}
	after, err := do(before)
	if err != nil {
		return after, err
	}
	return after, i.Settle(ctx, alerting.Settlement{Incidents: []alerting.Incident{after}})
}

// affiliate gives the house a parent organisation with two affiliates, one of which is
// reached in two languages and the other by nothing.
func (h *house) affiliate() {
	h.status.Watches = []Watch{
		{Name: "mouvement", Title: "Le Mouvement", Query: "mouvement", Relation: "parent", Affiliates: []string{"caisse", "brulis"}},
		{Name: "caisse", Title: "Notre caisse", Query: "valtisse", Relation: "self", Parent: "mouvement"},
		{Name: "brulis", Title: "La Caisse du Brûlis", Query: "brûlis", Relation: "self", Parent: "mouvement"},
	}
	h.status.Named["brulis"] = alerting.Named{Title: "La Caisse du Brûlis"}
	h.status.Named["mouvement"] = alerting.Named{Title: "Le Mouvement", Whom: "le Mouvement"}
	h.status.Channels = []Channel{
		{Name: "courriel", Kind: "email", Lang: say.FrenchCanada, Watches: []string{"caisse"}},
		{Name: "mail", Kind: "email", Lang: say.English, Watches: []string{"caisse", "mouvement"}},
		{Name: "ailleurs", Kind: "slack", Lang: say.FrenchFrance, Watches: []string{"mouvement"}},
	}
}

// counters is the form of an advisory, filled in.
func counters(do string) url.Values {
	return url.Values{"form": {"l’Anse"}, "from": {"mouvement"}, "to": {"caisse", "brulis", "mouvement", "inconnue"}, "do": {do}, "day": {"2026-11-22"},
		"subject": {"Ne répondez pas encore au sujet des comptoirs"}, "advice": {"Le chiffre de 14 est faux.\r\nAttendez midi."}, "answer": {"Merci de votre question."}, "name": {"Odette"}}
}

// advise sends one about a situation, "" for none, and gives its id.
func (h *house) advise(t *testing.T, about string, headers ...string) (id string) {
	t.Helper()
	form := counters("send")
	form.Set("form", "l’Anse"+about)
	form.Set("about", about)
	w := h.ask("POST", "/advisories/new", form, headers...)
	id, _, _ = strings.Cut(strings.TrimPrefix(w.Header().Get("Location"), "/advisories/"), "?")
	if w.Code != http.StatusSeeOther || id == "" {
		t.Fatalf("status %d, to %q\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	return id
}

func (h *house) sentAdvisories(t *testing.T) []alerting.Incident {
	t.Helper()
	all, err := h.state.Advisories(t.Context(), time.Time{}, time.Time{}, 99)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// has demands sentences of a page, whatever its spaces.
func has(t *testing.T, page string, wants ...string) {
	t.Helper()
	_, main, _ := strings.Cut(strings.ReplaceAll(page, "\u00a0", " "), "<main")
	for _, want := range wants {
		if !strings.Contains(main, want) {
			t.Errorf("the page does not say %q:\n%s", want, main)
		}
	}
}

func TestAnAdvisoryIsSeenInEachLanguageBeforeItGoesAndGoesOnce(t *testing.T) {
	h := newHouse(t, "")
	h.affiliate()
	w := h.ask("GET", "/advisories/new", nil)
	has(t, w.Body.String(), "Envoyer des consignes (Le Mouvement)", `name="to" value="brulis" checked`, `<option value="2026-11-22" selected>`)
	w = h.ask("POST", "/advisories/new", counters("preview"))
	body := w.Body.String()
	has(t, body, "Rien n’est encore parti.", "Consignes : Ne répondez pas encore au sujet des comptoirs", "Advisory (le Mouvement): Ne répondez pas encore", "puis dites que vous les avez lues.",
		"Valables jusqu’au dimanche 22 novembre 2026 inclusivement.", "Holds through Sunday, November 22, 2026.", "courriel, mail", "par aucun moyen d’envoi")
	if strings.Contains(body, "inclus.") || len(h.sentAdvisories(t)) != 0 {
		t.Error("the preview has sent it, or words it for somebody who is not told")
	}
	has(t, h.ask("POST", "/advisories/new", counters("edit")).Body.String(), "Attendez midi.</textarea>", `value="Ne répondez pas encore au sujet des comptoirs"`)
	first, again := h.advise(t, ""), h.advise(t, "")
	all := h.sentAdvisories(t)
	if len(all) != 1 || first != again || all[0].ID != first {
		t.Fatalf("sent twice: %s and %s, kept %d", first, again, len(all))
	}
	a := all[0].Facts.Advisory
	if strings.Join(a.To, " ") != "caisse brulis" || a.By != "Odette" || !a.Until.Equal(time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)) || a.Advice != "Le chiffre de 14 est faux.\nAttendez midi." {
		t.Errorf("kept %+v", a)
	}
	has(t, h.ask("GET", "/advisories/"+first+"?sent=", nil).Body.String(), "C’est parti.", "Le chiffre de 14 est faux.", "Notre caisse, La Caisse du Brûlis", "Personne ne l’a encore dit.")
	has(t, h.ask("GET", "/advisories", nil, "Accept-Language", "en").Body.String(), "In force", "nobody has read it yet", "holds through Sunday, November 22, 2026")
}

func TestADraftThatIsWrongSaysSoAndKeepsWhatWasTyped(t *testing.T) {
	h := newHouse(t, "")
	h.affiliate()
	for name, c := range map[string]struct{ field, value, want string }{
		"nobody":       {"to", "inconnue", "Choisissez au moins une organisation"},
		"no subject":   {"subject", " ", "Écrivez en une ligne de quoi il s’agit."},
		"long subject": {"subject", strings.Repeat("é", 59), "58 caractères au plus"},
		"no advice":    {"advice", "\r\n", "Écrivez ce qu’il faut faire"},
		"past":         {"day", "2026-11-19", "un jour qui vient"},
		"no day":       {"day", "demain", "un jour qui vient"},
	} {
		for _, do := range []string{"preview", "send"} {
			form := counters(do)
			form.Set(c.field, c.value)
			w := h.ask("POST", "/advisories/new", form)
			if w.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s, %s: status %d", name, do, w.Code)
			}
			has(t, w.Body.String(), c.want, "Merci de votre question.</textarea>")
		}
	}
	if all := h.sentAdvisories(t); len(all) != 0 {
		t.Errorf("sent %+v", all)
	}
}

func TestWhereNobodyHasAffiliatesNobodyAdvises(t *testing.T) {
	h := newHouse(t, "")
	for _, address := range []string{"/advisories/new", "/advisories/new?from=caisse", "/advisories/new?about=wsituation"} {
		if w := h.ask("GET", address, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", address, w.Code)
		}
	}
	if w := h.ask("POST", "/advisories/new", counters("send")); w.Code != http.StatusNotFound || len(h.sentAdvisories(t)) != 0 {
		t.Errorf("status %d", w.Code)
	}
	has(t, h.ask("GET", "/advisories", nil).Body.String(), "Aucune consigne", "Il n’y a encore personne à qui en adresser")
	if body := h.ask("GET", "/situations", nil).Body.String(); strings.Contains(body, "/advisories") {
		t.Error("the situations lead to advisories that nobody can send")
	}
}

func TestHostileAdviceIsShownAsTextEverywhere(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.affiliate()
	form := counters("preview")
	form.Set("subject", hostile[:58])
	form.Set("advice", hostile+"\u202E\x00\r\nBcc: volee@moyac.example")
	form.Set("answer", hostile)
	form.Set("name", hostile)
	form.Set("about", "wsituation")
	pages := map[string]string{"preview": h.ask("POST", "/advisories/new", form).Body.String()}
	form.Set("do", "send")
	if w := h.ask("POST", "/advisories/new", form); w.Code != http.StatusSeeOther {
		t.Fatalf("status %d", w.Code)
	}
	i := h.sentAdvisories(t)[0]
	for name, address := range map[string]string{"home": "/", "list": "/advisories", "one": "/advisories/" + i.ID, "link": alerting.ReceiptPath + h.Passes.Receipt(i, hostile)} {
		pages[name] = h.ask("GET", address, nil).Body.String()
	}
	for name, page := range pages {
		for _, bad := range []string{"<script>alert", "<img src=x", "\u202E"} {
			if strings.Contains(page, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
		if !strings.Contains(page, "&lt;script&gt;") {
			t.Errorf("%s does not show it at all", name)
		}
	}
}

func TestWhatIsInForceStandsOnTheHomePageUntilEachHasReadIt(t *testing.T) {
	h, cookies := inhabited(t)
	h.affiliate()
	id := h.advise(t, "", "Cookie", cookies[state.Owner])
	button := `action="/advisories/` + id + `/read"`
	for _, role := range []state.Role{state.Reader, state.Handler} {
		has(t, h.ask("GET", "/", nil, "Cookie", cookies[role]).Body.String(), "Ne répondez pas encore au sujet des comptoirs", button)
	}
	for range 2 {
		if w := h.ask("POST", "/advisories/"+id+"/read", url.Values{"back": {"/"}, "name": {"Une autre"}}, "Cookie", cookies[state.Reader]); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
			t.Fatalf("status %d to %q", w.Code, w.Header().Get("Location"))
		}
	}
	if home := h.ask("GET", "/", nil, "Cookie", cookies[state.Reader]).Body.String(); strings.Contains(home, button) || !strings.Contains(home, "Vous les avez lues") {
		t.Error("who has read it is asked again")
	}
	has(t, h.ask("GET", "/", nil, "Cookie", cookies[state.Handler]).Body.String(), button, "lues par 1 personne")
	page := h.ask("GET", "/advisories/"+id, nil, "Cookie", cookies[state.Owner]).Body.String()
	read, not, _ := strings.Cut(page, "ne l’a pas dit")
	if !strings.Contains(read, "Zoé L’Heureux") || !strings.Contains(not, "Éloïse d’Amours") || strings.Contains(not, "<li>Odette Malenfroy") || strings.Contains(page, "Une autre") {
		t.Errorf("who has read it:\n%s", page)
	}
	h.Server.Now = func() time.Time { return noon.AddDate(0, 0, 3) }
	if home := h.ask("GET", "/", nil, "Cookie", cookies[state.Handler]).Body.String(); strings.Contains(home, "comptoirs") {
		t.Error("what holds no more still stands on the home page")
	}
	has(t, h.ask("GET", "/advisories/"+id, nil, "Cookie", cookies[state.Handler]).Body.String(), "valaient jusqu’au dimanche 22 novembre 2026")
}

func TestOneWithoutANameReadsOnceInThatBrowser(t *testing.T) {
	h := newHouse(t, "")
	h.affiliate()
	id := h.advise(t, "")
	w := h.ask("POST", "/advisories/"+id+"/read", url.Values{"name": {"Élodie"}, "back": {"//ailleurs.example"}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/" {
		t.Errorf("status %d to %q", w.Code, w.Header().Get("Location"))
	}
	if body := h.ask("GET", "/", nil, "Cookie", nameCookie+"="+escape("Élodie")).Body.String(); strings.Contains(body, "/"+id+"/read") {
		t.Error("she is asked again")
	}
	has(t, h.ask("GET", "/", nil, "Cookie", nameCookie+"="+escape("Zoé")).Body.String(), "/"+id+"/read")
}

func TestAnAdvisoryAboutASituationStandsThereAndWhereItsStoryIsToldAgain(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.surge(t)
	h.affiliate()
	of := func(id, watch, under string, mentions ...string) {
		h.settle(t, alerting.Incident{ID: id, Key: id, Rule: "nouvelles", Kind: "fresh", Watch: watch, Severity: alerting.Inform, State: alerting.New, Under: under, Since: noon, OpenedAt: noon,
			Mentions: mentions, Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: "14 comptoirs fermeront", Outlets: 4, At: noon}}})
	}
	told := []string{mention.NewID("web", "10"), mention.NewID("web", "12")} // of the story of four outlets
	of("wmouvement", "mouvement", "", told[0])
	of("wcaisse", "caisse", "", told[1])
	of("wautre", "caisse", "")
	of("wdessous", "brulis", "mouvement")
	has(t, h.ask("GET", "/situations/wmouvement", nil).Body.String(), `href="/advisories/new?about=wmouvement"`)
	has(t, h.ask("GET", "/advisories/new?about=wmouvement", nil).Body.String(), "Au sujet de la situation", "14 comptoirs fermeront")
	if body := h.ask("GET", "/situations/wcaisse", nil).Body.String(); strings.Contains(body, "/advisories/new") {
		t.Error("an affiliate may advise")
	}
	h.settle(t, alerting.Incident{ID: "wensemble", Key: "e", Rule: "nouvelles", Kind: "fresh", Watch: "caisse", Severity: alerting.Inform, State: alerting.New, Since: noon, OpenedAt: noon,
		Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: "La Caisse et le Mouvement", Outlets: 2, At: noon, Watches: []string{"caisse", "mouvement"}}}})
	has(t, h.ask("GET", "/situations/wensemble", nil).Body.String(), `href="/advisories/new?about=wensemble"`)
	has(t, h.ask("GET", "/advisories/new?about=wensemble", nil).Body.String(), "Envoyer des consignes (Le Mouvement)", "La Caisse et le Mouvement")
	id := h.advise(t, "wmouvement")
	a := h.sentAdvisories(t)[0].Facts.Advisory
	if a.About != "wmouvement" || a.Story == "" {
		t.Fatalf("it is about %q, story %q", a.About, a.Story)
	}
	for situation, want := range map[string]bool{"wmouvement": true, "wcaisse": true, "wdessous": true, "wautre": false, "wvague": false} {
		if got := strings.Contains(h.ask("GET", "/situations/"+situation, nil).Body.String(), "/advisories/"+id+"/read"); got != want {
			t.Errorf("it stands on %s: %v", situation, got)
		}
	}
	has(t, h.ask("GET", "/advisories/"+id, nil).Body.String(), `href="/situations/wmouvement"`)
	form := counters("send") // about what is not the Mouvement's
	form.Set("form", "autre")
	form.Set("about", "wcaisse")
	h.ask("POST", "/advisories/new", form)
	for _, i := range h.sentAdvisories(t) {
		if i.ID != id && i.Facts.Advisory.About != "" {
			t.Errorf("it is about %s, which is another's", i.Facts.Advisory.About)
		}
	}
}

func TestWhoSentAnAdvisoryIsNotAskedWhetherTheyHaveReadIt(t *testing.T) {
	h, cookies := inhabited(t)
	h.affiliate()
	id := h.advise(t, "", "Cookie", cookies[state.Owner])
	const button = ">J’ai lu</button>"
	for _, path := range []string{"/", "/advisories", "/advisories/" + id} {
		if body := h.ask("GET", path, nil, "Cookie", cookies[state.Owner]).Body.String(); strings.Contains(body, button) || !strings.Contains(body, "Attendez midi.") {
			t.Errorf("%s asks who sent it whether they have read it, or hides it", path)
		}
		has(t, h.ask("GET", path, nil, "Cookie", cookies[state.Reader]).Body.String(), "Attendez midi.", button)
	}
	has(t, h.ask("GET", "/", nil, "Cookie", cookies[state.Owner]).Body.String(), "Vous les avez envoyées. Les relire")

	h = newHouse(t, "") // without a password people are known by the name that they signed with
	h.affiliate()
	id = h.advise(t, "")
	for cookie, asked := range map[string]bool{nameCookie + "=Odette": false, nameCookie + "=" + escape("Zoé"): true, "": true} {
		if body := h.ask("GET", "/advisories/"+id, nil, "Cookie", cookie).Body.String(); strings.Contains(body, button) != asked {
			t.Errorf("with the cookie %q the button is there: %v", cookie, !asked)
		}
	}
}

func TestALinkOfAMessageShowsAndOnlyAFormReads(t *testing.T) {
	h := newHouse(t, password)
	h.affiliate()
	_, cookie := h.joins(t, "Odette Malenfroy", state.Owner)
	i := alerting.Incident{ID: h.advise(t, "", "Cookie", cookie)}
	reload := func() *alerting.Advisory {
		t.Helper()
		var err error
		if i, _, err = h.state.Incident(t.Context(), i.ID); err != nil {
			t.Fatal(err)
		}
		return i.Facts.Advisory
	}
	reload()
	address := alerting.ReceiptPath + h.Passes.Receipt(i, "courriel")
	w := h.ask("GET", address, nil)
	has(t, w.Body.String(), "Attendez midi.", "Merci de votre question.", "J’ai lu")
	if got := w.Header().Get("Referrer-Policy"); w.Code != http.StatusOK || got != "no-referrer" || strings.Contains(w.Body.String(), `href="/mentions"`) {
		t.Errorf("status %d, referrer %q", w.Code, got)
	}
	if a := reload(); len(a.Read) != 0 {
		t.Fatalf("opening the link has read it: %+v", a.Read)
	}
	for range 2 {
		w := h.ask("POST", address, url.Values{"name": {"Élodie d’Amours"}}, "Origin", "null")
		has(t, w.Body.String(), "Merci. La personne qui les a envoyées voit que vous les avez lues.")
	}
	_, zoe := h.joins(t, "Zoé L’Heureux", state.Reader)
	h.ask("POST", address, url.Values{"name": {"Une autre"}}, "Cookie", zoe)
	a := reload()
	if len(a.Read) != 2 || a.Read[0].Name != "Élodie d’Amours" || a.Read[0].Channel != "courriel" || a.Read[0].Member != "" || a.Read[1].Name != "Zoé L’Heureux" || a.Read[1].Member == "" {
		t.Errorf("read by %+v", a.Read)
	}
	has(t, h.ask("GET", "/advisories/"+i.ID, nil, "Cookie", cookie).Body.String(), "Élodie d’Amours", "depuis le message envoyé par courriel")
}

func TestALinkToAnAdvisoryThatIsCutForgedOrOldReadsNothingAndIsNotLogged(t *testing.T) {
	h := newHouse(t, "")
	h.affiliate()
	h.settle(t, alerting.Incident{ID: "wsituation", Key: "k", Rule: "nouvelles", Watch: "caisse", State: alerting.New, OpenedAt: noon})
	h.advise(t, "")
	var log bytes.Buffer
	h.Log = slog.New(slog.NewTextHandler(&log, nil))
	i := h.sentAdvisories(t)[0]
	good, elsewhere := h.Passes.Receipt(i, "courriel"), i
	elsewhere.ID = "wailleurs"
	for name, pass := range map[string]string{
		"cut": good[:len(good)-3], "of nothing": h.Passes.Receipt(elsewhere, "courriel"), "of a situation": h.Passes.Pass("wsituation", noon),
		"forged": alerting.Passes{Key: []byte("une autre clé")}.Receipt(i, "courriel"), "no pass": "é%20'\"><script>", "for acts": h.Passes.Pass(i.ID, noon),
	} {
		for _, method := range []string{"GET", "POST"} {
			w := h.ask(method, alerting.ReceiptPath+url.PathEscape(pass), url.Values{"name": {"Odette"}})
			if w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "Ce lien ne sert plus") {
				t.Errorf("%s, %s: status %d", name, method, w.Code)
			}
		}
	}
	if w := h.ask("POST", "/act/"+good, url.Values{"act": {"acknowledge"}}); w.Code != http.StatusNotFound {
		t.Errorf("it acts on a situation: status %d", w.Code)
	}
	h.Incidents = forgetful{incidents{h.state}}
	h.ask("GET", alerting.ReceiptPath+good, nil)
	if log.Len() == 0 || strings.Contains(log.String(), good) {
		t.Errorf("the log says %q", log.String())
	}
	h.Incidents = incidents{h.state}
	h.Server.Now = func() time.Time { return noon.AddDate(0, 0, 8) }
	if w := h.ask("GET", alerting.ReceiptPath+good, nil); w.Code != http.StatusNotFound {
		t.Errorf("after eight days: status %d", w.Code)
	}
	if read := h.sentAdvisories(t)[0].Facts.Advisory.Read; len(read) != 0 {
		t.Errorf("read by %+v", read)
	}
}

func TestAnAdvisoryIsWithdrawnOnceAndIsNoSituation(t *testing.T) {
	h, cookies := inhabited(t)
	h.affiliate()
	id := h.advise(t, "", "Cookie", cookies[state.Owner])
	withdraw := "/advisories/" + id + "/withdraw"
	if body := h.ask("GET", "/advisories/"+id, nil, "Cookie", cookies[state.Reader]).Body.String(); strings.Contains(body, withdraw) {
		t.Error("a reader is shown how to withdraw it")
	}
	for range 2 {
		if w := h.ask("POST", withdraw, nil, "Cookie", cookies[state.Handler]); w.Code != http.StatusSeeOther {
			t.Fatalf("status %d", w.Code)
		}
	}
	body := h.ask("GET", "/advisories/"+id, nil, "Cookie", cookies[state.Owner]).Body.String()
	has(t, body, "n’en tenez plus compte")
	if strings.Contains(body, "Merci de votre question.") {
		t.Error("the answer of what was withdrawn can still be taken")
	}
	if home := h.ask("GET", "/", nil, "Cookie", cookies[state.Handler]).Body.String(); strings.Contains(home, "comptoirs") {
		t.Error("what was withdrawn still stands on the home page")
	}
	for _, address := range []string{"/situations/" + id, "/advisories/wvague", "/advisories/inconnue"} {
		if w := h.ask("GET", address, nil, "Cookie", cookies[state.Owner]); w.Code != http.StatusNotFound {
			t.Errorf("%s: status %d", address, w.Code)
		}
	}
	program := h.gives(t, "tableau", state.ScopeAPI)
	if w := program.call("GET", "/api/v1/situations/"+id, ""); w.Code != http.StatusNotFound {
		t.Errorf("a program takes it for a situation: status %d", w.Code)
	}
	if w := program.call("GET", "/api/v1/situations", ""); w.Code != http.StatusOK || strings.Contains(w.Body.String(), id) {
		t.Errorf("among the situations: status %d\n%s", w.Code, w.Body)
	}
	second := h.advise(t, "wvague", "Cookie", cookies[state.Owner])
	h.Server.Now = func() time.Time { return noon.AddDate(0, 0, 4) }
	w := h.ask("POST", "/advisories/"+second+"/withdraw", nil, "Cookie", cookies[state.Owner])
	if w.Code != http.StatusConflict {
		t.Errorf("what holds no more: status %d", w.Code)
	}
	has(t, w.Body.String(), "il n’y a rien à retirer")
}
