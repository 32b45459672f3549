package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/ouidire/ouidire/config"
)

func TestAServerThatIsAwayIsSaidOnceAndNotByAllWhoAskIt(t *testing.T) {
	t.Parallel()
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + nobody.Addr().String()
	nobody.Close()
	for _, c := range []struct {
		name, store   string
		errors, warns int
	}{
		{"away", fmt.Sprintf("store: {kind: elastic, addresses: [%q]}\n", address), 1, 0},
		{"on this machine", "", 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := plainSettings(t)
			s.extra = c.store
			f, err := config.Load(s.write(t), Kinds())
			if err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			a, err := New(t.Context(), Options{Config: f, Log: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			a.count(t.Context())
			a.forget(t.Context())
			a.reclaim(t.Context())
			err = a.renew(t.Context())
			a.compact(t.Context())
			if away := c.store != ""; (err != nil) != away {
				t.Errorf("the index was renewed: %v", err)
			}
			a.complain(t.Context(), "not answered", errors.New("the disk is gone"))
			if err := a.Close(); err != nil {
				t.Error(err)
			}
			said := log.String()
			if e, w := strings.Count(said, "level=ERROR"), strings.Count(said, "level=WARN"); e != c.errors || w != c.warns {
				t.Errorf("%d errors and %d warnings, want %d and %d:\n%s", e, w, c.errors, c.warns, said)
			}
		})
	}
}
