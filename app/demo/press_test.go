package demo

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func TestThePressTellsEachItemWhenItsTimeHasCome(t *testing.T) {
	start := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	now := start
	p, err := New(start, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	get := func(outlet, etag string) (int, string, string) {
		r := httptest.NewRequest("GET", "/"+outlet+"/feed", nil)
		r.Header.Set("If-None-Match", etag)
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		return w.Code, string(body), w.Header().Get("ETag")
	}
	_, before, etag := get("agence", "")
	if strings.Contains(before, "14 comptoirs") || !strings.Contains(before, "excédents en hausse") {
		t.Errorf("at the start: %s", before)
	}
	if code, _, _ := get("agence", etag); code != http.StatusNotModified {
		t.Errorf("nothing new: status %d, want 304", code)
	}
	now = start.Add(time.Minute)
	if code, told, _ := get("agence", etag); code != http.StatusOK || !strings.Contains(told, "14 comptoirs") {
		t.Errorf("after a minute: status %d, %s", code, told)
	}
	now = start.Add(3 * time.Minute)
	_, corrected, _ := get("agence", etag)
	if strings.Contains(corrected, "<title>Mouvement Valtisse : 14") || !strings.Contains(corrected, "<title>Mouvement Valtisse : 11") {
		t.Errorf("the correction did not replace the first version: %s", corrected)
	}
	if got := strings.Count(corrected, "/agence/14<"); got != 2 {
		t.Errorf("the corrected item changed its address: found %d times in link and guid, want 2", got)
	}
}

func TestEveryStoryBelongsToAnOutletAndEveryCommentAnswersOne(t *testing.T) {
	p, err := New(time.Now(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, o := range Outlets() {
		known[o.Name] = true
	}
	for _, s := range p.stories {
		if !known[s.Outlet] {
			t.Errorf("%q is told by %q, which is no outlet", s.Title, s.Outlet)
		}
		if s.On != "" && p.parent(s) == "" {
			t.Errorf("a comment answers %q, which nobody wrote", s.On)
		}
	}
}
