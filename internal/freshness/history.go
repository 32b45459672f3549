package freshness

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
)

// History is what is remembered of when a place brings something new. The zero
// value knows nothing. It is not safe for concurrent use.
type History struct {
	First time.Time `json:"first,omitzero"` // the oldest publication known
	Last  time.Time `json:"last,omitzero"`  // the newest: gaps are counted from here
	New   time.Time `json:"new,omitzero"`   // when we last met something new: silence is counted from here
	Count float64   `json:"count,omitempty"`
	Hours spent     `json:"hours,omitempty"` // in gaps of each class; the past counts half after half a year
	Known known     `json:"known,omitempty"`
}

// Item is one item of an answer.
type Item struct {
	ID        string
	Published time.Time // zero when its place gives no date
}

const (
	halfLife = 180 * day
	// since is how far back the dates of a first answer tell anything of today.
	since = 400 * day
	// together is the time within which several items are one arrival.
	together = 15 * time.Minute
	// unseen is the time between two visits after which a gap is not believed when
	// nothing of the former answer is left, or the item has no date.
	unseen = 26 * time.Hour
)

// Parse reads what String wrote; "" is the zero History.
func Parse(text string) (History, error) {
	var h History
	if text == "" {
		return h, nil
	}
	if err := json.Unmarshal([]byte(text), &h); err != nil {
		return History{}, fmt.Errorf("read the history of a source: %w", err)
	}
	return h, nil
}

// String writes h down, in about 3 kB at most.
func (h *History) String() string {
	b, err := json.Marshal(h)
	if err != nil { // a year beyond 9999: begin again
		return ""
	}
	return string(b)
}

// Visit takes the items of a good answer read at an instant; previous is the last
// good answer before it, zero for none. It tells whether any was new.
func (h *History) Visit(at, previous time.Time, items []Item) bool {
	fresh := h.Known.meet(items)
	if len(fresh) == 0 {
		return false
	}
	if h.Last.After(at) { // the clock was wrong
		h.Last = at
	}
	if h.New.IsZero() {
		h.begin(at, fresh)
		return true
	}
	instants := published(fresh, previous, at)
	if len(instants) == 0 {
		instants = []time.Time{at}
	}
	if at.Sub(previous) > unseen && (len(fresh) == len(items) || instants[0].Equal(at)) {
		h.Last = instants[0] // what came before it may have gone unseen
	}
	h.New = at
	h.walk(instants)
	return true
}

// begin takes a first answer: its dates are the past.
func (h *History) begin(at time.Time, items []Item) {
	instants := published(items, at.Add(-since), at)
	if len(instants) == 0 {
		instants = []time.Time{at}
	}
	h.First, h.Last = instants[0], instants[0]
	h.walk(instants[1:])
	h.New = h.Last
}

// published are the plausible dates of items, in (from, to], oldest first.
func published(items []Item, from, to time.Time) (instants []time.Time) {
	for _, it := range items {
		if it.Published.After(from) && !it.Published.After(to) {
			instants = append(instants, it.Published)
		}
	}
	slices.SortFunc(instants, time.Time.Compare)
	return instants
}

// walk counts the gaps up to each instant.
func (h *History) walk(instants []time.Time) {
	for _, at := range instants {
		gap := at.Sub(h.Last)
		if gap < together {
			continue
		}
		h.forget(gap)
		class := classOf(gap)
		for len(h.Hours) <= class {
			h.Hours = append(h.Hours, 0)
		}
		h.Hours[class] += gap.Hours()
		h.Count++
		h.Last = at
	}
}

// forget makes what is known older by a while.
func (h *History) forget(d time.Duration) {
	keep := math.Exp2(-float64(d) / float64(halfLife))
	h.Count *= keep
	for i := range h.Hours {
		h.Hours[i] *= keep
	}
}

// known are hashes of identifiers met, newest answer first.
type known []uint32

const (
	// judged is how many items of an answer are looked at. Of a longer one, those
	// of the smallest hashes, so that they are the same at the next visit.
	judged = 256
	// kept is how many are remembered: more, so that none seems new because
	// another has left.
	kept = 512
)

// meet remembers the items of an answer and returns those never met.
func (k *known) meet(items []Item) (fresh []Item) {
	if len(items) == 0 {
		return nil
	}
	sample := sampled(items)
	for _, s := range sample[:min(len(sample), judged)] {
		if !slices.Contains(*k, s.hash) {
			fresh = append(fresh, s.Item)
		}
	}
	if len(fresh) > 0 {
		k.remember(sample)
	}
	return fresh
}

// remember puts an answer before what was remembered.
func (k *known) remember(sample []hashed) {
	next := make(known, 0, kept)
	for _, s := range sample {
		next = append(next, s.hash)
	}
	for _, hash := range *k {
		if len(next) == kept {
			break
		}
		if !slices.Contains(next[:len(sample)], hash) {
			next = append(next, hash)
		}
	}
	*k = next
}

type hashed struct {
	Item
	hash uint32
}

// sampled are at most kept items, those of the smallest hashes first, each once.
func sampled(items []Item) []hashed {
	all := make([]hashed, len(items))
	for i, it := range items {
		sum := sha256.Sum256([]byte(it.ID))
		all[i] = hashed{it, binary.LittleEndian.Uint32(sum[:4])}
	}
	slices.SortFunc(all, func(a, b hashed) int { return int(int64(a.hash) - int64(b.hash)) })
	all = slices.CompactFunc(all, func(a, b hashed) bool { return a.hash == b.hash })
	return all[:min(len(all), kept)]
}

// MarshalText implements encoding.TextMarshaler.
func (k known) MarshalText() ([]byte, error) { return pack(k), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *known) UnmarshalText(text []byte) (err error) {
	*k, err = unpack(text, kept)
	return err
}

// spent is hours by class.
type spent []float64

// MarshalText implements encoding.TextMarshaler: minutes are near enough.
func (s spent) MarshalText() ([]byte, error) {
	minutes := make([]uint32, len(s))
	for i, hours := range s {
		minutes[i] = uint32(min(math.Round(60*hours), math.MaxUint32))
	}
	return pack(minutes), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *spent) UnmarshalText(text []byte) error {
	minutes, err := unpack(text, classes)
	if err != nil {
		return err
	}
	*s = make(spent, len(minutes), classes)
	for i, m := range minutes {
		(*s)[i] = float64(m) / 60
	}
	return nil
}

// pack writes numbers as text, four bytes each.
func pack(numbers []uint32) []byte {
	raw := make([]byte, 0, 4*len(numbers))
	for _, n := range numbers {
		raw = binary.LittleEndian.AppendUint32(raw, n)
	}
	return base64.RawStdEncoding.AppendEncode(nil, raw)
}

// unpack reads what pack wrote, at most so many numbers.
func unpack(text []byte, most int) ([]uint32, error) {
	raw, err := base64.RawStdEncoding.AppendDecode(nil, text)
	if err != nil {
		return nil, err
	}
	if len(raw)%4 != 0 || len(raw) > 4*most {
		return nil, fmt.Errorf("%d bytes of numbers", len(raw))
	}
	numbers := make([]uint32, 0, most)
	for ; len(raw) > 0; raw = raw[4:] {
		numbers = append(numbers, binary.LittleEndian.Uint32(raw))
	}
	return numbers, nil
}
