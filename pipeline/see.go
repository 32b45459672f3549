package pipeline

import (
	"context"
	"slices"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// lateness is how old an item may be at first sight and still be news.
const lateness = 24 * time.Hour

// see dates a mention by our clock. A place's date in our future is not believed,
// and what was published before the source could have been read in time, or came
// with its first visit, is history: kept and searched, but never news.
func see(m *mention.Mention, at, previous time.Time) {
	m.SeenAt = at
	m.Versions[len(m.Versions)-1].At = at
	if m.PublishedAt.IsZero() || m.PublishedAt.After(at) {
		m.PublishedAt, m.DateFrom = at, "seen"
	}
	late := m.PublishedAt.Before(at.Add(-lateness)) && m.PublishedAt.Before(previous)
	m.History = previous.IsZero() || late
}

// together is how many mentions are kept in one transaction: a person's click
// must not wait behind five hundred.
const together = 100

func (l *Line) keep(ctx context.Context, batch []mention.Mention, gone []string, at time.Time) error {
	for some := range slices.Chunk(batch, together) {
		if _, _, err := l.Store.Put(ctx, some); err != nil {
			return err
		}
	}
	if len(gone) > 0 {
		return l.Store.MarkGone(ctx, gone, at)
	}
	return nil
}
