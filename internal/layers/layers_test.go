package layers

import (
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/ouidire/ouidire/"
)

// imports reads which of our own packages each package imports, tests left out.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && (name == "testdata" || name == "tools" || strings.HasPrefix(name, ".") && path != root) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir, _ := filepath.Rel(root, filepath.Dir(path))
		dir = filepath.ToSlash(dir)
		found[dir] = append(found[dir], []string{}...)
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if ours, ok := strings.CutPrefix(imported, module); ok && !slices.Contains(found[dir], ours) {
				found[dir] = append(found[dir], ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("found %d packages: the walk is broken", len(found))
	}
	return found
}

func covers(door, pkg string) bool {
	below, deep := strings.CutSuffix(door, "...")
	if deep {
		return strings.HasPrefix(pkg, below)
	}
	return pkg == door
}

// mayImport tells whether the law lets from import to.
func mayImport(from, to string) bool {
	if slices.Contains(leaves, to) && !slices.Contains([]string{"mention", "internal/say", "internal/text"}, from) {
		return to != from
	}
	if strings.HasPrefix(from, to+"/") { // a kind, the folder above it
		return true
	}
	law := from
	for {
		if allowed, ok := doors[law]; ok {
			return slices.ContainsFunc(allowed, func(door string) bool { return covers(door, to) })
		}
		above := filepath.ToSlash(filepath.Dir(law))
		if above == "." {
			return false
		}
		law = above
	}
}

func TestArrowsPointTowardMention(t *testing.T) {
	all := imports(t)
	for _, from := range slices.Sorted(maps.Keys(all)) {
		for _, to := range all[from] {
			if !mayImport(from, to) {
				t.Errorf("%s imports %s: no door leads there (internal/layers/layers.go)", from, to)
			}
		}
	}
}

func TestTheLawRefusesWhatItShould(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"crawler/feed", "crawler", true},
		{"crawler/feed", "internal/polite", true},
		{"crawler/feed", "crawler/page", false},
		{"crawler/feed", "store", false},
		{"mention", "internal/say", false},
		{"analyzer", "store", false},
		{"watch", "alerting", false},
		{"alerting/rule/fresh", "alerting/rule/surge", false},
		{"alerting/rule/fresh", "store", true},
		{"alerting/rule/fresh", "store/local", false},
		{"store/local", "store", true},
		{"store/local", "store/state", false},
		{"store", "watch/query", true},
		{"web", "app", false},
		{"app", "crawler/feed", true},
		{"config", "crawler/feed", false},
	} {
		if got := mayImport(c.from, c.to); got != c.want {
			t.Errorf("%s -> %s: allowed %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

func TestEveryDoorLeadsSomewhere(t *testing.T) {
	for from := range doors {
		if _, err := os.Stat(filepath.Join(root, from)); err != nil {
			t.Errorf("the law speaks of %s, which does not exist", from)
		}
	}
}

// kindFolders are the folders each of whose sub-folders is a kind.
var kindFolders = []string{"crawler", "alerting/rule", "alerting/notify"}

func TestEveryKindsFolderHasItsLineInTheTable(t *testing.T) {
	table, err := os.ReadFile(filepath.Join(root, "app/kinds.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range kindFolders {
		kinds, err := os.ReadDir(filepath.Join(root, folder))
		if err != nil {
			t.Fatal(err)
		}
		var count int
		for _, kind := range kinds {
			if !kind.IsDir() || strings.HasSuffix(kind.Name(), "test") || kind.Name() == "testdata" {
				continue
			}
			count++
			path := folder + "/" + kind.Name()
			if !strings.Contains(string(table), `"`+module+path+`"`) {
				t.Errorf("%s has no line in app/kinds.go", path)
			}
			if _, err := os.Stat(filepath.Join(root, path, "example.yml")); err != nil {
				t.Errorf("%s has no example.yml", path)
			}
		}
		if count == 0 {
			t.Errorf("%s holds no kind", folder)
		}
	}
}
