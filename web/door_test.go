package web

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"
)

const password = "l’Anse-aux-Moyacs"

func TestAScraperWithTheRightPasswordIsNeverLockedOut(t *testing.T) {
	h := newHouse(t, password)
	right := httptest.NewRequest("GET", "/", nil)
	right.SetBasicAuth("prometheus", password)
	for n := range 30 { // the clock stands still: any one of these counted would end it at the sixth
		if w := h.ask("GET", "/metrics", nil, "Authorization", right.Header.Get("Authorization")); w.Code != http.StatusOK {
			t.Fatalf("scrape %d got status %d", n+1, w.Code)
		}
	}
	wrong := httptest.NewRequest("GET", "/", nil)
	wrong.SetBasicAuth("prometheus", "hockey")
	for range 5 {
		h.ask("GET", "/metrics", nil, "Authorization", wrong.Header.Get("Authorization"))
	}
	if w := h.ask("GET", "/metrics", nil, "Authorization", right.Header.Get("Authorization")); w.Code != http.StatusTooManyRequests {
		t.Errorf("the right password after five wrong ones got status %d: guesses are not slowed down", w.Code)
	}
}

func TestAStrangerLearnsThatWeAreNotReadyAndNotWhy(t *testing.T) {
	for _, c := range []struct{ password, want string }{
		{"", "disk /srv/veille is full\n"},
		{password, "not ready; the log says why\n"},
	} {
		h := newHouse(t, c.password)
		h.Ready = func(context.Context) error { return errors.New("disk /srv/veille is full") }
		w := h.ask("GET", "/readyz", nil)
		if w.Code != http.StatusServiceUnavailable || w.Body.String() != c.want {
			t.Errorf("with password %q: status %d, %q", c.password, w.Code, w.Body)
		}
	}
}

func TestGuessesCountAgainstWhoMakesThem(t *testing.T) {
	for _, c := range []struct{ name, from, forwarded, want string }{
		{"nobody between us", "203.0.113.7:4000", "", "203.0.113.7"},
		{"a claim from afar", "203.0.113.7:4000", "198.51.100.1", "203.0.113.7"},
		{"a proxy on this machine", "127.0.0.1:4000", "203.0.113.7", "203.0.113.7"},
		{"a proxy in the next container", "172.18.0.2:4000", "198.51.100.1, 203.0.113.7", "203.0.113.7"},
		{"a proxy that says nothing we can read", "[::1]:4000", "unknown", "::/64"},
		{"one network has many addresses", "[2001:db8:1:2:3:4:5:6]:4000", "", "2001:db8:1:2::/64"},
		{"a zone is no way out", "[fe80::1%eth0]:4000", "", "fe80::/64"},
		{"IPv4 in disguise", "[::ffff:203.0.113.7]:4000", "", "203.0.113.7"},
	} {
		r := httptest.NewRequest("POST", "/login", nil)
		r.RemoteAddr = c.from
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := visitor(r); got != c.want {
			t.Errorf("%s: counted against %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOneWhoGuessesBehindAProxyLocksNobodyElseOut(t *testing.T) {
	h := newHouse(t, password)
	for range 8 {
		h.ask("POST", "/login", url.Values{"password": {"hockey"}}, "X-Forwarded-For", "203.0.113.7")
	}
	if w := h.ask("POST", "/login", url.Values{"password": {password}}, "X-Forwarded-For", "198.51.100.1"); w.Code != http.StatusSeeOther {
		t.Errorf("somebody else got status %d", w.Code)
	}
}

func TestAnotherPasswordClosesTheSessionsOfTheOldOne(t *testing.T) {
	h := newHouse(t, password)
	cookie := h.ask("POST", "/login", url.Values{"password": {password}}).Result().Cookies()[0]
	pass := cookie.Name + "=" + cookie.Value
	if w := h.ask("GET", "/sources", nil, "Cookie", pass); w.Code != http.StatusOK {
		t.Fatalf("inside: status %d", w.Code)
	}
	changed, err := newDoor(Options{Password: "Anse-aux-Huards", Sessions: h.state, People: h.state, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	h.door = changed
	if w := h.ask("GET", "/sources", nil, "Cookie", pass); w.Code != http.StatusSeeOther {
		t.Errorf("a session of the old password got status %d", w.Code)
	}
}

func TestHashesAreMadeOneAtATime(t *testing.T) {
	d, err := newDoor(Options{Password: password, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	d.hashing.Lock()
	known := make(chan bool)
	go func() { known <- d.knows(password) }()
	select {
	case <-known:
		t.Error("a second hash was made beside the first")
	case <-time.After(200 * time.Millisecond): // a hash takes 30
		d.hashing.Unlock()
		if !<-known {
			t.Error("the password is not known")
		}
	}
}
