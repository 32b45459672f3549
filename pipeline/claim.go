package pipeline

import (
	"context"
	"fmt"
	"slices"

	"github.com/ouidire/ouidire/mention"
)

// Claim asks the watches again about mentions that are kept, after the watches
// have changed, and keeps those that are claimed otherwise than before. What a watch
// claimed that is no longer listened for stays claimed by it: to remove a watch loses
// nothing. It returns how many those were.
func (l *Line) Claim(ctx context.Context, kept []mention.Mention) (int, error) {
	at, done := l.Watermark.Begin()
	defer done()
	var changed []mention.Mention
	for _, m := range kept {
		now := m.Current()
		hits := append(l.Match.Match(&m), l.retired(now.Hits)...)
		if slices.EqualFunc(now.Hits, hits, sameHit) {
			continue
		}
		now.At, now.Hits = at, hits
		m.Versions = []mention.Version{now}
		changed = append(changed, m)
	}
	if err := l.keep(ctx, changed, nil, at); err != nil {
		return 0, fmt.Errorf("keep what the watches claim now: %w", err)
	}
	return len(changed), nil
}

// retired are the hits of watches that are gone.
func (l *Line) retired(hits []mention.Hit) []mention.Hit {
	if l.Listens == nil {
		return nil
	}
	var kept []mention.Hit
	for _, hit := range hits {
		if !l.Listens(hit.Watch) {
			kept = append(kept, hit)
		}
	}
	return kept
}

func sameHit(a, b mention.Hit) bool { return a.Watch == b.Watch && slices.Equal(a.Words, b.Words) }
