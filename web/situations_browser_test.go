package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestAPersonHandlesASituationWithTheKeyboardAlone(t *testing.T) {
	for _, c := range []struct {
		lang                                   string
		taken, later, snoozed, falsely, reopen string
	}{
		{"fr-CA", "prise en charge par Odette", "Demain", "en attente jusqu’au 21\u00a0nov.\u00a02026, 9\u00a0h", "Marquée comme fausse alerte par Odette.", "Rouverte par Odette."},
		{"en-GB", "handled by Odette", "Tomorrow", "snoozed until Nov 21, 2026, 9:00", "Marked as a false alarm by Odette.", "Reopened by Odette."},
	} {
		t.Run(c.lang, func(t *testing.T) {
			h := newHouse(t, "")
			h.furnish(t)
			h.surge(t)
			ctx := tab(t, openBrowser(t, false))
			step := func(want string, actions ...chromedp.Action[chromedp.Void]) {
				t.Helper()
				if err := chromedp.Do(ctx, actions...); err != nil {
					t.Fatalf("on the way to %q: %v", want, err)
				}
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
			step("48", chromedp.EmulateViewport(360, 740), chromedp.Navigate(h.serve(t, c.lang)+"/situations/wvague"))
			step(c.taken, chromedp.SendKeys(`input[name="name"]`, "Odette\r"))
			step(c.later, chromedp.SendKeys(`.deed summary`, "\r"))
			step(c.snoozed, chromedp.SendKeys(`button[value="snooze:tomorrow"]`, "\r"))
			step(c.falsely, chromedp.SendKeys(`button[value="false_alarm"]`, "\r"))
			step(c.reopen, chromedp.SendKeys(`button[value="reopen"]`, "\r"))
		})
	}
}
