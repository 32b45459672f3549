package demo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/analyzer/language"
)

func read(t *testing.T) *Script {
	t.Helper()
	s, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// hands is a clock that a test sets to a moment of the script.
type hands struct {
	*testing.T
	at time.Time
}

func (h *hands) now() time.Time { return h.at }

func (h *hands) set(moment string) {
	h.Helper()
	r := reader{day: Start}
	at, rest, err := r.time(moment)
	if err != nil || rest != "" {
		h.Fatalf("%q is no moment: %v", moment, err)
	}
	h.at = at
}

func TestThePressTellsEachItemWhenItsTimeHasComeAndSaysWhenToComeBack(t *testing.T) {
	h := &hands{T: t}
	p := NewPress(read(t), h.now)
	get := func(outlet, etag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "/"+outlet+"/feed", nil)
		r.Header.Set("If-None-Match", etag)
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		return w
	}
	h.set("9 mar 07:39")
	before := get("agence", "")
	if body := before.Body.String(); strings.Contains(body, "14 comptoirs") || !strings.Contains(body, "excédents en hausse") {
		t.Errorf("before: %s", body)
	}
	if got := before.Header().Get("Cache-Control"); got != "max-age=60" {
		t.Errorf("a minute before the next item: Cache-Control %q, want max-age=60", got)
	}
	if got := get("agence", before.Header().Get("ETag")); got.Code != http.StatusNotModified {
		t.Errorf("nothing new: status %d, want 304", got.Code)
	}
	h.set("9 mar 07:40")
	told := get("agence", before.Header().Get("ETag")).Body.String()
	if !strings.Contains(told, "<title>Mouvement Valtisse : 14") {
		t.Errorf("at its time: %s", told)
	}
	h.set("9 mar 10:00")
	corrected := get("agence", "").Body.String()
	if strings.Contains(corrected, "<title>Mouvement Valtisse : 14") || !strings.Contains(corrected, "<title>Mouvement Valtisse : 11") {
		t.Errorf("the correction did not replace the first version: %s", corrected)
	}
	h.set("6 mer 12:00")
	if got := get("radio", "").Code; got != http.StatusBadGateway {
		t.Errorf("the radio answered %d while it could not be read", got)
	}
}

func TestTheScriptHasWhatTheChaptersPromise(t *testing.T) {
	s := read(t)
	count := func(from, until string, good func(item) bool) (n int) {
		f, u := &hands{T: t}, &hands{T: t}
		f.set(from)
		u.set(until)
		for _, it := range s.items {
			if !it.at.Before(f.at) && it.at.Before(u.at) && good(it) {
				n++
			}
		}
		return n
	}
	said := func(it item) bool { return it.outlet == "commentaires" }
	by := func(name string) func(item) bool {
		return func(it item) bool { return it.author == name }
	}
	about := func(what string) func(item) bool {
		return func(it item) bool { return strings.Contains(it.versions[0].title+it.versions[0].text, what) }
	}
	hosts := map[string]bool{}
	count("9 mar 07:40", "9 mar 07:41", func(it item) bool { hosts[strings.Split(it.link, "/")[2]] = true; return true })
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"happy comments of the contest", count("4 lun 00:00", "4 sam 00:00", said), 40},
		{"comments of one person in an afternoon", count("5 lun 13:00", "5 lun 16:00", by("Gontran Vachefoin")), 12},
		{"comments of the wave's first quarter of an hour, after those who liked it", count("9 mer 09:12", "9 mer 09:26:30", said), 34},
		{"outlets that carry the wire", len(hosts), 17},
		{"instructions of the parent, forty minutes after the correction", count("9 mar 10:35", "9 mar 10:36", about("Consignes aux caisses")), 1},
		{"times that somebody asks about the boxes", count("9 mer 00:00", "9 jeu 00:00", func(it item) bool {
			return about("coffret")(it) || about("vault")(it) || about("safety deposit")(it)
		}), 5},
		{"identical texts", count("9 mer 09:29", "9 mer 09:31", func(it item) bool { return strings.HasPrefix(it.versions[0].text, "PARTAGEZ") }), 3},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
	english := 0
	for _, it := range s.items {
		if v := it.versions[0]; language.Detect(v.title+" "+v.text) == language.English {
			english++
		}
	}
	if n := len(s.items); n < 420 || 5*english < n {
		t.Errorf("%d texts, %d of them in English: the demonstration was fuller than that", n, english)
	}
	for _, it := range s.items {
		if v := it.versions[0]; v.text == "" || it.outlet != "commentaires" && v.title == "" {
			t.Errorf("%s at %v has no text or no title", it.outlet, it.at)
		}
	}
}

func TestTheChaptersFollowOneAnotherAndTakeThreeMinutes(t *testing.T) {
	s := read(t)
	var whole time.Duration
	for i, c := range s.Chapters {
		whole += c.Lasts
		if c.Title.EN == "" || c.Title.FR == "" || c.Text.EN == "" || c.Text.FR == "" {
			t.Errorf("chapter %d lacks a word in one language", i)
		}
		if i > 0 && !c.From.After(s.Chapters[i-1].From) {
			t.Errorf("chapter %d begins before the one above", i)
		}
	}
	if whole < 2*time.Minute || whole > 3*time.Minute {
		t.Errorf("the chapters take %v, want between two and three minutes", whole)
	}
	last := s.at(0)
	for screen := time.Duration(0); screen < whole+time.Second; screen += 50 * time.Millisecond {
		if at := s.at(screen); at.Before(last) {
			t.Fatalf("the time goes back at %v on the screen", screen)
		} else {
			last = at
		}
	}
	if !last.Equal(s.End()) {
		t.Errorf("after %v it is %v, want %v", whole, last, s.End())
	}
}

func TestTheMarksOfAScriptAreCheckedByLine(t *testing.T) {
	for line, why := range map[string]string{
		"@nulle-part 1 lun 10:00": "no outlet",
		"@echo bientôt":           "no time",
		"un texte seul":           "belongs to no item",
		"> 1 lun 10:00 Rosaire":   "a comment is",
		"~ 1 lun 10:00 sans rien": "an edit is",
		"!radio 1 lun 10:00":      "no time",
	} {
		r := reader{script: &Script{}, day: Start}
		if err := r.line(line); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want a word about %q", line, err, why)
		}
	}
}
