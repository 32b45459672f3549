package elastic

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ouidire/ouidire/internal/needs"
)

func whatAKilledProcessHasKeptIsFoundOnce(t *testing.T, h *house) {
	kills := 4
	if needs.Soak() {
		kills = 50
	}
	task, next := h.task(keepsEdits, t.TempDir()), 0
	for range kills {
		task.From = next
		w := h.write(task)
		w.says(1 + rand.N(30))
		next = w.kill() + keptAtOnce
	}
	s := h.open(task.Folder)
	drain(t, s)
	t.Logf("%d kills: %+v", kills, h.checkPromised(s, next))
}

// Both sides are killed: the server each time, on every second one the writing process
// at the same moment, and on the others while the server is away.
func TestWhatIsKilledOnBothSidesLosesNothing(t *testing.T) {
	if !needs.Soak() {
		t.Skip("SKIPPED: it starts Elasticsearch ten times; run make soak")
	}
	const kills = 10
	server := startServer(t)
	h := newHouse(t, server.address).guest(t, "k")
	h.config.Addresses = []string{server.address} // what is killed needs nobody between
	task := h.task(keepsEdits, t.TempDir())
	task.Every = 40 * time.Millisecond
	w := h.write(task)
	for kill := range kills {
		w.says(20 + rand.N(60))
		if kill%2 == 0 {
			dead := make(chan struct{})
			go func() {
				defer close(dead)
				server.kill()
			}()
			task.From = w.kill() + keptAtOnce
			<-dead
		} else {
			server.kill()
			w.says(rand.N(60)) // goes into the spool
			task.From = w.kill() + keptAtOnce
		}
		if kill%3 == 0 { // the writer is back before the server, or after it
			w = h.write(task)
			w.says(10)
			server.launch()
			server.await()
			continue
		}
		server.launch()
		server.await()
		w = h.write(task)
	}
	w.says(20)
	next := w.kill() + keptAtOnce
	s := h.open(task.Folder)
	drainWithin(t, s, 10*time.Minute)
	t.Logf("%d kills of the server, %d of the writer: %+v", kills, kills+1, h.checkPromised(s, next))
}

// tally is what became of what was promised.
type tally struct{ Promised, Kept, Lost, Doubles, Dead int }

// checkPromised demands that what writers of this house have promised, all numbers
// below next, stands on the server exactly once and as it was edited; and what else
// stands there, once.
func (h *house) checkPromised(s *Store, next int) tally {
	h.t.Helper()
	kept := h.kept()
	_, promised := h.many(0, next)
	n := tally{Promised: len(promised), Kept: len(kept), Dead: s.State().Dead}
	for _, id := range promised {
		if len(kept[id]) == 0 {
			n.Lost++
			h.t.Errorf("mention %s was promised and is not on the server", id)
		} else if got := texts(kept[id][0]); len(got) != 2 || got[1] != editedText {
			n.Lost++
			h.t.Errorf("mention %s has versions %q", id, got)
		}
	}
	for id, all := range kept { // also what was kept and not said any more
		if len(all) != 1 || len(all[0].Versions) > 2 {
			n.Doubles++
			h.t.Errorf("mention %s stands %d times, with versions %q", id, len(all), texts(all[0]))
		}
	}
	if dead, err := s.DeadLetters(h.t.Context(), 5); err != nil || len(dead) > 0 {
		h.t.Errorf("dead letters: %v, %v", dead, err)
	}
	return n
}
