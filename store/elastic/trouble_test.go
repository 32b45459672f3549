package elastic

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

func whileTheServerIsAwayEverythingGoesOn(t *testing.T, h *house) {
	h.set(away, nil)
	folder := t.TempDir()
	s := h.open(folder)
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	if fresh, _ := put(t, s, m); !slices.Equal(fresh, []string{m.ID}) {
		t.Errorf("fresh: %v", fresh)
	}
	if _, edited := put(t, s, edit(m, noon.Add(2*time.Hour), "Frais remboursés")); !slices.Equal(edited, []string{m.ID}) {
		t.Errorf("edited: %v", edited)
	}
	if err := s.AddReading(t.Context(), m.ID, mention.Reading{At: noon.Add(3 * time.Hour), Label: mention.Negative, By: mention.Person}); err != nil {
		t.Errorf("a judgement of what waits: %v", err)
	}
	if err := s.MarkGone(t.Context(), []string{m.ID}, noon.Add(4*time.Hour)); err != nil {
		t.Error(err)
	}
	check := func(s *Store) {
		t.Helper()
		got, err := s.Get(t.Context(), m.ID)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Versions) != 2 || len(got.Readings) != 1 || !got.GoneAt.Equal(noon.Add(4*time.Hour)) {
			t.Errorf("got %+v", got)
		}
	}
	check(s)
	_, err := s.Get(t.Context(), "unknown")
	if !errors.Is(err, store.ErrAway) || errors.Is(err, store.ErrNotFound) || say.Explain(err, say.English) == say.Explain(err, say.FrenchCanada) {
		t.Errorf("of what only the server may know: %v, want that it does not answer, in both languages", err)
	}
	if err := s.AddReading(t.Context(), "unknown", mention.Reading{}); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("a judgement of what only the server may know: %v", err)
	}
	if state := s.State(); state.Trouble == nil || state.Spooled != 4 || state.Since.IsZero() {
		t.Errorf("state %+v", state)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = h.open(folder)
	check(s)
	if at, err := s.NewestSeen(t.Context()); err != nil || !at.Equal(m.SeenAt) {
		t.Errorf("after a restart, seen last at %v (%v), want %v", at, err, m.SeenAt)
	}
	if !s.Waiting().Equal(m.SeenAt) {
		t.Errorf("after a restart, waits since %v, want %v", s.Waiting(), m.SeenAt)
	}
	h.set(nil, nil)
	drain(t, s)
	if got := h.one(); len(got.Versions) != 2 || len(got.Readings) != 1 || got.GoneAt.IsZero() {
		t.Errorf("on the server: %+v", got)
	}
	check(s)
	until(t, "the trouble is over", func() bool { return s.State().Trouble == nil })
}

func faultsOfTheServerCostDelayOnly(t *testing.T, h *house) {
	sorts := map[string]func(*house){
		"answers are lost after the server applied them": func(h *house) {
			h.set(nil, func(r *http.Request, _ []byte) bool { return isBulk(r) && rand.N(2) > 0 })
		},
		"any answer may be lost": func(h *house) {
			h.set(nil, func(*http.Request, []byte) bool { return rand.N(5) == 0 })
		},
		"every request is refused": func(h *house) {
			h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if rand.N(4) > 0 {
					return false
				}
				says(w, http.StatusTooManyRequests, object{"error": object{"type": "circuit_breaking_exception", "reason": "Data too large"}, "status": 429})
				return true
			}, nil)
		},
		"a proxy says that there is nobody": func(h *house) {
			h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if rand.N(4) > 0 {
					return false
				}
				http.Error(w, "<html>Bad gateway</html>", http.StatusBadGateway)
				return true
			}, nil)
		},
		"a proxy finds fault with what is sent": func(h *house) {
			h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
				if !isBulk(r) || rand.N(2) > 0 {
					return false
				}
				http.Error(w, "<html>Bad request</html>", http.StatusBadRequest)
				return true
			}, nil)
		},
		"single mentions are refused": func(h *house) { h.set(h.refuseSome, nil) },
	}
	for i, name := range slices.Sorted(maps.Keys(sorts)) {
		t.Run(name, func(t *testing.T) {
			h := h.guest(t, fmt.Sprint(h.tag, i))
			s := h.open(t.TempDir())
			sorts[name](h)
			var ids []string
			for n := range 3 {
				batch, some := h.many(40*n, 40)
				ids = append(ids, some...)
				put(t, s, batch...)
				for i := range batch {
					batch[i] = edit(batch[i], noon.AddDate(0, 6, n), "Frais remboursés")
				}
				put(t, s, batch...)
			}
			drain(t, s)
			for id, m := range h.once(ids...) {
				if got := texts(m); len(got) != 2 || got[1] != "Frais remboursés" {
					t.Errorf("%s has versions %q", id, got)
				}
			}
			if dead, err := s.DeadLetters(t.Context(), 10); err != nil || len(dead) > 0 {
				t.Errorf("dead letters: %v, %v", dead, err)
			}
		})
	}
}

// refuseSome lets every second write of a bulk request through and refuses the others
// as a server whose queue is full does.
func (h *house) refuseSome(w http.ResponseWriter, r *http.Request, body []byte) bool {
	if !isBulk(r) {
		return false
	}
	var through bytes.Buffer
	var passed []bool
	var actions []string
	lines := bytes.SplitAfter(body, []byte("\n"))
	for i := 0; i < len(lines) && len(lines[i]) > 0; i++ {
		var line map[string]target
		if err := json.Unmarshal(lines[i], &line); err != nil {
			h.t.Error(err)
		}
		pass := rand.N(2) > 0
		for action := range line {
			actions = append(actions, action)
			passed = append(passed, pass)
			if pass {
				through.Write(lines[i])
			}
			if action != "delete" {
				i++
				if pass {
					through.Write(lines[i])
				}
			}
		}
	}
	var answer struct {
		Items []map[string]outcome `json:"items"`
	}
	if through.Len() > 0 {
		if err := h.direct.do(r.Context(), esapi.BulkRequest{Body: &through}, &answer); err != nil {
			h.t.Error(err)
		}
	}
	busy, _ := json.Marshal(object{"type": "es_rejected_execution_exception", "reason": "rejected execution"})
	var all []map[string]outcome
	for i, pass := range passed {
		if pass {
			all = append(all, answer.Items[0])
			answer.Items = answer.Items[1:]
		} else {
			all = append(all, map[string]outcome{actions[i]: {Status: http.StatusTooManyRequests, Error: busy}})
		}
	}
	says(w, http.StatusOK, object{"items": all})
	return true
}

func aServerThatOnlyLetsReadIsWaitedFor(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	batch, ids := h.many(0, 30)
	put(t, s, batch...)
	drain(t, s)
	block := func(on any) {
		t.Helper()
		body, _ := json.Marshal(object{"index.blocks.read_only_allow_delete": on})
		h.must(esapi.IndicesPutSettingsRequest{Index: []string{h.config.Prefix + "-*"}, Body: bytes.NewReader(body)})
	}
	block(true)
	more, others := h.many(30, 30)
	put(t, s, more...)
	until(t, "the trouble is told", func() bool { return s.State().Trouble != nil })
	if said := say.Explain(s.State().Trouble, say.FrenchCanada); !strings.Contains(said, "disque est plein") {
		t.Errorf("said: %s", said)
	}
	if !s.Waiting().Equal(more[0].SeenAt) {
		t.Errorf("waits since %v", s.Waiting())
	}
	block(nil)
	drain(t, s)
	h.once(append(ids, others...)...)
}

func whatTheServerRefusesForGoodIsADeadLetterUntilItIsSentAgain(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	july := time.Date(2025, 7, 9, 12, 0, 0, 0, time.UTC)
	wrong := h.config.Prefix + "-mentions-2025-07"
	body := `{"mappings":{"properties":{"source":{"type":"integer"}}},"aliases":{"` + h.config.Prefix + `-mentions":{}}}`
	h.must(esapi.IndicesCreateRequest{Index: wrong, Body: strings.NewReader(body)})
	batch, ids := h.many(0, 9)
	for i := range 3 {
		batch[i] = h.said(fmt.Sprintf("%05d", i), july, "Frais à la caisse Valtisse")
	}
	put(t, s, batch...)
	drain(t, s)
	dead, err := s.DeadLetters(t.Context(), 10)
	if err != nil || len(dead) != 3 || s.State().Dead != 3 {
		t.Fatalf("dead letters: %v, %v; state %+v", dead, err, s.State())
	}
	for _, l := range dead {
		if !strings.Contains(l.Reason, "source") || !slices.Contains(ids, l.ID) || l.Died.IsZero() || l.What != store.ToKeep || l.Mention.ID != l.ID || l.Mention.Source != "tribune" {
			t.Errorf("dead letter %+v", l)
		}
		if said := say.Explain(l.Why, say.FrenchCanada); !strings.Contains(said, wrong) || !strings.Contains(said, "genre") {
			t.Errorf("in words: %s", said)
		}
	}
	h.must(esapi.IndicesDeleteRequest{Index: []string{wrong}})
	newer := edit(batch[0], noon.AddDate(0, 6, 0), "Frais remboursés")
	put(t, s, newer) // came after the one that is dead
	drain(t, s)
	if n, err := s.Resend(t.Context(), dead[0].Seq); err != nil || n != 1 {
		t.Errorf("sent %d again: %v", n, err)
	}
	if n, err := s.Resend(t.Context()); err != nil || n != 2 {
		t.Errorf("sent %d again: %v", n, err)
	}
	drain(t, s)
	got := h.once(ids...)
	if want := []string{batch[0].Versions[0].Text, "Frais remboursés"}; !slices.Equal(texts(got[ids[0]]), want) {
		t.Errorf("versions %q, want %q: the newer stays newer", texts(got[ids[0]]), want)
	}
	if dead, err := s.DeadLetters(t.Context(), 10); err != nil || len(dead) > 0 {
		t.Errorf("dead letters: %v, %v", dead, err)
	}
}

func whatWasOnItsWayIntoADeletedIndexIsSentAgain(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	var once sync.Once
	h.set(nil, func(r *http.Request, _ []byte) bool {
		if isBulk(r) {
			once.Do(func() {
				if err := h.direct.do(r.Context(), esapi.IndicesDeleteRequest{Index: []string{h.config.Prefix + "-mentions-2025-08"}}, nil); err != nil {
					t.Error(err)
				}
			})
		}
		return false
	})
	batch, ids := h.many(0, 60)
	for i := range 20 {
		batch[i] = h.said(fmt.Sprintf("%05d", i), time.Date(2025, 8, 9, 12, 0, 0, 0, time.UTC), "Frais à la caisse Valtisse")
	}
	put(t, s, batch...)
	drain(t, s)
	h.once(ids...)
}

func aFullSpoolRefusesAndLosesNothing(t *testing.T, h *house) {
	h.set(away, nil)
	h.config.Spool = 1
	s := h.open(t.TempDir())
	var ids []string
	var err error
	for n := 0; err == nil; n++ {
		batch, some := h.many(500*n, 500)
		if _, _, err = s.Put(t.Context(), batch); err == nil {
			ids = append(ids, some...)
		}
		if n > 100 {
			t.Fatal("it is never full")
		}
	}
	if said := say.Explain(err, say.FrenchCanada); !strings.Contains(said, "file d’attente est pleine") || !strings.Contains(said, "spool sous store") {
		t.Errorf("said: %s", said)
	}
	if !s.State().Filling() {
		t.Errorf("state %+v", s.State())
	}
	h.set(nil, nil)
	drain(t, s)
	more, others := h.many(len(ids), 10)
	put(t, s, more...)
	drain(t, s)
	h.once(append(ids, others...)...)
}
