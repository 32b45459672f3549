package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ouidire/ouidire/internal/say"
)

// The pictures of the documents are of pages that a house with fixed contents and a
// fixed clock shows. made.json says of what each was made. A page that has changed
// since fails the test; `make pictures` makes them anew.
const (
	pictures     = "../docs/images"
	pictureMost  = 150 << 10
	picturesMost = 2 << 20
)

// picture is a page as the documents show it.
type picture struct {
	name, path    string
	form          url.Values // posted when not nil
	demo          bool
	letter        string // an e-mail that the demonstration sent, instead of a page
	width, height int64
}

// pagesShown is every picture, for each language.
func pagesShown(l say.Lang) []picture {
	form := func(pairs ...string) url.Values {
		v := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		return v
	}
	fees := say.Text{EN: "fees", FR: "frais"}.In(l)
	return []picture{
		{name: "home", path: "/", width: 1280, height: 960},
		{name: "mentions", path: "/mentions?q=caisse", width: 1280, height: 960},
		{name: "search", path: "/mentions?q=" + url.QueryEscape(`"caisse valtisse" `+fees+` -hockey`), width: 1280, height: 860},
		{name: "mention", path: "/mentions/{complaint}", width: 1280, height: 900},
		{name: "tone", path: "/tone?q=caisse", width: 1280, height: 660},
		{name: "situation", path: "/situations/wvague", width: 1280, height: 1280},
		{name: "situation-phone", path: "/situations/wvague", width: 390, height: 844},
		{name: "sources", path: "/sources", width: 1280, height: 820},
		{name: "messages", path: "/messages", width: 1280, height: 520},
		{name: "watch", path: "/watches/one", form: form("title", say.Text{EN: "Fees", FR: "Les frais"}.In(l), "relation", "theme", "exact", "caisse valtisse", "all", fees, "do", "preview"), width: 1280, height: 1100},
		{name: "demo", path: "/demo", demo: true, width: 1280, height: 1180},
		{name: "start", path: "/start", demo: true, width: 1280, height: 680},
		{name: "letter", letter: "week.*.html", width: 720, height: 760},
		{name: "letter-text", letter: "wave.*.txt", width: 720, height: 540},
	}
}

// made is of what a picture was made, and what came of it, as sums.
type made struct{ Page, Picture string }

func sum(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:8]) }

// shown is each page by the name of its file. The addresses of style and script in it
// change with them, so its sum stands for all that is seen.
func shown(t *testing.T) (pages map[string][]byte, sizes map[string]picture) {
	t.Helper()
	pages, sizes = map[string][]byte{}, map[string]picture{}
	for _, l := range []say.Lang{say.FrenchCanada, say.English} {
		house := newShowcase(t, l)
		stage := newShowcase(t, l)
		stage.rehearse(t)
		for _, p := range pagesShown(l) {
			file := p.name + "." + string(l)[:2] + ".png"
			sizes[file] = p
			if p.letter != "" {
				pages[file] = letterPage(t, p.letter, l)
				continue
			}
			h, method := house, http.MethodGet
			if p.demo {
				h = stage
			}
			if p.form != nil {
				method = http.MethodPost
			}
			path := strings.Replace(p.path, "{complaint}", house.said(4, "", "", "", "", "").ID, 1)
			w := h.ask(method, path, p.form, "Accept-Language", string(l))
			if w.Code != http.StatusOK {
				t.Fatalf("%s: status %d: %s", p.path, w.Code, w.Body)
			}
			pages[file] = w.Body.Bytes()
		}
	}
	return pages, sizes
}

// plainLetter is a letter without a page as a mail program shows it.
var plainLetter = template.Must(template.New("letter").Parse(`<!DOCTYPE html><html lang="{{.Lang}}"><meta charset="utf-8">
<style>body { margin: 1.5em; font: 15px/1.5 system-ui, sans-serif; } hr { border: 0; border-top: 1px solid #ccc; } pre { font: inherit; white-space: pre-wrap; }</style>
{{range $n, $head := .Heads}}{{if eq $n 2}}<strong>{{$head}}</strong>{{else}}{{$head}}<br>{{end}}
{{end}}<hr><pre>{{.Text}}</pre></html>`))

// letterPage is an e-mail that a test of app keeps, as a page. A letter that has none
// begins with who sent it, to whom, and about what.
func letterPage(t *testing.T, name string, l say.Lang) []byte {
	t.Helper()
	body, err := os.ReadFile("../app/testdata/letters/" + strings.Replace(name, "*", string(l)[:2], 1))
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(name, ".html") {
		return body
	}
	heads, text, _ := strings.Cut(string(body), "\n\n")
	var page bytes.Buffer
	if err := plainLetter.Execute(&page, map[string]any{"Lang": l, "Heads": strings.Split(heads, "\n"), "Text": text}); err != nil {
		t.Fatal(err)
	}
	return page.Bytes()
}

func TestThePicturesOfTheDocumentsShowThePagesAsTheyAre(t *testing.T) {
	pages, sizes := shown(t)
	if os.Getenv("OUIDIRE_MAKE_PICTURES") != "" {
		photograph(t, pages, sizes)
	}
	recorded := map[string]made{}
	body, err := os.ReadFile(filepath.Join(pictures, "made.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &recorded); err != nil {
		t.Fatal(err)
	}
	total := 0
	for file, page := range pages {
		image, err := os.ReadFile(filepath.Join(pictures, file))
		if err != nil {
			t.Errorf("%v: run make pictures", err)
			continue
		}
		if total += len(image); len(image) > pictureMost {
			t.Errorf("%s has %d bytes, more than %d", file, len(image), pictureMost)
		}
		if got := (made{sum(page), sum(image)}); got != recorded[file] {
			t.Errorf("%s is older than its page, or was not made from it: run make pictures, and look at what has changed", file)
		}
	}
	if total > picturesMost {
		t.Errorf("the pictures have %d bytes together, more than %d", total, picturesMost)
	}
	found, err := filepath.Glob(filepath.Join(pictures, "*.png"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no picture: %v", err)
	}
	for _, file := range found {
		if pages[filepath.Base(file)] == nil {
			t.Errorf("%s is of no page: remove it", file)
		}
	}
}

// photograph makes every picture anew and writes of what.
func photograph(t *testing.T, pages map[string][]byte, sizes map[string]picture) {
	t.Helper()
	assets := newHouse(t, "")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			r.Host = "127.0.0.1"
			assets.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	}))
	defer server.Close()
	if os.Getenv("OUIDIRE_TEST_CHROMIUM") == "" {
		t.Fatal("pictures were asked for, and there is no browser to make them: run make pictures")
	}
	ctx := tab(t, openBrowser(t, false))
	all := map[string]made{}
	for _, file := range slices.Sorted(maps.Keys(pages)) {
		taken := snap(t, ctx, server.URL+"/"+file, sizes[file])
		if err := os.WriteFile(filepath.Join(pictures, file), taken, 0o644); err != nil {
			t.Fatal(err)
		}
		all[file] = made{sum(pages[file]), sum(taken)}
	}
	body, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(pictures, "made.json"), append(body, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// snap takes one picture, in few colours.
func snap(t *testing.T, ctx context.Context, address string, p picture) []byte {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(p.width, p.height), chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	raw, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	full, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, inFewColours(full)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return small.Bytes()
}

// inFewColours draws an image with the 256 colours that it has most of: a page has
// few, but for the edges of its letters.
func inFewColours(full image.Image) *image.Paletted {
	bounds := full.Bounds()
	counts := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(full.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[at(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(fmt.Sprint(a), fmt.Sprint(b)))
	})
	var palette color.Palette
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	nearest := map[color.RGBA]uint8{}
	for c := range counts {
		nearest[c] = uint8(palette.Index(c))
	}
	drawn := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			drawn.SetColorIndex(x, y, nearest[at(x, y)])
		}
	}
	return drawn
}
