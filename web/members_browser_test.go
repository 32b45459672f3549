package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/store/state"
)

// serveAs answers on loopback as to somebody who has come in already.
func (h *house) serveAs(t *testing.T, lang, cookie string) (address string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Accept-Language", lang)
		if cookie != "" {
			r.Header.Set("Cookie", cookie)
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// crowd gives a house members and tokens in every state.
func (h *house) crowd(t *testing.T) {
	t.Helper()
	out, _ := h.joins(t, "Jasmin Corbelle", state.Handler)
	if err := h.state.Disable(t.Context(), state.Deed{Member: out.ID}); err != nil {
		t.Fatal(err)
	}
	for _, m := range []state.Member{{Name: "Marie-Ève Malenfroy de l’Anse-aux-Moyacs", Email: "marie-eve.tres-long@caisse-valtisse.example", Role: state.Reader}, {Name: "Noël", Role: state.Owner}} {
		if _, _, err := h.state.Invite(t.Context(), "", m); err != nil {
			t.Fatal(err)
		}
	}
	for name, scope := range map[string]state.Scope{"Prometheus": state.ScopeMetrics, "Liseuse de l’accueil": state.ScopeAPI} {
		if _, err := h.state.MakeToken(t.Context(), "", state.Token{Name: name, Scope: scope}); err != nil {
			t.Fatal(err)
		}
	}
}

// passesOn has a surge that nobody takes passed on to the owners, and a story of two
// watches told.
func (h *house) passesOn(t *testing.T) {
	t.Helper()
	i, _, err := h.state.Incident(t.Context(), "wvague")
	if err != nil {
		t.Fatal(err)
	}
	i.ID, i.Key, i.For = "wtransmise", "t", ""
	i.Waits, i.MovedAt, i.First, i.Further = i.OpenedAt, i.OpenedAt.Add(15*time.Minute), []string{"courriel"}, []string{"direction"}
	news := alerting.Incident{ID: "wveilles", Key: "n", Rule: "nouvelles", Kind: "fresh", Watch: "caisse", Severity: alerting.Inform, State: alerting.New, Since: i.OpenedAt, OpenedAt: i.OpenedAt,
		Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: "Le Mouvement Valtisse fermera 14 comptoirs", Outlet: "echo.example", Outlets: 3, Named: true, Change: alerting.Names, Watches: []string{"caisse", "mouvement"}, At: i.OpenedAt}}}
	err = h.state.Settle(t.Context(), alerting.Settlement{Incidents: []alerting.Incident{i, news}, Journal: []alerting.Entry{
		{At: i.OpenedAt, Incident: i.ID, What: string(alerting.Opened), Size: 34},
		{At: i.MovedAt, Incident: i.ID, What: string(alerting.Escalated), To: "direction", Size: 84},
		{At: i.MovedAt.Add(time.Minute), Incident: i.ID, What: alerting.EntryTold, Letter: &alerting.Letter{Channel: "direction", Recipients: "direction@caisse.example", Lang: "fr-CA", Subject: "Transmise", Body: "Prévenus d’abord\n"}},
		{At: i.MovedAt.Add(2 * time.Minute), Incident: i.ID, What: string(alerting.Assign), To: "Maude", Person: "Éloïse", Reason: alerting.BecauseNoAddress},
		{At: i.MovedAt.Add(3 * time.Minute), Incident: i.ID, What: alerting.EntryMoot, Letter: &alerting.Letter{Channel: "direction"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.status.Channels = append(h.status.Channels, Channel{Name: "direction", Kind: "email", Owners: true})
}

func TestThePagesOfMembersAreAccessibleAndFit(t *testing.T) {
	script, err := os.ReadFile(needs.Server(t, "OUIDIRE_TEST_AXE"))
	if err != nil {
		t.Fatal(err)
	}
	h, cookies := inhabited(t)
	h.crowd(t)
	h.passesOn(t)
	odette, _, err := h.state.MemberCalled(t.Context(), "Odette Malenfroy")
	if err != nil {
		t.Fatal(err)
	}
	if w := h.ask("POST", "/situations/wvague", url.Values{"act": {"assign"}, "to": {odette.ID}, "note": {"Elle connaît la succursale."}}, "Cookie", cookies[state.Handler]); w.Code != http.StatusSeeOther {
		t.Fatalf("assigning: status %d", w.Code)
	}
	link := h.invites(t, cookies[state.Owner], "Hélène", state.Handler)
	leave := func(name string) string { return alerting.LeavePath + h.Passes.Leave("courriel", name+"@caisse.example") }
	h.ask("POST", leave("eloise"), nil)
	inEachWindow(t, func(t *testing.T, ctx context.Context, w window) {
		owner, reader, stranger := h.serveAs(t, w.lang, cookies[state.Owner]), h.serveAs(t, w.lang, cookies[state.Reader]), h.serveAs(t, w.lang, "")
		for name, address := range map[string]string{
			"members": owner + "/settings/members", "settings-owner": owner + "/settings",
			"situation-assigned": owner + "/situations/wvague", "situation-escalated": owner + "/situations/wtransmise", "situation-watches": owner + "/situations/wveilles",
			"messages-owners": owner + "/messages", "situations-all": owner + "/situations",
			"settings-reader": reader + "/settings", "situation-reader": reader + "/situations/wvague", "refused": reader + "/settings/members",
			"login-named": stranger + "/login", "invitation": stranger + link,
			"unsubscribe": stranger + leave("equipe"), "unsubscribed": stranger + leave("eloise"), "unsubscribe-gone": stranger + alerting.LeavePath + "coupé",
		} {
			look(t, ctx, w, name, address, string(script))
		}
		made := []chromedp.Action[chromedp.Void]{chromedp.Navigate(owner + "/settings/tokens"), chromedp.SendKeys("#name", "Prometheus\r"), chromedp.WaitVisible(".once")}
		if err := chromedp.Do(ctx, made...); err != nil {
			t.Fatalf("make a token: %v", err)
		}
		inspect(t, ctx, w, "token-made", string(script))
	})
}

func TestAnOwnerInvitesAndTheGuestTakesASituationWithTheKeyboardAlone(t *testing.T) {
	for _, c := range []struct{ lang, come, members, link, choose, home, assigned, taken string }{
		{"fr-CA", "Mot de passe", "Inviter quelqu’un", "Le lien pour Hélène", "Hélène, choisissez", "Les 24 dernières heures", "Confiée à Odette par Hélène.", "Prise en charge par Hélène."},
		{"en-GB", "Password", "Invite somebody", "The link for Hélène", "Hélène, choose", "The last 24 hours", "Assigned to Odette by Hélène.", "Taken in hand by Hélène."},
	} {
		t.Run(c.lang, func(t *testing.T) {
			h := newHouse(t, password)
			h.furnish(t)
			h.surge(t)
			h.set(t)
			h.joins(t, "Odette", state.Owner)
			at := h.serve(t, c.lang)
			ctx := tab(t, openBrowser(t, false))
			step := func(want string, actions ...chromedp.Action[chromedp.Void]) {
				t.Helper()
				if err := chromedp.Do(ctx, actions...); err != nil {
					t.Fatalf("on the way to %q: %v", want, err)
				}
				waitFor(t, ctx, want)
			}
			step(c.come, chromedp.EmulateViewport(360, 740), chromedp.Navigate(at+"/"))
			step(c.home, chromedp.SendKeys("#password", password+"\r"))
			step(c.members, chromedp.Navigate(at+"/settings/members"))
			step(c.link, chromedp.SetValue("#role", "member"), chromedp.SendKeys("#name", "Hélène\r"))
			link, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector(".once").value`))
			if err != nil {
				t.Fatal(err)
			}
			_, path, _ := strings.Cut(link, invitationPath)
			step(c.come, chromedp.SendKeys(`form[action="/logout"] button`, "\r"))
			step(c.choose, chromedp.Navigate(at+invitationPath+path))
			step(c.home, chromedp.SendKeys("#password", ownPassword), chromedp.SendKeys("#again", ownPassword+"\r"))
			step(c.taken, chromedp.Navigate(at+"/situations/wvague"), chromedp.SendKeys(`button[value="acknowledge"]`, "\r"))
			step(c.assigned, chromedp.SendKeys(`input[name="note"]`, "Trop pour moi."), chromedp.SendKeys(`button[value="assign"]`, "\r"))
			waitFor(t, ctx, "Trop pour moi.")
		})
	}
}

// waitFor is over once the page says something.
func waitFor(t *testing.T, ctx context.Context, want string) {
	t.Helper()
	limit, tick := time.After(2*time.Minute), time.NewTicker(50*time.Millisecond)
	defer tick.Stop()
	for {
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body ? document.body.innerText : ""`))
		if err == nil && strings.Contains(text, want) {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("the page does not say %q:\n%s", want, text)
		}
	}
}
