package elastic

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/store"
)

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
	drain(t, s)
	if err := s.MarkGone(t.Context(), []string{m.ID}, noon.Add(4*time.Hour)); err != nil { // of what is dead already
		t.Fatal(err)
	}
	drain(t, s)
	beside := h.open(folder)
	letters, err := beside.DeadLetters(t.Context(), 10)
	if err != nil || len(letters) != 2 || letters[0].What != store.ToGo || letters[1].What != store.ToKeep {
		t.Fatalf("dead letters %+v, %v", letters, err)
	}
	for _, l := range letters {
		said := say.Explain(l.Why, say.English)
		if l.Mention.ID != m.ID || l.Mention.Source != "tribune" || !strings.Contains(said, "lacks a field") || !strings.Contains(said, h.config.Prefix+"-mentions-2026-03") {
			t.Errorf("%s: dead letter %+v", said, l)
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
