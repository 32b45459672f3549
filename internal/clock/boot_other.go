//go:build !linux

package clock

import "time"

// sinceBoot goes on in sleep where the system's own clock does.
func sinceBoot() time.Duration { return time.Since(begun) }
