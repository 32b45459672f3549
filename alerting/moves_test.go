package alerting_test

import (
	"context"
	"testing"
	"time"
)

func TestAlertingMovesOnlyWhileItLooksAtWhatIsKept(t *testing.T) {
	within(t, func(w *world) {
		moves := func() error {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			return w.engine.Moves(ctx)
		}
		w.wait(20 * time.Minute) // nothing was kept, and nothing looked at
		if err := moves(); err != nil {
			t.Errorf("alone: %v", err)
		}
		behind := time.Now()
		w.behind.Store(&behind)
		w.wait(10 * time.Minute)
		if err := moves(); err != nil {
			t.Errorf("what was kept a moment ago cannot be found yet: %v", err)
		}
		w.wait(10 * time.Minute)
		if err := moves(); err == nil {
			t.Error("what was kept a while ago cannot be found, and it moves")
		}
		w.behind.Store(nil)
		w.stop()
		if err := moves(); err == nil {
			t.Error("it moves, and does not run")
		}
		w.run()
		if err := moves(); err != nil {
			t.Errorf("started again: %v", err)
		}
	})
}
