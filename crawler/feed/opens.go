package feed

import (
	"time"

	"github.com/ouidire/ouidire/crawler"
)

var _ crawler.Opener = (*Source)(nil)

// Opens keeps us away in the hours and days that the feed closes.
func (s *Source) Opens(cursor string, at time.Time) time.Time {
	h := s.recall(cursor).Hints
	h.Every = 0 // counted from the last visit, by Found.NotBefore
	if open := h.After(at); open.After(at) {
		return open
	}
	return at
}
