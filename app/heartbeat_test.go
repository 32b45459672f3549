package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/config"
	"github.com/ouidire/ouidire/internal/clock"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

func TestTheHeartBeatsEveryFiveMinutesOnlyWhileAlertingMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var beats atomic.Int64
		var stuck atomic.Bool
		var address atomic.Value
		address.Store("https://veille.example/ping/secret")
		at := func() string { return address.Load().(string) }
		h := heart{
			client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.URL.String() != at() || r.Method != http.MethodGet {
					t.Errorf("asked %s %s", r.Method, r.URL)
				}
				beats.Add(1)
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
			})},
			address: at,
			moves: func(context.Context) error {
				if stuck.Load() {
					return errors.New("stuck")
				}
				return nil
			},
			bell: clock.Real().Bell(), log: slog.New(slog.DiscardHandler),
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); h.run(ctx) }()
		for _, step := range []struct {
			change func()
			wait   time.Duration
			want   int64
		}{
			{func() {}, 12 * time.Minute, 3},
			{func() { stuck.Store(true) }, time.Hour, 3},
			{func() { stuck.Store(false) }, 10 * time.Minute, 5},
			{func() { address.Store(""); h.bell.Ring() }, time.Hour, 5},
			{func() { address.Store("https://veille.example/autre"); h.bell.Ring() }, time.Minute, 6},
		} {
			step.change()
			time.Sleep(step.wait)
			synctest.Wait()
			if got := beats.Load(); got != step.want {
				t.Errorf("after %v: %d beats, want %d", step.wait, got, step.want)
			}
		}
		stop()
		<-done
	})
}

func TestAHeartThatIsNotHeardSaysSoOnceAndNotWhere(t *testing.T) {
	status := atomic.Int64{}
	status.Store(http.StatusInternalServerError)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(int(status.Load())) }))
	defer server.Close()
	var out bytes.Buffer
	h := heart{client: server.Client(), moves: func(context.Context) error { return nil }, log: slog.New(slog.NewTextHandler(&out, nil))}
	address := server.URL + "/ping/secret-de-l-epargne"
	for range 3 {
		h.report(t.Context(), h.beat(t.Context(), address))
	}
	status.Store(http.StatusNoContent)
	for range 2 {
		h.report(t.Context(), h.beat(t.Context(), address))
	}
	server.Close()
	h.report(t.Context(), h.beat(t.Context(), address))
	if n := strings.Count(out.String(), "\n"); n != 3 || strings.Contains(out.String(), "secret") {
		t.Errorf("the log says\n%s", out.String())
	}
}

func TestTheWholeProgramShowsThatItLives(t *testing.T) {
	var beats atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { beats.Add(1) }))
	defer server.Close()
	set := settings{folder: t.TempDir(), hook: newReceiver(t, 0).server.URL, extra: fmt.Sprintf("heartbeat: {url: %q}\n", server.URL+"/ping")}
	path := set.write(t)
	app := start(t, path, 20*time.Millisecond)
	eventually(t, "a sign of life", func() bool { return beats.Load() > 0 })
	set.extra = strings.Replace(set.extra, "/ping", "/autre", 1)
	set.write(t)
	before := beats.Load()
	app.Reload(t.Context(), func() (*config.File, error) { return config.Load(path, Kinds()) })
	eventually(t, "a sign of life to another address at once", func() bool { return beats.Load() > before })
}
