package web

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
)

// firstOf writes no configuration.
type firstOf struct{ kinds config.Kinds }

func (f firstOf) Entry(kind string, given config.Answered) (string, error) {
	return f.kinds.Spell("sources", kind, given)
}

func (f firstOf) Propose(a config.Answers) (*config.File, error) {
	if a.Name == "" {
		return nil, errors.New("no name")
	}
	return &config.File{Watches: []config.Watch{{Name: "caisse", Title: a.Name, Query: `"caisse valtisse"`, Relation: config.Self}}}, nil
}

func (f firstOf) Begin(config.Answers) error { return nil }

func TestTheFormsAreAccessibleAndFit(t *testing.T) {
	script, err := os.ReadFile(needs.Server(t, "OUIDIRE_TEST_AXE"))
	if err != nil {
		t.Fatal(err)
	}
	h, first := newHouse(t, ""), newHouse(t, "")
	h.furnish(t)
	h.set(t)
	look := func(_ context.Context, address string) (crawler.Looked, error) {
		if address == "blogue.example" {
			return crawler.Looked{Engine: "WordPress", Choices: []crawler.Choice{{URL: "https://blogue.example/feed/"}, {URL: "https://blogue.example/comments/feed/", Comments: true}}}, nil
		}
		return crawler.Looked{Kind: "leaflet", Title: hostile, Settings: map[string][]string{"url": {address}},
			Items: []mention.Mention{{PublishedAt: noon, Author: mention.Author{Name: "Odette"}, Versions: []mention.Version{{Title: "L’épargne à l’Anse", Text: hostile}}}}}, nil
	}
	h.Look, first.Look, first.First, first.status.Demo = look, look, firstOf{smallKinds()}, true
	type walk struct {
		name, path string
		do         []chromedp.Action[chromedp.Void]
	}
	inEachWindow(t, func(t *testing.T, ctx context.Context, w window) {
		at, firstAt := h.serve(t, w.lang), first.serve(t, w.lang)
		for _, c := range []walk{
			{"add", at + "/sources/add", nil},
			{"add-choices", at + "/sources/add", []chromedp.Action[chromedp.Void]{chromedp.SendKeys("#address", "blogue.example\r"), chromedp.WaitVisible(`button[name="choose"]`)}},
			{"add-items", at + "/sources/add", []chromedp.Action[chromedp.Void]{chromedp.SendKeys("#address", "https://fil.example/\r"), chromedp.WaitVisible(`.sample`)}},
			{"source", at + "/set/sources?name=echo", nil},
			{"source-wrong", at + "/set/sources?name=echo", []chromedp.Action[chromedp.Void]{chromedp.SendKeys("#f-depth", "99\r"), chromedp.WaitVisible(`.fault`)}},
			{"sources-paused", at + "/sources?saved=echo", nil},
			{"remove", at + "/set/sources/remove?name=echo", nil},
			{"channels-which", at + "/set/channels", nil},
			{"channel", at + "/set/channels?kind=pigeon", nil},
			{"watches", at + "/watches", nil},
			{"watch", at + "/watches/one?name=caisse", nil},
			{"watch-preview", at + "/watches/one?name=caisse", []chromedp.Action[chromedp.Void]{chromedp.SendKeys("#exact", "trop cher\r"), chromedp.WaitVisible(`.preview`)}},
			{"settings", at + "/settings", nil},
			{"organisation", at + "/set/organisation", nil},
			{"welcome", at + "/welcome", nil},
			{"start", firstAt + "/start", nil},
			{"start-sources", firstAt + "/start", []chromedp.Action[chromedp.Void]{chromedp.SendKeys("#name", "Caisse Valtisse\r"), chromedp.WaitVisible(`#address`), chromedp.SendKeys("#address", "https://fil.example/\r"), chromedp.WaitVisible(`.sample`)}},
			{"unset", firstAt + "/settings", nil},
		} {
			if err := chromedp.Do(ctx, append([]chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(int64(w.width), int64(w.height)), chromedp.Navigate(c.path)}, c.do...)...); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			inspect(t, ctx, w, c.name, string(script))
		}
	})
}
