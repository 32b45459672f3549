package local

import (
	"hash/fnv"
	"time"

	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/store"
)

// A key orders mentions: 3 bits of part, 33 bits of the second of publication,
// 27 bits that tell those of one second apart. Rows, bodies and terms share it, so
// that the newest of any word, and a window of time, are one stretch of each.
const (
	tieBits  = 27
	partBits = 60
	secMax   = 1<<(partBits-tieBits) - 1
	tieMax   = 1<<tieBits - 1

	// secZero is 1833-11-24 in Unix time: a whole number of days before 1970.
	secZero = -86400 * 49709
)

// The dates of publication that a key can hold: those of store.Earliest and store.Latest.
var (
	earliest = time.Unix(secZero, 0).UTC()
	latest   = time.Unix(secZero+secMax, 0).UTC()
)

// part is which mentions one asks among: they are kept one after the other.
type part int64

const (
	others part = iota // what others say, claimed by a watch
	own                // the organisation's own
	aside              // what nobody claims
	parts              // of each of the above follow those that are gone
)

func partOf(m *mention.Mention) part {
	p := aside
	switch {
	case m.Own:
		p = own
	case len(m.Current().Hits) > 0:
		p = others
	}
	if !m.GoneAt.IsZero() {
		p += parts
	}
	return p
}

// partsOf are the parts that q asks among; none when it contradicts itself.
func partsOf(q *store.Question) []part {
	p := others
	switch {
	case q.Own && q.Unclaimed:
		return nil
	case q.Own:
		p = own
	case q.Unclaimed:
		p = aside
	}
	if q.Gone {
		return []part{p, p + parts}
	}
	return []part{p}
}

func secondOf(t time.Time) int64 { return min(max(t.Unix()-secZero, 0), secMax) }

// first and last are the ends of the stretch of a second.
func (p part) first(second int64) int64 { return int64(p)<<partBits | second<<tieBits }
func (p part) last(second int64) int64  { return p.first(second) | tieMax }

// keyOf is where a mention would like to stand; when the place is taken, nextKey.
func keyOf(m *mention.Mention) int64 {
	h := fnv.New64a()
	h.Write([]byte(m.ID))
	return partOf(m).first(secondOf(m.PublishedAt)) | int64(h.Sum64()&tieMax)
}

// nextKey is the next place in the same second.
func nextKey(key int64) int64 { return key&^tieMax | (key+1)&tieMax }

func secondOfKey(key int64) int64 { return key >> tieBits & secMax }
