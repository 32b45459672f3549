package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ouidire/ouidire/alerting"
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
	Talk      string         `json:"conversation,omitempty"`
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
			History: j.History, Change: string(j.Change), Talk: j.Conversation, Signature: wire.Signature(j.Signature)}, f)
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
			Watches: m.Watches, SeenAt: m.SeenAt, History: m.History, Change: alerting.Change(m.Change), Conversation: m.Talk}, Signature: mention.Signature(m.Signature)})
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
