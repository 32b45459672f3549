package polite

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"code.dny.dev/ssrf"
)

// guard keeps us away from addresses that are not public. It looks three times:
// at the address as written, before anything is asked; at what a name resolves to,
// so that we connect to exactly what was checked; and at the socket.
type guard struct {
	addresses *ssrf.Guardian
	origins   map[string]bool // "host:port" of configured addresses
	resolver  Resolver
	connect   func(ctx context.Context, network, address string) (net.Conn, error)
	direct    func(ctx context.Context, network, address string) (net.Conn, error) // unguarded: to the proxy
}

func newGuard(cfg Config) (*guard, error) {
	var v4, v6 []netip.Prefix
	for _, p := range cfg.AllowPrivate {
		if p.Addr().Is4() {
			v4 = append(v4, p)
		} else {
			v6 = append(v6, p)
		}
	}
	g := &guard{
		// Ports are checked with the host they were configured for.
		addresses: ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...)),
		origins:   map[string]bool{},
		resolver:  cfg.Resolver,
		connect:   cfg.Dial,
		direct:    cfg.Dial,
	}
	if g.resolver == nil {
		g.resolver = net.DefaultResolver
	}
	if g.connect == nil {
		g.connect = (&net.Dialer{Timeout: dialTime, Control: g.addresses.Safe}).DialContext
		g.direct = (&net.Dialer{Timeout: dialTime}).DialContext
	}
	for _, address := range cfg.Origins {
		u, err := url.Parse(address)
		if err != nil || u.Hostname() == "" {
			return nil, errors.New("read the configured addresses: one is not an address") // it may hold a secret
		}
		g.origins[hostPort(plain(u))] = true
	}
	return g, nil
}

// written judges an address as it stands.
func (g *guard) written(u *url.URL) error {
	host := u.Hostname()
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return refused(host, "scheme %.20q is not of the web", u.Scheme)
	case host == "":
		return refused("", "the address names no host")
	case !usualPort(portOf(u)) && !g.origins[hostPort(u)]:
		return refused(host, "port %.6s is neither 80, 443 nor configured", portOf(u))
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return g.safe(host, ip)
	}
	if looksNumeric(host) {
		return refused(host, "a number is not a name")
	}
	return nil
}

// resolve gives the addresses of a host to which we may go; there is at least one.
func (g *guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, g.safe(host, ip)
	}
	found, err := g.resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	var open []netip.Addr
	err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	for _, ip := range found {
		if bad := g.safe(host, ip); bad != nil {
			err = bad
			continue
		}
		open = append(open, ip.Unmap())
	}
	if len(open) == 0 {
		return nil, err
	}
	return open, nil
}

func (g *guard) safe(host string, ip netip.Addr) error {
	if err := g.addresses.SafeAddr(ip.Unmap()); err != nil {
		return &Refused{fault{Host: host, Why: Guarded, Err: err}}
	}
	return nil
}

// dial connects to the first address of a host that answers. They share the
// time, so that one that never answers leaves some for the next.
func (g *guard) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	open, err := g.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	for i, ip := range open {
		share := time.Until(deadline) / time.Duration(len(open)-i)
		var conn net.Conn
		if conn, err = g.connectWithin(ctx, share, network, net.JoinHostPort(ip.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

func (g *guard) connectWithin(ctx context.Context, d time.Duration, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return g.connect(ctx, network, address)
}

// looksNumeric tells hosts that some resolvers read as an IPv4 address though they
// are not written as one: 2130706433, 0x7f000001, 0177.0.0.1, 127.1.
func looksNumeric(host string) bool {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := strings.ToLower(labels[len(labels)-1])
	if strings.HasPrefix(last, "0x") {
		return true
	}
	return last == "" || strings.Trim(last, "0123456789") == ""
}

func usualPort(port string) bool { return port == "80" || port == "443" }

// portOf is the port of an address, its scheme's when it names none.
func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err == nil {
			return strconv.FormatUint(n, 10)
		}
		return port
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

func hostPort(u *url.URL) string { return net.JoinHostPort(strings.ToLower(u.Hostname()), portOf(u)) }
