package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Letter is a message that reached the mailbox of the invented caisse.
type Letter struct {
	Key, Incident string
	Subject, Body string
	Link          string
	Severity      string
	At            time.Time
}

// Mailbox takes what the webhook channel posts, and keeps each message once. It is
// safe for concurrent use; the zero value is empty.
type Mailbox struct {
	mu      sync.Mutex
	letters []Letter
}

// letterLimit bounds what one message may take.
const letterLimit = 256 << 10

// ServeHTTP implements http.Handler.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var l Letter
	if err := json.NewDecoder(io.LimitReader(r.Body, letterLimit)).Decode(&l); err != nil {
		http.Error(w, "not a message", http.StatusBadRequest)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.ContainsFunc(m.letters, func(o Letter) bool { return o.Key == l.Key }) {
		m.letters = append(m.letters, l)
	}
	w.WriteHeader(http.StatusNoContent)
}

// Letters are those that came, oldest first.
func (m *Mailbox) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.letters)
}

// Forget drops what came from an instant on: the time was turned back.
func (m *Mailbox) Forget(from time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = slices.DeleteFunc(m.letters, func(l Letter) bool { return !l.At.Before(from) })
}
