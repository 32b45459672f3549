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
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// TestOnTheServer is what the writing half promises, on the real server.
func TestOnTheServer(t *testing.T) {
	whole := newHouse(t)
	for i, c := range []struct {
		name string
		test func(*testing.T, *house)
	}{
		{"What was put can be found once nothing waits", whatWasPutCanBeFoundOnceNothingWaits},
		{"Faults of the server cost delay only", faultsOfTheServerCostDelayOnly},
		{"While the server is away everything goes on", whileTheServerIsAwayEverythingGoesOn},
		{"A server that only lets read is waited for", aServerThatOnlyLetsReadIsWaitedFor},
		{"What the server refuses for good is a dead letter until it is sent again", whatTheServerRefusesForGoodIsADeadLetterUntilItIsSentAgain},
		{"What another process sends again is sent and counted by the one that sends", whatAnotherProcessSendsAgainIsSentAndCountedByTheOneThatSends},
		{"A server that is gone is noticed though nobody writes", aServerThatIsGoneIsNoticedThoughNobodyWrites},
		{"What was on its way into a deleted index is sent again", whatWasOnItsWayIntoADeletedIndexIsSentAgain},
		{"An edit never loses to another writer", anEditNeverLosesToAnotherWriter},
		{"A mention stays in the month that it was first kept in", aMentionStaysInTheMonthThatItWasFirstKeptIn},
		{"What is claimed moves over and back", whatIsClaimedMovesOverAndBack},
		{"Doubles become one", doublesBecomeOne},
		{"A full spool refuses and loses nothing", aFullSpoolRefusesAndLosesNothing},
		{"Of two processes one sends", ofTwoProcessesOneSends},
		{"What a killed process has kept is found once", whatAKilledProcessHasKeptIsFoundOnce},
		{"A mention comes back from the server as it was given", aMentionComesBackFromTheServerAsItWasGiven},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, whole.guest(t, string(rune('a'+i)))) })
	}
}

func whatWasPutCanBeFoundOnceNothingWaits(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	batch, ids := h.many(0, 300)
	rings := make(chan struct{}, 1000)
	s.OnFound(func() { rings <- struct{}{} })
	fresh, edited := put(t, s, batch...)
	if len(fresh) != 300 || len(edited) != 0 {
		t.Errorf("%d fresh and %d edited, want 300 and 0", len(fresh), len(edited))
	}
	if at := s.Waiting(); !at.Equal(batch[0].SeenAt) {
		t.Errorf("waits since %v, want %v", at, batch[0].SeenAt)
	}
	drain(t, s)
	if len(rings) == 0 {
		t.Error("nobody was told that something can be found")
	}
	h.once(ids...)
	fresh, edited = put(t, s, batch...)
	if len(fresh)+len(edited) != 0 {
		t.Errorf("a repeat: %v fresh, %v edited", fresh, edited)
	}
	drain(t, s)
	h.once(ids...)
}

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
	if _, err := s.Get(t.Context(), "unknown"); err == nil || errors.Is(err, store.ErrNotFound) {
		t.Errorf("of what only the server may know: %v, want that it does not answer", err)
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

func whatAnotherProcessSendsAgainIsSentAndCountedByTheOneThatSends(t *testing.T, h *house) {
	h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if !isBulk(r) {
			return false
		}
		says(w, http.StatusBadRequest, object{"error": object{"type": "strict_dynamic_mapping_exception", "reason": "introduction of [lieu] is not allowed"}, "status": 400})
		return true
	}, nil)
	folder := t.TempDir()
	s := h.open(folder)
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	put(t, s, m)
	if err := s.MarkGone(t.Context(), []string{m.ID}, noon.Add(4*time.Hour)); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	beside := h.open(folder)
	letters, err := beside.DeadLetters(t.Context(), 10)
	if err != nil || len(letters) != 2 {
		t.Fatalf("dead letters %+v, %v", letters, err)
	}
	for _, l := range letters {
		if l.Mention.ID != m.ID || !strings.Contains(say.Explain(l.Why, say.English), "lacks a field") {
			t.Errorf("dead letter %+v", l)
		}
	}
	h.set(nil, nil)
	if n, err := beside.Resend(t.Context()); err != nil || n != 2 {
		t.Fatalf("sent %d again: %v", n, err)
	}
	drain(t, beside)
	until(t, "the one that sends has counted", func() bool {
		is := s.State()
		return is.Dead == 0 && is.Spooled == 0 && is.Bytes == 0 && is.Oldest.IsZero()
	})
	if got := h.one(); got.GoneAt.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func aServerThatIsGoneIsNoticedThoughNobodyWrites(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	put(t, s, h.said("m", noon, "Frais à la caisse Valtisse"))
	drain(t, s)
	until(t, "all is well", func() bool { return s.State().Trouble == nil })
	h.set(away, nil)
	s.knock(t.Context())
	if is := s.State(); is.Trouble == nil || !strings.Contains(say.Explain(is.Trouble, say.English), "does not answer") {
		t.Errorf("state %+v", is)
	}
	h.set(nil, nil)
	s.knock(t.Context())
	if is := s.State(); is.Trouble != nil {
		t.Errorf("it answers, and is said not to be written to: %v", is.Trouble)
	}
	s.condition.bad(errors.New("the disk is full"))
	s.knock(t.Context())
	if s.State().Trouble == nil {
		t.Error("a server that answers is believed to be written to")
	}
	h.set(away, nil)
	s.knock(t.Context())
	if is := s.State(); is.Trouble == nil || is.Trouble.Error() != "the disk is full" {
		t.Errorf("what writing has shown is forgotten: %v", is.Trouble)
	}
	h.set(nil, nil)
	if claimed, unclaimed, err := s.Sizes(t.Context()); err != nil || claimed <= unclaimed || unclaimed <= 0 {
		t.Errorf("%d bytes of claimed and %d of unclaimed mentions, %v", claimed, unclaimed, err)
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

func anEditNeverLosesToAnotherWriter(t *testing.T, h *house) {
	writers := []*Store{h.open(t.TempDir()), h.open(t.TempDir()), h.open(t.TempDir())}
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	put(t, writers[0], m)
	drain(t, writers[0])
	var all sync.WaitGroup
	want := map[string]bool{m.Versions[0].Text: true}
	for w, s := range writers {
		for n := range 10 {
			want[fmt.Sprint("Frais ", w, " ", n)] = true
		}
		all.Go(func() {
			for n := range 10 {
				if _, _, err := s.Put(t.Context(), []mention.Mention{edit(m, noon.Add(time.Duration(60*n+w)*time.Minute), fmt.Sprint("Frais ", w, " ", n))}); err != nil {
					t.Error(err)
				}
				err := s.AddReading(t.Context(), m.ID, mention.Reading{At: noon.Add(time.Duration(n) * time.Minute), By: fmt.Sprint("lexicon-", w)})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for _, s := range writers {
		drain(t, s)
	}
	got := h.one()
	for _, text := range texts(got) {
		delete(want, text)
	}
	if len(want) > 0 || len(got.Readings) != 30 {
		t.Errorf("lost the versions %v; %d readings, want 30", want, len(got.Readings))
	}
}

func aMentionStaysInTheMonthThatItWasFirstKeptIn(t *testing.T, h *house) {
	put1 := h.open(t.TempDir())
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	put(t, put1, m)
	drain(t, put1)
	elsewhere := h.open(t.TempDir()) // remembers nothing
	moved := edit(m, noon.AddDate(0, 1, 0), "Frais remboursés")
	moved.PublishedAt = noon.AddDate(0, 1, 0)
	put(t, elsewhere, moved)
	drain(t, elsewhere)
	if got := h.one(); !got.PublishedAt.Equal(noon) || len(got.Versions) != 2 {
		t.Errorf("got %+v", got)
	}
}

func whatIsClaimedMovesOverAndBack(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	hits := m.Versions[0].Hits
	m.Versions[0].Hits = nil
	put(t, s, m)
	drain(t, s)
	claimed := edit(m, noon.Add(5*time.Hour), m.Versions[0].Text)
	claimed.Versions[0].Hits = hits
	put(t, s, claimed)
	drain(t, s)
	if got := h.one(); len(got.Versions) != 2 || len(got.Current().Hits) != 1 {
		t.Errorf("claimed: %+v", got)
	}
	put(t, s, edit(m, noon.Add(6*time.Hour), m.Versions[0].Text))
	drain(t, s)
	if got := h.one(); len(got.Versions) != 3 || len(got.Current().Hits) != 0 {
		t.Errorf("claimed no more: %+v", got)
	}
	if n := s.State().Doubles; n != 0 {
		t.Errorf("%d doubles counted, want none", n)
	}
}

func doublesBecomeOne(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	put(t, s, m)
	drain(t, s)
	double := edit(m, noon.Add(2*time.Hour), "Frais remboursés")
	double.PublishedAt = noon.AddDate(0, 2, 0)
	source, err := new(documents).encode(&double)
	if err != nil {
		t.Fatal(err)
	}
	index := s.names.of(&double)
	h.must(esapi.IndexRequest{Index: index, DocumentID: m.ID, Body: bytes.NewReader(source), Refresh: "true"})
	other := h.open(t.TempDir())
	put(t, other, edit(m, noon.Add(3*time.Hour), "Frais abolis"))
	drain(t, other)
	got := h.one()
	if want := []string{m.Versions[0].Text, "Frais remboursés", "Frais abolis"}; !slices.Equal(texts(got), want) {
		t.Errorf("versions %q, want %q", texts(got), want)
	}
	if n := other.State().Doubles; n != 1 {
		t.Errorf("%d doubles counted, want 1", n)
	}
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

func ofTwoProcessesOneSends(t *testing.T, h *house) {
	folder := t.TempDir()
	first, second := h.open(folder), h.open(folder)
	batch, ids := h.many(0, 20)
	put(t, first, batch...)
	more, others := h.many(20, 20)
	put(t, second, more...)
	drain(t, second)
	drain(t, first)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	last, third := h.many(40, 20)
	put(t, second, last...)
	drain(t, second)
	h.once(slices.Concat(ids, others, third)...)
}

func aMentionComesBackFromTheServerAsItWasGiven(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	given := sample()
	put(t, s, given)
	drain(t, s)
	got, err := s.Get(t.Context(), given.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(given, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("came back (- want, + got):\n%s", diff)
	}
	if _, err := s.Get(t.Context(), "unknown"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown id: %v", err)
	}
	if err := s.AddReading(t.Context(), "unknown", mention.Reading{}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a judgement of an unknown id: %v", err)
	}
}
