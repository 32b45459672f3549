package elastic

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// refuseAll has every mention refused for good.
func (h *house) refuseAll() {
	h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if !isBulk(r) || strings.Contains(r.URL.Path, "-cursors") {
			return false
		}
		says(w, http.StatusBadRequest, object{"error": object{"type": "strict_dynamic_mapping_exception", "reason": "introduction of [lieu] is not allowed"}, "status": 400})
		return true
	}, nil)
}

// admitted is what one shard showed last.
func admitted(t *testing.T, s *Store, shard int) (r store.Refusals) {
	t.Helper()
	all, err := s.Admitted(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, some := range all {
		if some.Shard == shard {
			r = some
		}
	}
	return r
}

func whatIsRefusedOfOneShardIsSeenByTheOthersAndSentAgainThere(t *testing.T, h *house) {
	thinks, finds := h.open(t.TempDir()), h.open(t.TempDir())
	if err := thinks.Admit(t.Context(), 0, 2); err != nil {
		t.Fatal(err)
	}
	if all, err := thinks.Admitted(t.Context()); err != nil || len(all) > 0 {
		t.Errorf("nobody else has shown anything yet, but %+v, %v", all, err)
	}
	h.refuseAll()
	batch, _ := h.many(0, 3)
	batch[0].Versions[0].Text = strings.Repeat("L’été, l'œuvre\u00a0! ", 200)
	batch[0].Readings = []mention.Reading{{At: noon, By: "lexicon"}}
	put(t, finds, batch...)
	drain(t, finds)
	for _, limit := range []int{2, 2} { // the second time nothing is new
		if err := finds.Admit(t.Context(), 1, limit); err != nil {
			t.Fatal(err)
		}
	}
	is := admitted(t, thinks, 1)
	if is.Dead != 3 || len(is.Newest) != 2 || is.At.IsZero() {
		t.Fatalf("shown are %+v", is)
	}
	own, err := finds.DeadLetters(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	for i, l := range is.Newest {
		m, said := l.Mention, say.Explain(l.Why, say.FrenchCanada)
		if l.Shard != 1 || l.Asked || l.Seq != own[i].Seq || !l.Died.Equal(own[i].Died) || l.What != store.ToKeep || !strings.Contains(said, "manque à l’index") {
			t.Errorf("shown is %+v, and the shard itself has %+v", l, own[i])
		}
		if full := own[i].Mention; m.ID != full.ID || m.Source != full.Source || !strings.HasPrefix(full.Current().Text, m.Current().Text) || len([]rune(m.Current().Text)) > shownText || len(m.Readings) > 0 {
			t.Errorf("of the mention %+v is shown", m)
		}
	}
	h.set(nil, nil)
	if err := thinks.Request(t.Context(), 1, is.Newest[0].Seq); err != nil {
		t.Fatal(err)
	}
	if is = admitted(t, thinks, 1); !is.Newest[0].Asked || is.Newest[1].Asked {
		t.Errorf("asked for: %v and %v, want the first", is.Newest[0].Asked, is.Newest[1].Asked)
	}
	if n, err := finds.Obey(t.Context(), 2); err != nil || n != 0 {
		t.Errorf("another shard sends %d again (%v)", n, err)
	}
	if n, err := finds.Obey(t.Context(), 1); err != nil || n != 1 {
		t.Errorf("%d are sent again (%v), want the one that was asked for", n, err)
	}
	if err := thinks.Request(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 0} { // a wish is fulfilled once
		if n, err := finds.Obey(t.Context(), 1); err != nil || n != want {
			t.Errorf("%d are sent again (%v), want %d", n, err, want)
		}
	}
	drain(t, finds)
	if err := finds.Admit(t.Context(), 1, 2); err != nil {
		t.Fatal(err)
	}
	if is = admitted(t, thinks, 1); is.Dead != 0 || len(is.Newest) != 0 {
		t.Errorf("all is kept, and shown are %+v", is)
	}
	if got := h.kept(); len(got) != 3 {
		t.Errorf("%d mentions are kept, want 3", len(got))
	}
}

func thatSomethingWasSentAgainIsKnownUntilItIsNoted(t *testing.T, h *house) {
	h.refuseAll()
	folder := t.TempDir()
	s := h.open(folder)
	batch, _ := h.many(0, 2)
	put(t, s, batch...)
	drain(t, s)
	if got := s.State().Resent; got != (store.Resent{}) {
		t.Errorf("nothing was sent again, and %+v says otherwise", got)
	}
	letters, err := s.DeadLetters(t.Context(), 2)
	if err != nil || len(letters) != 2 {
		t.Fatalf("%v, %v", letters, err)
	}
	h.set(nil, nil)
	beside := h.open(folder) // a command
	want := store.Resent{}
	for _, l := range letters {
		if want.Times++; want.Since.IsZero() || l.At.Before(want.Since) {
			want.Since = l.At
		}
		if n, err := beside.Resend(t.Context(), l.Seq); err != nil || n != 1 {
			t.Fatalf("%d sent again: %v", n, err)
		}
	}
	for range 2 {
		if n, err := beside.Resend(t.Context(), letters[0].Seq); err != nil || n != 0 {
			t.Errorf("what is gone is sent again: %d, %v", n, err)
		}
	}
	until(t, "the one that sends knows", func() bool { return cmp.Equal(s.State().Resent, want) })
	drain(t, s)
	if err := s.Noted(t.Context(), store.Resent{Times: 1, Since: want.Since}); err != nil || !cmp.Equal(s.State().Resent, want) {
		t.Errorf("something was sent again since, and that is forgotten: %+v, %v", s.State().Resent, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = h.open(folder) // also after a restart
	if got := s.State().Resent; !cmp.Equal(got, want) {
		t.Errorf("after a restart %+v, want %+v", got, want)
	}
	if err := s.Noted(t.Context(), want); err != nil || s.State().Resent != (store.Resent{}) {
		t.Errorf("noted, and still %+v, %v", s.State().Resent, err)
	}
}

// An index of signs of life that an older version made lacks fields that this one writes.
func anIndexOfSignsOfLifeThatAnOlderVersionMadeIsBroughtUpToDate(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	old := pulseMapping()
	delete(old, "resent")
	delete(old, "resent_since")
	until(t, "room for an index", func() bool {
		return s.createPeers(t.Context(), s.names.pulses(), func() object { return old }) == nil
	})
	at := time.Date(2026, 11, 20, 12, 0, 0, 123_456_000, time.UTC)
	life := store.Pulse{Shard: 1, Total: 2, Run: "un", Beat: 3, At: at, From: at, Upto: at, Resent: store.Resent{Times: 2, Since: at.Add(-time.Hour)}}
	if err := s.Beat(t.Context(), life); err != nil {
		t.Fatal(err)
	}
	until(t, "a sign of life", func() bool {
		all, err := s.Pulses(t.Context())
		return err == nil && len(all) == 1 && cmp.Equal(all[0], life)
	})
}

// Two shards see the same for the first time at the same moment, and its place has given
// it another date in between: each makes it, in the index of another month.
func whatTwoShardsMakeAtTheSameTimeBecomesOne(t *testing.T, h *house) {
	shards := []*Store{h.open(t.TempDir()), h.open(t.TempDir())}
	for i, s := range shards {
		if err := s.Admit(t.Context(), i, 1); err != nil {
			t.Fatal(err)
		}
	}
	const n = 20
	var ids []string
	var both sync.WaitGroup
	both.Add(2)
	var bulks atomic.Int64
	h.set(func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if isBulk(r) && bulks.Add(1) <= 2 { // each has looked, and found nothing
			both.Done()
			both.Wait()
		}
		return false
	}, nil)
	var writing sync.WaitGroup
	for i, s := range shards {
		var batch []mention.Mention
		for k := range n {
			m := h.said(fmt.Sprintf("%05d", k), noon.AddDate(0, i*(1+k%3), 0), "Frais à la caisse Valtisse")
			if k%2 == 1 {
				m.Versions[0].Text = fmt.Sprint("Frais, vus par ", i)
			}
			batch = append(batch, m)
			if i == 0 {
				ids = append(ids, m.ID)
			}
		}
		writing.Go(func() {
			if _, _, err := s.Put(t.Context(), batch); err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	doubles := 0
	for _, s := range shards {
		drain(t, s)
		doubles += s.State().Doubles
	}
	if doubles != n {
		t.Errorf("%d doubles are counted, want %d", doubles, n)
	}
	for id, m := range h.once(ids...) {
		want := 1
		if m.Current().Text != "Frais à la caisse Valtisse" {
			want = 2
		}
		if len(m.Versions) != want {
			t.Errorf("%s has versions %q", id, texts(m))
		}
	}
}
