package teams

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
)

// workflow reads a card as strictly as Teams does.
func workflow(t *testing.T, b notifytest.Behaviour) *notifytest.Side {
	return &notifytest.Side{Behave: b, Take: func(w http.ResponseWriter, _ *http.Request, body []byte) notifytest.Got {
		if len(body) > cardMost {
			t.Errorf("a card of %d bytes, want at most %d", len(body), cardMost)
		}
		var e envelope
		strict := json.NewDecoder(bytes.NewReader(body))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&e); err != nil || e.Type != "message" || len(e.Attachments) != 1 {
			t.Fatalf("%v: %s", err, body)
		}
		c := e.Attachments[0].Content
		var lines []string
		for _, b := range c.Body {
			line := ""
			for _, r := range b.Inlines {
				if b.Type != "RichTextBlock" || r.Type != "TextRun" || r.Text == "" {
					t.Errorf("block %+v", b)
				}
				line += r.Text
			}
			lines = append(lines, strings.TrimRight(line, " "))
		}
		for _, a := range c.Actions {
			if a.Type != "Action.OpenUrl" || a.URL == "" || a.Title == "" {
				t.Errorf("action %+v", a)
			}
		}
		w.WriteHeader(http.StatusAccepted)
		return notifytest.Got{Key: c.Body[0].ID, Subject: lines[0], Body: strings.Join(lines[1:], "\n")}
	}}
}

func TestTeamsPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{Limit: bodyMost, Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
		s := workflow(t, b)
		return to(t, s), s.Got
	}})
}

// to is a channel to a workflow.
func to(t *testing.T, s *notifytest.Side) *Notifier {
	t.Helper()
	server := s.Serve(t)
	n, err := New(Config{URL: config.NewSecret(server.URL + "/workflows/1/triggers/manual/paths/invoke?sig=" + notifytest.Secret)},
		alerting.Deps{HTTP: server.Client(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestACardIsThatOfThePublishedSchema(t *testing.T) {
	m := notifytest.Message()
	m.Key, m.Severity, m.Subject, m.Lang = "k1", alerting.Urgent, "Urgent : 34 commentaires", "fr-CA"
	m.Body = "Depuis 9 h 12.\n\nLire : https://echo.example/a?b=1.\n"
	got, err := json.MarshalIndent(write(m), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	want := `{
 "type": "message",
 "summary": "Urgent : 34 commentaires",
 "attachments": [
  {
   "contentType": "application/vnd.microsoft.card.adaptive",
   "contentUrl": null,
   "content": {
    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
    "type": "AdaptiveCard",
    "version": "1.4",
    "fallbackText": "Urgent : 34 commentaires",
    "body": [
     {"type": "RichTextBlock", "id": "k1", "inlines": [{"type": "TextRun", "text": "Urgent : 34 commentaires", "size": "Large", "weight": "Bolder", "color": "Attention"}]},
     {"type": "RichTextBlock", "spacing": "Medium", "inlines": [{"type": "TextRun", "text": "Depuis 9 h 12."}]},
     {"type": "RichTextBlock", "spacing": "Medium", "inlines": [{"type": "TextRun", "text": " "}]},
     {"type": "RichTextBlock", "spacing": "None", "inlines": [
      {"type": "TextRun", "text": "Lire : "},
      {"type": "TextRun", "text": "https://echo.example/a?b=1", "selectAction": {"type": "Action.OpenUrl", "url": "https://echo.example/a?b=1"}},
      {"type": "TextRun", "text": "."}]}
    ],
    "actions": [{"type": "Action.OpenUrl", "title": "Ouvrir dans ouidire", "url": "https://veille.caisse.example/situations/7q3k9incident"},
     {"type": "Action.OpenUrl", "title": "Je m’en occupe", "url": "https://veille.caisse.example/act/passe?do=acknowledge"},
     {"type": "Action.OpenUrl", "title": "Fausse alerte", "url": "https://veille.caisse.example/act/passe?do=false_alarm"}],
    "msteams": {"width": "Full"}
   }
  }
 ]
}`
	if diff := cmp.Diff(object(t, want), object(t, string(got))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func object(t *testing.T, s string) (o map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(s), &o); err != nil {
		t.Fatal(err)
	}
	return o
}
