package elastic

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestABurstHasEndedOnceNothingIsOnItsWay(t *testing.T) {
	d := newSender(new(Store), nil)
	flight := []op{{id: "a"}}
	d.busy["a"] = true
	d.wrote(written{seqs: make([]int64, burst)})
	if d.ended() {
		t.Error("a burst has ended while a flight is on its way")
	}
	d.written = nil // all that has landed so far can be found
	d.wrote(written{seqs: make([]int64, 1)})
	d.free(flight)
	if !d.ended() {
		t.Error("the end of a burst was missed: little of it cannot be found yet")
	}
	d.wrote(written{seqs: make([]int64, burst-1)})
	if d.ended() {
		t.Error("what follows a burst is one too, and is none")
	}
}

// TestWhereMentionsStandIsAskedForThoseThatComeNextToo, but not for what is in a flight,
// which is about to stand elsewhere, nor for what is remembered.
func TestWhereMentionsStandIsAskedForThoseThatComeNextToo(t *testing.T) {
	s := &Store{memory: newMemory()}
	d := newSender(s, nil)
	d.busy["mine"], d.busy["flying"] = true, true
	d.ahead = []op{{id: "flying"}, {id: "next"}, {id: "known"}, {id: "absent"}, {id: "next"}, {id: "after"}}
	s.memory.stands("known", "i-2026-11")
	s.memory.nowhere("absent")
	mine := []*errand{{id: "mine"}, {id: "doubtful", search: true}}
	if got, want := d.unlocated(mine), []string{"mine", "next", "after"}; !slices.Equal(got, want) {
		t.Errorf("it asks for %q, want %q", got, want)
	}
	for i := range atOnce {
		d.ahead = append(d.ahead, op{id: fmt.Sprint(i)})
	}
	if got := d.unlocated(mine); len(got) != atOnce {
		t.Errorf("it asks for %d at once, want %d", len(got), atOnce)
	}
	s.memory.nowhere("mine")
	if got := d.unlocated(mine); got != nil {
		t.Errorf("a flight of which all is remembered asks for %q", got)
	}
}

// TestAPutInTroubleThatHasJustBegunKeepsUp, and what it puts is sent as it is; while the
// server is away nobody waits.
func TestAPutInTroubleThatHasJustBegunKeepsUp(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), essai("http://127.0.0.1:1"), Options{}) // where nothing listens
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	waited := func(since time.Time) bool {
		s.condition.mu.Lock()
		s.condition.trouble, s.condition.since = errors.New("it stumbles"), since
		s.condition.mu.Unlock()
		s.sender.mu.Lock()
		s.sender.ahead = []op{{body: make([]byte, aheadMost)}}
		s.sender.mu.Unlock()
		ring(s.sender.lighter)
		put(t, s, benchMentions("stumble", noon, 1)...)
		return len(s.sender.lighter) == 0 // who waits hears it
	}
	if !waited(time.Now()) {
		t.Error("in trouble that has just begun Put did not wait")
	}
	if waited(time.Now().Add(-2 * abreast)) {
		t.Error("Put waited while the server was away")
	}
}

func TestPutWaitsAMomentAtMostForASenderThatHasMuchAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newSender(new(Store), nil)
		took := func() time.Duration {
			began := time.Now()
			d.keepUp(t.Context())
			return time.Since(began)
		}
		if got := took(); got != 0 {
			t.Errorf("with nothing ahead it took %v", got)
		}
		d.ahead = []op{{body: make([]byte, aheadMost)}}
		if got := took(); got != abreast {
			t.Errorf("with too much ahead it took %v, want %v", got, abreast)
		}
		time.AfterFunc(abreast/2, func() {
			d.mu.Lock()
			d.ahead = nil
			d.mu.Unlock()
			ring(d.lighter)
		})
		if got := took(); got != abreast/2 {
			t.Errorf("once that was on its way it took %v, want %v", got, abreast/2)
		}
	})
}
