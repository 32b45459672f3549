package elastic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// TestOnTheServer is what the writing half promises, on real servers.
func TestOnTheServer(t *testing.T) { needs.EachElasticsearch(t, promises) }

func promises(t *testing.T, server string) {
	whole := newHouse(t, server)
	for i, c := range []struct {
		name string
		test func(*testing.T, *house)
	}{
		{"What was put can be found once nothing waits", whatWasPutCanBeFoundOnceNothingWaits},
		{"The end of a burst is found before the period is over", theEndOfABurstIsFoundBeforeThePeriodIsOver},
		{"Faults of the server cost delay only", faultsOfTheServerCostDelayOnly},
		{"While the server is away everything goes on", whileTheServerIsAwayEverythingGoesOn},
		{"A server that only lets read is waited for", aServerThatOnlyLetsReadIsWaitedFor},
		{"What the server refuses for good is a dead letter until it is sent again", whatTheServerRefusesForGoodIsADeadLetterUntilItIsSentAgain},
		{"What another process sends again is sent and counted by the one that sends", whatAnotherProcessSendsAgainIsSentAndCountedByTheOneThatSends},
		{"That something was sent again is known until it is noted", thatSomethingWasSentAgainIsKnownUntilItIsNoted},
		{"What is refused of one shard is seen by the others and sent again there", whatIsRefusedOfOneShardIsSeenByTheOthersAndSentAgainThere},
		{"An index of signs of life that an older version made is brought up to date", anIndexOfSignsOfLifeThatAnOlderVersionMadeIsBroughtUpToDate},
		{"A server that is gone is noticed though nobody writes", aServerThatIsGoneIsNoticedThoughNobodyWrites},
		{"What two shards make at the same time becomes one", whatTwoShardsMakeAtTheSameTimeBecomesOne},
		{"A server that hangs is said to be away and nobody waits for it", aServerThatHangsIsSaidToBeAwayAndNobodyWaitsForIt},
		{"A server that is slow with one answer is not away", aServerThatIsSlowWithOneAnswerIsNotAway},
		{"What was on its way into a deleted index is sent again", whatWasOnItsWayIntoADeletedIndexIsSentAgain},
		{"An edit never loses to another writer", anEditNeverLosesToAnotherWriter},
		{"A mention stays in the month that it was first kept in", aMentionStaysInTheMonthThatItWasFirstKeptIn},
		{"A mention that has moved is searched for", aMentionThatHasMovedIsSearchedFor},
		{"What is claimed moves over and back", whatIsClaimedMovesOverAndBack},
		{"Doubles become one", doublesBecomeOne},
		{"What a double alone knew is not deleted before it stands elsewhere", whatADoubleAloneKnewIsNotDeletedBeforeItStandsElsewhere},
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

func theEndOfABurstIsFoundBeforeThePeriodIsOver(t *testing.T, h *house) {
	h.config.Refresh = 5 * time.Minute // more than drain waits
	s := h.open(t.TempDir())
	batch, ids := h.many(0, 1+burst)
	put(t, s, batch[0])
	drain(t, s) // the period begins
	put(t, s, batch[1:]...)
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

// aMentionThatHasMovedIsSearchedFor, and is not made again elsewhere: where it is remembered
// to stand is an index that is there, and one that is gone.
func aMentionThatHasMovedIsSearchedFor(t *testing.T, h *house) {
	s := h.open(t.TempDir())
	m := h.said("m", noon, "Frais à la caisse Valtisse")
	put(t, s, m, h.said("n", noon.AddDate(0, 1, 0), "Caisse Valtisse"))
	drain(t, s)
	for i, month := range []string{"2026-04", "1999-01"} {
		s.memory.stands(m.ID, h.config.Prefix+"-mentions-"+month)
		edited := edit(m, noon.AddDate(0, 1, i), fmt.Sprint("Frais remboursés ", i))
		edited.PublishedAt = noon.AddDate(0, 1, 0)
		put(t, s, edited)
		drain(t, s)
		if got := h.kept()[m.ID]; len(got) != 1 || len(got[0].Versions) != 2+i {
			t.Errorf("remembered in %s, it stands as %+v", month, got)
		}
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

// Each line of a bulk request stands for itself: while one is refused, because another
// process has just written, the next is done.
func whatADoubleAloneKnewIsNotDeletedBeforeItStandsElsewhere(t *testing.T, h *house) {
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
	h.must(esapi.IndexRequest{Index: s.names.of(&double), DocumentID: m.ID, Body: bytes.NewReader(source), Refresh: "true"})
	var once sync.Once
	h.set(func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
		if isBulk(r) {
			once.Do(func() { // another process writes what stands there
				again, err := new(documents).encode(&m)
				if err != nil {
					t.Error(err)
				}
				h.must(esapi.IndexRequest{Index: s.names.of(&m), DocumentID: m.ID, Body: bytes.NewReader(again)})
			})
		}
		return false
	}, nil)
	other := h.open(t.TempDir())
	put(t, other, edit(m, noon.Add(3*time.Hour), "Frais abolis"))
	drain(t, other)
	if got, want := texts(h.one()), []string{m.Versions[0].Text, "Frais remboursés", "Frais abolis"}; !slices.Equal(got, want) {
		t.Errorf("versions %q, want %q", got, want)
	}
	if n := other.State().Doubles; n != 1 {
		t.Errorf("%d doubles counted, want 1", n)
	}
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
	for _, s := range []*Store{first, second} {
		until(t, "nothing is counted any more", func() bool { return s.State().Spooled == 0 && s.State().Bytes == 0 })
	}
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

func TestOnlyWhatStandsNextInTheSpoolIsTakenWithoutReadingIt(t *testing.T) {
	d := newSender(nil, nil)
	d.cursor = 5
	next := func(from, n int64) (ops []op) {
		for seq := range n {
			ops = append(ops, op{seq: from + seq})
		}
		return ops
	}
	for _, step := range []struct {
		why    string
		given  []op
		cursor int64
		ahead  int
	}{
		{"nobody sends here", next(6, 2), 5, 0},
		{"what follows", next(6, 2), 7, 2},
		{"another process wrote the eighth", next(9, 1), 7, 2},
		{"nothing", nil, 7, 2},
		{"more than may be remembered", []op{{seq: 8, body: make([]byte, aheadMost)}}, 7, 2},
		{"what follows again", next(8, 3), 10, 5},
	} {
		d.hand(step.given)
		d.sending = true
		if d.cursor != step.cursor || len(d.ahead) != step.ahead {
			t.Fatalf("%s: taken up to %d, %d remembered; want up to %d, %d", step.why, d.cursor, len(d.ahead), step.cursor, step.ahead)
		}
	}
}

func TestWhoGivesUpLeavesTheWayFreeForOthers(t *testing.T) {
	s, err := Open(t.Context(), t.TempDir(), essai("http://127.0.0.1:1"), Options{}) // where nothing listens
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ended, end := context.WithCancel(t.Context())
	end()
	for range 20 * flights {
		if left, err := s.sender.send(ended, []*errand{{id: "m"}}); err == nil || len(left) != 1 {
			t.Fatalf("%d left, %v", len(left), err)
		}
	}
	if n := len(s.sender.runway); n != 0 {
		t.Errorf("%d of %d ways are taken by nobody", n, flights)
	}
}
