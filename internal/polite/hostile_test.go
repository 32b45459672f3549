package polite_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
)

func TestAnAnswerThatWasCutIsAnError(t *testing.T) {
	packed := zip(strings.Repeat("Caisse Valtisse. ", 1000))
	for name, answer := range map[string]string{
		"length":         "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n<rss>",
		"chunk":          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n<rss>",
		"last chunk":     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n",
		"gzip":           "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + string(packed[:len(packed)/2]),
		"gzip checksum":  "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + string(packed[:len(packed)-8]) + "\x00\x00\x00\x00\x00\x00\x00\x00",
		"gzip that lies": "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n<rss></rss>            ",
		"gzip noise":     "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + string(packed[:10]) + "\xff\xff\xff\xff\xff",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				res, err := raw(t, answer).Get(t.Context(), polite.Request{URL: echo})
				if polite.ReasonOf(err) != polite.Cut {
					t.Errorf("got %q and %v, want a cut answer", res.Body, err)
				}
			})
		})
	}
}

func TestAnAnswerIsReadUpToItsLimitAndNoFurther(t *testing.T) {
	endless := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	sized := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, n)) }
	}
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		limit   int64
		fits    bool
	}{
		"at the limit":       {sized(1000), 1000, true},
		"one byte more":      {sized(1001), 1000, false},
		"announced":          {sized(2000), 1000, false},
		"endless page":       {endless, 0, false},
		"endless feed":       {endless, polite.FeedLimit, false},
		"default for a page": {sized(polite.PageLimit), 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				web := webtest.New(t)
				web.Handle("echo-des-moyacs.example", c.handler)
				_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: echo, Limit: c.limit})
				var large *polite.TooLarge
				if got := err == nil; got != c.fits || !got && !errors.As(err, &large) {
					t.Errorf("error %v, want it to fit: %v", err, c.fits)
				}
			})
		})
	}
}

func TestHeadersHaveALimitToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := "HTTP/1.1 200 OK\r\nX-Long: " + strings.Repeat("a", 300<<10) + "\r\nContent-Length: 0\r\n\r\n"
		if _, err := raw(t, answer).Get(t.Context(), polite.Request{URL: echo}); polite.ReasonOf(err) != polite.Network {
			t.Errorf("got %v, want the answer refused", err)
		}
	})
}

func TestABombOfThreeHundredMegabytesCostsLessThanAHundred(t *testing.T) {
	bomb := bytes.Repeat(zip(strings.Repeat("0", 1<<20)), 300) // gzip allows members one after the other
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		}))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: echo, Limit: polite.FeedLimit})
		runtime.ReadMemStats(&after)
		if polite.ReasonOf(err) != polite.Oversize {
			t.Errorf("got %v, want it too large", err)
		}
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown >= 100 {
			t.Errorf("allocated %d MB", grown)
		} else {
			t.Logf("allocated %d MB for a bomb of %d kB", grown, len(bomb)>>10)
		}
	})
}

func TestAPlaceThatNeverFinishesIsLeftInTime(t *testing.T) {
	drip := func(first string) func(net.Listener) {
		return func(l net.Listener) {
			go serveEach(l, func(c net.Conn) {
				_, err := io.WriteString(c, first)
				for err == nil {
					time.Sleep(time.Second)
					_, err = io.WriteString(c, "a")
				}
			})
		}
	}
	const storedBlock = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff" + "\x00\xff\xff\x00\x00" // of gzip: what follows is its text
	for name, c := range map[string]struct {
		serve func(net.Listener)
		after time.Duration
	}{
		"accepts nothing": {func(net.Listener) {}, 5 * time.Second},
		"says nothing":    {func(l net.Listener) { go serveEach(l, func(net.Conn) {}) }, 10 * time.Second},
		"headers":         {drip("HTTP/1.1 200 OK\r\nX-Lent: "), 10 * time.Second},
		"body":            {drip("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), 30 * time.Second},
		"packed body":     {drip("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nContent-Encoding: gzip\r\n\r\n" + storedBlock), 30 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				web := webtest.New(t)
				web.Serve("echo-des-moyacs.example", c.serve)
				began := time.Now()
				_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: echo})
				if got := time.Since(began); polite.ReasonOf(err) != polite.Timeout || got > c.after {
					t.Errorf("after %v: %v, want a timeout within %v", got, err, c.after)
				}
				time.Sleep(2 * time.Second) // for the place to notice that we left
			})
		})
	}
}

func TestHundredsOfSlowHostsDelayNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		slow := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		for i := range 100 {
			web.Handle(fmt.Sprintf("lent%d.example", i), slow)
		}
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		c := web.Client(t, polite.Config{})
		var wg sync.WaitGroup
		for i := range 300 { // three for each: two on the line, one waiting
			wg.Go(func() {
				_, _ = c.Get(t.Context(), polite.Request{URL: fmt.Sprintf("http://lent%d.example/", i%100)})
			})
		}
		for range 8 { // also once the second and the third of each are sent
			synctest.Wait()
			began := time.Now()
			get(t, c, polite.Request{URL: echo})
			if got := time.Since(began); got >= time.Second {
				t.Errorf("answered after %v", got)
			}
			time.Sleep(1500 * time.Millisecond)
		}
		wg.Wait()
	})
}

func TestAHostHasTwoRequestsAtOnceAtMostASecondApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, most atomic.Int32
		var mu sync.Mutex
		var at []time.Time
		web := webtest.New(t)
		web.Handle("nordelune.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			at = append(at, time.Now())
			mu.Unlock()
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(5 * time.Second)
			now.Add(-1)
		}))
		c := web.Client(t, polite.Config{Total: 3})
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() { get(t, c, polite.Request{URL: "http://nordelune.example/"}) })
		}
		wg.Wait()
		if most.Load() != 2 {
			t.Errorf("%d requests at once, want 2", most.Load())
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < time.Second {
				t.Errorf("request %d came %v after the one before", i+1, gap)
			}
		}
	})
}

func TestACallerWhoLeavesIsNotHeldAgainstThePlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		c := web.Client(t, polite.Config{PerHost: 1})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		var wg sync.WaitGroup
		for range 3 { // one on the line, two in the queue
			wg.Go(func() {
				if _, err := c.Get(ctx, polite.Request{URL: echo}); !errors.Is(err, context.Canceled) || polite.ReasonOf(err) != "" {
					t.Errorf("got %v, want the caller's own cancellation", err)
				}
			})
		}
		wg.Wait()
	})
}

func TestTheNewerProtocolIsSpokenToo(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/coupe" {
			w.Header().Set("Content-Length", "100")
		}
		fmt.Fprint(w, r.Proto)
	}))
	srv.EnableHTTP2 = true
	c := start(t, srv)
	if got := string(get(t, c, polite.Request{URL: srv.URL}).Body); got != "HTTP/2.0" {
		t.Errorf("spoke %s", got)
	}
	if res, err := c.Get(t.Context(), polite.Request{URL: srv.URL + "/coupe"}); err == nil {
		t.Errorf("a cut answer gave %q", res.Body)
	}
}

func TestACertificateThatIsNotValidForUsIsSaidSo(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	srv.StartTLS()
	defer srv.Close()
	c, err := polite.New(polite.Config{AllowPrivate: loopback(), Origins: []string{srv.URL}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err = c.Get(t.Context(), polite.Request{URL: srv.URL}); polite.ReasonOf(err) != polite.TLS {
		t.Errorf("got %v, want a failure of TLS", err)
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	address := strings.Replace(plain.URL, "http:", "https:", 1)
	c, err = polite.New(polite.Config{AllowPrivate: loopback(), Origins: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Get(t.Context(), polite.Request{URL: address}); polite.ReasonOf(err) != polite.TLS {
		t.Errorf("a place that does not speak TLS: got %v, want a failure of TLS", err)
	}
}

// raw is a client whose only place answers every request with these bytes, and hangs up.
func raw(t *testing.T, answer string) *polite.Client {
	web := webtest.New(t)
	web.Serve("echo-des-moyacs.example", func(l net.Listener) {
		go serveEach(l, func(c net.Conn) {
			_, _ = io.WriteString(c, answer)
			_ = c.Close()
		})
	})
	return web.Client(t, polite.Config{})
}

// serveEach reads the request of every connection, and answers it.
func serveEach(l net.Listener, answer func(net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		_, _ = c.Read(make([]byte, 4<<10))
		go answer(c)
	}
}

// secure is a place on loopback that speaks TLS, and a client that trusts it.
func secure(t *testing.T, h http.Handler) (address string, c *polite.Client) {
	t.Helper()
	srv := httptest.NewUnstartedServer(h)
	c = start(t, srv)
	return srv.URL, c
}

func start(t *testing.T, srv *httptest.Server) *polite.Client {
	t.Helper()
	srv.StartTLS()
	t.Cleanup(srv.Close)
	c, err := polite.New(polite.Config{
		AllowPrivate: loopback(), Origins: []string{srv.URL}, Spacing: time.Millisecond,
		Roots: srv.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

func zip(s string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, s)
	_ = z.Close()
	return b.Bytes()
}
