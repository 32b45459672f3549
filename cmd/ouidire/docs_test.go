package main

import (
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/ouidire/ouidire/app"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/watch/query"
)

// blocks finds what documents show to be typed or written, with its language.
var blocks = regexp.MustCompile("(?ms)^```([a-z]+)\n(.*?)^```$")

// shown is each block of a language that the documents show, with the name of its file.
func shown(t *testing.T, language string, f func(t *testing.T, block string)) {
	t.Helper()
	found, err := filepath.Glob("../../docs/*/*.md")
	if err != nil || len(found) == 0 {
		t.Fatalf("no document: %v", err)
	}
	runbooks, err := filepath.Glob("../../docs/*/runbooks/*.md")
	if err != nil || len(runbooks) == 0 {
		t.Fatalf("no runbook: %v", err)
	}
	seen := 0
	for _, path := range append(append(found, runbooks...), "../../README.md", "../../docs/command.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range blocks.FindAllStringSubmatch(string(text), -1) {
			if block[1] == language {
				seen++
				t.Run(path, func(t *testing.T) { f(t, block[2]) })
			}
		}
	}
	if seen < 4 {
		t.Errorf("found %d blocks of %s: the test is broken", seen, language)
	}
}

// wordsOf cuts a line of a shell into its words, less a comment.
var shellWord = regexp.MustCompile(`"[^"]*"|'[^']*'|[^\s"']+`)

func wordsOf(line string) (all []string) {
	for _, word := range shellWord.FindAllString(line, -1) {
		if strings.HasPrefix(word, "#") {
			break
		}
		all = append(all, strings.Trim(word, `"'`))
	}
	return all
}

func TestEveryCommandThatTheDocumentsShowIsUnderstood(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	shown(t, "sh", func(t *testing.T, block string) {
		for line := range strings.Lines(strings.ReplaceAll(block, "\\\n", " ")) {
			line = strings.TrimPrefix(strings.TrimSpace(line), "go run ./cmd/")
			words := wordsOf(strings.TrimPrefix(line, "./"))
			switch {
			case len(words) == 0:
			case words[0] == "make" && len(words) == 2:
				if !strings.Contains(string(makefile), "\n"+words[1]+":") {
					t.Errorf("%s: there is no such target", line)
				}
			case words[0] == "ouidire":
				if err := understood(words[1:]); err != nil {
					t.Errorf("%s: %v", line, err)
				}
			default:
				t.Errorf("%s: this test knows no such command", line)
			}
		}
	})
}

// understood reads a command line and does nothing of what it says.
func understood(args []string) error {
	var line cli
	parser, err := kong.New(&line, kong.Name("ouidire"), helpWords(say.English))
	if err != nil {
		return err
	}
	_, err = parser.Parse(args)
	return err
}

func TestACommandThatNobodyUnderstandsIsCaught(t *testing.T) {
	for _, args := range [][]string{{"watch"}, {"backup"}, {"init", "--nom", "Caisse Valtisse"}, {"run", "now"}} {
		if understood(args) == nil {
			t.Errorf("%q is understood", args)
		}
	}
}

func TestEveryConfigurationThatTheDocumentsShowIsAccepted(t *testing.T) {
	const around = "organisation: {name: Caisse Valtisse}\nwatches: [{name: caisse, query: valtisse}]\n"
	environment := func(string) (string, bool) { return "l’Anse-aux-Moyacs", true }
	folder := t.TempDir()
	anybody := httptest.NewTLSServer(nil)
	defer anybody.Close()
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: anybody.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(folder, "elastic-ca.pem"), certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	shown(t, "yaml", func(t *testing.T, block string) {
		if !strings.Contains(block, "organisation:") {
			block = around + block
		}
		if _, err := config.Parse(filepath.Join(folder, "ouidire.yml"), []byte(block), environment, app.Kinds()); err != nil {
			t.Errorf("%v\n%s", err, block)
		}
	})
}

// searched finds the first column of a table of operators.
var searched = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")

func TestEverySearchThatTheDocumentsShowIsUnderstood(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		text, err := os.ReadFile("../../docs/" + lang + "/search.md")
		if err != nil {
			t.Fatal(err)
		}
		rows := searched.FindAllStringSubmatch(string(text), -1)
		if len(rows) < 10 {
			t.Errorf("found %d rows of operators in %s: the test is broken", len(rows), lang)
		}
		for _, row := range rows {
			for _, search := range regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(row[1], -1) {
				if _, err := query.Parse(search[1]); err != nil {
					t.Errorf("%s: %v", search[1], err)
				}
			}
		}
	}
}

func TestEveryMetricThatTheDocumentsNameIsDefined(t *testing.T) {
	var defined strings.Builder
	for _, file := range []string{"metrics.go", "live.go"} {
		text, err := os.ReadFile("../../dashboards/" + file)
		if err != nil {
			t.Fatal(err)
		}
		defined.Write(text)
	}
	found, err := filepath.Glob("../../docs/*/operations.md")
	more, err2 := filepath.Glob("../../docs/*/elasticsearch.md")
	if found = append(found, more...); errors.Join(err, err2) != nil || len(found) != 4 {
		t.Fatalf("%d documents for those who operate: %v, %v", len(found), err, err2)
	}
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		named := regexp.MustCompile("`(ouidire_[a-z_]+)`").FindAllStringSubmatch(string(text), -1)
		if len(named) == 0 {
			t.Errorf("%s names no metric: the test is broken", path)
		}
		for _, name := range named {
			if !strings.Contains(defined.String(), `"`+name[1]+`"`) {
				t.Errorf("%s names %s, which is not defined", path, name[1])
			}
		}
	}
}
