// Package elastic keeps mentions in Elasticsearch, for those who outgrow one machine.
// It keeps the contract of package store. What comes in is first made durable in a
// local spool, then sent; a server that is away, slow or full costs delay only.
//
//   - put.go: a batch is fsynced in the spool; for the server Put waits a fifth of a
//     second at most, to learn what is new, and a moment while more comes than is sent.
//   - spool.go, dead.go, meaning.go: the file spool.db: what waits, and what was refused
//     for good, and why.
//   - send.go, flight.go, bulk.go: what waits is taken in order, put together with what is kept,
//     and sent, several flights at once, no mention in two of them.
//   - settle.go: what was sent leaves the spool once it can be found.
//   - setup.go, words.go: what is looked at before the first write, and what is said
//     when it is wrong.
//   - lookup.go, memory.go: where a mention stands, and what it is.
//   - plan.go, compile.go: a question, and the query in it, as Elasticsearch is asked.
//   - reader.go, search.go, count.go, terms.go, histogram.go: its answers, which are
//     exact: what Elasticsearch cannot decide is judged mention by mention.
//   - document.go, mapping.go: what it holds of a mention.
//   - forget.go: old months are dropped whole.
//   - rebuild.go, renewal.go, copying.go, edition.go, relief.go: what an older version wrote is
//     written anew in other indices, which take the place of those that were; what died of
//     that is cleared away.
//   - doubles.go: what an older version kept twice is joined.
//   - compact.go: what a closed month takes on the server shrinks by half.
//   - listen.go: whether the server is there, though nobody writes, and says anything while
//     somebody waits; and how large it is.
//   - peers.go, joint.go: what shards tell each other, and what of it was refused.
//
// Measured on two idle cores that the server shares (go test -bench HandOver, CatchUp,
// Spool): from hand-over until it can be found 87 to 94 % of what a bare client reaches
// that makes the same documents itself, some 4,250 of 4,750 mentions a second, and 76 to
// 88 % of one that is given them, 81 in the median; what waited through an outage leaves
// the spool at 4,500 a second; the spool alone keeps 22,000 mentions of 700 bytes a second,
// at 1.6 KB each: an hour without the server at 200 a second is 1.1 GB. Of five million
// mentions every question of the page is answered within 150 ms, half of the time (-bench
// Asking).
package elastic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/ouidire/ouidire/internal/sqlite"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

var (
	_ store.Store  = (*Store)(nil)
	_ store.Remote = (*Store)(nil)
)

// Store is mentions in Elasticsearch. It is safe for concurrent use.
type Store struct {
	*reader
	config    Config
	folder    string // of the spool
	client    *client
	log       *slog.Logger
	now       func() time.Time
	spool     *spool
	memory    *memory
	condition *condition
	ear       *ear
	sender    *sender
	compactor compactor
	codecs    sync.Pool // of *store.Codec
	documents documents
	names     indices
	joined    atomic.Bool     // other shards keep mentions in the same indices
	united    atomic.Bool     // what stood twice since an older version is one
	unread    map[string]bool // the indices that a rebuild leaves as they are, see Retokenise

	prepared chan struct{} // closed when the server is ready to be written to and asked
	stop     context.CancelFunc
	ended    sync.WaitGroup

	mu       sync.Mutex
	ring     func() // called when something that waited can be found
	closed   bool
	mapped   map[string]bool // the indices of peers.go and joint.go whose mapping is known to be ours
	admitted string          // which dead letters the other shards were shown, see spool.mark
}

// Options is how a store is opened; the zero value will do.
type Options struct {
	Log     *slog.Logger
	Now     func() time.Time
	Observe func(Sent)          // is told of each flight that was answered, one at a time
	Spool   func(sqlite.Commit) // is told of each commit of the spool
}

// patience is how long Open waits for a server before it lets it come later.
const patience = 10 * time.Second

// Open opens the store whose spool is below the data folder, which must exist. Several
// processes may: one of them sends, and when it ends another. A server that
// does not answer is waited for in the background while Put goes on. One that this
// folder has never reached and that answers otherwise than it must is an error that
// says which setting to change; later that is waited for too: crawling must not end
// because a certificate did.
func Open(ctx context.Context, folder string, c Config, o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{config: c, folder: filepath.Join(folder, "elastic"), names: indices{c.Prefix}, log: o.Log, now: o.Now, memory: newMemory(), ring: func() {}, prepared: make(chan struct{}), mapped: map[string]bool{}, unread: map[string]bool{},
		condition: &condition{now: o.Now, log: o.Log}, ear: newEar(), compactor: compactor{tried: map[string]time.Time{}}}
	s.codecs.New = func() any { return store.NewCodec() }
	var err error
	if s.client, err = newClient(c); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return nil, sqlite.Explain(s.folder, err)
	}
	if s.spool, err = openSpool(ctx, filepath.Join(s.folder, "spool.db"), int64(c.Spool)<<20, o.Spool); err != nil {
		return nil, err
	}
	_, joined, err := s.spool.fact(ctx, "shard")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look into the spool: %w", err), s.spool.close())
	}
	s.joined.Store(joined)
	s.reader = newReader(s.consult, s.names, &s.documents)
	s.sender = newSender(s, o.Observe)
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	if err := s.begin(ctx, running); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// begin prepares the server once, and goes on in the background.
func (s *Store) begin(ctx, running context.Context) error {
	first, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.prepare(first)
	if err == nil {
		s.condition.ok()
		close(s.prepared) // whoever asks at once is answered
	} else {
		_, met, unknown := s.spool.fact(running, "met")
		if unknown != nil {
			return fmt.Errorf("look into the spool: %w", unknown)
		}
		if definite(err) && !met {
			return s.explain(err)
		}
		s.condition.bad(s.explain(err))
	}
	s.ended.Go(func() {
		if err != nil {
			if !s.keepPreparing(running) {
				return
			}
			close(s.prepared)
		}
		s.ended.Go(func() { s.listen(running) })
		s.ended.Go(func() { s.relieveAll(running) })
		s.sender.run(running)
	})
	return nil
}

// keepPreparing tries until the server is ready; it says whether it became so.
func (s *Store) keepPreparing(ctx context.Context) bool {
	for tries := 1; ; tries++ {
		if !pause(ctx, backoff(tries)) {
			return false
		}
		err := s.prepare(ctx)
		if err == nil {
			s.condition.ok()
			return true
		}
		s.condition.bad(s.explain(err))
	}
}

// reach is nil when the server may be asked; else why not, in words for people.
func (s *Store) reach() error {
	select {
	case <-s.prepared:
		return s.ear.silent()
	default:
	}
	if _, trouble := s.condition.get(); trouble != nil {
		return trouble
	}
	return s.unprepared()
}

// consult asks the server; its errors are for people. One that is being prepared is
// waited for a little, as long as nothing is wrong with it.
func (s *Store) consult(ctx context.Context, r esapi.Request, into any) error {
	if _, trouble := s.condition.get(); trouble == nil {
		soon, cancel := context.WithTimeout(ctx, asksAgain)
		defer cancel()
		select {
		case <-s.prepared:
		case <-soon.Done():
		}
	}
	if err := s.reach(); err != nil {
		return err
	}
	err := s.attend(ctx, func(ctx context.Context) error { return s.client.do(ctx, r, into) })
	if err != nil {
		return s.explain(err)
	}
	return nil
}

// State is store.Remote's.
func (s *Store) State() store.State {
	since, trouble := s.condition.get()
	s.spool.mu.Lock()
	defer s.spool.mu.Unlock()
	return store.State{Trouble: trouble, Since: since, Spooled: s.spool.rows, Oldest: s.spool.earliest, Bytes: s.spool.size, Limit: s.spool.limit,
		Dead: s.spool.dead, Doubles: int(s.sender.doubles.Load()), Resent: s.spool.again}
}

// Waiting is store.Store's: the earliest of what is in the spool.
func (s *Store) Waiting() time.Time { return s.spool.waiting() }

// OnFound is store.Store's.
func (s *Store) OnFound(ring func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ring = ring
}

func (s *Store) found() {
	s.mu.Lock()
	ring := s.ring
	s.mu.Unlock()
	ring()
}

// Drain returns when nothing waits any more, or ctx ends.
func (s *Store) Drain(ctx context.Context) error {
	return s.sender.drained(ctx)
}

// Close stops sending: the flights that are on their way are waited for a little.
// What is in the spool is sent next time.
func (s *Store) Close() error {
	s.mu.Lock()
	again := s.closed
	s.closed = true
	s.mu.Unlock()
	if again {
		return nil
	}
	s.stop()
	s.ended.Wait()
	s.client.close()
	return s.spool.close()
}

func (s *Store) pack(m *mention.Mention) ([]byte, error) {
	c := s.codecs.Get().(*store.Codec)
	defer s.codecs.Put(c)
	return c.Encode(m)
}

func (s *Store) unpack(body []byte) (mention.Mention, error) {
	c := s.codecs.Get().(*store.Codec)
	defer s.codecs.Put(c)
	return c.Decode(body)
}
