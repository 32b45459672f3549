package feed

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/ouidire/ouidire/internal/say"
)

// endless gives the same bytes for ever.
type endless string

func (e endless) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		n += copy(p[n:], e)
	}
	return n, nil
}

func TestAFeedThatNeverEndsIsRefusedAtTenMegabytes(t *testing.T) {
	_, _, err := Parse(io.MultiReader(strings.NewReader("<rss><channel><title>"), endless("ha ")), Origin{})
	if !errors.Is(err, ErrTooBig) {
		t.Errorf("got %v, want %v", err, ErrTooBig)
	}
}

func TestAFeedThatBreaksOffIsAnError(t *testing.T) {
	_, items, err := Parse(io.MultiReader(strings.NewReader("<rss><channel><item>"), iotest.ErrReader(io.ErrUnexpectedEOF)), Origin{})
	if !errors.Is(err, io.ErrUnexpectedEOF) || items != nil {
		t.Errorf("got %v and %d items", err, len(items))
	}
}

// Each of these has brought a reader down somewhere. What is asked is an answer in
// good time, and no text that was not sent.
func TestHostileFeedsDoNoHarm(t *testing.T) {
	const depth = 300_000
	item := func(s string) string { return "<rss><channel><item>" + s + "</item></channel></rss>" }
	bomb := `<!DOCTYPE rss [<!ENTITY a "frais "><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	external := `<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>`
	cases := map[string]string{
		"elements 300,000 deep":          item(strings.Repeat("<b>", depth) + strings.Repeat("</b>", depth)),
		"HTML 300,000 deep":              item("<description>" + strings.Repeat("&lt;div>", depth) + "fin</description>"),
		"entities that expand":           bomb + item("<title>&c;</title>"),
		"an entity from a file":          external + item("<title>&x;</title>"),
		"a comment that never ends":      "<!--" + strings.Repeat("-", 1<<20),
		"a DOCTYPE that never ends":      "<!DOCTYPE rss [" + strings.Repeat("<!ENTITY a 'b'>", 10_000),
		"a thousand DOCTYPEs":            strings.Repeat("<!DOCTYPE rss>", 200_000) + "<rss/>",
		"instructions without end":       strings.Repeat("<?a?>", 200_000),
		"attributes by the ten thousand": "<rss" + strings.Repeat(` a="b"`, 10_000) + "/>",
		"JSON 300,000 deep":              `{"items":` + strings.Repeat("[", depth),
		"JSON objects 300,000 deep":      strings.Repeat(`{"a":`, depth),
		"JSON null":                      `{"items":[null,{"authors":[null]}]}`,
		"Atom of nothing":                `<feed xmlns="http://www.w3.org/2005/Atom"><entry/><entry><link/><author/><thr:in-reply-to xmlns:thr="http://purl.org/syndication/thread/1.0"/></entry></feed>`,
		"half a surrogate":               `{"items":[{"id":"\ud800","title":"\udfff"}]}`,
		"links that are none":            item(`<link>http://[::1</link><guid>%zz</guid><enclosure url="data:x"/>`),
		"a base that is none":            `<rss xml:base="http://%zz/"><channel><item><link>a</link></item></channel></rss>`,
	}
	for name, body := range cases {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			_, items, _ := Parse(strings.NewReader(body), Origin{URL: "https://blogue.example/feed/", Comments: true})
			for _, it := range items {
				if v := it.Current(); strings.Contains(v.Title, "root:") || strings.Count(v.Title, "frais") > 8 {
					t.Errorf("title %.80q", v.Title)
				}
			}
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Ten megabytes of the elements that cost most must not cost a small machine its memory.
func TestTheDensestFeedThatIsReadFitsInASmallMachine(t *testing.T) {
	for name, body := range map[string]string{
		"empty items":      "<rss><channel>" + strings.Repeat("<item/>", maxItems) + "</channel></rss>",
		"empty extensions": `<rss xmlns:x="u"><channel><item>` + strings.Repeat("<x:a/>", maxTags-10) + "</item></channel></rss>",
		"empty objects":    `{"items":[` + strings.Repeat("{},", maxObjects-2) + "{}]}",
	} {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, items, err := Parse(strings.NewReader(body), Origin{})
		runtime.ReadMemStats(&after)
		allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
		t.Logf("%s: %d items, %d MB allocated, heap %d MB, err %v", name, len(items), allocated, after.HeapSys>>20, err)
		if err != nil || len(items) == 0 {
			t.Errorf("%s: %d items, %v: not the densest that is read", name, len(items), err)
		}
		if allocated > 1000 {
			t.Errorf("%s: %d MB allocated", name, allocated)
		}
	}
}

func FuzzParse(f *testing.F) {
	for path, body := range fixtures(f) {
		from := origin(path)
		f.Add(body, "text/xml", from.Comments)
		f.Add(body[:len(body)/2], "application/json; charset=windows-1252", from.Comments)
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string, comments bool) {
		from := Origin{URL: "https://blogue.example/feed/", ContentType: contentType, Comments: comments}
		about, items, err := Parse(bytes.NewReader(body), from)
		if err != nil {
			if items != nil || say.Explain(err, say.FrenchCanada) == "" {
				t.Fatalf("%d items with the error %v", len(items), err)
			}
			return
		}
		ids := map[string]bool{}
		for _, it := range items {
			v := it.Current()
			for _, s := range []string{v.Title, v.Text, it.Author.Name, about.Title} {
				if s != strings.ToValidUTF8(s, "") || len(s) > maxText || strings.IndexFunc(s, control) >= 0 {
					t.Fatalf("unfit text %.80q", s)
				}
			}
			switch {
			case ids[it.ID], len(it.ID) != 26:
				t.Fatalf("id %q is not one", it.ID)
			case it.URL != "" && !web(it.URL):
				t.Fatalf("address %q", it.URL)
			case comments && (it.Thread == "" || it.Parent == "" || it.Own):
				t.Fatalf("comment %+v", it)
			case !it.PublishedAt.IsZero() && (it.PublishedAt.Year() < 1990 || it.PublishedAt.Year() > 2100 || it.DateFrom != "feed"):
				t.Fatalf("date %v from %q", it.PublishedAt, it.DateFrom)
			}
			ids[it.ID] = true
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, body := range map[string]string{
		"40 items":    rssFeed(40, 1, ""),
		"5,000 items": strings.ReplaceAll(rssFeed(5000, 1, ""), "</title><link>http://blogue.example/", "</title><description>&lt;p>"+strings.Repeat("L’épargne d'été. ", 60)+"&lt;/p></description><link>http://blogue.example/"),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if _, _, err := Parse(strings.NewReader(body), Origin{URL: feedURL}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
