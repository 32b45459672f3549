package notifytest

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Side is the other side of a channel that speaks HTTP. Whatever it refuses it
// answers with the request itself, secrets and all, as some places do.
type Side struct {
	Behave Behaviour
	// Take reads a request that arrived, and answers it. It fails the test itself when
	// the request is not what the service's contract asks for.
	Take func(w http.ResponseWriter, r *http.Request, body []byte) Got
	// Says is how the service words a behaviour, where HTTP alone does not say it.
	Says map[Behaviour]http.HandlerFunc

	t    *testing.T
	quit chan struct{}
	mu   sync.Mutex
	got  []Got
}

// Serve starts the side; it ends with the test.
func (s *Side) Serve(t *testing.T) *httptest.Server {
	s.t, s.quit = t, make(chan struct{})
	server := httptest.NewServer(s)
	t.Cleanup(func() { close(s.quit); server.Close() })
	return server
}

// ServeTLS is Serve under a certificate.
func (s *Side) ServeTLS(t *testing.T, certificate tls.Certificate) *httptest.Server {
	s.t, s.quit = t, make(chan struct{})
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // whoever gives up may do so within the handshake
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.StartTLS()
	t.Cleanup(func() { close(s.quit); server.Close() })
	return server
}

// Got is what was accepted so far.
func (s *Side) Got() []Got {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.got)
}

// elsewhere is where a side that redirects points.
const elsewhere = "/ailleurs"

func (s *Side) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if r.URL.Path == elsewhere {
		s.t.Error("the redirect was followed")
	}
	if say := s.Says[s.Behave]; say != nil {
		say(w, r)
		return
	}
	switch s.Behave {
	case Refuses:
		s.echo(w, r, body, http.StatusGone)
	case Fails:
		s.echo(w, r, body, http.StatusBadGateway)
	case Busy:
		w.Header().Set("Retry-After", strconv.Itoa(int(Hint.Seconds())))
		s.echo(w, r, body, http.StatusTooManyRequests)
	case BusyNoHint:
		w.Header().Set("Retry-After", "bientôt")
		s.echo(w, r, body, http.StatusServiceUnavailable)
	case Silent:
		<-s.quit
	case Cuts:
		panic(http.ErrAbortHandler)
	case Redirects:
		http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
	case WrongCredentials:
		s.echo(w, r, body, http.StatusUnauthorized)
	default:
		s.take(w, r, body)
	}
}

func (s *Side) take(w http.ResponseWriter, r *http.Request, body []byte) {
	if s.Behave == Slow {
		<-time.After(300 * time.Millisecond)
	}
	got := s.Take(w, r, body)
	if got.Raw == "" {
		got.Raw = string(body)
	}
	for name := range r.Header {
		got.Headers = append(got.Headers, name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, got)
}

func (s *Side) echo(w http.ResponseWriter, r *http.Request, body []byte, status int) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, Secret+" "+r.URL.String()+" "+r.Header.Get("Authorization")+" \x1b[31m\u202E ")
	_, _ = w.Write(body)
}
