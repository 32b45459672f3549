// Package webtest is a web inside a test: hosts are handlers, connections are
// pipes in memory, names are looked up nowhere. The client that asks is the real
// one. Nothing of it touches a socket, so testing/synctest can run a week of it in
// a second.
package webtest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"github.com/ouidire/ouidire/internal/polite"
)

// Web is a set of hosts. Its methods are safe for concurrent use.
type Web struct {
	mu      sync.Mutex
	hosts   map[string]*host      // by address and port
	names   map[string]netip.Addr // by name
	servers []*http.Server
	dialled []string
}

type host struct{ *listener }

// New is an empty web, shut down with the test.
func New(t testing.TB) *Web {
	w := &Web{hosts: map[string]*host{}, names: map[string]netip.Addr{}}
	t.Cleanup(w.Close)
	return w
}

// Handle makes a host answer at port 80, or at the port in its name ("intranet.example:8080").
func (w *Web) Handle(name string, h http.Handler) {
	w.Serve(name, func(l net.Listener) {
		srv := &http.Server{Handler: h}
		w.mu.Lock()
		w.servers = append(w.servers, srv)
		w.mu.Unlock()
		go func() { _ = srv.Serve(l) }()
	})
}

// Serve gives a host's connections to serve, which returns at once: for a server
// that does not even speak HTTP.
func (w *Web) Serve(name string, serve func(net.Listener)) {
	bare, port, err := net.SplitHostPort(name)
	if err != nil {
		bare, port = name, "80"
	}
	l := &listener{conns: make(chan net.Conn), closed: make(chan struct{})}
	w.mu.Lock()
	addr, known := w.names[bare]
	if !known {
		// Public addresses, though nobody will ever connect to them.
		addr = netip.AddrFrom4([4]byte{9, 9, byte(len(w.names) >> 8), byte(len(w.names))})
		w.names[bare] = addr
	}
	w.hosts[net.JoinHostPort(addr.String(), port)] = &host{l}
	w.mu.Unlock()
	serve(l)
}

// Point makes a name resolve to an address, whoever answers there.
func (w *Web) Point(name string, addr netip.Addr) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[name] = addr
}

// Client is the real client with this web for a network. Cfg's Dial and Resolver are replaced.
func (w *Web) Client(t testing.TB, cfg polite.Config) *polite.Client {
	t.Helper()
	cfg.Dial, cfg.Resolver = w.Dial, w
	c, err := polite.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// LookupNetIP implements polite.Resolver.
func (w *Web) LookupNetIP(_ context.Context, _, name string) ([]netip.Addr, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if addr, ok := w.names[strings.TrimSuffix(name, ".")]; ok {
		return []netip.Addr{addr}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// Dial connects in memory, and keeps what it was asked for. A proxy is dialled by name.
func (w *Web) Dial(ctx context.Context, _, address string) (net.Conn, error) {
	name, port, _ := net.SplitHostPort(address)
	w.mu.Lock()
	w.dialled = append(w.dialled, address)
	if addr, ok := w.names[name]; ok {
		address = net.JoinHostPort(addr.String(), port)
	}
	h := w.hosts[address]
	w.mu.Unlock()
	if h == nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("nobody listens")}
	}
	ours, theirs := net.Pipe()
	select {
	case h.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Dialled are the addresses that were connected to, in order.
func (w *Web) Dialled() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string(nil), w.dialled...)
}

// Close hangs up: no host answers any more.
func (w *Web) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, srv := range w.servers {
		_ = srv.Close()
	}
	for _, h := range w.hosts {
		_ = h.Close()
	}
}

type listener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error   { l.once.Do(func() { close(l.closed) }); return nil }
func (l *listener) Addr() net.Addr { return &net.TCPAddr{} }
