package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

func TestAFilterIsSavedUnderANameAndRemoved(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	here := "q=valtisse&tone=negative"
	save := func(name, filter string) int {
		return h.ask("POST", "/mentions/filters", url.Values{"name": {name}, "filter": {filter}}).Code
	}
	if !strings.Contains(h.ask("GET", "/mentions?"+here, nil).Body.String(), "Enregistrer ce filtre") {
		t.Error("a filter cannot be saved")
	}
	if code := save("  Plaintes   sur les frais ", here+"&after=zzz&evil=1"); code != http.StatusSeeOther {
		t.Fatalf("saved with status %d", code)
	}
	body := h.ask("GET", "/mentions", nil).Body.String()
	if !strings.Contains(body, `<a href="/mentions?q=valtisse&amp;tone=negative">Plaintes sur les frais</a>`) {
		t.Error("the list does not offer the saved filter, or it kept what is no part of it")
	}
	if body = h.ask("GET", "/mentions?"+here, nil).Body.String(); strings.Contains(body, "Enregistrer ce filtre") || !strings.Contains(body, `aria-current="true"`) {
		t.Error("the page of a saved filter does not say that it is saved")
	}
	if save("Plaintes sur les frais", "q=frais"); !strings.Contains(h.ask("GET", "/mentions", nil).Body.String(), "/mentions?q=frais") {
		t.Error("the same name does not replace the filter")
	}
	for name, c := range map[string]struct{ name, filter, want string }{
		"no name":      {" ", here, "Donnez à ce filtre un nom"},
		"a long name":  {strings.Repeat("é", 61), here, "Donnez à ce filtre un nom"},
		"no filter":    {"Tout", "", "Il n’y a rien à enregistrer"},
		"not a filter": {"Tout", "%zz", "Il n’y a rien à enregistrer"},
	} {
		w := h.ask("POST", "/mentions/filters", url.Values{"name": {c.name}, "filter": {c.filter}})
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: status %d, and the page does not say %q", name, w.Code, c.want)
		}
	}
	if w := h.ask("POST", "/mentions/filters/remove", url.Values{"name": {"Plaintes sur les frais"}}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/mentions" {
		t.Errorf("removed with status %d to %q", w.Code, w.Header().Get("Location"))
	}
	if strings.Contains(h.ask("GET", "/mentions", nil).Body.String(), "Plaintes sur les frais") {
		t.Error("a removed filter is still there")
	}
}

func TestFiltersSavedAtOnceAreAllKeptUpToTheirNumber(t *testing.T) {
	h := newHouse(t, "")
	var all sync.WaitGroup
	for n := range savedMost {
		all.Go(func() {
			h.ask("POST", "/mentions/filters", url.Values{"name": {fmt.Sprint("filtre ", n)}, "filter": {"tone=negative"}})
		})
	}
	all.Wait()
	kept, err := h.savedFilters(t.Context())
	if err != nil || len(kept) != savedMost {
		t.Fatalf("%d filters are kept (%v), want %d", len(kept), err, savedMost)
	}
	w := h.ask("POST", "/mentions/filters", url.Values{"name": {"un de trop"}, "filter": {"tone=negative"}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "retirez-en un") {
		t.Errorf("one too many got status %d", w.Code)
	}
}
