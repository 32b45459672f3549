package polite

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// maxLocation bounds an address that a place sends us to.
const maxLocation = 8 << 10

// trail is the way from the address that was asked for to the one that answers.
type trail struct {
	seen      map[string]bool
	permanent bool   // every redirect so far was for good
	moved     string // the last address reached by such redirects alone
}

func redirects(code int) bool {
	switch code {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// step is the next address of the way. It is judged by the guard like any other
// when it is asked; here we only refuse to go in circles, or from a secure
// address to one that anybody on the way can read or change.
func (t *trail) step(at *url.URL, a *answer) (*url.URL, error) {
	host := at.Hostname()
	t.seen[bare(at).String()] = true
	location := a.header.Get("Location")
	if location == "" || len(location) > maxLocation {
		return nil, circle(host, "status %d leads nowhere", a.code)
	}
	next, err := at.Parse(location)
	if err != nil {
		return nil, circle(host, "status %d leads nowhere", a.code)
	}
	next = bare(plain(next))
	switch {
	case at.Scheme == "https" && next.Scheme == "http":
		return nil, refused(next.Hostname(), "redirected from https to http")
	case t.seen[next.String()]:
		return nil, circle(host, "redirected in a circle")
	case len(t.seen) > maxHops:
		return nil, circle(host, "redirected more than %d times", maxHops)
	}
	t.permanent = t.permanent && (a.code == http.StatusMovedPermanently || a.code == http.StatusPermanentRedirect)
	if t.permanent {
		t.moved = next.String()
	}
	return next, nil
}

// bare is an address without what is not sent: user, password and fragment.
func bare(u *url.URL) *url.URL {
	b := *u
	b.User, b.Fragment, b.RawFragment = nil, "", ""
	return &b
}

func parse(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, &Refused{fault{Why: Guarded, Err: errors.New("the address cannot be read")}} // it may hold a secret
	}
	return plain(u), nil
}

// plain writes the host of u as it is looked up: small letters, accents as in the
// names of machines. A host that cannot be written so stays, and is not found.
func plain(u *url.URL) *url.URL {
	host, err := idna.Lookup.ToASCII(u.Hostname())
	if err != nil || strings.Contains(host, ":") {
		return u
	}
	p := *u
	p.Host = host
	if port := u.Port(); port != "" {
		p.Host = net.JoinHostPort(host, port)
	}
	return &p
}

// sameOrigin tells whether two addresses are of one scheme, host and port.
func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && hostPort(a) == hostPort(b) }
