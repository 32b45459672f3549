package polite_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
)

// A caller keeps the validators of an answer, and gives them back with the next request.
func ExampleClient_Get() {
	place := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "L’Écho des Moyacs")
	}))
	defer place.Close()

	client, err := polite.New(polite.Config{
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // this place is on our own machine
		Origins:      []string{place.URL},
		Spacing:      time.Millisecond,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ask := polite.Request{URL: place.URL}
	for range 2 {
		answer, err := client.Get(context.Background(), ask)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q, nothing new: %v\n", answer.Body, answer.NotModified)
		ask.Validators = answer.Validators
	}
	// Output:
	// "L’Écho des Moyacs", nothing new: false
	// "", nothing new: true
}
