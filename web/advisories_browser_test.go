package web

import (
	"context"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/store/state"
)

func TestThePagesOfAdvisoriesAreAccessibleAndFit(t *testing.T) {
	script, err := os.ReadFile(needs.Server(t, "OUIDIRE_TEST_AXE"))
	if err != nil {
		t.Fatal(err)
	}
	h, cookies := inhabited(t)
	h.affiliate()
	h.settle(t, alerting.Incident{ID: "wmouvement", Key: "m", Rule: "nouvelles", Kind: "fresh", Watch: "mouvement", Severity: alerting.Watch, State: alerting.New, Since: noon, OpenedAt: noon,
		Facts: alerting.Facts{Story: &alerting.StoryFacts{Title: "Le Mouvement Valtisse fermera 14 comptoirs", Outlet: "echo-des-moyacs.example", Outlets: 17, At: noon}}})
	id := h.advise(t, "wmouvement", "Cookie", cookies[state.Owner])
	h.ask("POST", "/advisories/"+id+"/read", nil, "Cookie", cookies[state.Reader])
	h.advise(t, "", "Cookie", cookies[state.Owner])
	if _, err := h.Advisories.TakeBack(t.Context(), id, "Odette Malenfroy", noon); err != nil {
		t.Fatal(err)
	}
	link := alerting.ReceiptPath + h.Passes.Receipt(h.sentAdvisories(t)[0], "courriel")
	inEachWindow(t, func(t *testing.T, ctx context.Context, w window) {
		owner, reader, stranger := h.serveAs(t, w.lang, cookies[state.Owner]), h.serveAs(t, w.lang, cookies[state.Reader]), h.serveAs(t, w.lang, "")
		for name, address := range map[string]string{
			"advised-home": reader + "/", "advisories": owner + "/advisories", "advisory": owner + "/advisories/" + id, "advise": owner + "/advisories/new?about=wmouvement",
			"advised-situation": reader + "/situations/wmouvement", "receipt": stranger + link, "receipt-gone": stranger + link + "A",
		} {
			look(t, ctx, w, name, address, string(script))
		}
		filled := []chromedp.Action[chromedp.Void]{chromedp.Navigate(owner + "/advisories/new"), chromedp.SetValue("#advice", "Attendez midi.\nPuis donnez la réponse ci-dessous."),
			chromedp.SetValue("#answer", "Merci de votre question."), chromedp.SendKeys("#subject", "Comptoirs\r"), chromedp.WaitVisible(`button[value="send"]`)}
		if err := chromedp.Do(ctx, filled...); err != nil {
			t.Fatalf("look at what will be sent: %v", err)
		}
		inspect(t, ctx, w, "advise-preview", string(script))
	})
}

func TestATeamAdvisesAndAnAffiliateReadsWithTheKeyboardAlone(t *testing.T) {
	for _, c := range []struct{ lang, form, preview, sent, home, read string }{
		{"fr-CA", "De quoi il s’agit", "Rien n’est encore parti.", "C’est parti.", "Attendez midi.", "Vous les avez lues."},
		{"en-GB", "What it is about", "Nothing has been sent yet.", "It is on its way.", "Attendez midi.", "You have read it."},
	} {
		t.Run(c.lang, func(t *testing.T) {
			h, cookies := inhabited(t)
			h.affiliate()
			owner, reader := h.serveAs(t, c.lang, cookies[state.Owner]), h.serveAs(t, c.lang, cookies[state.Reader])
			ctx := tab(t, openBrowser(t, false))
			step := func(want string, actions ...chromedp.Action[chromedp.Void]) {
				t.Helper()
				if err := chromedp.Do(ctx, actions...); err != nil {
					t.Fatalf("on the way to %q: %v", want, err)
				}
				waitFor(t, ctx, want)
			}
			step(c.form, chromedp.EmulateViewport(360, 740), chromedp.Navigate(owner+"/advisories/new"))
			step(c.preview, chromedp.SendKeys("#advice", "Attendez midi."), chromedp.SendKeys("#subject", "Comptoirs\r"))
			step(c.sent, chromedp.SendKeys(`button[value="send"]`, "\r"))
			step(c.home, chromedp.Navigate(reader+"/"))
			step(c.read, chromedp.SendKeys(`.advice button`, "\r"))
		})
	}
}
