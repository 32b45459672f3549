package shoutrrr

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/discord"
	"github.com/nicholas-fedor/shoutrrr/pkg/services/chat/telegram"
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
	over := make(chan struct{})
	g := &guard{next: http.DefaultTransport, over: over, end: sync.OnceFunc(func() { close(over) })}
	http.DefaultTransport = g
	return json.NewEncoder(out).Encode(g.send(o))
}

func (g *guard) send(o order) report {
	done := make(chan report, 1)
	go func() {
		defer func() {
			if recover() != nil { // as that of Zulip does over an answer that never came
				done <- g.report(report{})
			}
		}()
		service, err := (&router.ServiceRouter{}).Locate(o.URL)
		if err != nil {
			done <- g.report(report{Unreadable: true})
			return
		}
		g.watch(service)
		err = service.Send(o.Text, beside(service, o.Title))
		done <- g.report(report{Sent: err == nil})
	}()
	select {
	case r := <-done:
		return r
	case <-g.over:
		return g.report(report{})
	case <-time.After(patience):
		return g.report(report{Unreachable: true})
	}
}

// beside is what a service is told besides the text. To Discord the library would send
// each line as a piece of its own, and of more than ten lines lose the first: it is to be
// one piece, whatever the address says.
func beside(service types.Service, title string) *types.Params {
	all := types.Params{"title": title}
	if service.GetID() == discord.Scheme {
		all["splitlines"] = "No"
	}
	return &all
}

// watch puts the guard in front of a transport that a service has made itself.
func (g *guard) watch(service types.Service) {
	g.service = service.GetID()
	if its, has := service.(interface{ GetHTTPClient() *http.Client }); has && its.GetHTTPClient() != nil {
		if own := its.GetHTTPClient(); own.Transport != nil {
			g.next, own.Transport = own.Transport, g
		}
	}
}

// guard is the way out of the process. It lets no redirect be followed, bounds what
// is read, and remembers the last answer that was no acceptance: the library takes some
// for one, of Telegram every one that it cannot read. Nor does it let the library try
// again by itself, as that of Discord does for minutes: when to is for who keeps the
// message to say.
type guard struct {
	next    http.RoundTripper
	service string

	mu     sync.Mutex
	failed *report
	over   <-chan struct{} // closed by end: nothing more can come of it
	end    func()
}

var errMoved = errors.New("a redirect is not followed")

const answerMax = 1 << 20

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Response != nil { // what led here
		return nil, errMoved
	}
	answer, err := g.next.RoundTrip(r)
	if err != nil {
		g.note(report{Unreachable: true})
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, answerMax), answer.Body}
	switch {
	case answer.StatusCode >= 300:
		g.note(report{Status: answer.StatusCode, Hint: answer.Header.Get("Retry-After")})
	case g.service == telegram.Scheme && !agrees(answer):
		g.note(report{Status: http.StatusBadGateway}) // a page of somebody in between
	}
	return answer, nil
}

// agrees reads whether an answer of Telegram is the one by which it accepts.
func agrees(answer *http.Response) bool {
	body, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	answer.Body = io.NopCloser(bytes.NewReader(body))
	var said struct {
		OK bool `json:"ok"`
	}
	return err == nil && json.Unmarshal(body, &said) == nil && said.OK
}

// note keeps what went wrong. What another try can mend ends this one.
func (g *guard) note(r report) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed = &r
	if r.Unreachable || r.Status == http.StatusTooManyRequests || r.Status >= 500 {
		g.end()
	}
}

// report adds to what the library says what went over the wire. A service that could
// not even be prepared because nobody answered may be sent to later.
func (g *guard) report(r report) report {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.failed == nil {
		return r
	}
	said := *g.failed
	said.Unreachable = said.Unreachable || r.Unreachable
	return said
}
