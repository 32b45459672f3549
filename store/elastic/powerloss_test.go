package elastic

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/powerloss"
	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
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
	_, promised := h.many(0, next)
	h.checkPromisedIn(path, promised, nil)
	if _, err := sqlite.Verify(t.Context(), path); err != nil {
		t.Errorf("the spool is not whole: %v", err)
	}
}

// checkPromisedIn demands that of each of these a spool and what is on the server hold both
// versions together. It returns of how many the spool holds something.
func (h *house) checkPromisedIn(path string, promised []string, onServer map[string][]mention.Mention) (waiting int) {
	t := h.t
	t.Helper()
	p, err := openSpool(t.Context(), path, 1<<30, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &Store{}
	s.codecs.New = func() any { return store.NewCodec() }
	for _, id := range promised {
		ops, err := p.of(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		var before *mention.Mention
		if len(onServer[id]) > 0 {
			before = &onServer[id][0]
		}
		f, err := s.fold(before, ops)
		if err != nil || !f.exists || len(f.mention.Versions) != 2 || f.mention.Current().Text != editedText {
			t.Errorf("of mention %s the spool holds %d operations (%v), the server %d documents: not it and its edit", id, len(ops), err, len(onServer[id]))
		}
		if len(ops) > 0 {
			waiting++
		}
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
	return waiting
}

// TestWhatThePowerWasLostUnderWhileItWasSentIsOnTheServerOrInTheSpool has a process keep
// and send, and ends it from one moment to the next: the server stays as it was then, and
// the disk keeps what it likes of what was not synced. Of all that was promised the two
// hold everything; a store that goes on with what one of the disks kept brings each to the
// server once.
func TestWhatThePowerWasLostUnderWhileItWasSentIsOnTheServerOrInTheSpool(t *testing.T) {
	t.Parallel()
	powerloss.Need(t)
	lives := 2
	if needs.Soak() {
		lives = 60
	}
	h := newHouse(t, oldest(t)).guest(t, "s")
	chances := rand.New(rand.NewPCG(20261122, 7))
	hows := []powerloss.How{powerloss.Dropped, powerloss.Torn, powerloss.Torn, powerloss.Kept}
	var all, waiting int
	task := h.task(dies, "")
	for life := range lives {
		task.Folder, task.Steps = t.TempDir(), 2+chances.IntN(6)
		task.Every, task.Rest = 0, 1 // of its last step nothing can have gone
		if life%2 > 0 {
			task.Every, task.Rest = time.Duration(chances.IntN(60))*time.Millisecond, 300*time.Millisecond
		}
		trace, err := powerloss.Record(t.Context(), task.Folder, task.command(t))
		if err != nil {
			t.Fatal(err)
		}
		next, onServer := promisedBy(t, trace, trace.Len()), h.kept()
		_, promised := h.many(task.From, next-task.From)
		var rests []string
		for _, how := range hows {
			folder := t.TempDir()
			if err := trace.Lose(trace.Len(), how, chances, folder); err != nil {
				t.Fatal(err)
			}
			waiting += h.checkPromisedIn(filepath.Join(folder, "elastic", "spool.db"), promised, onServer)
			all += len(promised)
			rests = append(rests, folder)
		}
		s := h.open(rests[life%len(rests)])
		drain(t, s)
		h.checkPromised(s, next)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		task.From = next
	}
	if waiting == 0 || waiting == all {
		t.Errorf("of %d promised mentions %d waited when the power went: it never went while they were sent", all, waiting)
	}
	t.Logf("%d lives, %d disks; of %d promised mentions %d waited, the others had left the spool", lives, lives*len(hows), all, waiting)
}
