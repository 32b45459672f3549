package elastic

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/powerloss"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/store"
)

// TestWhatThePowerWasLostUnderIsInTheSpool records a process that keeps mentions while
// the server is away, cuts its power at instants all over its life, and looks into
// what the disk kept. Some of the disks are given to a store that reaches the server:
// they come in any order, so that it also meets what it wrote long ago.
func TestWhatThePowerWasLostUnderIsInTheSpool(t *testing.T) {
	t.Parallel()
	powerloss.Need(t)
	cuts, starts := 24, 2
	if needs.Soak() {
		cuts, starts = 1000, 20
	}
	h := newHouse(t, oldest(t)).guest(t, "p")
	trace := h.recordSpool(t.TempDir(), 40)
	hows := []powerloss.How{powerloss.Dropped, powerloss.Torn, powerloss.Torn, powerloss.Kept}
	chances := rand.New(rand.NewPCG(20261121, 7))
	whole := 0
	for i := range cuts {
		at, how := chances.IntN(trace.Len()+1), hows[i%len(hows)]
		t.Run(fmt.Sprintf("at %d, the rest %v", at, how), func(t *testing.T) {
			h, folder := h.in(t), t.TempDir()
			if err := trace.Lose(at, how, chances, folder); err != nil {
				t.Fatal(err)
			}
			next := promisedBy(t, trace, at)
			h.checkSpool(folder, next)
			if i%(cuts/starts) == cuts/starts-2 {
				s := h.open(folder)
				drain(t, s)
				t.Logf("the store goes on: %+v", h.checkPromised(s, next))
			}
			if !t.Failed() {
				whole++
			}
		})
	}
	t.Logf("%d instants, %d syncs; %d of %d cuts lost nothing", trace.Len(), trace.Syncs(), whole, cuts)
}

// recordSpool watches a process take so many steps while nobody listens where the
// server should be.
func (h *house) recordSpool(folder string, steps int) *powerloss.Trace {
	h.t.Helper()
	task := h.task(keepsEdits, folder)
	task.Address, task.Steps = "http://127.0.0.1:1", steps
	trace, err := powerloss.Record(h.t.Context(), folder, task.command(h.t))
	if err != nil {
		h.t.Fatal(err)
	}
	if next := promisedBy(h.t, trace, trace.Len()); next != steps*keptAtOnce || trace.Syncs() < steps {
		h.t.Fatalf("%d mentions were promised with %d syncs: the test proves little", next, trace.Syncs())
	}
	return trace
}

// promisedBy is the first number that was not promised when the power went.
func promisedBy(t testing.TB, trace *powerloss.Trace, at int) (next int) {
	t.Helper()
	for _, line := range trace.Said(at) {
		n, err := strconv.Atoi(line)
		if err != nil {
			t.Fatalf("it said %q", line)
		}
		next = n + keptAtOnce
	}
	return next
}

// checkSpool demands that a spool is whole and holds both versions of all that was promised.
func (h *house) checkSpool(folder string, next int) {
	t := h.t
	t.Helper()
	path := filepath.Join(folder, "elastic", "spool.db")
	if _, err := os.Stat(path); err != nil {
		if next > 0 {
			t.Errorf("mentions were promised, and there is no spool: %v", err)
		}
		return
	}
	p, err := openSpool(t.Context(), path, 1<<30, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{}
	s.codecs.New = func() any { return store.NewCodec() }
	_, promised := h.many(0, next)
	for _, id := range promised {
		ops, err := p.of(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		f, err := s.fold(nil, ops)
		if err != nil || !f.exists || len(f.mention.Versions) != 2 || f.mention.Current().Text != editedText {
			t.Errorf("of mention %s the spool holds %d operations (%v), want it and its edit", id, len(ops), err)
		}
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	if _, err := sqlite.Verify(t.Context(), path); err != nil {
		t.Errorf("the spool is not whole: %v", err)
	}
}
