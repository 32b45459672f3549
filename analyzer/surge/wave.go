package surge

import (
	"math"
	"slices"
	"time"
)

const (
	never     = math.MinInt64 / 4
	mute      = 12 * hour // after a start, no other start is told
	checked   = 5 * minute
	heldCalm  = 30 * minute // calm for so long is the end
	warmUp    = 14 * day
	listening = 6 // midnights before this day's: when the listener who speaks began
	kept      = 4 * day
)

// At the beginning of a stream too little is known to say what is unusual: for so long
// nothing is told, and for so long crowds alone (scan.go). In these days chance makes 0.003
// alarms where one comment in two hours is usual, 0.06 where one an hour, 0.2 where two, 0.4
// where five: each has its Alarm.WarmUp (TestTheFirstDays).
const (
	Deaf = 6 * time.Hour
	Wary = 2 * 24 * time.Hour
)

// wave is all that a listener remembers of what was told. Equal waves say the same
// of equal arrivals, for ever.
type wave struct {
	began, fired int64 // the first arrival of the newest wave, and when it was told; never before any (see forgiven)
	told         int   // its arrivals when it was last told, or when it was called a mistake
	grown        int   // how often it was told again because it had grown
	calm         int64 // since when it is as calm as usual
	over         int64 // when it was over; never while it goes on. What came before is not scanned again
	above        bool  // the score has not fallen below the threshold since it rose above it
}

// fresh is a listener's memory of nothing.
var fresh = wave{began: never, fired: never, calm: never, over: never}

func (w *wave) active() bool { return w.began != never && w.over == never }

// run is a listener, and all who agree with it: the youngest of them began on the
// given day (at midnight, UTC).
type run struct {
	day int64
	wave
}

// Upto says that everything seen up to an instant was added.
func (s *Stream) Upto(t time.Time) {
	to := micros(t)
	switch {
	case s.clock == never:
		s.clock, s.runs = to, []run{{floor(to, day), fresh}}
		s.past.begin(hourOf(to))
	case to-s.clock > (memory+learnEvery)*hour: // whatever it was is forgotten
		s.clock, s.recent = to-(memory+learnEvery)*hour, nil
		s.runs = []run{{floor(s.clock, day), fresh}}
	}
	for s.clock < to {
		turn := (floor(s.clock, learnEvery*hour) + 1) * learnEvery * hour
		s.check(min(turn, to))
		if s.clock == turn {
			s.turn()
		}
	}
}

// turn is every sixth hour: what could not be seen is noted, and some of these
// hours are midnight.
func (s *Stream) turn() {
	if h := hourOf(s.clock); s.blind(instant(s.clock)) {
		s.past.hide(h-learnEvery, h)
		s.unlearn(s.clock - learnEvery*hour)
	}
	if s.clock%day == 0 {
		s.midnight()
	}
}

// midnight lets another listener begin, and the next one speak.
func (s *Stream) midnight() {
	s.forget()
	for i := range s.runs {
		s.runs[i].rest(s.clock, len(s.recent) == 0 || s.recent[len(s.recent)-1].at < s.clock-longest)
	}
	today := floor(s.clock, day)
	s.runs = append(s.runs, run{today, fresh})
	for s.runs[0].day < today-listening {
		s.runs = s.runs[1:]
	}
	s.agree()
}

// agree makes one of neighbours who remember the same.
func (s *Stream) agree() {
	apart := s.runs[:1]
	for _, r := range s.runs[1:] {
		if last := &apart[len(apart)-1]; last.wave == r.wave {
			last.day = r.day
		} else {
			apart = append(apart, r)
		}
	}
	s.runs = apart
}

// rest drops what can no longer matter, so that those agree who should.
func (w *wave) rest(now int64, silent bool) {
	above := w.above && !silent // the next arrival will find nothing to scan
	if !w.active() && w.over < now-longest && w.fired < now-mute {
		*w = fresh
	}
	w.above = above
}

// forget drops the arrivals that are in no run and no wave any more.
func (s *Stream) forget() {
	oldest := s.clock - kept
	for _, r := range s.runs {
		if r.began != never {
			oldest = min(oldest, r.began-day)
		}
	}
	s.recent = slices.Delete(s.recent, 0, place(s.recent, oldest))
}

// check moves the clock on, and looks every five minutes whether a wave is over.
func (s *Stream) check(to int64) {
	for slices.ContainsFunc(s.runs, func(r run) bool { return r.active() }) {
		next := (floor(s.clock, checked) + 1) * checked
		if next > to {
			break
		}
		s.clock = next
		calm := s.calm() && !s.blind(instant(next))
		for i := range s.runs {
			s.runs[i].check(next, calm)
		}
		s.agree()
	}
	s.clock = to
}

func (w *wave) check(now int64, calm bool) {
	switch {
	case !w.active():
	case !calm:
		w.calm = never
	case w.calm == never:
		w.calm = now
	case now-w.calm >= heldCalm:
		w.over, w.calm, w.above = now, never, false
	}
}

// calm says that neither the last hour nor the last three brought more than usual.
func (s *Stream) calm() bool {
	l := s.usualAt(s.clock)
	slot := s.past.slotOf(hourOf(s.clock))
	for _, hours := range []int64{1, 3} {
		from := s.clock - hours*hour
		mean := s.expected(from, s.clock)
		if float64(s.count(from+1, s.clock)) > mean+2*math.Sqrt(l.variance(mean, float64(hours), slot)) {
			return false
		}
	}
	return true
}

// judge lets the listeners hear an arrival, and says what the first of them says.
func (s *Stream) judge(i int) (Alarm, bool) {
	var first, b burst
	var what news
	for r := range s.runs {
		w := &s.runs[r].wave
		if r == 0 || w.over != s.runs[r-1].over {
			b = s.strangest(i, w.over)
		}
		if said := s.hear(w, b); r == 0 {
			first, what = b, said
		}
	}
	w := s.runs[0].wave
	s.agree()
	s.scored = first.score
	return s.alarm(w, first, what), what != nothing
}

// news is what an arrival brings to a listener.
type news int

const (
	nothing news = iota
	begins
	doubles
)

// hear says what there is to tell.
func (s *Stream) hear(w *wave, b burst) news {
	if age := s.age(s.usualAt(s.clock)); !w.active() && (age < Deaf.Microseconds() || age < Wary.Microseconds() && !b.crowd) {
		return nothing
	}
	muted := s.clock < w.fired+mute
	rose := b.score >= s.limit && !w.above
	w.above = b.score >= s.limit
	switch {
	case w.active() || (w.began != never && muted):
		if n := s.count(w.began, s.clock); w.above && n >= w.told*(2<<w.grown) {
			w.told, w.over, w.calm = n, never, never
			w.grown++
			return doubles
		}
	case rose && !muted, w.above && muted && w.forgiven() && s.count(s.recent[b.from].at, s.recent[b.to].at) > w.told:
		*w = wave{began: s.recent[b.from].at, fired: s.clock, calm: never, over: never, above: true}
		w.told = s.count(w.began, s.recent[b.to].at)
		return begins
	}
	return nothing
}

// alarm puts into words what a wave has just told.
func (s *Stream) alarm(w wave, b burst, what news) Alarm {
	if what == nothing {
		return Alarm{}
	}
	last := s.recent[b.to].at
	if what == doubles {
		last = s.recent[len(s.recent)-1].at
	}
	return Alarm{At: instant(last), Since: instant(w.began), Count: w.told, Expected: s.expected(w.began, last+max(s.every, shortest)),
		Score: b.score, WarmUp: s.age(s.usualAt(s.clock)) < warmUp, Doubled: what == doubles}
}
