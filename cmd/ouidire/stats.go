package main

import (
	"fmt"
	"syscall"
	"time"
)

// stats counts what a command did, for --stats.
type stats struct{ inputs, failures int }

// end reports the counts and what they cost on stderr, if asked to, and gives the
// answer: no when there was none, or when an input failed.
func (s stats) end(c *call, report, answered bool) error {
	if report {
		s.report(c)
	}
	if s.failures > 0 || !answered {
		return errNo
	}
	return nil
}

func (s stats) report(c *call) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fmt.Fprintln(c.stderr, "stats:", err)
		return
	}
	cpu := (time.Duration(usage.Utime.Nano()) + time.Duration(usage.Stime.Nano())).Seconds()
	fmt.Fprintf(c.stderr, "inputs: %d\nfailures: %d\ncpu_seconds: %.3f\ninputs_per_cpu_second: %.0f\npeak_rss_bytes: %d\n",
		s.inputs, s.failures, cpu, float64(s.inputs)/max(cpu, 1e-9), usage.Maxrss<<10)
}
