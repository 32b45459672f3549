package app

import (
	"context"
	"slices"
	"time"

	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/store/state"
)

// uptime is when ouidire ran: without it nothing of the past could be trusted.
type uptime struct{ db *state.DB }

type span struct {
	Start time.Time `json:"start"`
	Until time.Time `json:"until"`
}

// Each implements archive.Part: oldest first.
func (p uptime) Each(ctx context.Context, last string, f func([]byte) error) error {
	all, err := p.db.Spans(ctx, time.Time{}, endOfTime)
	if err != nil {
		return err
	}
	var lines []span
	for _, s := range all {
		lines = append(lines, span(s))
	}
	return eachAfter(lines, last, f)
}

// Take implements archive.Part.
func (p uptime) Take(ctx context.Context, lines [][]byte) (unfit int, err error) {
	all, unfit := read[span](lines, func(s span) bool { return !s.Start.IsZero() && !s.Until.Before(s.Start) })
	var spans []state.Span
	for _, s := range all {
		spans = append(spans, state.Span(s))
	}
	return unfit, p.db.TakeSpans(ctx, spans)
}

// Count implements archive.Part.
func (p uptime) Count(ctx context.Context) (int, error) {
	all, err := p.db.Spans(ctx, time.Time{}, endOfTime)
	return len(all), err
}

// visits are how far each source was read: without them the first visit after a
// move would be silent.
type visits struct{ db *state.DB }

// visit is a crawler.Visit by the names of JSON.
type visit struct {
	Source      string         `json:"source"`
	Cursor      string         `json:"cursor,omitempty"`
	Config      string         `json:"config,omitempty"`
	Next        time.Time      `json:"next,omitzero"`
	NotBefore   time.Time      `json:"not_before,omitzero"`
	Last        time.Time      `json:"last,omitzero"`
	LastSuccess time.Time      `json:"last_success,omitzero"`
	Newest      time.Time      `json:"newest,omitzero"`
	Failures    int            `json:"failures,omitempty"`
	Health      crawler.Health `json:"health,omitempty"`
	Since       time.Time      `json:"since,omitzero"`
	Blind       bool           `json:"blind,omitempty"`
	BlindSince  time.Time      `json:"blind_since,omitzero"`
	Reason      string         `json:"reason,omitempty"`
	Detail      string         `json:"detail,omitempty"`
	Notice      string         `json:"notice,omitempty"`
	History     string         `json:"history,omitempty"`
	Ended       bool           `json:"ended,omitempty"`
}

// Each implements archive.Part: by name.
func (p visits) Each(ctx context.Context, last string, f func([]byte) error) error {
	all, err := p.db.Visits(ctx)
	if err != nil {
		return err
	}
	var lines []visit
	for _, v := range all {
		lines = append(lines, visit(v))
	}
	return eachAfter(lines, last, f)
}

// Take implements archive.Part: a source that was visited here goes on from here.
func (p visits) Take(ctx context.Context, lines [][]byte) (unfit int, err error) {
	all, unfit := read[visit](lines, func(v visit) bool { return v.Source != "" })
	known, err := p.db.Visits(ctx)
	if err != nil {
		return unfit, err
	}
	for _, v := range all {
		if slices.ContainsFunc(known, func(k crawler.Visit) bool { return k.Source == v.Source }) {
			continue
		}
		if err := p.db.SaveVisit(ctx, crawler.Visit(v)); err != nil {
			return unfit, err
		}
	}
	return unfit, nil
}

// Count implements archive.Part.
func (p visits) Count(ctx context.Context) (int, error) {
	all, err := p.db.Visits(ctx)
	return len(all), err
}
