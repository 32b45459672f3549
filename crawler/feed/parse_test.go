package feed

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
)

var update = flag.Bool("update", false, "write the golden files anew")

const golden = ".golden.json"

// told is a parsed feed as its golden file shows it.
type told struct {
	Feed  *Feed      `json:"feed,omitempty"`
	Items []toldItem `json:"items,omitempty"`
	Error []string   `json:"error,omitempty"` // English, French of Canada
}

type toldItem struct {
	Native  string       `json:"native,omitempty"`
	ID      string       `json:"id"`
	Kind    mention.Kind `json:"kind"`
	Own     bool         `json:"own,omitempty"`
	URL     string       `json:"url,omitempty"`
	Title   string       `json:"title,omitempty"`
	Text    string       `json:"text,omitempty"`
	Author  string       `json:"author,omitempty"`
	Person  string       `json:"author_id,omitempty"`
	At      time.Time    `json:"published_at,omitzero"`
	DatedBy string       `json:"date_from,omitempty"`
	Parent  string       `json:"parent,omitempty"`
	Thread  string       `json:"thread,omitempty"`
}

func tell(body []byte, from Origin) told {
	f, items, err := Parse(bytes.NewReader(body), from)
	if err != nil {
		return told{Error: []string{say.Explain(err, say.English), say.Explain(err, say.FrenchCanada)}}
	}
	all := told{Feed: &f}
	for _, it := range items {
		v := it.Current()
		all.Items = append(all.Items, toldItem{
			Native: it.Native, ID: it.ID, Kind: it.Kind, Own: it.Own, URL: it.URL, Title: v.Title, Text: v.Text,
			Author: it.Author.Name, Person: it.Author.ID, At: it.PublishedAt, DatedBy: it.DateFrom, Parent: it.Parent, Thread: it.Thread,
		})
	}
	return all
}

// fixtures are the inputs below testdata, by path.
func fixtures(t testing.TB) map[string][]byte {
	paths, err := filepath.Glob("testdata/*/*")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]byte{}
	for _, p := range paths {
		if strings.HasSuffix(p, golden) {
			continue
		}
		body, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		found[p] = body
	}
	if len(found) == 0 {
		t.Fatal("no fixture found below testdata")
	}
	return found
}

// origin is where a fixture is said to have been read; its folder tells the rest.
func origin(path string) Origin {
	return Origin{
		URL:      "https://echo-des-moyacs.example/fils/une.xml",
		Comments: strings.HasPrefix(path, "testdata/comments/"),
		Own:      strings.Contains(path, "wordpress"),
	}
}

func TestEveryFixtureGivesWhatItsGoldenFileSays(t *testing.T) {
	for path, body := range fixtures(t) {
		t.Run(path, func(t *testing.T) {
			got, err := json.MarshalIndent(tell(body, origin(path)), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(path+golden, append(got, '\n'), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path + golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestParsingTwiceGivesTheSameMentions(t *testing.T) {
	for path, body := range fixtures(t) {
		if diff := cmp.Diff(tell(body, origin(path)), tell(body, origin(path))); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

func TestOnlyTheSameItemIsTheSameItem(t *testing.T) {
	const head, tail = "<rss><channel><link>https://blogue.example/</link>", "</channel></rss>"
	cases := map[string]struct {
		items string
		want  []string // titles
	}{
		"twice the same":                       {"<item><guid>1</guid><title>Un</title></item><item><guid>1</guid><title>Un</title></item>", []string{"Un"}},
		"one identifier for everything":        {"<item><guid>1</guid><title>Un</title></item><item><guid>1</guid><title>Deux</title></item><item><guid>1</guid><title>Deux</title></item>", []string{"Un", "Deux"}},
		"one link for everything":              {"<item><link>/page</link><title>Un</title></item><item><link>/page</link><title>Deux</title></item>", []string{"Un", "Deux"}},
		"the site's own address as every link": {"<item><link>https://blogue.example</link><title>Un</title></item><item><link>https://blogue.example/</link><title>Deux</title></item>", []string{"Un", "Deux"}},
		"no identifier, no link, one title":    {"<item><title>Un</title><description>a</description></item><item><title>Un</title><description>b</description></item>", []string{"Un", "Un"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, items, err := Parse(strings.NewReader(head+c.items+tail), Origin{URL: feedURL})
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, it := range items {
				titles = append(titles, it.Current().Title)
			}
			if diff := cmp.Diff(c.want, titles); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// The window of a feed moves: what an item is called must not depend on what
// stands beside it, as long as its feed names it or links it apart.
func TestAnItemKeepsItsNameWhenTheWindowMoves(t *testing.T) {
	names := func(from, to int) map[string]string {
		_, items, err := Parse(strings.NewReader(rssFeed(from, to, "")), Origin{URL: feedURL})
		if err != nil {
			t.Fatal(err)
		}
		all := map[string]string{}
		for _, it := range items {
			all[it.Current().Title] = it.ID
		}
		return all
	}
	before, after := names(20, 10), names(25, 15)
	for i := 15; i <= 20; i++ {
		title := fmt.Sprintf("Nouvelle n° %d", i)
		if before[title] == "" || before[title] != after[title] {
			t.Errorf("%s was %q, is %q", title, before[title], after[title])
		}
	}
}

func TestRelativeLinksStartWhereTheFeedWasReadInTheEnd(t *testing.T) {
	for from, want := range map[string]string{
		"https://blogue.example/fils/une.xml": "https://blogue.example/fils/article",
		"https://blogue.example/une.xml?a=b":  "https://blogue.example/article",
		"":                                    "", // from a file, without --url: no address is better than half of one
		"::":                                  "",
	} {
		_, items, err := Parse(strings.NewReader("<rss><channel><item><link>article</link><title>L'été</title></item></channel></rss>"), Origin{URL: from})
		if err != nil {
			t.Fatal(err)
		}
		if got := items[0].URL; got != want {
			t.Errorf("from %q: %q, want %q", from, got, want)
		}
	}
}

func TestAPageTellsItsFeeds(t *testing.T) {
	const rel = `<link rel="alternate" type="application/rss+xml" href="`
	cases := map[string]struct {
		markup string
		want   Page
	}{
		"none":                      {`<html><link rel=stylesheet href=a.css>`, Page{}},
		"relative":                  {`<html>` + rel + `fil.xml">`, Page{Feeds: []Link{{URL: "https://blogue.example/x/fil.xml"}}, Best: "https://blogue.example/x/fil.xml"}},
		"from a base":               {`<html><base href="https://autre.example/y/">` + rel + `fil.xml">`, Page{Feeds: []Link{{URL: "https://autre.example/y/fil.xml"}}, Best: "https://autre.example/y/fil.xml"}},
		"comments are not articles": {`<html>` + rel + `/c" title="Flux des commentaires">`, Page{Feeds: []Link{{URL: "https://blogue.example/c", Title: "Flux des commentaires", Comments: true}}}},
		"in capitals, many rels":    {`<HTML><LINK REL="Alternate home" TYPE="Application/Atom+XML; charset=utf-8" HREF="/a">`, Page{Feeds: []Link{{URL: "https://blogue.example/a"}}, Best: "https://blogue.example/a"}},
		"itself":                    {`<html>` + rel + `https://blogue.example/x/">`, Page{}},
		"an interface for programs": {`<html><link rel=alternate type="application/json" href="/wp-json/">`, Page{}},
		"a script's address":        {`<html>` + rel + `javascript:alert(1)">`, Page{}},
		"known by its header alone": {`<!-- Caisse --><title>L’été</title><meta charset=utf-8>` + rel + `/a">`, Page{Feeds: []Link{{URL: "https://blogue.example/a"}}, Best: "https://blogue.example/a"}},
		"a password":                {`<!DOCTYPE html><input type="PASSWORD">`, Page{Login: true}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := Parse(strings.NewReader(c.markup), Origin{URL: "https://blogue.example/x/", ContentType: "text/html"})
			got := (*Page)(nil)
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want a page", err)
			}
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestADateThatCannotBeOneIsLeftOut(t *testing.T) {
	for written, want := range map[string]string{
		"Fri, 20 Nov 2026 09:12:00 -0500": "2026-11-20T14:12:00Z",
		"Fri, 20 Nov 2026 09:12:00 EST":   "2026-11-20T14:12:00Z",
		"2026-11-20T09:12:00-05:00":       "2026-11-20T14:12:00Z",
		"2026-11-20":                      "2026-11-20T00:00:00Z",
		"20 Nov 2026":                     "2026-11-20T00:00:00Z",
		"Mon, 01 Jan 0001 00:00:00 GMT":   "",
		"Fri, 31 Dec 9999 23:59:59 GMT":   "",
		"Thu, 01 Jan 1970 00:00:00 GMT":   "",
		"Fri, 20 Nov 2026 25:12:00 GMT":   "",
		"mardi prochain":                  "",
		"":                                "",
	} {
		_, items, err := Parse(strings.NewReader("<rss><channel><item><title>L’été</title><pubDate>"+written+"</pubDate></item></channel></rss>"), Origin{})
		if err != nil {
			t.Fatal(err)
		}
		got, from := "", items[0].DateFrom
		if !items[0].PublishedAt.IsZero() {
			got = items[0].PublishedAt.Format(time.RFC3339)
		}
		if got != want || (got == "") != (from == "") {
			t.Errorf("%q: %q from %q, want %q", written, got, from, want)
		}
	}
}
