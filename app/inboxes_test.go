package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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

// inboxes are the other sides of the kinds of channel that can have one on this machine,
// as their services publish how to reach them. They fail at random: refuse for now, ask
// for patience, hang up before they took a message, or after.
type inboxes struct {
	*testing.T
	fails  float64
	server *httptest.Server
	post   *postOffice

	mu   sync.Mutex
	keys map[string][]string // of what was taken, by channel
	lost int                 // taken, and the answer did not arrive
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
  - {name: teams, kind: teams, url: "%[1]s/teams"}
  - {name: ntfy, kind: ntfy, url: "%[1]s", topic: veille}
  - {name: mattermost, kind: mattermost, url: "%[1]s/mattermost"}
  - {name: courriel, kind: email, host: %[2]s, port: %[3]s, security: none, from: veille@caisse.example, to: [equipe@caisse.example]}
`, b.server.URL, host, port)
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
		name := strings.Trim(r.URL.Path, "/")
		if name == "" {
			name = "ntfy"
		}
		b.take(name, keyOf(name, r.Header, body), what)
		_, _ = io.WriteString(w, "ok")
	}
}

// keyOf is by what a channel tells a double.
func keyOf(name string, header http.Header, body []byte) string {
	var slack struct {
		Blocks []struct {
			ID string `json:"block_id"`
		}
	}
	var mattermost struct {
		Props map[string]string `json:"props"`
	}
	switch name {
	case "slack":
		if json.Unmarshal(body, &slack) == nil && len(slack.Blocks) > 0 {
			return slack.Blocks[0].ID
		}
	case "mattermost":
		_ = json.Unmarshal(body, &mattermost)
		return mattermost.Props["ouidire_key"]
	case "teams", "ntfy":
		return header.Get("Idempotency-Key")
	}
	return ""
}

// take notes a message; one whose answer is lost hangs up.
func (b *inboxes) take(name, key string, what outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
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
	b.take("courriel", key, accepts)
}

// check holds what was taken against what the daemon owed and says it sent: for each
// channel every message was taken, and what was taken was owed. Each double has the key
// of the first: it is one that was taken, while the daemon had not recorded it.
func (b *inboxes) check(path string, kills int) {
	b.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	doubles := 0
	for channel, sent := range b.sent(path) {
		if channel == "crochet" {
			continue // it has a check of its own
		}
		taken := map[string]int{}
		for _, key := range b.keys[channel] {
			taken[key]++
		}
		for key, n := range taken {
			if doubles += n - 1; !slices.ContainsFunc(sent, func(owed string) bool { return strings.HasPrefix(owed, key) }) {
				b.Errorf("%s took a message %d times under the key %s, which nobody says was sent", channel, n, key)
			}
		}
		for _, owed := range sent {
			if !slices.ContainsFunc(b.keys[channel], func(key string) bool { return strings.HasPrefix(owed, key) }) {
				b.Errorf("message %s is called sent, and %s never took it", owed, channel)
			}
		}
		b.Logf("%s: %d messages, taken %d times", channel, len(sent), len(b.keys[channel]))
	}
	lost := b.lost + b.post.lost
	b.Logf("%d doubles over %d kills and %d answers that were lost", doubles, kills, lost)
	if most := kills*len(b.keys) + lost; doubles > most {
		b.Errorf("%d doubles, want at most %d: one for each kill and channel, and for each lost answer", doubles, most)
	}
}

// sent is the keys under which the daemon says that each channel got its messages; it
// demands that nothing waits, and that nothing was given up.
func (b *inboxes) sent(path string) map[string][]string {
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
	sent := map[string][]string{}
	for _, i := range incidents {
		rows, err := db.Deliveries(b.Context(), i.ID)
		if err != nil || len(rows) != len(f.Channels) {
			b.Errorf("situation %s is owed to %d channels (%v), want %d", i.ID, len(rows), err, len(f.Channels))
		}
		for _, r := range rows {
			switch key := r.Key; r.Fate {
			case alerting.Sent:
				if r.Bundle != "" {
					key = r.Bundle
				}
				sent[r.Channel] = append(sent[r.Channel], key)
			case alerting.Collapsed: // another one said it
			default:
				b.Errorf("message %s to %s is %s: %s", key, r.Channel, r.Fate, r.Why)
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
