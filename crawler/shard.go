package crawler

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/ouidire/ouidire/internal/say"
)

// Shard is one of several processes that divide the sources among themselves, counted
// from zero. Which one visits a source depends on the name of the source and on their
// number alone, so that nobody has to agree with anybody; when their number changes,
// few sources change hands. The zero Shard is alone.
type Shard struct{ Index, Total int }

// Check refuses a shard that there is not.
func (s Shard) Check() error {
	if s.Total < 1 || s.Index < 0 || s.Index >= s.Total {
		return say.Errorf(say.Text{
			EN: "there is no shard %d of %d: shards are counted from 0, as in --shard 0 --total-shards 3",
			FR: "il n’y a pas de processus %d sur %d\u00a0: on compte à partir de 0, comme dans --shard 0 --total-shards 3",
		}, s.Index, s.Total)
	}
	return nil
}

// Alone says whether there is no other.
func (s Shard) Alone() bool { return s.Total <= 1 }

// Visits says whether a source is this shard's.
func (s Shard) Visits(source string) bool { return s.Of(source) == s.Index }

// Of is which shard of so many visits a source: the one that draws the highest number
// for it (rendezvous hashing).
func (s Shard) Of(source string) (index int) {
	var highest uint64
	for i := range s.Total {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", source, i))
		if n := binary.BigEndian.Uint64(sum[:]); n > highest {
			highest, index = n, i
		}
	}
	return index
}
