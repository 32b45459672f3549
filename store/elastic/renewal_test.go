package elastic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/needs"
	"github.com/ouidire/ouidire/internal/say"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// oneMonth is a house with mentions of one month, cut by an older version, and the store
// that keeps them.
func oneMonth(t *testing.T, tag string, n int) (h *house, s *Store, batch []mention.Mention, ids []string) {
	t.Helper()
	h = newHouse(t, oldest(t)).guest(t, tag)
	s = h.open(t.TempDir())
	for i := range n {
		m := h.said(fmt.Sprintf("%05d", i), noon, fmt.Sprintf("Frais n° %d à la caisse Valtisse", i))
		batch, ids = append(batch, m), append(ids, m.ID)
	}
	put(t, s, batch...)
	drain(t, s)
	h.age()
	return h, s, batch, ids
}

// step is a request that a renewal makes.
type step struct {
	name string
	is   func(r *http.Request, body []byte) bool
}

func asks(method, part string) func(*http.Request, []byte) bool {
	return func(r *http.Request, _ []byte) bool {
		return r.Method == method && strings.Contains(r.URL.Path, part)
	}
}

func isSwap(r *http.Request, body []byte) bool {
	return strings.HasSuffix(r.URL.Path, "/_aliases") && bytes.Contains(body, []byte("remove_index"))
}

// steps are the requests at which a rebuild is killed.
func steps() []step {
	return []step{
		{"the copy is made", func(r *http.Request, _ []byte) bool {
			return r.Method == http.MethodPut && strings.Contains(r.URL.Path, ".2-") && strings.Count(r.URL.Path, "/") == 1
		}},
		{"documents are copied", func(r *http.Request, _ []byte) bool { return isBulk(r) }},
		{"the copy is refreshed", func(r *http.Request, _ []byte) bool {
			return strings.Contains(r.URL.Path, ".2-") && strings.HasSuffix(r.URL.Path, "/_refresh")
		}},
		{"the index is shut", asks(http.MethodPut, "/_block/write")},
		{"the copy takes its place", isSwap},
	}
}

// A rebuild dies at each of its steps, before the server has done it and after. Another,
// on another machine, begins anew.
func TestARebuildThatDiesIsTakenOver(t *testing.T) {
	t.Parallel()
	for _, at := range steps() {
		for _, done := range []bool{false, true} {
			t.Run(fmt.Sprintf("as %s, done %v", at.name, done), func(t *testing.T) {
				t.Parallel()
				aRebuildDies(t, at, done)
			})
		}
	}
}

func aRebuildDies(t *testing.T, at step, done bool) {
	h, s, batch, ids := oneMonth(t, "d", 2*renewalStep+3)
	before := h.standing()
	dying := h.guest(t, h.tag)
	victim := dying.open(t.TempDir())
	until(t, "the one who dies is ready", func() bool { return victim.reach() == nil })
	var mu sync.Mutex
	dead := false
	dying.set(func(w http.ResponseWriter, r *http.Request, body []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		if !dead {
			dead = at.is(r, body)
			if !dead || done {
				return false
			}
		}
		// Nothing gets through any more. That it is told so shortens the test.
		refusal(http.StatusForbidden, "security_exception", "no")(w)
		return true
	}, func(*http.Request, []byte) bool {
		mu.Lock()
		defer mu.Unlock()
		return dead
	})
	if n, err := victim.Retokenise(t.Context()); err == nil {
		t.Fatalf("the one who dies renewed %d", n)
	}
	put(t, s, edit(batch[5], batch[5].SeenAt.Add(time.Minute), "Frais remboursés")) // waits where the index is shut
	n, err := s.Retokenise(t.Context())
	least := len(ids) - 1 // the edit may have been written before
	if done && at.name == "the copy takes its place" {
		least = 0
	}
	if err != nil || n < least {
		t.Errorf("renewed %d (%v), want %d at least", n, err, least)
	}
	drain(t, s)
	h.renewed(before)
	if got := texts(h.once(ids...)[batch[5].ID]); len(got) != 2 {
		t.Errorf("the edit made meanwhile is lost: %q", got)
	}
	if n, err := s.Outdated(t.Context()); err != nil || n != 0 {
		t.Errorf("%d have old tokens still (%v)", n, err)
	}
	if got := holding(t, s, "remboursé"); got != 1 {
		t.Errorf("the edit made meanwhile is found %d times, want once", got)
	}
}

// What was asked for long ago, and given up, may arrive at any time.
func TestACopyThatWasGivenUpNeverTakesThePlaceOfAnIndex(t *testing.T) {
	t.Parallel()
	h, s, batch, ids := oneMonth(t, "g", 20)
	before := h.standing()
	var late []byte
	h.set(func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
		if isSwap(r, body) && late == nil {
			late = body
			panic(http.ErrAbortHandler) // on its way
		}
		return false
	}, nil)
	if n, err := s.Retokenise(t.Context()); err == nil {
		t.Fatalf("renewed %d", n)
	}
	arrives := func() {
		t.Helper()
		err := h.direct.do(t.Context(), esapi.IndicesUpdateAliasesRequest{Body: bytes.NewReader(late)}, nil)
		if status(err) != http.StatusNotFound {
			t.Errorf("it arrives: %v", err)
		}
	}
	arrives()
	put(t, s, edit(batch[5], batch[5].SeenAt.Add(time.Minute), "Frais remboursés"))
	drain(t, s) // the index is open
	var once sync.Once
	h.set(func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
		if isBulk(r) {
			once.Do(arrives)
		}
		return false
	}, nil)
	if n, err := s.Retokenise(t.Context()); err != nil || n == 0 {
		t.Errorf("renewed %d (%v)", n, err)
	}
	arrives()
	h.renewed(before)
	if got := texts(h.once(ids...)[batch[5].ID]); len(got) != 2 {
		t.Errorf("the edit made meanwhile is lost: %q", got)
	}
}

func TestARebuildWhoseLastAnswerIsLostHasEnded(t *testing.T) {
	t.Parallel()
	h, s, _, ids := oneMonth(t, "a", 20)
	before := h.standing()
	var asked atomic.Bool
	h.set(func(_ http.ResponseWriter, r *http.Request, body []byte) bool {
		if isSwap(r, body) {
			asked.Store(true)
		}
		return false
	}, func(r *http.Request, _ []byte) bool {
		return strings.HasSuffix(r.URL.Path, "/_aliases") && asked.CompareAndSwap(true, false)
	})
	if n, err := s.Retokenise(t.Context()); err != nil || n != len(ids) {
		t.Errorf("renewed %d (%v), want %d", n, err, len(ids))
	}
	h.renewed(before)
	h.once(ids...)
}

func TestTwoRebuildsAtTheSameMomentLoseNothing(t *testing.T) {
	t.Parallel()
	h, s, batch, ids := oneMonth(t, "z", 3*renewalStep)
	before := h.standing()
	other := h.guest(t, h.tag).open(t.TempDir())
	until(t, "the other is ready", func() bool { return other.reach() == nil })
	var all sync.WaitGroup
	for _, one := range []*Store{s, other} {
		all.Go(func() {
			for {
				_, err := one.Retokenise(t.Context())
				if err == nil {
					return
				}
				if said := say.Explain(err, say.FrenchCanada); !strings.Contains(said, "lui a laissé la place") && !strings.Contains(said, "en ce moment") && status(err) != http.StatusNotFound {
					t.Errorf("said: %s", said)
				}
				if !pause(t.Context(), backoff(5)) {
					return
				}
			}
		})
	}
	for i := range 40 {
		put(t, s, edit(batch[i], batch[i].SeenAt.Add(time.Minute), "Frais remboursés"))
		pause(t.Context(), 20*time.Millisecond)
	}
	all.Wait()
	drain(t, s)
	h.renewed(before)
	kept := h.once(ids...)
	for i := range 40 {
		if got := texts(kept[batch[i].ID]); len(got) != 2 {
			t.Errorf("mention %d has versions %q", i, got)
		}
	}
}

// Three writers keep, edit and judge while one index after the other is written anew,
// and rebuilds are stopped at any moment.
func TestWhatIsWrittenWhileIndicesAreWrittenAnewIsThereOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, oldest(t)).guest(t, "w")
	h.config.Refresh = 300 * time.Millisecond // so that some of it is on its way when its index goes
	rounds := 12
	if needs.Soak() {
		rounds = 150
	}
	writers := []*Store{h.open(t.TempDir()), h.open(t.TempDir()), h.open(t.TempDir())}
	first, ids := h.many(0, 600)
	put(t, writers[0], first...)
	drain(t, writers[0])
	stop := make(chan struct{})
	var writing sync.WaitGroup
	wrote := make([]int, len(writers))
	for i, s := range writers {
		writing.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				default:
				}
				batch, _ := h.many(1_000_000*(1+i)+3*n, 3)
				for _, some := range [][]mention.Mention{batch, edits(batch)} {
					if _, _, err := s.Put(t.Context(), some); err != nil {
						t.Error(err)
						return
					}
				}
				wrote[i] = n + 1
				old := first[rand.N(len(first))].ID
				judged := mention.Reading{At: noon.Add(time.Duration(1000*n+i) * time.Second), Negative: 0.7, Positive: 0.3, Label: mention.Negative, By: "lexicon-2", Why: []string{"frais"}}
				judge := func() error { return s.AddReading(t.Context(), old, judged) }
				if n%2 > 0 {
					judge = func() error { return s.AddReadings(t.Context(), []store.Judgement{{ID: old, Reading: judged}}) }
				}
				if err := judge(); err != nil {
					t.Errorf("judge: %v", err)
				}
				pause(t.Context(), 10*time.Millisecond)
			}
		})
	}
	asked := make(chan struct{})
	go func() { // somebody reads meanwhile
		defer close(asked)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if n, err := writers[1].Count(t.Context(), store.Question{}); err != nil || n < len(first) {
				t.Errorf("counted %d (%v), want at least %d", n, err, len(first))
			}
			if all, err := readAll(t, writers[1]); err != nil || all < len(first) {
				t.Errorf("read %d (%v), want at least %d", all, err, len(first))
			}
		}
	}()
	renewed := 0
	for n := range rounds {
		indices := h.standing()
		index := indices[rand.N(len(indices))]
		brief, end := context.WithTimeout(t.Context(), time.Minute)
		if n%3 == 0 {
			end()
			brief, end = context.WithTimeout(t.Context(), rand.N(300*time.Millisecond)) // it is stopped
		}
		err := writers[n%len(writers)].renewIndex(brief, index)
		end()
		if err == nil {
			renewed++
		} else if brief.Err() == nil {
			t.Errorf("%s: %v", index, err)
		}
	}
	close(stop)
	writing.Wait()
	<-asked
	judged := 0
	for i, s := range writers {
		drain(t, s)
		judged += wrote[i]
		for n := range wrote[i] {
			_, some := h.many(1_000_000*(1+i)+3*n, 3)
			ids = append(ids, some...)
		}
	}
	kept := h.once(ids...)
	readings := 0
	for id, m := range kept {
		readings += len(m.Readings)
		if !slices.Contains(ids[:600], id) && (len(texts(m)) != 2 || texts(m)[1] != editedText) {
			t.Errorf("mention %s has versions %q", id, texts(m))
		}
	}
	if readings != judged {
		t.Errorf("%d judgements are kept, want %d", readings, judged)
	}
	if renewed < rounds/2 {
		t.Errorf("only %d of %d renewals came to an end", renewed, rounds)
	}
	t.Logf("%d renewals, %d of them to the end: %d mentions and %d judgements", rounds, renewed, len(kept), readings)
}

// readAll reads all there is, page by page.
func readAll(t *testing.T, s *Store) (n int, err error) {
	for after := ""; ; {
		page, next, err := s.Search(t.Context(), store.Question{AsOf: noon.AddDate(1, 0, 0)}, 200, after)
		n += len(page)
		if after = next; err != nil || after == "" {
			return n, err
		}
	}
}

func TestWhatADeadRebuildLeftShutIsOpenedByWhoWrites(t *testing.T) {
	t.Parallel()
	h, s, batch, ids := oneMonth(t, "s", 20)
	before := h.standing()
	index := s.names.of(&batch[0])
	h.must(esapi.IndicesAddBlockRequest{Index: []string{index}, Block: "write"})
	put(t, s, edit(batch[5], batch[5].SeenAt.Add(time.Minute), "Frais remboursés"))
	until(t, "the trouble is told", func() bool { return s.State().Trouble != nil })
	if said := say.Explain(s.State().Trouble, say.FrenchCanada); !strings.Contains(said, "index.blocks.write") {
		t.Errorf("said: %s", said)
	}
	if all := s.sender.shutSince(s.now()); !slices.Equal(all, []string{index}) {
		t.Fatalf("shut: %q", all)
	}
	if all := s.sender.shutSince(s.now().Add(-relievesAfter)); len(all) > 0 {
		t.Fatalf("shut for long: %q", all)
	}
	if err := s.relieve(t.Context(), index); err != nil {
		t.Fatal(err)
	}
	if is, err := s.set(t.Context(), index); err != nil || !is.shut {
		t.Errorf("what a person has shut is open (%v)", err)
	}
	if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
		t.Errorf("renewed %d (%v) of what a person has shut", n, err)
	}
	if err := s.make(t.Context(), s.names.name(s.names.mentions(), noon.UTC().Format("2006-01"), 2), object{s.names.renewing(): object{"is_hidden": true}}); err != nil {
		t.Fatal(err)
	}
	mine, err := s.rebuildsAlone()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.relieve(t.Context(), index); err != nil {
		t.Fatal(err)
	}
	if is, err := s.set(t.Context(), index); err != nil || !is.shut {
		t.Errorf("what a rebuild that lives has shut is open (%v)", err)
	}
	if err := mine.Release(); err != nil {
		t.Fatal(err)
	}
	if err := s.relieve(t.Context(), index); err != nil {
		t.Fatal(err)
	}
	drain(t, s)
	h.renewed(before)
	if got := texts(h.once(ids...)[batch[5].ID]); len(got) != 2 {
		t.Errorf("the edit is lost: %q", got)
	}
	if err := s.relieve(t.Context(), index); err != nil || len(s.sender.shutSince(s.now())) > 0 {
		t.Errorf("it is still thought to be shut (%v)", err)
	}
}

func TestAnIndexThatThisVersionCannotReadStaysAsItIs(t *testing.T) {
	t.Parallel()
	h, s, batch, _ := oneMonth(t, "u", 20)
	before := h.standing()
	index := s.names.of(&batch[0])
	h.must(esapi.UpdateRequest{Index: index, DocumentID: batch[3].ID, Refresh: "true", Body: strings.NewReader(`{"doc": {"body": "/wAA"}}`)})
	for range 2 {
		if n, err := s.Retokenise(t.Context()); err != nil || n != 0 {
			t.Errorf("renewed %d (%v)", n, err)
		}
	}
	var all []string
	for _, e := range h.editions() {
		all = append(all, e.index)
	}
	if slices.Sort(before); !slices.Equal(slices.Sorted(slices.Values(all)), before) {
		t.Errorf("there are %q, want %q", all, before)
	}
	put(t, s, edit(batch[5], batch[5].SeenAt.Add(time.Minute), "Frais remboursés"))
	drain(t, s) // it is open
}

func TestARebuildWithoutRoomSaysSo(t *testing.T) {
	t.Parallel()
	h, s, _, _ := oneMonth(t, "f", 20)
	h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if strings.HasPrefix(r.URL.Path, "/_nodes") {
			says(w, http.StatusOK, object{"nodes": object{"a": object{"roles": []string{"data"}, "fs": object{"total": object{"available_in_bytes": 1000}}}}})
			return true
		}
		return false
	}, nil)
	_, err := s.Retokenise(t.Context())
	if said := say.Explain(err, say.FrenchCanada); !strings.Contains(said, "n’a pas la place de récrire") {
		t.Errorf("said: %s", said)
	}
	if said := say.Explain(err, say.English); !strings.Contains(said, "no room to write the index") {
		t.Errorf("said: %s", said)
	}
}

func TestRetentionForgetsAlsoWhatWasWrittenAnew(t *testing.T) {
	t.Parallel()
	h, s, _, ids := oneMonth(t, "y", 20)
	if _, err := s.Retokenise(t.Context()); err != nil {
		t.Fatal(err)
	}
	n, err := s.Forget(t.Context(), noon.AddDate(0, 2, 0), noon.AddDate(0, -2, 0))
	if err != nil || n != len(ids) {
		t.Errorf("forgot %d (%v), want %d", n, err, len(ids))
	}
	for _, e := range h.editions() {
		if !strings.HasSuffix(e.index, "-old") {
			t.Errorf("%s is left", e.index)
		}
	}
	h.once()
}

func TestTheNameOfAnIndexSaysWhoseItIs(t *testing.T) {
	n := indices{"ouidire"}
	for _, alias := range n.all() {
		for _, span := range []string{"old", "2026-11", "2026-w47"} {
			for _, number := range []int{1, 2, 12} {
				index := n.name(alias, span, number)
				a, s, k, ok := n.parse(index)
				if !ok || a != alias || s != span || k != number || n.sort(index) != alias || !n.ours(index) {
					t.Errorf("%s is read as %s, %s, %d, %v", index, a, s, k, ok)
				}
			}
		}
	}
	for _, index := range []string{"", "ouidire-mentions", "ouidire-mentions.x-2026-11", "ouidire-mentions.1-2026-11", "ouidire-mentions.02-2026-11",
		"ouidire-mentions.-3-2026-11", "ouidire-mentionsdete-2026-11", "ouidire-mentions.2", "autre-mentions-2026-11"} {
		if _, _, _, ok := n.parse(index); ok {
			t.Errorf("%q is taken for one of ours", index)
		}
	}
	order := map[string]int{}
	want := []string{"ouidire-mentions.3-2026-11", "ouidire-unclaimed-2026-w44", "ouidire-mentions-2026-10", "ouidire-mentions-2025-12", "ouidire-mentions.2-old"}
	for _, index := range want {
		order[index] = 1
	}
	if got := n.newestFirst(order); !slices.Equal(got, want) {
		t.Errorf("order %q, want %q", got, want)
	}
}

// A page of a proxy with the status of an index that is gone is no reason to ask again.
func TestAPageThatSaysNotFoundIsNotTakenForAnIndexThatIsGone(t *testing.T) {
	t.Parallel()
	h, s, _, ids := oneMonth(t, "p", 20)
	var searches atomic.Int64
	h.set(func(w http.ResponseWriter, r *http.Request, _ []byte) bool {
		if strings.HasSuffix(r.URL.Path, "/_search") {
			searches.Add(1)
		}
		page(http.StatusNotFound, "text/html", "<html>404</html>")(w)
		return true
	}, nil)
	_, err := s.Count(t.Context(), store.Question{})
	if said := say.Explain(err, say.FrenchCanada); !strings.Contains(said, "n’est pas Elasticsearch (réponse 404") {
		t.Errorf("said: %s", said)
	}
	if n := searches.Load(); n != 1 {
		t.Errorf("it was asked %d times, want once", n)
	}
	if err := s.renewIndex(t.Context(), s.names.name(s.names.mentions(), noon.UTC().Format("2006-01"), 1)); !errors.As(err, new(*stranger)) {
		t.Errorf("a rebuild says %v", err)
	}
	h.set(nil, nil)
	if n, err := s.Retokenise(t.Context()); err != nil || n != len(ids) {
		t.Errorf("renewed %d (%v), want %d", n, err, len(ids))
	}
}

func TestARebuildThatCannotKeepOthersOutSaysSo(t *testing.T) {
	t.Parallel()
	_, s, _, _ := oneMonth(t, "l", 20)
	if err := os.WriteFile(filepath.Join(s.folder, "rebuild"), []byte("a file where a folder must be"), 0o600); err != nil {
		t.Fatal(err)
	}
	brief, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	if _, err := s.Retokenise(brief); err == nil || brief.Err() != nil {
		t.Errorf("got %v (%v), want an error at once", err, brief.Err())
	}
}
