package polite

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"code.dny.dev/ssrf"
)

// The two checks before it never let such an address come this far.
func TestTheSocketItselfRefusesAPrivateAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	g, err := newGuard(Config{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := g.connect(t.Context(), "tcp", l.Addr().String())
	if !errors.Is(err, ssrf.ErrProhibitedIP) {
		t.Errorf("connected to %s: %v, %v", l.Addr(), conn, err)
	}
}

func TestHostsThatAreIdleAreForgotten(t *testing.T) {
	s := newSlots(1, 1, time.Nanosecond)
	for i := range 10 * forgetAt {
		done, err := s.take(t.Context(), fmt.Sprintf("page%d.example", i))
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if got := len(s.hosts); got > forgetAt {
		t.Errorf("%d hosts remembered, want at most %d", got, forgetAt)
	}
}
