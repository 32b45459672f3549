package dashboards

import "sync"

// What a configuration may name without limit is counted under its own name up to
// here; what comes later counts together, as other. A Prometheus that many programs
// share is not to be filled by one of them: at these caps, with all kinds of source,
// there are fewer than 6,000 series.
const (
	maxWatches = 50
	maxSources = 200
	maxRules   = 50
)

// other is the label of what comes after a cap, or belongs to no closed set.
const other = "other"

// names gives each name a label of its own until there are max of them. A name keeps
// its label for as long as the program runs.
type names struct {
	max   int
	mu    sync.Mutex
	known map[string]bool
}

func newNames(most int) *names { return &names{max: most, known: map[string]bool{}} }

// label is the name itself, or other. The last place is kept for other.
func (n *names) label(name string) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known[name] {
		return name
	}
	if len(n.known) >= n.max-1 {
		return other
	}
	n.known[name] = true
	return name
}
