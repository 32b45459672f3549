package elastic

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestWhatWasNotRefreshedWhereItStandsCannotBeFoundYet(t *testing.T) {
	for _, c := range []struct {
		name                      string
		total, successful, failed int
		active, astray            int // primaries and copies that stand somewhere, primaries that do not; -1 when nobody needs to ask
		found                     bool
	}{
		{"every shard", 2, 2, 0, -1, -1, true},
		{"no index is left", 0, 0, 0, -1, -1, true},
		{"copies that stand nowhere, as on one node", 4, 2, 0, 2, 0, true},
		{"a shard failed", 2, 1, 1, 2, 0, false},
		{"a shard failed, and a copy stands nowhere", 2, 1, 1, 1, 0, false},
		{"a primary stands nowhere", 2, 1, 0, 1, 1, false},
		{"as many as there are primaries, and one stands nowhere", 4, 2, 0, 2, 1, false},
		{"a copy came meanwhile", 2, 1, 0, 2, 0, false},
	} {
		server := httptest.NewServer(stage{
			"POST /essai/_refresh": func(w http.ResponseWriter) {
				says(w, http.StatusOK, object{"_shards": object{"total": c.total, "successful": c.successful, "failed": c.failed}})
			},
			"GET /_cluster/health/essai": func(w http.ResponseWriter) {
				if c.active < 0 {
					t.Errorf("%s: nobody needs to ask how the indices do", c.name)
				}
				says(w, http.StatusOK, object{"status": "red", "active_shards": c.active, "unassigned_primary_shards": c.astray})
			},
		})
		config := Default()
		config.Addresses = []string{server.URL}
		client, err := newClient(config)
		if err != nil {
			t.Fatal(err)
		}
		if err := (&Store{client: client}).refresh(t.Context(), []string{"essai"}); (err == nil) != c.found {
			t.Errorf("%s: %v, want it found: %v", c.name, err, c.found)
		}
		client.close()
		server.Close()
	}
}
