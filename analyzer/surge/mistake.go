package surge

import "time"

// Mistake is a surge that was told and, as a person said, was none: what came in that
// time is usual.
type Mistake struct {
	From, To time.Time // of the first arrival, and up to when they judged it
	Said     time.Time // when they said so
}

// Mistaken takes in what a person said, among the arrivals in the order in which they
// were seen: after those that were seen when it was said.
//
// That time then teaches whole, where a surge would be cut (usual.go), and no wave
// begins in it any more. A start is not muted after it as after a true one: for twelve
// hours it must have more arrivals of its own than the mistake had, so that whoever said
// so is not told of the rest of it, and a mistake hides nothing larger than itself.
func (s *Stream) Mistaken(m Mistake) {
	s.Upto(m.Said)
	from, to := micros(m.From), micros(m.To)
	s.past.trust(hourOf(from), hourOf(to)+1)
	s.unlearn(from)
	n := s.count(from, to)
	for i := range s.runs {
		s.runs[i].forgive(from, to, n)
	}
	s.agree()
}

// forgive forgets the wave that lies between two instants, of n arrivals. A listener
// who has not heard of it hears it now: they are to agree.
func (w *wave) forgive(from, to int64, n int) {
	another := w.began > to || w.over != never && w.over < from
	if w.began != never && another {
		return
	}
	*w = wave{began: never, fired: to, told: n, calm: never, over: max(w.over, to)}
}

// forgiven says that the newest thing a listener remembers was a mistake.
func (w *wave) forgiven() bool { return w.began == never && w.fired != never }
