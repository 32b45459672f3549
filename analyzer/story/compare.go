package story

import "github.com/ouidire/ouidire/mention"

// Kind is how two texts stand to each other.
type Kind string

// The kinds of relation.
const (
	Different Kind = "different"
	Same      Kind = "same"    // the same words, but for a few around or among them
	Excerpt   Kind = "excerpt" // one is cut from the other
	Edited    Kind = "edited"  // the same text with other words in it
)

// Relation is the answer of Compare with the measures behind it, each from 0 to 1.
type Relation struct {
	Kind        Kind
	Resemblance float64 // estimated share of common runs of three words
	Containment float64 // share of the smaller lead that stands in the other
	Whole       float64 // estimated share of the smaller text that stands in the other
	Headline    bool    // by equal headlines alone
}

const (
	resembles = 0.30 // from here on two texts are one
	longAlike = 0.23 // and two long ones, where the estimate is surer
	contains  = 0.50 // from here on one lead is cut from the other,
	heldMin   = 0.45 // when so much of the smaller text is: not only what an outlet puts above all its texts
	sharedMin = 8    // runs that a lead must share: fewer are a figure of speech

	shortRuns = 18   // a text of fewer, under twenty words, is one with another
	shortSame = 0.90 // when nearly all of it is the same, or held

	// Under one headline less is needed.
	titledResembles = 0.15
	titledContains  = 0.30
)

// Compare says how two signed texts stand to each other; the order does not
// matter. Where one of the two has only a headline, an equal headline is the same
// story. Equal headlines over two whole texts prove nothing alone: « La météo de la
// semaine » comes back every week.
func Compare(a, b mention.Signature) Relation {
	r := Relation{Kind: Different}
	title := headline(a)
	titled := title != 0 && title == headline(b)
	if len(a.MinHash) != minima || len(b.MinHash) != minima {
		if titled {
			return Relation{Kind: Same, Resemblance: 1, Containment: 1, Whole: 1, Headline: true}
		}
		return r
	}
	r.Resemblance = estimate(a.MinHash, b.MinHash)
	shared, lead := overlap(runsOf(a), runsOf(b))
	if shared == 0 && r.Resemblance < longAlike {
		return r // as most are
	}
	smaller, larger := size(a), size(b)
	if smaller > larger {
		smaller, larger = larger, smaller
	}
	r.Containment = float64(shared) / float64(max(lead, 1))
	r.Whole = r.Resemblance * (smaller + larger) / (1 + r.Resemblance) / smaller
	if smaller < leadRuns { // its lead is all of it
		r.Whole = max(r.Containment, r.Whole)
	}
	r.Whole = min(r.Whole, 1)
	if r.alike(shared, smaller, titled) {
		r.Kind = r.kind(smaller / larger)
	}
	return r
}

func (r *Relation) alike(shared int, smaller float64, titled bool) bool {
	switch {
	case smaller < shortRuns:
		return r.Resemblance >= shortSame || r.Containment >= shortSame && shared >= sharedMin
	case r.Resemblance >= resembles, smaller >= leadRuns && r.Resemblance >= longAlike:
		return true
	case shared >= sharedMin && r.Containment >= contains && r.Whole >= heldMin:
		return true
	}
	return titled && (r.Resemblance >= titledResembles || shared >= sharedMin && r.Containment >= titledContains && r.Whole >= titledContains)
}

// kind names the relation of two texts that are alike; ratio is that of their lengths.
func (r *Relation) kind(ratio float64) Kind {
	switch {
	case r.Resemblance >= 0.85, r.Whole >= 0.9 && r.Containment >= 0.9 && ratio >= 0.85:
		return Same
	case r.Whole >= 0.85 && ratio < 0.85:
		return Excerpt
	}
	return Edited
}

// leadRuns is how many runs a lead has that is not the whole text.
const leadRuns = leadWords - shingle + 1

// size is how many runs a text has, estimated from its minima where the lead does
// not hold them all: the more runs, the smaller the smallest.
func size(s mention.Signature) float64 {
	held := float64(len(runsOf(s)))
	if held < leadRuns*0.9 { // repeated runs count once
		return held
	}
	sum := 0.0
	for _, m := range s.MinHash {
		sum += float64(m) / (1 << 32)
	}
	return max(held, minima/sum-1)
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
func Bands(s mention.Signature) []uint64 { return appendBands(nil, s) }

func appendBands(keys []uint64, s mention.Signature) []uint64 {
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
