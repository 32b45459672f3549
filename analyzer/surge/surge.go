// Package surge says when a stream of comments, each of them a negative one, is a
// surge: far more in a short time than that hour of the week usually brings. It is
// pure; it works at one comment a day and at a thousand an hour, with one threshold.
//
// Each arrival is judged when it is seen (scan.go): of the runs of 3, 4, 5 ... 150
// newest arrivals, how improbable is the strangest, given what is usual (usual.go)?
// Counts are negative binomial (tail.go), because comments answer one another and
// days have moods. The score is how rare that is, less how many arrivals a month has
// in which chance could try: at the threshold, about one false alarm a month.
// What is told is the wave (wave.go): its start, then when it has doubled, then when
// it is four times what was last told, then eight: a wave that goes from three to two
// hundred is told three times, not seven.
//
// # What it remembers
//
// A stream that grew for years and one that is rebuilt from the last 26 weeks before
// the hour say the same from then on, to the last bit. No decay gives that, however
// quick; so nothing decays from one arrival to the next. What is usual is learnt
// anew, from nothing, at every sixth hour of UTC, from the counts of the 24 weeks
// before: a function of a window. Only what was told remains: a few numbers (wave).
// They are kept by up to seven listeners, of whom each begins anew at a midnight of
// UTC, and the one who began at the sixth midnight before this day's speaks. Listeners
// who agree are one (nearly always there is one), since equal states stay equal. So
// what is said depends on nothing older than 24 weeks and six hours, the seven days of
// a listener, the three that an arrival may be late, and the day that a run may span:
// 25 weeks and a half.
//
// A person may say that what was told was no surge (mistake.go): then that time teaches
// whole, and silences nothing.
//
// An arrival takes 5 µs at twenty an hour and 14 µs at one an hour, a learning
// of 24 weeks 0.2 ms. What is found, and what is not, is in docs/performance.md.
package surge

import (
	"hash/fnv"
	"math"
	"slices"
	"time"
)

// Options is what a Stream is told once.
type Options struct {
	Budget float64        // false alarms a month that are accepted; 0 is one
	Zone   *time.Location // whose hours of the week; nil is UTC
	Every  time.Duration  // what is added are the counts of spans of so long; 0: single arrivals
	// Since is from when on somebody listened: silence is known to be calm from then on, if
	// the first Add or Upto is not later. Zero: from the first arrival on.
	Since time.Time
	// Blind says whether something could not be seen at an instant; nil: all could.
	// Such a time does not teach that it was calm, and no wave is over in it. Equal
	// questions must get equal answers.
	Blind func(at time.Time) bool
}

// Threshold is the score from which a surge is told, for a budget of one false
// alarm a month: chosen on simulated streams (suite_test.go), the same for all rates.
const Threshold = 0.67

// Arrival is one comment that counts, or as many as a span had.
type Arrival struct {
	At      time.Time // publication, or when the span began; one after Seen counts at Seen
	Count   float64   // of the span, not below 0; a single arrival is one
	Seen    time.Time // when it was first known
	Author  string    // "" when unknown: somebody else each time
	History bool      // teaches what is usual, and is not judged
}

// Alarm is what is to be told.
type Alarm struct {
	At       time.Time // publication of the newest arrival of the surge
	Since    time.Time // publication of its first
	Count    int       // arrivals from Since to At, both included
	Expected float64   // how many are usual in that time
	Score    float64   // higher is stranger
	WarmUp   bool      // less than two weeks are known: it may be wrong
	Doubled  bool      // it was told before, and has at least twice as many arrivals since
}

// FalseAlarms is how many alarms of that score chance alone raises in a month.
func FalseAlarms(score float64) float64 { return math.Pow(10, Threshold-score) }

// Stream listens to one stream of arrivals. It is for one goroutine at a time.
type Stream struct {
	limit  float64
	every  int64
	blind  func(at time.Time) bool
	past   past
	recent []arrival  // of the last days and of a wave that goes on, by publication
	usuals [8]*learnt // what was usual lately, by when it was learnt; nil when it must be learnt again
	clock  int64      // all that was seen up to here is known
	runs   []run      // see midnight; the first one speaks
	crowd  crowd
	scored float64 // of the newest judged arrival
}

// New makes a stream that knows nothing.
func New(o Options) *Stream {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Budget <= 0 {
		o.Budget = 1
	}
	if o.Blind == nil {
		o.Blind = func(time.Time) bool { return false }
	}
	since := int64(unsaid)
	if !o.Since.IsZero() {
		since = hourOf(micros(o.Since))
	}
	return &Stream{limit: Threshold - math.Log10(o.Budget), every: o.Every.Microseconds(), blind: o.Blind, past: past{zone: o.Zone, since: since}, clock: never, crowd: crowd{}}
}

// tooLate is how long after its publication an arrival is still judged.
const tooLate = 3 * day

// Add takes one arrival, in the order in which they were seen, and says whether
// there is something to tell. What it says depends on nothing that is added later.
func (s *Stream) Add(a Arrival) (Alarm, bool) {
	s.Upto(a.Seen)
	s.scored = 0
	at := min(micros(a.At), micros(a.Seen))
	if s.every == 0 {
		a.Count = 1
	}
	if !s.past.add(hourOf(at), a.Count, s.clock) {
		return Alarm{}, false
	}
	s.unlearn(at)
	if at < s.clock-tooLate {
		return Alarm{}, false
	}
	i := place(s.recent, at)
	s.recent = slices.Insert(s.recent, i, arrival{at: at, count: a.Count, author: nameOf(a.Author)})
	if a.History {
		return Alarm{}, false
	}
	return s.judge(i)
}

// Score is how strange the arrival was that was added last, 0 when it was not.
func (s *Stream) Score() float64 { return max(s.scored, 0) }

// nameOf is a number for an author, 0 for nobody.
func nameOf(author string) uint64 {
	if author == "" {
		return 0
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(author))
	return h.Sum64() | 1
}

// learnt is what was usual before an hour, and the first hour it was learnt from.
type learnt struct {
	usual
	before, first int64
}

// usualAt is what was usual at an instant, from all that is known by now.
func (s *Stream) usualAt(t int64) *learnt {
	turn := floor(hourOf(t), learnEvery)
	l := &s.usuals[(turn%8+8)%8]
	if before := turn * learnEvery; *l == nil || (*l).before != before {
		*l = s.past.learn(before)
	}
	return *l
}

// unlearn drops what would have been learnt otherwise if an arrival had been known.
func (s *Stream) unlearn(at int64) {
	for i, l := range s.usuals {
		if l != nil && l.before > hourOf(at) {
			s.usuals[i] = nil
		}
	}
}

// age is for how long the stream has been known.
func (s *Stream) age(l *learnt) int64 { return s.clock - l.first*hour }

func micros(t time.Time) int64  { return t.UnixMicro() }
func instant(t int64) time.Time { return time.UnixMicro(t).UTC() }
