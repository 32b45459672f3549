package rule

import (
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
)

const (
	// spreads is how soon outlets must tell a story for it to be told at once.
	spreads = 2 * time.Hour
	// PressingOutlets is how many of them it takes, unless a rule says otherwise.
	PressingOutlets = 5
)

// Pressing is when a story that a digest will tell became one that cannot wait for it:
// when it names the organisation, or when so many outlets had told it within two hours.
// It looks at the members seen from an instant on; ok is false while it can wait.
func Pressing(s alerting.Story, from time.Time, outlets int, own func(watch string) bool) (at time.Time, ok bool) {
	named := false
	for i, m := range s.Members {
		named = named || slices.ContainsFunc(m.Watches, own)
		if m.SeenAt.Before(from) {
			continue
		}
		told := map[string]bool{}
		for _, before := range s.Members[:i+1] {
			if m.SeenAt.Sub(before.SeenAt) <= spreads {
				told[before.Outlet] = true
			}
		}
		if named || len(told) >= outlets {
			return m.SeenAt, true
		}
	}
	return time.Time{}, false
}
