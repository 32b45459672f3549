package elastic

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/internal/say"
)

func TestEachRefusalForGoodHasAMeaningInBothLanguages(t *testing.T) {
	for _, sort := range hopeless {
		o := obituary{place: "ouidire-mentions-2026-11", sort: sort}
		for l, want := range map[say.Lang]string{say.English: "send this again", say.FrenchCanada: "renvoyez-la", say.FrenchFrance: "renvoyez-la"} {
			if said := say.Explain(o.meaning(), l); !strings.Contains(said, want) || !strings.Contains(said, o.place) || strings.Contains(said, "%!") {
				t.Errorf("%s in %s: %s", sort, l, said)
			}
		}
	}
}

func TestWhatARefusalIsCalledComesFromWhoRefused(t *testing.T) {
	for _, c := range []struct {
		why  error
		want string
		says string
	}{
		{&refused{Status: 400, Type: "document_parsing_exception"}, "document_parsing_exception", "another kind"},
		{&refused{Status: 400, Type: "l’œuvre"}, "l’œuvre", "as that index is set"},
		{&stranger{Status: http.StatusRequestEntityTooLarge}, tooLarge, "http.max_content_length"},
		{&refused{Status: http.StatusRequestEntityTooLarge}, tooLarge, "http.max_content_length"},
		{errors.New("illisible"), unread, "cannot be read"},
	} {
		o := obituaryOf(&errand{why: c.why, writes: []write{{action: "create", index: "ouidire-mentions-2026-11"}, {action: "delete", index: "ouidire-unclaimed-2026-w47"}}})
		said := say.Explain(o.meaning(), say.English)
		if o.sort != c.want || o.place != "ouidire-mentions-2026-11" || !strings.Contains(said, c.says) {
			t.Errorf("%v is called %s at %s, want %s: %s", c.why, o.sort, o.place, c.want, said)
		}
	}
}

func TestARequestThatFailedIsCountedUnderAWordOfAClosedSet(t *testing.T) {
	for want, err := range map[string]error{
		"":            nil,
		"unreachable": errors.New("connection refused"),
		"busy":        &refused{Status: http.StatusTooManyRequests},
		"too_large":   &stranger{Status: http.StatusRequestEntityTooLarge},
		"refused":     &refused{Status: http.StatusForbidden},
	} {
		if got := (Sent{Err: err}).Failed(); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}
