package web

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

// In the documents, what stands between ** is what the page itself says, and what
// stands as code and begins with / is an address of it, or a folder of the machine.
var (
	pageWords = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	addressed = regexp.MustCompile("`(/[^`]*)`")
	machines  = regexp.MustCompile(`^/(etc|var|usr|bin)/`)
)

func documents(t *testing.T, lang string) map[string]string {
	t.Helper()
	found, err := filepath.Glob("../docs/" + lang + "/*.md")
	runbooks, err2 := filepath.Glob("../docs/" + lang + "/runbooks/*.md")
	if err := errors.Join(err, err2); err != nil || len(found) == 0 || len(runbooks) == 0 {
		t.Fatalf("no document in %s, or no runbook: %v", lang, err)
	}
	texts := map[string]string{}
	for _, path := range append(found, runbooks...) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	return texts
}

// plainly is a sentence of the page as a document may quote it: any space, any
// capital, without what ends it.
func plainly(s string) string {
	return strings.ToLower(strings.TrimRight(strings.Join(strings.Fields(strings.ReplaceAll(s, "\u00a0", " ")), " "), " ?:."))
}

func TestTheDocumentsQuoteThePageAsItSpeaks(t *testing.T) {
	for lang, l := range map[string]say.Lang{"fr": say.FrenchCanada, "en": say.English} {
		spoken, quotes := map[string]bool{}, 0
		for _, text := range words {
			whole, _, _ := strings.Cut(text.In(l), ":")
			spoken[plainly(text.In(l))], spoken[plainly(whole)] = true, true
		}
		for path, text := range documents(t, lang) {
			for _, quote := range pageWords.FindAllStringSubmatch(text, -1) {
				quotes++
				if !spoken[plainly(quote[1])] {
					t.Errorf("%s quotes “%s”, which the page does not say", path, quote[1])
				}
			}
		}
		if quotes < 50 {
			t.Errorf("the documents in %s quote the page %d times: the test is broken", lang, quotes)
		}
	}
}

func TestEveryAddressOfThePageThatTheDocumentsNameExists(t *testing.T) {
	h := newHouse(t, "")
	for _, lang := range []string{"fr", "en"} {
		named := 0
		for path, text := range documents(t, lang) {
			for _, address := range addressed.FindAllStringSubmatch(text, -1) {
				if machines.MatchString(address[1]) {
					continue
				}
				named++
				if w := h.ask("GET", address[1], nil); w.Code != http.StatusOK {
					t.Errorf("%s names %s: status %d", path, address[1], w.Code)
				}
			}
		}
		if named == 0 {
			t.Errorf("the documents in %s name no address: the test is broken", lang)
		}
	}
}
