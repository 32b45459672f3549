package surge

import "time"

// State is how a stream stands.
type State struct {
	Active   bool      // a surge was told and is not over
	Since    time.Time // publication of the first arrival of the newest surge; zero when there was none lately
	Over     time.Time // when it was over; zero while it goes on
	Told     int       // its arrivals when it was last told
	Count    int       // its arrivals so far
	Upto     time.Time // publication of the newest of them
	Expected float64   // how many are usual in that time
	Rising   bool      // the second half of its time brought more than the first
	WarmUp   bool      // less than two weeks are known
	Known    time.Time // since when the stream is known, to the hour: see Deaf and Wary
	Score    float64   // of the newest arrival, if it is of the last day, else 0; never below 0
	Next     time.Time // when to look whether it is over; zero when there is no need
}

// Now is how the stream stands at the instant up to which everything was added.
func (s *Stream) Now() State {
	if len(s.runs) == 0 {
		return State{}
	}
	w := s.runs[0].wave
	l := s.usualAt(s.clock)
	n := State{Active: w.active(), WarmUp: s.age(l) < warmUp, Known: instant(l.first * hour)}
	if len(s.recent) > 0 && s.recent[len(s.recent)-1].at > s.clock-day {
		n.Score = s.Score()
	}
	if w.began == never {
		return n
	}
	end := s.clock
	if w.active() {
		n.Next = instant((floor(s.clock, checked) + 1) * checked)
	} else {
		n.Over, end = instant(w.over), w.over
	}
	n.Since, n.Told, n.Count = instant(w.began), w.told, s.count(w.began, end)
	last := s.recent[place(s.recent, end)-1].at
	n.Upto, n.Expected = instant(last), s.expected(w.began, last+max(s.every, shortest))
	middle := w.began + (end-w.began)/2
	n.Rising = s.count(middle+1, end) > s.count(w.began, middle)
	return n
}

// Count is how many arrivals were published in the window before the instant up to
// which everything was added, at most a day, and how many are usual then.
func (s *Stream) Count(window time.Duration) (got int, usual float64) {
	if s.clock == never {
		return 0, 0
	}
	from := s.clock - min(window.Microseconds(), day)
	return s.count(from+1, s.clock), s.expected(from, s.clock)
}
