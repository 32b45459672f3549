package slack

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/needs"
)

// judged is what the models of Slack's own package have against blocks, by name.
func judged(t *testing.T, blocks map[string]json.RawMessage) map[string][]string {
	t.Helper()
	python := needs.Server(t, "OUIDIRE_TEST_SLACK_SDK")
	return notifytest.Judge(t, exec.CommandContext(t.Context(), python, "testdata/judge.py"), blocks)
}

func TestTheModelsOfSlackKnowEveryBlock(t *testing.T) {
	s := &notifytest.Side{Behave: notifytest.Accepts, Take: func(w http.ResponseWriter, _ *http.Request, body []byte) notifytest.Got {
		var m struct{ Blocks json.RawMessage }
		if err := json.Unmarshal(body, &m); err != nil {
			t.Errorf("%v: %s", err, body)
		}
		_, _ = io.WriteString(w, "ok")
		return notifytest.Got{Raw: string(m.Blocks)}
	}}
	server := s.Serve(t)
	n, err := New(Config{URL: config.NewSecret(server.URL + "/services/T0/B0/" + notifytest.Secret)}, deps(server.Client(), nil))
	if err != nil {
		t.Fatal(err)
	}
	blocks := notifytest.Sent(t, n, s, "../..")
	for name, faults := range judged(t, blocks) {
		t.Errorf("%s: %s\n%s", name, strings.Join(faults, "; "), blocks[name])
	}
}

func TestTheModelsOfSlackSayWhatSlackRefuses(t *testing.T) {
	const right = `[{"type":"header","text":{"type":"plain_text","text":"Où?"}},{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"Là."}]}]},
		{"type":"actions","elements":[{"type":"button","text":{"type":"plain_text","text":"Ouvrir"},"url":"https://veille.caisse.example/"}]}]`
	blocks := map[string]json.RawMessage{"right": json.RawMessage(right)}
	for name, wrong := range map[string][2]string{
		"a header of 151 characters": {"Où?", strings.Repeat("é", 151)},
		"a button of 76":             {"Ouvrir", strings.Repeat("é", 76)},
		"an address of 3,001":        {"https://", "https://" + strings.Repeat("e", 3001)},
		"an unknown block":           {`"rich_text"`, `"texte"`},
		"an unknown piece":           {`{"type":"text"`, `{"type":"texte"`},
		"an unknown setting":         {`"url"`, `"adresse"`},
	} {
		blocks[name] = json.RawMessage(strings.Replace(right, wrong[0], wrong[1], 1))
	}
	faults := judged(t, blocks)
	for name := range blocks {
		if (len(faults[name]) == 0) != (name == "right") {
			t.Errorf("%s: it finds %q", name, faults[name])
		}
	}
}
