package elastic

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

const (
	// listensEvery is how often the server is asked who it is: who writes seldom would
	// else learn late that it is gone.
	listensEvery = 30 * time.Second
	// listensFor is how long it may take to say so.
	listensFor = 10 * time.Second
	// doubtsAfter is how long somebody who asks waits before it is looked whether the
	// server says anything at all, and silentFor how long it may then say nothing.
	doubtsAfter = time.Second
	silentFor   = 2 * time.Second
	// hastyBelow is how much time those have who look at a page. Whoever has more, or all
	// there is, waits longer: on a busy machine a server may say nothing for seconds.
	hastyBelow = 30 * time.Second
	// callsEvery is how soon a silent server is asked again.
	callsEvery = time.Second
)

// ear is who waits for an answer of the server, and whether it says anything: one that
// was stopped in its sleep takes what it is asked, and never answers. While it is silent
// nobody waits for it: a probe does.
type ear struct {
	doubts  chan struct{} // somebody has waited for long
	mu      sync.Mutex
	silence error // in words for people; nil when it may be asked
	asking  map[int]context.CancelFunc
	next    int
}

func newEar() *ear { return &ear{doubts: make(chan struct{}, 1), asking: map[int]context.CancelFunc{}} }

// silent is nil when the server may be asked; else why not.
func (e *ear) silent() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.silence
}

// begin notes somebody who waits, to be told by cancel when the server falls silent.
func (e *ear) begin(cancel context.CancelFunc) (end func(), err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.silence != nil {
		return nil, e.silence
	}
	n := e.next
	e.next++
	e.asking[n] = cancel
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.asking, n)
	}, nil
}

// fall tells all who wait that the server is silent.
func (e *ear) fall(why error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.silence = why
	for _, cancel := range e.asking {
		cancel()
	}
}

// rise lets the server be asked again.
func (e *ear) rise() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.silence = nil
}

// attend does what asks the server for somebody who waits. When the server says nothing
// to anybody it ends with that, in words for people; and at once while that is so.
func (s *Store) attend(ctx context.Context, ask func(context.Context) error) error {
	asking, cancel := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer cancel()
	end, err := s.ear.begin(cancel)
	if err != nil {
		return err
	}
	defer end()
	watching.Go(func() { s.watch(asking) })
	err = ask(asking)
	if silence := s.ear.silent(); err != nil && silence != nil && ctx.Err() == nil && asking.Err() != nil {
		return silence
	}
	return err
}

// watch looks, as long as somebody waits, whether the server says anything to anybody; it
// is asked who it is, to give it something to say.
func (s *Store) watch(ctx context.Context) {
	most := listensFor
	if hasty(ctx) {
		most = silentFor
	}
	for pause(ctx, doubtsAfter) {
		before := s.client.answers()
		ring(s.ear.doubts)
		if pause(ctx, most) && s.client.answers() == before {
			s.unheard(context.DeadlineExceeded)
			return
		}
	}
}

// hasty says that somebody may be looking at a page.
func hasty(ctx context.Context) bool {
	deadline, ends := ctx.Deadline()
	return ends && time.Until(deadline) < hastyBelow
}

// unheard notes that the server is silent.
func (s *Store) unheard(err error) {
	why := s.explain(err)
	s.condition.unheard(why)
	s.ear.fall(why)
}

// listen asks the server who it is, again and again until ctx ends, and at once when
// somebody waits for long.
func (s *Store) listen(ctx context.Context) {
	for ctx.Err() == nil {
		next := listensEvery
		if s.ear.silent() != nil {
			next = callsEvery
		}
		timer := time.NewTimer(next)
		select {
		case <-timer.C:
		case <-s.ear.doubts:
		case <-ctx.Done():
		}
		timer.Stop()
		s.knock(ctx)
	}
}

// knock asks once. A server that answers anybody meanwhile is not silent.
func (s *Store) knock(ctx context.Context) {
	brief, cancel := context.WithTimeout(ctx, listensFor)
	defer cancel()
	before := s.client.answers()
	err := s.recognise(brief)
	switch late := brief.Err() != nil; {
	case ctx.Err() != nil: // we were stopped: nothing was learnt
	case err == nil:
		s.ear.rise()
		s.condition.heard()
	case !late:
		s.ear.rise() // whoever asks is told at once what is wrong
		s.condition.unheard(s.explain(err))
	case s.client.answers() == before:
		s.unheard(err)
	default:
		s.ear.rise()
	}
}

// Sizes is store.Remote's. Copies count: it is what the disks hold.
func (s *Store) Sizes(ctx context.Context) (claimed, unclaimed int64, err error) {
	if claimed, err = s.sizeOf(ctx, s.names.mentions()); err == nil {
		unclaimed, err = s.sizeOf(ctx, s.names.unclaimed())
	}
	if err != nil {
		return 0, 0, fmt.Errorf("ask how large the indices are: %w", err)
	}
	return claimed, unclaimed, nil
}

func (s *Store) sizeOf(ctx context.Context, alias string) (bytes int64, err error) {
	var answer struct {
		All struct {
			Total struct {
				Store struct {
					Bytes int64 `json:"size_in_bytes"`
				}
			}
		} `json:"_all"`
	}
	err = s.consult(ctx, esapi.IndicesStatsRequest{Index: []string{alias}, Metric: []string{"store"}, Level: "cluster"}, &answer)
	return answer.All.Total.Store.Bytes, err
}
