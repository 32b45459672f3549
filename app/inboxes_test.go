package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/store/state"
)

// inboxes are the other sides of every kind of channel but the log, as their services
// publish how to reach them. They fail at random: refuse for now, ask for patience, hang
// up before they took a message, or after.
type inboxes struct {
	*testing.T
	fails  float64
	server *httptest.Server
	post   *postOffice

	mu   sync.Mutex
	keys map[string][]string // by which a channel tells a double, of what it took
	lost int                 // taken, and the answer did not arrive
	work workspace
}

func newInboxes(t *testing.T, fails float64) *inboxes {
	b := &inboxes{T: t, fails: fails, keys: map[string][]string{}}
	b.server = httptest.NewServer(b)
	b.post = newPostOffice(t)
	b.post.fate = b.fate
	b.post.took = func(letter string) { b.takeLetter(letter) }
	t.Cleanup(b.server.Close)
	return b
}

// channels are the lines of a configuration that lead here.
func (b *inboxes) channels() string {
	host, port, _ := strings.Cut(b.post.Addr().String(), ":")
	return fmt.Sprintf(`  - {name: slack, kind: slack, url: "%[1]s/slack"}
  - {name: appli, kind: slack, token: xoxb-essai, conversation: C01MOYACS}
  - {name: teams, kind: teams, url: "%[1]s/teams"}
  - {name: ntfy, kind: ntfy, url: "%[1]s", topic: veille}
  - {name: mattermost, kind: mattermost, url: "%[1]s/mattermost"}
  - {name: alertmanager, kind: alertmanager, url: "%[1]s/alertmanager"}
  - {name: gotify, kind: shoutrrr, url: "gotify://%[4]s/gotify/AbCdEfGhIjKlMnO?disabletls=yes"}
  - {name: courriel, kind: email, host: %[2]s, port: %[3]s, security: none, from: veille@caisse.example, to: [equipe@caisse.example]}
`, b.server.URL, host, port, b.server.Listener.Addr())
}

// outcome is what becomes of a message.
type outcome int

const (
	accepts outcome = iota
	broken
	busy
	hangsUp
	losesAnswer // it takes the message, then hangs up
)

// fate draws what becomes of the next message.
func (b *inboxes) fate() outcome {
	if rand.Float64() >= b.fails {
		return accepts
	}
	return broken + outcome(rand.IntN(int(losesAnswer)))
}

// ServeHTTP implements http.Handler.
func (b *inboxes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // its sender was killed
	}
	switch what := b.fate(); what {
	case broken:
		w.WriteHeader(http.StatusBadGateway)
	case busy:
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
	case hangsUp:
		panic(http.ErrAbortHandler)
	default:
		b.mu.Lock()
		defer b.mu.Unlock()
		if method, ok := strings.CutPrefix(r.URL.Path, "/api/"); ok {
			_, _ = io.WriteString(w, b.work.call(b, method, body, what))
			return
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		if name == "" {
			name = "ntfy"
		}
		b.take(name, keyOf(name, r.Header, body), what)
		_, _ = io.WriteString(w, `{"id": 1}`)
	}
}

// keyOf is by what a channel tells a double: for a service that has no place for a key,
// the words themselves.
func keyOf(name string, header http.Header, body []byte) string {
	var slack slackMessage
	var mattermost struct {
		Props map[string]string `json:"props"`
	}
	var alerts []struct{ Annotations map[string]string }
	var gotify struct{ Title, Message string }
	switch name {
	case "slack":
		_ = json.Unmarshal(body, &slack)
		return slack.key()
	case "mattermost":
		_ = json.Unmarshal(body, &mattermost)
		return mattermost.Props["ouidire_key"]
	case "alertmanager":
		if json.Unmarshal(body, &alerts) == nil && len(alerts) > 0 {
			return alerts[0].Annotations["key"]
		}
	case "gotify":
		_ = json.Unmarshal(body, &gotify)
		return gotify.Title + "\n" + gotify.Message
	case "teams", "ntfy":
		return header.Get("Idempotency-Key")
	}
	return ""
}

// take notes a message; one whose answer is lost hangs up. The caller holds mu.
func (b *inboxes) take(name, key string, what outcome) {
	if key == "" {
		b.Errorf("%s took a message without a key", name)
	}
	b.keys[name] = append(b.keys[name], key)
	if what == losesAnswer {
		b.lost++
		panic(http.ErrAbortHandler)
	}
}

// takeLetter notes an e-mail: half of its key stands in it.
func (b *inboxes) takeLetter(letter string) {
	m, err := mail.ReadMessage(strings.NewReader(letter))
	if err != nil {
		b.Errorf("read a letter: %v", err)
		return
	}
	key, _, _ := strings.Cut(strings.TrimPrefix(m.Header.Get("Message-Id"), "<"), "@")
	b.mu.Lock()
	defer b.mu.Unlock()
	b.take("courriel", key, accepts)
}

// slackMessage is what an app and a webhook send to Slack, as far as it is looked at.
type slackMessage struct {
	Channel string
	Blocks  []struct {
		ID string `json:"block_id"`
	}
	words  string
	At     string `json:"ts"`
	Thread string `json:"thread_ts"`
}

func (m slackMessage) key() string {
	if len(m.Blocks) == 0 {
		return ""
	}
	return m.Blocks[0].ID
}

// workspace is what an app has written into one conversation of Slack.
type workspace struct {
	posts   []slackMessage
	updates int
}

// posted tells whether people have read in the conversation about a figure.
func (b *inboxes) posted(figure string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.work.posts, func(m slackMessage) bool { return strings.Contains(m.words, " "+figure+" comptoirs") })
}

// call is the Web API.
func (s *workspace) call(b *inboxes, method string, body []byte, what outcome) (answer string) {
	var m slackMessage
	if err := json.Unmarshal(body, &m); err != nil || m.Channel != "C01MOYACS" {
		b.Errorf("an app sent %s (%v)", body, err)
	}
	known := func(at string) bool {
		return slices.ContainsFunc(s.posts, func(p slackMessage) bool { return p.At == at })
	}
	switch {
	case method == "chat.postMessage" && (m.Thread == "" || known(m.Thread)):
		m.words = string(body)
		m.At = fmt.Sprintf("1764000000.%06d", len(s.posts))
		s.posts = append(s.posts, m)
		b.take("appli", m.key(), what)
		return fmt.Sprintf(`{"ok":true,"ts":%q}`, m.At)
	case method == "chat.update" && known(m.At):
		s.updates++
		return `{"ok":true}`
	}
	b.Errorf("an app asked for %s of message %q in thread %q, which is nowhere", method, m.At, m.Thread)
	return `{"ok":false,"error":"message_not_found"}`
}

// check holds what was taken against what the daemon owed and says it sent: for each
// channel every message was taken, and what was taken was owed. Each double has the key
// of the first: it is one that was taken, while the daemon had not recorded it. Of a
// service without a place for a key each double is word for word the first, and names
// its situation.
func (b *inboxes) check(path string, kills int) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	doubles, sent := 0, b.sent(path)
	for _, channel := range slices.Sorted(maps.Keys(sent)) {
		if channel == "crochet" {
			continue // it has a check of its own
		}
		taken := map[string]int{}
		for _, key := range b.keys[channel] {
			taken[key]++
		}
		for key, n := range taken {
			if doubles += n - 1; !slices.ContainsFunc(sent[channel], func(o owed) bool { return o.is(key) }) {
				b.Errorf("%s took a message %d times under the key %q, which nobody says was sent", channel, n, key)
			}
		}
		count := 0
		for _, o := range sent[channel] {
			if !o.collapsed {
				count++
			}
			if !o.collapsed && !slices.ContainsFunc(b.keys[channel], o.is) {
				b.Errorf("message %s is called sent, and %s never took it", o.key, channel)
			}
		}
		b.eachSituation(channel, sent[channel], taken)
		b.Logf("%s: %d messages, taken %d times", channel, count, len(b.keys[channel]))
	}
	b.checkThreads(sent["appli"])
	lost := b.lost + b.post.lost
	b.Logf("%d doubles over %d kills and %d answers that were lost", doubles, kills, lost)
	if most := kills*len(b.keys) + lost; doubles > most {
		b.Errorf("%d doubles, want at most %d: one for each kill and channel, and for each lost answer", doubles, most)
	}
}

// eachSituation demands that a channel took as many different messages of a situation as
// were sent, and none that was not owed.
func (b *inboxes) eachSituation(channel string, all []owed, taken map[string]int) {
	b.Helper()
	least, most, got := map[string]int{}, map[string]int{}, map[string]int{}
	for _, o := range all {
		if most[o.incident]++; !o.collapsed {
			least[o.incident]++
		}
	}
	for key := range taken {
		if i := slices.IndexFunc(all, func(o owed) bool { return o.is(key) }); i >= 0 {
			got[all[i].incident]++
		}
	}
	for incident, n := range got {
		if n < least[incident] || n > most[incident] {
			b.Errorf("%s took %d different messages of situation %s, want %d to %d", channel, n, incident, least[incident], most[incident])
		}
	}
}

// checkThreads demands that each reply stands under the first message of its own situation.
func (b *inboxes) checkThreads(all []owed) {
	b.Helper()
	of := map[string]string{} // situations by key
	for _, o := range all {
		of[o.key] = o.incident
	}
	first, replies := map[string]string{}, 0
	for _, p := range b.work.posts {
		if first[p.At] = of[p.key()]; p.Thread == "" {
			continue
		}
		if replies++; first[p.Thread] != of[p.key()] {
			b.Errorf("a message of situation %s stands under one of situation %s", of[p.key()], first[p.Thread])
		}
	}
	b.Logf("%d threads' first messages and doubles of them, %d replies, %d titles written anew", len(b.work.posts)-replies, replies, b.work.updates)
	if replies == 0 || b.work.updates == 0 {
		b.Error("nothing was answered in a thread: the test proves little")
	}
}

// owed is a message that a channel got, or that another of the same situation said.
type owed struct {
	key, incident string
	collapsed     bool
}

// is tells whether a key that a channel took is that of this message.
func (o owed) is(key string) bool {
	return strings.HasPrefix(o.key, key) || strings.Contains(key, "/situations/"+o.incident)
}

// sent is what the daemon says that each channel got; it demands that nothing waits, and
// that nothing was given up.
func (b *inboxes) sent(path string) map[string][]owed {
	b.Helper()
	f, err := config.Load(path, Kinds())
	if err != nil {
		b.Fatal(err)
	}
	db, err := state.Open(b.Context(), filepath.Join(f.Data, "state.db"), state.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	incidents, err := db.Incidents(b.Context(), time.Time{}, time.Time{}, everything)
	if err != nil {
		b.Fatal(err)
	}
	sent := map[string][]owed{}
	for _, i := range incidents {
		rows, err := db.Deliveries(b.Context(), i.ID)
		if err != nil || len(rows) < len(f.Channels) || len(rows)%len(f.Channels) != 0 {
			b.Errorf("situation %s is owed to %d channels (%v), want each of %d as often", i.ID, len(rows), err, len(f.Channels))
		}
		for _, r := range rows {
			o := owed{key: r.Key, incident: i.ID, collapsed: r.Fate == alerting.Collapsed}
			if r.Bundle != "" {
				o.key = r.Bundle
			}
			sent[r.Channel] = append(sent[r.Channel], o)
			if r.Fate != alerting.Sent && r.Fate != alerting.Collapsed {
				b.Errorf("message %s to %s is %s: %s", o.key, r.Channel, r.Fate, r.Why)
			}
		}
	}
	return sent
}

// drained says whether no kind of channel is owed anything, by the metrics.
func drained(metrics string) bool {
	waiting := 0
	for line := range bytes.Lines([]byte(metrics)) {
		if bytes.HasPrefix(line, []byte("ouidire_outbox_pending{")) {
			if !bytes.HasSuffix(line, []byte(" 0\n")) {
				return false
			}
			waiting++
		}
	}
	return waiting > 0
}
