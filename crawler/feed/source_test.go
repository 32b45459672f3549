package feed

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

const (
	site    = "blogue.example"
	feedURL = "http://" + site + "/feed/"
)

// place is one web site: what stands at each path, and who asked how.
type place struct {
	mu    sync.Mutex
	pages map[string]http.HandlerFunc
	asked []*http.Request
}

func (p *place) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r)
	page := p.pages[r.URL.Path]
	p.mu.Unlock()
	if page == nil {
		http.NotFound(w, r)
		return
	}
	page(w, r)
}

func (p *place) put(path string, page http.HandlerFunc) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pages[path] = page
}

// paths are the addresses asked for, those asked conditionally marked by a star.
func (p *place) paths() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []string
	for _, r := range p.asked {
		star := ""
		if r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "" {
			star = "*"
		}
		all = append(all, r.URL.Path+star)
	}
	return all
}

// visitor is a source and the cursor that its crawler would keep.
type visitor struct {
	t      *testing.T
	source *Source
	cursor string
}

// visit fetches and, if that worked, keeps the cursor.
func (v *visitor) visit() (crawler.Found, error) {
	found, err := v.source.Fetch(v.t.Context(), v.cursor)
	if err == nil {
		v.cursor = found.Next
	} else if found.Next != "" || len(found.Mentions) > 0 {
		v.t.Errorf("a failed visit brought a cursor (%q) or mentions (%d)", found.Next, len(found.Mentions))
	}
	return found, err
}

// must is a visit that has to work.
func (v *visitor) must() crawler.Found {
	v.t.Helper()
	found, err := v.visit()
	if err != nil {
		v.t.Fatal(err)
	}
	return found
}

// inTestTime runs a story about a source of blogue.example inside a bubble of time.
func inTestTime(t *testing.T, cfg Config, story func(t *testing.T, p *place, v *visitor)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		defer web.Close()
		p := &place{pages: map[string]http.HandlerFunc{}}
		web.Handle(site, p)
		client := web.Client(t, polite.Config{})
		defer client.Close()
		source, err := New(cfg, crawler.Deps{Client: client, Now: time.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		story(t, p, &visitor{t: t, source: source})
	})
}

// answer is a page with a body and headers given in pairs.
func answer(body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header()[headers[i]] = []string{headers[i+1]}
		}
		_, _ = io.WriteString(w, body)
	}
}

// rssFeed is a small feed with the items from to to, newest first.
func rssFeed(from, to int, channel string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0"?><rss version="2.0"><channel><title>Le blogue</title><link>http://%s/</link>%s`, site, channel)
	for i := from; i >= to; i-- {
		fmt.Fprintf(&b, "<item><title>Nouvelle n° %d</title><link>http://%s/%d</link><guid>http://%s/%d</guid></item>", i, site, i, site, i)
	}
	return b.String() + "</channel></rss>"
}

func TestAFeedIsAskedForWholeOnceThenConditionally(t *testing.T) {
	inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
		const etag, modified = `W/"a-é-1"`, "Fri, 20 Nov 2026 9:12:00 GMT"
		p.put("/feed/", func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("If-None-Match") == etag && r.Header.Get("If-Modified-Since") == modified {
				w.WriteHeader(http.StatusNotModified)
				return
			}
			answer(rssFeed(3, 1, ""), "ETag", etag, "Last-Modified", modified)(w, r)
		})
		if found := v.must(); len(found.Mentions) != 3 {
			t.Errorf("first visit brought %d mentions, want 3", len(found.Mentions))
		}
		for range 3 {
			if found := v.must(); len(found.Mentions) != 0 {
				t.Errorf("a visit to an unchanged feed brought %d mentions", len(found.Mentions))
			}
		}
		if got, want := p.paths(), []string{"/feed/", "/feed/*", "/feed/*", "/feed/*"}; !slices.Equal(got, want) {
			t.Errorf("asked for %q, want %q", got, want)
		}
	})
}

func TestAnswersThatCannotBeReadAreErrorsWithAStableReason(t *testing.T) {
	cases := map[string]struct {
		page   http.HandlerFunc
		reason polite.Reason
	}{
		"cut.xml":                        {answer(rssFeed(3, 1, "")[:150]), polite.Parse},
		"shorter than it promised":       {answer(rssFeed(3, 1, ""), "Content-Length", "9999"), polite.Cut},
		"nothing":                        {answer(""), polite.Parse},
		"a page":                         {answer("<!doctype html><title>Bienvenue</title>"), polite.Page},
		"a password asked for":           {answer(`<html><input type=password></html>`), polite.Login},
		"a page that announces comments": {answer(`<html><link rel=alternate type=application/rss+xml href=/comments/feed/></html>`), polite.Page},
		"a page that announces a feed":   {answer(`<html><link rel=alternate type=application/rss+xml href=/tout/></html>`), polite.Page},
		"a front page with a login form": {answer(`<html><link rel=alternate type=application/rss+xml href=/tout/><input type=password></html>`), polite.Page},
		"sent to the front page":         {http.RedirectHandler("/", http.StatusFound).ServeHTTP, polite.Page},
		"sent to where one signs in":     {http.RedirectHandler("/compte/connexion?retour=/feed/", http.StatusFound).ServeHTTP, polite.Login},
		"no feed there":                  {http.NotFound, polite.HTTP4xx},
		"more elements than any feed":    {answer("<rss>" + strings.Repeat("<item/>", maxItems+1)), polite.Oversize},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
				p.put("/feed/", answer(rssFeed(3, 1, ""), "ETag", `"a"`))
				p.put("/", answer(`<!doctype html><title>Accueil</title><link rel=alternate type=application/rss+xml href=/tout/>`))
				p.put("/compte/connexion", answer(`<!doctype html><title>Un moment</title><script src=/porte.js></script>`))
				v.must()
				before := v.cursor
				p.put("/feed/", c.page)
				_, err := v.visit()
				if got := polite.ReasonOf(err); got != c.reason {
					t.Errorf("reason %q of %v, want %q", got, err, c.reason)
				}
				if fr := say.Explain(err, say.FrenchCanada); err != nil && fr == err.Error() {
					t.Errorf("nothing is said in French: %q", fr)
				}
				if v.cursor != before {
					t.Errorf("cursor moved from %s to %s", before, v.cursor)
				}
			})
		})
	}
}

func TestAPageIsAskedForOnceAndTheFeedItAnnouncesFromThenOn(t *testing.T) {
	page := `<html><link rel=alternate type="application/rss+xml" href="/comments/feed/"><link rel=alternate type="application/rss+xml" href="/feed/"></html>`
	for comments, want := range map[bool]string{false: "/feed/", true: "/comments/feed/"} {
		inTestTime(t, Config{URL: "http://" + site + "/", Comments: comments}, func(t *testing.T, p *place, v *visitor) {
			p.put("/", answer(page, "ETag", `"page"`))
			p.put(want, answer(rssFeed(3, 1, ""), "ETag", `"feed"`))
			if found := v.must(); !found.More || len(found.Mentions) != 0 {
				t.Errorf("the page gave More=%v and %d mentions", found.More, len(found.Mentions))
			}
			if found := v.must(); found.More || len(found.Mentions) != 3 {
				t.Errorf("the feed gave More=%v and %d mentions, want 3", found.More, len(found.Mentions))
			}
			v.must()
			if got := p.paths(); !slices.Equal(got, []string{"/", want, want + "*"}) {
				t.Errorf("asked for %q", got)
			}
		})
	}
}

func TestAnAnnouncedFeedThatIsGoneIsLookedForOnThePageAgain(t *testing.T) {
	inTestTime(t, Config{URL: "http://" + site + "/"}, func(t *testing.T, p *place, v *visitor) {
		announce := func(path string) http.HandlerFunc {
			return answer(`<html><link rel=alternate type="application/atom+xml" href="` + path + `"></html>`)
		}
		p.put("/", announce("/old"))
		p.put("/old", answer(rssFeed(3, 1, "")))
		v.must()
		v.must()
		p.put("/", announce("/new"))
		p.put("/old", nil)
		p.put("/new", answer(rssFeed(4, 1, "")))
		v.must()
		if found := v.must(); len(found.Mentions) != 4 {
			t.Errorf("the new feed brought %d mentions, want 4", len(found.Mentions))
		}
	})
}

func TestAPageThatAnnouncesAPageIsAnErrorAndNoCircle(t *testing.T) {
	inTestTime(t, Config{URL: "http://" + site + "/"}, func(t *testing.T, p *place, v *visitor) {
		p.put("/", answer(`<html><link rel=alternate type="application/rss+xml" href="/feed/"></html>`))
		p.put("/feed/", answer(`<html><link rel=alternate type="application/rss+xml" href="/"></html>`))
		v.must()
		if _, err := v.visit(); polite.ReasonOf(err) != polite.Page {
			t.Errorf("got %v, want the error of a page", err)
		}
	})
}

func TestACursorOfAnotherAddressStartsAnew(t *testing.T) {
	inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
		p.put("/feed/", answer(rssFeed(3, 1, ""), "ETag", `"a"`))
		for _, cursor := range []string{`{"for":"elsewhere","feed":"http://blogue.example/other","validators":{"etag":"\"a\""}}`, "12", "{", `"x"`} {
			v.cursor = cursor
			if found := v.must(); len(found.Mentions) != 3 {
				t.Errorf("%s: %d mentions, want 3", cursor, len(found.Mentions))
			}
		}
		if got := p.paths(); slices.ContainsFunc(got, func(s string) bool { return s != "/feed/" }) {
			t.Errorf("asked for %q", got)
		}
	})
}

func TestTheLongestWishOfServerAndFeedWins(t *testing.T) {
	cases := map[string]struct {
		cfg     Config
		channel string
		headers []string
		want    time.Duration // from the visit
	}{
		"nobody wishes":                  {Config{}, "", []string{"ETag", `"a"`}, 0},
		"the feed wishes longer":         {Config{}, "<ttl>120</ttl>", []string{"ETag", `"a"`, "Cache-Control", "max-age=60"}, 2 * time.Hour},
		"the server wishes longer":       {Config{}, "<ttl>1</ttl>", []string{"ETag", `"a"`, "Cache-Control", "max-age=7200"}, 2 * time.Hour},
		"our own feed wishes":            {Config{Own: true}, "<ttl>120</ttl>", []string{"ETag", `"a"`}, 0},
		"our own server wishes":          {Config{Own: true}, "<ttl>1</ttl>", []string{"ETag", `"a"`, "Cache-Control", "max-age=7200"}, 2 * time.Hour},
		"whole answers only":             {Config{}, "", nil, polite.Unconditional},
		"whole answers of our own":       {Config{Own: true}, "", nil, 0},
		"whole answers, pace configured": {Config{Paced: true}, "", nil, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.cfg.URL = feedURL
			inTestTime(t, c.cfg, func(t *testing.T, p *place, v *visitor) {
				p.put("/feed/", answer(rssFeed(3, 1, c.channel), c.headers...))
				asked := time.Now()
				found := v.must()
				if c.want == 0 && !found.NotBefore.IsZero() || c.want > 0 && !found.NotBefore.Equal(asked.Add(c.want)) {
					t.Errorf("not before %v, want %v after %v", found.NotBefore, c.want, asked)
				}
			})
		})
	}
}

func TestAFeedsWishHoldsWhenNothingHasChanged(t *testing.T) {
	inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
		p.put("/feed/", answer(rssFeed(3, 1, "<ttl>90</ttl>"), "ETag", `"a"`))
		v.must()
		p.put("/feed/", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
		found := v.must()
		if want := time.Now().Add(90 * time.Minute); !found.NotBefore.Equal(want) {
			t.Errorf("not before %v, want %v", found.NotBefore, want)
		}
	})
}

func TestAFeedThatEmptiesIsDoubtedUntilItFillsAgainOrForTwoWeeks(t *testing.T) {
	day := 24 * time.Hour
	for name, steps := range map[string][]struct {
		items int
		after time.Duration
		doubt bool
	}{
		"it fills again":          {{0, 0, false}, {12, day, false}, {0, day, true}, {0, 13 * day, true}, {12, day, false}, {0, day, true}},
		"it stays empty":          {{12, 0, false}, {0, day, true}, {0, 13 * day, true}, {0, 2 * day, false}, {0, day, false}, {12, day, false}, {0, day, true}},
		"it never held much":      {{2, 0, false}, {0, day, false}},
		"a new blog has no items": {{0, 0, false}, {0, day, false}},
	} {
		for _, tagged := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, with validators %v", name, tagged), func(t *testing.T) {
				inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
					for i, step := range steps {
						time.Sleep(step.after)
						p.put("/feed/", conditional(tagged, rssFeed(step.items, 1, "")))
						found := v.must()
						if (found.Doubt != nil) != step.doubt || step.doubt && polite.ReasonOf(found.Doubt) != polite.Empty {
							t.Errorf("step %d, %d items: doubt %v", i, step.items, found.Doubt)
						}
						if step.doubt && say.Explain(found.Doubt, say.FrenchCanada) != "le fil RSS est vide alors qu’il contenait 12 éléments" {
							t.Errorf("said %q", say.Explain(found.Doubt, say.FrenchCanada))
						}
					}
				})
			})
		}
	}
}

// conditional answers 304 to those who hold the body already, if tagged.
func conditional(tagged bool, body string) http.HandlerFunc {
	etag := fmt.Sprintf("\"%d\"", len(body))
	return func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !tagged:
			answer(body)(w, r)
		case r.Header.Get("If-None-Match") == etag:
			w.WriteHeader(http.StatusNotModified)
		default:
			answer(body, "ETag", etag)(w, r)
		}
	}
}

func TestAFeedReadTooSeldomIsNoticed(t *testing.T) {
	inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
		for _, step := range []struct {
			newest, oldest int
			notice         bool
		}{{10, 1, false}, {19, 10, false}, {29, 20, true}, {30, 21, false}, {32, 31, false}} {
			p.put("/feed/", answer(rssFeed(step.newest, step.oldest, "")))
			if found := v.must(); (found.Notice != "") != step.notice {
				t.Errorf("items %d to %d: the notice is %q", step.oldest, step.newest, found.Notice)
			}
		}
	})
}

func TestAnAddressThatHasMovedForGoodIsNoticedAndTakenUp(t *testing.T) {
	inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
		p.put("/feed/", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/fil.xml", http.StatusMovedPermanently)
		})
		p.put("/fil.xml", answer(rssFeed(3, 1, ""), "ETag", `"a"`))
		var notice string
		for range 4 {
			notice = v.must().Notice
		}
		if want := "the address has moved to http://blogue.example/fil.xml: change it in the configuration"; notice != want {
			t.Errorf("notice %q, want %q", notice, want)
		}
		if got := p.paths(); got[len(got)-1] != "/fil.xml*" || got[len(got)-2] == "/feed/*" {
			t.Errorf("asked for %q, want the new address alone in the end", got)
		}
	})
}

func TestLinksAndLettersAreReadAsTheAnswerSays(t *testing.T) {
	inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
		p.put("/feed/", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/fils/une.xml", http.StatusFound) })
		p.put("/fils/une.xml", answer("<rss><channel><item><title>L\x92\xe9t\xe9, 12 \x80</title><link>ete</link></item></channel></rss>",
			"Content-Type", "text/xml; charset=windows-1252"))
		got := v.must().Mentions[0]
		if title := got.Current().Title; title != "L’été, 12 €" || got.URL != "http://blogue.example/fils/ete" {
			t.Errorf("title %q at %q", title, got.URL)
		}
	})
}

func TestMentionsOfARepeatedVisitAreTheSame(t *testing.T) {
	inTestTime(t, Config{URL: feedURL, Own: true}, func(t *testing.T, p *place, v *visitor) {
		p.put("/feed/", answer(rssFeed(3, 1, "")))
		first := v.must().Mentions
		v.cursor = ""
		for i, m := range v.must().Mentions {
			if m.ID != first[i].ID || !m.Own || m.Kind != mention.Article || m.Place != Place {
				t.Errorf("mention %d: %+v, want %+v", i, m, first[i])
			}
		}
	})
}

func TestACursorHoldsNoTokenOfTheAddress(t *testing.T) {
	inTestTime(t, Config{URL: feedURL + "?feed=s3cr3t"}, func(t *testing.T, p *place, v *visitor) {
		p.put("/feed/", answer(rssFeed(3, 1, ""), "ETag", `"a"`))
		v.must()
		if strings.Contains(v.cursor, "s3cr3t") {
			t.Errorf("cursor %s", v.cursor)
		}
		p.put("/feed/", answer("<html>"))
		if _, err := v.visit(); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("error %v", err)
		}
	})
}

func TestAnEntryThatCannotWorkSaysWhy(t *testing.T) {
	for address, want := range map[string]string{
		"":                         "the address of the feed is missing",
		"blogue.example/feed":      "the address must begin with https:// or http://",
		"ftp://blogue.example/":    "the address must begin with https:// or http://",
		"https:///feed":            "the address has no host",
		"https://blogue.example/%": "this is not an address",
	} {
		problems := (&Config{URL: address}).Check()
		if len(problems) != 1 || problems[0].Key != "url" || problems[0].Text.EN != want || problems[0].Text.FR == "" {
			t.Errorf("%q: %+v, want %q", address, problems, want)
		}
		if _, err := New(Config{URL: address}, crawler.Deps{}); err == nil {
			t.Errorf("%q: New took it", address)
		}
	}
	if problems := (&Config{URL: exampleURL}).Check(); len(problems) > 0 {
		t.Errorf("the example is refused: %+v", problems)
	}
}

func TestTheCursorIsJSONAndStaysSmall(t *testing.T) {
	inTestTime(t, Config{URL: feedURL}, func(t *testing.T, p *place, v *visitor) {
		p.put("/feed/", answer(rssFeed(5000, 1, ""), "ETag", `"a"`))
		if n := len(v.must().Mentions); n != 5000 {
			t.Errorf("%d mentions, want 5000", n)
		}
		if !json.Valid([]byte(v.cursor)) || len(v.cursor) > 2000 {
			t.Errorf("cursor of %d bytes: %.200s", len(v.cursor), v.cursor)
		}
	})
}

func TestTheExampleEntryIsRead(t *testing.T) {
	b, err := os.ReadFile("example.yml")
	if err != nil {
		t.Fatal(err)
	}
	var entry struct {
		Name, Kind string
		Config     `yaml:",inline"`
	}
	if err := yaml.UnmarshalWithOptions(b, &entry, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if entry.Kind != "feed" || entry.Config != (Config{URL: exampleURL}) || len(entry.Check()) > 0 {
		t.Errorf("read %+v", entry)
	}
}
