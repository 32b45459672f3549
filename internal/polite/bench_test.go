package polite_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
)

func BenchmarkGet(b *testing.B) {
	page := strings.Repeat("<p>L’épargne d'été</p>", 2000)
	for name, validators := range map[string]bool{"whole": false, "not modified": true} {
		b.Run(name, func(b *testing.B) {
			web := webtest.New(b)
			web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Etag", `"1"`)
				if r.Header.Get("If-None-Match") != "" {
					w.WriteHeader(http.StatusNotModified)
				} else {
					fmt.Fprint(w, page)
				}
			}))
			c := web.Client(b, polite.Config{Spacing: time.Nanosecond})
			r := polite.Request{URL: echo}
			b.ReportAllocs()
			for b.Loop() {
				res, err := c.Get(b.Context(), r)
				if err != nil {
					b.Fatal(err)
				}
				if validators {
					r.Validators = res.Validators
				}
			}
		})
	}
}

func TestAClientIsNotMadeOfNonsense(t *testing.T) {
	for name, cfg := range map[string]polite.Config{
		"contact on two lines": {Contact: "moi\r\nCookie: a"},
		"contact in brackets":  {Contact: "moi)"},
		"version with accents": {Version: "été"},
		"origin without host":  {Origins: []string{"/fil.xml"}},
		"origin unreadable":    {Origins: []string{"http://jean:motdepasse@[::1"}},
	} {
		if _, err := polite.New(cfg); err == nil || strings.Contains(err.Error(), "motdepasse") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
