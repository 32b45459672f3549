package teams

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/internal/needs"
)

// judged is what Microsoft's own package has against cards, by name.
func judged(t *testing.T, cards map[string]json.RawMessage) map[string][]string {
	t.Helper()
	script := needs.Server(t, "OUIDIRE_TEST_ADAPTIVECARDS")
	return notifytest.Judge(t, exec.CommandContext(t.Context(), "node", "testdata/judge.js", script), cards)
}

func TestTheReaderOfMicrosoftUnderstandsEveryCard(t *testing.T) {
	s := &notifytest.Side{Behave: notifytest.Accepts, Take: func(w http.ResponseWriter, _ *http.Request, body []byte) notifytest.Got {
		var e struct {
			Attachments []struct{ Content json.RawMessage }
		}
		if err := json.Unmarshal(body, &e); err != nil || len(e.Attachments) != 1 {
			t.Errorf("%v: %s", err, body)
			return notifytest.Got{}
		}
		w.WriteHeader(http.StatusAccepted)
		return notifytest.Got{Raw: string(e.Attachments[0].Content)}
	}}
	cards := notifytest.Sent(t, to(t, s), s, "../..")
	for name, faults := range judged(t, cards) {
		t.Errorf("%s: %s\n%s", name, strings.Join(faults, "; "), cards[name])
	}
}

func TestTheReaderOfMicrosoftSaysWhatItDoesNotUnderstand(t *testing.T) {
	const right = `{"type":"AdaptiveCard","version":"1.4","body":[{"type":"RichTextBlock","spacing":"None","inlines":[{"type":"TextRun","text":"Où?"}]}]}`
	cards := map[string]json.RawMessage{"right": json.RawMessage(right)}
	for name, wrong := range map[string][2]string{
		"an unknown block":             {"RichTextBlock", "RicheTexte"},
		"an unknown value":             {`"None"`, `"Aucun"`},
		"an unknown setting":           {`"spacing"`, `"espacement"`},
		"an action that leads nowhere": {`"text":"Où?"`, `"text":"Où?","selectAction":{"type":"Action.OpenUrl"}`},
	} {
		cards[name] = json.RawMessage(strings.Replace(right, wrong[0], wrong[1], 1))
	}
	faults := judged(t, cards)
	for name := range cards {
		if (len(faults[name]) == 0) != (name == "right") {
			t.Errorf("%s: it finds %q", name, faults[name])
		}
	}
}
