package mention

import "time"

// Batch is what one visit to a source brought, as the crawler hands it to the line.
type Batch struct {
	Source   string
	Mentions []Mention
	Gone     []string  // ids deleted at the place
	Previous time.Time // the source's last successful visit before this one; zero on its first
}
