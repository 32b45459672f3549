package web

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/dashboards"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

// into finds the links of boards into the page, alone or in a text.
var into = regexp.MustCompile(`\$\{ouidire_url\}(/[^)]*)`)

func TestTheLinksOfTheBoardsLeadToPagesThatExist(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	some, _, err := h.store.Search(t.Context(), store.Question{}, 1, "")
	if err != nil || len(some) == 0 {
		t.Fatal(some, err)
	}
	filled := strings.NewReplacer(`${__data.fields["_id"]:percentencode}`, some[0].ID, `${__field.labels.watch}`, "caisse")
	for _, l := range []say.Lang{say.FrenchCanada, say.English} {
		boards, err := dashboards.Boards(l, "http://127.0.0.1:8080")
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, b := range boards {
			var board any
			if err := json.Unmarshal(b.JSON, &board); err != nil {
				t.Fatal(err)
			}
			eachText(board, func(text string) {
				for _, link := range into.FindAllStringSubmatch(text, -1) {
					seen[filled.Replace(link[1])] = true
				}
			})
		}
		for address := range seen {
			if w := h.ask("GET", address, nil); w.Code != http.StatusOK {
				t.Errorf("a board in %s leads to %s: status %d", l, address, w.Code)
			}
		}
		if len(seen) < 8 {
			t.Errorf("the boards in %s lead to %d pages: the test is broken", l, len(seen))
		}
	}
}

// eachText hands over every text in a JSON value.
func eachText(value any, found func(string)) {
	switch v := value.(type) {
	case string:
		found(v)
	case []any:
		for _, one := range v {
			eachText(one, found)
		}
	case map[string]any:
		for _, one := range v {
			eachText(one, found)
		}
	}
}
