package store

import (
	"context"
	"time"
)

// Peers is what processes that write into one store tell each other through it. A kind
// of store that several processes can share implements it. It is safe for concurrent use.
type Peers interface {
	// Beat gives a sign of life, in the place of the former one of the same shard.
	Beat(ctx context.Context, p Pulse) error
	// Pulses are the last signs of life of all shards there ever were, by number; they
	// may be a second old.
	Pulses(ctx context.Context) ([]Pulse, error)
	// Note writes down how sources stand, each in the place of what stood there.
	Note(ctx context.Context, all []Standing) error
	// Standings are what was noted of all sources, by name; they may be a second old.
	Standings(ctx context.Context) ([]Standing, error)
}

// Pulse is a sign of life of one shard.
type Pulse struct {
	Shard, Total int       // as it was started
	Run          string    // differs from start to start
	Beat         int       // counts within a run: a pulse that was read twice says nothing new
	At           time.Time // by its own clock
	From         time.Time // all that its run saw was seen after that
	Upto         time.Time // everything that it saw up to then can be found
	Resent       Resent    // what it has sent again since its run began
}

// Standing is how a source stood when its shard last looked.
type Standing struct {
	Source string
	Shard  int // who noted it
	At     time.Time
	Body   []byte // JSON, of whoever notes and reads it
}
