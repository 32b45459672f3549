// Package needs says what a test needs from outside the repository: a real
// server that tools/with-servers started, or the shared corpora. Without it the
// test skips, loudly; with CI=true a missing server is a failure.
package needs

import (
	"os"
	"path/filepath"
	"testing"
)

// Server gives the value of a variable that tools/with-servers sets.
func Server(t testing.TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		Missing(t, "%s is not set; run make test, or tools/with-servers go test", variable)
	}
	return value
}

// Missing ends a test that proves nothing without what is not there: with CI=true it has failed.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("missing: "+format, args...)
	}
	t.Skipf("SKIPPED: "+format, args...)
}

// Corpus gives the folder of a shared corpus: $OUIDIRE_SHARED/corpora/name, by
// default beside the repository, of which root is the relative path.
func Corpus(t testing.TB, root, name string) string {
	t.Helper()
	shared := os.Getenv("OUIDIRE_SHARED")
	if shared == "" {
		shared = filepath.Join(root, "..", "shared")
	}
	path := filepath.Join(shared, "corpora", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: no corpus at %s; set OUIDIRE_SHARED to the folder that holds corpora/", path)
	}
	return path
}

// Soak tells whether the long twin of a test is asked for (make soak).
func Soak() bool { return os.Getenv("OUIDIRE_SOAK") != "" }
