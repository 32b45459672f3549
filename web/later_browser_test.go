package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

func TestABrowserBringsWhatComesAfterThePageByItself(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	h.patience = patience{1, 1} // nothing is there in a nanosecond
	at := h.serve(t, "fr-CA")
	for name, set := range map[string]string{"with script": "scriptEnabled=true", "without script": "scriptEnabled=false"} {
		ctx := tab(t, openBrowserAs(t, set))
		for path, want := range map[string]string{"/mentions?q=valtisse": "[data-part=list] [data-entry]", "/tone": "[data-part=chart] svg"} {
			if err := chromedp.Do(ctx, chromedp.Navigate(at+path), chromedp.WaitVisible(want)); err != nil {
				t.Errorf("%s, %s: %v", path, name, err)
			}
		}
	}
}
