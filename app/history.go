package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
	"github.com/ouidire/ouidire/crawler"
	"github.com/ouidire/ouidire/mention"
	"github.com/ouidire/ouidire/mention/wire"
	"github.com/ouidire/ouidire/store"
	"github.com/ouidire/ouidire/store/archive"
	"github.com/ouidire/ouidire/store/state"
)

// history is all that is remembered.
type history struct {
	store store.Store
	state *state.DB
}

// parts is what an archive holds, in its order: mentions before what speaks of
// them. What is known of the own posts comes before the comments under them.
func (h history) parts() []archive.Named {
	return []archive.Named{
		{Name: "own", Part: mentions{h.store, store.Question{Own: true}}},
		{Name: "mentions", Part: mentions{h.store, store.Question{}}},
		{Name: "unclaimed", Part: mentions{h.store, store.Question{Unclaimed: true}}},
		{Name: "stories", Part: stories{h.state}},
		{Name: "situations", Part: situations{h.state}},
		{Name: "journal", Part: entries{h.state}},
		{Name: "uptime", Part: uptime{h.state}},
		{Name: "visits", Part: visits{h.state}},
	}
}

// mentions is one sort of mentions with their whole history.
type mentions struct {
	store store.Store
	of    store.Question
}

// atOnce is how many are read and kept together.
const atOnce = 500

// Each implements archive.Part: in order of sight, then of id.
func (p mentions) Each(ctx context.Context, last string, f func([]byte) error) error {
	q := p.of
	q.Gone, q.Order = true, store.OldestSeen
	var before wire.Whole
	if last != "" {
		if err := json.Unmarshal([]byte(last), &before); err != nil {
			return fmt.Errorf("read the last line: %w", err)
		}
		q.SeenFrom = before.SeenAt
	}
	for after := ""; ; {
		page, next, err := p.store.Search(ctx, q, atOnce, after)
		if err != nil {
			return err
		}
		for _, m := range page {
			if m.SeenAt.Equal(before.SeenAt) && m.ID <= before.ID {
				continue
			}
			if err := eachLine(wire.WholeOf(m), f); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// Take implements archive.Part.
func (p mentions) Take(ctx context.Context, lines [][]byte) (unfit int, err error) {
	all, unfit := read[wire.Whole](lines, func(w wire.Whole) bool {
		return w.ID != "" && w.Source != "" && len(w.Versions) > 0 && !w.SeenAt.IsZero()
	})
	for some := range slices.Chunk(all, atOnce) {
		var batch []mention.Mention
		for _, w := range some {
			batch = append(batch, w.Whole())
		}
		if _, _, err := p.store.Put(ctx, batch); err != nil {
			return unfit, err
		}
	}
	return unfit, nil
}

// Count implements archive.Part.
func (p mentions) Count(ctx context.Context) (int, error) {
	q := p.of
	q.Gone = true
	return p.store.Count(ctx, q)
}

// stories are the members of stories, with what they were joined by.
type stories struct{ db *state.DB }

type member struct {
	Story     string         `json:"story"`
	Mention   string         `json:"mention"`
	Source    string         `json:"source,omitempty"`
	Outlet    string         `json:"outlet,omitempty"`
	Watches   []string       `json:"watches,omitempty"`
	SeenAt    time.Time      `json:"seen_at"`
	History   bool           `json:"history,omitempty"`
	Change    string         `json:"change,omitempty"`
	Signature wire.Signature `json:"signature,omitzero"`
}

// Each implements archive.Part.
func (p stories) Each(ctx context.Context, last string, f func([]byte) error) error {
	var before member
	if last != "" {
		if err := json.Unmarshal([]byte(last), &before); err != nil {
			return fmt.Errorf("read the last line: %w", err)
		}
	}
	var failed error
	err := p.db.EachJoined(ctx, before.SeenAt, func(j alerting.Joined) {
		if failed != nil || j.SeenAt.Equal(before.SeenAt) && j.Mention <= before.Mention {
			return
		}
		failed = eachLine(member{Story: j.Story, Mention: j.Mention, Source: j.Source, Outlet: j.Outlet, Watches: j.Watches, SeenAt: j.SeenAt,
			History: j.History, Change: string(j.Change), Signature: wire.Signature(j.Signature)}, f)
	})
	return errors.Join(err, failed)
}

// Take implements archive.Part.
func (p stories) Take(ctx context.Context, lines [][]byte) (unfit int, err error) {
	all, unfit := read[member](lines, func(m member) bool { return m.Story != "" && m.Mention != "" && !m.SeenAt.IsZero() })
	var joined []alerting.Joined
	var upto time.Time
	for _, m := range all {
		joined = append(joined, alerting.Joined{Story: m.Story, Member: alerting.Member{Mention: m.Mention, Source: m.Source, Outlet: m.Outlet,
			Watches: m.Watches, SeenAt: m.SeenAt, History: m.History, Change: alerting.Change(m.Change)}, Signature: mention.Signature(m.Signature)})
		if m.SeenAt.After(upto) {
			upto = m.SeenAt
		}
	}
	return unfit, p.db.Join(ctx, joined, upto)
}

// Count implements archive.Part.
func (p stories) Count(ctx context.Context) (n int, err error) {
	err = p.db.EachJoined(ctx, time.Time{}, func(alerting.Joined) { n++ })
	return n, err
}

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
	advisories, err := p.db.Advisories(ctx, time.Time{}, everything)
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

// everything is no limit.
const everything = 1 << 40

// endOfTime is later than anything that is kept.
var endOfTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// eachAfter gives the lines that follow last; all when it is not among them.
func eachAfter[T any](lines []T, last string, f func([]byte) error) error {
	var written [][]byte
	from := 0
	for _, l := range lines {
		body, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("write a line: %w", err)
		}
		written = append(written, body)
		if string(body) == last {
			from = len(written)
		}
	}
	for _, body := range written[from:] {
		if err := f(body); err != nil {
			return err
		}
	}
	return nil
}

func eachLine(of any, f func([]byte) error) error {
	body, err := json.Marshal(of)
	if err != nil {
		return fmt.Errorf("write a line: %w", err)
	}
	return f(body)
}

// read reads lines, less those that are not fit.
func read[T any](lines [][]byte, fit func(T) bool) (all []T, unfit int) {
	for _, line := range lines {
		var one T
		if err := json.Unmarshal(line, &one); err != nil || !fit(one) {
			unfit++
			continue
		}
		all = append(all, one)
	}
	return all, unfit
}
