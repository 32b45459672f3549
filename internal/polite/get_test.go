package polite_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/internal/polite"
	"github.com/ouidire/ouidire/internal/polite/webtest"
	"github.com/ouidire/ouidire/internal/say"
)

const echo = "http://echo-des-moyacs.example/fil.xml"

func TestTheSecondRequestGivesBackTheValidatorsToTheByte(t *testing.T) {
	for name, etag := range map[string]string{
		"strong":             `"33a64df5"`,
		"weak":               `W/"33a64df5--gzip"`,
		"without quotes":     `33a64df5`,
		"French":             `"l’épargne d'été"`,
		"not UTF-8":          "\"\xe9t\xe9\"",
		"looks like our own": `%:%41`,
		"empty":              "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const modified = "Sat, 31 Feb 2026 25:61:00 EST" // not a date, and none of our business
				var asked []http.Header
				web := webtest.New(t)
				web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked = append(asked, r.Header.Clone())
					w.Header()["Etag"] = []string{etag}
					w.Header().Set("Last-Modified", modified)
					if len(asked) > 1 {
						w.WriteHeader(http.StatusNotModified)
					}
				}))
				client := web.Client(t, polite.Config{})
				first := get(t, client, polite.Request{URL: echo})
				second := get(t, client, polite.Request{URL: echo, Validators: throughJSON(t, first.Validators)})
				if got := asked[0].Get("If-None-Match") + asked[0].Get("If-Modified-Since"); got != "" {
					t.Errorf("the first request was conditional: %q", got)
				}
				if got := asked[1].Get("If-None-Match"); got != etag {
					t.Errorf("If-None-Match is %q, want %q", got, etag)
				}
				if got := asked[1].Get("If-Modified-Since"); got != modified {
					t.Errorf("If-Modified-Since is %q, want %q", got, modified)
				}
				if !second.NotModified || second.Validators != first.Validators {
					t.Errorf("after 304: NotModified %v, validators %+v, want those of the 200 %+v", second.NotModified, second.Validators, first.Validators)
				}
			})
		})
	}
}

// A second comment in the second of the first changes neither date nor ETag.
func TestWhatMayHaveChangedAgainInTheSameSecondIsAskedForWhole(t *testing.T) {
	const before, at = "Sun, 22 Nov 2026 12:06:12 GMT", "Sun, 22 Nov 2026 12:06:13 GMT"
	for name, c := range map[string]struct {
		first, second map[string]string // answers
		want          []string          // what the second and the third question know
	}{
		"changed before":               {map[string]string{"Date": at, "Last-Modified": before, "Etag": `"a"`}, nil, []string{`"a"|` + before, `"a"|` + before}},
		"changed in that second":       {map[string]string{"Date": at, "Last-Modified": at, "Etag": `"a"`}, map[string]string{"Date": "Sun, 22 Nov 2026 12:06:14 GMT", "Last-Modified": at, "Etag": `"b"`}, []string{"|", `"b"|` + at}},
		"changed always, by its words": {map[string]string{"Date": before, "Last-Modified": before, "Etag": `"a"`}, map[string]string{"Date": at, "Last-Modified": at, "Etag": `"a"`}, []string{"|", `"a"|` + at}},
		"changed always, to its clock": {map[string]string{"Date": before, "Last-Modified": before}, map[string]string{"Date": at, "Last-Modified": at}, []string{"|", "|"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked []string
				web := webtest.New(t)
				web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					asked = append(asked, r.Header.Get("If-None-Match")+"|"+r.Header.Get("If-Modified-Since"))
					answer := c.first
					if len(asked) > 1 {
						answer = c.second
					}
					for k, v := range answer {
						w.Header().Set(k, v)
					}
					if answer == nil {
						w.WriteHeader(http.StatusNotModified)
					}
				}))
				client := web.Client(t, polite.Config{})
				var v polite.Validators
				for range 3 {
					v = throughJSON(t, get(t, client, polite.Request{URL: echo, Validators: v}).Validators)
				}
				if diff := cmp.Diff(c.want, asked[1:]); diff != "" {
					t.Errorf("asked (- want, + got):\n%s", diff)
				}
			})
		})
	}
}

func TestValidatorsAreReplacedWholeByEveryNewAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []map[string]string{{"Etag": `"1"`, "Last-Modified": "then"}, {"Etag": `"2"`}, {"Last-Modified": "now"}, {}}
		want := []string{"|", `"1"|then`, `"2"|`, "|now", "|"}
		var asked []string
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for k, v := range answers[min(len(asked), 3)] {
				w.Header().Set(k, v)
			}
			asked = append(asked, r.Header.Get("If-None-Match")+"|"+r.Header.Get("If-Modified-Since"))
			fmt.Fprint(w, "the same body")
		}))
		client := web.Client(t, polite.Config{})
		var v polite.Validators
		for range want {
			v = get(t, client, polite.Request{URL: echo, Validators: v}).Validators
		}
		if fmt.Sprint(asked) != fmt.Sprint(want) {
			t.Errorf("asked with %v, want %v", asked, want)
		}
		if v.Conditional() {
			t.Error("an answer without validators left some behind")
		}
	})
}

func TestValidatorsGoToNoOtherAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.RedirectHandler("http://nordelune.example/fil", http.StatusFound))
		web.Handle("nordelune.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Etag", `"nordelune"`)
			fmt.Fprint(w, r.Header.Get("If-None-Match"))
		}))
		client := web.Client(t, polite.Config{})
		first := get(t, client, polite.Request{URL: echo})
		second := get(t, client, polite.Request{URL: echo, Validators: first.Validators})
		if got := string(second.Body); got != `"nordelune"` {
			t.Errorf("the address that gave the validators was asked with %q", got)
		}
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "asked with "+r.Header.Get("If-None-Match"))
		}))
		third := get(t, web.Client(t, polite.Config{}), polite.Request{URL: echo, Validators: second.Validators})
		if got := string(third.Body); got != "asked with " {
			t.Errorf("another address got the validators: %s", got)
		}
	})
}

func TestARequestCarriesNothingButWhatItMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got http.Header
		var target string
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got, target = r.Header.Clone(), r.RequestURI
			http.SetCookie(w, &http.Cookie{Name: "qui", Value: "vous"})
		}))
		client := web.Client(t, polite.Config{Version: "1.4", Contact: "https://caisse-valtisse.example/robot"})
		for range 2 {
			get(t, client, polite.Request{URL: echo + "?page=2#haut", Accept: "application/rss+xml"})
		}
		want := http.Header{
			"User-Agent":      {"ouidire/1.4 (+https://caisse-valtisse.example/robot)"},
			"Accept":          {"application/rss+xml"},
			"Accept-Encoding": {"gzip"},
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("headers are %v, want %v", got, want)
		}
		if target != "/fil.xml?page=2" {
			t.Errorf("asked for %q", target)
		}
	})
}

func TestATokenStaysWithItsOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[string]string{}
		note := func(next string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				seen[r.Host+r.URL.Path] = r.Header.Get("Authorization") + r.Header.Get("Referer") + r.Header.Get("Cookie") + r.Header.Get("X-Jeton")
				if r.URL.Path == "/fil.xml" {
					http.Redirect(w, r, "/plus-loin", http.StatusFound)
				} else if next != "" {
					http.Redirect(w, r, next, http.StatusFound)
				}
			})
		}
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", note("http://someone:else@nordelune.example/fin"))
		web.Handle("nordelune.example", note(""))
		client := web.Client(t, polite.Config{})
		get(t, client, polite.Request{
			URL:    "http://valtisse:secret@echo-des-moyacs.example/fil.xml",
			Header: http.Header{"X-Jeton": {"jeton"}},
		})
		want := map[string]string{
			"echo-des-moyacs.example/fil.xml":   "Basic dmFsdGlzc2U6c2VjcmV0jeton",
			"echo-des-moyacs.example/plus-loin": "Basic dmFsdGlzc2U6c2VjcmV0jeton",
			"nordelune.example/fin":             "",
		}
		if fmt.Sprint(seen) != fmt.Sprint(want) {
			t.Errorf("sent %v, want %v", seen, want)
		}
	})
}

func TestAnErrorNamesNoMoreThanTheHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		web := webtest.New(t)
		web.Handle("echo-des-moyacs.example", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/loin" {
				http.Redirect(w, r, "http://jean:motdepasse@10.0.0.1/?jeton=cle", http.StatusFound)
			} else {
				w.WriteHeader(http.StatusNotFound)
			}
		}))
		client := web.Client(t, polite.Config{})
		for _, address := range []string{
			"http://jean:motdepasse@echo-des-moyacs.example/?jeton=cle",
			"http://jean:motdepasse@echo-des-moyacs.example/loin?jeton=cle",
			"http://jean:motdepasse@nulle-part.example/?jeton=cle",
			"http://jean:motdepasse@127.0.0.1/?jeton=cle",
			"gopher://jean:motdepasse@echo-des-moyacs.example/?jeton=cle",
			"http://jean:motdepasse@echo-des-moyacs.example:99999/?jeton=cle",
			"http://jean:motdepasse@[::1/?jeton=cle",
			"http://jean:motdepasse%zz@echo-des-moyacs.example/?jeton=cle",
		} {
			_, err := client.Get(t.Context(), polite.Request{URL: address})
			for _, text := range []string{fmt.Sprint(err), say.Explain(err, say.FrenchCanada), say.Explain(err, say.English)} {
				if err == nil || strings.Contains(text, "motdepasse") || strings.Contains(text, "cle") && strings.Contains(text, "jeton=") {
					t.Errorf("the error of %s says %q", address, text)
				}
			}
		}
	})
}

func get(t *testing.T, c *polite.Client, r polite.Request) polite.Response {
	t.Helper()
	res, err := c.Get(t.Context(), r)
	if err != nil {
		t.Fatalf("get %s: %v", r.URL, err)
	}
	return res
}

func throughJSON(t *testing.T, v polite.Validators) (back polite.Validators) {
	t.Helper()
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &back)
	}
	if err != nil {
		t.Fatal(err)
	}
	return back
}
