package surge

import (
	"context"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/analyzer/surge"
)

// mistakes is what people called false alarms of a watch, in the order in which they
// said so: what a replay has taken in, and what is ahead of it.
type mistakes struct{ taken, ahead []alerting.FalseAlarmed }

// called is what had been called a false alarm of a watch by the instant judged.
func called(ctx context.Context, ask alerting.Asker, watch string) ([]alerting.FalseAlarmed, error) {
	all, err := ask.FalseAlarms(ctx)
	return slices.DeleteFunc(all, func(f alerting.FalseAlarmed) bool { return f.Key != watch }), err
}

// after is all that was said, for a replay from an instant on: what was said before has
// nothing left to say.
func after(all []alerting.FalseAlarmed, from time.Time) mistakes {
	n := slices.IndexFunc(all, func(f alerting.FalseAlarmed) bool { return !f.Said.Before(from) })
	if n < 0 {
		n = len(all)
	}
	return mistakes{all[:n:n], all[n:]}
}

// goOn says what was said by now. It is false when that cannot be taken in any more, by
// a replay that has come up to an instant: something was taken back, or comes too late.
func (m *mistakes) goOn(all []alerting.FalseAlarmed, upto time.Time) bool {
	n := len(m.taken)
	if len(all) < n || !slices.EqualFunc(all[:n], m.taken, sameCall) || len(all) > n && all[n].Said.Before(upto) {
		return false
	}
	m.ahead = all[n:]
	return true
}

func sameCall(a, b alerting.FalseAlarmed) bool {
	return a.Said.Equal(b.Said) && a.From.Equal(b.From) && a.To.Equal(b.To)
}

// before takes in what was said before an instant.
func (m *mistakes) before(at time.Time, s *surge.Stream) {
	for ; len(m.ahead) > 0 && m.ahead[0].Said.Before(at); m.ahead = m.ahead[1:] {
		said := m.ahead[0]
		s.Mistaken(surge.Mistake{From: said.From, To: said.To, Said: said.Said})
		m.taken = append(m.taken, said)
	}
}
