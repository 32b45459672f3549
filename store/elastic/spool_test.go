package elastic

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

func newSpool(t *testing.T) *spool {
	t.Helper()
	p, err := openSpool(t.Context(), filepath.Join(t.TempDir(), "spool.db"), 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.close() })
	return p
}

func (p *spool) addOne(t *testing.T, id string, at time.Time) int64 {
	t.Helper()
	ops := []op{{id: id, kind: leaving, at: at}}
	if err := p.db.Write(t.Context(), func(tx *sqlite.Tx) error { return p.add(t.Context(), tx, ops) }); err != nil {
		t.Error(err)
	}
	return ops[0].seq
}

func TestTheSpoolKnowsTheEarliestOfWhatWaits(t *testing.T) {
	p := newSpool(t)
	if !p.waiting().IsZero() {
		t.Errorf("an empty one waits since %v", p.waiting())
	}
	second := p.addOne(t, "b", noon.Add(time.Minute))
	first := p.addOne(t, "a", noon)
	for _, c := range []struct {
		drop []int64
		want time.Time
	}{{nil, noon}, {[]int64{first}, noon.Add(time.Minute)}, {[]int64{first, second}, time.Time{}}} {
		if err := p.drop(t.Context(), c.drop); err != nil {
			t.Fatal(err)
		}
		if got := p.waiting(); !got.Equal(c.want) {
			t.Errorf("without %v it waits since %v, want %v", c.drop, got, c.want)
		}
	}
	if p.rows != 0 || p.size != 0 {
		t.Errorf("empty, it counts %d of %d bytes", p.rows, p.size)
	}
}

// What is added while something leaves must not be forgotten: a rule would be asked
// about an instant of which not everything can be found.
func TestTheSpoolNeverForgetsWhatIsAddedWhileOthersLeave(t *testing.T) {
	p := newSpool(t)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for n := range 100 {
				at := noon.Add(time.Duration(n) * time.Second)
				seq := p.addOne(t, fmt.Sprint(w, n), at)
				if got := p.waiting(); got.IsZero() || got.After(at) {
					t.Errorf("waits since %v though %v is there", got, at)
				}
				if err := p.drop(t.Context(), []int64{seq}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if !p.waiting().IsZero() || p.rows != 0 || p.size != 0 {
		t.Errorf("in the end it waits since %v, %d of %d bytes", p.waiting(), p.rows, p.size)
	}
}

func TestTheSpoolIsTheSameWhenItIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spool.db")
	p, err := openSpool(t.Context(), path, 1<<20, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.addOne(t, "a", noon.Add(time.Hour))
	p.addOne(t, "b", noon)
	rows, size := p.rows, p.size
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	if p, err = openSpool(t.Context(), path, 1<<20, nil); err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if p.rows != rows || p.size != size || !p.waiting().Equal(noon) {
		t.Errorf("opened again: %d of %d bytes since %v; before %d of %d", p.rows, p.size, p.waiting(), rows, size)
	}
}

// drawOps invents what happens to one mention, in the order in which it does.
func drawOps(t *rapid.T, s *Store) (ops []op) {
	for i := range rapid.IntRange(1, 6).Draw(t, "operations") {
		at := noon.Add(time.Duration(i) * time.Minute)
		o := op{seq: int64(i), id: "m", at: at, kind: kind(rapid.IntRange(0, 2).Draw(t, "kind"))}
		if i == 0 {
			o.kind = putting // nothing is judged before
		}
		var err error
		switch o.kind {
		case putting:
			m := mention.Mention{ID: "m", SeenAt: at, PublishedAt: noon, Versions: []mention.Version{{At: at, Text: rapid.SampledFrom([]string{"L’épargne", "L'épargne", "Frais"}).Draw(t, "text")}},
				Readings: []mention.Reading{{At: at, By: "lexicon-1"}}}
			o.body, err = s.pack(&m)
		case judging:
			o.body, err = json.Marshal(mention.Reading{At: at, By: mention.Person, Why: []string{"honteux"}})
		}
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, o)
	}
	return ops
}

// An answer that got lost makes us do again what the server has done already, all of
// it or, of a later flight, its beginning.
func TestWhatIsDoneTwiceIsDoneOnce(t *testing.T) {
	s := &Store{}
	s.codecs.New = func() any { return store.NewCodec() }
	rapid.Check(t, func(t *rapid.T) {
		ops := drawOps(t, s)
		once, err := s.fold(nil, ops)
		if err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(0, len(ops)).Draw(t, "flights")
		first, err := s.fold(nil, ops[:cut])
		if err != nil {
			t.Fatal(err)
		}
		kept := &first.mention
		if !first.exists {
			kept = nil
		}
		for range 2 {
			again, err := s.fold(kept, ops)
			if err != nil {
				t.Fatal(err)
			}
			if !once.exists {
				if again.exists {
					t.Fatal("what was never put exists")
				}
				return
			}
			same := func(a, b mention.Version) bool { return a.At.Equal(b.At) && !store.Differs(a, b) }
			if len(again.mention.Versions) != len(once.mention.Versions) || !again.mention.GoneAt.Equal(once.mention.GoneAt) || len(again.mention.Readings) < len(once.mention.Readings) {
				t.Fatalf("again %+v, once %+v", again.mention, once.mention)
			}
			for i, v := range once.mention.Versions {
				if !same(v, again.mention.Versions[i]) {
					t.Fatalf("version %d is %+v, was %+v", i, again.mention.Versions[i], v)
				}
			}
			if kept = &again.mention; again.changed && cut == len(ops) && !hasLeft(ops) {
				t.Fatalf("doing all of it again changed something: %+v", ops)
			}
		}
	})
}

// What is seen again with the same words brings no reading, also when an edit that
// came after it is there already.
func TestTheSameWordsBringNoReadingWhenTheyAreDoneAgainAfterAnEdit(t *testing.T) {
	s := &Store{}
	s.codecs.New = func() any { return store.NewCodec() }
	var ops []op
	for i, words := range []string{"L’épargne", "L’épargne", "Frais"} {
		at := noon.Add(time.Duration(i) * time.Minute)
		body, err := s.pack(&mention.Mention{ID: "m", SeenAt: at, PublishedAt: noon, Versions: []mention.Version{{At: at, Text: words}}, Readings: []mention.Reading{{At: at, By: "lexicon-1"}}})
		if err != nil {
			t.Fatal(err)
		}
		ops = append(ops, op{seq: int64(i), id: "m", at: at, kind: putting, body: body})
	}
	once, err := s.fold(nil, ops)
	if err != nil || len(once.mention.Readings) != 2 {
		t.Fatalf("%d readings (%v), want one for each text", len(once.mention.Readings), err)
	}
	again, err := s.fold(&once.mention, ops)
	if err != nil || again.changed || len(again.mention.Readings) != 2 {
		t.Errorf("done again: changed %v, %d readings (%v)", again.changed, len(again.mention.Readings), err)
	}
}

// hasLeft says whether a mention is gone for a while among ops: it is then again.
func hasLeft(ops []op) bool {
	for _, o := range ops {
		if o.kind == leaving {
			return true
		}
	}
	return false
}

func TestLateNewsTakesItsPlaceInTime(t *testing.T) {
	at := func(n int) mention.Version {
		return mention.Version{At: noon.Add(time.Duration(n) * time.Hour), Text: fmt.Sprint("Texte ", n)}
	}
	kept := mention.Mention{ID: "m", Versions: []mention.Version{at(0), at(2)}, Readings: []mention.Reading{{At: noon, By: "lexicon-1"}}}
	late := mention.Mention{ID: "m", Versions: []mention.Version{at(1)}, Readings: []mention.Reading{{At: noon, By: "lexicon-1"}, {At: noon.Add(time.Hour), By: "lexicon-1"}}}
	f := folded{mention: kept, exists: true}
	f.put(&late)
	if diff := cmp.Diff([]mention.Version{at(0), at(1), at(2)}, f.mention.Versions, cmpopts.EquateEmpty()); diff != "" || len(f.mention.Readings) != 2 {
		t.Errorf("versions (- want, + got):\n%s readings %v", diff, f.mention.Readings)
	}
}

func TestTheMemoryForgetsTheOldestAndStaysSmall(t *testing.T) {
	r := newMemory()
	for n := range 3 * generation {
		r.stands(fmt.Sprint(n), "a")
	}
	if n := len(r.young) + len(r.older); n > 2*generation {
		t.Errorf("it holds %d, at most %d", n, 2*generation)
	}
	if p, ok := r.get(fmt.Sprint(3*generation - 1)); !ok || p.index != "a" {
		t.Error("it forgot the newest")
	}
	r.lose("a")
	if p, _ := r.get(fmt.Sprint(3*generation - 1)); p.index != "" {
		t.Errorf("it still thinks that %+v stands in an index that was lost", p)
	}
}

func TestAnIndexIsDroppedOnlyWhenAllOfItIsOlder(t *testing.T) {
	for span, want := range map[string]string{
		"2026-03": "2026-04-01", "2025-12": "2026-01-01", "2026-w01": "2026-01-05", "2026-w53": "2027-01-04", "2024-w52": "2024-12-30",
	} {
		if end, ok := endOf(span); !ok || end.Format(time.DateOnly) != want {
			t.Errorf("%s ends on %v, want %s", span, end, want)
		}
	}
	for _, span := range []string{"old", "", "2026", "notes", "2026-w"} {
		if end, ok := endOf(span); ok {
			t.Errorf("%q ends on %v", span, end)
		}
	}
}
