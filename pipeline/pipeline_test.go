package pipeline

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ouidire/ouidire/internal/clock"
	"github.com/ouidire/ouidire/mention"
)

var errDisk = errors.New("disk full")

// shelf is a store that keeps in memory, in the order of Put.
type shelf struct {
	kept []mention.Mention
	gone []string
	err  error
}

func (s *shelf) Put(_ context.Context, batch []mention.Mention) (fresh, edited []string, err error) {
	if s.err != nil {
		return nil, nil, s.err
	}
	s.kept = append(s.kept, batch...)
	return nil, nil, nil
}

func (s *shelf) MarkGone(_ context.Context, ids []string, _ time.Time) error {
	s.gone = append(s.gone, ids...)
	return s.err
}

// diary remembers ids.
type diary map[string]bool

func (d diary) Unseen(_ context.Context, batch []mention.Mention) ([]mention.Mention, error) {
	return slices.DeleteFunc(slices.Clone(batch), func(m mention.Mention) bool { return d[m.ID] }), nil
}

func (d diary) Remember(_ context.Context, batch []mention.Mention) error {
	for _, m := range batch {
		d[m.ID] = true
	}
	return nil
}

type matchAll struct{}

func (matchAll) Match(m *mention.Mention) []mention.Hit {
	return []mention.Hit{{Watch: "caisse", Words: []string{m.Current().Title}}}
}

func (s *shelf) Get(_ context.Context, id string) (mention.Mention, error) {
	i := slices.IndexFunc(s.kept, func(m mention.Mention) bool { return m.ID == id })
	if i < 0 {
		return mention.Mention{}, errors.New("not kept")
	}
	return s.kept[i], nil
}

type readFrench struct{}

func (readFrench) Read(m *mention.Mention, _ func() *mention.Mention, at time.Time) {
	m.Lang = "fr"
	m.Readings = append(m.Readings, mention.Reading{At: at, Neutral: 1})
}

func newLine(s *shelf, d diary) *Line {
	return &Line{Watermark: NewWatermark(clock.Real(), time.Time{}, &index{}), Match: matchAll{}, Read: readFrench{}, Store: s, Memory: d}
}

func article(id, title string, published time.Time) mention.Mention {
	return mention.Mention{ID: id, Kind: mention.Article, PublishedAt: published, DateFrom: "feed", Versions: []mention.Version{{Title: title}}}
}

func TestAMentionLeavesTheLineMatchedReadDatedAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		now := time.Now()
		batch := mention.Batch{Source: "echo", Previous: now.Add(-time.Hour), Gone: []string{"old"},
			Mentions: []mention.Mention{article("a", "L’épargne à l'Anse", now.Add(-time.Minute))}}
		if err := newLine(s, diary{}).Handle(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
		m := s.kept[0]
		if got, want := m.Watches(), []string{"caisse"}; !slices.Equal(got, want) {
			t.Errorf("claimed by %v, want %v", got, want)
		}
		if _, read := m.Reading(); !read || m.Lang != "fr" {
			t.Error("the mention was not read")
		}
		if m.SeenAt.IsZero() || !m.Versions[0].At.Equal(m.SeenAt) || m.History {
			t.Errorf("seen at %v, version of %v, history %v", m.SeenAt, m.Versions[0].At, m.History)
		}
		if !slices.Equal(s.gone, []string{"old"}) {
			t.Errorf("gone: %v", s.gone)
		}
	})
}

// answering is a reader that notes what each mention answers.
type answering map[string]string

func (a answering) Read(m *mention.Mention, parent func() *mention.Mention, _ time.Time) {
	if p := parent(); p != nil {
		a[m.ID] = p.Current().Title
	}
}

func TestWhatAMentionAnswersIsFoundInItsBatchOrInTheStore(t *testing.T) {
	s, read := &shelf{}, answering{}
	line := newLine(s, diary{})
	line.Read = read
	reply := func(id, parent string) mention.Mention {
		m := article(id, "réponse", time.Time{})
		m.Parent = parent
		return m
	}
	for _, batch := range [][]mention.Mention{
		{article("a", "L’épargne", time.Time{})},
		{reply("b", "a"), reply("c", "d"), article("d", "Des frais", time.Time{}), reply("e", "inconnu"), reply("f", "")},
	} {
		if err := line.Handle(t.Context(), mention.Batch{Source: "echo", Mentions: batch}); err != nil {
			t.Fatal(err)
		}
	}
	if want := (answering{"b": "L’épargne", "c": "Des frais"}); !maps.Equal(read, want) {
		t.Errorf("answers %v, want %v", read, want)
	}
}

func TestABatchThatWasNotKeptIsHandledWholeWhenItComesAgain(t *testing.T) {
	s, d := &shelf{err: errDisk}, diary{}
	line := newLine(s, d)
	batch := mention.Batch{Source: "echo", Mentions: []mention.Mention{article("a", "un", time.Time{}), article("b", "deux", time.Time{})}}
	if err := line.Handle(t.Context(), batch); !errors.Is(err, errDisk) {
		t.Fatalf("got %v, want the store's error", err)
	}
	s.err = nil
	for range 2 {
		if err := line.Handle(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.kept) != 2 {
		t.Errorf("kept %d mentions, want 2: once each", len(s.kept))
	}
}

func TestWhatIsOldAtFirstSightIsHistoryAndNeverNews(t *testing.T) {
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name                string
		published, previous time.Time
		history             bool
	}{
		{"a first visit brings history only", now.Add(-time.Minute), time.Time{}, true},
		{"published since the last visit", now.Add(-time.Minute), now.Add(-time.Hour), false},
		{"published during a long outage", now.Add(-70 * time.Hour), now.Add(-80 * time.Hour), false},
		{"published last night, indexed late", now.Add(-20 * time.Hour), now.Add(-time.Hour), false},
		{"published years ago, appears today", now.AddDate(-7, 0, 0), now.Add(-time.Hour), true},
		{"without a date", time.Time{}, now.Add(-time.Hour), false},
		{"dated in year 9999", time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), now.Add(-time.Hour), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := article("a", "Été", c.published)
			see(&m, now, c.previous)
			if m.History != c.history {
				t.Errorf("history %v, want %v", m.History, c.history)
			}
			if m.PublishedAt.After(m.SeenAt) {
				t.Errorf("published %v after it was seen", m.PublishedAt)
			}
		})
	}
}

func TestTheWatermarkStaysBelowABatchUntilItIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := NewWatermark(clock.Real(), time.Time{}, &index{})
		first, firstDone := w.Begin()
		second, secondDone := w.Begin()
		time.Sleep(time.Minute)
		if got := w.Upto(); !got.Before(first) {
			t.Errorf("watermark %v reached the open batch of %v", got, first)
		}
		told := 0
		w.OnChange(func() { told++ })
		firstDone()
		if told != 1 {
			t.Errorf("told %d times that a batch ended, want once", told)
		}
		if got := w.Upto(); got.Before(first) || !got.Before(second) {
			t.Errorf("watermark %v, want between %v and %v", got, first, second)
		}
		secondDone()
		if got := w.Upto(); got.Before(second) {
			t.Errorf("watermark %v, want after %v", got, second)
		}
	})
}

// index is a store that finds later than it keeps.
type index struct {
	waiting time.Time
	ring    func()
}

func (i *index) Waiting() time.Time  { return i.waiting }
func (i *index) OnFound(ring func()) { i.ring = ring }

func TestTheWatermarkStaysBelowWhatCannotBeFoundYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		behind := &index{}
		w := NewWatermark(clock.Real(), time.Time{}, behind)
		at, done := w.Begin()
		behind.waiting = at
		done()
		time.Sleep(time.Minute)
		if got := w.Upto(); !got.Before(at) {
			t.Errorf("watermark %v reached %v, which is kept and cannot be found", got, at)
		}
		told := 0
		w.OnChange(func() { told++ })
		behind.waiting = time.Time{}
		behind.ring()
		if told != 1 {
			t.Errorf("told %d times that it can be found, want once", told)
		}
		if got := w.Upto(); got.Before(at) {
			t.Errorf("watermark %v, want after %v", got, at)
		}
	})
}

func TestNoTwoBatchesAreSeenAtOneInstantEvenWhenTheClockGoesBack(t *testing.T) {
	now := time.Date(2026, 11, 1, 5, 59, 0, 0, time.UTC)
	w := NewWatermark(clock.Set(func() time.Time { return now }), now.Add(time.Hour), &index{})
	last := now.Add(time.Hour)
	for _, step := range []time.Duration{0, 0, -time.Hour, 3 * time.Hour, 0} {
		now = now.Add(step)
		at, done := w.Begin()
		done()
		if !at.After(last) {
			t.Errorf("seen at %v, not after %v", at, last)
		}
		last = at
	}
	now = time.Unix(0, 0)
	if got := w.Upto(); !got.After(last) {
		t.Errorf("a clock of 1970 took the watermark back to %v", got)
	}
}

func TestAClockPutBackAnHourIsCaughtUpAtHalfPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := time.Hour
		w := NewWatermark(clock.Set(func() time.Time { return time.Now().Add(wrong) }), time.Time{}, &index{})
		before := w.Upto()
		wrong = 0
		for range 60 {
			time.Sleep(time.Minute)
			w.Upto()
		}
		if got, want := w.Upto().Sub(before), 30*time.Minute; got < want-time.Second || got > want+time.Second {
			t.Errorf("an hour after the clock was put back an hour, %v have passed, want %v", got, want)
		}
		time.Sleep(time.Hour + time.Minute)
		if got := w.Upto(); !got.Equal(time.Now().UTC()) {
			t.Errorf("it is %v, want %v: the clock caught up", got, time.Now().UTC())
		}
	})
}
