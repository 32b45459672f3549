// Package pipeline is the line every mention walks: match, analyse, keep.
// Read Handle first; it is the program in four steps.
package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/ouidire/ouidire/mention"
)

// Matcher says which watches claim a mention's newest version.
type Matcher interface {
	Match(m *mention.Mention) []mention.Hit
}

// Reader judges a mention: language, tone, signature. What it cannot read it
// leaves. parent gives what m answers, nil when it is not known.
type Reader interface {
	Read(m *mention.Mention, parent func() *mention.Mention, at time.Time)
}

// Store makes a batch durable and searchable before it returns.
type Store interface {
	Put(ctx context.Context, batch []mention.Mention) (fresh, edited []string, err error)
	MarkGone(ctx context.Context, ids []string, at time.Time) error
	Get(ctx context.Context, id string) (mention.Mention, error)
}

// Memory knows what was already handled, longer than any store keeps it.
type Memory interface {
	// Unseen drops from a batch what was handled before with the same text.
	Unseen(ctx context.Context, batch []mention.Mention) ([]mention.Mention, error)
	// Remember marks a batch as handled.
	Remember(ctx context.Context, batch []mention.Mention) error
}

// Line is the pipeline, wired. Its Handle may be called by every source at once.
type Line struct {
	Watermark *Watermark
	Match     Matcher
	Read      Reader
	Store     Store
	Memory    Memory
	// Listens says whether a watch is listened for; nil when all are.
	Listens func(watch string) bool
}

// Handle walks a batch down the line and returns once it is durable: the caller's
// cursor may move. A batch that failed can be handed in again: ids are stable,
// and a repeat changes nothing.
func (l *Line) Handle(ctx context.Context, b mention.Batch) error {
	at, done := l.Watermark.Begin()
	defer done()
	fresh, err := l.Memory.Unseen(ctx, b.Mentions)
	if err != nil {
		return fmt.Errorf("recall what %s brought before: %w", b.Source, err)
	}
	for i := range fresh {
		m := &fresh[i]
		see(m, at, b.Previous)
		m.Versions[len(m.Versions)-1].Hits = l.Match.Match(m)
		l.Read.Read(m, l.parent(ctx, fresh, m.Parent), at)
	}
	if err := l.keep(ctx, fresh, b.Gone, at); err != nil {
		return fmt.Errorf("keep what %s brought: %w", b.Source, err)
	}
	if err := l.Memory.Remember(ctx, fresh); err != nil {
		return fmt.Errorf("remember what %s brought: %w", b.Source, err)
	}
	return nil
}
