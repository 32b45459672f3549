package app

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/store/state"
)

// situations are incidents; body is as alerting writes them.
type situations struct{ db *state.DB }

type situation struct {
	ID       string          `json:"id"`
	Rule     string          `json:"rule"`
	Watch    string          `json:"watch,omitempty"`
	State    string          `json:"state"`
	Since    time.Time       `json:"since,omitzero"`
	OpenedAt time.Time       `json:"opened_at"`
	EndedAt  time.Time       `json:"ended_at,omitzero"`
	Body     json.RawMessage `json:"body"`
}

// Each implements archive.Part: in order of opening, then of id.
func (p situations) Each(ctx context.Context, last string, f func([]byte) error) error {
	all, err := p.all(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b alerting.Incident) int {
		return cmp.Or(a.OpenedAt.Compare(b.OpenedAt), cmp.Compare(a.ID, b.ID))
	})
	var lines []situation
	for _, i := range all {
		body, err := json.Marshal(i)
		if err != nil {
			return fmt.Errorf("write situation %s: %w", i.ID, err)
		}
		lines = append(lines, situation{ID: i.ID, Rule: i.Rule, Watch: i.Watch, State: string(i.State), Since: i.Since.UTC(),
			OpenedAt: i.OpenedAt.UTC(), EndedAt: i.EndedAt.UTC(), Body: body})
	}
	return eachAfter(lines, last, f)
}

// Take implements archive.Part.
func (p situations) Take(ctx context.Context, lines [][]byte) (unfit int, err error) {
	all, unfit := read[situation](lines, func(s situation) bool { return s.ID != "" && len(s.Body) > 0 })
	var add alerting.Settlement
	for _, s := range all {
		var i alerting.Incident
		if err := json.Unmarshal(s.Body, &i); err != nil || i.ID != s.ID {
			unfit++
			continue
		}
		_, known, err := p.db.Incident(ctx, i.ID)
		if err != nil {
			return unfit, err
		}
		if !known {
			add.Incidents = append(add.Incidents, i)
		}
	}
	return unfit, p.db.Settle(ctx, add)
}

// Count implements archive.Part.
func (p situations) Count(ctx context.Context) (int, error) {
	all, err := p.all(ctx)
	return len(all), err
}

// all is the situations, and the advisories with who read them.
func (p situations) all(ctx context.Context) ([]alerting.Incident, error) {
	all, err := p.db.Incidents(ctx, time.Time{}, time.Time{}, everything)
	if err != nil {
		return nil, err
	}
	advisories, err := p.db.Advisories(ctx, time.Time{}, time.Time{}, everything)
	return append(all, advisories...), err
}

// entries are the lines of the journal.
type entries struct{ db *state.DB }

// entry is a state.Entry by the names of JSON.
type entry struct {
	At      time.Time       `json:"at"`
	Who     string          `json:"who,omitempty"`
	What    string          `json:"what"`
	Subject string          `json:"subject,omitempty"`
	Detail  json.RawMessage `json:"detail,omitempty"`
}

// Each implements archive.Part: oldest first.
func (p entries) Each(ctx context.Context, last string, f func([]byte) error) error {
	all, err := p.db.Entries(ctx, time.Time{}, time.Time{}, everything)
	if err != nil {
		return err
	}
	var lines []entry
	for _, e := range slices.Backward(all) {
		lines = append(lines, entry(e))
	}
	return eachAfter(lines, last, f)
}

// Take implements archive.Part.
func (p entries) Take(ctx context.Context, lines [][]byte) (unfit int, err error) {
	all, unfit := read[entry](lines, func(e entry) bool { return e.What != "" && !e.At.IsZero() })
	var add []state.Entry
	for _, e := range all {
		add = append(add, state.Entry(e))
	}
	return unfit, p.db.Take(ctx, add)
}

// Count implements archive.Part.
func (p entries) Count(ctx context.Context) (int, error) {
	all, err := p.db.Entries(ctx, time.Time{}, time.Time{}, everything)
	return len(all), err
}
