package needs

import (
	"os"
	"strings"
	"testing"
)

// Elasticsearch is the address of the server of the tests: of the oldest version that
// we work with.
func Elasticsearch(t testing.TB) string {
	t.Helper()
	return strings.TrimSuffix(Server(t, "OUIDIRE_TEST_ES_URL"), "/")
}

// EachElasticsearch runs a test on that server and, where it was started, which make soak
// demands, on one of the next generation: there we speak as with the older.
func EachElasticsearch(t *testing.T, test func(t *testing.T, address string)) {
	const next = "OUIDIRE_TEST_ES9_URL"
	t.Run("8", func(t *testing.T) { test(t, Elasticsearch(t)) })
	if Soak() || os.Getenv(next) != "" {
		t.Run("9", func(t *testing.T) { test(t, strings.TrimSuffix(Server(t, next), "/")) })
	}
}
