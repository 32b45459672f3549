package store

import (
	"context"
	"time"
)

// Joint is what a Remote also does that several shards keep mentions in. What was refused
// of what one of them found is put aside on its machine: through the store the others see
// it, and can have it sent again. It is safe for concurrent use.
type Joint interface {
	// Admit shows the others what was refused of what this shard found: how many, and the
	// newest, at most limit, in the place of what it showed before. Title and text of a
	// mention are shortened.
	Admit(ctx context.Context, shard, limit int) error
	// Admitted is what each of the others showed last, by number; it may be a second old.
	// Before Admit was ever called here there are no others.
	Admitted(ctx context.Context) ([]Refusals, error)
	// Request asks a shard to send dead letters again, all of them when none is named.
	Request(ctx context.Context, shard int, seqs ...int64) error
	// Obey sends again what this shard was asked to, and returns how many those were.
	Obey(ctx context.Context, shard int) (int, error)
}

// Refusals is what was refused for good of what one shard found.
type Refusals struct {
	Shard  int
	At     time.Time // when it said so, by its own clock
	Dead   int       // how many
	Newest []DeadLetter
}
