package slack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/alerting/notifytest"
	"github.com/ouidire/ouidire/config"
)

// memory keeps settings for a test.
type memory struct {
	mu  sync.Mutex
	all map[string][]byte
	bad error
}

func (m *memory) Get(_ context.Context, key string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	value, ok := m.all[key]
	return value, ok, nil
}

func (m *memory) Set(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.bad != nil {
		return m.bad
	}
	if m.all == nil {
		m.all = map[string][]byte{}
	}
	m.all[key] = value
	return nil
}

// parse reads a payload as strictly as Slack does: unknown fields, what is empty and
// what is too long are refused.
func parse(t *testing.T, body []byte) (m message, got notifytest.Got) {
	t.Helper()
	strict := json.NewDecoder(bytes.NewReader(body))
	strict.DisallowUnknownFields()
	if err := strict.Decode(&m); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if len(m.Blocks) < 2 || m.Blocks[0].Type != "header" || m.Blocks[1].Type != "rich_text" {
		t.Fatalf("blocks: %s", body)
	}
	header := m.Blocks[0]
	if n := utf8.RuneCountInString(header.Text.Text); header.Text.Type != "plain_text" || n == 0 || n > 150 || len(header.ID) > 255 {
		t.Errorf("header %+v", header)
	}
	if strings.ContainsAny(m.Text, "<>") {
		t.Errorf("the text that Slack reads for commands has one: %q", m.Text)
	}
	var words strings.Builder
	for _, section := range m.Blocks[1].Elements {
		for _, e := range section.Elements {
			s, _ := e.Text.(string)
			if s == "" || e.Type == "link" && e.URL != s || e.Type != "link" && (e.Type != "text" || e.URL != "") {
				t.Errorf("element %+v", e)
			}
			words.WriteString(s)
		}
	}
	for _, b := range m.Blocks[2:] {
		button := b.Elements[0]
		if b.Type != "actions" || button.Type != "button" || button.URL == "" || len(button.URL) > 3000 {
			t.Errorf("block %+v", b)
		}
	}
	return m, notifytest.Got{Key: header.ID, Subject: header.Text.Text, Body: words.String()}
}

func deps(c *http.Client, keep alerting.Settings) alerting.Deps {
	return alerting.Deps{HTTP: c, Now: time.Now, Log: slog.New(slog.DiscardHandler), Keep: keep}
}

func TestAWebhookOfSlackPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{Limit: bodyMost, Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
		s := &notifytest.Side{Behave: b, Take: func(w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
			_, got := parse(t, body)
			_, _ = io.WriteString(w, "ok")
			return got
		}}
		server := s.Serve(t)
		n, err := New(Config{URL: config.NewSecret(server.URL + "/services/T0/B0/" + notifytest.Secret)}, deps(server.Client(), nil))
		if err != nil {
			t.Fatal(err)
		}
		return n, s.Got
	}})
}

// workspace is a Slack with one channel, as far as an app needs it.
type workspace struct {
	t     *testing.T
	mu    sync.Mutex
	posts []message // in order; At is what Slack calls them
}

func (ws *workspace) take(w http.ResponseWriter, r *http.Request, body []byte) notifytest.Got {
	m, got := parse(ws.t, body)
	if r.Header.Get("Authorization") != "Bearer "+notifytest.Secret[:6] || m.Channel != "C01MOYACS" {
		ws.t.Errorf("token %q, channel %q", r.Header.Get("Authorization"), m.Channel)
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	switch r.URL.Path {
	case "/chat.postMessage":
		if m.Thread != "" && !slices.ContainsFunc(ws.posts, func(p message) bool { return p.At == m.Thread }) {
			no(w, "thread_not_found")
			return got
		}
		m.At = fmt.Sprintf("1764000000.%06d", len(ws.posts))
		ws.posts = append(ws.posts, m)
		fmt.Fprintf(w, `{"ok":true,"channel":"C01MOYACS","ts":%q,"message":{}}`, m.At)
	case "/chat.update":
		i := slices.IndexFunc(ws.posts, func(p message) bool { return p.At == m.At })
		if i < 0 {
			no(w, "message_not_found")
			return got
		}
		ws.posts[i].Blocks = m.Blocks
		fmt.Fprintf(w, `{"ok":true,"ts":%q}`, m.At)
	default:
		ws.t.Errorf("asked for %s", r.URL.Path)
	}
	return got
}

func no(w http.ResponseWriter, code string) { fmt.Fprintf(w, `{"ok":false,"error":%q}`, code) }

// bot is an app in a workspace.
func bot(t *testing.T, b notifytest.Behaviour, keep alerting.Settings) (*Notifier, *workspace, *notifytest.Side) {
	ws := &workspace{t: t}
	s := &notifytest.Side{Behave: b, Take: ws.take, Says: map[notifytest.Behaviour]http.HandlerFunc{
		notifytest.Refuses:          func(w http.ResponseWriter, _ *http.Request) { no(w, "is_archived") },
		notifytest.Fails:            func(w http.ResponseWriter, _ *http.Request) { no(w, "internal_error") },
		notifytest.BusyNoHint:       func(w http.ResponseWriter, _ *http.Request) { no(w, "ratelimited") },
		notifytest.WrongCredentials: func(w http.ResponseWriter, _ *http.Request) { no(w, "invalid_auth") },
	}}
	server := s.Serve(t)
	n, err := New(Config{Token: config.NewSecret(notifytest.Secret[:6]), Conversation: "C01MOYACS"}, deps(server.Client(), keep))
	if err != nil {
		t.Fatal(err)
	}
	n.api = server.URL
	return n, ws, s
}

func TestAnAppOfSlackPassesTheBattery(t *testing.T) {
	notifytest.Run(t, notifytest.Kind{Limit: bodyMost, Doubles: true, Start: func(t *testing.T, b notifytest.Behaviour) (alerting.Notifier, func() []notifytest.Got) {
		n, _, s := bot(t, b, &memory{})
		return n, s.Got
	}})
}

func told(seq int, subject string, s alerting.Severity) alerting.Message {
	m := notifytest.Message()
	m.Seq, m.Key, m.Subject, m.Severity = seq, strings.Repeat(fmt.Sprint(seq), 64), subject, s
	return m
}

func TestOneSituationIsOneThreadAlsoAfterARestart(t *testing.T) {
	keep := &memory{}
	n, ws, _ := bot(t, notifytest.Accepts, keep)
	again, err := New(n.config, n.deps)
	if err != nil {
		t.Fatal(err)
	}
	again.api = n.api
	end := told(3, "La vague est passée", alerting.Watch)
	end.Over = true
	other := told(9, "Nouvelle : l’été", alerting.Inform)
	other.Incident = "une autre"
	for _, step := range []struct {
		by *Notifier
		m  alerting.Message
	}{
		{n, told(1, "À surveiller : 12 commentaires", alerting.Watch)}, {n, told(2, "Urgent : 34 commentaires", alerting.Urgent)},
		{again, told(2, "Urgent : 34 commentaires", alerting.Urgent)}, {n, other}, {again, end},
	} {
		if err := step.by.Notify(t.Context(), step.m); err != nil {
			t.Fatal(err)
		}
	}
	if len(ws.posts) != 4 {
		t.Fatalf("%d posts, want 4: a repeated one is written once", len(ws.posts))
	}
	root, urgent, another, over := ws.posts[0], ws.posts[1], ws.posts[2], ws.posts[3]
	if urgent.Thread != root.At || over.Thread != root.At || root.Thread != "" || another.Thread != "" {
		t.Errorf("threads %q, %q and %q of %q and %q", urgent.Thread, over.Thread, another.Thread, root.At, root.Thread)
	}
	if !urgent.Broadcast || over.Broadcast {
		t.Errorf("what is urgent is shown in the channel: %v; its end: %v", urgent.Broadcast, over.Broadcast)
	}
	if title := root.Blocks[0].Text.Text; title != "La vague est passée" {
		t.Errorf("the first message still says %q", title)
	}
}

func TestAThreadThatSomebodyRemovedBeginsAnew(t *testing.T) {
	n, ws, _ := bot(t, notifytest.Accepts, &memory{})
	if err := n.Notify(t.Context(), told(1, "Un", alerting.Watch)); err != nil {
		t.Fatal(err)
	}
	ws.posts = nil
	for seq := 2; seq < 4; seq++ {
		if err := n.Notify(t.Context(), told(seq, "La suite", alerting.Watch)); err != nil {
			t.Fatal(err)
		}
	}
	if len(ws.posts) != 2 || ws.posts[0].Thread != "" || ws.posts[1].Thread != ws.posts[0].At {
		t.Errorf("posts %+v", ws.posts)
	}
}

func TestAThreadThatCannotBeRememberedIsNoReasonToTellTwice(t *testing.T) {
	n, ws, _ := bot(t, notifytest.Accepts, &memory{bad: io.ErrShortWrite})
	if err := n.Notify(t.Context(), told(1, "Un", alerting.Watch)); err != nil || len(ws.posts) != 1 {
		t.Errorf("%d posts, %v", len(ws.posts), err)
	}
}

func TestOldThreadsAreForgotten(t *testing.T) {
	keep := &memory{}
	kept := &threads{keep: keep, key: "k"}
	now := time.Date(2026, 11, 20, 14, 0, 0, 0, time.UTC)
	full, err := json.Marshal(make([]thread, threadsMost))
	if err != nil || keep.Set(t.Context(), "k", bytes.ReplaceAll(full, []byte("0001-01-01"), []byte("2026-11-20"))) != nil {
		t.Fatal(err)
	}
	if err := kept.remember(t.Context(), thread{Incident: "un", Seen: now}); err != nil {
		t.Fatal(err)
	}
	if all, _ := kept.load(t.Context()); len(all) != threadsMost || all[threadsMost-1].Incident != "un" {
		t.Errorf("%d kept, the last is %s", len(all), all[len(all)-1].Incident)
	}
	if err := kept.remember(t.Context(), thread{Incident: "neuf", Seen: now.Add(keptFor + time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if all, _ := kept.load(t.Context()); len(all) != 1 {
		t.Errorf("%d kept after two months, want 1", len(all))
	}
}

func TestOnlyDocumentedCodesAreRepeated(t *testing.T) {
	for code, want := range map[string]string{
		"not_in_channel":           "uninvited: chat.postMessage: not_in_channel",
		"xoxb-1234-" + "un-secret": "refused: chat.postMessage was not taken",
		"":                         "refused: chat.postMessage was not taken",
	} {
		if err := refusal("chat.postMessage", code); err.Error() != want || !alerting.IsPermanent(err) {
			t.Errorf("%q: %v, want %q, for ever", code, err, want)
		}
	}
}

func TestTheSettingsOfSlackAreOneWayOrTheOther(t *testing.T) {
	url, token := config.NewSecret("https://hooks.slack.example/services/T0/B0/x"), config.NewSecret("xoxb-1")
	for name, c := range map[string]struct {
		config Config
		want   int
	}{
		"a webhook":               {Config{URL: url}, 0},
		"an app":                  {Config{Token: token, Conversation: "C01"}, 0},
		"neither":                 {Config{}, 1},
		"both":                    {Config{URL: url, Token: token, Conversation: "C01"}, 1},
		"a token alone":           {Config{Token: token}, 1},
		"an address that is none": {Config{URL: config.NewSecret("hooks.slack.example")}, 1},
	} {
		if got := c.config.Check(); len(got) != c.want {
			t.Errorf("%s: %v, want %d problems", name, got, c.want)
		}
	}
	n, err := New(Config{URL: url}, deps(http.DefaultClient, nil))
	if err != nil || strings.Contains(n.Recipients(), "T0") || !strings.Contains(n.Recipients(), "hooks.slack.example") {
		t.Errorf("recipients %q, %v", n.Recipients(), err)
	}
}
