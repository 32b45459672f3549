package shoutrrr

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"
)

// Command is the argument by which the program becomes the process that sends one
// message; people have no use for it.
const Command = "send-by-shoutrrr"

// patience is how long one message may take.
const patience = 20 * time.Second

// Main is that process: it reads an order, sends it, writes a report, and is over. It
// changes the transport that the library takes from net/http, which nothing else
// shares in a process that does nothing else.
func Main(in io.Reader, out io.Writer) error {
	var o order
	if err := json.NewDecoder(in).Decode(&o); err != nil {
		return err
	}
	g := &guard{next: http.DefaultTransport}
	http.DefaultTransport = g
	return json.NewEncoder(out).Encode(g.send(o))
}

func (g *guard) send(o order) report {
	done := make(chan report, 1)
	go func() {
		service, err := (&router.ServiceRouter{}).Locate(o.URL)
		if err != nil {
			done <- g.report(report{Unreadable: true})
			return
		}
		g.watch(service)
		err = service.Send(o.Text, &types.Params{"title": o.Title})
		done <- g.report(report{Sent: err == nil})
	}()
	select {
	case r := <-done:
		return r
	case <-time.After(patience):
		return g.report(report{Unreachable: true})
	}
}

// watch puts the guard in front of a transport that a service has made itself.
func (g *guard) watch(service types.Service) {
	if its, has := service.(interface{ GetHTTPClient() *http.Client }); has && its.GetHTTPClient() != nil {
		if own := its.GetHTTPClient(); own.Transport != nil {
			g.next, own.Transport = own.Transport, g
		}
	}
}

// guard is the way out of the process. It lets no redirect be followed, bounds what
// is read, and remembers the last answer that was no acceptance.
type guard struct {
	next http.RoundTripper

	mu     sync.Mutex
	failed report
}

var errMoved = errors.New("a redirect is not followed")

const answerMax = 1 << 20

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Response != nil { // what led here
		return nil, errMoved
	}
	answer, err := g.next.RoundTrip(r)
	switch {
	case err != nil:
		g.note(report{Unreachable: true})
		return nil, err
	case answer.StatusCode >= 300:
		g.note(report{Status: answer.StatusCode, Hint: answer.Header.Get("Retry-After")})
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, answerMax), answer.Body}
	return answer, nil
}

func (g *guard) note(r report) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed = r
}

// report adds to what the library says what went over the wire. A service that could
// not even be prepared because nobody answered may be sent to later.
func (g *guard) report(r report) report {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.Sent {
		return r
	}
	r.Status, r.Hint, r.Unreachable = g.failed.Status, g.failed.Hint, g.failed.Unreachable || r.Unreachable
	r.Unreadable = r.Unreadable && r.Status == 0 && !r.Unreachable
	return r
}
