package feed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
)

// held is how many of feedparser's expectations must hold, by field, the folder of
// its sanitizer left out. Missing by design: mail addresses beside authors, CDF,
// Atom 0.3 in base64, Content-Location, relative identifiers.
var held = map[string]int{
	"title": 153, "content": 79, "feed-description": 34, "author": 24, "link": 24, "id": 11, "language": 9,
	"date(published)": 7, "date(updated)": 10,
}

func TestFeedparsersExpectationsHold(t *testing.T) {
	files := corpus(t)
	list, err := os.Open(filepath.Join(needs.Corpus(t, "../..", "feedparser"), "expectations.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	met, of := map[string]int{}, map[string]int{}
	for lines := bufio.NewScanner(list); lines.Scan(); {
		var want struct {
			File, Field string
			Want        any
		}
		if err := json.Unmarshal(lines.Bytes(), &want); err != nil {
			t.Fatal(err)
		}
		if held[want.Field] == 0 || strings.Contains(want.File, "/sanitize/") {
			continue
		}
		of[want.Field]++
		body := files[want.File]
		f, items, _ := Parse(bytes.NewReader(body), Origin{URL: "http://127.0.0.1:8097/" + want.File, ContentType: saidHeader(body)})
		if slices.Contains(candidates(want.Field, f, items), expected(want.Field, want.Want)) {
			met[want.Field]++
		}
	}
	for field, floor := range held {
		t.Logf("%s: %d of %d hold", field, met[field], of[field])
		if met[field] < floor {
			t.Errorf("%s: %d expectations hold, want at least %d", field, met[field], floor)
		}
	}
}

// candidates are what a field of feedparser's can be for us: it says the same word
// of feeds and of items.
func candidates(field string, f Feed, items []Item) []string {
	var it Item
	if len(items) > 0 {
		it = items[0]
	}
	var all []string
	switch v := it.Current(); field {
	case "title":
		all = []string{f.Title, v.Title}
	case "content":
		all = []string{v.Text, f.Description}
	case "feed-description":
		all = []string{f.Description}
	case "author":
		all = []string{f.Author, it.Author.Name}
	case "link":
		all = []string{f.Link, it.URL}
	case "id":
		all = []string{it.Native}
	case "language":
		all = []string{f.Lang}
	default:
		all = []string{f.UpdatedAt.Format(time.DateTime), it.PublishedAt.Format(time.DateTime)}
	}
	for i := range all {
		all[i] = strings.Join(strings.Fields(all[i]), " ")
	}
	return all
}

// expected is a wanted value as candidates writes it: text without markup, a date
// without the day of the week.
func expected(field string, want any) string {
	if parts, ok := want.([]any); ok && len(parts) >= 6 {
		return fmt.Sprintf("%04.0f-%02.0f-%02.0f %02.0f:%02.0f:%02.0f", parts[:6]...)
	}
	s := fmt.Sprint(want)
	if field == "title" || field == "content" || field == "feed-description" {
		s = plain(s)
	}
	return strings.Join(strings.Fields(s), " ")
}
