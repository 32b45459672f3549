package feed

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/mention"
)

func ExampleID() {
	inItsFeed := ID("https://blogue.example/?p=12", "https://blogue.example/2026/11/nouveaux-frais/")
	underAComment := ID("", "http://blogue.example/2026/11/nouveaux-frais")
	fmt.Println(inItsFeed == underAComment)
	// Output: true
}

func TestOneItemHasOneName(t *testing.T) {
	same := map[string][][2]string{ // guid, link
		"its address": {
			{"", "https://echo.example/a/b"}, {"", "http://ECHO.example/a/b/"}, {"", "https://echo.example:443/a/b"},
			{"", "https://echo.example/a/b?utm_source=rss&utm_medium=x"}, {"", "https://echo.example/a/b#xtor=RSS-3-[une]"},
			{"https://echo.example/a/b", "https://echo.example/a/b?at_medium=custom7"}, {"https://echo.example/a/b", ""},
			{"https://echo.example/?p=9", "https://echo.example/a/b"}, {"https://ancien-domaine.example/?post_type=avis&p=9", "https://echo.example/a/b"},
		},
		"its identifier":         {{"tag:echo.example,2026:9", "https://echo.example/a"}, {"tag:echo.example,2026:9", "https://echo.example/autre"}},
		"its number on its site": {{"41", "https://echo.example/a"}, {"41", "https://echo.example/b"}},
		"a WordPress comment": {
			{"https://echo.example/?p=9#comment-62", "https://echo.example/a/#comment-62"},
			{"https://echo.example/a#comment-62", "https://echo.example/a/comment-page-3/#comment-62"},
			{"", "http://echo.example/a/#comment-62"},
		},
	}
	owner := map[string]string{}
	for what, pairs := range same {
		want := ID(pairs[0][0], pairs[0][1])
		for _, p := range pairs {
			if got := ID(p[0], p[1]); got != want {
				t.Errorf("%s: ID(%q, %q) = %s, want %s as for %q", what, p[0], p[1], got, want, pairs[0])
			}
		}
		if other, taken := owner[want]; taken {
			t.Errorf("%s and %s share a name", what, other)
		}
		owner[want] = what
	}
}

func TestTwoItemsHaveTwoNames(t *testing.T) {
	different := [][2]string{
		{"", "https://echo.example/a"}, {"", "https://echo.example/A"}, {"", "https://echo.example/a?page=2"},
		{"", "https://echo.example/a#partie-2"}, {"", "https://echo.example:8080/a"}, {"", "https://autre.example/a"},
		{"41", "https://echo.example/a"}, {"41", "https://autre.example/a"}, {"42", "https://echo.example/a"},
		{"https://echo.example/forum/?t=3#p41", "https://echo.example/forum/?t=3"}, {"https://echo.example/forum/?t=3#p42", "https://echo.example/forum/?t=3"},
		{"https://echo.example/?p=9#comment-1", "https://echo.example/b/#comment-1"}, {"https://echo.example/?p=9#comment-2", "https://echo.example/b/#comment-2"},
	}
	seen := map[string][2]string{}
	for _, p := range different {
		id := ID(p[0], p[1])
		if other, taken := seen[id]; taken {
			t.Errorf("%q and %q share the name %s", p, other, id)
		}
		seen[id] = p
	}
}

func TestNormalisingAnAddressTwiceChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		link := rapid.StringMatching(`https?://[a-zé]{1,10}(:[0-9]{2,4})?(/[a-zà0-9-]{0,6}){0,3}/?(\?[a-z_]{1,8}=[0-9]?(&p=1)?)?(#[a-z-]{1,9}[0-9]?)?`).Draw(t, "link")
		once := address(link)
		if twice := address("http:" + once); twice != once {
			t.Fatalf("%q: %q, then %q", link, once, twice)
		}
	})
}

// A comment must name its article as the article's own feed does, whichever of
// WordPress's two formats either was read from.
func TestAWordPressCommentFindsItsArticle(t *testing.T) {
	article := read(t, "testdata/articles/wordpress.xml")[0]
	for _, path := range []string{"testdata/comments/wordpress-rss.xml", "testdata/comments/wordpress-atom.xml"} {
		comments := read(t, path)
		reply, comment := comments[0], comments[1]
		if comment.Parent != article.ID || comment.Thread != article.ID {
			t.Errorf("%s: comment has parent %s, thread %s, want %s", path, comment.Parent, comment.Thread, article.ID)
		}
		if reply.Parent != comment.ID || reply.Thread != article.ID {
			t.Errorf("%s: reply has parent %s, thread %s, want %s, %s", path, reply.Parent, reply.Thread, comment.ID, article.ID)
		}
		if reply.Own || comment.Own || !article.Own {
			t.Errorf("%s: own: article %v, comment %v, reply %v", path, article.Own, comment.Own, reply.Own)
		}
	}
}

func TestAnAtomCommentNamesItsArticleByTheArticlesOwnIdentifier(t *testing.T) {
	comment := read(t, "testdata/comments/blog-with-tags.xml")[0]
	if want := mention.NewID(Place, "tag:watchers.example,2026:post-9"); comment.Parent != want {
		t.Errorf("parent %s, want %s", comment.Parent, want)
	}
}

func TestCommentsWithoutAnchorsAreUnderTheirArticleAndApart(t *testing.T) {
	article := "https://forum.example/sujet/7"
	item := func(text string) string {
		return "<item><title>Re : Les frais</title><link>" + article + "</link><description>" + text + "</description></item>"
	}
	for name, about := range map[string]string{"of a site": "https://forum.example/", "of an article": article} {
		body := "<rss><channel><link>" + about + "</link>" + item("C’est cher.") + item("D'accord.") + item("D'accord.") + "</channel></rss>"
		_, items, err := Parse(strings.NewReader(body), Origin{URL: "https://forum.example/fil", Comments: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(items) != 2 || items[0].ID == items[1].ID {
			t.Fatalf("%s: %+v", name, items)
		}
		for _, it := range items {
			if want := ID("", article); it.Thread != want || it.Parent != want || it.ID == want {
				t.Errorf("%s: id %s, thread %s, parent %s, want %s", name, it.ID, it.Thread, it.Parent, want)
			}
		}
	}
}

func read(t *testing.T, path string) []Item {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, items, err := Parse(bytes.NewReader(body), origin(path))
	if err != nil {
		t.Fatal(err)
	}
	return items
}
