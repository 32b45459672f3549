// Package polite is the one way out to the web for every source: a client that
// asks for an address as a good neighbour does. It asks conditionally, keeps a
// second between two requests to a host, tells the caller how long the place
// wants to be left alone, follows at most five redirects, reads no more than it
// was told to and for no longer than half a minute, sends no cookie, referrer or
// token where it does not belong, and never reaches an address that is not public
// unless its range was opened on purpose.
//
// An exchange costs 40 µs when nothing is new and 0.25 ms for a page of 46 kB, the
// place's own work included (BenchmarkGet, 2 cores under load); a bomb of 300 MB
// in 309 kB costs 44 MB of allocations before it is left.
//
// Read Client.Get, then Response. What a caller keeps between two visits is
// Validators, and nothing else; what can go wrong is in errors.go, each with a
// stable Reason. The client decides nothing about when to come back: that is the
// crawler's, from Response.NotBefore and Busy.RetryAfter.
package polite

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// How much and how long, whatever a place would like.
const (
	FeedLimit = 10 << 20 // bytes of a feed, decompressed
	PageLimit = 5 << 20  // bytes of a page, decompressed

	answerTime = 30 * time.Second // a request and all its redirects, not counting our own waiting
	headerTime = 10 * time.Second // until the answer's headers are whole
	dialTime   = 5 * time.Second
	tlsTime    = 5 * time.Second

	maxHops        = 5
	maxHeaderBytes = 256 << 10
)

// Unconditional is how long to leave alone a place that gives no validators,
// unless it is the organisation's own or its interval was configured: whoever
// schedules adds it to Response.NotBefore when !Response.Validators.Conditional().
const Unconditional = 24 * time.Hour

// Config is what a Client is made of. The zero value works: it reaches public
// addresses on ports 80 and 443 only.
type Config struct {
	Version      string         // ours, for the User-Agent: "1.4"
	Contact      string         // where the operator can be reached, for the User-Agent: an address of a page or a mailbox
	AllowPrivate []netip.Prefix // ranges opened on purpose
	Origins      []string       // configured addresses (URLs): their ports are open, on their own host
	Proxy        *url.URL       // nil for none; it is not guarded, the operator wrote it
	Roots        *x509.CertPool // nil for the system's

	Total   int           // requests at once, 64 when 0, not counting those that last
	PerHost int           // requests at once to one host, 2 when 0
	Spacing time.Duration // between the end of a request and the start of the next to its host, 1 s when 0

	Now      func() time.Time // nil for time.Now
	Observe  func(Exchange)   // told of every request that left; safe for concurrent use; nil for nobody
	Resolver Resolver         // nil for the system's
	// Dial connects to an address that was checked ("192.0.2.1:443"). Nil for
	// the system's, which checks the socket once more.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Resolver looks names up; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Exchange is one request and its answer, for metrics.
type Exchange struct {
	Status      int // 0 when there was no answer
	Reason      Reason
	Conditional bool
	Took        time.Duration
	Bytes       int
}

// Client asks the web. It is safe for concurrent use.
type Client struct {
	agent     string
	guard     *guard
	slots     *slots
	transport *http.Transport
	proxied   bool
	now       func() time.Time
	observe   func(Exchange)
}

// New makes a client; it contacts nobody.
func New(cfg Config) (*Client, error) {
	agent, err := userAgent(cfg.Version, cfg.Contact)
	if err != nil {
		return nil, err
	}
	g, err := newGuard(cfg)
	if err != nil {
		return nil, err
	}
	c := &Client{
		agent:     agent,
		guard:     g,
		slots:     newSlots(orDefault(cfg.Total, 64), orDefault(cfg.PerHost, 2), orDefault(cfg.Spacing, time.Second)),
		transport: newTransport(cfg, g),
		proxied:   cfg.Proxy != nil,
		now:       cfg.Now,
		observe:   cfg.Observe,
	}
	if c.now == nil {
		c.now = time.Now
	}
	if c.observe == nil {
		c.observe = func(Exchange) {}
	}
	return c, nil
}

// Close lets idle connections go. The client works on.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func newTransport(cfg Config, g *guard) *http.Transport {
	t := &http.Transport{
		DialContext:            g.dial,
		ForceAttemptHTTP2:      true,
		TLSClientConfig:        &tls.Config{RootCAs: cfg.Roots},
		TLSHandshakeTimeout:    tlsTime,
		ResponseHeaderTimeout:  headerTime,
		MaxResponseHeaderBytes: maxHeaderBytes,
		MaxIdleConnsPerHost:    1,
		MaxIdleConns:           64,
		IdleConnTimeout:        30 * time.Second,
	}
	if cfg.Proxy != nil {
		// Every connection is to the proxy then; names were checked before.
		t.Proxy = http.ProxyURL(cfg.Proxy)
		t.DialContext = g.direct
	}
	return t
}

func userAgent(version, contact string) (string, error) {
	agent := "ouidire"
	if version != "" {
		agent += "/" + version
	}
	if contact != "" {
		agent += " (+" + contact + ")"
	}
	for _, r := range version + contact {
		if r <= ' ' || r > '~' || strings.ContainsRune("()", r) {
			return "", fmt.Errorf("make the User-Agent: %q cannot stand in it", r)
		}
	}
	return agent, nil
}

func orDefault[T int | time.Duration](v, def T) T {
	if v == 0 {
		return def
	}
	return v
}
