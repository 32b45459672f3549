package clock

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// sleeper is a machine that slept for so long by now.
func sleeper() (m machine, slept *atomic.Int64) {
	slept = new(atomic.Int64)
	return machine{time.Now, func() time.Duration { return time.Duration(slept.Load()) }}, slept
}

func TestAWaitIsOverSoonAfterTheMachineHasSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, slept := sleeper()
		b := m.Bell()
		defer b.Close()
		began := time.Now()
		time.AfterFunc(10*time.Minute+time.Second, func() { slept.Store(int64(8 * time.Hour)) })
		b.Wait(t.Context(), 5*time.Hour)
		if took := time.Since(began); took != 11*time.Minute {
			t.Errorf("after a sleep in the eleventh minute it waited %v, want 11 minutes", took)
		}
		b.Wait(t.Context(), 90*time.Second)
		if took := time.Since(began); took != 12*time.Minute+30*time.Second {
			t.Errorf("the next one ended after %v, want 90 seconds more", took)
		}
	})
}

func TestASleepIsFoundOnceAndABusyMachineIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, slept := sleeper()
		slept.Store(int64(time.Hour)) // before anybody looked
		s := NewSleep(m)
		for _, c := range []struct{ goesBy, sleeps, want time.Duration }{
			{time.Hour, 0, 0}, {time.Hour, time.Second, 0}, {0, -time.Second, 0}, {time.Minute, 8 * time.Hour, 8 * time.Hour},
			{time.Minute, 0, 0}, {0, 20 * time.Second, 20 * time.Second}, {0, 6 * time.Second, 0}, {0, 6 * time.Second, 12 * time.Second},
		} {
			time.Sleep(c.goesBy)
			slept.Add(int64(c.sleeps))
			if got := s.Since(m); got != c.want {
				t.Errorf("after %v and a sleep of %v: %v, want %v", c.goesBy, c.sleeps, got, c.want)
			}
		}
	})
}
