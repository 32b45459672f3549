package layers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// links finds links and pictures, less what comes after #; folders finds what is written as a folder or file of ours.
var (
	links   = regexp.MustCompile(`(?:\]\(|src=")([^)#"]+)[)#"]`)
	folders = regexp.MustCompile("`((?:[a-z]+/)+[a-z_.]*)`")
)

func TestEveryPathThatTheDocumentsNameExists(t *testing.T) {
	documents := []string{"README.md", "CHANGELOG.md"}
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md", "docs/*/runbooks/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no document matches %s: %v", pattern, err)
		}
		for _, path := range found {
			relative, _ := filepath.Rel(root, path)
			documents = append(documents, relative)
		}
	}
	for _, document := range documents {
		text, err := os.ReadFile(filepath.Join(root, document))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range links.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(match[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(document), match[1])); err != nil {
				t.Errorf("%s links to %s, which does not exist", document, match[1])
			}
		}
		if filepath.Dir(document) != "docs" && document != "README.md" {
			continue
		}
		for _, match := range folders.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join(root, match[1])); err != nil {
				t.Errorf("%s names %s, which does not exist", document, match[1])
			}
		}
	}
}
