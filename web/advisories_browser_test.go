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
	h.ask("POST", "/advisories/"+id+"/read", nil, "Cookie", cookies[state.Handler])
	withdrawn, err := h.Advisories.TakeBack(t.Context(), h.advise(t, "", "Cookie", cookies[state.Owner]), alerting.Person{Name: "Odette Malenfroy"}, noon)
	if err != nil {
		t.Fatal(err)
	}
	inForce, _, err := h.state.Incident(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	link := alerting.ReceiptPath + h.Passes.Receipt(inForce, "courriel")
	inEachWindow(t, func(t *testing.T, ctx context.Context, w window) {
		owner, reader, stranger := h.serveAs(t, w.lang, cookies[state.Owner]), h.serveAs(t, w.lang, cookies[state.Reader]), h.serveAs(t, w.lang, "")
		for name, address := range map[string]string{
			"advised-home": reader + "/", "advisories": owner + "/advisories", "advisory": owner + "/advisories/" + id, "withdrawn": reader + "/advisories/" + withdrawn.ID,
			"advise": owner + "/advisories/new?about=wmouvement", "advised-situation": owner + "/situations/wmouvement", "receipt": stranger + link,
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
	h, cookies := inhabited(t)
	h.affiliate()
	owner, reader := h.serveAs(t, "fr-CA", cookies[state.Owner]), h.serveAs(t, "fr-CA", cookies[state.Reader])
	ctx := tab(t, openBrowser(t, false))
	step := func(want string, actions ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, actions...); err != nil {
			t.Fatalf("on the way to %q: %v", want, err)
		}
		waitFor(t, ctx, want)
	}
	step("De quoi il s’agit", chromedp.EmulateViewport(360, 740), chromedp.Navigate(owner+"/advisories/new"))
	step("Rien n’est encore parti.", chromedp.SendKeys("#advice", "Attendez midi."), chromedp.SendKeys("#subject", "Comptoirs\r"))
	step("C’est parti.", chromedp.SendKeys(`button[value="send"]`, "\r"))
	step("Attendez midi.", chromedp.Navigate(reader+"/"))
	step("Vous les avez lues.", chromedp.SendKeys(`.advice button`, "\r"))
}
