package story

import "github.com/ouidire/ouidire/mention"

// Kind is how two texts stand to each other.
type Kind string

// The kinds of relation.
const (
	Different Kind = "different"
	Same      Kind = "same"    // one text, whole or cut, edited, with other words around it
	Excerpt   Kind = "excerpt" // one holds the beginning of the other, no more
)

// Relation is the answer of Compare with the two measures behind it.
type Relation struct {
	Kind        Kind
	Resemblance float64 // estimated share of common runs of three words, 0 to 1
	Containment float64 // share of the smaller lead that stands in the other, 0 to 1
}

const (
	resembles = 0.30 // from here on two texts are the same
	contains  = 0.50 // from here on one lead is cut from the other
	sharedMin = 8    // runs that a lead must share: fewer are a figure of speech
)

// Compare says how two signed texts stand to each other; the order does not
// matter. Where one of the two has only a headline, an equal headline is the same
// story. Equal headlines over two whole texts prove nothing: « La météo de la
// semaine » comes back every week.
func Compare(a, b mention.Signature) Relation {
	r := Relation{Kind: Different}
	if len(a.MinHash) != minima || len(b.MinHash) != minima {
		if h := headline(a); h != 0 && h == headline(b) {
			return Relation{Kind: Same, Resemblance: 1, Containment: 1}
		}
		return r
	}
	r.Resemblance = estimate(a.MinHash, b.MinHash)
	shared, smaller := overlap(runsOf(a), runsOf(b))
	if smaller > 0 {
		r.Containment = float64(shared) / float64(smaller)
	}
	switch {
	case r.Resemblance >= resembles:
		r.Kind = Same
	case r.Containment >= contains && shared >= sharedMin:
		r.Kind = Excerpt
	}
	return r
}

// headline is the marked hash of a signature's headline, 0 without one.
func headline(s mention.Signature) uint32 {
	if n := len(s.Lead); n > 0 && s.Lead[n-1]&headlineBit != 0 {
		return s.Lead[n-1]
	}
	return 0
}

func runsOf(s mention.Signature) []uint32 {
	if headline(s) != 0 {
		return s.Lead[:len(s.Lead)-1]
	}
	return s.Lead
}

func estimate(a, b []uint32) float64 {
	equal := 0
	for i := range a {
		if a[i] == b[i] {
			equal++
		}
	}
	return float64(equal) / float64(len(a))
}

// overlap counts what two sorted sets share, and the smaller of the two.
func overlap(a, b []uint32) (shared, smaller int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			shared, i, j = shared+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return shared, min(len(a), len(b))
}

const (
	rows    = 2 // minima that must agree for a band to: 64 bands miss 2 in 1,000 pairs at 0.30
	sampled = 3 // one run of a lead in three is a key; both sides choose the same ones
)

// Bands are the keys under which a signature is looked up: two texts that Compare
// joins share at least one, but for about one pair in a thousand, and texts that
// have nothing in common rarely do. A signature has about a hundred; one without
// words has none.
func Bands(s mention.Signature) []uint64 {
	keys := make([]uint64, 0, minima/rows+len(s.Lead)/2)
	if len(s.MinHash) == minima {
		for i := 0; i < minima; i += rows {
			keys = append(keys, combine([]uint64{uint64(i), uint64(s.MinHash[i]), uint64(s.MinHash[i+1])}))
		}
	}
	for _, h := range s.Lead {
		if h&headlineBit != 0 || h%sampled == 0 {
			keys = append(keys, combine([]uint64{minima, uint64(h)}))
		}
	}
	return keys
}
