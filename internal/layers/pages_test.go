package layers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
)

// shapes finds what the two languages of a page must have alike, in its order.
var shapes = regexp.MustCompile("(?m)^(#+) |^(```)|^(\\|)|^(\\d\\.|-) |([a-z-]+)\\.(?:fr|en)\\.png")

// shapeOf is how a page is built: headings, blocks, rows, lists and pictures, less its words.
func shapeOf(text string) (shape []string) {
	for _, match := range shapes.FindAllStringSubmatch(text, -1) {
		shape = append(shape, strings.Join(match[1:], ""))
	}
	return shape
}

func pages(t *testing.T, lang string) map[string]string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(root, "docs", lang, "*.md"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no document in %s: %v", lang, err)
	}
	texts := map[string]string{}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(path)] = string(text)
	}
	return texts
}

func TestEveryPageForUsersIsThereInBothLanguagesWithTheSameParts(t *testing.T) {
	french, english := pages(t, "fr"), pages(t, "en")
	for name := range english {
		if french[name] == "" {
			t.Errorf("docs/en/%s has no twin in French", name)
		}
	}
	for name, text := range french {
		if english[name] == "" {
			t.Errorf("docs/fr/%s has no twin in English", name)
		} else if diff := cmp.Diff(shapeOf(text), shapeOf(english[name])); diff != "" {
			t.Errorf("docs/fr/%s (-) and its twin (+) are not built alike:\n%s", name, diff)
		}
		if name != "README.md" && !strings.Contains(french["README.md"], "]("+name+")") {
			t.Errorf("docs/fr/README.md does not lead to %s", name)
		}
	}
}

// anchored finds a link to a heading, headings the headings.
var (
	anchored = regexp.MustCompile(`\]\(([^)#]*)#([^)]+)\)`)
	headings = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// anchorOf is the name that GitHub gives a heading.
func anchorOf(heading string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == ' ':
			return '-'
		case unicode.IsLetter(c), unicode.IsDigit(c), c == '-', c == '_':
			return unicode.ToLower(c)
		}
		return -1
	}, heading)
}

func TestEveryRunbookIsThereInBothLanguagesWithTheSamePartsAndCanBeReached(t *testing.T) {
	french, english := pages(t, "fr/runbooks"), pages(t, "en/runbooks")
	for name, text := range french {
		if diff := cmp.Diff(shapeOf(text), shapeOf(english[name])); diff != "" {
			t.Errorf("docs/fr/runbooks/%s (-) and its twin (+) are not built alike:\n%s", name, diff)
		}
		for _, lang := range []string{"fr", "en"} {
			if !strings.Contains(pages(t, lang)["monitoring.md"], "](runbooks/"+name+")") {
				t.Errorf("docs/%s/monitoring.md does not lead to the runbook %s", lang, name)
			}
		}
	}
	if len(french) != len(english) {
		t.Errorf("%d runbooks in French, %d in English", len(french), len(english))
	}
}

func TestEveryHeadingThatAPageLinksToExists(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		all, linked := pages(t, lang), 0
		for name, text := range all {
			for _, link := range anchored.FindAllStringSubmatch(text, -1) {
				linked++
				target := link[1]
				if target == "" {
					target = name
				}
				there := false
				for _, heading := range headings.FindAllStringSubmatch(all[target], -1) {
					there = there || anchorOf(heading[1]) == link[2]
				}
				if !there {
					t.Errorf("docs/%s/%s links to %s#%s, which does not exist", lang, name, link[1], link[2])
				}
			}
		}
		if linked == 0 {
			t.Errorf("the documents in %s link to no heading: the test is broken", lang)
		}
	}
}
