package store

import (
	"context"
	"errors"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Remote is what a store also does that sends what it keeps to a server: what is
// durable waits in a spool until the server has it.
type Remote interface {
	// State is how it does.
	State() State
	// DeadLetters are the newest of what the server refused for good, at most limit.
	DeadLetters(ctx context.Context, limit int) ([]DeadLetter, error)
	// Resend puts dead letters back into the spool, all of them when none is named, and
	// returns how many those were. What has been kept of a mention since stays newer.
	Resend(ctx context.Context, seqs ...int64) (int, error)
	// Noted says that whoever reads mentions has gone back to State.Resent, if nothing has
	// been sent again since.
	Noted(ctx context.Context, r Resent) error
	// Sizes are how many bytes claimed and unclaimed mentions take on the server.
	Sizes(ctx context.Context) (claimed, unclaimed int64, err error)
}

// ErrAway is in the chain of every error of a Remote whose server did not do what it was
// asked: it does not answer, takes too long or refuses. Such an error is in words for
// people (say.Explain), without anything secret.
var ErrAway = errors.New("the server that mentions are kept on did not do what it was asked")

// State is how a Remote does, for the page and the metrics.
type State struct {
	Trouble error     // why the server is not written to, in words for people; nil when it is
	Since   time.Time // when the trouble began; zero without
	Spooled int       // what waits in the spool
	Oldest  time.Time // when the earliest of it became known; zero when nothing waits
	Bytes   int64     // how much of it
	Limit   int64     // how much it may be: then nothing more is kept
	Dead    int       // what the server refused for good
	Doubles int       // how many doubles were found and made one, since the start
	Resent  Resent    // what was sent again and is not Noted; zero for nothing
}

// Resent is that dead letters were sent again, by whatever process: what became known
// since then may be found after it was looked for.
type Resent struct {
	Times int // how often, since it was noted last
	Since time.Time
}

// Filling says that the spool is half full: somebody must look at the server.
func (s State) Filling() bool { return s.Bytes*2 >= s.Limit }

// Full says that nothing more is kept until the server takes what waits.
func (s State) Full() bool { return s.Bytes >= s.Limit }

// DeadLetter is something that the server refused for good: nothing would change if it
// were sent again before somebody has changed the server.
type DeadLetter struct {
	Seq     int64 // names it, see Resend
	ID      string
	What    Errand
	Mention mention.Mention // as it was to be kept; zero when that is not known here
	At      time.Time       // when it became known
	Died    time.Time
	Why     error  // what the refusal means and what to do, in words for people
	Reason  string // in the server's own words
	Shard   int    // whose it is, where several keep mentions, see Joint
	Asked   bool   // that shard was asked to send it again, and has not done so
}

// Errand is what was to be done to a mention.
type Errand string

// The errands.
const (
	ToKeep  Errand = "keep"  // it, or a version of it, was to be kept
	ToGo    Errand = "gone"  // the place had deleted it
	ToJudge Errand = "judge" // somebody had judged it
)

// Compactor is a Remote whose server keeps what a month holds in more room than it needs
// until it is told that nothing more comes.
type Compactor interface {
	// Compact has the server begin to write one closed month together, if one has something
	// to gain and nothing waits to be written, and returns without waiting for it. That is
	// under way until a later call says otherwise; then the next may begin. Whoever stops
	// asking has nothing to undo: what was begun ends by itself, and what was not is found
	// again. A user without that right is told once in the log, and is no error.
	Compact(ctx context.Context) (under bool, err error)
}
