package polite_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
)

func TestRedirectsAreFollowedFiveTimesAndNeverInCircles(t *testing.T) {
	chain := func(n int) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if at := strings.Count(r.URL.Path, "x"); at < n {
				http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
			} else {
				fmt.Fprint(w, "enfin")
			}
		})
	}
	to := func(location string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Location"] = []string{location}
			w.WriteHeader(http.StatusFound)
		})
	}
	for name, c := range map[string]struct {
		handler http.Handler
		reason  polite.Reason
		asked   int
	}{
		"five":        {chain(5), "", 6},
		"six":         {chain(6), polite.Redirects, 6},
		"itself":      {to("/"), polite.Redirects, 1},
		"fragment":    {to("/#autre"), polite.Redirects, 1},
		"nowhere":     {to(""), polite.Redirects, 1},
		"unreadable":  {to("http://[::1"), polite.Redirects, 1},
		"very far":    {to("/" + strings.Repeat("a", 9<<10)), polite.Redirects, 1},
		"not the web": {to("file:///etc/passwd"), polite.Guarded, 1},
		"script":      {to("javascript:alert(1)"), polite.Guarded, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				web := webtest.New(t)
				web.Handle("nordelune.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked++
					c.handler.ServeHTTP(w, r)
				}))
				_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: "http://nordelune.example/"})
				if got := polite.ReasonOf(err); got != c.reason || asked != c.asked {
					t.Errorf("%d requests, reason %q (%v), want %d and %q", asked, got, err, c.asked, c.reason)
				}
			})
		})
	}
}

func TestASlowWayOfRedirectsEndsInTimeToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		for i := range 6 {
			web.Handle(fmt.Sprintf("relais%d.example", i), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				time.Sleep(9 * time.Second)
				http.Redirect(w, r, fmt.Sprintf("http://relais%d.example/", i+1), http.StatusFound)
			}))
		}
		began := time.Now()
		_, err := web.Client(t, polite.Config{}).Get(t.Context(), polite.Request{URL: "http://relais0.example/"})
		if got := time.Since(began); polite.ReasonOf(err) != polite.Timeout || got > 30*time.Second {
			t.Errorf("after %v: %v, want a timeout within 30 s", got, err)
		}
		time.Sleep(10 * time.Second) // for the last of them to notice that we left
	})
}

func TestAnAddressWithAccentsIsFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("xn--cho-9la.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) }))
		web.Handle("moyacs.example", http.RedirectHandler("http://écho.example/", http.StatusFound))
		c := web.Client(t, polite.Config{})
		for _, address := range []string{"http://écho.example/", "http://ÉCHO.example:80/", "http://e\u0301cho.example/", "http://moyacs.example/"} {
			res, err := c.Get(t.Context(), polite.Request{URL: address})
			if got := string(res.Body); got != "xn--cho-9la.example" && got != "xn--cho-9la.example:80" {
				t.Errorf("%s: reached %q, %v", address, got, err)
			}
		}
	})
}

func TestAPermanentMoveIsBelievedWhenItLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, lost := 0, false
		web := webtest.New(t)
		web.Handle("ancien.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if old++; lost {
				fmt.Fprint(w, "de retour")
				return
			}
			http.Redirect(w, r, "http://nouveau.example/fil?a=1", http.StatusMovedPermanently)
		}))
		web.Handle("nouveau.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if lost {
				w.WriteHeader(http.StatusNotFound)
			} else if w.Header().Set("Etag", `"n"`); r.Header.Get("If-None-Match") != "" {
				w.WriteHeader(http.StatusNotModified)
			}
		}))
		c := web.Client(t, polite.Config{})
		var v polite.Validators
		var moved []string
		for range 5 {
			res := get(t, c, polite.Request{URL: "http://ancien.example/fil", Validators: throughJSON(t, v)})
			v, moved = res.Validators, append(moved, res.Moved)
		}
		want := []string{"", "", "http://nouveau.example/fil?a=1", "http://nouveau.example/fil?a=1", "http://nouveau.example/fil?a=1"}
		if fmt.Sprintf("%q", moved) != fmt.Sprintf("%q", want) || old != 3 {
			t.Errorf("moved %q after %d requests to the old address, want %q after 3", moved, old, want)
		}
		lost = true
		res := get(t, c, polite.Request{URL: "http://ancien.example/fil", Validators: v})
		if string(res.Body) != "de retour" || res.Moved != "" {
			t.Errorf("lost at the new address: got %q, moved %q", res.Body, res.Moved)
		}
	})
}

func TestATemporaryMoveIsNotRemembered(t *testing.T) {
	for _, code := range []int{http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect} {
		synctest.Test(t, func(t *testing.T) {
			web := webtest.New(t)
			web.Handle("ancien.example", http.RedirectHandler("http://nouveau.example/", code))
			web.Handle("nouveau.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			c := web.Client(t, polite.Config{})
			var res polite.Response
			for range 5 {
				res = get(t, c, polite.Request{URL: "http://ancien.example/", Validators: res.Validators})
			}
			if res.Moved != "" || res.Validators != (polite.Validators{}) {
				t.Errorf("%d: moved to %q, remembered %+v", code, res.Moved, res.Validators)
			}
		})
	}
}

func TestASecureAddressNeverLeadsToAnOpenOne(t *testing.T) {
	// The way is judged before anybody is asked, so no certificate is needed here.
	srv, c := secure(t, http.RedirectHandler("http://nordelune.example/", http.StatusMovedPermanently))
	_, err := c.Get(t.Context(), polite.Request{URL: srv})
	var refused *polite.Refused
	if !errors.As(err, &refused) || refused.Host != "nordelune.example" {
		t.Errorf("got %v, want the redirect refused", err)
	}
}

func TestASourceWithAnotherAddressForgetsWhereTheFormerMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("ancien.example", http.RedirectHandler("http://nouveau.example/", http.StatusPermanentRedirect))
		for _, host := range []string{"nouveau.example", "autre.example"} {
			web.Handle(host, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, host) }))
		}
		c := web.Client(t, polite.Config{})
		var res polite.Response
		for range 4 {
			res = get(t, c, polite.Request{URL: "http://ancien.example/", Validators: res.Validators})
		}
		if res.Moved == "" {
			t.Fatal("the move was not believed")
		}
		res = get(t, c, polite.Request{URL: "http://autre.example/", Validators: res.Validators})
		if string(res.Body) != "autre.example" || res.Moved != "" {
			t.Errorf("asked %s, moved to %q", res.Body, res.Moved)
		}
	})
}

func TestTwoRequestsToAHostKeepTheirDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const takes = 700 * time.Millisecond
		var at []time.Time
		web := webtest.New(t)
		web.Handle("nordelune.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			at = append(at, time.Now())
			time.Sleep(takes)
			if len(at) == 1 {
				http.Redirect(w, r, "/ailleurs", http.StatusFound)
			}
		}))
		c := web.Client(t, polite.Config{})
		for range 3 {
			get(t, c, polite.Request{URL: "http://nordelune.example/"})
		}
		for i := 1; i < len(at); i++ {
			if gap := at[i].Sub(at[i-1]); gap < takes+time.Second {
				t.Errorf("request %d came %v after the one before, want a second after its end", i+1, gap)
			}
		}
		if len(at) != 4 {
			t.Errorf("%d requests, want 4", len(at))
		}
	})
}

func TestAHostKeepsItsDistanceAlsoWhereAllWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var at []time.Time
		web := webtest.New(t)
		web.Handle("lent.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { time.Sleep(5 * time.Second) }))
		web.Handle("nordelune.example", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			at = append(at, time.Now())
		}))
		c := web.Client(t, polite.Config{Total: 1})
		var wg sync.WaitGroup
		for _, host := range []string{"lent", "nordelune", "nordelune"} {
			wg.Go(func() { get(t, c, polite.Request{URL: "http://" + host + ".example/"}) })
			synctest.Wait()
		}
		wg.Wait()
		if len(at) != 2 || at[1].Sub(at[0]) < time.Second {
			t.Errorf("asked at %v", at)
		}
	})
}
