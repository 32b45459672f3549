package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/state"
)

// endless is a store that answers nothing for as long as it is let.
type endless struct {
	Mentions
	asked *atomic.Int32 // questions under way
	most  *atomic.Int32
}

func (e endless) Search(ctx context.Context, _ store.Question, _ int, _ string) ([]mention.Mention, string, error) {
	return nil, "", e.wait(ctx)
}

func (e endless) CountUpTo(ctx context.Context, _ store.Question, _ int) (int, error) {
	return 0, e.wait(ctx)
}

func (e endless) Count(ctx context.Context, _ store.Question) (int, error) { return 0, e.wait(ctx) }

func (e endless) wait(ctx context.Context) error {
	e.most.Store(max(e.most.Load(), e.asked.Add(1)))
	defer e.asked.Add(-1)
	<-ctx.Done()
	return errors.New("interrupted (9)") // SQLite's word for it
}

func TestASearchThatCostsTooMuchIsGivenUpAndTheReaderKnows(t *testing.T) {
	h := newHouse(t, "")
	synctest.Test(t, func(t *testing.T) {
		h.Server.searches = make(chan struct{}, searchesAtOnce)
		e := endless{asked: &atomic.Int32{}, most: &atomic.Int32{}}
		h.Server.Mentions = e
		began := time.Now()
		var readers sync.WaitGroup
		for range 10 {
			readers.Go(func() {
				w := h.ask("GET", "/mentions?q=ca*", nil)
				if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "mots plus rares") {
					t.Errorf("status %d: %s", w.Code, w.Body)
				}
			})
		}
		readers.Wait()
		if took := time.Since(began); took > searchLimit {
			t.Errorf("took %v", took)
		}
		if most := e.most.Load(); most > searchesAtOnce {
			t.Errorf("the store was asked %d questions at once", most)
		}
	})
}

// slow is a store that has counted so many when it is stopped.
type slow struct {
	Mentions
	counted int
}

func (s slow) Count(ctx context.Context, _ store.Question) (int, error) {
	<-ctx.Done()
	return s.counted, errors.New("interrupted (9)")
}

func TestANumberThatTakesTooLongIsGivenAsFarAsItIsKnown(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	all := h.Server.Mentions
	for _, c := range []struct {
		address       string
		counted, code int
		want, not     string
	}{
		{"/mentions?count=1", 98_765, http.StatusOK, "Plus de 90\u00a0000 mentions.", "Les compter"},
		{"/mentions?count=1", 300, http.StatusOK, "Plus de 200 mentions.", "Les compter"},
		{"/mentions?count=1", 0, http.StatusServiceUnavailable, "mots plus rares", "Plus de"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h.Server.searches = make(chan struct{}, searchesAtOnce)
			h.Server.Mentions = slow{all, c.counted}
			w := h.ask("GET", c.address, nil)
			body := w.Body.String()
			if w.Code != c.code || !strings.Contains(body, c.want) || c.not != "" && strings.Contains(body, c.not) {
				t.Errorf("%s, %d counted: status %d, want %d with %q and without %q", c.address, c.counted, w.Code, c.code, c.want, c.not)
			}
		})
	}
}

// tardy is a store that takes its time over a chart, and over a list.
type tardy struct{ Mentions }

func (t tardy) Search(ctx context.Context, q store.Question, limit int, after string) ([]mention.Mention, string, error) {
	select {
	case <-time.After(time.Second):
		return t.Mentions.Search(ctx, q, limit, after)
	case <-ctx.Done():
		return nil, "", ctx.Err()
	}
}

func (t tardy) Histogram(ctx context.Context, q store.Question, by store.Buckets) ([]store.Bucket, error) {
	select {
	case <-time.After(time.Second):
		return t.Mentions.Histogram(ctx, q, by)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestWhatTakesLongComesAfterItsPage(t *testing.T) {
	h := newHouse(t, "")
	h.furnish(t)
	all := h.Server.Mentions
	for _, c := range []struct{ address, leads, later, whole string }{
		{"/tone?span=year&q=valtisse", "Le tracer", "/tone?draw=1&q=valtisse&span=year", "par semaine"},
		{"/mentions?q=valtisse&tone=negative", "Les afficher", "/mentions?q=valtisse&tone=negative&whole=1", "L’épargne à la Caisse Valtisse"},
	} {
		synctest.Test(t, func(t *testing.T) {
			h.Server.searches, h.Server.patience = make(chan struct{}, searchesAtOnce), usual
			h.Server.Mentions = tardy{all}
			began := time.Now()
			page := h.ask("GET", c.address, nil).Body.String()
			if waited := time.Since(began); waited > usual.shows || strings.Contains(page, c.whole) {
				t.Errorf("%s: after %v", c.address, waited)
			}
			spelt := strings.ReplaceAll(c.later, "&", "&amp;")
			if !strings.Contains(page, spelt+`" data-later>`+c.leads) || !strings.Contains(page, `<noscript><meta http-equiv="refresh" content="0;url=`+spelt) {
				t.Errorf("%s does not lead to what takes long:\n%s", c.address, page)
			}
			if whole := h.ask("GET", c.later, nil).Body.String(); !strings.Contains(whole, c.whole) || strings.Contains(whole, c.leads) {
				t.Errorf("a reader who waits does not see it:\n%s", whole)
			}
		})
	}
}

func TestAPageOfTheListThatNobodyNamedIsNotThere(t *testing.T) {
	h := newHouse(t, "")
	for _, after := range []string{"x", "0.", "..%2F..%2Fstate.db", "%00", "zzzzzzzzzzzzzzzzzzz.a"} {
		if w := h.ask("GET", "/mentions?after="+after, nil); w.Code != http.StatusNotFound {
			t.Errorf("after %q: status %d", after, w.Code)
		}
	}
}

// locked is a memory of sessions that cannot be read.
type locked struct{ Sessions }

func (locked) Session(context.Context, string) (state.Session, error) {
	return state.Session{}, errors.New("the disk is gone")
}

func TestAStrangerIsShownNothingWhenSessionsCannotBeRead(t *testing.T) {
	h := newHouse(t, password)
	h.status.BadConfig = errors.New("sources: mot de passe de la Banque Nordelune")
	h.door.sessions = locked{}
	for _, path := range []string{"/", "/metrics", "/sources"} {
		w := h.ask("GET", path, nil, "Cookie", sessionCookie+"=abc")
		if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "Nordelune") || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
}

func TestAPageThatPanicsIsInTheLog(t *testing.T) {
	h := newHouse(t, "")
	var log bytes.Buffer
	h.Server.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.Server.Mentions = nil
	if w := h.ask("GET", "/", nil); w.Code != http.StatusInternalServerError || !strings.Contains(log.String(), "page panicked") {
		t.Errorf("status %d, log %q", w.Code, log.String())
	}
}
