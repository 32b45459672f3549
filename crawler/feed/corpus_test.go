package feed

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/needs"
)

// floors is how many files of feedparser's own tests must parse, of how many.
// What is missing is CDF (15 files), a format nobody writes any more, and what
// only a recovery of cut feeds would read.
var floors = map[string]struct{ parsed, of int }{
	"wellformed": {1734, 1749},
	"encoding":   {81, 82},
	"json":       {1, 1},
}

func TestFeedparsersOwnTestsParse(t *testing.T) {
	files := corpus(t)
	parsed, of := map[string]int{}, map[string]int{}
	for name, body := range files {
		dir := strings.Split(name, "/")[1]
		of[dir]++
		_, _, err := Parse(bytes.NewReader(body), Origin{URL: "http://127.0.0.1:8097/" + name, ContentType: saidHeader(body)})
		if err == nil {
			parsed[dir]++
		} else if path.Base(path.Dir(name)) != "cdf" {
			t.Logf("%s: %v", name, err)
		}
	}
	for dir, want := range floors {
		t.Logf("%s: %d of %d parse", dir, parsed[dir], of[dir])
		if of[dir] != want.of {
			t.Errorf("%s holds %d files, want %d", dir, of[dir], want.of)
		}
		if parsed[dir] < want.parsed {
			t.Errorf("%s: %d files parse, want at least %d", dir, parsed[dir], want.parsed)
		}
	}
}

// saidHeader is the Content-Type that a file of the corpus asks its server to send,
// written in a comment at its head.
func saidHeader(body []byte) string {
	for line := range strings.Lines(string(body[:min(len(body), 1024)])) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(strings.TrimSpace(key), "Content-Type") {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// corpus is every file of the shared feedparser archive by name.
func corpus(t *testing.T) map[string][]byte {
	packed, err := os.Open(filepath.Join(needs.Corpus(t, "../..", "feedparser"), "feedparser-tests.tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	unzipped, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			files[h.Name] = body
		}
	}
	if len(files) == 0 {
		t.Fatal("the corpus is empty")
	}
	return files
}
