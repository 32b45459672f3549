package alerting_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

func TestWhateverStopsEachStoryIsInOneDigestAndEachDayHasOne(t *testing.T) {
	zone, err := time.LoadLocation("America/Toronto")
	if err != nil {
		t.Fatal(err)
	}
	seeds := uint64(1)
	if os.Getenv("OUIDIRE_SOAK") != "" {
		seeds = 100
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(seed, 26))
		begins := time.Date(2026, 10, 28, random.IntN(24), random.IntN(60), 0, 0, zone) // the clocks change on November 1
		withinAs(t, untold(begins, daily(zone)), func(w *world) {
			const stories = 30
			for n := range stories {
				w.keep(chronicle(n))
				w.wait(time.Second)
				switch random.IntN(6) {
				case 0:
					w.restart()
				case 1:
					w.close()
					time.Sleep(time.Duration(random.IntN(14*60)) * time.Minute)
					w.open()
				case 2:
					w.inbox.behave(func(alerting.Message) error { return errors.New("out of order") })
				default:
					w.inbox.behave(nil)
				}
				w.wait(time.Duration(random.IntN(10*60)) * time.Minute)
			}
			w.inbox.behave(nil)
			w.wait(49 * time.Hour)
			if got := w.titlesOf(stories); slices.ContainsFunc(got, func(n int) bool { return n != 1 }) {
				t.Errorf("seed %d: told so many times: %v\n%s", seed, got, strings.Join(w.inbox.subjects(), "\n"))
			}
			days := map[string]int{}
			for _, m := range w.inbox.messages() {
				days[m.At.In(zone).Format(time.DateOnly)]++
			}
			for day, n := range days {
				if n > 1 {
					t.Errorf("seed %d: %d digests of %s", seed, n, day)
				}
			}
		})
	}
}
