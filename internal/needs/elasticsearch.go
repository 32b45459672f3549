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
	t.Run("8", func(t *testing.T) { test(t, Elasticsearch(t)) })
	onNext(t, "OUIDIRE_TEST_ES9_URL", func(t *testing.T, address string) { test(t, strings.TrimSuffix(address, "/")) })
}

// Secured is an Elasticsearch with TLS and passwords.
type Secured struct {
	Address, CA    string // CA is the PEM file that vouches for it
	User, Password string // of one who may do everything
}

// EachSecured is EachElasticsearch with the servers that have TLS and passwords.
func EachSecured(t *testing.T, test func(t *testing.T, s Secured)) {
	from := func(t *testing.T, prefix string) Secured {
		return Secured{Server(t, prefix+"_SECURE"), Server(t, prefix+"_CA"), Server(t, prefix+"_USER"), Server(t, prefix+"_PASSWORD")}
	}
	t.Run("8", func(t *testing.T) { test(t, from(t, "OUIDIRE_TEST_ES")) })
	onNext(t, "OUIDIRE_TEST_ES9_SECURE", func(t *testing.T, _ string) { test(t, from(t, "OUIDIRE_TEST_ES9")) })
}

// onNext runs a test on a server of the next generation, whose address a variable holds.
func onNext(t *testing.T, variable string, test func(t *testing.T, address string)) {
	if Soak() || os.Getenv(variable) != "" {
		t.Run("9", func(t *testing.T) { test(t, Server(t, variable)) })
	}
}
