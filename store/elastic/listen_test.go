package elastic

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// soonSaid is how long the first who asks a server that hangs may wait, on a machine that
// does much else.
const soonSaid = 8 * time.Second

func aServerThatHangsIsSaidToBeAwayAndNobodyWaitsForIt(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	put(t, s, m)
	drain(t, s)
	until(t, "all is well", func() bool { return s.State().Trouble == nil })
	awake := make(chan struct{}) // it takes what it is asked, and does not answer until then
	wake := sync.OnceFunc(func() { close(awake) })
	t.Cleanup(wake)
	var asked atomic.Int64
	h.set(func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if r.URL.Path != "/" { // the probe
			asked.Add(1)
		}
		<-awake
		return false
	}, nil)
	asks := map[string]func(context.Context) error{
		"search": func(ctx context.Context) error { _, _, err := s.Search(ctx, store.Question{}, 5, ""); return err },
		"count":  func(ctx context.Context) error { _, err := s.Count(ctx, store.Question{}); return err },
		"get":    func(ctx context.Context) error { _, err := s.Get(ctx, m.ID); return err },
		"judge":  func(ctx context.Context) error { return s.AddReading(ctx, m.ID, mention.Reading{At: noon}) },
	}
	ctx, cancel := context.WithTimeout(t.Context(), soonSaid)
	defer cancel()
	began := time.Now()
	var first sync.WaitGroup
	for name, ask := range asks { // at the same time: each is the first
		first.Go(func() {
			err := ask(ctx)
			if said := (*say.Error)(nil); !errors.As(err, &said) || ctx.Err() != nil {
				t.Errorf("%s: after %v %v, want a sentence that says that it is away", name, time.Since(began), err)
			}
		})
	}
	first.Wait()
	t.Logf("said after %v", time.Since(began).Round(time.Millisecond))
	if s.State().Trouble == nil {
		t.Error("nobody says that the server is away")
	}
	before := asked.Load()
	for name, ask := range asks { // also those who have time
		if err := ask(t.Context()); err == nil {
			t.Errorf("%s: an answer of a server that hangs", name)
		}
	}
	if got := asked.Load(); got != before {
		t.Errorf("a server that hangs was asked %d times more", got-before)
	}
	wake()
	until(t, "it is noticed that it answers", func() bool { return asks["search"](t.Context()) == nil && s.State().Trouble == nil })
}

func aServerThatIsSlowWithOneAnswerIsNotAway(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	put(t, s, h.said("m", noon, "Frais à la caisse Valtisse"))
	drain(t, s)
	h.set(func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if r.URL.Path != "/" {
			pause(r.Context(), 2*(doubtsAfter+silentFor))
		}
		return false
	}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), hastyBelow-time.Second)
	defer cancel()
	if n, err := s.Count(ctx, store.Question{}); err != nil || n == 0 {
		t.Errorf("%d, %v: it would have answered", n, err)
	}
}
