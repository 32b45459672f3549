package mattermost

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
)

// opened finds an address that a reader can open.
var opened = regexp.MustCompile(`<(https?://[^<>]+)>`)

// shown is what a reader sees of Markdown without any mark that acts.
func shown(s string) string {
	s = opened.ReplaceAllString(s, "$1")
	s = regexp.MustCompile("\\\\([!-/:-@[-`{-~])").ReplaceAllString(s, "$1")
	return strings.ReplaceAll(s, silencer, "")
}

// acting finds a mark that Markdown would obey.
var acting = regexp.MustCompile("(^|[^\\\\])[`*_\\[\\]#~<>|$&]")

func team(t *testing.T, b notifytest.Behaviour, seen func(post)) *notifytest.Side {
	return &notifytest.Side{Behave: b, Take: func(w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
		var p post
		strict := json.NewDecoder(bytes.NewReader(body))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&p); err != nil || utf8.RuneCountInString(p.Text) > 16_383 {
			t.Fatalf("%d characters, %v", utf8.RuneCountInString(p.Text), err)
		}
		if seen != nil {
			seen(p)
		}
		subject, rest, _ := strings.Cut(strings.TrimPrefix(p.Text, "**"), "**\n\n")
		at := strings.LastIndex(rest, "\n\n[")
		for _, line := range strings.Split(subject+"\n"+rest[:at], "\n") {
			if mark := acting.FindString(opened.ReplaceAllString(line, "")); mark != "" {
				t.Errorf("%q acts in %q", mark, line)
			}
		}
		_, _ = io.WriteString(w, "ok")
		return notifytest.Got{Key: p.Props["ouidire_key"], Subject: shown(subject), Body: shown(rest[:at]), Raw: p.Text}
	}}
}

func channel(t *testing.T, s *notifytest.Side, conversation string) *Notifier {
	server := s.Serve(t)
	n, err := New(Config{URL: config.NewSecret(server.URL + "/hooks/" + notifytest.Secret), Conversation: conversation},
		alerting.Deps{HTTP: server.Client(), Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMattermostPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{
		Limit: bodyMost, Never: []string{"@channel", "@all", "@here", "@everyone", "**gras**", "[gagnez]"},
		Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
			s := team(t, b, nil)
			return channel(t, s, ""), s.Got
		},
	})
}

func TestAnUrgentPostSaysSoAndGoesWhereItIsAskedTo(t *testing.T) {
	var got []post
	n := channel(t, team(t, notifytest.Accepts, func(p post) { got = append(got, p) }), "relations-publiques")
	m := notifytest.Message()
	m.Severity = alerting.Urgent
	for _, m.Over = range []bool{false, true} {
		if err := n.Notify(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if got[0].Priority == nil || got[0].Priority.Priority != "urgent" || got[1].Priority != nil || got[0].Channel != "relations-publiques" {
		t.Errorf("got %+v", got)
	}
}

func TestOnlyAnAddressCanBeOpened(t *testing.T) {
	const line = "Lire : https://echo.example/a_b*c?d=1, puis <b>@all</b>"
	if got, want := marked(line), "Lire \\: <https://echo.example/a_b*c?d=1>, puis \\<b\\>@\u2060all\\<\\/b\\>"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := shown(marked(line)); got != line {
		t.Errorf("a reader sees %s", got)
	}
}
